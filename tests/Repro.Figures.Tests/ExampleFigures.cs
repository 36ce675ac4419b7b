using Repro.Figures.Images;
using Repro.Studies.Randomness;

namespace Repro.Figures.Tests;

/// <summary>One figure of each kind of mark, with the awkward values that real runs have.</summary>
internal static class ExampleFigures
{
    public static readonly double[] Steps = Enumerable.Range(1, 50).Select(i => i * 1000.0).ToArray();

    public static Figure Curves(params Mark[] more) => new(
        "curves", "Error while training", new Axis("optimizer steps"), new Axis("error (%)"),
        [
            new Line("train", 0, Steps, Falling(60, 1)),
            new Line("test", 1, Steps, Falling(60, 9)),
            new Band("", 1, Steps, Falling(58, 8), Falling(62, 10)),
            new Reference("paper: 8.75 %", 1, 8.75),
            .. more,
        ]);

    public static Figure Broken() => new(
        "broken", "A run that diverged", new Axis("steps"), new Axis("loss", Log: true),
        [new Line("loss", 2, [1, 2, 3, 4, 5, 6, 7], [1, 0.5, double.NaN, 2, double.PositiveInfinity, 3, 4])]);

    public static Figure Categories() => new(
        "categories", "Test error by depth", new Axis("") { Categories = ["ResNet-20", "ResNet-110"] }, new Axis("test error (%)"),
        [new Bars("ours", 0, [0, 1], [8.6, 6.7]), new Points("paper", 1, [0, 1], [8.75, 6.61])]) { Width = 252, Height = 180 };

    public static Figure Images() => new(
        "images", "A batch as the network sees it", new Axis(""), new Axis(""),
        [new ImageGrid([Square(8), Square(8), Square(1)], ["cat", "it's a \"dog\" <&>", "one pixel"], 2)]);

    public static Figure Forest()
    {
        string[] names = ["no warm-up", "without label smoothing", "one learning rate for all layers, tuned again", "half the heads", "no dropout", "Ours (baseline)"];
        double[] effects = [1.9, 0.4, -0.3, double.NaN, 2.6, 0], half = [0.8, 0.5, 0.6, double.NaN, 1.4, 0.2];
        double[] rows = [0, 1, 2, 3, 4, 5];
        var words = effects.Zip(half, (e, h) => double.IsNaN(e) ? "not run" : $"{e:+0.0;\u22120.0;0.0} ± {h:0.0}").ToArray();
        return new Figure("forest", "What each change costs, paired by seed", new Axis("difference in test error (percentage points)", Min: -1.5, Max: 4.5), new Axis("") { Categories = names },
        [
            new Reference("", 6, 0, Vertical: true),
            new Reference("tolerance: 1.0", 1, 1, Vertical: true),
            new Intervals("mean and 95 % interval", 0, rows, Less(effects, half), Less(effects, [.. half.Select(h => -h)]), Horizontal: true),
            new Points("mean and 95 % interval", 0, effects, rows),
            new Texts(6, [.. rows.Select(_ => 4.5)], rows, words, TextSide.Right),
        ]) { Height = 190 };
    }

    public static Figure ErrorBars() => new(
        "error-bars", "Error by learning rate", new Axis("learning rate", Log: true), new Axis("test error (%)"),
        [
            new Points("validation", 0, [0.001, 0.003, 0.01, 0.03, 0.1], [14, 11.2, 9.1, 8.9, 12.5]),
            new Intervals("validation", 0, [0.001, 0.003, 0.01, 0.03, 0.1], [13.1, 10.8, 8.8, 8.2, 10.1], [14.9, 11.6, 9.4, 9.6, 14.9]),
            new Reference("paper's choice", 1, 0.02, Vertical: true),
            new Reference("paper: 8.75 %", 1, 8.75),
        ]) { Height = 200 };

    public static Figure Attention()
    {
        string[] words = ["the", "cat", "that", "sat", "on", "the", "mat", "was", "very", "grey", "."];
        var cells = words.Select((_, row) => (IReadOnlyList<double>)words.Select((_, column) => column > row ? double.NaN : Math.Exp(-Math.Abs(row - column - 1) / 2.0) / 2).ToArray()).ToArray();
        return new Figure("attention", "Attention of head 3 in layer 2", new Axis("attended token") { Categories = words }, new Axis("token") { Categories = words }, [new HeatMap(cells)])
        {
            Colours = new ColourScale("attention weight", 0, 0.5),
            Height = 240,
        };
    }

    public static Figure Confusion()
    {
        double[][] cells = [[0.94, 0.04, 0.02], [0.11, 0.81, 0.08], [0.003, 0.05, 0.947]];
        return new Figure("confusion", "Confusion between classes", new Axis("predicted") { Categories = ["cat", "dog", "aeroplane"] }, new Axis("true class") { Categories = ["cat", "dog", "aeroplane"] },
        [
            new HeatMap(cells),
            new Texts(0, [0, 1, 2, 0, 1, 2, 0, 1, 2], [0, 0, 0, 1, 1, 1, 2, 2, 2], [.. cells.SelectMany(row => row).Select(value => value.ToString("0.000"))]),
        ])
        {
            Colours = new ColourScale("share of the class", 0.01, 1, Log: true),
            Height = 220,
        };
    }

    /// <summary>Shaded lines across axes with numbers at their ends, as parallel coordinates have them.</summary>
    public static Figure Parallel()
    {
        var random = new Philox(7, RandomPurpose.Checks);
        var lines = Enumerable.Range(0, 40).Select(_ =>
        {
            double[] y = [random.NextDouble(), random.NextDouble(), random.NextDouble(), 0];
            y[3] = Math.Clamp(0.5 * y[0] + 0.4 * Math.Abs(y[1] - 0.4) + 0.1 * random.NextDouble(), 0, 1);
            return new Line("", 0, [0, 1, 2, 3], y) { Shade = 5 + 20 * y[3] };
        });
        return new Figure("parallel", "Forty trials of the search", new Axis("") { Categories = ["learning rate", "weight decay", "dropout", "error"], Min = -0.2, Max = 3.2 }, new Axis("share of the range", Min: -0.12, Max: 1.12),
        [
            .. lines,
            new Texts(6, [0, 1, 2, 3], [1, 1, 1, 1], ["0.1", "10⁻²", "0.5", "25 %"], TextSide.Above),
            new Texts(6, [0, 1, 2, 3], [0, 0, 0, 0], ["10⁻⁴", "10⁻⁶", "0", "5 %"], TextSide.Below),
        ])
        {
            Colours = new ColourScale("validation error (%)", 5, 20),
            Height = 220,
        };
    }

    /// <summary>Ten thousand trials: what lies under others is not drawn.</summary>
    public static Figure Scatter(int count = 10_000)
    {
        var random = new Philox(11, RandomPurpose.Checks);
        var x = Enumerable.Range(0, count).Select(_ => Math.Pow(10, -5 + 4 * random.NextDouble())).ToArray();
        var y = x.Select(rate => 8 + 3 * Math.Pow(Math.Log10(rate) + 2.6, 2) + Math.Abs(random.NextNormal()) * 4).ToArray();
        return new Figure("scatter", "Every trial of the sweep", new Axis("learning rate", Log: true), new Axis("validation error (%)"),
            [new Points("trial", 0, x, y), new Points("chosen", 1, [0.0025], [8]), new Reference("paper: 8.75 %", 1, 8.75), new Reference("paper", 1, 0.001, Vertical: true)]);
    }

    /// <summary>Points that are each coloured by what they cost.</summary>
    public static Figure Shaded()
    {
        var random = new Philox(12, RandomPurpose.Checks);
        var points = Enumerable.Range(0, 60).Select(_ => (X: random.NextDouble(), Y: random.NextDouble())).Select(p => new Points("", 0, [p.X], [p.Y]) { Shade = Math.Pow(10, 3 * p.X * p.Y) });
        return new Figure("shaded", "Two options and the outcome", new Axis("dropout"), new Axis("label smoothing"), [.. points]) { Colours = new ColourScale("perplexity", 1, 300, Log: true), Height = 220 };
    }

    public static Figure Fan()
    {
        var x = Enumerable.Range(0, 49).Select(i => (double)i).ToArray();
        double[] Centre() => x.Select(hour => 50 + 20 * Math.Sin(hour / 24 * 2 * Math.PI)).ToArray();
        double[] Wide(double by) => x.Zip(Centre(), (hour, c) => hour < 24 ? double.NaN : c + by * Math.Sqrt(hour - 23)).ToArray();
        return new Figure("fan", "Forecast of one day", new Axis("hour"), new Axis("load (MW)"),
        [
            new Band("90 % of samples", 0, x, Wide(-4), Wide(4)),
            new Band("50 % of samples", 0, x, Wide(-1.7), Wide(1.7)),
            new Line("median", 0, x, Wide(0)),
            new Line("observed", 6, x, x.Zip(Centre(), (hour, c) => c + 2 * Math.Sin(hour * 1.7)).ToArray(), Dashed: true),
            new Reference("forecast begins", 6, 24, Vertical: true),
        ]) { Height = 200 };
    }

    public static IEnumerable<Figure> All() =>
        [Curves(), Broken(), Categories(), Images(), Forest(), ErrorBars(), Attention(), Confusion(), Parallel(), Shaded(), Fan(), Scatter(3000)];

    public static IEnumerable<Figure> WithAxes() => All().Where(figure => figure.Marks[0] is not ImageGrid).SelectMany(figure => new[] { figure, Narrow(figure) });

    /// <summary>A figure for one column of a two-column paper.</summary>
    public static Figure Narrow(Figure figure) => figure with { Width = 252, Height = Math.Min(figure.Height, 200) };

    public static RgbImage Square(int size)
    {
        var image = new RgbImage(size, size);
        for (var i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 37);
        return image;
    }

    private static double[] Less(double[] a, double[] b) => a.Zip(b, (x, y) => x - y).ToArray();

    private static double[] Falling(double from, double to) => Steps.Select(step => to + (from - to) * Math.Exp(-step / 8000)).ToArray();
}
