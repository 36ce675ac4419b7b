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
using Repro.Studies.Sweeps;
using Repro.Training;

namespace Repro.Cli.Drawing;

/// <summary>Finds the reports that a person means: of a run, a sweep, a run of a sweep, or all of a paper's exported results.</summary>
/// <param name="store">As <c>--store</c> was given.</param>
/// <param name="context">Finds the data sets whose examples are shown.</param>
internal sealed class StoredReports(Surroundings surroundings, CommandOutput output, RunsFolder runs, string? store, SiloRecords records, RunContext context)
{
    /// <summary>
    /// A paper with results and a folder of exports go first, then what <see cref="Subject"/> finds; of what it finds among the committed results, the report is the committed one.
    /// </summary>
    /// <exception cref="BadInputException">There is none; lists what there is, nearest first.</exception>
    public IReadOnlyList<RepeatableReport> Find(string text)
    {
        var exported = new ExportedReports(surroundings, output, runs, context);
        if (ExportedReports.Folder(text) is { } folder && exported.In(folder) is { Count: > 0 } reports) return reports;
        Subject subject;
        try
        {
            subject = Subject.Find(runs, text, store);
        }
        catch (BadInputException e)
        {
            throw new BadInputException($"{e.Message} Papers with results, nearest first: {ExportedReports.Papers(surroundings, text)}.", e);
        }
        using (subject)
        {
            if (subject is { IsCommitted: true, Key: null }) return exported.In(Path.GetFullPath(subject.Text));
            return subject.RunFolder is { } run ? exported.In(run) : [subject.Key is { } key ? OfRun(subject.Sweep!, key) : OfSweep(subject.Sweep!)];
        }
    }

    private RepeatableReport OfRun(StoredSweep sweep, RunKey key)
    {
        if (sweep.Export is { } export) throw new BadInputException($"{sweep.Name}/{key} is a run of an export, which nothing is written to: ./repro import {Words.Shell(export)}, then draw {sweep.Name}/{key}.");
        records.Bring(sweep, key);
        // Read before the store is closed. A figure shows nothing of test: the report does, where it is asked to.
        var run = SweepRuns.Record(surroundings, sweep, key, test: false);
        return new RepeatableReport(run.Id, run.Folder, (renderer, folder) => Write(run, renderer, folder));
    }

    private List<UnmadeSection> Write(RunRecord run, Figures.IFigureRenderer renderer, string folder)
    {
        var unmade = new List<UnmadeSection>();
        var chosen = RunVerb.AsRecorded(ChosenExperiment.Find(surroundings, run.Experiment), run);
        var input = new RunReporting(surroundings, output, "").Input(run, chosen, context with { Seed = run.Seed }, why => unmade.Add(new UnmadeSection("Examples", "examples-", why)));
        RunReport.Write(input, renderer, folder);
        return unmade;
    }

    private RepeatableReport OfSweep(StoredSweep sweep)
    {
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
