using System.Runtime.InteropServices;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>
/// The files of a program's build that another machine needs to start it: assemblies, native libraries, what the runtime is configured by, and the program
/// itself. Debugging symbols, and packages' libraries for other platforms, are none of them. A file that the program reads must be within an assembly.
/// </summary>
public static class BuildFiles
{
    private const string Configuration = ".runtimeconfig.json";

    // Machines with GPUs are of either; a silo needs not be as the machine that the sweep was started on.
    private static readonly HashSet<string> Platforms = ["linux-x64", "linux-arm64", "linux", "unix", "any", RuntimeInformation.RuntimeIdentifier];

    /// <summary>The name of the one program that a folder holds: <c>repro</c> where there is a <c>repro.dll</c> with its configuration.</summary>
    /// <exception cref="BadInputException">There is none, or more than one.</exception>
    public static string ProgramOf(string folder)
    {
        var programs = Directory.Exists(folder)
            ? Directory.GetFiles(folder, "*" + Configuration).Select(file => Path.GetFileName(file)[..^Configuration.Length]).Where(name => File.Exists(Path.Combine(folder, name + ".dll"))).ToList() : [];
        return programs is [var only] ? only
            : throw new BadInputException($"{folder} is not the build of one program: it holds {(programs.Count == 0 ? $"no NAME.dll with its NAME{Configuration}" : string.Join(" and ", programs.Order(StringComparer.Ordinal)))}.");
    }

    /// <summary>Path below the folder, with <c>/</c>; and whether it is a program that the system can start.</summary>
    /// <exception cref="BadInputException">As for <see cref="ProgramOf"/>.</exception>
    public static IReadOnlyList<(string Path, bool Executable)> Of(string folder)
    {
        var program = ProgramOf(folder);
        var found = new List<(string Path, bool Executable)>();
        Add(new DirectoryInfo(folder), "");
        return found;

        // Packages' files have any permissions, and equal builds are to have equal bundles: what may be started goes by its name.
        void Add(DirectoryInfo place, string prefix)
        {
            foreach (var file in place.EnumerateFiles())
            {
                if (prefix + file.Name == program) found.Add((program, true));
                else if (IsNeeded(file.Name)) found.Add((prefix + file.Name, false));
            }
            foreach (var below in place.EnumerateDirectories())
            {
                if (below.LinkTarget is null && below.Name[0] != '.' && (prefix != "runtimes/" || Platforms.Contains(below.Name))) Add(below, $"{prefix}{below.Name}/");
            }
        }
    }

    private static bool IsNeeded(string name) => name[0] != '.'
        && (name.EndsWith(".dll", StringComparison.Ordinal) || name.EndsWith(".so", StringComparison.Ordinal) || name.Contains(".so.", StringComparison.Ordinal)
            || name.EndsWith(".deps.json", StringComparison.Ordinal) || name.EndsWith(Configuration, StringComparison.Ordinal));
}
