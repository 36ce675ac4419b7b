using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The draws of tests/peers/reference/draws.py, written in C#.</summary>
public class RandomTests
{
    // Those that take no generator draw from the default one.
    private static readonly Dictionary<string, Func<Generator?, Tensor>> Draws = new()
    {
        ["rand"] = g => rand(20, generator: g),
        ["rand_float64"] = g => rand(5, float64, generator: g),
        ["randn"] = g => randn(5, generator: g),
        ["randn_long"] = g => randn(40, generator: g),
        ["randn_float64"] = g => randn(20, float64, generator: g),
        ["randint"] = g => randint(-5, 100, [3L, 4L], generator: g),
        ["randint_high"] = g => randint(10, [7L], generator: g),
        ["randperm"] = g => randperm(12, generator: g),
        ["rand_like"] = _ => rand_like(ones(3, 4)),
        ["randn_like"] = _ => randn_like(ones(3, 4, float64)),
        ["randint_like"] = _ => randint_like(ones(6), 3, 9),
        ["normal"] = g => normal(2.0, 0.5, [6L], generator: g),
        ["normal_"] = g => empty(20).normal_(1, 2, g),
        ["uniform_"] = g => empty(9).uniform_(-2, 3, g),
        ["exponential_"] = g => empty(9).exponential_(1.5, g),
        ["geometric_"] = g => empty(9).geometric_(0.3, g),
        ["cauchy_"] = g => empty(9).cauchy_(1, 2, g),
        ["log_normal_"] = g => empty(9).log_normal_(0.5, 0.7, g),
        ["random_"] = g => empty(9).random_(3, 50, g),
        ["bernoulli"] = g => bernoulli(full(12, 0.4), g),
        ["bernoulli_"] = g => empty(12).bernoulli_(0.3, g),
        ["bernoulli_tensor"] = g => empty(4).bernoulli_(tensor([0.1f, 0.5f, 0.9f, 0.5f]), g),
        ["multinomial"] = g => multinomial(tensor([0.1f, 0.2f, 0.3f, 0.4f]), 3, generator: g),
        ["multinomial_again"] = g => multinomial(tensor(new[,] { { 0.1f, 0.2f, 0.3f }, { 0.6f, 0.2f, 0.2f } }), 5, true, g),
        ["poisson"] = g => poisson(tensor([0.5f, 2f, 10f, 40f]), g),
        ["binomial"] = g => binomial(tensor([5f, 20f, 100f]), tensor([0.3f, 0.5f, 0.9f]), g),
        ["standard_gamma"] = g => _standard_gamma(tensor([0.5f, 1f, 5f]), g),
        ["dirichlet"] = g => _sample_dirichlet(tensor(new[,] { { 0.5f, 1f, 5f }, { 1f, 1f, 1f } }), g),
        ["randn_out"] = _ => ones(1).randn_out(3, 2),
        ["rand_out"] = _ => ones(1).rand_out(3, 2),
        ["randint_out"] = _ => ones(1).randint_out(9, [3, 2]),
        ["randperm_out"] = g => g is null ? ones(1, int64).randperm_out(5) : randperm(5, ones(1, int64), g),
        ["one_integer"] = g => tensor([randint_long(3, 1000, g)]),
        ["one_number"] = g => tensor([(float)rand_float(g)]),
        ["one_normal"] = g => tensor([(float)randn_float(g)]),
        ["one_truth"] = g => tensor([randint_bool(g)]),
    };

    public static TheoryData<string> Names => [.. Draws.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_draw_after_a_seed_is_that_of_PyTorch_to_the_bit(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        ReferenceValues.Draws.AssertEqual(name, Draws[name](null), 0, 0);
        manual_seed(7);
        using var own = new Generator(7);
        ReferenceValues.Draws.AssertEqual(name, Draws[name](own), 0, 0);
    }

    [Fact]
    public void Every_draw_of_the_reference_has_its_counterpart_here() => Assert.Equal(ReferenceValues.Draws.Names.Where(name => !name.StartsWith("__", StringComparison.Ordinal)).Order(), Draws.Keys.Order());
}
