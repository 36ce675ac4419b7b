using System.Globalization;

namespace Repro.Figures.Tests;

public sealed class ShadesTests
{
    [Fact]
    public void Low_is_viridiss_first_colour_and_lightness_grows_all_the_way()
    {
        var scale = new ColourScale("c", -3, 5);
        Assert.Equal("#440154", Shades.Hex(scale, -3));
        // Lightness L* of CIE 1976 over D65, from the colours as written.
        var lightness = Enumerable.Range(0, 101).Select(i => Lightness(Shades.Hex(scale, -3 + 8 * i / 100.0))).ToList();
        Assert.All(lightness.Zip(lightness.Skip(1)), pair => Assert.True(pair.Second > pair.First));
        Assert.True(lightness[^1] - lightness[0] > 60);
    }

    [Fact]
    public void Values_beyond_the_scale_have_the_colour_of_its_nearer_end()
    {
        var scale = new ColourScale("c", 1, 100, Log: true);
        Assert.Equal(Shades.Hex(scale, 1), Shades.Hex(scale, 0.2));
        Assert.Equal(Shades.Hex(scale, 100), Shades.Hex(scale, 1e9));
        Assert.Equal(Shades.Hex(new ColourScale("c", 0, 2), 1), Shades.Hex(scale, 10));
    }

    [Fact]
    public void Ink_on_any_colour_of_the_scale_has_a_contrast_of_four_and_a_half()
    {
        var scale = new ColourScale("c", 0, 1);
        for (var value = 0.0; value <= 1; value += 0.01)
        {
            var (paper, ink) = (Luminance(Shades.Hex(scale, value)), Luminance(Shades.InkOn(scale, value)));
            Assert.True((Math.Max(paper, ink) + 0.05) / (Math.Min(paper, ink) + 0.05) >= 4.5, $"at {value}");
        }
    }

    private static double Lightness(string hex)
    {
        var y = Luminance(hex);
        return y > 216.0 / 24389 ? 116 * Math.Cbrt(y) - 16 : y * 24389 / 27;
    }

    private static double Luminance(string hex)
    {
        double Channel(int at)
        {
            var value = int.Parse(hex.AsSpan(at, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture) / 255.0;
            return value <= 0.04045 ? value / 12.92 : Math.Pow((value + 0.055) / 1.055, 2.4);
        }
        return 0.2126 * Channel(1) + 0.7152 * Channel(3) + 0.0722 * Channel(5);
    }
}
