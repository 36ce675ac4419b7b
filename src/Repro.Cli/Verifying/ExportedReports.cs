using System.Text.RegularExpressions;
using Repro.Cli.Judging;
using Repro.Cli.Output;
using Repro.Cli.Running;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs;
using Repro.Reports.Ledgers;
using Repro.Reports.Papers;
using Repro.Reports.Runs;
using Repro.Reports.Sweeps;
using Repro.Reports.Verification;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Training;

namespace Repro.Cli.Verifying;

/// <summary>Reports of exported runs and sweeps, as they are committed under <c>results/</c>. Whatever is asked of them writes nothing there.</summary>
/// <param name="context">Finds the data sets whose examples are shown.</param>
internal sealed partial class ExportedReports(Surroundings surroundings, CommandOutput output, RunsFolder runs, RunContext context)
{
    /// <summary>Where each paper has a folder of committed evidence.</summary>
    public static string Results => PaperFindings.Results;

    /// <summary>The folder that a person means: a paper's, by its name, or any by its path; null where there is none.</summary>
    public static string? Folder(string paperOrFolder) =>
        paperOrFolder == PaperReporting.Every && Directory.Exists(Results) ? Results
        : !paperOrFolder.Contains('/', StringComparison.Ordinal) && Path.Combine(Results, paperOrFolder) is var paper && Directory.Exists(paper) ? paper
        : Directory.Exists(paperOrFolder) ? Path.TrimEndingDirectorySeparator(Path.GetFullPath(paperOrFolder)) : null;

    /// <summary>The papers that have results, those with names like <paramref name="word"/> first. Folders of no card, as the benchmarks', are no papers.</summary>
    public static string Papers(Surroundings surroundings, string word) =>
        Directory.Exists(Results) && Directory.EnumerateDirectories(Results).Select(folder => Path.GetFileName(folder)).Where(name => PaperReporting.Find(surroundings, name) is not null).Order(StringComparer.Ordinal).ToList() is { Count: > 0 } papers
            ? string.Join(", ", NearestWords.Order(word, papers)) : "none";

    /// <summary>A folder as commands name it: within the checkout where it lies there, and by its full path elsewhere.</summary>
    public static string Shown(string folder) => folder.StartsWith(Results + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetRelativePath(ProgramRoot.Path, folder) : folder;

    /// <summary>
    /// The reports in a folder, ordered by their folders: of the run or sweep that it is, or of all that lie below it, and a paper's own before those of its runs and sweeps. Each can be
    /// made again from what is exported beside it.
    /// </summary>
    public IReadOnlyList<RepeatableReport> In(string folder)
    {
        var reports = new List<RepeatableReport>();
        Find(folder);
        return reports;

        void Find(string place)
        {
            if (PaperOf(place) is { } card) reports.Add(OfPaper(card, place));
            var name = place == folder ? Path.GetFileName(place) : Path.GetRelativePath(folder, place);
            if (place == Results) reports.Add(OfFrontPage());
            if (SweepFolder.Find(place) is { } export) reports.Add(OfSweep(name, place, export));
            else if (RunFolderReader.IsRun(place)) reports.Add(OfRun(name, place));
            else
            {
                // A link may lead round in a circle.
                foreach (var below in Directory.EnumerateDirectories(place).Where(below => !File.GetAttributes(below).HasFlag(FileAttributes.ReparsePoint)).Order(StringComparer.Ordinal)) Find(below);
            }
        }
    }

    /// <summary>Folders that a page beside the reports speaks of and which are not there, or which have a report and nothing that it could be made from; as sentences.</summary>
    public static IEnumerable<Difference> Missing(string folder, IReadOnlyList<RepeatableReport> reports)
    {
        foreach (var page in Directory.EnumerateFiles(folder, "*.md").Order(StringComparer.Ordinal).Where(_ => !IsExport(folder)))
        {
            var links = Link().Matches(File.ReadAllText(page)).Select(match => Uri.UnescapeDataString(match.Groups[1].Value)).Distinct();
            foreach (var link in links.Where(link => !Path.Exists(Path.Combine(folder, link)))) yield return new Difference(Path.GetFileName(page), $"links to {link}, which is not there");
        }
        foreach (var report in Directory.EnumerateFiles(folder, "report.md", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Select(file => Path.GetDirectoryName(file)!).Order(StringComparer.Ordinal))
        {
            if (report != folder && reports.All(known => known.Folder != report))
                yield return new Difference(Path.GetRelativePath(folder, report), "has a report, and neither the run (run.json) nor the sweep (sweep/sweep.json) that it was made from");
        }
    }

    // Only under results/ is a folder a paper's by its name alone; elsewhere it may be any folder of that name.
    private PaperCard? PaperOf(string place) =>
        Path.GetDirectoryName(place) == Results || File.Exists(Path.Combine(place, "report.md")) ? PaperReporting.Find(surroundings, Path.GetFileName(place)) : null;

    private RepeatableReport OfPaper(PaperCard card, string folder) => new(card.Name, folder, (renderer, place) =>
    {
        PaperReport.Write(new PaperReporting(surroundings, output, Path.GetDirectoryName(folder)!).Input(card, _ => { }), renderer, place);
        return [];
    })
    {
        SourceFaults = WithoutHistory,
        IsSource = file => file is "README.md" or PaperReporting.Notes,
    };

    // Verdicts are made of it as they are of runs.
    private static IEnumerable<string> WithoutHistory() => new GitHistory(ProgramRoot.Path).Missing is { } missing ? [missing] : [];

    private RepeatableReport OfFrontPage() => new("README.md", Results, (_, place) =>
    {
        File.WriteAllText(Path.Combine(place, PaperReporting.FrontPage), new PaperReporting(surroundings, output, Results).FrontPageText());
        return [];
    })
    {
        Again = $"./repro report {PaperReporting.Every}",
        HasLedger = false,
        SourceFaults = WithoutHistory,
        IsSource = file => file != PaperReporting.FrontPage,
    };

    private RepeatableReport OfRun(string name, string folder) => new(name, folder, (renderer, place) =>
    {
        var run = RunFolderReader.Read(folder);
        var unmade = new List<UnmadeSection>();
        var experiment = ChosenExperiment.Find(surroundings, run.Experiment);
        var input = new RunReporting(surroundings, output, "").Input(run, RunVerb.AsRecorded(experiment, run), context with { Seed = run.Seed }, why => unmade.Add(new UnmadeSection("Examples", "examples-", why)));
        RunReport.Write(input, renderer, place);
        return unmade;
    })
    {
        Again = $"./repro report {Shown(folder)}",
        SourceFaults = () => RunFaults(folder),
        IsSource = file => file == "README.md" || RunExport.IsPartOf(file),
    };

    private RepeatableReport OfSweep(string name, string folder, string export) => new(name, folder, (renderer, place) =>
    {
        SweepReport.Write(new SweepReporting(surroundings, output, runs, "").Input(StoredSweep.OfExport(export), folder), renderer, place);
        return [];
    })
    {
        Again = $"./repro report {Shown(folder)}",
        SourceFaults = () => SweepFolder.Faults(export).Select(fault => export == folder ? fault : $"{Path.GetFileName(export)}/{fault}"),
        IsSource = file => file == "README.md" || export == folder || file.StartsWith($"{Path.GetFileName(export)}/", StringComparison.Ordinal),
    };

    private static bool IsExport(string folder) => RunFolderReader.IsRun(folder) || SweepFolder.Find(folder) is not null;

    private static IEnumerable<string> RunFaults(string folder)
    {
        var there = RunExport.Digests(folder);
        foreach (var fault in RunExport.Faults(folder, there)) yield return fault;
        // A report of before there were ledgers has no digests.
        if (LedgerFile.Read(folder)?.Sources is not { Count: > 0 } exported) yield break;
        foreach (var (file, digest) in exported)
        {
            if (!there.TryGetValue(file, out var now)) yield return $"{file} is missing";
            else if (now != digest) yield return $"{file} is not what the report was made from: its digest differs from the one in {LedgerFile.Name}";
        }
        foreach (var file in there.Keys.Where(file => !exported.ContainsKey(file))) yield return $"{file} is not what the report was made from: {LedgerFile.Name} does not name it";
    }

    // Addresses of other places have a colon, and anchors within the page begin with #.
    [GeneratedRegex(@"(?<!!)\[[^\]]*\]\(([^)#:\s]+)(?:#[^)]*)?\)")]
    private static partial Regex Link();
}
