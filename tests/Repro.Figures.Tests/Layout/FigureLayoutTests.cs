using Repro.Figures.Layout;

namespace Repro.Figures.Tests.Layout;

public sealed class FigureLayoutTests
{
    [Fact]
    public void Short_line_names_stand_at_the_ends_of_their_lines()
    {
        var layout = FigureLayout.Of(ExampleFigures.Curves());
        Assert.Equal(["test", "train"], layout.DirectLabels.Select(label => label.Text.Text));
        Assert.Empty(layout.Legend);
        Assert.All(layout.DirectLabels, label => Assert.True(label.Text.X > layout.Plot.Right));
    }

    [Fact]
    public void Names_that_are_too_long_or_of_other_marks_go_into_a_legend_above_the_plot()
    {
        var layout = FigureLayout.Of(ExampleFigures.Curves(new Line(new string('n', 40), 4, [1000, 50000], [20, 30])));
        Assert.Empty(layout.DirectLabels);
        Assert.Equal(3, layout.Legend.Count);
        Assert.All(layout.Legend, entry => Assert.True(entry.Y + Legend.RowHeight / 2 < layout.Plot.Top));
        Assert.Equal(["ours", "paper"], FigureLayout.Of(ExampleFigures.Categories()).Legend.Select(entry => entry.Label));
    }

    [Fact]
    public void A_line_and_its_band_are_one_entry()
    {
        var x = ExampleFigures.Steps;
        var figure = ExampleFigures.Curves() with
        {
            Marks = [new Line("ours, mean and range over five seeds", 0, x, x), new Band("ours, mean and range over five seeds", 0, x, x, x), new Points("p", 1, x, x)],
        };
        Assert.Equal([2, 1], FigureLayout.Of(figure).Legend.Select(entry => entry.Samples.Count));
    }

    [Fact]
    public void A_band_inside_a_wider_one_is_as_dark_in_the_legend_as_in_the_plot()
    {
        var fan = ExampleFigures.Fan();
        Assert.Equal([1, 2, 1, 1], FigureLayout.Of(fan).Legend.Select(entry => entry.Samples.OfType<Band>().Count() + entry.Samples.OfType<Line>().Count()));
        var named = fan with { Marks = [.. fan.Marks.Select(mark => mark is Band or Line { Dashed: false } ? mark with { Label = "median, and intervals that hold 50 and 90 % of the samples" } : mark)] };
        Assert.Equal(2, FigureLayout.Of(named).Legend[0].Samples.OfType<Band>().Count());
    }

    [Fact]
    public void A_reference_label_is_beside_its_line_and_on_no_data()
    {
        var figure = ExampleFigures.Curves();
        var layout = FigureLayout.Of(figure);
        var (reference, text) = Assert.Single(layout.ReferenceLabels);
        Assert.InRange(Math.Abs(text.Y - layout.Map(0, reference.At).Y), 4, 8);
        var (left, right) = (text.X, text.X + TextSize.Width(text.Text, TextSize.Body));
        // Independent of the search: no point of any line, and none of 20 between two neighbours, is inside the label.
        foreach (var line in figure.Marks.OfType<Line>())
        {
            for (var i = 1; i < line.X.Count; i++)
            {
                for (var t = 0.0; t <= 1; t += 0.05)
                {
                    var at = layout.Map(line.X[i - 1] + t * (line.X[i] - line.X[i - 1]), line.Y[i - 1] + t * (line.Y[i] - line.Y[i - 1]));
                    Assert.False(at.X > left && at.X < right && Math.Abs(at.Y - text.Y) < TextSize.Body / 2, $"{line.Label} at {at}");
                }
            }
        }
    }

    [Fact]
    public void A_reference_without_room_beside_it_is_named_in_the_legend()
    {
        var x = ExampleFigures.Steps;
        var wall = new Band("", 0, x, x.Select(_ => 0.0).ToArray(), x.Select(_ => 10.0).ToArray());
        var layout = FigureLayout.Of(ExampleFigures.Curves() with { Marks = [wall, new Reference("paper", 1, 5)] });
        Assert.Empty(layout.ReferenceLabels);
        Assert.Equal(["paper"], layout.Legend.Select(entry => entry.Label));
    }

    [Fact]
    public void Lines_that_end_close_together_get_labels_apart_from_each_other()
    {
        Mark[] lines = [.. Enumerable.Range(0, 4).Select(i => new Line($"l{i}", i, [0, 1], [0, 50 + i * 0.1])), new Line("low", 4, [0, 1], [0, 1])];
        var layout = FigureLayout.Of(ExampleFigures.Curves() with { Marks = lines });
        var at = layout.DirectLabels.Select(label => label.Text.Y).ToList();
        Assert.Equal(5, at.Count);
        Assert.All(at.Zip(at.Skip(1), (a, b) => b - a), gap => Assert.True(gap >= 9.99));
    }

    [Fact]
    public void Names_of_categories_are_turned_only_where_they_do_not_fit()
    {
        var narrow = ExampleFigures.Categories();
        Assert.Equal(0, FigureLayout.Of(narrow).XTickTurn);
        var names = Enumerable.Range(0, 10).Select(i => $"category {i}").ToList();
        var many = narrow with { X = new Axis("") { Categories = names }, Marks = [new Points("", 0, [0, 9], [1, 2])] };
        Assert.Equal(40, FigureLayout.Of(many).XTickTurn);
    }

    [Fact]
    public void Labels_that_leave_no_room_for_data_are_an_error()
    {
        var figure = ExampleFigures.Curves() with { Height = 80 };
        Assert.Contains("no room", Assert.Throws<FigureException>(() => FigureLayout.Of(figure)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_clipped_and_no_text_lies_on_another_whatever_the_width()
    {
        foreach (var figure in ExampleFigures.WithAxes())
        {
            var layout = FigureLayout.Of(figure);
            PlacedText[] around =
            [
                .. layout.Title, layout.XLabel, layout.YLabel, .. layout.TickTexts, .. layout.DirectLabels.Select(label => label.Text), .. layout.ReferenceLabels.Select(label => label.Text),
                .. layout.Legend.Select(entry => new PlacedText(entry.Label, entry.X + LegendEntry.SampleWidth + LegendEntry.Gap, entry.Y, TextSize.Body)),
                .. layout.Bar?.TickLabels ?? [], .. layout.Bar is { } bar ? [bar.Label] : Array.Empty<PlacedText>(),
            ];
            var texts = around.Concat(layout.Words).Where(text => text.Text.Length > 0).ToList();
            foreach (var text in texts)
            {
                var box = text.Bounds;
                Assert.True(box.Left >= 0 && box.Right <= layout.Width && box.Top >= 0 && box.Bottom <= layout.Height, $"{figure.Name} at {figure.Width}: '{text.Text}' reaches out of the figure: {box}");
            }
            for (var i = 0; i < texts.Count; i++)
            {
                // Slanted names have larger boxes than letters.
                foreach (var other in texts.Skip(i + 1).Where(other => texts[i].Turn is 0 or 90 && other.Turn is 0 or 90))
                    Assert.False(texts[i].Bounds.Overlaps(other.Bounds), $"{figure.Name} at {figure.Width}: '{texts[i].Text}' lies on '{other.Text}'");
            }
        }
    }

    [Fact]
    public void Categories_of_the_y_axis_and_rows_of_a_heat_map_run_downwards()
    {
        foreach (var figure in (Figure[])[ExampleFigures.Forest(), ExampleFigures.Attention()])
        {
            var layout = FigureLayout.Of(figure);
            Assert.True(layout.Y.Reversed);
            Assert.True(layout.Map(0, 0).Y < layout.Map(0, 1).Y);
            var first = layout.TickTexts.First(text => text.Text == figure.Y.Categories[0] && text.Align == TextAlign.Right);
            Assert.Equal(layout.Map(0, 0).Y, first.Y, 1e-9);
        }
        Assert.False(FigureLayout.Of(ExampleFigures.Curves()).Y.Reversed);
    }

    [Fact]
    public void Long_names_of_rows_are_broken_into_lines_and_lose_no_word()
    {
        var layout = FigureLayout.Of(ExampleFigures.Narrow(ExampleFigures.Forest()));
        var lines = layout.TickTexts.Select(text => text.Text).Where(text => text.StartsWith("one learning", StringComparison.Ordinal) || text.StartsWith("layers", StringComparison.Ordinal));
        Assert.Equal("one learning rate for all layers, tuned again", string.Join(' ', lines));
    }

    [Fact]
    public void A_name_that_no_lines_hold_ends_in_an_ellipsis_and_leaves_room_for_data()
    {
        var figure = ExampleFigures.Forest() with { Width = 252, Y = new Axis("") { Categories = [new string('w', 60), "b", "c", "d", "e", "f"] } };
        var layout = FigureLayout.Of(figure);
        Assert.Contains(layout.TickTexts, text => text.Text.EndsWith('…'));
        Assert.True(layout.Plot.Width > 60);
    }

    [Fact]
    public void Words_beside_the_plot_get_a_margin_of_their_own()
    {
        var layout = FigureLayout.Of(ExampleFigures.Forest());
        Assert.All(layout.Words, word => Assert.True(word.X > layout.Plot.Right && word.Bounds.Right <= layout.Width));
    }

    [Fact]
    public void A_vertical_reference_is_named_beside_its_line_or_in_the_legend()
    {
        var layout = FigureLayout.Of(ExampleFigures.Fan());
        var (reference, text) = Assert.Single(layout.ReferenceLabels);
        var x = layout.Map(reference.At, layout.Y.Min).X;
        Assert.InRange(Math.Min(Math.Abs(text.Bounds.Left - x), Math.Abs(text.Bounds.Right - x)), 1, 5);
        Assert.Contains(FigureLayout.Of(ExampleFigures.Narrow(ExampleFigures.Forest())).Legend, entry => entry.Label == "tolerance: 1.0");
    }

    [Fact]
    public void The_colour_bar_has_its_ends_where_the_scale_has_them_and_says_where_values_lie_beyond()
    {
        var bar = FigureLayout.Of(ExampleFigures.Confusion()).Bar!;
        Assert.Equal((0.01, 1), (bar.Scale.Min, bar.Scale.Max));
        Assert.Equal(["≤ 0.01", "0.03", "0.1", "0.3", "1"], bar.TickLabels.OrderByDescending(text => text.Y).Select(text => text.Text));
        Assert.Null(FigureLayout.Of(ExampleFigures.Curves()).Bar);
    }

    [Fact]
    public void Words_in_cells_are_white_on_dark_and_black_on_light()
    {
        var layout = FigureLayout.Of(ExampleFigures.Confusion());
        Assert.Equal("#000000", layout.Words[0].Colour);
        Assert.Equal(Palette.Paper, layout.Words[6].Colour);
    }
}
