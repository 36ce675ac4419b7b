using System.Globalization;
using Repro.Figures.Verification;

namespace Repro.Figures.Tests.Verification;

public sealed class FigureDataTests
{
    [Fact]
    public void Every_value_is_a_row_of_its_own_and_numbers_read_back_exactly()
    {
        var figure = new Figure("f", "a \"title\", quoted", new Axis("x", Log: true, Min: 0.1), new Axis("y") { Categories = ["a", "b"] },
        [
            new Line("l", 1, [1, 2], [0.1 + 0.2, double.NaN], Dashed: true) { Shade = 1e-300 },
            new Intervals("i", 0, [0], [-1], [double.PositiveInfinity], Horizontal: true),
            new Texts(6, [1], [0], ["one,\ntwo"], TextSide.Right),
            new Reference("r", 2, 5, Vertical: true),
        ]) { Colours = new ColourScale("c", 1, 2) };
        Assert.Equal("""
            mark,kind,label,colour,index,x,y,low,high,shade,text
            0,title,"a ""title"", quoted",,,,,,,,
            0,x axis,x,,,,,0.1,,,logarithmic
            0,y axis,y,,,,,,,,linear
            0,y category,a,,0,,,,,,
            0,y category,b,,1,,,,,,
            0,colours,c,,,,,1,2,,linear
            1,dashed line,l,1,0,1,0.30000000000000004,,,1E-300,
            1,dashed line,l,1,1,2,NaN,,,1E-300,
            2,horizontal intervals,i,0,0,,0,-1,Infinity,,
            3,texts right,,6,0,1,0,,,,"one,
            two"
            4,vertical reference,r,2,0,5,,,,,

            """, FigureData.Csv(figure));
    }

    [Fact]
    public void Every_mark_has_rows()
    {
        foreach (var figure in ExampleFigures.All())
        {
            var marks = CsvRows.Read(FigureData.Csv(figure)).Skip(1).Select(row => int.Parse(row[0], CultureInfo.InvariantCulture)).Distinct().ToList();
            Assert.Equal(Enumerable.Range(0, figure.Marks.Count + 1), marks);
        }
    }

    [Fact]
    public void Nothing_is_thinned()
    {
        var points = (Points)ExampleFigures.Scatter().Marks[0];
        var rows = CsvRows.Read(FigureData.Csv(ExampleFigures.Scatter())).Where(row => row[0] == "1").ToList();
        Assert.Equal(points.X.Zip(points.Y), rows.Select(row => (double.Parse(row[5], CultureInfo.InvariantCulture), double.Parse(row[6], CultureInfo.InvariantCulture))));
    }

    [Fact]
    public void One_pixel_of_one_image_changes_the_data()
    {
        var image = ExampleFigures.Square(8);
        Figure Of(byte first) => ExampleFigures.Images() with { Marks = [new ImageGrid([image with { Pixels = [first, .. image.Pixels.Skip(1)] }], [], 1)] };
        var difference = Assert.Single(FigureData.Differences(FigureData.Csv(Of(0)), FigureData.Csv(Of(1))));
        Assert.StartsWith("mark 1 (images), row 0: text was 'sha256:", difference, StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_figures_do_not_differ() =>
        Assert.Empty(FigureData.Differences(FigureData.Csv(ExampleFigures.Parallel()), FigureData.Csv(ExampleFigures.Parallel())));

    [Fact]
    public void A_changed_value_is_told_with_its_place_and_both_values()
    {
        Figure Of(double y) => new("f", "t", new Axis("x"), new Axis("y"), [new Points("a", 0, [1], [1]), new Line("test", 1, [1, 2], [0.5, y])]);
        Assert.Equal(["mark 2 (line 'test'), row 1: y was 0.25, is 0.26"], FigureData.Differences(FigureData.Csv(Of(0.25)), FigureData.Csv(Of(0.26))));
    }

    [Fact]
    public void Rows_that_came_and_went_are_told_and_the_rest_is_counted()
    {
        Figure Of(int from, int count) => new("f", "t", new Axis("x"), new Axis("y"), [new Points("a", 0, [.. Enumerable.Range(0, count).Select(i => (double)from + i)], [.. new double[count]])]);
        var (short_, long_) = (FigureData.Csv(Of(0, 2)), FigureData.Csv(Of(0, 10)));
        Assert.Equal(["mark 1 (points 'a'), row 2 is new: x 2, y 0", "mark 1 (points 'a'), row 3 is new: x 3, y 0", "and 6 more rows"], FigureData.Differences(short_, long_, 2));
        Assert.Equal("mark 1 (points 'a'), row 2 is missing; it was x 2, y 0", FigureData.Differences(long_, short_)[0]);
        Assert.Equal(["the figure's title: label was 't', is 'u'"], FigureData.Differences(short_, FigureData.Csv(Of(0, 2) with { Title = "u" })));
    }

    [Fact]
    public void A_file_of_other_columns_or_none_is_told_as_such()
    {
        var csv = FigureData.Csv(ExampleFigures.Fan());
        Assert.Contains("columns were 'a,b'", Assert.Single(FigureData.Differences("a,b\n1,2\n", csv)), StringComparison.Ordinal);
        Assert.Contains("columns were ''", Assert.Single(FigureData.Differences("", csv)), StringComparison.Ordinal);
        Assert.Contains("written differently", Assert.Single(FigureData.Differences(csv.Replace("\n", "\r\n", StringComparison.Ordinal), csv)), StringComparison.Ordinal);
    }

    [Fact]
    public void It_is_written_beside_the_figure()
    {
        var folder = Directory.CreateTempSubdirectory("repro-figures-").FullName;
        try
        {
            var file = FigureData.Write(ExampleFigures.Forest(), folder);
            Assert.Equal(Path.Combine(folder, "forest.csv"), file);
            Assert.Equal(FigureData.Csv(ExampleFigures.Forest()), File.ReadAllText(file));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
