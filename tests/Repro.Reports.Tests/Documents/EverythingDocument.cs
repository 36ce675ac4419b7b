using Repro.Reports.Documents;

namespace Repro.Reports.Tests.Documents;

/// <summary>A document with every kind of block and word, as a paper's report would have them. Its numbers are made up.</summary>
public static class EverythingDocument
{
    private const string Svg = """
        <?xml version="1.0" encoding="utf-8"?>
        <svg width="516pt" height="120pt" viewBox="0 0 516 120" xmlns="http://www.w3.org/2000/svg"><rect width="516" height="120" fill="#FFFFFF"/><path stroke="rgb(38,38,38)" fill="none" d="M20,100 L500,20"/><text x="20" y="20" fill="#262626">error</text></svg>
        """;

    public static Ledger Ledger(int runs = 3) => new(
        "./repro report resnet", Enumerable.Range(0, runs).Select(i => $"resnet-shortcuts/{i / 8}-{i % 8}").ToList(), ["0123456789abcdef0123456789abcdef01234567", "fedcba9876543210fedcba9876543210fedcba98+dirty"],
        new Dictionary<string, string> { ["cifar-10"] = new string('a', 64) }, ["Repro.Torch over libtorch 1.13.1"]);

    /// <param name="folder">Where the picture's files go.</param>
    /// <param name="trials">Rows of the long table.</param>
    public static Document Create(string folder, int trials = 40)
    {
        var svg = Path.Combine(folder, "figure.svg");
        File.WriteAllText(svg, Svg);
        return new Document("Deep Residual Learning", "He et al. 2015, arXiv:1512.03385", [Claims(), new Note(NoteKind.Information, "Every verdict is computed from stored runs.")],
        [
            new Section("verdicts", "Verdicts", [Card("resnet20", Words.Badge("reproduced", WordKind.Good)), Card("shortcuts", Words.Badge("not reproduced", WordKind.Bad))]),
            new Section("figures", "Figures",
            [
                new Picture("figures/figure.png", svg, svg, "Error falls with steps, as a straight line.", "Validation error over eight seeds.") { Ledger = Ledger(24) },
                new Prose("# Departures\n\nThe *per-pixel* mean is subtracted.\n\n## Data\n\nNone."),
            ]),
            new Section("trials", "Every trial", [new Details($"All {trials} trials", [Trials(trials)])]),
            new Section("record", "Record",
            [
                new KeyFigures([new KeyFigure("status", "completed", "40 trials"), new KeyFigure("cost", "12.3 h", "0 GPU hours")]),
                new Table("Environment", ["what", "value"], [["processor", "two cores"], ["commit", Words.Code("0123abc")], ["engine", "libtorch"]]),
                new CodeBlock("./repro sweep resnet/shortcuts --seed 1\n./repro report resnet"),
                new BulletList(["One.", Words.FromString("See ") + Words.Link("the paper", "https://arxiv.org/abs/1512.03385") + "."]),
            ]),
        ]);
    }

    private static Table Claims() => new("Claims and verdicts", ["claim", "the paper", "here", "n", "cost", "verdict"],
    [
        [Words.Link("ResNet-20", "#resnet20"), "8.75 %", "8.81 ± 0.12 %", "5", "1,204 GPU min", Words.Badge("reproduced", WordKind.Good)],
        [Words.Link("Shortcuts help", "#shortcuts"), "−3.1 points", "+0.2 ± 0.4 points", "8", "88 GPU min", Words.Badge("not reproduced", WordKind.Bad)],
        ["ResNet-110", "6.61 ± 0.16 %", "–", "0", "–", Words.Badge("not comparable at this scale", WordKind.Muted)],
        ["Depth helps", "–", "0.9 ± 1.2 points", "3", "9,100 GPU min", Words.Badge("inconclusive", WordKind.Open)],
    ]) { Name = "claims", Ledger = Ledger(24) };

    private static Subsection Card(string id, Words verdict) => new(id, $"Claim {id}",
    [
        new Paragraph(Words.FromString("The verdict is ") + verdict + ", by " + Words.Link("trial 37", "#trial-37") + "."),
        new Details("The test", [new Paragraph(Words.FromString("TOST at ") + Words.Code("delta = 0.35") + ".")]),
    ]);

    private static Table Trials(int trials) => new("Trials", ["trial", "state", "validation error", "learning rate", "memory", "why"],
        Enumerable.Range(0, trials).Select(i => (IReadOnlyList<Words>)[
            $"{i}", i % 7 == 3 ? "failed" : "completed", i % 7 == 3 ? "–" : $"{(i * 37 % 101) - 50} ± 0.{i % 9} %".Replace('-', '−'), $"{1 + (i * 13 % 9)}E-{1 + (i % 4)}",
            i % 2 == 0 ? $"{900 + i} MiB" : $"1.{i % 10} GiB", i % 7 == 3 ? "The loss became | NaN." : "–",
        ]).ToList()) { Name = "trials", RowIds = Enumerable.Range(0, trials).Select(i => $"trial-{i}").ToList(), MarkdownRows = 10, Ledger = Ledger(24) };
}
