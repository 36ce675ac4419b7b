using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;

namespace Repro.Cli.Cluster;

/// <summary>Waits for a cluster, and lets nobody look at nothing: after two seconds it says for what and until when.</summary>
internal sealed class Waiting(CommandOutput output, TimeProvider time)
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    /// <param name="asked">Fails by itself when <paramref name="limit"/> is over.</param>
    /// <exception cref="OperationCanceledException">It is waited for no more.</exception>
    public async Task<T> For<T>(Task<T> asked, TimeSpan limit, CancellationToken stop)
    {
        var until = time.GetLocalNow() + limit;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var moment = Task.Delay(Moment, time, over.Token);
        try
        {
            await Task.WhenAny(asked, moment);
            if (moment.IsCompletedSuccessfully && !asked.IsCompleted) Say(until);
            return await asked.WaitAsync(stop);
        }
        catch (Exception ended) when (stop.IsCancellationRequested && ended is not OperationCanceledException)
        {
            // What the end of the waiting broke off.
            throw new OperationCanceledException("The cluster is waited for no more.", ended, stop);
        }
        finally
        {
            await over.CancelAsync();
        }
    }

    /// <inheritdoc cref="For{T}"/>
    public Task For(Task asked, TimeSpan limit, CancellationToken stop) => For(True(asked), limit, stop);

    private void Say(DateTimeOffset until)
    {
        output.Complain($"No silo of the cluster has answered yet; it is waited for until {until.ToString("HH:mm:ss", CultureInfo.InvariantCulture)}. Ctrl-C ends the waiting.");
        output.Event("waiting", new JsonObject { ["until"] = until.ToString("O", CultureInfo.InvariantCulture) });
    }

    private static async Task<bool> True(Task asked)
    {
        await asked;
        return true;
    }
}
