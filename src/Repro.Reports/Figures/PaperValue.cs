using Repro.Figures;
using Repro.Reports.Runs;

namespace Repro.Reports.Figures;

/// <summary>What a paper states of the quantity that a figure shows.</summary>
/// <param name="Stands">Table 6, Figure 6 (right).</param>
/// <param name="Value">In the figure's unit.</param>
public sealed record PaperValue(string Stands, double Value)
{
    /// <summary>The number as it was published, with its own digits; empty takes it as figures write numbers.</summary>
    public string Digits { get; init; } = "";

    /// <summary>Where on the palette everything of the paper's stands, in every figure.</summary>
    internal const int Colour = 0;

    internal Reference Line(string unit, bool vertical = false) => new($"paper, {Stands}: {WithUnit(unit)}", Colour, Value, vertical);

    internal string WithUnit(string unit) => Digits.Length == 0 ? Numbers.WithUnit(Value, unit) : $"{Digits} {unit}".TrimEnd();
}
