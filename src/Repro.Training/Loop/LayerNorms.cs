using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>
/// How large every layer's activations and gradients are, for <c>--inspect</c>: <c>activation_rms.LAYER</c> is the root mean square of the layer's
/// outputs, <c>gradient_norm.LAYER</c> the 2-norm of the gradient of its own parameters. Layers are the model's innermost modules.
/// </summary>
/// <remarks>Activations are seen through forward hooks, which a layer runs when it is used by <c>call</c>.</remarks>
internal sealed class LayerNorms : IDisposable
{
    private readonly nn.Module _model;
    private readonly IDisposable _hooks;
    private readonly SortedDictionary<string, Tensor> _activations = new(StringComparer.Ordinal);
    private bool _watching;

    public LayerNorms(nn.Module model)
    {
        _model = model;
        _hooks = LayerHooks.Add(model, (name, _, output) =>
        {
            if (!_watching) return;
            using var gradients = no_grad();
            using var scope = NewDisposeScope();
            // A layer used twice in a step keeps its last use.
            if (_activations.Remove(name, out var before)) before.Dispose();
            _activations[name] = output.detach().to(ScalarType.Float32).square().mean().sqrt().DetachFromDisposeScope();
        });
    }

    /// <summary>From here to <see cref="Read"/> activations are measured.</summary>
    public void Watch() => _watching = true;

    /// <summary>What was seen since <see cref="Watch"/>, after the backward pass and before the gradients are cleared; waits for the device.</summary>
    public IReadOnlyList<(string Name, double Value)> Read()
    {
        _watching = false;
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        var values = _activations.Select(pair => ("activation_rms." + pair.Key, (double)pair.Value)).ToList();
        foreach (var layer in _model.named_parameters().GroupBy(named => LayerOf(named.name)).OrderBy(layer => layer.Key, StringComparer.Ordinal))
        {
            var present = layer.Select(named => named.parameter.grad).OfType<Tensor>().ToList();
            if (present.Count > 0) values.Add(("gradient_norm." + layer.Key, (double)Acceleration.Norm(present)));
        }
        Clear();
        return values;
    }

    public void Dispose()
    {
        _hooks.Dispose();
        Clear();
    }

    private void Clear()
    {
        foreach (var activation in _activations.Values) activation.Dispose();
        _activations.Clear();
    }

    private static string LayerOf(string parameter) => parameter.LastIndexOf('.') is var dot and > 0 ? parameter[..dot] : parameter;
}
