using System.Diagnostics;
using Repro.Reports.Documents;

namespace Repro.Reports.Tests.Documents;

public sealed class LatexWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-latex-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_table_is_a_float_with_caption_label_and_rules()
    {
        var table = new Table("Error & cost", ["claim", "here"], [["ResNet-20", "8.81 ± 0.12 %"], ["ResNet-110", "–"]]) { Name = "claims" };
        Assert.Equal(
            """
            % Needs \usepackage{booktabs}.
            \begin{table}
            \centering
            \caption{Error \& cost}
            \label{tab:claims}
            \begin{tabular}{lr}
            \toprule
            claim & here \\
            \midrule
            ResNet-20 & 8.81 $\pm$ 0.12 \% \\
            ResNet-110 & -- \\
            \bottomrule
            \end{tabular}
            \end{table}

            """.ReplaceLineEndings("\n"),
            LatexWriter.Write(table));
    }

    [Theory]
    [InlineData(@"50% of $5 & #1_a {x} ~^\", @"50\% of \$5 \& \#1\_a \{x\} \textasciitilde{}\textasciicircum{}\textbackslash{}")]
    [InlineData("a < b > c | d", @"a \textless{} b \textgreater{} c \textbar{} d")]
    [InlineData("[0.1, 0.2]*", "{[}0.1, 0.2{]}{*}")]
    [InlineData("--seed 1", "-{}-seed 1")]
    [InlineData("−3.1 ± 0.2 × 10² µm", @"$-$3.1 $\pm$ 0.2 $\times$ 10$^2$ $\mu$m")]
    [InlineData("naïve Å Łódź", "naïve Å Łódź")]
    [InlineData("残差 🙂", "(U+6B8B)(U+5DEE) (U+1F642)")]
    [InlineData("one\r\ntwo\u0007", "one two ")]
    public void What_latex_would_read_as_its_own_is_escaped(string text, string expected)
    {
        var tex = LatexWriter.Write(new Table("t", ["a"], [[text]]) { Name = "t" });
        Assert.Contains($"\\midrule\n{expected} \\\\\n", tex, StringComparison.Ordinal);
    }

    [Fact]
    public void Code_emphasis_badges_and_links_are_words()
    {
        var words = Words.Code("learning_rate") + " " + Words.Strong("50 %") + " " + Words.Badge("reproduced", WordKind.Good) + " " + Words.Link("there", "#x");
        Assert.Contains("\\texttt{learning\\_rate} \\textbf{50 \\%} reproduced there \\\\", LatexWriter.Write(new Table("t", ["a"], [[words]]) { Name = "t" }), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ledger_stands_in_comments_and_cannot_leave_them()
    {
        var ledger = EverythingDocument.Ledger(24) with { Command = "./repro report x\n\\input{evil}" };
        var lines = LatexWriter.Write(new Table("t", ["a"], [["1"]]) { Name = "t", Ledger = ledger }).Split('\n');
        Assert.Equal(
            [
                "% Needs \\usepackage{booktabs}.", "% made by: ./repro report x \\input{evil}", "% runs: 24: resnet-shortcuts: trials 0–2, runs 0–7 each",
                "% commit: 0123456789abcdef0123456789abcdef01234567", "% commit: fedcba9876543210fedcba9876543210fedcba98+dirty", $"% data: cifar-10 {new string('a', 64)}", "% engine: Repro.Torch over libtorch 1.13.1",
            ],
            lines.TakeWhile(line => line.StartsWith('%')));
        Assert.DoesNotContain(lines.SkipWhile(line => line.StartsWith('%')), line => line.Contains("evil", StringComparison.Ordinal));
    }

    [Fact]
    public void Rows_that_markdown_leaves_out_are_left_out_and_counted()
    {
        var tex = LatexWriter.Write(new Table("t", ["a"], [["first"], ["second"], ["third"]]) { Name = "t", MarkdownRows = 2 });
        Assert.Contains("% rows: the first 2 of 3; report.html has all\n", tex, StringComparison.Ordinal);
        Assert.DoesNotContain("third", tex, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("../up")]
    [InlineData("a b")]
    public void A_name_that_is_no_file_and_label_is_refused(string name) =>
        Assert.Throws<ArgumentException>(() => LatexWriter.Write(new Table("t", ["a"], [["1"]]) { Name = name }));

    [SkippableFact]
    public void Latex_prints_every_sign_and_letter()
    {
        var letters = string.Concat(Enumerable.Range(0xC0, 0x180 - 0xC0).Select(c => (char)c));
        IReadOnlyList<Words>[] rows = [.. LatexText.Special.Select(c => (IReadOnlyList<Words>)[$"{c}", $"{c}{c}x", Words.Code($"{c}")]), [letters[..60], letters[60..120], letters[120..]], ["[1]", "*", "--x ,, ''"], ["残", "🙂", "\u0007"]];
        File.WriteAllText(Path.Combine(_folder, "table.tex"), LatexWriter.Write(new Table("% of [all] & more", ["a", "b_c", "d"], rows) { Name = "t", Ledger = EverythingDocument.Ledger() }));
        File.WriteAllText(Path.Combine(_folder, "main.tex"), "\\documentclass{article}\n\\usepackage{booktabs}\n\\begin{document}\n\\input{table}\n\\end{document}\n");
        var start = new ProcessStartInfo("pdflatex", ["-interaction=nonstopmode", "-halt-on-error", "main.tex"]) { WorkingDirectory = _folder, RedirectStandardOutput = true };
        start.Environment["TEXMFVAR"] = Path.Combine(_folder, "fonts");
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            throw new SkipException("pdflatex is not installed; to have it: sudo apt-get install texlive-latex-recommended");
        }
        using (process)
        {
            var said = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Skip.If(said.Contains("booktabs.sty' not found", StringComparison.Ordinal), "LaTeX has no booktabs; to have it: sudo apt-get install texlive-latex-recommended");
            Assert.True(process.ExitCode == 0, said);
        }
    }

    [Fact]
    public void Every_table_with_a_name_becomes_a_file_wherever_it_stands()
    {
        DocumentFiles.Write(EverythingDocument.Create(_folder), _folder);
        Assert.Equal(["claims.tex", "trials.tex"], Directory.GetFiles(Path.Combine(_folder, "tables")).Select(Path.GetFileName).Order());
    }
}
