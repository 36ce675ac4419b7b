using Repro.Results;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Sweeping;

/// <summary>
/// What a person names where a run or a sweep may stand. A run goes first: SWEEP/TRIAL for one of a sweep, then the folder of an exported sweep, then runs of
/// <c>repro run</c> by id, beginning, <c>last</c> or folder, and then the sweeps of the store.
/// </summary>
internal sealed class Subject : IDisposable
{
    private Subject(string text) => Text = text;

    /// <summary>As it was named.</summary>
    public string Text { get; }

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
    public static Subject Find(RunsFolder runs, string text, string? store)
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

    public void Dispose() => Sweep?.Store.Dispose();
}
