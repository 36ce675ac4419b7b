using System.ComponentModel;
using System.Diagnostics;

namespace Repro.Cli.Doctor;

/// <summary>The machine as the doctor sees it: its files, variables and programs.</summary>
/// <param name="FileSystem">What stands for <c>/</c>.</param>
/// <param name="Variable">Environment variables; null where unset.</param>
public sealed record Machine(string FileSystem, Func<string, string?> Variable)
{
    public static Machine This { get; } = new("/", Environment.GetEnvironmentVariable);

    /// <summary>Where the absolute path lies.</summary>
    public string At(string path) => Path.Combine(FileSystem, path.TrimStart('/'));

    /// <summary>The file's lines; none where it cannot be read.</summary>
    public IReadOnlyList<string> Lines(string path)
    {
        try
        {
            return File.ReadAllLines(At(path));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>The first that exists of a file in the folders where shared libraries usually lie, links resolved; null where there is none.</summary>
    public string? Library(string name)
    {
        string[] fixedFolders = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];
        var folders = Directory.Exists(At("/usr/lib"))
            ? Directory.GetDirectories(At("/usr/lib"), "*-linux-gnu").Concat(fixedFolders.Select(At))
            : fixedFolders.Select(At);
        return folders.Select(folder => Path.Combine(folder, name)).Where(File.Exists).Select(Resolved).FirstOrDefault();
    }

    /// <summary>The program's full path on PATH; null where it is not there.</summary>
    public string? Program(string name) =>
        (Variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(At(folder), name)).FirstOrDefault(File.Exists);

    /// <summary>First line that the program prints; empty where it fails, or takes longer than ten seconds.</summary>
    public static string FirstLine(string program, params IReadOnlyList<string> arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var errors = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEndAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(10)))
            {
                process.Kill(entireProcessTree: true);
                return "";
            }

            errors.GetAwaiter().GetResult();
            return process.ExitCode == 0 ? output.GetAwaiter().GetResult().Split('\n')[0].Trim() : "";
        }
        catch (Win32Exception)
        {
            return "";
        }
    }

    /// <summary>The path with every link on its way followed.</summary>
    public static string Resolved(string path)
    {
        for (var i = 0; i < 40; i++)
        {
            if (new FileInfo(path).LinkTarget is not { } target) break;
            path = Path.GetFullPath(target, Path.GetDirectoryName(path)!);
        }

        return path;
    }
}
