namespace Repro.Training;

/// <summary>Watches every operator of the forward pass for the first NaN. The TorchSharp package has no way to: there nothing is ever seen.</summary>
internal sealed class OperatorWatch : IDisposable
{
#if TORCHSHARP_PACKAGE
    /// <summary>The first operator since the last look that gave a NaN, and whether its arguments held one already (null: not known); null where none was seen.</summary>
    public (string Operator, bool? WasInArguments)? Take() => Seen;

    private (string, bool?)? Seen { get; }

    public void Dispose()
    {
    }
#else
    private readonly Repro.Torch.NanWatch _watch = new();

    /// <summary>The first operator since the last look that gave a NaN, and whether its arguments held one already (null: not known); null where none was seen.</summary>
    public (string Operator, bool? WasInArguments)? Take()
    {
        var seen = _watch.Operator is { } name ? (name, _watch.WasInArguments) : ((string, bool?)?)null;
        _watch.Reset();
        return seen;
    }

    public void Dispose() => _watch.Dispose();
#endif
}
