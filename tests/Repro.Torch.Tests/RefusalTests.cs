using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using F = TorchSharp.torch.nn.functional;

namespace Repro.Torch.Tests;

/// <summary>What libtorch would take and compute something else for, refused in PyTorch's words before anything is computed.</summary>
public class RefusalTests
{
    private static readonly Dictionary<string, (Action Mistake, string Message)> Wrong = new()
    {
        ["an LSTM's states of another batch"] = (() => LSTM(3, 4).call(ones(5, 1, 3), (zeros(1, 2, 4), zeros(1, 2, 4))), "Expected hidden[0] size (1, 1, 4), got [1, 2, 4]"),
        ["an LSTM's cells of another batch"] = (() => LSTM(3, 4).call(ones(5, 1, 3), (zeros(1, 1, 4), zeros(1, 2, 4))), "Expected hidden[1] size (1, 1, 4), got [1, 2, 4]"),
        ["an LSTM's states of one direction for two"] = (() => LSTM(3, 4, bidirectional: true, batchFirst: true).call(ones(5, 2, 3), (zeros(1, 5, 4), zeros(1, 5, 4))), "Expected hidden[0] size (2, 5, 4), got [1, 5, 4]"),
        ["an LSTM's states of a batch for one example"] = (() => LSTM(3, 4).call(ones(5, 3), (zeros(1, 2, 4), zeros(1, 2, 4))), "Expected hidden[0] size (1, 4), got [1, 2, 4]"),
        ["an LSTM's input of another width"] = (() => LSTM(3, 4).call(ones(5, 1, 9)), "input.size(-1) must be equal to input_size. Expected 3, got 9"),
        ["a GRU's states of another batch"] = (() => GRU(3, 4, numLayers: 2).call(ones(5, 1, 3), zeros(2, 2, 4)), "Expected hidden size (2, 1, 4), got [2, 2, 4]"),
        ["a GRU's input of another width"] = (() => GRU(3, 4).call(ones(5, 9)), "input.size(-1) must be equal to input_size. Expected 3, got 9"),
        ["an RNN's states of another batch"] = (() => RNN(3, 4).call(ones(5, 1, 3), zeros(1, 2, 4)), "Expected hidden size (1, 1, 4), got [1, 2, 4]"),
        ["an LSTM's states of another batch than the packed one"] = (() => LSTM(3, 4).call(Packed(3), (zeros(1, 3, 4), zeros(1, 3, 4))), "Expected hidden[0] size (1, 2, 4), got [1, 3, 4]"),
        ["a GRU's states of another batch than the packed one"] = (() => GRU(3, 4).call(Packed(3), zeros(1, 3, 4)), "Expected hidden size (1, 2, 4), got [1, 3, 4]"),
        ["an RNN's packed sequences of another width"] = (() => RNN(3, 4).call(Packed(9)), "input.size(-1) must be equal to input_size. Expected 3, got 9"),
        ["a batch normalization of one example"] = (() => BatchNorm1d(3).call(ones(1, 3)), "Expected more than 1 value per channel when training, got input size [1, 3]"),
        ["a batch normalization of one pixel"] = (() => F.batch_norm(ones(1, 3, 1, 1), zeros(3), ones(3), training: true), "Expected more than 1 value per channel when training, got input size [1, 3, 1, 1]"),
    };

    public static TheoryData<string> Mistakes => [.. Wrong.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void It_is_refused_and_says_what_was_expected(string mistake)
    {
        using var scope = NewDisposeScope();
        Assert.Contains(Wrong[mistake].Message, Assert.Throws<ArgumentException>(Wrong[mistake].Mistake).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_refused_batch_leaves_the_running_variance_and_in_evaluation_one_example_will_do()
    {
        using var scope = NewDisposeScope();
        var norm = BatchNorm1d(3);
        Assert.Throws<ArgumentException>(() => norm.call(ones(1, 3)));
        Assert.True(norm.running_var!.Equals(ones(3)));
        norm.eval();
        Assert.True(norm.call(ones(1, 3)).isfinite().all().item<bool>());
        norm.train();
        norm.call(ones(1, 3, 2));
        Assert.True(norm.running_var!.isfinite().all().item<bool>());
    }

    private static nn.utils.rnn.PackedSequence Packed(long width) => nn.utils.rnn.pack_sequence([ones(3, width), ones(2, width)]);
}
