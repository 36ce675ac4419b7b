using System.Buffers.Binary;
using System.Text;
using System.Xml.Linq;

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

    [SkippableFact]
    public void Labels_are_shown_as_they_are_whatever_they_contain()
    {
        var label = """it's "so" `id` $(id) @x \n {/Bold y} <b>&amp; %d é ü""";
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

    private static List<string> TextOf(string svg) =>
        XDocument.Load(svg).Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value.Trim()).ToList();
}
