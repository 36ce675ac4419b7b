using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Figures;
using Repro.Figures.Images;
using Repro.Figures.Verification;
using Repro.Reports.Ledgers;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Reports.Verification;

/// <summary>A file of a report that is not what is made again.</summary>
/// <param name="File">Relative to the report's folder; empty for the folder itself.</param>
/// <param name="What">In words that go on after the file's name: <c>is missing</c>.</param>
public sealed record Difference(string File, string What)
{
    public override string ToString() => File.Length > 0 ? $"{File} {What}" : What;
}

/// <summary>How much of a report was compared.</summary>
/// <param name="Data">Figures whose data were.</param>
/// <param name="Tables">Files of tables.</param>
/// <param name="Lines">Of the Markdown, the page and the study.</param>
/// <param name="Pictures">PNG, SVG and PDF files.</param>
public sealed record Compared(int Data, int Tables, int Lines, int Pictures)
{
    public static Compared operator +(Compared left, Compared right) => Add(left, right);

    public static Compared Add(Compared left, Compared right) => new(left.Data + right.Data, left.Tables + right.Tables, left.Lines + right.Lines, left.Pictures + right.Pictures);
}

/// <summary>Makes a report again and compares it with the one that is there, file by file. Nothing is written but into a temporary folder.</summary>
public sealed partial class ReportVerification
{
    /// <summary>
    /// With one renderer and the same fonts, all that may differ is how another version of the drawing library rounds at the edges of shapes: a little, at few places. A digit
    /// of a label has about fifty pixels, of a picture's million.
    /// </summary>
    public static readonly PictureTolerance Tolerance = new(Level: 48, Share: 0.00001);

    private readonly RepeatableReport _report;
    private readonly List<Difference> _differences = [];
    private readonly List<string> _notCompared = [];
    private readonly SortedDictionary<string, int> _undrawn = new(StringComparer.Ordinal);
    private LedgerFile? _ledger;
    private IReadOnlyList<UnmadeSection> _unmade = [];

    private ReportVerification(RepeatableReport report) => _report = report;

    /// <summary>Empty where all that was compared is the same.</summary>
    public IReadOnlyList<Difference> Differences => _differences;

    /// <summary>What could not be compared here, with the reason, as sentences.</summary>
    public IReadOnlyList<string> NotCompared => _notCompared;

    public Compared Compared { get; private set; } = new(0, 0, 0, 0);

    /// <param name="renderer">What draws on this machine; null where nothing does.</param>
    /// <param name="others">Full paths of folders below the report's that belong to other reports.</param>
    /// <param name="drawing">Told the name of each figure before it is drawn.</param>
    /// <exception cref="OperationCanceledException">It was asked to stop.</exception>
    public static ReportVerification Of(RepeatableReport report, IFigureRenderer? renderer, IReadOnlyCollection<string> others, Action<string> drawing, CancellationToken stop = default)
    {
        var verification = new ReportVerification(report);
        var again = Directory.CreateTempSubdirectory("repro-verify-").FullName;
        try
        {
            verification.Verify(again, renderer, others, drawing, stop);
        }
        finally
        {
            Directory.Delete(again, recursive: true);
        }
        return verification;
    }

    private void Verify(string again, IFigureRenderer? renderer, IReadOnlyCollection<string> others, Action<string> drawing, CancellationToken stop)
    {
        RedrawingRenderer redrawing;
        try
        {
            _differences.AddRange(_report.SourceFaults().Select(fault => new Difference("", fault)));
            if (_differences.Count > 0)
            {
                _notCompared.Add("The report was not made again, because what it is made from is not what was exported.");
                return;
            }
            _ledger = LedgerFile.Read(_report.Folder);
            redrawing = new RedrawingRenderer(renderer, _ledger, drawing, stop);
            _unmade = _report.Write(redrawing, again);
        }
        catch (Exception e) when (e is BadInputException or FigureException)
        {
            _differences.Add(new Difference("", e.Message));
            return;
        }
        _notCompared.AddRange(_unmade.Select(section => $"The section \"{section.Title}\": {section.Why}"));
        var made = Files(again, []);
        var stored = Files(_report.Folder, others).Where(file => !_report.IsSource(file)).ToHashSet();
        if (_report.HasLedger && !stored.Contains(LedgerFile.Name)) Add(LedgerFile.Name, $"is missing: the report was made before there were ledgers, or it was lost. Make it again: {_report.Again}");
        foreach (var file in made.Where(file => file != LedgerFile.Name || stored.Contains(file)))
        {
            stop.ThrowIfCancellationRequested();
            if (stored.Contains(file)) Compare(file, again, redrawing);
            else Add(file, "is missing");
        }
        foreach (var file in stored.Except(made).Order(StringComparer.Ordinal).Where(file => !IsUnmade(file))) Add(file, "is not made again: it does not belong to the report");
        foreach (var (why, count) in _undrawn) _notCompared.Add($"{count} {(count == 1 ? "picture" : "pictures")}: {why}");
    }

    private void Compare(string file, string again, RedrawingRenderer redrawing)
    {
        var (stored, made) = (Path.Combine(_report.Folder, file), Path.Combine(again, file));
        // A pipe would be waited for without end.
        try
        {
            RegularFile.Require(stored);
        }
        catch (BadInputException e)
        {
            Add(file, $"cannot be compared: {e.Message}");
            return;
        }
        if (file == LedgerFile.Name) CompareLedgers(again);
        else if (file.StartsWith("figures/", StringComparison.Ordinal) && Path.GetExtension(file) is ".png" or ".svg" or ".pdf") ComparePictures(file, stored, made, redrawing);
        else if (file == "report.html") ComparePages(stored, made, redrawing);
        else if (file.StartsWith("figures/", StringComparison.Ordinal) && Path.GetExtension(file) == ".csv") CompareData(file, File.ReadAllText(stored), File.ReadAllText(made));
        else
        {
            var (left, right) = (TextComparison.Numbered(Lines(stored)), Lines(made));
            if (file == "report.md") left = WithoutUnmade(left);
            AddAll(file, TextComparison.Differences(left, right));
            Compared += file.StartsWith("tables/", StringComparison.Ordinal) ? new Compared(0, 1, 0, 0) : new Compared(0, 0, left.Count - 1, 0);
        }
    }

    private void CompareData(string file, string stored, string made)
    {
        Compared += new Compared(1, 0, 0, 0);
        if (stored.Length < made.Length && made.StartsWith(stored, StringComparison.Ordinal)) Add(file, $"is cut off: it has {stored.Count(c => c == '\n')} lines, and made again {made.Count(c => c == '\n')}");
        else AddAll(file, FigureData.Differences(stored, made).Select(difference => "has other data than are made again: " + difference));
    }

    private void CompareLedgers(string again)
    {
        var made = LedgerFile.Read(again)!;
        foreach (var figure in _ledger!.Figures.Where(figure => IsUnmade($"figures/{figure.Key}.png"))) made.Figures[figure.Key] = figure.Value;
        AddAll(LedgerFile.Name, LedgerComparison.Differences(_ledger, made).Select(difference => "says otherwise: " + difference));
    }

    private void ComparePictures(string file, string stored, string made, RedrawingRenderer redrawing)
    {
        if (!redrawing.Drawn.Contains(Path.GetFileName(file)))
        {
            var why = redrawing.Undrawn(FigureCollector.FigureOf(file)) ?? "they could not be drawn again.";
            _undrawn[why] = _undrawn.GetValueOrDefault(why) + 1;
            return;
        }
        Compared += new Compared(0, 0, 0, 1);
        if (File.ReadAllBytes(stored).AsSpan().SequenceEqual(File.ReadAllBytes(made))) return;
        if (Path.GetExtension(file) == ".png") ComparePixels(file, stored, made);
        else Add(file, "is another file than the one made again");
    }

    private void ComparePixels(string file, string stored, string made)
    {
        try
        {
            var comparison = PictureComparison.Of(stored, made, Tolerance);
            if (!comparison.Within(Tolerance)) Add(file, $"is another picture than the one made again: {comparison.Say(Tolerance)}");
        }
        catch (ImageFileException e)
        {
            Add(file, $"is another file than the one made again, and its pixels cannot be compared: {e.Message}");
        }
    }

    private void ComparePages(string stored, string made, RedrawingRenderer redrawing)
    {
        if (_unmade.Count > 0)
        {
            _notCompared.Add("report.html, which has a section that could not be made here.");
            return;
        }
        // Where they were drawn again, the pictures within are those of the files beside; where they were not, they are left out of both.
        var all = _ledger is { } ledger && ledger.Figures.Keys.All(figure => redrawing.Undrawn(figure) is null);
        var (left, right) = (Lines(stored, all), Lines(made, all));
        AddAll("report.html", TextComparison.Differences(TextComparison.Numbered(left), right));
        Compared += new Compared(0, 0, left.Length - 1, 0);
    }

    private List<(int Number, string Text)> WithoutUnmade(List<(int Number, string Text)> lines)
    {
        foreach (var section in _unmade)
        {
            var heading = lines.FindIndex(line => line.Text == $"## {section.Title}");
            if (heading < 0) continue;
            var next = lines.FindIndex(heading + 1, line => line.Text.StartsWith("## ", StringComparison.Ordinal));
            var (first, end) = (Anchored(lines, heading), next < 0 ? lines.Count : Anchored(lines, next));
            lines.RemoveRange(first, end - first);
        }
        return lines;
    }

    // Where a heading begins: at the anchor above it, if it has one.
    private static int Anchored(List<(int Number, string Text)> lines, int heading)
    {
        var above = heading - 1;
        while (above > 0 && lines[above].Text.Length == 0) above--;
        return above > 0 && lines[above].Text.StartsWith("<a id=", StringComparison.Ordinal) ? above : heading;
    }

    private bool IsUnmade(string file) => _unmade.Any(section => file.StartsWith($"figures/{section.Figures}", StringComparison.Ordinal));

    private void AddAll(string file, IEnumerable<string> differences) => _differences.AddRange(differences.Select(what => new Difference(file, what)));

    private void Add(string file, string what) => _differences.Add(new Difference(file, what));

    private static string[] Lines(string file, bool withPictures = true)
    {
        var text = File.ReadAllText(file);
        return (withPictures ? text : InlineImage().Replace(InlinePicture().Replace(text, "<svg/>"), "src=\"\"")).Split('\n');
    }

    private static SortedSet<string> Files(string folder, IReadOnlyCollection<string> others)
    {
        var files = new SortedSet<string>(StringComparer.Ordinal);
        var apart = others.Select(other => other + Path.DirectorySeparatorChar).ToList();
        foreach (var file in Directory.EnumerateFiles(folder, "*", OwnFiles))
        {
            if (!apart.Exists(other => file.StartsWith(other, StringComparison.Ordinal))) files.Add(Path.GetRelativePath(folder, file).Replace('\\', '/'));
        }
        return files;
    }

    // A link may lead round in a circle, or to a device that never ends.
    private static readonly EnumerationOptions OwnFiles = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint, IgnoreInaccessible = false };

    [GeneratedRegex("<svg\\b.*?</svg>", RegexOptions.Singleline)]
    private static partial Regex InlinePicture();

    [GeneratedRegex("src=\"data:[^\"]*\"")]
    private static partial Regex InlineImage();
}
