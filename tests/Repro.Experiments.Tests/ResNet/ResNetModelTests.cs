using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using Repro.Training.Datasets;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.ResNet;

public sealed class ResNetModelTests
{
    [Theory]
    [InlineData(20, 269_722)]
    [InlineData(32, 464_154)]
    [InlineData(44, 658_586)]
    [InlineData(56, 853_018)]
    [InlineData(110, 1_727_962)]
    public void A_ResNet_has_as_many_parameters_as_its_depth_says_and_its_plain_twin_the_same(int depth, long expected)
    {
        foreach (var kind in Enum.GetValues<ResNetKind>())
        {
            using var model = Model((depth - 2) / 6, kind);
            Assert.Equal(expected, model.parameters().Sum(p => p.numel()));
        }
    }

    [Theory]
    [InlineData(20)]
    [InlineData(56)]
    public void A_network_has_as_many_weighted_layers_as_its_depth_says(int depth)
    {
        using var model = Model((depth - 2) / 6, ResNetKind.Residual);
        Assert.Equal(depth, model.parameters().Count(p => p.dim() > 1));
    }

    [Fact]
    public void Residual_and_plain_begin_with_the_same_parameters()
    {
        using var residual = Model(2, ResNetKind.Residual);
        using var plain = Model(2, ResNetKind.Plain);
        AssertSameParameters(residual, plain);
    }

    [Fact]
    public void Parameters_depend_on_the_seed_alone()
    {
        manual_seed(1);
        using var first = Model(1, ResNetKind.Residual, seed: 5);
        manual_seed(2);
        using var second = Model(1, ResNetKind.Residual, seed: 5);
        using var other = Model(1, ResNetKind.Residual, seed: 6);
        AssertSameParameters(first, second);
        Assert.False(Values(first.FirstFilters).SequenceEqual(Values(other.FirstFilters)));
    }

    [Fact]
    public void Convolutions_begin_with_the_variance_of_He()
    {
        using var model = Model(3, ResNetKind.Residual);
        foreach (var (name, weight) in model.named_parameters().Where(p => p.parameter.dim() == 4 && p.parameter.numel() > 2000))
        {
            var values = Values(weight).Select(v => (double)v).ToArray();
            var expected = 2.0 / (weight.shape[1] * 9);
            // The mean of n squared normals scatters by sqrt(2/n) of itself.
            Assert.True(Math.Abs((values.Average(v => v * v) / expected) - 1) < 5 * Math.Sqrt(2.0 / values.Length), name);
        }
    }

    [Fact]
    public void The_shortcut_across_stages_takes_every_second_pixel_and_appends_channels_of_zeros()
    {
        // Two channels of 3 x 4: 0..11 and 100..111.
        using var x = tensor(Enumerable.Range(0, 12).Concat(Enumerable.Range(100, 12)).Select(v => (float)v).ToArray(), [1, 2, 3, 4]);
        using var shortcut = ResNetBlock.Shortcut(x, stride: 2, added: 2);
        Assert.Equal([1, 4, 2, 2], shortcut.shape);
        float[] expected =
        [
            0, 2, 8, 10,
            100, 102, 108, 110,
            0, 0, 0, 0,
            0, 0, 0, 0,
        ];
        Assert.Equal(expected, Values(shortcut));
    }

    [Fact]
    public void The_shortcut_within_a_stage_is_the_input_itself()
    {
        using var x = tensor([1f, -2f, 3f, -4f], [1, 1, 2, 2]);
        using var shortcut = ResNetBlock.Shortcut(x, stride: 1, added: 0);
        Assert.Equal(Values(x), Values(shortcut));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(56)]
    public void A_fresh_network_of_any_depth_finds_all_classes_about_equally_likely(int depth)
    {
        using var model = Model((depth - 2) / 6, ResNetKind.Residual);
        using var scope = NewDisposeScope();
        manual_seed(3);
        var logits = model.call(randn(16, 3, 32, 32));
        var loss = nn.functional.cross_entropy(logits, arange(16, dtype: ScalarType.Int64) % 10).item<float>();
        Assert.InRange(loss, Math.Log(10) - 0.1, Math.Log(10) + 0.1);
    }

    [Fact]
    public void A_grey_image_of_28_pixels_goes_through_as_well()
    {
        using var model = new ResNetModel(1, 4, ResNetKind.Residual, channels: 1, classes: 10, seed: 0, new InputScale(new ImageShape(1, 28, 28), null));
        using var logits = model.call(zeros(2, 1, 28, 28));
        Assert.Equal([2, 10], logits.shape);
    }

    private static ResNetModel Model(int n, ResNetKind kind, ulong seed = 0) =>
        new(n, 16, kind, channels: 3, classes: 10, seed, new InputScale(new ImageShape(3, 32, 32), null));

    private static float[] Values(Tensor tensor)
    {
        using var detached = tensor.detach().cpu();
        return detached.contiguous().data<float>().ToArray();
    }

    private static void AssertSameParameters(nn.Module first, nn.Module second)
    {
        var others = second.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var (name, parameter) in first.named_parameters()) Assert.True(Values(parameter).SequenceEqual(Values(others[name])), name);
    }
}
