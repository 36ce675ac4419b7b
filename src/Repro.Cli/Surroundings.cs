using Repro.Figures;
using Repro.Results.Provenance;
using Repro.Training;
using Repro.Training.Checks;

namespace Repro.Cli;

/// <summary>What the verbs work with and do not make themselves: streams, clock, experiments, and the parts that compute.</summary>
public sealed record Surroundings
{
    public required TextWriter Out { get; init; }

    public required TextWriter Error { get; init; }

    /// <summary>Opens what is read where a verb takes <c>-</c> for a file.</summary>
    public Func<Stream> In { get; init; } = Console.OpenStandardInput;

    /// <summary>Whether a person watches <see cref="Out"/>.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person watches <see cref="Error"/>.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>The experiments there are. Called only by verbs that need them.</summary>
    public required Func<IReadOnlyList<Experiment>> Experiments { get; init; }

    public TrainRun Train { get; init; } = Trainer.Run;

    public RunChecks Check { get; init; } =
        (experiment, options, context, only, each, stop) => RecipeRunner.Run(experiment, options, context, each, stop, only);

    /// <summary>What the engine says of itself. Loads it.</summary>
    public Func<EngineFacts> Engine { get; init; } = () =>
    {
        var engine = EngineInfo.Current;
        return new EngineFacts(engine.Name, engine.BuildIdentity, engine.CpuCapability, engine.Blas);
    };

    /// <summary>Refuses a device that is not there; see <see cref="Devices.Select"/>. Loads the engine.</summary>
    public Action<string> RequireDevice { get; init; } = device => Devices.Select(device);

    /// <summary>What draws figures.</summary>
    public required Func<IFigureRenderer> Renderer { get; init; }

    /// <summary>Program and arguments that start a worker: this very program again.</summary>
    public Func<IReadOnlyList<string>> WorkerCommand { get; init; } = () =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet"
            ? [Environment.ProcessPath!, System.Reflection.Assembly.GetEntryAssembly()!.Location, "worker"]
            : [Environment.ProcessPath!, "worker"];

    public TimeProvider Time { get; init; } = TimeProvider.System;
}

/// <inheritdoc cref="Trainer.Run"/>
public delegate RunOutcome TrainRun(
    Experiment experiment, object options, RunContext context, IRunSink sink, IReadOnlyList<string> resumeFrom, CancellationToken stop);

/// <inheritdoc cref="RecipeRunner.Run"/>
public delegate IReadOnlyList<CheckResult> RunChecks(
    Experiment experiment, object options, RunContext context, IReadOnlyCollection<string>? only, Action<CheckResult> each, CancellationToken stop);
