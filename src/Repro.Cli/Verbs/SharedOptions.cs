using System.CommandLine;

namespace Repro.Cli.Verbs;

/// <summary>Options that mean the same in every verb that has them.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Events, and last the result, as JSON lines on standard output", Recursive = true };

    public static Option<string?> Profile() => new("--profile", "-p") { Description = "Setting to start from: smoke, quick, sweep, paper, or a preset (default: quick)", HelpName = "NAME" };

    public static Option<string[]> Set() => new("--set", "-s") { Description = "Changes an option of the experiment; may be repeated", HelpName = "name=value", Arity = ArgumentArity.OneOrMore };

    public static Option<string?> Runs() => new("--runs") { Description = "Folder of the runs (default: REPRO_RUNS, or runs/ beside the program)", HelpName = "DIR" };

    public static Option<string?> DataDir() => new("--data-dir") { Description = "Folder of the data sets (default: REPRO_DATA, ../shared/data, the per-user cache)", HelpName = "DIR" };

    public static Option<ulong?> Seed() => new("--seed") { Description = "Everything random derives from it (default: 0)", HelpName = "N" };

    public static Option<string?> Device() => new("--device") { Description = "cpu, cuda, or cuda:1 (default: cpu, or that of the run that goes on)", HelpName = "DEVICE" };

    public static Option<int?> Threads() => new("--threads") { Description = "Threads inside one operator (default: all processors, or those of the run that goes on); bits are promised for an equal number", HelpName = "N" };

    public static Argument<string> Experiment() => new("EXPERIMENT") { Description = "Name of the experiment; ./repro list shows them" };

    public static Argument<string> Run() => new("RUN") { Description = "Id of a run, a unique beginning of one, last, or the path of its folder" };
}
