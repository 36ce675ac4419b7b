using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>
/// The mean of the parameters at the last steps of a kind: "we used a single model obtained by averaging the last 5 checkpoints" (section 6.1). As the last step is known, so
/// are they all, and a running mean is kept instead of the snapshots.
/// </summary>
internal sealed class ParameterAverage : IDisposable
{
    /// <summary>Name of a parameter's mean in a checkpoint, before the parameter's own.</summary>
    public const string Prefix = "average.";

    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly Tensor[] _means;
    private readonly Tensor _steps = zeros(1, ScalarType.Int64);
    private readonly long _last, _every, _count;

    /// <param name="last">Steps of the run.</param>
    /// <param name="every">Steps between snapshots.</param>
    /// <param name="count">Snapshots, the last of them after the last step; fewer where the run is too short for them.</param>
    public ParameterAverage(nn.Module model, long last, long every, int count)
    {
        _parameters = [.. model.named_parameters()];
        _means = [.. _parameters.Select(named => zeros_like(named.Parameter, requires_grad: false).DetachFromDisposeScope())];
        _steps.DetachFromDisposeScope();
        (_last, _every, _count) = (last, every, Math.Min(count, 1 + ((last - 1) / every)));
    }

    /// <summary>What a checkpoint must hold: steps taken, and the means.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State =>
        [("average_steps", _steps), .. _parameters.Zip(_means, (named, mean) => (Prefix + named.Name, mean))];

    /// <summary>After each step of the optimizer.</summary>
    public void Step()
    {
        using var without = no_grad();
        _steps.add_(1);
        var left = _last - _steps.item<long>();
        if (left < 0 || left % _every != 0 || left / _every >= _count) return;
        double before = _count - 1 - (left / _every);               // snapshots in the mean so far
        Acceleration.UpdateAverages(_means, [.. _parameters.Select(named => (Tensor)named.Parameter)], before / (before + 1));
    }

    /// <summary>Puts the mean into the model, where a snapshot has been taken.</summary>
    public void Put()
    {
        using var without = no_grad();
        if (_steps.item<long>() < _last) return;
        for (var i = 0; i < _means.Length; i++) _parameters[i].Parameter.copy_(_means[i]);
    }

    public void Dispose()
    {
        _steps.Dispose();
        foreach (var mean in _means) mean.Dispose();
    }
}
