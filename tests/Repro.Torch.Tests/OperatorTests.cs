using Repro.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class OperatorTests
{
    // Each area: what PyTorch computed, and the same cases in C#.
    private static readonly Dictionary<string, (ReferenceValues Values, Dictionary<string, Func<Tensor[], Tensor>> Cases)> Areas = new()
    {
        ["operators"] = (ReferenceValues.Operators, OperatorCases.All),
        ["distributions"] = (ReferenceValues.Distributions, DistributionCases.All),
        ["functions"] = (ReferenceValues.Functions, FunctionCases.All),
        ["reductions"] = (ReferenceValues.Reductions, ReductionCases.All),
        ["shapes"] = (ReferenceValues.Shapes, ShapeCases.All),
        ["linalg"] = (ReferenceValues.Linalg, LinalgCases.All),
        ["fourier"] = (ReferenceValues.Fourier, FourierCases.All),
        ["functionals"] = (ReferenceValues.Functionals, FunctionalCases.All),
    };

    public static TheoryData<string, string> Names => NamesOf((_, _) => true);

    // The gradient of a rounding that is passed straight through is not its derivative.
    public static TheoryData<string, string> DifferentiableNames => NamesOf((values, name) => values.Has($"{name}.grad.0") && name != "fake_quantize");

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operator_has_the_values_and_gradients_of_PyTorch(string area, string name)
    {
        using var scope = NewDisposeScope();
        var (values, cases) = Areas[area];
        var inputs = InputsOf(values, name);
        var output = cases[name](inputs);
        values.AssertEqual($"{name}.out", output);
        var wanted = Enumerable.Range(0, inputs.Length).Where(i => values.Has($"{name}.grad.{i}")).ToList();
        Assert.Equal(wanted.Count > 0, output.requires_grad);
        if (wanted.Count == 0)
            return;
        (output * OperatorCases.Weights(output)).sum().backward();
        foreach (var i in wanted)
            values.AssertEqual($"{name}.grad.{i}", inputs[i].grad!);
    }

    [Fact]
    public void Every_case_of_the_reference_has_its_counterpart_here()
    {
        foreach (var (values, cases) in Areas.Values) Assert.Equal(values.Cases.Order(), cases.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(DifferentiableNames))]
    public void An_analytic_gradient_agrees_with_finite_differences(string area, string name)
    {
        using var scope = NewDisposeScope();
        var (reference, cases) = Areas[area];
        var inputs = InputsOf(reference, name).Select(input => input.detach().to(float64).requires_grad_()).ToArray();
        Tensor Objective()
        {
            var output = cases[name](inputs);
            return (output * OperatorCases.Weights(output)).sum();
        }
        Objective().backward();
        const double step = 1e-6;
        foreach (var input in inputs)
        {
            if (input.grad is not { } gradient)
                continue;
            var values = input.data<double>();
            var analytic = gradient.contiguous().data<double>().ToArray();
            for (var i = 0; i < Math.Min(analytic.Length, 6); i++)
            {
                var start = values.ToArray();
                var original = start[i];
                double At(double value)
                {
                    start[i] = value;
                    values.CopyFrom(start);
                    return Objective().item<double>();
                }
                var numeric = (At(original + step) - At(original - step)) / (2 * step);
                At(original);
                Assert.True(Math.Abs(numeric - analytic[i]) <= 1e-4 * Math.Max(1, Math.Abs(numeric)), $"{name}, element {i}: {analytic[i]} instead of {numeric}");
            }
        }
    }

    [Fact]
    public void Every_declared_schema_is_the_one_libtorch_has()
    {
        Assert.Empty(Runtime.CheckOperators());
        Assert.InRange(Runtime.OperatorCount, 300, 2000);
    }

    private static TheoryData<string, string> NamesOf(Func<ReferenceValues, string, bool> counts)
    {
        var names = new TheoryData<string, string>();
        foreach (var (area, (values, cases)) in Areas)
            foreach (var name in cases.Keys.Where(name => counts(values, name))) names.Add(area, name);
        return names;
    }

    private static Tensor[] InputsOf(ReferenceValues values, string name) =>
        [.. Enumerable.Range(0, 9).TakeWhile(i => values.Has($"{name}.in.{i}")).Select(i => values.Get($"{name}.in.{i}").requires_grad_())];
}
