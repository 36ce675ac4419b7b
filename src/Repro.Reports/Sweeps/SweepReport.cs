using System.Text;
using Repro.Figures;
using Repro.Reports.Documents;
using Repro.Reports.Figures;
using Repro.Reports.Ledgers;
using Repro.Reports.Runs;
using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Sweeps;

/// <summary>
/// The report of one sweep: <c>report.md</c>, one self-contained <c>report.html</c>, the figures, and the study as <c>study.yaml</c>. The same stored sweep
/// gives the same bytes, so a report carries no time of its own making. Says nothing of a paper's claims.
/// </summary>
public static class SweepReport
{
    internal const string StudyName = "study.yaml";

    /// <param name="renderer">Draws the figures; null where nothing here does: the report then says so in their place.</param>
    /// <param name="folder">Where the report goes; figures into <c>figures/</c> below it. Usually the sweep's own folder.</param>
    /// <exception cref="StorageException">The disk refuses the report.</exception>
    public static SweepReportFiles Write(SweepReportInput input, IFigureRenderer? renderer, string folder)
    {
        DocumentFiles.RequireWritable(folder, input.ReportCommand);
        var pictures = new PictureFolder(renderer, folder, $"./repro report {input.Sweep}");
        var study = Path.GetFullPath(Path.Combine(folder, StudyName));
        DurableFile.Write(study, Encoding.UTF8.GetBytes(input.Study.Text));
        var document = new LedgerBook(input.Sweep, section => Origins(input, section)).Fill(Compose(input, pictures));
        var (html, markdown) = DocumentFiles.Write(document, folder);
        pictures.WriteLedger(new LedgerFile(input.Sweep, $"./repro report {input.Sweep}") { TestShown = input.ShowTest, TestElsewhere = input.Elsewhere }, document);
        return new SweepReportFiles(html, markdown, study, pictures.Files);
    }

    /// <summary>The runs that a section's numbers come from; those of all that began where a section is about none in particular.</summary>
    private static List<RunOrigin> Origins(SweepReportInput input, string section)
    {
        Func<TrialStatus, bool> concerns = section switch
        {
            "arms" => trial => trial.Origin == TrialOrigin.Arm,
            "confirmation" => trial => trial == input.State.Confirmation,
            "" or "ended" or "study" or "record" => _ => true,
            _ => trial => input.IsAblation ? trial.Origin == TrialOrigin.Arm : trial.IsSearched,
        };
        return [.. input.State.Trials.Where(concerns).SelectMany(trial => trial.Runs).Where(run => run.Attempt > 0)
            .Select(run => new RunOrigin($"{input.Sweep}/{run.Key}", input.Environments.GetValueOrDefault(run.Key) ?? []))];
    }

    private static Document Compose(SweepReportInput input, PictureFolder pictures)
    {
        var (sections, figures) = (new List<Section>(), new SweepFigures(input));
        Add("arms", "Arms", [.. SweepSections.Arms(input), .. Drawn(figures.Differences())]);
        Add("confirmation", "Confirmation", [.. SweepSections.Confirmation(input), .. Drawn(figures.Confirmation())]);
        Add("search", "The search", Drawn(figures.Search()));
        Add("curves", "Learning curves", Drawn(figures.Curves()));
        Add("hyperparameters", "Objective by hyperparameter", Drawn(figures.Hyperparameters()));
        Add("trials", "Best trials", SweepSections.BestTrials(input));
        Add("ended", "Trials that did not complete", SweepSections.Uncompleted(input));
        Add("study", "Study", SweepSections.Study(input));
        Add("record", "Record", SweepSections.Record(input));
        return new Document(input.Sweep, $"sweep of {input.Study.Experiment}, profile {input.Study.Profile}", SweepSections.FirstScreen(input), sections);

        IEnumerable<Block> Drawn(IEnumerable<FigureOrReason> some) => some.SelectMany(drawn => drawn.Figure is { } figure ? pictures.Draw(figure) : [new Paragraph(drawn.Reason)]);

        void Add(string id, string name, IEnumerable<Block> blocks)
        {
            var list = blocks.ToList();
            if (list.Count > 0) sections.Add(new Section(id, name, list));
        }
    }
}
