using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public class AutogradFunctionTests
{
    // exp with a gradient from its own output, which is saved; the factor is no tensor.
    private sealed class ScaledExp : autograd.SingleTensorFunction<ScaledExp>
    {
        public override string Name => nameof(ScaledExp);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var result = ((Tensor)vars[0]).exp() * (double)vars[1];
            ctx.save_for_backward([result]);
            ctx.save_data("calls", 1);
            return result;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            Assert.Equal(1, ctx.get_data("calls"));
            Assert.Null(ctx.get_data("no such key"));
            return [grad_output * ctx.get_saved_variables()[0], null!];
        }
    }

    // Two inputs, three outputs: the product, the sum, and which input is larger.
    private sealed class ProductAndSum : autograd.MultiTensorFunction<ProductAndSum>
    {
        public override string Name => nameof(ProductAndSum);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            var (a, b) = ((Tensor)vars[0], (Tensor)vars[1]);
            var larger = a > b;
            ctx.save_for_backward([a, b]);
            ctx.mark_non_differentiable([larger]);
            return [a * b, a + b, larger];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            var saved = ctx.get_saved_variables();
            return [grad_outputs[0] * saved[1] + grad_outputs[1], grad_outputs[0] * saved[0] + grad_outputs[1]];
        }
    }

    private sealed class Doubled : autograd.SingleTensorFunction<Doubled>
    {
        public override string Name => nameof(Doubled);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.mark_dirty([(Tensor)vars[0]]);
            return ((Tensor)vars[0]).mul_(2);
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output * 2];
    }

    private sealed class SeesMissing : autograd.MultiTensorFunction<SeesMissing>
    {
        public override string Name => nameof(SeesMissing);

        public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.set_materialize_grads((bool)vars[1]);
            return [((Tensor)vars[0]) * 1, ((Tensor)vars[0]) * 2];
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
        {
            Assert.Equal(ctx.MaterializeGrads, !grad_outputs[1].IsInvalid);
            return [grad_outputs[0], null!];
        }
    }

    private sealed class Failing : autograd.SingleTensorFunction<Failing>
    {
        public override string Name => nameof(Failing);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) =>
            (string)vars[1] == "forward" ? throw new InvalidDataException("forward gave up") : (Tensor)vars[0] * 1;

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => throw new InvalidDataException("backward gave up");
    }

    private sealed class Miscounting : autograd.SingleTensorFunction<Miscounting>
    {
        public override string Name => nameof(Miscounting);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars) => (Tensor)vars[0] + (Tensor)vars[1];

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output) => [grad_output];
    }

    [Fact]
    public void A_function_of_ones_own_has_the_values_and_gradients_of_the_operators_it_is_made_of()
    {
        using var scope = NewDisposeScope();
        var x = randn(3, 4, float64, requires_grad: true);
        var y = ScaledExp.apply(x, 2.0);
        Assert.True(y.Equals(x.detach().exp() * 2.0));
        Assert.True(y.requires_grad);
        CheckGradient(() => (ScaledExp.apply(x, 2.0) * OperatorCases.Weights(x)).sum(), x);
        var (a, b) = (randn(5, float64, requires_grad: true), randn(5, float64, requires_grad: true));
        Tensor Objective()
        {
            var parts = ProductAndSum.apply(a, b);
            Assert.False(parts[2].requires_grad);
            return (parts[0] * OperatorCases.Weights(a)).sum() + parts[1].square().sum();
        }
        CheckGradient(Objective, a);
        CheckGradient(Objective, b);
    }

    [Fact]
    public void A_function_of_ones_own_has_second_derivatives()
    {
        using var scope = NewDisposeScope();
        var x = randn(4, float64, requires_grad: true);
        CheckGradient(() => (autograd.grad([ScaledExp.apply(x, 2.0).sum()], [x], create_graph: true)[0] * OperatorCases.Weights(x)).sum(), x);
    }

    [Fact]
    public void Without_an_input_that_requires_a_gradient_nothing_is_recorded()
    {
        using var scope = NewDisposeScope();
        Assert.False(ScaledExp.apply(ones(2), 1.0).requires_grad);
        using (no_grad())
            Assert.False(ScaledExp.apply(ones(2, requires_grad: true), 1.0).requires_grad);
    }

    [Fact]
    public void An_input_changed_in_place_is_the_output()
    {
        using var scope = NewDisposeScope();
        var x = ones(3, requires_grad: true);
        var changed = x * 3;
        var output = Doubled.apply(changed);
        Assert.Same(changed, output);
        output.sum().backward();
        Assert.Equal([6f, 6f, 6f], x.grad!.data<float>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_output_without_gradient_gives_zeros_or_nothing(bool materialize)
    {
        using var scope = NewDisposeScope();
        var x = ones(3, requires_grad: true);
        SeesMissing.apply(x, materialize)[0].sum().backward();
        Assert.Equal([1f, 1f, 1f], x.grad!.data<float>());
    }

    [Fact]
    public void An_exception_in_forward_or_backward_comes_out_of_the_call_that_led_there()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Assert.Equal("forward gave up", Assert.Throws<InvalidDataException>(() => Failing.apply(x, "forward")).Message);
        var y = Failing.apply(x, "backward").sum();
        Assert.Equal("backward gave up", Assert.Throws<InvalidDataException>(() => y.backward()).Message);
        Assert.Contains("Miscounting gave 1 gradients for 2 arguments", Assert.Throws<InvalidOperationException>(() => Miscounting.apply(x, x).sum().backward()).Message, StringComparison.Ordinal);
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() =>
        {
            var saved = ScaledExp.apply(x, 1.0);
            using (no_grad())
                saved.mul_(2);
            saved.sum().backward();
        }).Message, StringComparison.Ordinal);
        Assert.Equal(4f, (ones(2) + 1).sum().item<float>());
    }

    [Fact]
    public void Functions_hooks_and_their_graphs_leave_no_tensor_behind()
    {
        long level = 0;
        // What other tests left to finalizers would be freed in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        for (var step = 0; step < 50; step++)
        {
            using (NewDisposeScope())
            {
                var x = randn(4, requires_grad: true);
                using var hook = GradientHooks.RegisterHook(x, gradient => gradient * 2);
                var parts = ProductAndSum.apply(ScaledExp.apply(x, 2.0), x);
                (parts[0] + parts[1]).sum().backward();
                Assert.Throws<InvalidDataException>(() => Failing.apply(x, "backward").sum().backward());
            }
            if (step == 0)
                level = Runtime.LiveTensors;
        }
        Assert.Equal(level, Runtime.LiveTensors);
    }

    [Fact]
    public void A_hook_sees_the_gradient_and_may_replace_it()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x * 3;
        float[]? seen = null;
        var hook = GradientHooks.RegisterHook(y, gradient =>
        {
            seen = [.. gradient.data<float>()];
            return gradient * 10;
        });
        (y * 2).sum().backward(retain_graph: true);
        Assert.Equal([2f, 2f], seen!);
        Assert.Equal([60f, 60f], x.grad!.data<float>());
        hook.Dispose();
        hook.Dispose();
        (seen, x.grad) = (null, null);
        GradientHooks.RegisterHook(y, _ => null);
        (y * 2).sum().backward();
        Assert.Null(seen);
        Assert.Equal([6f, 6f], x.grad!.data<float>());
    }

    [Fact]
    public void A_hook_is_removed_by_itself_while_it_runs_and_after_its_tensor_was_disposed_of()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var y = x * 3;
        var calls = new List<string>();
        IDisposable? once = null, late = null;
        once = GradientHooks.RegisterHook(y, _ =>
        {
            calls.Add("once");
            once!.Dispose();
            GradientHooks.RegisterHook(y, _ => Called("added"));
            return null;
        });
        late = GradientHooks.RegisterHook(y, _ => Called("late"));
        var loss = (y * 2).sum();
        loss.backward(retain_graph: true);
        Assert.Equal(["once", "late"], calls);
        once.Dispose();
        y.Dispose();
        late.Dispose();
        loss.backward();
        Assert.Equal(["once", "late", "added"], calls);

        Tensor? Called(string name)
        {
            calls.Add(name);
            return null;
        }
    }

    [Fact]
    public void Hooks_are_removed_from_many_threads_at_once()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var calls = 0;
        var hooks = Enumerable.Range(0, 200).Select(_ => GradientHooks.RegisterHook(x, _ =>
        {
            calls++;
            return null;
        })).ToArray();
        Parallel.ForEach(hooks.Concat(hooks).Where((_, i) => i % 2 == 0), hook => hook.Dispose());
        (x * 2).sum().backward();
        Assert.Equal(100, calls);
    }

    [Fact]
    public void An_exception_in_a_hook_comes_out_of_backward()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        GradientHooks.RegisterHook(x, _ => throw new NotSupportedException("not today"));
        Assert.Equal("not today", Assert.Throws<NotSupportedException>(() => (x * 2).sum().backward()).Message);
        Assert.Equal("not today", Assert.Throws<NotSupportedException>(() =>
        {
            var z = ones(2, requires_grad: true);
            var y = z * 2;
            GradientHooks.RegisterHook(y, _ => throw new NotSupportedException("not today"));
            autograd.grad([(y * 3).sum()], [z]);
        }).Message);
        Assert.Contains("require", Assert.Throws<ExternalException>(() => GradientHooks.RegisterHook(ones(1), _ => null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Hessian_times_a_vector_is_the_one_of_the_matrix()
    {
        using var scope = NewDisposeScope();
        var matrix = randn(4, 4, float64);
        var (x, v) = (randn(4, float64, requires_grad: true), randn(4, float64));
        // f = x'Ax/2 + sum(x^4)/12 has the Hessian (A + A')/2 + diag(x^2).
        var f = x.dot(matrix.mv(x)) / 2 + x.pow(4).sum() / 12;
        var gradient = autograd.grad([f], [x], create_graph: true)[0];
        var product = autograd.grad([gradient.dot(v)], [x])[0];
        var hessian = (matrix + matrix.t()) / 2 + x.detach().square().diag();
        Assert.True(product.allclose(hessian.mv(v), 1e-10));
    }

    [Fact]
    public void Anomaly_detection_names_the_function_that_gave_a_NaN()
    {
        using var scope = NewDisposeScope();
        var x = zeros(1, requires_grad: true);
        using (autograd.detect_anomaly())
        {
            Assert.True(AnomalyMode.IsEnabled);
            Assert.Contains("SqrtBackward0", Assert.Throws<ExternalException>(() => (x.sqrt() * 0).sum().backward()).Message, StringComparison.Ordinal);
        }
        Assert.False(AnomalyMode.IsEnabled);
    }

    [Fact]
    public void Backward_to_some_inputs_leaves_the_others_alone()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (ones(2, requires_grad: true), ones(2, requires_grad: true));
        var z = (x * y * 3).sum();
        z.backward(retain_graph: true, inputs: [x]);
        Assert.Null(y.grad);
        Assert.Equal([3f, 3f], x.grad!.data<float>());
        autograd.backward(x * 2, tensor([1f, 10f]), inputs: [x]);
        Assert.Equal([5f, 23f], x.grad!.data<float>());
        using (set_grad_enabled(false))
            Assert.False((x * 2).requires_grad);
    }

    // Central differences against autograd, at every element.
    private static void CheckGradient(Func<Tensor> objective, Tensor input)
    {
        var analytic = autograd.grad([objective()], [input])[0].contiguous().data<double>().ToArray();
        var values = input.data<double>();
        const double step = 1e-6;
        for (var i = 0; i < analytic.Length; i++)
        {
            var original = values.ToArray();
            double At(double value)
            {
                var changed = (double[])original.Clone();
                changed[i] = value;
                values.CopyFrom(changed);
                return objective().item<double>();
            }
            var numeric = (At(original[i] + step) - At(original[i] - step)) / (2 * step);
            values.CopyFrom(original);
            Assert.Equal(numeric, analytic[i], 1e-5 * Math.Max(1, Math.Abs(numeric)));
        }
    }
}
