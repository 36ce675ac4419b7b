using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Cli.Verifying;
using Repro.Reports.Runs;
using Repro.Reports.Sweeps;
using Repro.Reports.Verification;
using Repro.Results;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Training;

namespace Repro.Cli.Drawing;

/// <summary>Finds the reports that a person means: of a run, a sweep, a run of a sweep, or all of a paper's exported results.</summary>
/// <param name="store">As <c>--store</c> was given.</param>
/// <param name="context">Finds the data sets whose examples are shown.</param>
internal sealed class StoredReports(Surroundings surroundings, CommandOutput output, RunsFolder runs, string? store, SiloRecords records, RunContext context)
{
    /// <summary>
    /// A paper with results and a folder of exports go first, then a run of a sweep, then runs, then sweeps; what none of them has is looked for among the committed
    /// results, so that the command that a committed ledger names works in a fresh checkout.
    /// </summary>
    /// <exception cref="BadInputException">There is none; lists what there is, nearest first.</exception>
    public IReadOnlyList<RepeatableReport> Find(string text)
    {
        var exported = new ExportedReports(surroundings, output, runs, context);
        if (ExportedReports.Folder(text) is { } folder && exported.In(folder) is { Count: > 0 } reports) return reports;
        var reasons = new List<string>();
        if (Try(() => OfRunInSweep(text)) is { } ofSweep) return [ofSweep];
        if (Try(() => exported.In(runs.Find(text))[0]) is { } run) return [run];
        if (Try(() => OfSweep(text)) is { } sweep) return [sweep];
        return exported.Named(text) is { } committed ? [committed] : throw new BadInputException($"{string.Join(' ', reasons)} Papers with results, nearest first: {ExportedReports.Papers(text)}.");

        RepeatableReport? Try(Func<RepeatableReport?> find)
        {
            try
            {
                return find();
            }
            catch (BadInputException e)
            {
                reasons.Add(e.Message);
                return null;
            }
        }
    }

    private RepeatableReport? OfRunInSweep(string text) =>
        SweepRuns.Find(surroundings, runs, text, store, reader: "repro figures", records.Bring) is { } run ? new RepeatableReport(run.Id, run.Folder, (renderer, folder) => Write(run, renderer, folder)) : null;

    private List<UnmadeSection> Write(RunRecord run, Figures.IFigureRenderer renderer, string folder)
    {
        var unmade = new List<UnmadeSection>();
        var chosen = RunVerb.AsRecorded(ChosenExperiment.Find(surroundings, run.Experiment), run);
        var input = new RunReporting(surroundings, output, "").Input(run, chosen, context with { Seed = run.Seed }, why => unmade.Add(new UnmadeSection("Examples", "examples-", why)));
        RunReport.Write(input, renderer, folder);
        return unmade;
    }

    private RepeatableReport? OfSweep(string text)
    {
        var address = SweepStores.Address(store, runs);
        if (!SweepStores.IsThere(address)) return null;
        using var opened = SweepStores.Open(address);
        if (opened.Sweeps().Count == 0) return null;
        var sweep = StoredSweep.Find(opened, text, runs);
        records.BringConditions(sweep, _ => true);
        // Read before the store is closed.
        var input = new SweepReporting(surroundings, output, runs, "").Input(sweep);
        return new RepeatableReport(sweep.Name, sweep.Folder, (renderer, folder) =>
        {
            SweepReport.Write(input, renderer, folder);
            return [];
        });
    }
}
