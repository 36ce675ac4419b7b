using System.Diagnostics;
using Repro.Studies.Randomness;

namespace Repro.Shared;

/// <summary>What a round did.</summary>
/// <param name="Blows">What was done, in words, in order.</param>
/// <param name="Recoveries">Seconds from a blow to the first step that was trained after it on what it hit; blows that were followed by another one before that are left out.</param>
/// <param name="Wrong">What the sweep has lost, doubled or changed; empty where nothing.</param>
internal sealed record ChaosOutcome(IReadOnlyList<string> Blows, IReadOnlyList<double> Recoveries, int Attempts, int Continued, IReadOnlyList<string> Wrong);

/// <summary>
/// One sweep, disturbed at random moments until a number of blows has fallen, then left alone until it is done: workers, hosts, both and the database
/// server are killed, hosts are frozen until their lease has ended. Equal seeds choose equal blows; when they fall is the machine's affair too.
/// </summary>
internal sealed class ChaosRound : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ForTraining = TimeSpan.FromSeconds(20);

    private readonly LiveSweep _sweep;
    private readonly PostgresServer? _server;
    private readonly List<SweepProcess> _hosts = [];
    private readonly List<SweepProcess> _gone = [];
    private readonly List<string> _blows = [];
    private readonly List<(SweepProcess Host, long At, string? Slot)> _hit = [];
    private Philox _chance;

    private ChaosRound(LiveSweep sweep, PostgresServer? server, ulong seed, int round) => (_sweep, _server, _chance) = (sweep, server, new Philox(seed, RandomPurpose.Checks, round));

    /// <param name="server">Where the sweep's database is; null is SQLite.</param>
    /// <exception cref="InvalidOperationException">A host ended as nothing that was done to it explains, or the sweep makes no progress.</exception>
    public static ChaosOutcome Run(LiveSweep sweep, ChaosRecord undisturbed, PostgresServer? server, ulong seed, int round)
    {
        using var chaos = new ChaosRound(sweep, server, seed, round);
        chaos.Disturb();
        var wrong = chaos.Leftovers().ToList();
        var record = sweep.Record();
        wrong.AddRange(record.DifferencesFrom(undisturbed));
        return new ChaosOutcome(chaos._blows, chaos.Recoveries(), record.Attempts, record.Continued, wrong);
    }

    /// <summary>The sweep with no disturbance.</summary>
    /// <exception cref="InvalidOperationException">Even so it does not complete.</exception>
    public static ChaosRecord Undisturbed(LiveSweep sweep)
    {
        using var host = sweep.Start();
        if (!host.WaitForEnd(Patience) || host.ExitCode != 0) throw new InvalidOperationException($"A sweep that nothing disturbs does not complete. It said: {(host.HasEnded ? host.Errors : "nothing, and works on")}");
        return sweep.Record();
    }

    public void Dispose()
    {
        foreach (var process in SweepProcess.Marked(_sweep.Mark).Keys) SweepProcess.KillNow(process);
        foreach (var host in _hosts.Concat(_gone)) host.Dispose();
    }

    private void Disturb()
    {
        var planned = 2 + _chance.NextInt32(3);
        for (var i = 0; i < (_sweep.IsShared ? 2 : 1); i++) _hosts.Add(_sweep.Start());
        while (!_sweep.IsDone())
        {
            var host = _hosts[_chance.NextInt32(_hosts.Count)];
            if (_blows.Count < planned)
            {
                if (!EndsBefore(host)) Strike(host);
            }
            else if (!host.WaitForEnd(Patience))
            {
                throw new InvalidOperationException($"The sweep makes no progress. {Story()}");
            }
            Replace();
        }
        // Who learns late that nothing is left ends late; or the host was killed after the last word of the last run.
        foreach (var host in _hosts)
        {
            if (!host.WaitForEnd(Patience)) throw new InvalidOperationException($"A host goes on although nothing is left. {Story()}");
        }
    }

    /// <summary>Waits for a moment of chance: three in four of them while steps are taken, the others from the start on.</summary>
    /// <returns>Whether the host ended before.</returns>
    private bool EndsBefore(SweepProcess host)
    {
        if (_chance.NextInt32(4) > 0) host.WaitFor(line => line.Trains, host.Lines.Count, ForTraining);
        return host.WaitForEnd(TimeSpan.FromMilliseconds(_chance.NextInt32(900)));
    }

    private void Strike(SweepProcess host)
    {
        var workers = host.Workers(_sweep.Mark);
        var kind = _chance.NextInt32(_sweep.IsShared ? 6 : 3);
        var number = _chance.NextInt32(1000);
        switch (kind)
        {
            case 0 when workers.Count > 0:
                var worker = workers[number % workers.Count];
                var slot = host.Lines.LastOrDefault(line => line.Event == "run_began" && (int?)line.Json["process"] == worker)?.Slot;
                Hit(host, slot, $"killed a worker{(slot is null ? "" : $" on {slot}")}");
                SweepProcess.KillNow(worker);
                break;
            case 1:
                Hit(host, null, "killed a host with its workers");
                foreach (var one in workers) SweepProcess.KillNow(one);
                host.KillNow();
                break;
            case 3:
                Hit(host, null, "killed the database server");
                _server!.Kill();
                host.WaitForEnd(TimeSpan.FromMilliseconds(number));
                _server.Restart();
                break;
            case 4:
                Hit(host, null, "froze a host until its lease had ended");
                host.Freeze();
                host.WaitForEnd(_sweep.Lease + TimeSpan.FromMilliseconds(number));
                host.Thaw();
                break;
            case 5:
                Hit(host, null, "killed everything but the server");
                foreach (var one in SweepProcess.Marked(_sweep.Mark).Keys) SweepProcess.KillNow(one);
                break;
            default:
                Hit(host, null, "killed a host");
                host.KillNow();
                break;
        }
        // A killed process is not gone at once.
        if (kind is not (0 or 3 or 4) || workers.Count == 0 && kind == 0) host.WaitForEnd(Patience);
        if (kind == 5) foreach (var other in _hosts) other.WaitForEnd(Patience);
    }

    private void Hit(SweepProcess host, string? slot, string blow)
    {
        _blows.Add(blow);
        _hit.Add((host, Stopwatch.GetTimestamp(), slot));
    }

    /// <summary>Starts another host in the place of each that has ended, unless nothing is left to do.</summary>
    private void Replace()
    {
        for (var i = 0; i < _hosts.Count; i++)
        {
            var host = _hosts[i];
            if (!host.HasEnded || _sweep.IsDone()) continue;
            var killed = host.ExitCode == 137;
            // A host that begins while the server is away says so and ends; one whose workers were killed again and again gives its slots up, and says so.
            var explained = killed || (host.ExitCode == 1 && _blows.Any(blow => blow.Contains("server", StringComparison.Ordinal) || blow.Contains("worker", StringComparison.Ordinal)));
            if (!explained) throw new InvalidOperationException($"A host ended with exit code {host.ExitCode} and work left. It said: {host.Errors}\n{Story()}");
            if (_gone.Count > 50) throw new InvalidOperationException($"50 hosts have ended, and the sweep is not done. The last said: {host.Errors}\n{Story()}");
            _gone.Add(host);
            _hosts[i] = _sweep.Start();
            for (var j = 0; j < _hit.Count; j++) if (_hit[j].Host == host && killed && _hit[j].Slot is null) _hit[j] = _hit[j] with { Host = _hosts[i] };
        }
    }

    private IEnumerable<string> Leftovers()
    {
        foreach (var (id, command) in SweepProcess.Marked(_sweep.Mark))
        {
            Process process;
            try
            {
                process = Process.GetProcessById(id);
            }
            catch (ArgumentException)
            {
                continue;
            }
            // A worker whose host was killed ends by itself, when it finds its input closed.
            using (process) if (!process.WaitForExit(TimeSpan.FromSeconds(20))) yield return $"A process is left over: {command} ({id}).";
        }
    }

    private List<double> Recoveries()
    {
        var seconds = new List<double>();
        for (var i = 0; i < _hit.Count; i++)
        {
            var (host, at, slot) = _hit[i];
            var next = i + 1 < _hit.Count ? _hit[i + 1].At : long.MaxValue;
            var lines = host.Lines;
            // What was trained before the blow may still have been on its way: only a run that began after it counts.
            var began = lines.FirstOrDefault(line => line.At > at && line.Event == "run_began" && (slot is null || line.Slot == slot));
            if (began is null || lines.FirstOrDefault(line => line.At > began.At && line.Trains && line.Slot == began.Slot) is not { } trains || trains.At > next) continue;
            seconds.Add(Stopwatch.GetElapsedTime(at, trains.At).TotalSeconds);
        }
        return seconds;
    }

    private string Story() => $"Blows so far: {string.Join("; ", _blows)}.";
}
