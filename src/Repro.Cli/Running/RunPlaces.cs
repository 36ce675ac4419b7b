using Repro.Cli.Output;

namespace Repro.Cli.Running;

/// <summary>Where a run and its data lie, as a command was told; a run states its device and threads itself.</summary>
/// <param name="Runs">From <c>--runs</c>; null: not told.</param>
/// <param name="Data">From <c>--data-dir</c>; null: not told.</param>
internal sealed record RunPlaces(string? Runs, string? Data)
{
    /// <summary>What a command needs beside the run's name, each option with a space before it; empty for nothing.</summary>
    public string Options => (Runs is null ? "" : $" --runs {Words.Shell(Runs)}") + (Data is null ? "" : $" --data-dir {Words.Shell(Data)}");
}
