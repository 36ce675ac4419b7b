namespace Repro.Studies.Scheduling;

/// <summary>The cluster's membership as one read of it told. Says which runs are lost, and so may be taken over.</summary>
/// <remarks>
/// Nothing is lost because a view is old: a host that is neither among the living nor the dead may have joined since. Fencing makes a wrong answer harmless but
/// not cheap: the run begins again at its checkpoint.
/// </remarks>
/// <param name="Alive">Hosts, as <see cref="Sweeps.RunStarted.Host"/> names them, that join, work or leave.</param>
/// <param name="Dead">Hosts that were declared dead or have left. None of them comes back under its name.</param>
/// <param name="ReadAt">When the read began, by the clock of who decides.</param>
public sealed record Membership(IReadOnlySet<string> Alive, IReadOnlySet<string> Dead, DateTimeOffset ReadAt)
{
    /// <summary>By how much the clocks of those who wrote a run's start and who read the membership may differ.</summary>
    public static readonly TimeSpan ClockDifference = TimeSpan.FromSeconds(30);

    /// <summary>Whether a run that a host trains is lost: the host is known dead, or nobody knows it any more though it had joined before the read.</summary>
    /// <param name="started">When the attempt started; its host had joined by then.</param>
    public bool HasLost(string host, DateTimeOffset started) => !Alive.Contains(host) && (Dead.Contains(host) || started + ClockDifference < ReadAt);
}
