using Repro.Experiments.Images;
using Repro.Experiments.ResNet;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Engine;

/// <summary>What one operator costs, without autograd.</summary>
internal sealed class Add : IWorkload
{
    public const int Rounds = 10_000;
    private readonly Tensor _a = randn(32, 32), _b = randn(32, 32);

    public void Step()
    {
        using var recording = no_grad();
        for (var i = 0; i < Rounds; i++) (_a + _b).Dispose();
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
    }
}

/// <summary>What one operator costs, recorded and run backward.</summary>
internal sealed class AddBackward : IWorkload
{
    public const int Rounds = 2_000;
    private readonly Tensor _a = randn(32, 32, requires_grad: true), _b = randn(32, 32, requires_grad: true), _seed = ones(32, 32);
    private readonly Tensor[] _seeds;

    public AddBackward() => _seeds = [_seed];

    public void Step()
    {
        for (var i = 0; i < Rounds; i++)
        {
            using var sum = _a + _b;
            sum.backward(_seeds);
            _a.grad = null;
            _b.grad = null;
        }
    }

    public void Dispose()
    {
        _a.Dispose();
        _b.Dispose();
        _seed.Dispose();
    }
}

/// <summary>The whole step of a perceptron, 64-128-10.</summary>
internal sealed class Mlp : IWorkload
{
    public const int Rounds = 100;
    private readonly Sequential _model = Sequential(Linear(64, 128), ReLU(), Linear(128, 10));
    private readonly Tensor _x = randn(32, 64), _y = randint(0, 10, [32]);
    private readonly optim.Optimizer _optimizer;

    public static Work Work => Work.Training(32 * (64 * 128 + 128 * 10), 9_610, first: 32 * 64 * 128);

    public Mlp() => _optimizer = optim.SGD(_model.parameters(), 0.01);

    public void Step()
    {
        for (var i = 0; i < Rounds; i++)
        {
            using var scope = NewDisposeScope();
            _optimizer.zero_grad();
            functional.cross_entropy(_model.call(_x), _y).backward();
            _optimizer.step();
        }
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _x.Dispose();
        _y.Dispose();
    }
}

/// <summary>Adam over the 59 parameter tensors of ResNet-20.</summary>
internal sealed class AdamStep : IWorkload
{
    public const int Rounds = 20;
    private readonly ResNetModel _model = ResNetStep.Model();
    private readonly optim.Optimizer _optimizer;

    /// <summary>A parameter and its two moments are read and written, its gradient is read. It all fits in a large cache, where it may be faster than memory.</summary>
    public static Work Work => new(0, sizeof(float) * 269_722.0 * 7);

    public AdamStep()
    {
        foreach (var parameter in _model.parameters()) parameter.grad = randn_like(parameter);
        _optimizer = optim.Adam(_model.parameters());
    }

    public void Step()
    {
        for (var i = 0; i < Rounds; i++) _optimizer.step();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
    }
}
