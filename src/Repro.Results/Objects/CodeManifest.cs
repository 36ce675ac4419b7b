using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>One file of a bundle of code.</summary>
/// <param name="Path">Below the bundle's folder, with <c>/</c> between names.</param>
/// <param name="Sha256">Lower-case hex.</param>
public sealed record CodeFile(string Path, string Sha256, long Bytes, bool Executable);

/// <summary>
/// What a bundle of code consists of, as text of one form alone: a heading, then a line a file with digest, bytes, <c>x</c> or <c>-</c>, and path, ordered by
/// path. So equal files have equal manifests, and the SHA-256 of that text names the bundle.
/// </summary>
public sealed record CodeManifest
{
    /// <summary>Bytes of text, and files, that no bundle has more of.</summary>
    public const int LongestText = 4 << 20, MostFiles = 10_000;

    private const string Heading = "repro-code 1";

    /// <param name="files">In any order.</param>
    /// <exception cref="BadInputException">Two have one path, or a path leads out of the folder or cannot be one.</exception>
    public CodeManifest(IEnumerable<CodeFile> files)
    {
        Files = [.. files.OrderBy(file => file.Path, StringComparer.Ordinal)];
        Text = string.Concat(Files.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Sha256} {file.Bytes} {(file.Executable ? 'x' : '-')} {file.Path}\n")).Prepend(Heading + "\n"));
        if (Fault() is { } fault) throw new BadInputException($"This is no bundle of code: {fault}.");
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
    }

    /// <summary>By path.</summary>
    public IReadOnlyList<CodeFile> Files { get; }

    public string Text { get; }

    /// <summary>SHA-256 of the text, lower-case hex.</summary>
    public string Id { get; }

    /// <summary>Whether the text can be a SHA-256 in lower-case hex.</summary>
    public static bool IsDigest(string text) => text.Length == 64 && text.All(char.IsAsciiHexDigitLower);

    /// <exception cref="BadInputException">It is no manifest, or one that would write outside of its folder. Its message begins with <paramref name="what"/>.</exception>
    public static CodeManifest Parse(string text, string what)
    {
        try
        {
            var lines = text.Split('\n');
            if (lines is not [Heading, .., ""] || lines.Length - 2 > MostFiles) throw new FormatException();
            var manifest = new CodeManifest(lines[1..^1].Select(File).ToList());
            return manifest.Text == text ? manifest : throw new FormatException();
        }
        catch (FormatException error)
        {
            throw new BadInputException($"{what} is no manifest of a bundle of code. Start the sweep again, which sends its code anew.", error);
        }
        catch (BadInputException error)
        {
            throw new BadInputException($"{what} is refused: {error.Message}", error);
        }
    }

    private static CodeFile File(string line) =>
        line.Split(' ', 4) is [var digest, var bytes, var flag, var path] && (flag is "x" or "-") && IsDigest(digest) && long.TryParse(bytes, NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            ? new CodeFile(path, digest, length, flag == "x") : throw new FormatException();

    private string? Fault()
    {
        var folders = Files.SelectMany(file => Parents(file.Path)).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < Files.Count; i++)
        {
            var path = Files[i].Path;
            if ((ObjectKey.Fault(path) ?? (path.Contains('\\', StringComparison.Ordinal) ? "it has a backslash" : null)) is { } fault) return $"its file '{path}' has a path that cannot be: {fault}";
            if (path.Split('/').Any(name => name[0] == '.')) return $"its file '{path}' is a hidden one, or below one";
            if (folders.Contains(path)) return $"its file '{path}' is a folder too";
            if (i > 0 && Files[i - 1].Path == path) return $"its file '{path}' is there twice";
        }
        return null;
    }

    private static IEnumerable<string> Parents(string path)
    {
        for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash >= 0; slash = path.IndexOf('/', slash + 1)) yield return path[..slash];
    }
}
