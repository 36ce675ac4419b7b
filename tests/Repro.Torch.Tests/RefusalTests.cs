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
        ["a binary cross-entropy with a target of another shape"] = (() => F.binary_cross_entropy(zeros(4, 1), zeros(4)), "Target size ([4]) must be the same as input size ([4, 1])"),
        ["a binary cross-entropy with logits and a target of another shape"] = (() => F.binary_cross_entropy_with_logits(zeros(4, 1), zeros(4)), "Target size ([4]) must be the same as input size ([4, 1])"),
        ["the loss module with a target of another shape"] = (() => BCEWithLogitsLoss().call(zeros(4, 1), zeros(4)), "Target size ([4]) must be the same as input size ([4, 1])"),
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

    [Fact]
    public void State_of_other_shapes_is_refused_by_name_and_nothing_of_it_is_loaded()
    {
        using var scope = NewDisposeScope();
        var net = Sequential(("first", Linear(2, 3)), ("second", Linear(3, 4)));
        var before = net.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
        var other = before.ToDictionary(entry => entry.Key, entry => entry.Value + 1);
        other["second.bias"] = ones(1);
        var error = Assert.Throws<InvalidOperationException>(() => net.load_state_dict(other));
        Assert.Contains("second.bias is [1] there and [4] here", error.Message, StringComparison.Ordinal);
        using var file = new MemoryStream();
        using (var writer = new BinaryWriter(file, System.Text.Encoding.UTF8, leaveOpen: true))
            nn.Module.save_state_dict(writer, other);
        file.Position = 0;
        var fromFile = Assert.Throws<ArgumentException>(() => net.load(file));
        Assert.Contains("Mismatched tensor shape while loading 'second.bias': [1] in the file, [4] here", fromFile.Message, StringComparison.Ordinal);
        Assert.All(before, entry => Assert.True(net.state_dict()[entry.Key].Equals(entry.Value), entry.Key));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(40)]
    [InlineData(-1)]
    public void A_file_that_ends_early_is_named_and_the_module_stays_as_it_was(int length)
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            var net = Sequential(("first", Linear(2, 3)), ("second", Linear(3, 4)));
            Sequential(("first", Linear(2, 3)), ("second", Linear(3, 4))).save(path);
            var whole = File.ReadAllBytes(path);
            File.WriteAllBytes(path, whole[..(length < 0 ? whole.Length + length : length)]);
            var before = net.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.detach().clone());
            var error = Assert.Throws<EndOfStreamException>(() => net.load(path));
            Assert.StartsWith($"{path} is no model file, or damaged", error.Message, StringComparison.Ordinal);
            Assert.All(before, entry => Assert.True(net.state_dict()[entry.Key].Equals(entry.Value), entry.Key));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_of_another_kind_is_named()
    {
        using var scope = NewDisposeScope();
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [1, 1, (byte)'x', 99, 1, 2, 3, 4]);
            Assert.StartsWith($"{path} is no model file, or damaged", Assert.Throws<InvalidDataException>(() => Linear(2, 3).load(path, strict: false)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_missing_engine_is_said_with_every_place_that_was_searched_and_the_variables_that_name_others()
    {
        var message = Interop.ShimLibrary.Missing();
        Assert.Contains("REPRO_ROOT", message, StringComparison.Ordinal);
        Assert.Contains("REPRO_TORCH_SHIM", message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(AppContext.BaseDirectory, "librepro_torch.so"), message, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Directory.GetDirectoryRoot(AppContext.BaseDirectory), ".setup", "native", "librepro_torch.so"), message, StringComparison.Ordinal);
    }

    public static TheoryData<string> Creations => ["zeros", "rand", "full", "arange", "eye", "tensor", "Linear", "BatchNorm", "LSTM"];

    [SkippableTheory]
    [MemberData(nameof(Creations))]
    public void A_tensor_made_for_a_device_that_is_not_there_says_so_in_one_sentence(string creation)
    {
        Skip.If(cuda.is_available(), "there is a CUDA device here");
        using var scope = NewDisposeScope();
        Action make = creation switch
        {
            "zeros" => () => zeros(2, device: "cuda"),
            "rand" => () => rand(2, device: "cuda"),
            "full" => () => full(2, 1.5, device: "cuda"),
            "arange" => () => arange(3, device: "cuda"),
            "eye" => () => eye(3, device: "cuda"),
            "tensor" => () => tensor([1f], device: "cuda"),
            "Linear" => () => Linear(2, 2, device: "cuda"),
            "BatchNorm" => () => BatchNorm1d(2, device: "cuda"),
            _ => () => LSTM(2, 2, device: "cuda"),
        };
        Assert.StartsWith("Device CUDA is not available", Assert.Throws<InvalidOperationException>(make).Message, StringComparison.Ordinal);
    }

    private static nn.utils.rnn.PackedSequence Packed(long width) => nn.utils.rnn.pack_sequence([ones(3, width), ones(2, width)]);
}
