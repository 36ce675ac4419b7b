using Microsoft.Extensions.Logging;
using Orleans.Runtime;

namespace Repro.Cluster.Silos;

/// <summary>Why and when a silo ends: it is to leave, or the others have declared it dead.</summary>
/// <remarks>
/// Orleans ends the process of a silo that was declared dead: a frozen one that comes back, or one that was cut off. Ours ends its workers first, whose runs are
/// others' by then, and begins anew as another silo.
/// </remarks>
internal sealed class SiloEnd(ILogger<SiloEnd> log) : IFatalErrorHandler, IDisposable
{
    private readonly CancellationTokenSource _died = new(), _leaves = new();

    /// <summary>The silo is no member any more.</summary>
    public CancellationToken Died => _died.Token;

    /// <summary>The silo is to hand over its runs and to end.</summary>
    public CancellationToken Leaves => _leaves.Token;

    public void Leave() => _leaves.Cancel();

    public bool IsUnexpected(Exception exception) => true;

    public void OnFatalException(object? sender, string? context, Exception? exception)
    {
        log.SiloDied(context, exception);
        _died.Cancel();
    }

    public void Dispose()
    {
        _died.Dispose();
        _leaves.Dispose();
    }
}
