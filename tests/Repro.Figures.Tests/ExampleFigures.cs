using Repro.Figures.Images;

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

    public static IEnumerable<Figure> All() => [Curves(), Broken(), Categories(), Images()];

    public static RgbImage Square(int size)
    {
        var image = new RgbImage(size, size);
        for (var i = 0; i < image.Pixels.Length; i++) image.Pixels[i] = (byte)(i * 37);
        return image;
    }

    private static double[] Falling(double from, double to) => Steps.Select(step => to + (from - to) * Math.Exp(-step / 8000)).ToArray();
}
