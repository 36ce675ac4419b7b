using System.Text.Json.Nodes;
using Repro.Cli.Tests.Fakes;

namespace Repro.Cli.Tests;

/// <summary>What a command line ended with.</summary>
internal sealed record CommandResult(int Code, string Out, string Error)
{
    /// <summary>The last line of standard output, which with --json is the result.</summary>
    public JsonObject Last => JsonNode.Parse(Out.TrimEnd('\n').Split('\n')[^1])!.AsObject();

    /// <summary>Every line of standard output; fails where one is no JSON object.</summary>
    public IReadOnlyList<JsonObject> Lines => Out.TrimEnd('\n').Split('\n').Select(line => JsonNode.Parse(line)!.AsObject()).ToList();
}

/// <summary>Command lines of the program with fake experiments, in this process, with runs in a folder of the test's own.</summary>
internal sealed class CommandLine : IDisposable
{
    public string Runs { get; } = Directory.CreateTempSubdirectory("repro-test-").FullName;

    public Func<Surroundings, Surroundings> Change { get; set; } = same => same;

    public void Dispose() => Directory.Delete(Runs, recursive: true);

    /// <summary>Executes as given.</summary>
    public CommandResult Bare(params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var code = ReproProgram.Run(arguments, Change(FakeSurroundings.Create(output, error)));
        return new CommandResult(code, output.ToString(), error.ToString());
    }

    /// <summary>Executes with the test's folder of runs.</summary>
    public CommandResult Run(params string[] arguments) => Bare([.. arguments, "--runs", Runs]);
}
