using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Repro.Cluster.Grains;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Scheduling;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Clients;

/// <summary>A person's or a program's way into a cluster. While silos die and are found anew its calls are asked again, within its patience.</summary>
public sealed class ClusterClient : IAsyncDisposable
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(200);

    private readonly IHost _host;
    private readonly IClusterClient _client;
    private readonly TimeProvider _time;
    private readonly TimeSpan _patience;

    private ClusterClient(IHost host, TimeSpan patience, TimeProvider time)
    {
        (_host, _client, _patience, _time) = (host, host.Services.GetRequiredService<IClusterClient>(), patience, time);
    }

    private IQueueGrain Queue => _client.GetGrain<IQueueGrain>(0);

    /// <summary>How often a call was asked again since the beginning.</summary>
    public int AskedAgain { get; private set; }

    /// <param name="gatewayPort">Of a silo on this machine; not used where the cluster has a database.</param>
    /// <param name="patience">How long a call is asked again before it fails, and how long a silo is waited for.</param>
    /// <exception cref="BadInputException">No silo answers.</exception>
    public static async Task<ClusterClient> Connect(ClusterAddress address, int gatewayPort, TimeSpan patience, TimeProvider time, CancellationToken stop)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "repro", ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<IHostLifetime, OwnSignals>();
        var since = time.GetTimestamp();
        builder.UseOrleansClient(client =>
        {
            address.Configure(client, gatewayPort);
            client.UseConnectionRetryFilter(async (_, stopping) =>
            {
                if (time.GetElapsedTime(since) > patience) return false;
                await Task.Delay(TimeSpan.FromMilliseconds(200), time, stopping);
                return true;
            });
        });
        var host = builder.Build();
        try
        {
            await host.StartAsync(stop);
        }
        catch (Exception nobody) when (Patience.IsPassing(nobody))
        {
            await Stop(host);
            throw new BadInputException(
                "No silo of the cluster answers. " + (address.Tls is null
                    ? "Start one: ./repro silo, with the same --store and --cluster-id. Where the silos speak TLS, so must this: --tls-certificate, --tls-key and --tls-authority."
                    : "Silos and clients must all show certificates that the same authority has signed (--tls-authority), or none of them speaks TLS."), nobody);
        }
        return new ClusterClient(host, patience, time);
    }

    /// <exception cref="BadInputException">The sweep cannot be taken on; the message says why.</exception>
    public async Task Submit(string sweep, CancellationToken stop)
    {
        if (await Ask(() => Queue.Submit(sweep), stop) is { } complaint) throw new BadInputException(complaint);
    }

    /// <param name="silo">As the status names it, with its address.</param>
    /// <exception cref="BadInputException">There is no such silo.</exception>
    public async Task Drain(string silo, CancellationToken stop)
    {
        if (await Ask(() => Queue.Drain(silo), stop) is { } complaint) throw new BadInputException(complaint);
    }

    /// <summary>Takes a sweep back from the cluster.</summary>
    public Task Withdraw(string sweep, CancellationToken stop) => Ask(() => Queue.Withdraw(sweep), stop);

    public async Task<QueueSnapshot> Status(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(LookEvery, _time);
        for (var since = _time.GetTimestamp(); ; await timer.WaitForNextTickAsync(stop))
        {
            var status = (await Ask(() => Queue.Status(), stop)).Value;
            // Whoever answers is a silo: a queue that knows none has just begun, and hears of them within a beat.
            if (status.Silos.Count > 0 || _time.GetElapsedTime(since) > SlotExchange.EveryoneBeats) return status;
        }
    }

    /// <summary>Has the queue look at its sweeps now, and the silos at attempts that a person may have ended.</summary>
    public Task Look(string sweep, IReadOnlyList<RunAttempt> runs, CancellationToken stop) => Ask(
        async () =>
        {
            await Task.WhenAll(runs.Select(run => _client.GetGrain<IRunGrain>(RunGrainKey.Of(sweep, run)).Look()).Append(Queue.Look()));
            return true;
        },
        stop);

    /// <returns>Null where no silo trains it, or none said so in a moment.</returns>
    public async Task<RunStanding?> Standing(string sweep, RunAttempt run, CancellationToken stop)
    {
        try
        {
            return (await _client.GetGrain<IRunGrain>(RunGrainKey.Of(sweep, run)).Standing().WaitAsync(TimeSpan.FromSeconds(1), _time, stop))?.Value;
        }
        catch (Exception passing) when (Patience.IsPassing(passing))
        {
            return null;
        }
    }

    public async ValueTask DisposeAsync() => await Stop(_host);

    private async Task<T> Ask<T>(Func<Task<T>> call, CancellationToken stop)
    {
        var calls = 0;
        try
        {
            return await Patience.Ask(
                () =>
                {
                    if (calls++ > 0) AskedAgain++;
                    return call();
                },
                _time, stop, _patience);
        }
        catch (Exception nobody) when (Patience.IsPassing(nobody))
        {
            throw new StorageException($"No silo of the cluster has answered for {_patience.TotalSeconds:0} s{(nobody is StorageException store ? $": {store.Message.TrimEnd('.')}" : "")}. What was given to the cluster is in the store, and goes on when a silo is there.", nobody);
        }
    }

    private static async Task Stop(IHost host)
    {
        // A client that has nobody to say goodbye to says it for a second.
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await host.StopAsync(patience.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        if (host is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else host.Dispose();
    }
}
