using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.TestingHost;
using Repro.Cluster.Grains;
using Repro.Cluster.Silos;
using Repro.Results.Stores;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Tests.Grains;

/// <summary>Two silos of real grains in this process, over one store. Their slots do nothing by themselves: a test beats, asks and reports for them.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    public const string Id = "test";

    private readonly InProcessTestCluster _cluster;
    private readonly DateTimeOffset _started = DateTimeOffset.UtcNow;

    private GrainCluster()
    {
        var builder = new InProcessTestClusterBuilder(2);
        builder.ConfigureSilo((options, silo) =>
        {
            silo.Services.AddSingleton(new SiloSettings
            {
                Name = options.SiloName, Store = Store, Cluster = new ClusterAddress(null, Id, null), Slots = [new Slot("cpu-0", "cpu", null, 1)],
                Prepare = (_, _) => throw new InvalidOperationException("No slot of this silo works."),
            });
            silo.Services.AddSingleton<ISweepStore>(Store).AddSingleton(TimeProvider.System).AddSingleton<SiloEnd>().AddSingleton<SiloMembership>().AddSingleton<SiloService>();
            ClusterAddress.AllowOwnTypes(silo.Services);
            silo.Configure<ClusterMembershipOptions>(options => (options.ProbeTimeout, options.NumMissedProbesLimit, options.EnableIndirectProbes) = (TimeSpan.FromSeconds(1), 2, false));
        });
        builder.ConfigureClient(client => ClusterAddress.AllowOwnTypes(client.Services));
        _cluster = builder.Build();
    }

    public MemoryStore Store { get; } = new(TimeProvider.System);

    public IQueueGrain Queue => _cluster.Client.GetGrain<IQueueGrain>(0);

    public IReadOnlyList<InProcessSiloHandle> Silos => _cluster.Silos;

    public static async Task<GrainCluster> Start()
    {
        var cluster = new GrainCluster();
        await cluster._cluster.DeployAsync();
        return cluster;
    }

    public ISweepGrain Sweep(string name) => _cluster.Client.GetGrain<ISweepGrain>(name);

    public IRunGrain Run(string sweep, RunAttempt run) => _cluster.Client.GetGrain<IRunGrain>(RunGrainKey.Of(sweep, run));

    /// <summary>What a silo's own code has grains by.</summary>
    public IGrainFactory Of(InProcessSiloHandle silo) => _cluster.GetSiloServiceProvider(silo.SiloAddress).GetRequiredService<IGrainFactory>();

    /// <summary>As logs and beats name it.</summary>
    public static string Host(InProcessSiloHandle silo) => HostName.Of(silo.Name, silo.SiloAddress);

    /// <summary>The silo that a grain is on.</summary>
    public InProcessSiloHandle Where(IAddressable grain) =>
        _cluster.TryGetGrainContext(grain.GetGrainId(), out var context) ? _cluster.GetSiloForAddress(context.Address.SiloAddress!)! : throw new InvalidOperationException($"{grain.GetGrainId()} is on no silo.");

    public bool IsOn(InProcessSiloHandle silo, IAddressable grain) => _cluster.TryGetGrainContext(grain.GetGrainId(), out var context) && silo.SiloAddress.Equals(context.Address.SiloAddress);

    /// <summary>A silo beats: one slot, which serves this.</summary>
    public async Task<BeatAnswer> Beat(InProcessSiloHandle silo, string? serves = null, bool drained = false) =>
        (await Queue.Beat(new SiloReport(Host(silo), _started, Labels.None, [new SiloSlot("cpu-0", 0, 1 << 30, Labels.None, serves)]) { Drained = drained })).Value;

    /// <summary>Creates a sweep and gives it to the cluster.</summary>
    public async Task Submit(string sweep, int trials = 4)
    {
        Create(sweep, trials);
        Assert.Null(await Queue.Submit(sweep));
    }

    public void Create(string sweep, int trials = 4) => new Coordinator(Store, sweep, FakeHost.Study(trials: trials), host: null, TimeProvider.System)
        .Decide([decision => decision.Create(7, null), new SweepTerms { Submitted = DateTimeOffset.UtcNow }.WriteTo]);

    /// <summary>The grain loses all that it has in memory; whoever asks next finds a new one.</summary>
    public Task Forget(IAddressable grain) => _cluster.DeactivateAsync(grain);

    public Task Deactivated(IAddressable grain) => _cluster.WaitForDeactivationAsync(grain);

    /// <summary>Asks until it is so; fails after a minute.</summary>
    public static async Task Until(Func<Task<bool>> isSo)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo()) await pace.WaitForNextTickAsync(patience.Token);
    }

    /// <summary>Has a silo leave, in good order.</summary>
    public Task Stop(InProcessSiloHandle silo) => _cluster.StopSiloAsync(silo);

    /// <summary>Ends a silo without a goodbye, and waits until the others know.</summary>
    public async Task Kill(InProcessSiloHandle silo)
    {
        await _cluster.KillSiloAsync(silo);
        await _cluster.WaitForLivenessToStabilizeAsync(didKill: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _cluster.DisposeAsync();
        Store.Dispose();
    }
}
