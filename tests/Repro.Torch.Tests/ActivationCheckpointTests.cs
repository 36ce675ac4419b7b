using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests;

public class ActivationCheckpointTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Gradients_equal_those_of_a_plain_call_to_the_bit(bool inputRequiresGrad)
    {
        (float[] Output, List<float[]> Gradients) Train(bool checkpoint)
        {
            using var scope = NewDisposeScope();
            manual_seed(3);
            using var block = Sequential(Linear(6, 16), Tanh(), Dropout(0.5), Linear(16, 16), ReLU(), Dropout(0.2));
            using var head = Linear(16, 3);
            var x = randn(5, 6).requires_grad_(inputRequiresGrad);
            var middle = checkpoint ? ActivationCheckpoint.Run(block.call, x) : block.call(x);
            var y = head.call(functional.dropout(middle, 0.3, training: true));
            functional.cross_entropy(y, tensor([0L, 1L, 2L, 0L, 1L])).backward();
            var after = rand(1); // backward leaves the generator where it was
            List<Tensor> leaves = [.. block.parameters(), .. head.parameters()];
            if (inputRequiresGrad)
                leaves.Add(x);
            return ([.. y.data<float>(), .. after.data<float>()], [.. leaves.Select(leaf => leaf.grad!.data<float>().ToArray())]);
        }
        var (plain, checkpointed) = (Train(false), Train(true));
        Assert.Equal(plain.Output, checkpointed.Output);
        Assert.Equal(plain.Gradients, checkpointed.Gradients);
    }

    [Fact]
    public void Several_inputs_and_outputs_nest_and_backward_may_come_twice_where_the_graph_is_kept()
    {
        using var scope = NewDisposeScope();
        Tensor[] Function(Tensor[] t)
        {
            var inner = ActivationCheckpoint.Run(v => (v * v).exp(), t[0]);
            return [inner * t[1], t[1].sin(), t[2].argmax(0L), t[2]];
        }
        List<float[]> Compute(bool checkpoint)
        {
            var leaves = new[] { tensor([0.5f, -0.25f]), tensor([1f, 2f]), tensor([3f, 1f]) };
            foreach (var leaf in leaves)
                leaf.requires_grad_();
            var inputs = leaves.Select(leaf => leaf * 2).ToArray();
            var y = checkpoint ? ActivationCheckpoint.Run(Function, inputs) : Function(inputs);
            Assert.Equal(int64, y[2].dtype);
            Assert.False(y[2].requires_grad);
            var loss = (y[0] * y[1]).sum() + y[3].prod();
            loss.backward(retain_graph: true);
            loss.backward();
            Assert.ThrowsAny<Exception>(() => loss.backward());
            return [.. leaves.Select(leaf => leaf.grad!.data<float>().ToArray())];
        }
        Assert.Equal(Compute(false), Compute(true));
    }

    [Fact]
    public void Only_the_inputs_are_kept_until_backward()
    {
        using var scope = NewDisposeScope();
        var x = ones(1000, requires_grad: true);
        var before = Runtime.LiveTensors;
        var y = ActivationCheckpoint.Run(v => v.exp().sin().exp().cos(), x);
        Assert.Equal(before + 1, Runtime.LiveTensors);
        y.sum().backward();
        Assert.NotNull(x.grad);
    }

    [Fact]
    public void Autocast_is_in_the_second_call_what_it_was_in_the_first()
    {
        using var scope = NewDisposeScope();
        List<ScalarType> seen = [];
        var layer = Linear(4, 4);
        Tensor loss;
        using (new Autocast(DeviceType.CPU))
            loss = ActivationCheckpoint.Run(v =>
            {
                var y = layer.call(v);
                seen.Add(y.dtype);
                return y;
            }, randn(2, 4)).to(float32).sum();
        loss.backward();
        Assert.Equal([ScalarType.BFloat16, ScalarType.BFloat16], seen);
        Assert.False(Autocast.IsEnabled(DeviceType.CPU));
    }

    [Fact]
    public void An_exception_in_the_second_call_comes_out_of_backward_and_the_process_lives()
    {
        using var scope = NewDisposeScope();
        var calls = 0;
        var x = ones(2, requires_grad: true);
        var y = ActivationCheckpoint.Run(v => ++calls == 1 ? v * 2 : throw new InvalidOperationException("no second time"), x);
        var error = Assert.Throws<ExternalException>(() => y.sum().backward());
        Assert.Contains("InvalidOperationException: no second time", error.Message, StringComparison.Ordinal);
        Assert.Contains("Tensor.backward", error.Message, StringComparison.Ordinal);
        Assert.Null(x.grad);
        Assert.True(is_grad_enabled());

        calls = 0;
        var other = ActivationCheckpoint.Run(t => ++calls == 1 ? [t[0] * 2] : [t[0], t[0]], [x])[0];
        Assert.Contains("gave 2 tensors in backward, 1 before", Assert.Throws<ExternalException>(() => other.sum().backward()).Message, StringComparison.Ordinal);
        calls = 0;
        var wrong = ActivationCheckpoint.Run(v => ++calls == 1 ? v * 2 : (v * 2).matmul(ones(3, 3)), x);
        Assert.Contains("repro::matmul", Assert.Throws<ExternalException>(() => wrong.sum().backward()).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => ActivationCheckpoint.Run(_ => throw new InvalidOperationException("at once"), x));
    }

    [Fact]
    public void What_a_checkpoint_cannot_do_is_refused()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        Tensor Loss() => ActivationCheckpoint.Run(v => v * v, x).sum();
        Assert.Contains("not in autograd.grad()", Assert.Throws<ExternalException>(() => autograd.grad([Loss()], [x])).Message, StringComparison.Ordinal);
        Assert.Contains("no second derivatives", Assert.Throws<ExternalException>(() => Loss().backward(create_graph: true)).Message, StringComparison.Ordinal);
        var changed = x * 1;
        var loss = ActivationCheckpoint.Run(v => v * v, changed).sum();
        changed.add_(1);
        Assert.Contains("modified by an inplace operation", Assert.Throws<ExternalException>(() => loss.backward()).Message, StringComparison.Ordinal);
        var once = Loss();
        once.backward();
        Assert.Contains("a second time", Assert.Throws<ExternalException>(() => once.backward()).Message, StringComparison.Ordinal);
        using (no_grad())
            Assert.False(ActivationCheckpoint.Run(v => v * v, x).requires_grad);
    }

    [Fact]
    public void The_function_is_let_go_after_backward()
    {
        using var scope = NewDisposeScope();
        var x = ones(2, requires_grad: true);
        var (loss, function) = Make(x);
        loss.backward();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(function.IsAlive);

        static (Tensor, WeakReference) Make(Tensor x)
        {
            var factor = new object();
            Func<Tensor, Tensor> function = v => factor is null ? v : v * 2;
            return (ActivationCheckpoint.Run(function, x).sum(), new WeakReference(function));
        }
    }
}
