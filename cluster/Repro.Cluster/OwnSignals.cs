using Microsoft.Extensions.Hosting;

namespace Repro.Cluster;

/// <summary>Signals are the command's own: what it hosts ends when the command says so.</summary>
internal sealed class OwnSignals : IHostLifetime
{
    public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
