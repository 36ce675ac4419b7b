using Repro.Figures.Images;

namespace Repro.Figures;

/// <summary>What a figure shows, without a word on how it is drawn. The same record gives the same picture on every renderer.</summary>
/// <param name="Name">File name without extension: <c>learning-curves</c>.</param>
/// <param name="Title">One line; a figure in a report also has a caption.</param>
public sealed record Figure(string Name, string Title, Axis X, Axis Y, IReadOnlyList<Mark> Marks)
{
    /// <summary>What the reader should see, and what the data are; under the figure in reports.</summary>
    public string Caption { get; init; } = "";

    /// <summary>Width in typographic points; 252 is one column of a two-column paper, 516 both.</summary>
    public double Width { get; init; } = 516;

    /// <summary>Height in typographic points.</summary>
    public double Height { get; init; } = 290;
}

/// <summary>One axis.</summary>
/// <param name="Label">With its unit in parentheses.</param>
/// <param name="Log">Logarithmic to base 10; values must be above zero.</param>
/// <param name="Min">Where the axis begins; null lets the data decide.</param>
/// <param name="Max">Where it ends; null lets the data decide.</param>
public sealed record Axis(string Label, bool Log = false, double? Min = null, double? Max = null)
{
    /// <summary>Names of the positions 0, 1, 2 ... where the axis stands for categories.</summary>
    public IReadOnlyList<string> Categories { get; init; } = [];
}

/// <summary>Something drawn in a figure. Marks of the same <see cref="Colour"/> belong together; the palette is colour-blind safe.</summary>
/// <param name="Label">In the legend; empty: not in the legend.</param>
/// <param name="Colour">Index into the palette.</param>
public abstract record Mark(string Label, int Colour);

/// <summary>A line through (X[i], Y[i]); NaN breaks it.</summary>
public sealed record Line(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Y, bool Dashed = false) : Mark(Label, Colour);

/// <summary>A filled band between Low and High, for intervals and ranges over seeds.</summary>
public sealed record Band(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Low, IReadOnlyList<double> High) : Mark(Label, Colour);

/// <summary>Unconnected points.</summary>
public sealed record Points(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Y) : Mark(Label, Colour);

/// <summary>One bar a position, from zero.</summary>
public sealed record Bars(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Height) : Mark(Label, Colour);

/// <summary>A dashed horizontal line with its label written on it: the paper's value.</summary>
public sealed record Reference(string Label, int Colour, double Y) : Mark(Label, Colour);

/// <summary>Images in rows and columns with a caption under each; a figure with this mark has no axes and no other marks.</summary>
/// <param name="Captions">One an image; empty for none.</param>
/// <param name="Scale">How many pixels a pixel becomes; 0 lets the renderer choose.</param>
public sealed record ImageGrid(IReadOnlyList<RgbImage> Images, IReadOnlyList<string> Captions, int Columns, int Scale = 0) : Mark("", 0);
