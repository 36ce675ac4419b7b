using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.utils.rnn;
using F = TorchSharp.torch.nn.functional;

namespace Repro.Torch.Tests;

public class NetworkFunctionTests
{
    public static TheoryData<string, Func<Tensor, bool, Tensor>> InPlace => new()
    {
        { "relu", (x, inplace) => F.relu(x, inplace) },
        { "relu6", (x, inplace) => F.relu6(x, inplace) },
        { "leaky_relu", (x, inplace) => F.leaky_relu(x, 0.2, inplace) },
        { "rrelu", (x, inplace) => F.rrelu(x, inplace: inplace) },
        { "elu", (x, inplace) => F.elu(x, 0.7, inplace) },
        { "celu", (x, inplace) => F.celu(x, 0.7, inplace) },
        { "selu", (x, inplace) => F.selu(x, inplace) },
        { "gelu", (x, inplace) => F.gelu(x, inplace) },
        { "silu", (x, inplace) => F.silu(x, inplace) },
        { "mish", (x, inplace) => F.mish(x, inplace) },
        { "sigmoid", (x, inplace) => F.sigmoid(x, inplace) },
        { "tanh", (x, inplace) => F.tanh(x, inplace) },
        { "tanhshrink", (x, inplace) => F.tanhshrink(x, inplace) },
        { "softsign", (x, inplace) => F.softsign(x, inplace) },
        { "hardtanh", (x, inplace) => F.hardtanh(x, -0.5, 0.5, inplace) },
        { "hardswish", (x, inplace) => F.hardswish(x, inplace) },
        { "hardsigmoid", (x, inplace) => F.hardsigmoid(x, inplace) },
        { "threshold", (x, inplace) => F.threshold(x, 0.2, 3, inplace) },
        { "dropout", (x, inplace) => F.dropout(x, 0.4, true, inplace) },
        { "dropout1d", (x, inplace) => F.dropout1d(x, 0.4, true, inplace) },
        { "alpha_dropout", (x, inplace) => F.alpha_dropout(x, 0.4, true, inplace) },
        { "feature_alpha_dropout", (x, inplace) => F.feature_alpha_dropout(x, 0.4, true, inplace) },
    };

    [Theory]
    [MemberData(nameof(InPlace))]
    public void In_place_a_function_writes_what_it_gives_otherwise_into_the_tensor_itself(string name, Func<Tensor, bool, Tensor> function)
    {
        using var scope = NewDisposeScope();
        var x = linspace(-2, 2, 24).reshape(6, 4);
        manual_seed(3);
        var expected = function(x, false);
        Assert.False(ReferenceEquals(expected, x), name);
        manual_seed(3);
        var same = x.clone();
        var given = function(same, true);
        Assert.True(same.allclose(expected), name);
        // What a function gives is the caller's to dispose of, and so is what it was given, whichever comes first.
        Assert.NotSame(same, given);
        same.Dispose();
        Assert.True(given.allclose(expected), name);
    }

    [Theory]
    [InlineData("none")]
    [InlineData("tanh")]
    public void The_gradient_of_gelu_is_the_same_in_whatever_order_of_memory_the_gradient_comes_in(string approximate)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var (x, incoming) = (randn(8, 16, 12), randn(8, 12, 16).transpose(1, 2));

        Tensor Gradient(Tensor coming)
        {
            var leaf = x.clone().requires_grad_();
            F.gelu(leaf, Enum.Parse<TorchSharp.Modules.GELU.Approximate>(approximate)).backward([coming]);
            return leaf.grad!;
        }

        Assert.False(incoming.is_contiguous());
        Assert.True(Gradient(incoming).equal(Gradient(incoming.contiguous())).all().item<bool>());
    }

    [Fact]
    public void An_alias_is_the_same_tensor_under_another_handle()
    {
        using var scope = NewDisposeScope();
        var leaf = ones(2, requires_grad: true);
        var alias = leaf.alias();
        (leaf * 3).sum().backward();
        Assert.True(alias.is_leaf);
        Assert.Equal([3f, 3f], alias.grad!.data<float>().ToArray());
        leaf.Dispose();
        Assert.Equal([1f, 1f], alias.detach().data<float>().ToArray());
    }

    [Fact]
    public void A_pretrained_embedding_is_frozen_unless_told_otherwise()
    {
        using var scope = NewDisposeScope();
        var table = arange(12, float32).reshape(4, 3);
        using var frozen = nn.Embedding_from_pretrained(table, padding_idx: 1);
        Assert.False(frozen.weight!.requires_grad);
        Assert.Equal([3, 4, 5], frozen.call(tensor([1L])).data<float>().ToArray());
        using var bag = nn.EmbeddingBag_from_pretrained(table, freeze: false, mode: EmbeddingBagMode.Sum);
        Assert.Equal([9, 11, 13], bag.call(tensor(new long[,] { { 0, 3 } })).data<float>().ToArray());
        Assert.Equal([9, 11, 13], bag.call(tensor(new[,] { { 0, 3 } })).data<float>().ToArray());
        Assert.True(bag.weight!.requires_grad);
        Assert.False(table.IsInvalid);
        Assert.Throws<ArgumentException>(() => nn.Embedding(4, 3, padding_idx: 4));
    }

    [Fact]
    public void A_batch_norm_fused_into_the_layer_before_gives_what_the_two_gave()
    {
        using var scope = NewDisposeScope();
        var (conv, norm) = (nn.Conv2d(2, 3, 3, bias: false), nn.BatchNorm2d(3));
        norm.call(conv.call(randn(4, 2, 5, 5) * 3 + 1));
        norm.eval();
        nn.init.normal_(norm.weight, 1, 0.3);
        nn.init.normal_(norm.bias!);
        var x = randn(2, 2, 5, 5);
        var (weight, bias) = nn.utils.fuse_conv_bn_weights(conv.weight, conv.bias, norm.running_mean!, norm.running_var!, norm.eps, norm.weight, norm.bias);
        Assert.True(F.conv2d(x, weight, bias).allclose(norm.call(conv.call(x)), 1e-4, 1e-5));
        Assert.True(weight.requires_grad);
        var (up, flat) = (nn.ConvTranspose2d(2, 3, 2, stride: 2), nn.BatchNorm1d(3));
        (weight, bias) = nn.utils.fuse_conv_bn_weights(up.weight, up.bias, norm.running_mean!, norm.running_var!, norm.eps, norm.weight, norm.bias, transpose: true);
        Assert.True(F.conv_transpose2d(x, weight, bias, strides: [2, 2]).allclose(norm.call(up.call(x)), 1e-4, 1e-5));
        var linear = nn.Linear(4, 3);
        flat.call(linear.call(randn(8, 4)));
        Assert.Throws<InvalidOperationException>(() => nn.utils.fuse_linear_bn_eval(linear, flat));
        linear.eval();
        flat.eval();
        var y = randn(5, 4);
        Assert.True(nn.utils.fuse_linear_bn_eval(linear, flat).call(y).allclose(flat.call(linear.call(y)), 1e-4, 1e-5));
    }

    [Fact]
    public void Gradients_are_clipped_by_norm_and_by_value_and_parameters_become_a_vector_and_come_back()
    {
        using var scope = NewDisposeScope();
        TorchSharp.Modules.Parameter[] parameters = [nn.Parameter(tensor([1f, 2f])), nn.Parameter(tensor(3f)), nn.Parameter(zeros(1))];
        ((parameters[0] * tensor([3f, -4f])).sum() + (parameters[1] * 12)).backward();
        Assert.Equal(12, nn.utils.clip_grad_norm_(parameters, 100, double.PositiveInfinity), 5);
        Assert.Equal(19, nn.utils.clip_grad_norm_(parameters, 100, 1), 5);
        Assert.Equal(13, nn.utils.clip_grad_norm_(parameters, 6.5), 5);
        Assert.True(parameters[0].grad!.allclose(tensor([1.5f, -2f])));
        Assert.True(parameters[1].grad!.allclose(tensor(6f)));
        nn.utils.clip_grad_value_(parameters, 1.75);
        Assert.True(parameters[0].grad!.allclose(tensor([1.5f, -1.75f])));
        Assert.Null(parameters[2].grad);
        var vector = nn.utils.parameters_to_vector(parameters);
        Assert.Equal([1, 2, 3, 0], vector.data<float>().ToArray());
        nn.utils.vector_to_parameters(tensor([5f, 6f, 7f, 8f]), parameters);
        Assert.Equal([7], parameters[1].data<float>().ToArray());
        Assert.Equal(0, parameters[1].dim());
        Assert.True(parameters[0].is_leaf && parameters[0].requires_grad);
    }

    [Fact]
    public void Sequences_packed_and_padded_again_are_the_same()
    {
        using var scope = NewDisposeScope();
        Tensor[] sequences = [randn(2, 3), randn(4, 3), randn(1, 3)];
        var packed = pack_sequence(sequences, enforce_sorted: false);
        Assert.Equal([3L, 2L, 1L, 1L], packed.batch_sizes.data<long>().ToArray());
        Assert.Equal([1L, 0L, 2L], packed.sorted_indices!.data<long>().ToArray());
        var (padded, lengths) = pad_packed_sequence(packed, batch_first: true, padding_value: -1);
        Assert.Equal([2L, 4L, 1L], lengths.data<long>().ToArray());
        Assert.True(padded.Equals(pad_sequence(sequences, batch_first: true, padding_value: -1)));
        Assert.Throws<ArgumentException>(() => pad_packed_sequence(packed, total_length: 3));
        using (NewDisposeScope())
            packed = pack_sequence(sequences, enforce_sorted: false).MoveToOuterDisposeScope();
        Assert.False(packed.data.IsInvalid || packed.batch_sizes.IsInvalid || packed.unsorted_indices!.IsInvalid);
        packed.Dispose();
        Assert.True(packed.data.IsInvalid && packed.sorted_indices!.IsInvalid);
    }

    [Fact]
    public void A_dropped_attention_weight_is_dropped_in_training_only()
    {
        using var scope = NewDisposeScope();
        using var attention = nn.MultiheadAttention(4, 2, dropout: 0.5);
        var x = randn(5, 2, 4);
        Assert.True(attention.call(x, x, x).Item2.eq(0).any().item<bool>());
        attention.eval();
        var (output, weights) = attention.call(x, x, x);
        Assert.True(weights.sum(-1).allclose(ones(2, 5)));
        Assert.True(attention.call(x, x, x, need_weights: false).Item1.allclose(output, 1e-4, 1e-6));
        Assert.Null(attention.call(x, x, x, need_weights: false).Item2);
    }

    [Fact]
    public void The_layers_of_a_transformer_encoder_are_copies_that_train_apart()
    {
        using var scope = NewDisposeScope();
        var layer = nn.TransformerEncoderLayer(4, 2, 6, 0);
        using var encoder = nn.TransformerEncoder(layer, 2);
        var first = encoder.get_parameter("layers.0.linear1.weight")!;
        Assert.True(first.Equals(layer.get_parameter("linear1.weight")!));
        using (no_grad())
            first.zero_();
        Assert.False(first.Equals(encoder.get_parameter("layers.1.linear1.weight")!));
        Assert.False(first.Equals(layer.get_parameter("linear1.weight")!));
    }

    [Fact]
    public void What_does_not_fit_is_refused_with_the_sizes()
    {
        using var scope = NewDisposeScope();
        string Refusal(Action act) => Assert.Throws<ArgumentException>(act).Message;
        Assert.Contains("valid sizes range from 4 to 5", Refusal(() => nn.ConvTranspose1d(1, 1, 2, stride: 2).forward(ones(1, 1, 2), [7])), StringComparison.Ordinal);
        Assert.Contains("must be between 2 and 6", Refusal(() => nn.MaxUnpool1d(2).call(ones(1, 1, 2), zeros(1, 1, 2, int64), [9])), StringComparison.Ordinal);
        Assert.Contains("4 dimensions", Refusal(() => nn.BatchNorm2d(3).call(ones(2, 3))), StringComparison.Ordinal);
        Assert.Contains("divisible", Refusal(() => nn.GroupNorm(3, 4)), StringComparison.Ordinal);
        Assert.Contains("negative", Refusal(() => F.gaussian_nll_loss(ones(2), ones(2), -ones(2))), StringComparison.Ordinal);
        Assert.Contains("exactly one of size", Refusal(() => F.interpolate(ones(1, 1, 2))), StringComparison.Ordinal);
        Assert.Contains("align_corners", Refusal(() => F.interpolate(ones(1, 1, 2), [4], align_corners: true)), StringComparison.Ordinal);
        Assert.Contains("is_casual", Refusal(() => F.scaled_dot_product_attention(ones(1, 2, 2), ones(1, 2, 2), ones(1, 2, 2), ones(2, 2), is_casual: true)), StringComparison.Ordinal);
        Assert.Contains("2 dimensions", Refusal(() => nn.LSTM(2, 3).call(ones(2))), StringComparison.Ordinal);
    }
}
