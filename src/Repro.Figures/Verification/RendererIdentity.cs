using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Repro.Figures.Layout;

namespace Repro.Figures.Verification;

/// <summary>What a picture's pixels depend on beside the figure: who drew it, and in which font. Pictures are compared only where both are equal.</summary>
/// <param name="Renderer"><see cref="IFigureRenderer.Name"/>: name and version.</param>
/// <param name="Font">Files or families of the regular and the bold face; empty where they could not be found out.</param>
/// <param name="FontHash">SHA-256 of both faces' files, regular first, in lower case hexadecimal; empty where they could not be found out.</param>
public sealed record RendererIdentity(string Renderer, string Font, string FontHash)
{
    /// <summary>
    /// Finds the fonts as the renderer does: gnuplot's cairo asks fontconfig, ScottPlot's Skia says itself. They are another family's where the
    /// figures' own is not installed.
    /// </summary>
    public static RendererIdentity Of(IFigureRenderer renderer)
    {
        var faces = Faces(renderer.Name);
        if (faces.Exists(face => face is null)) return new RendererIdentity(renderer.Name, "", "");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var face in faces) hash.AppendData(face!.Value.Content);
        return new RendererIdentity(renderer.Name, string.Join(" and ", faces.Select(face => face!.Value.Name)), Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>Whether pictures of both may be compared. Fonts that are not known are equal to none.</summary>
    public bool ComparableWith(RendererIdentity other) => Renderer == other.Renderer && FontHash.Length > 0 && FontHash == other.FontHash;

    /// <summary>Why pictures of this and <paramref name="other"/> are not compared, in a clause; null where they may be.</summary>
    public string? Difference(RendererIdentity other)
    {
        if (Renderer != other.Renderer) return $"one was drawn by {Renderer}, the other by {other.Renderer}";
        if (FontHash.Length == 0 || other.FontHash.Length == 0) return "the font of one is not known (fc-match, of Debian's fontconfig, finds it)";
        return FontHash == other.FontHash ? null : $"one is in the font {Font} ({FontHash[..12]}), the other in {other.Font} ({other.FontHash[..12]})";
    }

    private static List<(string Name, byte[] Content)?> Faces(string renderer)
    {
#if SCOTTPLOT
        if (renderer == ScottPlot.Version.LongString) return ScottPlotting.ScottPlotFonts.Faces().Select(face => ((string, byte[])?)face).ToList();
#endif
        return new[] { TextSize.Family, TextSize.Family + ":bold" }.Select(FileOf).Select(file => file is null ? null : ((string, byte[])?)(Path.GetFileName(file), File.ReadAllBytes(file))).ToList();
    }

    private static string? FileOf(string pattern)
    {
        try
        {
            var start = new ProcessStartInfo("fc-match", ["--format=%{file}", pattern]) { RedirectStandardOutput = true, RedirectStandardError = true, StandardOutputEncoding = Encoding.UTF8 };
            using var process = Process.Start(start)!;
            var errors = process.StandardError.ReadToEndAsync();
            var file = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            errors.Wait();
            return process.ExitCode == 0 && File.Exists(file) ? file : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
