using Repro.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class OperatorTests
{
    public static TheoryData<string> Names => [.. OperatorCases.All.Keys];

    public static TheoryData<string> DifferentiableNames => [.. OperatorCases.All.Keys.Where(name => ReferenceValues.Has($"{name}.grad.0"))];

    [Theory]
    [MemberData(nameof(Names))]
    public void An_operator_has_the_values_and_gradients_of_PyTorch(string name)
    {
        using var scope = NewDisposeScope();
        var inputs = InputsOf(name);
        var output = OperatorCases.All[name](inputs);
        ReferenceValues.AssertEqual($"{name}.out", output);
        var wanted = Enumerable.Range(0, inputs.Length).Where(i => ReferenceValues.Has($"{name}.grad.{i}")).ToList();
        Assert.Equal(wanted.Count > 0, output.requires_grad);
        if (wanted.Count == 0)
            return;
        (output * OperatorCases.Weights(output)).sum().backward();
        foreach (var i in wanted)
            ReferenceValues.AssertEqual($"{name}.grad.{i}", inputs[i].grad!);
    }

    [Fact]
    public void Every_case_of_the_reference_has_its_counterpart_here()
    {
        var cases = ReferenceValues.Names.Where(name => name.EndsWith(".out", StringComparison.Ordinal)).Select(name => name[..^4]).Order();
        Assert.Equal(cases, OperatorCases.All.Keys.Order());
    }

    [Theory]
    [MemberData(nameof(DifferentiableNames))]
    public void An_analytic_gradient_agrees_with_finite_differences(string name)
    {
        using var scope = NewDisposeScope();
        var inputs = InputsOf(name).Select(input => input.detach().to(float64).requires_grad_()).ToArray();
        Tensor Objective()
        {
            var output = OperatorCases.All[name](inputs);
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

    private static Tensor[] InputsOf(string name) =>
        [.. Enumerable.Range(0, 9).TakeWhile(i => ReferenceValues.Has($"{name}.in.{i}")).Select(i => ReferenceValues.Get($"{name}.in.{i}").requires_grad_())];
}
