using System.CommandLine;
using Repro.Studies;

namespace Repro.Cli.Verbs;

/// <summary>Options that mean the same in every verb that has them.</summary>
internal static class SharedOptions
{
    public static readonly Option<bool> Json = new("--json") { Description = "Events, and last the result, as JSON lines on standard output", Recursive = true };

    public static Option<string?> Profile() => new("--profile", "-p") { Description = "Setting to start from: smoke, quick, sweep, paper, or a preset (default: quick)", HelpName = "NAME" };

    public static Option<string[]> Set() => new("--set", "-s") { Description = "Changes an option of the experiment; may be repeated. ./repro run EXPERIMENT --show-options lists them", HelpName = "name=value", Arity = ArgumentArity.OneOrMore };

    public static Option<string?> Runs() => new("--runs") { Description = "Folder of the runs (default: REPRO_RUNS, or runs/ beside the program)", HelpName = "DIR" };

    /// <summary>The full path of a folder that is written into.</summary>
    /// <exception cref="BadInputException">A file lies there.</exception>
    public static string Folder(string option, string given) => File.Exists(given)
        ? throw new BadInputException($"{option} takes a folder; {Path.GetFullPath(given)} is a file.") : Path.GetFullPath(given);

    public static Option<string?> DataDir() => new("--data-dir") { Description = "Folder of the data sets (default: REPRO_DATA, ../shared/data, the per-user cache)", HelpName = "DIR" };

    public static Option<ulong?> Seed() => new("--seed") { Description = "Everything random derives from it; 0 .. 18446744073709551615 (default: 0)", HelpName = "N" };

    /// <param name="otherwise">What is taken where it is not named.</param>
    public static Option<string?> Device(string otherwise) => new("--device") { Description = $"cpu, cuda, or cuda:N for the GPU with number N (default: {otherwise})", HelpName = "DEVICE" };

    /// <param name="otherwise">What is taken where it is not named.</param>
    public static Option<int?> Threads(string otherwise) => new("--threads") { Description = $"Threads inside one operator, 1 .. 1024 (default: {otherwise}); the same bits are promised for the same number", HelpName = "N" };

    public static Argument<string> Experiment() => new("EXPERIMENT") { Description = "Name of the experiment; ./repro list shows them" };

    public static Argument<string> Run() => new("RUN") { Description = "Id of a run, a beginning that only one run has, the word last, the path of a run's folder, or SWEEP/TRIAL for a run of a sweep" };
}
