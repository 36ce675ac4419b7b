using Repro.Cli.Judging;
using Repro.Cli.Output;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>
/// What a person names where a run or a sweep may stand. A run goes first: SWEEP/TRIAL for one of a sweep, then the folder of an exported sweep, then runs of
/// <c>repro run</c> by id, beginning, <c>last</c> or folder, then the sweeps of the store, and what is nowhere there is looked for among the committed results: by its whole name, for that
/// is what the commands printed in committed reports say.
/// </summary>
internal sealed class Subject : IDisposable
{
    private Subject(string text) => Text = text;

    /// <summary>As it was named; of what was found among the committed results, the path that means the same.</summary>
    public string Text { get; }

    /// <summary>Whether it was found among the committed results alone.</summary>
    public bool IsCommitted { get; private init; }

    /// <summary>Full path of the folder of a run of its own; null for all else.</summary>
    public string? RunFolder { get; private init; }

    /// <summary>The sweep, or the one that <see cref="Key"/> is a run of.</summary>
    public StoredSweep? Sweep { get; private init; }

    /// <summary>Which run of <see cref="Sweep"/> is meant; null where it is the sweep as a whole.</summary>
    public RunKey? Key { get; private init; }

    public bool IsRun => RunFolder is not null || Key is not null;

    /// <summary>What it is called: the run's id, <c>SWEEP/12-0</c>, or the sweep's name.</summary>
    public string Name => RunFolder is not null ? Path.GetFileName(RunFolder) : Key is { } key ? $"{Sweep!.Name}/{key}" : Sweep!.Name;

    /// <param name="store">As <c>--store</c> was given.</param>
    /// <exception cref="BadInputException">Nothing is meant, or several; lists what there is, nearest first.</exception>
    public static Subject Find(RunsFolder runs, string text, string? store) => Find(runs, text, store, new CommittedExports(PaperFindings.Results));

    /// <param name="committed">Where to look for what is nowhere else.</param>
    internal static Subject Find(RunsFolder runs, string text, string? store, CommittedExports committed)
    {
        try
        {
            return FindHere(runs, text, store);
        }
        // What is here and was refused, as a beginning of several or a trial that there is not, is not looked for elsewhere.
        catch (BadInputException notHere) when (!string.IsNullOrWhiteSpace(text) && text != "last" && !IsHere(runs, text, store))
        {
            if (committed.Find(text) is not { } export) throw new BadInputException(notHere.Message + committed.Nearest(text), notHere);
            var found = FindHere(runs, export, store);
            return new Subject(export) { RunFolder = found.RunFolder, Sweep = found.Sweep, Key = found.Key, IsCommitted = true };
        }
    }

    /// <summary>Says which committed export is meant, where it is one that was not named by its folder.</summary>
    public void Announce(CommandOutput output, string name)
    {
        if (IsCommitted) output.Say($"{name} is not among the runs and sweeps here; it is committed as {Text}, which is taken.");
    }

    private static Subject FindHere(RunsFolder runs, string text, string? store)
    {
        if (SweepRuns.Locate(runs, text, store) is { } located) return new Subject(text) { Sweep = located.Sweep, Key = located.Run };
        if (SweepFolder.Find(text) is { } export) return new Subject(text) { Sweep = StoredSweep.OfExport(export) };
        BadInputException noRun;
        try
        {
            return new Subject(text) { RunFolder = runs.Find(text) };
        }
        catch (BadInputException e)
        {
            noRun = e;
        }
        var address = SweepStores.Address(store, runs);
        if (!SweepStores.IsThere(address)) throw noRun;
        var opened = SweepStores.Open(address);
        try
        {
            return opened.Sweeps().Count == 0 ? throw noRun : new Subject(text) { Sweep = StoredSweep.Find(opened, text, runs) };
        }
        catch (BadInputException noSweep)
        {
            opened.Dispose();
            throw noSweep == noRun ? noRun : new BadInputException($"{noRun.Message} {noSweep.Message}", noSweep);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private static bool IsHere(RunsFolder runs, string text, string? store)
    {
        if (runs.Ids().Any(id => id.StartsWith(text, StringComparison.OrdinalIgnoreCase))) return true;
        // Of a run of a sweep, the sweep decides.
        var name = text.LastIndexOf('/') is > 0 and var slash ? text[..slash] : text;
        if (name != text && SweepFolder.Find(name) is not null) return true;
        var address = SweepStores.Address(store, runs);
        if (!SweepStores.IsThere(address)) return false;
        using var opened = SweepStores.Open(address);
        return opened.Sweeps().Any(sweep => sweep.StartsWith(name, StringComparison.Ordinal));
    }

    public void Dispose() => Sweep?.Store.Dispose();
}
