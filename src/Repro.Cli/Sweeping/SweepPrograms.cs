using System.Globalization;
using Repro.Cli.Output;
using Repro.Results;
using Repro.Results.Objects;
using Repro.Results.Provenance;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>Under which programs the attempts of a sweep ran, as far as their folders on this machine tell.</summary>
internal sealed class SweepPrograms
{
    private const int RangesShown = 12;

    // In the order of their first trials.
    private readonly List<(RunEnvironment First, SortedSet<int> Trials)> _programs = [];
    private readonly SortedSet<RunKey> _wentOn = new(RunKey.Order);

    private SweepPrograms(string folder, SweepState state)
    {
        foreach (var run in state.Trials.SelectMany(trial => trial.Runs))
        {
            for (var attempt = 1; attempt <= run.Attempt; attempt++)
            {
                if (AttemptEnvironment.Read(AttemptRecords.FolderOf(folder, run.Key, attempt)) is not { Environment: { Program.Length: > 0 } environment } known)
                {
                    Unknown++;
                    continue;
                }
                if (known.Differences.Contains(RunEnvironment.AnotherProgram)) _wentOn.Add(run.Key);
                var index = _programs.FindIndex(program => program.First.Program == environment.Program);
                if (index >= 0) _programs[index].Trials.Add(run.Key.Trial);
                else _programs.Add((environment, [run.Key.Trial]));
            }
        }
    }

    /// <summary>Attempts whose folder is not here, or does not say.</summary>
    public int Unknown { get; }

    /// <param name="folder">The sweep's.</param>
    public static SweepPrograms Of(string folder, SweepState state) => new(folder, state);

    /// <summary>Each program with its trials; empty where nothing tells of more than one.</summary>
    public IReadOnlyList<string> Listed()
    {
        if (_programs.Count > 1) return [.. _programs.Select(program => $"{Named(program.First)}: {Ranges(program.Trials)}")];
        // The other one's attempts left nothing here.
        return _wentOn.Count == 0 ? [] : [$"{string.Join(", ", _wentOn.Take(RangesShown))}{(_wentOn.Count > RangesShown ? $" and {_wentOn.Count - RangesShown} more" : "")} went on under another program than the one that wrote the checkpoint"];
    }

    /// <summary>What a person who goes on with the sweep should know before; null where every known attempt ran under this program.</summary>
    /// <param name="own">Identity of this program; see <see cref="RunEnvironment.Program"/>.</param>
    public string? Warning(string sweep, string own, GitState sources)
    {
        var others = _programs.Where(program => program.First.Program != own).ToList();
        if (others.Count == 0) return null;
        return $"{sweep} has runs under another program: {string.Join("; ", others.Select(program => $"{Named(program.First)}: {Ranges(program.Trials)}"))}. This one is {Named(own, sources.Commit, sources.Dirty)}. "
            + "What differs between its trials may then be the program's doing; the report says which trained which. To keep the two apart: the same study under another --name.";
    }

    private static string Named(RunEnvironment environment) => Named(environment.Program, environment.Commit, environment.Dirty);

    private static string Named(string program, string? commit, bool dirty) =>
        $"build {Words.Hash(program)}, {(commit is null ? "outside of a git checkout" : $"commit {Words.Hash(commit)}{(dirty ? " with uncommitted changes" : "")}")}";

    private static string Ranges(SortedSet<int> trials)
    {
        var ranges = new List<(int First, int Last)>();
        foreach (var trial in trials)
        {
            if (ranges.Count > 0 && ranges[^1].Last == trial - 1) ranges[^1] = (ranges[^1].First, trial);
            else ranges.Add((trial, trial));
        }
        var shown = ranges.Take(RangesShown).Select(range => range.First == range.Last ? Whole(range.First) : $"{Whole(range.First)}–{Whole(range.Last)}");
        var left = ranges.Skip(RangesShown).Sum(range => range.Last - range.First + 1);
        return $"{(trials.Count == 1 ? "trial" : "trials")} {string.Join(", ", shown)}{(left > 0 ? $" and {Whole(left)} more" : "")}";
    }

    private static string Whole(int number) => number.ToString(CultureInfo.InvariantCulture);
}
