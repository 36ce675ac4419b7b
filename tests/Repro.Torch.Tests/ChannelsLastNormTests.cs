using Repro.Torch;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

public class ChannelsLastNormTests
{
    [Theory]
    [InlineData(4, 3, 5, 7, true)]
    [InlineData(4, 3, 5, 7, false)]
    [InlineData(9, 33, 17, 16, true)]
    public void Batch_norm_with_its_relu_gives_channels_last_what_it_gives_in_plain_order(long images, long channels, long height, long width, bool added)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        var (x, residual, seed) = (randn(images, channels, height, width) * 3 + 100, randn(images, channels, height, width), randn(images, channels, height, width));
        var plain = Results(x, added ? residual : null, seed, BatchNorm2d(channels));
        var last = Results(ChannelsLast.Of(x), added ? ChannelsLast.Of(residual) : null, seed, BatchNorm2d(channels));
        Assert.True(ChannelsLast.Is(last[0]));
        foreach (var (one, other) in plain.Zip(last)) Assert.True(one.allclose(other, 1e-4, 1e-4), $"{one.ToString(numpy)}\n{other.ToString(numpy)}");
    }

    [Theory]
    [InlineData(4, 6, 5, 7, 3)]
    [InlineData(3, 6, 1, 9, 6)]
    [InlineData(2, 32, 17, 16, 8)]
    public void Group_norm_with_its_silu_gives_channels_last_what_it_gives_in_plain_order(long images, long channels, long height, long width, long groups)
    {
        using var scope = NewDisposeScope();
        random.manual_seed(7);
        var (x, seed) = (randn(images, channels, height, width) * 3 + 10, randn(images, channels, height, width));
        var plain = Results(x, seed, GroupNorm(groups, channels), Fused.GroupNormSilu);
        var last = Results(ChannelsLast.Of(x), ChannelsLast.Of(seed), GroupNorm(groups, channels), Fused.GroupNormSilu);
        var composed = Results(x, seed, GroupNorm(groups, channels), (norm, input) => functional.silu(norm.call(input)));
        Assert.True(ChannelsLast.Is(last[0]));
        for (var i = 0; i < plain.Length; i++)
        {
            Assert.True(plain[i].allclose(last[i], 1e-4, 1e-4), $"{i}: {plain[i].ToString(numpy)}\n{last[i].ToString(numpy)}");
            Assert.True(plain[i].allclose(composed[i], 1e-4, 1e-4), $"{i}: {plain[i].ToString(numpy)}\n{composed[i].ToString(numpy)}");
        }
    }

    private static Tensor[] Results(Tensor x, Tensor seed, TorchSharp.Modules.GroupNorm normalization, Func<TorchSharp.Modules.GroupNorm, Tensor, Tensor> function)
    {
        using (no_grad()) normalization.weight.copy_(linspace(0.5, 2, normalization.weight.numel()));
        x = x.detach().requires_grad_();
        var y = function(normalization, x);
        y.backward([seed]);
        return [y, x.grad!, normalization.weight.grad!, normalization.bias!.grad!];
    }

    private static Tensor[] Results(Tensor x, Tensor? residual, Tensor seed, TorchSharp.Modules.BatchNorm2d normalization)
    {
        x = x.detach().requires_grad_();
        residual = residual?.detach().requires_grad_();
        var y = Fused.BatchNormRelu(normalization, x, residual);
        y.backward([seed]);
        return [.. new[] { y, x.grad, residual?.grad, normalization.weight.grad, normalization.bias!.grad, normalization.running_mean, normalization.running_var }.OfType<Tensor>()];
    }
}
