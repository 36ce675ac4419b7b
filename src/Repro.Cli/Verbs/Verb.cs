using System.CommandLine;

namespace Repro.Cli.Verbs;

/// <summary>One verb of the command line.</summary>
/// <param name="examples">Whole command lines, shown under its help.</param>
internal sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
