using Repro.Cli.Verbs;
using Repro.Cli.Verbs.Sweeps;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;

namespace Repro.Cli.Sweeping;

/// <summary>Finds what a person wants to see: a sweep of the store, or a run of <c>repro run</c>, which is a sweep of one run in a folder of its own.</summary>
internal static class SweepOrRun
{
    /// <summary>The sweep, or the run, that <paramref name="text"/> means. A run's whole id or folder is the run; otherwise sweeps go first. Its store is the caller's to dispose.</summary>
    /// <param name="store">As <c>--store</c> was given.</param>
    /// <exception cref="BadInputException">Neither is meant; lists the sweeps, nearest first.</exception>
    public static StoredSweep Open(Surroundings surroundings, string? store, RunsFolder runs, string text)
    {
        if (File.Exists(Path.Combine(text, "run.json")) || runs.Ids().Contains(text)) return OfRun(surroundings, runs, runs.Find(text));
        var address = SweepStores.Address(store, runs);
        if (!SweepStores.IsThere(address) && runs.Ids().Count > 0) return OfRun(surroundings, runs, runs.Find(text));
        var opened = SweepStores.Open(address);
        try
        {
            return StoredSweep.Find(opened, text, runs);
        }
        catch (BadInputException) when (runs.Ids().Count(id => id.StartsWith(text, StringComparison.OrdinalIgnoreCase)) == 1)
        {
            opened.Dispose();
            return OfRun(surroundings, runs, runs.Find(text));
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    private static StoredSweep OfRun(Surroundings surroundings, RunsFolder runs, string folder)
    {
        var record = RunFolderReader.Read(folder);
        var experiment = ChosenExperiment.Find(surroundings, record.Experiment);
        return StoredSweep.Open(new RunStore(record, StudyChange.ObjectiveOf(experiment)), record.Id, runs);
    }
}
