using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Repro.Training.Loop;

/// <summary>
/// Finds where a NaN or an infinity was born. Forward: the first operator that gave a NaN, and the first layer whose output was not finite though its
/// input was. Backward: the engine's anomaly mode, which names the operator. Every value is looked at, so training is several times slower.
/// </summary>
internal sealed class AnomalyWatch : IDisposable
{
    private readonly OperatorWatch _operators = new();
    private readonly IDisposable[] _watches;
    private (string Name, bool InputWasFinite)? _layer;

    public AnomalyWatch(nn.Module model) => _watches = [_operators, LayerHooks.Add(model, Look), autograd.detect_anomaly()];

    /// <summary>Forgets what was seen: a new step begins.</summary>
    public void Begin()
    {
        _operators.Take();
        _layer = null;
    }

    /// <summary>Where the first one of this step was born, as a sentence.</summary>
    public string Explain()
    {
        var first = _operators.Take() switch
        {
            { WasInArguments: true } seen => $"The operator {seen.Operator} was the first to show a NaN, but its arguments held it already: it came with the data or a parameter",
            { WasInArguments: null } seen => $"The first NaN was born in or before the operator {seen.Operator}, which works in place",
            { } seen => $"The first NaN was born in the operator {seen.Operator}",
            null => "The first infinity or NaN was born",
        };
        var where = _layer switch
        {
            null => "outside the layers, whose outputs were all finite",
            (var name, true) => $"in layer '{name}', whose input was finite",
            (var name, false) => $"before layer '{name}', whose input had it already",
        };
        return $"{first}, {where}.";
    }

    /// <summary>Runs the backward pass.</summary>
    /// <exception cref="DivergedException">An operator's gradient became NaN; names it.</exception>
    public static void Backward(Tensor loss, long step)
    {
        try
        {
            loss.backward();
        }
        catch (ExternalException e) when (e.Message.Contains("returned nan values", StringComparison.Ordinal))
        {
            throw new DivergedException($"A NaN was born in the backward pass of step {step}: {e.Message.Split('\n')[0].TrimEnd('.')}.");
        }
    }

    public void Dispose()
    {
        foreach (var watch in _watches) watch.Dispose();
    }

    private void Look(string layer, Tensor input, Tensor output)
    {
        if (_layer is null && !IsFinite(output)) _layer = (layer, IsFinite(input));
    }

    private static bool IsFinite(Tensor tensor)
    {
        using var gradients = no_grad();
        using var scope = NewDisposeScope();
        return (bool)tensor.isfinite().all();
    }
}
