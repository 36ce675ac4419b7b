using Repro.Experiments.Ddpm;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

public sealed class DdpmModelTests
{
    [Fact]
    public void The_network_for_CIFAR_10_has_the_papers_35_7_million_parameters()
    {
        using var model = new DdpmModel(new UNetShape(), seed: 0);
        Assert.Equal(35_746_307, model.parameters().Sum(p => p.numel()));
    }

    [Fact]
    public void A_fresh_network_says_next_to_nothing_so_that_predicting_noise_costs_1()
    {
        using var model = new DdpmModel(new UNetShape { Channels = 1, Size = 8, Width = 8, Groups = 4, Multipliers = [1, 2], Attention = 4 }, seed: 3);
        model.eval();
        using var scope = NewDisposeScope();
        manual_seed(1);
        var output = model.call(randn(4, 1, 8, 8), tensor(new long[] { 0, 10, 500, 999 }));
        Assert.Equal([4, 1, 8, 8], output.shape);
        Assert.InRange((float)output.abs().max(), 1e-9f, 1e-3f);
    }

    [Fact]
    public void The_timestep_is_told_by_sines_then_cosines_of_frequencies_from_1_to_a_ten_thousandth()
    {
        using var scope = NewDisposeScope();
        var embedded = DdpmModel.Sinusoids(tensor(new long[] { 0, 3 }), 6);
        double[] frequencies = [1, 0.01, 0.0001];
        Assert.Equal([0, 0, 0, 1, 1, 1], embedded[0].data<float>().ToArray());
        Assert.Equal(
            frequencies.Select(w => Math.Sin(3 * w)).Concat(frequencies.Select(w => Math.Cos(3 * w))),
            embedded[1].data<float>().ToArray().Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void The_parameters_depend_on_the_seed_alone()
    {
        var shape = new UNetShape { Channels = 1, Size = 8, Width = 8, Groups = 4, Multipliers = [1], Attention = 0, Blocks = 1 };
        manual_seed(1);
        using var first = new DdpmModel(shape, seed: 5);
        manual_seed(2);
        using var again = new DdpmModel(shape, seed: 5);
        using var other = new DdpmModel(shape, seed: 6);
        Assert.All(first.parameters().Zip(again.parameters()), pair => Assert.True(pair.First.equal(pair.Second).all().item<bool>()));
        Assert.False(first.FirstFilters.equal(other.FirstFilters).all().item<bool>());
    }
}
