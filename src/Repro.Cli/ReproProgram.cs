using System.CommandLine;
using Repro.Cli.Output;
using Repro.Cli.Verbs;
using Repro.Cli.Verbs.Cluster;
using Repro.Cli.Verbs.Sweeps;
using Repro.Results.Runs;

namespace Repro.Cli;

/// <summary>The command line: verbs, help, errors, exit codes.</summary>
public static class ReproProgram
{
    /// <summary>Parses and executes one command line. A standard output that fails costs what was to be written there and nothing else; it is told at the end.</summary>
    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        var (written, told) = (new DroppingWriter(surroundings.Out), new DroppingWriter(surroundings.Error));
        var code = Execute(arguments, surroundings with { Out = written, Error = told });
        written.Flush();
        if (written.Failure is not { } failure) return code;
        told.WriteLine($"Standard output could not be written ({StorageException.Reason(failure)}): what came after that was dropped.");
        return code == ExitCode.Done ? ExitCode.Failed : code;
    }

    private static int Execute(IReadOnlyList<string> arguments, Surroundings surroundings)
    {
        var result = Build(surroundings).Parse(arguments);
        var output = new CommandOutput(surroundings, arguments.Contains("--json"));
        if (result.Action is not ExampleHelp && UsageErrors.Any(result)) return UsageErrors.Report(result, output);
        try
        {
            return result.Invoke(new InvocationConfiguration
            {
                Output = surroundings.Out,
                Error = surroundings.Error,
                EnableDefaultExceptionHandler = false,
                // Signals are the verbs' own: a run writes a checkpoint first.
                ProcessTerminationTimeout = null,
            });
        }
        catch (Exception error)
        {
            return Failures.Report(error, output);
        }
    }

    private static RootCommand Build(Surroundings surroundings)
    {
        var root = new RootCommand("Reproduces deep-learning papers and says, with evidence, which of their claims hold.")
        {
            SharedOptions.Json,
            ListVerb.Create(surroundings),
            CheckVerb.Create(surroundings),
            RunVerb.Create(surroundings),
            SweepVerb.Create(surroundings),
            SweepVerb.CreateAblate(surroundings),
            StatusVerb.Create(surroundings),
            ResumeVerb.Create(surroundings),
            CancelVerb.Create(surroundings),
            ExportVerb.Create(surroundings),
            ExportVerb.CreateImport(surroundings),
            ReplayVerb.Create(surroundings),
            PredictVerb.Create(surroundings),
            SampleVerb.Create(surroundings),
            ReportVerb.Create(surroundings),
            CompareVerb.Create(surroundings),
            WhyVerb.Create(surroundings),
            FiguresVerb.Create(surroundings),
            VerifyVerb.Create(surroundings),
            DataVerb.Create(surroundings),
            BpeVerb.Create(surroundings),
            DoctorVerb.Create(surroundings),
            CleanVerb.Create(surroundings),
            NewVerb.Create(surroundings),
            SiloVerb.Create(surroundings),
            ClusterVerb.Create(surroundings),
            WorkerVerb.Create(surroundings),
        };
        ExampleHelp.Attach(root, () => new CommandOutput(surroundings, json: false).Width);
        return root;
    }
}
