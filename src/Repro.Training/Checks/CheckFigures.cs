using Repro.Figures;
using Repro.Figures.Images;

namespace Repro.Training.Checks;

/// <summary>The figures of the checks.</summary>
internal static class CheckFigures
{
    /// <summary>Loss over steps, a line a training.</summary>
    public static Figure Losses(string name, string title, string caption, params ReadOnlySpan<(string Label, ShortTraining Training)> trainings)
    {
        var lines = new List<Mark>();
        foreach (var (label, training) in trainings)
            lines.Add(new Line(label, lines.Count, [.. Enumerable.Range(0, training.Losses.Count).Select(step => (double)step)], training.Losses));
        return new Figure(name, title, new Axis("step"), new Axis("training loss (nats)"), lines) { Caption = caption };
    }

    public static Figure Pictures(string name, string title, string caption, IReadOnlyList<RgbImage> images, IReadOnlyList<string> captions, int columns) =>
        new(name, title, new Axis(""), new Axis(""), [new ImageGrid(images, captions, columns)]) { Caption = caption };
}
