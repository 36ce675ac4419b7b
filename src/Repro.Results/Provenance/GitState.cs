using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Repro.Results.Provenance;

/// <summary>What git says of the sources that a program was built from.</summary>
/// <param name="Commit">Full hash of HEAD; null where there is neither a checkout with git nor a bundle's note.</param>
/// <param name="Diff">
/// The difference of the working tree from HEAD as <c>git apply</c> takes it, untracked files included; empty where there is none. Untracked
/// files above 1 MiB are named in comment lines at its head instead.
/// </param>
public sealed record GitState(string? Commit, string Diff)
{
    private const long LargestUntracked = 1 << 20;

    /// <summary>A tree that git knows nothing of.</summary>
    public static GitState None { get; } = new(null, "");

    public bool Dirty => Diff.Length > 0;

    /// <summary>
    /// What the bundle in <paramref name="folder"/> notes of the checkout that it was packed from; where the folder is no bundle, the state
    /// of the checkout that holds it. Nothing in it is changed, its index neither.
    /// </summary>
    public static GitState Of(string folder)
    {
        if (!Directory.Exists(folder)) return None;
        // First, because a bundle may be unpacked inside a checkout of something else.
        if (Noted(folder) is { } noted) return noted;
        if (Git(folder, null, null, "rev-parse", "--show-toplevel")?.Trim() is not { Length: > 0 } top) return None;
        if (Git(top, null, null, "rev-parse", "HEAD")?.Trim() is not { Length: > 0 } commit) return None;
        // Almost always nothing differs, and then one command is enough.
        return Git(top, null, null, "status", "--porcelain", "-z") switch
        {
            null => new GitState(commit, "# git status failed: whether the working tree differed from the commit is not known\n"),
            "" => new GitState(commit, ""),
            var status => new GitState(commit, Difference(top) is { Length: > 0 } difference ? difference
                : "# git could not write this difference; git status said:\n" + string.Concat(status.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(line => $"# {line}\n"))),
        };
    }

    /// <summary>What <c>./setup --bundle</c> noted in <c>provenance/</c>: <c>commit</c>, empty where git knew none, and <c>diff</c>. Null where the folder is no bundle.</summary>
    public static GitState? Noted(string folder)
    {
        var (commit, diff) = (Path.Combine(folder, "provenance", "commit"), Path.Combine(folder, "provenance", "diff"));
        if (!File.Exists(commit) || !File.Exists(diff)) return null;
        return File.ReadAllText(commit).Trim() is { Length: > 0 } hash ? new GitState(hash, File.ReadAllText(diff)) : None;
    }

    private static string Difference(string top)
    {
        var untracked = (Git(top, null, null, "ls-files", "--others", "--exclude-standard", "-z") ?? "").Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var large = untracked.Where(file => File.Exists(Path.Combine(top, file)) && new FileInfo(Path.Combine(top, file)).Length > LargestUntracked).ToList();
        var head = string.Concat(large.Select(file => $"# untracked, too large to keep: {file}, {new FileInfo(Path.Combine(top, file)).Length} bytes\n"));
        // Untracked files enter a diff only through an index; a copy of it takes them, so that the person's own stays as it is.
        var index = Path.GetTempFileName();
        try
        {
            var own = (Git(top, null, null, "rev-parse", "--git-path", "index") ?? "").Trim();
            if (own.Length > 0 && File.Exists(Path.Combine(top, own))) File.Copy(Path.Combine(top, own), index, overwrite: true);
            else File.Delete(index);
            if (Git(top, index, string.Join('\0', untracked.Except(large)), "add", "--intent-to-add", "--pathspec-from-file=-", "--pathspec-file-nul") is null)
                head += "# git could not take up the untracked files; they are missing here\n";
            return head + (Git(top, index, null, "diff", "HEAD", "--binary", "--no-color", "--no-ext-diff") ?? "# git could not write the difference\n");
        }
        finally
        {
            File.Delete(index);
        }
    }

    /// <summary>What a git command prints; null where it fails, is not installed, or takes longer than 20 seconds.</summary>
    internal static string? Git(string folder, string? index, string? input, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", folder, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        if (index is not null) start.Environment["GIT_INDEX_FILE"] = index;
        try
        {
            using var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, _) => { };
            process.BeginErrorReadLine();
            if (input is not null) process.StandardInput.Write(input);
            process.StandardInput.Close();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(20)))
            {
                process.Kill();
                return null;
            }
            return process.ExitCode == 0 ? output.GetAwaiter().GetResult() : null;
        }
        catch (Exception e) when (e is Win32Exception or IOException)
        {
            return null;
        }
    }
}
