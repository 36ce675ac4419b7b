using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using Repro.Figures.Layout;

namespace Repro.Figures.Verification;

/// <summary>What a picture's pixels depend on beside the figure: who drew it, and in which font. Pictures are compared only where both are equal.</summary>
/// <param name="Renderer"><see cref="IFigureRenderer.Name"/>: name and version.</param>
/// <param name="Font">File names of the regular and the bold face; empty where they could not be found out.</param>
/// <param name="FontHash">SHA-256 of both faces' files, regular first, in lower case hexadecimal; empty where they could not be found out.</param>
public sealed record RendererIdentity(string Renderer, string Font, string FontHash)
{
    /// <summary>Asks fontconfig, which gnuplot's cairo asks too, for the files that stand for the figures' family on this machine; they are another family's where it is not installed.</summary>
    public static RendererIdentity Of(IFigureRenderer renderer)
    {
        var files = new[] { TextSize.Family, TextSize.Family + ":bold" }.Select(FileOf).ToList();
        if (files.Exists(file => file is null)) return new RendererIdentity(renderer.Name, "", "");
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files) hash.AppendData(File.ReadAllBytes(file!));
        return new RendererIdentity(renderer.Name, string.Join(" and ", files.Select(file => Path.GetFileName(file!))), Convert.ToHexStringLower(hash.GetHashAndReset()));
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
