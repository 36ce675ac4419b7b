using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
#if ORLEANS_DASHBOARD
using Orleans.Dashboard;
#endif
using Orleans.Hosting;
using Orleans.Runtime;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Cluster.Silos;

/// <summary>How a silo ended.</summary>
public enum SiloOutcome
{
    /// <summary>It was told to, and has handed over its runs.</summary>
    Left,

    /// <summary>It was told to, and some of its runs did not write their checkpoints in time: they go on from older ones.</summary>
    CutOff,

    /// <summary>Every slot of it failed everything it was given, of two sweeps at least: there is something wrong with the machine.</summary>
    GivenUp,

    /// <summary>The others had declared it dead: its workers are ended, and the process is to begin anew.</summary>
    Died,
}

/// <summary>A machine's part in a cluster, from its joining to its end.</summary>
public static class SiloHost
{
    private static readonly TimeSpan LongestGoodbye = TimeSpan.FromSeconds(10);

    /// <summary>Joins, works, and leaves.</summary>
    /// <param name="joined">Called with the silo's name in the logs of sweeps once it works.</param>
    /// <param name="stop">Checkpoints what trains, hands it over, and leaves.</param>
    public static async Task<SiloOutcome> Run(SiloSettings settings, Action<string> joined, CancellationToken stop)
    {
        await using var app = Build(settings);
        var (end, log) = (app.Services.GetRequiredService<SiloEnd>(), app.Services.GetRequiredService<SiloLog>());
        using var over = CancellationTokenSource.CreateLinkedTokenSource([stop, end.Leaves, end.Died, app.Lifetime.ApplicationStopping]);
        try
        {
            await Join(app, settings, over.Token);
            log.Works = true;
            joined(app.Services.GetRequiredService<SiloService>().Host);
            await Task.Delay(Timeout.InfiniteTimeSpan, over.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested && !log.Works)
        {
            // Whoever never was a member has nobody to say goodbye to.
            if (!end.Died.IsCancellationRequested) return SiloOutcome.Left;
            throw new StorageException($"The silo was refused before it had joined: the others do not reach it at {settings.Address}:{settings.Port}{(settings.Cluster.Tls is null ? "" : ", or do not take its certificate")}, and have declared it dead. Look at --address and --port{(settings.Cluster.Tls is null ? "" : ", at the certificate's dates and at who signed it")}.");
        }
        catch (Exception error) when (!log.Works && error is not (BadInputException or MissingComponentException or StorageException))
        {
            throw new StorageException($"The silo could not join its cluster: {error.GetBaseException().Message.TrimEnd('.')}. {(settings.Cluster.ConnectionString is null ? $"The first silo of this machine has port {settings.Cluster.FirstPort}; where it does not answer, end it and begin anew." : "Its membership is in the database of the store, and the silos must reach each other at their --address and --port.")}", error);
        }
        log.Works = false;
        if (end.Died.IsCancellationRequested) return await Bury(app);
        // First the runs, which may take their time; what Orleans has to say to the others after that is soon said, or nobody is there to hear it.
        var service = app.Services.GetRequiredService<SiloService>();
        var handed = service.StopAsync(end.Died).WaitAsync(settings.DrainPatience, CancellationToken.None);
        await handed.ContinueWith(_ => { }, TaskScheduler.Default);
        var cutOff = handed.IsFaulted && handed.Exception.InnerException is TimeoutException ? service.CutOff() : 0;
        using var goodbye = CancellationTokenSource.CreateLinkedTokenSource(end.Died);
        goodbye.CancelAfter(LongestGoodbye);
        await app.StopAsync(goodbye.Token);
        // A silo whose slots have ended for a reason that nobody foresaw has failed, and says so.
        if (service.ExecuteTask is { IsFaulted: true } failed) await failed;
        return end.Died.IsCancellationRequested ? SiloOutcome.Died : service.IsGivenUp ? SiloOutcome.GivenUp : cutOff > 0 ? SiloOutcome.CutOff : SiloOutcome.Left;
    }

    private static async Task Join(WebApplication app, SiloSettings settings, CancellationToken stop)
    {
        using var joining = CancellationTokenSource.CreateLinkedTokenSource(stop);
        // Without a database the membership is the first silo's own, and gone with it.
        var burying = settings.Cluster.ConnectionString is null ? Task.CompletedTask : app.Services.GetRequiredService<ForsakenSilos>().Bury(joining.Token);
        try
        {
            await app.StartAsync(stop);
        }
        finally
        {
            await joining.CancelAsync();
            await burying;
        }
    }

    // Its slots end their workers by themselves; Orleans has nothing more to say to anybody.
    private static async Task<SiloOutcome> Bury(WebApplication app)
    {
        if (app.Services.GetRequiredService<SiloService>().ExecuteTask is { } working) await working.ContinueWith(_ => { }, TaskScheduler.Default);
        return SiloOutcome.Died;
    }

    internal static WebApplication Build(SiloSettings settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ApplicationName = "repro", ContentRootPath = AppContext.BaseDirectory });
        var log = new SiloLog();
        log.AddTo(builder.Logging, settings.JsonLogs);
        builder.Services.AddSingleton(log);
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(settings.Web));
        builder.Services.AddSingleton<IHostLifetime, OwnSignals>();
        builder.Services.Configure<HostOptions>(options => options.BackgroundServiceExceptionBehavior = BackgroundServiceExceptionBehavior.StopHost);
        builder.Services.AddSingleton(settings).AddSingleton(settings.Store).AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<SiloEnd>().AddSingleton<IFatalErrorHandler>(services => services.GetRequiredService<SiloEnd>());
        builder.Services.AddSingleton<ForsakenSilos>().AddSingleton<SiloMembership>().AddSingleton<SiloService>();
        builder.UseOrleans(silo =>
        {
            settings.Cluster.Configure(silo, settings);
#if ORLEANS_DASHBOARD
            if (settings.Dashboard) silo.AddDashboard();
#endif
        });
        // After Orleans: it starts when the silo has joined, and ends before the silo leaves.
        builder.Services.AddHostedService(services => services.GetRequiredService<SiloService>());
        var app = builder.Build();
        app.MapGet("/health", (SiloService silo, IClusterMembershipService members, ILocalSiloDetails self) => Health.Of(silo, members, self));
#if ORLEANS_DASHBOARD
        if (settings.Dashboard) app.MapOrleansDashboard("/dashboard");
#endif
        return app;
    }
}
