using System.Net;
using Repro.Studies.Scheduling;
using Repro.Studies.Sweeps;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cluster.Silos;

/// <summary>What makes a machine a silo.</summary>
public sealed record SiloSettings
{
    /// <summary>As people call it; unique among those that live.</summary>
    public required string Name { get; init; }

    public required ISweepStore Store { get; init; }

    public required ClusterAddress Cluster { get; init; }

    public required IReadOnlyList<Slot> Slots { get; init; }

    /// <summary>Of the machine.</summary>
    public Labels Labels { get; init; } = Labels.None;

    /// <summary>Where the others reach it.</summary>
    public IPAddress Address { get; init; } = IPAddress.Loopback;

    /// <summary>For silos.</summary>
    public int Port { get; init; } = ClusterAddress.DefaultPort;

    /// <summary>For clients.</summary>
    public int GatewayPort { get; init; } = ClusterAddress.DefaultGatewayPort;

    /// <summary>Where it answers questions about its health and shows the dashboard; port 0 takes any.</summary>
    public IPEndPoint Web { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>Whether the dashboard is shown there.</summary>
    public bool Dashboard { get; init; }

    /// <summary>Makes a sweep's settings on this machine; see <see cref="SiloSlots"/>.</summary>
    public required Func<Loan, CancellationToken, Task<HostSettings>> Prepare { get; init; }

    public SiloPace Pace { get; init; } = new();

    /// <summary>How long runs have for their checkpoints when the silo leaves.</summary>
    public TimeSpan DrainPatience { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Logs are one JSON object a line; otherwise lines for people.</summary>
    public bool JsonLogs { get; init; }
}
