using System.Text.Json;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>The program in an unpacked bundle: how it is started, and what it must be told to find what is not in the bundle.</summary>
/// <param name="Folder">Full path of the folder that it was unpacked to.</param>
/// <param name="Name"><c>repro</c>.</param>
/// <param name="IsSelfContained">Whether it brings its own .NET, and is started without any.</param>
public sealed record CodeProgram(string Folder, string Name, bool IsSelfContained)
{
    private const string Shim = "REPRO_TORCH_SHIM", Data = "REPRO_DATA";

    /// <exception cref="BadInputException">The folder holds no program, or more than one.</exception>
    public static CodeProgram In(string folder)
    {
        var name = BuildFiles.ProgramOf(folder);
        var file = Path.Combine(folder, name + ".runtimeconfig.json");
        try
        {
            using var configuration = JsonDocument.Parse(File.ReadAllText(file));
            return new CodeProgram(folder, name, configuration.RootElement.GetProperty("runtimeOptions").TryGetProperty("includedFrameworks", out _));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new BadInputException($"{file} does not say how its program is started. Start the sweep again from a build that was not cut off.", e);
        }
    }

    /// <summary>What starts it; the program's own arguments follow.</summary>
    /// <param name="dotnet">Full path of this machine's .NET; null where it has none.</param>
    /// <exception cref="MissingComponentException">It needs .NET, and there is none.</exception>
    public IReadOnlyList<string> Command(string? dotnet) =>
        IsSelfContained ? [Path.Combine(Folder, Name)]
        : dotnet is not null ? [dotnet, Path.Combine(Folder, Name + ".dll")]
        : throw new MissingComponentException("The sweep's code needs .NET, which is not on this machine. Install the .NET runtime here, or start the sweep from a self-contained build (./setup --bundle).");

    /// <summary>
    /// What the process is told: that its folder is where the sources are noted (REPRO_ROOT), and this machine's own native part of the engine and data, which
    /// it would otherwise look for below that folder.
    /// </summary>
    /// <param name="root">The checkout, or unpacked bundle, of the program that starts it.</param>
    /// <param name="variable">The value of an environment variable; null or empty where it is not set.</param>
    public IReadOnlyDictionary<string, string> Surroundings(string root, Func<string, string?> variable)
    {
        var told = new Dictionary<string, string> { ["REPRO_ROOT"] = Folder };
        // Where the bundle brings a native part of its own, and this machine has none, that one is found beside the assemblies.
        foreach (var (name, usual) in ((string, string)[])[(Shim, Path.Combine(root, ".setup", "native", "librepro_torch.so")), (Data, Path.GetFullPath(Path.Combine(root, "..", "shared", "data")))])
        {
            if (variable(name) is { Length: > 0 } set) told[name] = Path.GetFullPath(set);
            else if (Path.Exists(usual)) told[name] = usual;
        }
        return told;
    }
}
