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
        foreach (var input in inputs)
        {
            if (input.grad is not { } gradient)
                continue;
            AssertDerivatives(name, input, gradient, () => Objective().item<double>(), step: 1e-6, tolerance: 1e-4);
        }
    }

    [Theory]
    [MemberData(nameof(DifferentiableNames))]
    public void A_derivative_of_the_gradient_agrees_with_finite_differences_of_it(string area, string name)
    {
        using var scope = NewDisposeScope();
        var (reference, cases) = Areas[area];
        var inputs = InputsOf(reference, name).Select(input => input.detach().to(float64).requires_grad_()).ToArray();
        Tensor Slope() // the gradient's product with a fixed vector
        {
            var output = cases[name](inputs);
            var gradients = autograd.grad([(output * OperatorCases.Weights(output)).sum()], inputs, create_graph: true, allow_unused: true);
            return gradients.Where(gradient => gradient is not null).Select(gradient => (gradient * OperatorCases.Weights(gradient)).sum()).Aggregate((one, other) => one + other);
        }
        IEnumerable<Tensor?> second;
        try
        {
            var slope = Slope();
            second = slope.requires_grad ? autograd.grad([slope], inputs, allow_unused: true) : inputs.Select(_ => (Tensor?)null);
        }
        catch (System.Runtime.InteropServices.ExternalException notOffered) when (notOffered.Message.Contains("not implemented", StringComparison.Ordinal))
        {
            return;
        }
        foreach (var (i, derivative) in second.Index())
            if (reference.Has($"{name}.grad.{i}")) // not the weights of a loss, which libtorch takes for constants
                AssertDerivatives(name, inputs[i], derivative ?? zeros_like(inputs[i]), () => Slope().item<double>(), step: 1e-5, tolerance: 1e-3);
    }

    // Of the first six elements.
    private static void AssertDerivatives(string name, Tensor input, Tensor derivative, Func<double> function, double step, double tolerance)
    {
        var values = input.data<double>();
        var analytic = derivative.contiguous().data<double>().ToArray();
        for (var i = 0; i < Math.Min(analytic.Length, 6); i++)
        {
            var start = values.ToArray();
            var original = start[i];
            double At(double value)
            {
                start[i] = value;
                values.CopyFrom(start);
                return function();
            }
            var numeric = (At(original + step) - At(original - step)) / (2 * step);
            At(original);
            Assert.True(Math.Abs(numeric - analytic[i]) <= tolerance * Math.Max(1, Math.Abs(numeric)), $"{name}, element {i}: {analytic[i]} instead of {numeric}");
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
