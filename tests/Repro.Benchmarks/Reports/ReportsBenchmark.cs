using System.Diagnostics;
using System.Globalization;
using System.Text;
using Repro.Browser;
using Repro.Figures;
using Repro.Reports.Documents;
using Repro.Reports.Sweeps;

namespace Repro.Benchmarks.Reports;

/// <summary>
/// What a report over many trials costs its writer and its reader: that of a generated sweep with its figures, and a page with a row for every trial, a link to
/// each, and the list of all runs below it.
/// </summary>
public sealed class ReportsBenchmark : Benchmark
{
    private const int DefaultTrials = 10_000;

    private const string Unfold = "document.querySelectorAll('details').forEach(folded => folded.open = true); document.querySelector('table').scrollIntoView()";

    private static readonly BenchmarkTarget Written = new(10, OfRatio: false, AtMost: true), Size = new(10, OfRatio: false, AtMost: true), Opened = new(2, OfRatio: false, AtMost: true);

    public override string Name => "reports";

    public override string Title => "writing and opening a report over 10,000 trials, and its size";

    public override string Takes => $"--trials N (1 to 1000000; default {DefaultTrials}) and --output DIR (keeps what it wrote there)";

    public override IEnumerable<BenchmarkRow> Run(IReadOnlyList<string> arguments)
    {
        var (trials, kept) = Arguments(arguments);
        var folder = kept ?? Directory.CreateTempSubdirectory("repro-bench-").FullName;
        try
        {
            if (Chromium.Find() is null) Console.Error.WriteLine($"Without opening times: {Chromium.Missing}");
            var input = GeneratedSweep.Create(trials);
            foreach (var row in Sweep(input, Path.Combine(folder, "sweep"))) yield return row;
            foreach (var row in Rows(input, Path.Combine(folder, "rows"))) yield return row;
        }
        finally
        {
            if (kept is null) Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<BenchmarkRow> Sweep(SweepReportInput input, string folder)
    {
        IFigureRenderer? renderer = null;
        try
        {
            renderer = FigureRenderers.Best();
        }
        catch (FigureException e)
        {
            Console.Error.WriteLine($"Without figures: {e.Message}");
        }
        var begun = Stopwatch.GetTimestamp();
        var html = SweepReport.Write(input, renderer, folder).Html;
        yield return new BenchmarkRow("sweep_report_written", Stopwatch.GetElapsedTime(begun).TotalSeconds, null, "s", Written);
        foreach (var row in Read("sweep_report", html)) yield return row;
    }

    private static IEnumerable<BenchmarkRow> Rows(SweepReportInput input, string folder)
    {
        var file = Path.Combine(folder, "report.html");
        Directory.CreateDirectory(folder);
        var begun = Stopwatch.GetTimestamp();
        var document = EveryTrial(input);
        File.WriteAllText(file, HtmlWriter.Write(document), new UTF8Encoding(false));
        File.WriteAllText(Path.ChangeExtension(file, ".md"), MarkdownWriter.Write(document), new UTF8Encoding(false));
        yield return new BenchmarkRow("every_trial_written", Stopwatch.GetElapsedTime(begun).TotalSeconds, null, "s", Written);
        foreach (var row in Read("every_trial", file)) yield return row;
        if (OpeningTime.Measure(file, Unfold) is { } unfolded) yield return new BenchmarkRow("every_trial_opened_in_sight", unfolded, null, "s", Opened);
    }

    private static IEnumerable<BenchmarkRow> Read(string name, string html)
    {
        yield return new BenchmarkRow(name + "_size", new FileInfo(html).Length / 1e6, null, "MB", Size);
        if (OpeningTime.Measure(html) is { } opened) yield return new BenchmarkRow(name + "_opened", opened, null, "s", Opened);
    }

    private static Document EveryTrial(SweepReportInput input)
    {
        var runs = input.State.Trials.Select(trial => $"{input.Sweep}/{trial.Number}-0").ToList();
        var ledger = new Ledger($"./repro report {input.Sweep}", runs, [new string('0', 40)], new Dictionary<string, string> { ["generated"] = new string('a', 64) }, ["none"]);
        var names = input.State.Trials[0].Configuration.Settings.Select(setting => setting.Key).ToList();
        var rows = input.State.Trials.Select(trial => (IReadOnlyList<Words>)[
            Words.Link(trial.Number.ToString(CultureInfo.InvariantCulture), $"#trial-{trial.Number}"), trial.State.ToString().ToLowerInvariant(), trial.Mean("validation_error")?.ToString("G4", CultureInfo.InvariantCulture) ?? "–",
            .. names.Select(name => Words.FromString(trial.Configuration[name])), trial.Runs[0].Message ?? "–",
        ]).ToList();
        var table = new Table("Every trial", ["trial", "state", "validation error", .. names, "why"], rows)
        {
            Name = "trials", MarkdownRows = 50, Ledger = ledger, RowIds = input.State.Trials.Select(trial => $"trial-{trial.Number}").ToList(),
        };
        return new Document(input.Sweep, "every trial", [], [new Section("trials", "Every trial", [table])]);
    }

    private (int Trials, string? Kept) Arguments(IReadOnlyList<string> arguments)
    {
        var (trials, kept) = (DefaultTrials, (string?)null);
        for (var i = 0; i < arguments.Count; i += 2)
        {
            if (i + 1 == arguments.Count) throw Refusal(arguments);
            if (arguments[i] == "--output") kept = Path.GetFullPath(arguments[i + 1]);
            else if (arguments[i] != "--trials" || !int.TryParse(arguments[i + 1], out trials) || trials is < 1 or > 1_000_000) throw Refusal(arguments);
        }
        return (trials, kept);
    }
}
