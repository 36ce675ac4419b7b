namespace Repro.Figures;

/// <summary>
/// The colours of marks. Okabe and Ito 2008, "Color Universal Design": told apart under every common colour blindness, and in grey by their
/// order here. Their yellow is left out, because it is not readable on white.
/// </summary>
public static class Palette
{
    private static readonly string[] Colours = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"];

    /// <summary>Text and axes.</summary>
    public const string Ink = "#262626";

    /// <summary>Grid lines.</summary>
    public const string Grid = "#E4E4E4";

    public const string Paper = "#FFFFFF";

    /// <summary>Distinct colours; an index beyond them begins again, with another dash or marker.</summary>
    public static int Count => Colours.Length;

    /// <summary><c>#RRGGBB</c> of an index from 0.</summary>
    public static string Hex(int index) => Colours[index % Colours.Length];
}
