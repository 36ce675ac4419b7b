using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

/// <summary>log(1 + exp(x)) of float32, against double precision; libtorch's own is compared with it in tests/native.</summary>
public class SoftplusTests
{
    // From where exp(x) is hardly a number of full precision to where only x is left.
    private static readonly float[] Numbers = [.. Enumerable.Range(0, 40_001).Select(i => -86 + (i * 0.0043f)), -1e-30f, 0, 1e-30f, 1e-6f, -1e-6f, 19.999f, 20.001f];

    [Fact]
    public void Every_number_is_right_in_all_but_the_last_places_however_small_it_is()
    {
        using var scope = NewDisposeScope();
        var given = functional.softplus(tensor(Numbers)).data<float>().ToArray();
        for (var i = 0; i < Numbers.Length; i++)
        {
            var e = Math.Exp(-Math.Abs((double)Numbers[i]));
            // Of a small e 1 + e keeps too little; the series of its logarithm does not.
            var expected = Math.Max(Numbers[i], 0.0) + (e < 1e-5 ? e - (e * e / 2) + (e * e * e / 3) : Math.Log(1 + e));
            Assert.True(Math.Abs(given[i] - expected) <= 6e-7 * expected, $"softplus({Numbers[i]:g9}) is {expected:g9}, and {given[i]:g9} was given.");
        }
    }

    [Fact]
    public void What_is_infinite_or_no_number_stays_so_and_minus_infinity_becomes_zero()
    {
        using var scope = NewDisposeScope();
        float[] odd = [float.PositiveInfinity, float.NegativeInfinity, float.NaN, float.MaxValue, float.MinValue];
        // In a row so long that vectors are used, and alone.
        float[] row = [.. Enumerable.Range(0, 64).Select(i => odd[i % odd.Length])];
        float[] expected = [float.PositiveInfinity, 0, float.NaN, float.MaxValue, 0];
        Assert.Equal(row.Select((_, i) => expected[i % expected.Length]), functional.softplus(tensor(row)).data<float>().ToArray());
        for (var i = 0; i < odd.Length; i++) Assert.Equal(expected[i], functional.softplus(tensor(odd[i])).item<float>());
    }

    [Fact]
    public void The_gradient_is_the_logistic_function_and_has_a_gradient_of_its_own()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Numbers).requires_grad_();
        var first = autograd.grad([functional.softplus(x).sum()], [x], create_graph: true)[0];
        var second = autograd.grad([first.sum()], [x])[0];
        var exact = tensor(Numbers).to_type(ScalarType.Float64).sigmoid();
        Assert.True(first.detach().to_type(ScalarType.Float64).allclose(exact, rtol: 1e-6, atol: 0));
        Assert.True(second.to_type(ScalarType.Float64).allclose(exact * (1 - exact), rtol: 1e-5, atol: 1e-7));
        // Without a graph of the gradient it is computed by a kernel.
        functional.softplus(x).sum().backward();
        Assert.True(x.grad!.to_type(ScalarType.Float64).allclose(exact, rtol: 1e-6, atol: 0));
    }

    [Fact]
    public void What_lies_in_no_row_and_what_is_no_float32_is_libtorchs()
    {
        using var scope = NewDisposeScope();
        var x = tensor(Numbers.Take(30_000).ToArray()).view(300, 100);
        Assert.True(functional.softplus(x.t()).allclose(functional.softplus(x).t(), rtol: 1e-6, atol: 0));
        var wide = x.to_type(ScalarType.Float64);
        Assert.True(functional.softplus(wide).allclose(wide.exp().log1p(), rtol: 1e-8));
        Assert.Equal(Math.Log(1 + Math.Exp(1.0)) / 2, functional.softplus(tensor(0.5f), beta: 2).item<float>(), 1e-6);
    }
}
