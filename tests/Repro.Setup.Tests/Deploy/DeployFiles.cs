using System.Text.RegularExpressions;

namespace Repro.Setup.Tests.Deploy;

/// <summary>The files of <c>cluster/deploy</c>, and the command lines of <c>repro</c> in them.</summary>
internal static partial class DeployFiles
{
    public static readonly string Folder = Path.Combine(SmallTree.Checkout, "cluster", "deploy");

    private static readonly Dictionary<string, string?> NoVariables = [];

    /// <summary>Every file, by its path from the folder.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = Directory.GetFiles(Folder, "*", SearchOption.AllDirectories)
        .Where(path => !path.Contains("/secrets/", StringComparison.Ordinal))
        .ToDictionary(path => Path.GetRelativePath(Folder, path), File.ReadAllText, StringComparer.Ordinal);

    /// <summary>Where a program is; null where it is not installed.</summary>
    public static string? Program(string name) =>
        Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    public static ShellResult Run(string program, params IReadOnlyList<string> arguments) => Shell.Run(Folder, NoVariables, program, arguments);

    /// <summary>The command lines of a text, those in its comments too: a word <c>repro</c>, a verb of the cluster's, and what follows, over continued lines.</summary>
    public static IEnumerable<ReproCommand> Commands(string text) =>
        CommandLine().Matches(Substituted().Replace(text.Replace("\\\n", " ", StringComparison.Ordinal), "substituted"))
            .Select(match => ReproCommand.Of(match.Groups[1].Value.Split((char[])[' ', '\''], StringSplitOptions.RemoveEmptyEntries)));

    [GeneratedRegex("""(?<![\w.-])repro[ \t]+((?:silo|sweep|ablate|cancel|cluster[ \t]+(?:init-db|status|drain))(?![\w.-])[^\n|;&`#]*)""")]
    private static partial Regex CommandLine();

    // A command within the command has options of its own.
    [GeneratedRegex(@"\$\([^()]*\)")]
    private static partial Regex Substituted();
}

/// <param name="Verb">One word, or two where the verb has verbs: <c>cluster init-db</c>.</param>
/// <param name="Options">With their dashes, in the order given; of a <c>--name=value</c>, the name.</param>
internal sealed record ReproCommand(string Verb, IReadOnlyList<string> Options)
{
    public static ReproCommand Of(IReadOnlyList<string> words) => new(
        words[0] == "cluster" ? $"cluster {words[1]}" : words[0],
        [.. words.Select(word => word.Trim('"')).Where(word => word.StartsWith("--", StringComparison.Ordinal)).Select(word => word.Split('=')[0])]);
}
