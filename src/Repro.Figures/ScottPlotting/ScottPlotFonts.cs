#if SCOTTPLOT
using Repro.Figures.Layout;
using SkiaSharp;

namespace Repro.Figures.ScottPlotting;

/// <summary>The fonts that Skia finds for the figures' family, which need not be those of fontconfig: some builds of it look for fonts themselves.</summary>
internal static class ScottPlotFonts
{
    /// <summary>Family and whole font file of the regular and the bold face.</summary>
    public static IReadOnlyList<(string Name, byte[] Content)> Faces() => [Face(SKFontStyle.Normal), Face(SKFontStyle.Bold)];

    private static (string, byte[]) Face(SKFontStyle style)
    {
        using var typeface = SKTypeface.FromFamilyName(TextSize.Family, style);
        using var stream = typeface.OpenStream();
        var content = new byte[stream.Length];
        stream.Read(content, content.Length);
        return (typeface.FamilyName, content);
    }
}
#endif
