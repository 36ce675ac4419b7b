using System.Diagnostics;
using Repro.Results.Stores;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;
using Repro.Workers.FakeWorker;
using Xunit.Abstractions;

namespace Repro.Workers.Tests.Hosts;

/// <summary>A host that is a process of its own, with workers that are processes of their own, killed with SIGKILL until nothing is left to do.</summary>
public sealed class KilledHostTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Whatever_kills_the_host_every_planned_trial_completes_once_with_every_value_once(ulong seed)
    {
        output.WriteLine($"kill points from seed {seed}");
        var chance = new Philox(seed, RandomPurpose.Checks);
        var (store, sweep) = (Path.Combine(_folder, "sweeps.db"), Path.Combine(_folder, "sweep"));
        var kills = 0;
        while (!Finished(store, sweep, ref chance, ref kills)) Assert.True(kills < 200, "The sweep makes no progress.");

        using var opened = new SqliteStore(store);
        var log = opened.Read("sweep");
        var state = new SweepState();
        foreach (var happened in log) state.Apply(happened);
        output.WriteLine($"{kills} kills, {log.OfType<RunStarted>().Count()} attempts");
        Assert.True(kills >= 3, $"{kills} kills");
        Assert.Equal(6, log.OfType<TrialPlanned>().Count());
        Assert.Equal(6, log.OfType<RunCompleted>().Select(completed => completed.Run).Distinct().Count());
        Assert.Equal(6, log.OfType<RunCompleted>().Count());
        Assert.All(log.OfType<RunFailed>(), failed => Assert.True(failed.Class is FailureClass.Lost or FailureClass.Crash, failed.Message));
        foreach (var trial in state.Trials)
        {
            Assert.Equal(RunState.Completed, trial.State);
            var options = FakeOptions.Of(Studies.SearchSpaces.Configuration.Parse(FakeHost.KilledSweep).Settings.Concat(trial.Configuration.Settings).ToDictionary());
            var points = opened.Metrics("sweep", trial.Runs[0].Key);
            Assert.Equal(LocalHostTests.Undisturbed(trial.Runs[0].Seed, options).OrderBy(pair => pair.Key), points.Where(point => point.Name == "loss").Select(point => KeyValuePair.Create(point.Step, point.Value)));
            Assert.Equal(40, points.Count(point => point.Name == "loss_2"));
        }
        Assert.Contains(log.OfType<RunStarted>(), started => started.From is > 0);
    }

    /// <summary>Starts a host, and kills it or one of its workers at the event that chance says.</summary>
    private bool Finished(string store, string sweep, ref Philox chance, ref int kills)
    {
        using var host = Process.Start(new ProcessStartInfo(FakeHost.Dotnet, [FakeHost.Program, "host", store, "sweep", sweep]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = host.StandardError.ReadToEndAsync();
        var events = 3 + chance.NextInt32(40);
        var (busy, deaf, saved) = (new HashSet<string>(), new HashSet<string>(), new HashSet<string>());
        int? worker = null;
        while (host.StandardOutput.ReadLine() is { } line)
        {
            var slot = Value(line, "Slot");
            if (line.StartsWith("RunTaken", StringComparison.Ordinal)) busy.Add(slot);
            if (line.StartsWith("RunBegan", StringComparison.Ordinal)) worker = int.Parse(Value(line, "Process"));
            if (line.StartsWith("HostSaid", StringComparison.Ordinal) && Value(line, "Text") == "deaf") deaf.Add(slot);
            if (line.StartsWith("RunSaved", StringComparison.Ordinal)) saved.Add(slot);
            if (line.StartsWith("RunEnded", StringComparison.Ordinal))
            {
                foreach (var slots in new[] { busy, deaf, saved }) slots.Remove(slot);
            }
            // Every first attempt hears nothing any more at its twentieth step, so that there are runs to go on with: from a checkpoint, once one is durable.
            var stuck = busy.Count > 0 && busy.SetEquals(deaf) && busy.IsSubsetOf(saved);
            if (!stuck && (line.StartsWith("RunProgressed", StringComparison.Ordinal) || --events != 0)) continue;
            kills++;
            var killsWorker = !stuck && worker is not null && chance.NextInt32(3) == 0;
            output.WriteLine($"killing {(killsWorker ? "a worker" : "the host")} at: {line}");
            if (killsWorker) Kill(worker!.Value);
            else host.Kill();
            events = 3 + chance.NextInt32(40);
        }
        host.WaitForExit();
        if (host.ExitCode is 0 or 137) return host.ExitCode == 0;
        Assert.Fail($"The host ended with {host.ExitCode}: {error.GetAwaiter().GetResult()}");
        return false;
    }

    /// <summary>The text of a member of an event, as records write themselves.</summary>
    private static string Value(string line, string name)
    {
        var begin = line.IndexOf($"{name} = ", StringComparison.Ordinal);
        return begin < 0 ? "" : line[(begin + name.Length + 3)..].Split(',', '}')[0].Trim();
    }

    private static void Kill(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            process.Kill();
        }
        catch (ArgumentException)
        {
            // It has just ended by itself.
        }
    }
}
