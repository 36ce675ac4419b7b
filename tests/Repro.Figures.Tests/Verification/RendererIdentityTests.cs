using System.Diagnostics;
using Repro.Figures.Gnuplot;
using Repro.Figures.Verification;

namespace Repro.Figures.Tests.Verification;

public sealed class RendererIdentityTests
{
    private static readonly RendererIdentity Known = new("gnuplot 5.4 patchlevel 4", "DejaVuSans.ttf and DejaVuSans-Bold.ttf", new string('a', 64));

    [Fact]
    public void Pictures_are_comparable_under_the_same_renderer_and_font_only()
    {
        Assert.True(Known.ComparableWith(Known with { Font = "elsewhere.ttf" }));
        Assert.False(Known.ComparableWith(Known with { Renderer = "gnuplot 6.0 patchlevel 0" }));
        Assert.False(Known.ComparableWith(Known with { FontHash = new string('b', 64) }));
        Assert.False((Known with { FontHash = "" }).ComparableWith(Known with { FontHash = "" }));
    }

    [Fact]
    public void The_reason_is_said_exactly_where_they_are_not()
    {
        foreach (var other in (RendererIdentity[])[Known, Known with { Renderer = "gnuplot 6.0 patchlevel 0" }, Known with { FontHash = new string('b', 64) }, Known with { FontHash = "" }])
            Assert.Equal(Known.ComparableWith(other), Known.Difference(other) is null);
        Assert.Contains("gnuplot 6.0", Known.Difference(Known with { Renderer = "gnuplot 6.0 patchlevel 0" }), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void The_hash_is_that_of_the_fonts_in_use()
    {
        var renderer = GnuplotRenderer.Find();
        Skip.If(renderer is null, "gnuplot is not installed (apt-get install gnuplot-nox).");
        var identity = RendererIdentity.Of(renderer!);
        Skip.If(identity.Font.Length == 0, "fc-match is not installed (apt-get install fontconfig).");
        Assert.Equal(renderer!.Name, identity.Renderer);
        // Independent of the code under test: the shell's own tools over what fontconfig names.
        var start = new ProcessStartInfo("sh", ["-c", "cat \"$(fc-match --format='%{file}' 'DejaVu Sans')\" \"$(fc-match --format='%{file}' 'DejaVu Sans:bold')\" | sha256sum"]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        Assert.Equal(process.StandardOutput.ReadToEnd().Split(' ')[0], identity.FontHash);
    }
}
