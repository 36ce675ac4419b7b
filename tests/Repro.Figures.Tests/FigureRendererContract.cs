using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Xml.Linq;
using Repro.Figures.Images;
using Repro.Figures.Layout;

namespace Repro.Figures.Tests;

/// <summary>What every renderer must do; one subclass a renderer.</summary>
public abstract class FigureRendererContract : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-figures-").FullName;

    /// <summary>The renderer, or a skip that says why it is not here.</summary>
    protected abstract IFigureRenderer Renderer();

    [SkippableFact]
    public void It_says_what_draws_and_in_which_version() => Assert.Matches(@"[A-Za-z]+ .*\d+\.\d+", Renderer().Name);

    [SkippableFact]
    public void Every_figure_is_written_in_every_format_under_its_name()
    {
        var renderer = Renderer();
        foreach (var figure in ExampleFigures.All())
        {
            var files = renderer.Render(figure, _folder, FigureFormat.Png, FigureFormat.Svg, FigureFormat.Pdf);
            Assert.Equal(new[] { ".png", ".svg", ".pdf" }.Select(extension => Path.Combine(_folder, figure.Name + extension)), files);
            Assert.StartsWith("\u0089PNG", Encoding.Latin1.GetString(File.ReadAllBytes(files[0])), StringComparison.Ordinal);
            Assert.Equal("svg", XDocument.Load(files[1]).Root!.Name.LocalName);
            Assert.StartsWith("%PDF-", Encoding.Latin1.GetString(File.ReadAllBytes(files[2])), StringComparison.Ordinal);
        }
        Assert.Equal(ExampleFigures.All().Count() * 3, Directory.GetFiles(_folder).Length);
    }

    [SkippableFact]
    public void A_png_has_twice_the_pixels_of_a_screen()
    {
        var file = Renderer().Render(ExampleFigures.Curves(), _folder, FigureFormat.Png)[0];
        var bytes = File.ReadAllBytes(file);
        Assert.Equal((1376, 773), (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20))));
    }

    [SkippableTheory]
    [InlineData(FigureFormat.Png)]
    [InlineData(FigureFormat.Svg)]
    [InlineData(FigureFormat.Pdf)]
    public void The_same_figure_gives_the_same_bytes(FigureFormat format)
    {
        var renderer = Renderer();
        foreach (var figure in ExampleFigures.All())
        {
            var first = File.ReadAllBytes(renderer.Render(figure, Path.Combine(_folder, "1"), format)[0]);
            var second = File.ReadAllBytes(renderer.Render(figure, Path.Combine(_folder, "2"), format)[0]);
            Assert.True(first.AsSpan().SequenceEqual(second), figure.Name);
        }
    }

    [SkippableFact]
    public void Different_data_give_another_picture()
    {
        var renderer = Renderer();
        var more = new Line("more", 3, [1000, 50000], [30, 40]);
        var one = File.ReadAllBytes(renderer.Render(ExampleFigures.Curves(), Path.Combine(_folder, "1"), FigureFormat.Png)[0]);
        var other = File.ReadAllBytes(renderer.Render(ExampleFigures.Curves(more), Path.Combine(_folder, "2"), FigureFormat.Png)[0]);
        Assert.False(one.AsSpan().SequenceEqual(other));
    }

    [SkippableTheory]
    [InlineData("""it's "so" `id` $(id) @x \n {/Bold y} <b>&amp; %d é ü""")]
    [InlineData("'s")]
    [InlineData("''so said he'")]
    [InlineData("'")]
    public void Labels_are_shown_as_they_are_whatever_they_contain(string label)
    {
        var figure = new Figure("labels", label, new Axis(label), new Axis("y"), [new Points(label, 0, [1, 2], [1, 2])]) { Width = 700 };
        var text = TextOf(Renderer().Render(figure, _folder, FigureFormat.Svg)[0]);
        Assert.Equal(3, text.Count(line => line == label));
    }

    [SkippableFact]
    public void An_svg_says_what_it_shows_to_those_who_cannot_see_it()
    {
        var figure = ExampleFigures.Curves() with { Caption = "Error falls < 10 %." };
        var root = XDocument.Load(Renderer().Render(figure, _folder, FigureFormat.Svg)[0]).Root!;
        Assert.Equal("img", root.Attribute("role")?.Value);
        Assert.Equal("Error while training", root.Elements().First(e => e.Name.LocalName == "title").Value);
        Assert.Equal("Error falls < 10 %.", root.Elements().First(e => e.Name.LocalName == "desc").Value);
        Assert.Equal(("516pt", "290pt"), (root.Attribute("width")!.Value, root.Attribute("height")!.Value));
    }

    [SkippableFact]
    public void Axis_labels_ticks_and_line_names_are_all_in_the_picture()
    {
        var text = TextOf(Renderer().Render(ExampleFigures.Curves(), _folder, FigureFormat.Svg)[0]);
        foreach (var expected in (string[])["optimizer steps", "error (%)", "train", "test", "paper: 8.75 %", "20k", "40k", "50", "0"]) Assert.Contains(expected, text);
    }

    [SkippableFact]
    public void Every_text_of_the_layout_stands_in_the_picture_where_the_layout_says_and_no_other_does()
    {
        var renderer = Renderer();
        foreach (var figure in ExampleFigures.WithAxes())
        {
            var layout = FigureLayout.Of(figure);
            var drawing = SvgDrawing.Read(renderer.Render(figure, _folder, FigureFormat.Svg)[0]);
            var expected = Texts(layout).Where(text => text.Text.Length > 0).ToList();
            Assert.Equal(expected.Select(text => text.Text).Order(StringComparer.Ordinal), drawing.Texts.Select(text => text.Text).Order(StringComparer.Ordinal));
            foreach (var text in expected)
            {
                var (x, y) = SvgDrawing.Start(text);
                Assert.True(drawing.Texts.Exists(drawn => drawn.Text == text.Text && Near(drawn.X, x, 3) && Near(drawn.Y, y, 3)), $"{figure.Name}: '{text.Text}' is not at ({x:F1}, {y:F1})");
            }
        }
    }

    [SkippableFact]
    public void An_axis_whose_categories_have_no_names_has_no_ticks_and_no_numbers()
    {
        var figure = ExampleFigures.Parallel() with { Y = new Axis("", Min: -0.12, Max: 1.12) { Categories = [""] } };
        var texts = TextOf(Renderer().Render(figure, _folder, FigureFormat.Svg)[0]);
        Assert.DoesNotContain("0.4", texts);
        Assert.Equal(Texts(FigureLayout.Of(figure)).Where(text => text.Text.Length > 0).Select(text => text.Text).Order(StringComparer.Ordinal), texts.Order(StringComparer.Ordinal));
    }

    [SkippableFact]
    public void Every_value_is_drawn_at_its_place()
    {
        var renderer = Renderer();
        foreach (var figure in ExampleFigures.WithAxes())
        {
            var layout = FigureLayout.Of(figure);
            var drawing = SvgDrawing.Read(renderer.Render(figure, _folder, FigureFormat.Svg)[0]);
            foreach (var mark in figure.Marks)
            {
                // A line between two values that are not finite is a dot.
                var places = mark switch { Points => drawing.Shapes, Line => [.. drawing.Vertices, .. drawing.Shapes], _ => drawing.Vertices };
                foreach (var (x, y) in Drawn(mark, layout))
                {
                    var at = layout.Map(x, y);
                    Assert.True(places.Exists(place => Near(place.X, at.X, 0.6) && Near(place.Y, at.Y, 0.6)), $"{figure.Name}: {mark.GetType().Name} '{mark.Label}' has nothing at ({x}, {y})");
                }
            }
        }
    }

    [SkippableFact]
    public void Every_cell_of_a_heat_map_has_the_colour_of_its_value_at_its_place()
    {
        var renderer = Renderer();
        foreach (var figure in (Figure[])[ExampleFigures.Attention(), ExampleFigures.Confusion()])
        {
            var (layout, cells) = (FigureLayout.Of(figure), ((HeatMap)figure.Marks[0]).Cells);
            var picture = ImageFile.Read(renderer.Render(figure with { Marks = [figure.Marks[0]] }, _folder, FigureFormat.Png)[0]);
            for (var row = 0; row < cells.Count; row++)
            {
                for (var column = 0; column < cells[row].Count; column++)
                {
                    var (x, y) = layout.Map(column, row);
                    var at = ((int)(y / ImageGridLayout.Pixel) * picture.Width + (int)(x / ImageGridLayout.Pixel)) * 3;
                    var expected = double.IsNaN(cells[row][column]) ? Palette.Paper : Shades.Hex(figure.Colours!, cells[row][column]);
                    Assert.Equal(expected, "#" + Convert.ToHexString(picture.Pixels.AsSpan(at, 3)));
                }
            }
        }
    }

    [SkippableFact]
    public void The_colour_bar_has_the_colours_of_the_scale()
    {
        var figure = ExampleFigures.Shaded();
        var bar = FigureLayout.Of(figure).Bar!;
        var picture = ImageFile.Read(Renderer().Render(figure, _folder, FigureFormat.Png)[0]);
        foreach (var value in (double[])[2, 10, 100, 250])
        {
            var (x, y) = ((bar.Box.Left + bar.Box.Right) / 2, bar.Box.Bottom - Shades.Fraction(figure.Colours!, value) * bar.Box.Height);
            var at = ((int)(y / ImageGridLayout.Pixel) * picture.Width + (int)(x / ImageGridLayout.Pixel)) * 3;
            var expected = Convert.FromHexString(Shades.Hex(figure.Colours!, value).AsSpan(1));
            for (var channel = 0; channel < 3; channel++) Assert.InRange(picture.Pixels[at + channel], expected[channel] - 6, expected[channel] + 6);
        }
    }

    [SkippableFact]
    public void Ten_thousand_points_are_a_small_file()
    {
        foreach (var file in Renderer().Render(ExampleFigures.Scatter(), _folder, FigureFormat.Svg, FigureFormat.Pdf)) Assert.InRange(new FileInfo(file).Length, 100_000, 1_000_000);
    }

    [SkippableFact]
    public void Fonts_are_embedded_in_a_pdf()
    {
        Skip.IfNot(File.Exists("/usr/bin/pdffonts"), "pdffonts is not installed (apt-get install poppler-utils).");
        foreach (var figure in (Figure[])[ExampleFigures.Forest(), ExampleFigures.Confusion()])
        {
            var start = new ProcessStartInfo("/usr/bin/pdffonts", [Renderer().Render(figure, _folder, FigureFormat.Pdf)[0]]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            // Two lines of heading, then a font a line: ... emb sub uni object id.
            var fonts = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Skip(2).ToList();
            Assert.NotEmpty(fonts);
            Assert.All(fonts, font => Assert.Equal("yes", font.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^5]));
        }
    }

    [SkippableFact]
    public void A_figure_without_marks_is_refused_and_nothing_is_written()
    {
        var error = Assert.Throws<FigureException>(() => Renderer().Render(ExampleFigures.Curves() with { Marks = [] }, _folder, FigureFormat.Png));
        Assert.Contains("'curves'", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [SkippableFact]
    public void An_existing_picture_is_replaced()
    {
        File.WriteAllText(Path.Combine(_folder, "curves.svg"), "the picture before");
        Renderer().Render(ExampleFigures.Curves(), _folder, FigureFormat.Svg);
        Assert.Equal([Path.Combine(_folder, "curves.svg")], Directory.GetFileSystemEntries(_folder));
        Assert.DoesNotContain("the picture before", File.ReadAllText(Path.Combine(_folder, "curves.svg")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        var error = Assert.Throws<FigureException>(() => Renderer().Render(ExampleFigures.Curves(), Path.Combine(file, "below"), FigureFormat.Svg));
        Assert.Contains(Path.Combine(file, "below"), error.Message, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        GC.SuppressFinalize(this);
        Directory.Delete(_folder, recursive: true);
    }

    private static IEnumerable<PlacedText> Texts(FigureLayout layout) =>
    [
        .. layout.Title, layout.XLabel, layout.YLabel, .. layout.TickTexts, .. layout.Words, .. layout.DirectLabels.Select(label => label.Text), .. layout.ReferenceLabels.Select(label => label.Text),
        .. layout.Bar?.TickLabels ?? [], .. layout.Bar is { } bar ? [bar.Label] : Array.Empty<PlacedText>(),
        .. layout.Legend.Select(entry => new PlacedText(entry.Label, entry.X + LegendEntry.SampleWidth + LegendEntry.Gap, entry.Y, TextSize.Body)),
    ];

    // What of a mark can be found as a vertex or a shape's centre; texts and cells have tests of their own.
    private static IEnumerable<(double X, double Y)> Drawn(Mark mark, FigureLayout layout) => mark switch
    {
        Line or Band or Intervals => FigureRules.Values(mark).Where(value => double.IsFinite(value.X) && double.IsFinite(value.Y)),
        Points points => PointThinning.Visible(points.X.Zip(points.Y).Select(p => layout.Map(p.First, p.Second)).ToList()).Select(i => (points.X[i], points.Y[i])).Where(p => double.IsFinite(p.Item1) && double.IsFinite(p.Item2)),
        Bars bars => bars.X.Zip(bars.Height).SelectMany(bar => new[] { (bar.First - layout.BarWidth / 2, bar.Second), (bar.First + layout.BarWidth / 2, 0) }),
        Reference { Vertical: true } reference => [(reference.At, layout.Y.Min), (reference.At, layout.Y.Max)],
        Reference reference => [(layout.X.Min, reference.At), (layout.X.Max, reference.At)],
        _ => [],
    };

    private static bool Near(double a, double b, double by) => Math.Abs(a - b) <= by;

    private static List<string> TextOf(string svg) =>
        XDocument.Load(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim()).ToList();
}
