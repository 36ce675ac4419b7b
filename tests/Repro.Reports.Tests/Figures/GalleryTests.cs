using Repro.Figures;
using Repro.Reports.Figures;

namespace Repro.Reports.Tests.Figures;

public sealed class GalleryTests
{
    [Fact]
    public void Every_kind_of_figure_can_be_drawn_at_both_widths_and_says_what_it_shows()
    {
        var figures = Gallery.Figures();
        Assert.Equal(figures.Count, figures.Select(figure => figure.Name).Distinct().Count());
        Assert.All(figures, figure =>
        {
            FigureRules.Check(figure);
            FigureRules.Check(ColumnWidths.Narrow(figure));
            Assert.InRange(ColumnWidths.Narrow(figure).Width, 100, ColumnWidths.One);
            Assert.EndsWith(".", figure.Caption, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void The_page_names_its_command_and_links_files_that_are_there()
    {
        var folder = Directory.CreateTempSubdirectory("repro-gallery-").FullName;
        try
        {
            var renderer = new EmptyPictures();
            var files = Gallery.Write(renderer, folder, "./repro figures --gallery docs/gallery");
            var page = File.ReadAllText(files[0]);
            Assert.Contains("```sh\n./repro figures --gallery docs/gallery\n```", page, StringComparison.Ordinal);
            Assert.Contains("generated, not measured", page, StringComparison.Ordinal);
            var links = System.Text.RegularExpressions.Regex.Matches(page, @"\]\(([^)]+)\)").Select(match => match.Groups[1].Value).ToList();
            Assert.Equal(2 * Gallery.Figures().Count, links.Count);
            Assert.All(links, link => Assert.Contains(Path.Combine(folder, link), files));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private sealed class EmptyPictures : IFigureRenderer
    {
        public string Name => "nothing 1.0";

        public IReadOnlyList<string> Render(Figure figure, string folder, params ReadOnlySpan<FigureFormat> formats)
        {
            FigureRules.Check(figure);
            return [.. formats.ToArray().Select(format => Path.Combine(folder, $"{figure.Name}.{format.ToString().ToLowerInvariant()}"))];
        }
    }
}
