using System.Globalization;

namespace Repro.Figures;

/// <summary>
/// The colours of a <see cref="ColourScale"/>: viridis by its ten published anchors (van der Walt and Smith 2015, matplotlib; the same in
/// viridisLite), with straight lines between them in sRGB. Its lightness grows evenly, so order is seen under every colour blindness and in grey.
/// The lightest part is left out: a line in it cannot be read on white.
/// </summary>
public static class Shades
{
    /// <summary>How far along viridis the highest value stands.</summary>
    private const double Lightest = 0.92;

    private static readonly uint[] Anchors = [0x440154, 0x482878, 0x3E4A89, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6DCD59, 0xB4DE2C, 0xFDE725];

    /// <summary><c>#RRGGBB</c> of a value; one outside of the scale has the colour of its nearer end, and the colour bar says so.</summary>
    /// <param name="value">Finite; above zero where the scale is logarithmic.</param>
    public static string Hex(ColourScale scale, double value) => "#" + Rgb(Fraction(scale, value)).ToString("X6", CultureInfo.InvariantCulture);

    /// <summary><c>#RRGGBB</c> of a mark: by its shade where it has one, otherwise from the palette.</summary>
    public static string Hex(Figure figure, Mark mark) => mark.Shade is { } shade && figure.Colours is { } scale ? Hex(scale, shade) : Palette.Hex(mark.Colour);

    /// <summary>Black or white, whichever is read better on a colour of the scale (relative luminance of WCAG 2.2, contrast 4.5 and more).</summary>
    public static string InkOn(ColourScale scale, double value)
    {
        var rgb = Rgb(Fraction(scale, value));
        var luminance = 0.2126 * Linear(rgb >> 16 & 255) + 0.7152 * Linear(rgb >> 8 & 255) + 0.0722 * Linear(rgb & 255);
        // Contrast with white, 1.05 / (L + 0.05), equals that with black, (L + 0.05) / 0.05, at L = 0.179.
        return luminance < 0.179 ? Palette.Paper : "#000000";
    }

    /// <summary>Where a value stands on the scale, 0 to 1.</summary>
    public static double Fraction(ColourScale scale, double value) => Math.Clamp(
        scale.Log ? Math.Log(value / scale.Low) / Math.Log(scale.High / scale.Low) : (value - scale.Low) / (scale.High - scale.Low), 0, 1);

    /// <summary>0xRRGGBB of a position from 0 to 1.</summary>
    internal static uint Rgb(double fraction)
    {
        var at = fraction * Lightest * (Anchors.Length - 1);
        var index = Math.Min((int)at, Anchors.Length - 2);
        var (from, to, part) = (Anchors[index], Anchors[index + 1], at - index);
        return Channel(16) << 16 | Channel(8) << 8 | Channel(0);

        uint Channel(int shift)
        {
            double a = from >> shift & 255, b = to >> shift & 255;
            return (uint)Math.Round(a + (b - a) * part);
        }
    }

    private static double Linear(uint channel) => channel / 255.0 <= 0.04045 ? channel / 255.0 / 12.92 : Math.Pow((channel / 255.0 + 0.055) / 1.055, 2.4);
}
