using Repro.Figures;

namespace Repro.Reports.Figures;

/// <summary>The two widths that a figure has in a paper, and in reports on wide and narrow screens.</summary>
public static class ColumnWidths
{
    /// <summary>One column of a two-column paper, in points.</summary>
    public const double One = 252;

    /// <summary>Both columns, in points.</summary>
    public const double Two = 516;

    private const double TallestOfOne = 200;

    /// <summary>
    /// The same figure for one column, named <c>NAME-column</c>. What has rows keeps its height, because they need it whatever the width; what is narrower than two
    /// columns is so for its shape, and keeps that.
    /// </summary>
    public static Figure Narrow(Figure figure)
    {
        var height = figure.Y.Categories.Count > 0 && !figure.Marks.Any(mark => mark is HeatMap) ? figure.Height
            : figure.Width < Two ? figure.Height * Math.Min(1, One / figure.Width)
            : Math.Min(figure.Height, TallestOfOne);
        return figure with { Name = figure.Name + "-column", Width = Math.Min(figure.Width, One), Height = height };
    }
}
