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

    /// <summary>The same figure for one column, named <c>NAME-column</c>. What has rows, cells or names along both sides keeps its height, because they need it whatever the width.</summary>
    public static Figure Narrow(Figure figure)
    {
        var square = figure.Marks.Any(mark => mark is HeatMap);
        var rows = figure.Y.Categories.Count > 0;
        var height = square ? figure.Height * One / Math.Max(One, figure.Width) : rows ? figure.Height : Math.Min(figure.Height, TallestOfOne);
        return figure with { Name = figure.Name + "-column", Width = Math.Min(figure.Width, One), Height = height };
    }
}
