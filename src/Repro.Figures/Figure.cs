using System.Text.Json.Serialization;
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

    /// <summary>Whether lines stand along the left and the lower edge; false where a figure draws axes of its own.</summary>
    public bool Frame { get; init; } = true;

    /// <summary>What <see cref="Mark.Shade"/> and the cells of a <see cref="HeatMap"/> mean; null where there are neither.</summary>
    public ColourScale? Colours { get; init; }
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
[JsonPolymorphic(TypeDiscriminatorPropertyName = "mark", UnknownDerivedTypeHandling = JsonUnknownDerivedTypeHandling.FailSerialization)]
[JsonDerivedType(typeof(Line), "line")]
[JsonDerivedType(typeof(Band), "band")]
[JsonDerivedType(typeof(Points), "points")]
[JsonDerivedType(typeof(Bars), "bars")]
[JsonDerivedType(typeof(Reference), "reference")]
[JsonDerivedType(typeof(Intervals), "intervals")]
[JsonDerivedType(typeof(Texts), "texts")]
[JsonDerivedType(typeof(HeatMap), "heat_map")]
[JsonDerivedType(typeof(ImageGrid), "image_grid")]
public abstract record Mark(string Label, int Colour)
{
    /// <summary>Where on <see cref="Figure.Colours"/> the mark stands, in that scale's unit, instead of a palette's colour; null: the palette's.</summary>
    public double? Shade { get; init; }
}

/// <summary>What continuous colours mean: a bar beside the figure shows it. The colours go from dark (Low) to light (High) and are told apart by any eye and in grey.</summary>
/// <param name="Label">With its unit in parentheses.</param>
public sealed record ColourScale(string Label, double Low, double High, bool Log = false);

/// <summary>A line through (X[i], Y[i]); NaN breaks it.</summary>
public sealed record Line(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Y, bool Dashed = false) : Mark(Label, Colour);

/// <summary>A filled band between Low and High, for intervals and ranges over seeds.</summary>
public sealed record Band(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Low, IReadOnlyList<double> High) : Mark(Label, Colour);

/// <summary>Unconnected points.</summary>
public sealed record Points(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Y) : Mark(Label, Colour);

/// <summary>One bar a position, from zero.</summary>
public sealed record Bars(string Label, int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Height) : Mark(Label, Colour);

/// <summary>A dashed line across the plot with its label written on it: the paper's value. Horizontal at Y = At, or vertical at X = At.</summary>
public sealed record Reference(string Label, int Colour, double At, bool Vertical = false) : Mark(Label, Colour);

/// <summary>Whiskers from Low to High: vertical ones at X = At, or horizontal ones at Y = At. Intervals of forest plots and error bars.</summary>
public sealed record Intervals(string Label, int Colour, IReadOnlyList<double> At, IReadOnlyList<double> Low, IReadOnlyList<double> High, bool Horizontal = false) : Mark(Label, Colour);

/// <summary>Words at places: numbers beside a forest plot's intervals, the ends of a parallel plot's axes. Centred on (X, Y) unless told otherwise.</summary>
public sealed record Texts(int Colour, IReadOnlyList<double> X, IReadOnlyList<double> Y, IReadOnlyList<string> Words, TextSide Side = TextSide.Centre) : Mark("", Colour);

/// <summary>On which side of its place a text stands.</summary>
public enum TextSide
{
    Centre,
    Right,
    Left,
    Above,
    Below,
}

/// <summary>Cells in rows and columns, coloured by <see cref="Figure.Colours"/>: an attention map. Cell [row][column] is centred on (column, row), row 0 at the top; NaN is left blank. Axes with categories name rows and columns.</summary>
public sealed record HeatMap(IReadOnlyList<IReadOnlyList<double>> Cells) : Mark("", 0);

/// <summary>Images in rows and columns with a caption under each; a figure with this mark has no axes and no other marks.</summary>
/// <param name="Captions">One an image; empty for none.</param>
/// <param name="Scale">How many pixels a pixel becomes; 0 lets the renderer choose.</param>
public sealed record ImageGrid(IReadOnlyList<RgbImage> Images, IReadOnlyList<string> Captions, int Columns, int Scale = 0) : Mark("", 0);
