using Repro.Training.Killable;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Training.Tests;

/// <summary>An optimizer that a paper brings itself: <see cref="Lion"/>, which the engine's assembly knows nothing of.</summary>
[Collection(EngineTests.Name)]
public sealed class OwnOptimizerTests
{
    [Fact]
    public void It_steps_as_written_down_by_hand()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(tensor([1.0, -2.0, 3.0]));
        using var lion = new Lion([parameter], 0.1, beta1: 0.5, beta2: 0.75, weightDecay: 0.5);
        parameter.grad = tensor([4.0, -4.0, 0.0]);
        lion.step();
        // Momentum was 0: the sign is the gradient's; every value shrinks by 1 - 0.1 * 0.5 first.
        Assert.Equal([0.95 - 0.1, -1.9 + 0.1, 2.85], parameter.detach().data<double>().ToArray(), Near);
        // Momentum is now (1, -1, 0); half of it and half of the gradient decide.
        parameter.grad = tensor([-0.5, 3.0, -1.0]);
        lion.step();
        Assert.Equal([(0.85 * 0.95) - 0.1, (-1.8 * 0.95) - 0.1, (2.85 * 0.95) + 0.1], parameter.detach().data<double>().ToArray(), Near);
    }

    [Fact]
    public void Its_saved_state_goes_on_with_the_same_bits()
    {
        using var scope = NewDisposeScope();
        var parameter = new Parameter(randn(50));
        using var lion = new Lion([parameter], 0.1, weightDecay: 0.1);
        for (var i = 0; i < 3; i++) Step(lion, parameter);
        var copy = new Parameter(parameter.detach().clone());
        using var other = new Lion([copy], 0.7);
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, System.Text.Encoding.UTF8, leaveOpen: true)) lion.save_state_dict(writer);
        stream.Position = 0;
        using (var reader = new BinaryReader(stream)) other.load_state_dict(reader);
        Assert.True(other.state_dict().State.Single().ApproximatelyEquals(lion.state_dict().State.Single()));
        for (var i = 0; i < 3; i++)
        {
            Step(lion, parameter);
            Step(other, copy);
        }
        Assert.True(copy.Equals(parameter));
    }

    [Fact]
    public void Its_tensors_are_freed_with_it()
    {
        var before = Tensor.TotalCount;
        using (var parameter = new Parameter(randn(50)))
        {
            var lion = new Lion([parameter], 0.1);
            Step(lion, parameter);
            lion.Dispose();
        }
        Assert.Equal(before + TensorCount.TooHighBy(parameters: 1), Tensor.TotalCount);
    }

    private static readonly IEqualityComparer<double> Near = EqualityComparer<double>.Create((a, b) => Math.Abs(a - b) < 1e-12);

    private static void Step(Lion lion, Parameter parameter)
    {
        using var scope = NewDisposeScope();
        lion.zero_grad();
        (parameter.sin() + parameter.pow(2)).sum().backward();
        lion.step();
    }
}
