using Repro.Training.Datasets;

namespace Repro.Cli.Doctor;

/// <summary>What is here, what is missing, what that means, and what mends it: <c>repro doctor</c>.</summary>
public static class Diagnosis
{
    /// <summary>Looks at everything; loads the engine's library into this process, computes nothing.</summary>
    /// <param name="root">The checkout or bundle that the program belongs to.</param>
    /// <param name="runsFolder">Where runs are written.</param>
    /// <param name="data">Where data sets are looked for.</param>
    public static IReadOnlyList<Finding> Run(string root, string runsFolder, DataFolders data) =>
        Run(Machine.This, root, runsFolder, data, LoadedEngine.Load(Machine.This, root));

    /// <summary>The same on a machine and an engine that are given.</summary>
    public static IReadOnlyList<Finding> Run(Machine machine, string root, string runsFolder, DataFolders data, LoadedEngine engine) =>
    [
        .. EngineFindings.Of(machine, root, engine),
        .. ToolFindings.Of(machine, root),
        .. MachineFindings.Of(machine, runsFolder, data),
    ];
}
