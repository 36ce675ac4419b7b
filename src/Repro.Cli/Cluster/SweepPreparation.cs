using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cli.Verbs.Cluster;
using Repro.Cli.Workers;
using Repro.Results.Objects;
using Repro.Studies;
using Repro.Workers;
using Repro.Workers.Hosts;
using Repro.Workers.Silos;

namespace Repro.Cli.Cluster;

/// <summary>Makes this machine ready for a sweep: unpacks its program, and holds the machine's engine and data against what the sweep asks for.</summary>
internal sealed class SweepPreparation(Surroundings surroundings, SiloChoices choices, IReadOnlyList<Slot> slots, IObjectStore objects)
{
    private readonly CodeCache _cache = new(Path.Combine(choices.Runs.Path, "code"));

    /// <exception cref="CannotServeException">The machine lacks what the sweep asks for.</exception>
    public async Task<HostSettings> Prepare(Loan loan, CancellationToken stop)
    {
        try
        {
            var terms = SweepTerms.Of(loan.Tags);
            if (await Task.Run(() => terms.Misplaced(objects, stop), stop) is { } misplaced)
                throw new CannotServeException($"{misplaced} Mount the same share here as on the machine that submitted the sweep, or start this silo with the --objects that the sweep was submitted with.");
            var program = terms.Code is { } code ? await Task.Run(() => CodeProgram.In(_cache.Unpack(code, objects, stop)), stop) : null;
            var command = program?.Command(Dotnet).Append("worker").ToList() ?? surroundings.WorkerCommand();
            var environment = program?.Surroundings(ProgramRoot.Path, Environment.GetEnvironmentVariable) ?? new Dictionary<string, string>();
            if (terms.Engine is not null || terms.Data.Count > 0) Compare(terms, await MachineDescription.Of(command, environment, terms.Data.Keys, choices.Data, stop));
            return new HostSettings
            {
                Folder = StoredSweep.FolderOf(choices.Runs, loan.Sweep), Slots = slots, Build = terms.Code ?? "", CheckpointEvery = terms.CheckpointEvery, Patience = terms.Patience, DataFolder = choices.Data,
                Objects = choices.Cluster.Objects is null ? null : new CheckpointObjects(objects, terms.Folder ?? loan.Sweep),
                StartWorker = (slot, log) =>
                {
                    // Held against its digests once more, and counted as in use: between two workers days may pass.
                    if (terms.Code is { } code) _cache.Unpack(code, objects, CancellationToken.None);
                    return WorkerProcess.Start(command, With(environment, slot.Environment), log);
                },
            };
        }
        catch (Exception error) when (error is BadInputException or MissingComponentException or FormatException)
        {
            throw new CannotServeException(error.Message, error);
        }
    }

    private static string? Dotnet => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath
        : Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root && File.Exists(Path.Combine(root, "dotnet")) ? Path.Combine(root, "dotnet")
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(folder => Path.Combine(folder, "dotnet")).FirstOrDefault(File.Exists);

    // A client that wrote to the folder under a share's mount, or this machine where the share is not mounted, has another place of the same name.
    private void RequirePlace(string place, CancellationToken stop)
    {
        var own = objects.Id(stop: stop);
        if (own == place) return;
        throw new CannotServeException(
            $"The sweep's objects are in the place {place}, and {objects.Description} is {(own is null ? "none that was written to yet" : $"the place {own}")} on this machine (its {IObjectStore.Marker} says which). "
            + "Mount the same share here as on the machine that submitted the sweep, or start this silo with the --objects that the sweep was submitted with.");
    }

    private static void Compare(SweepTerms terms, MachineDescription machine)
    {
        if (terms.Engine is { } engine && engine != machine.Engine)
        {
            throw new CannotServeException(
                $"The sweep is to run on the engine {Words.Hash(engine)}, and this machine has {Words.Hash(machine.Engine)} ({machine.EngineName}): runs of one sweep would not be comparable to the bit. "
                + "Install the same libtorch and build here (./setup), or submit the sweep with --engine any.");
        }
        foreach (var (set, identity) in terms.Data)
        {
            if (!machine.Data.TryGetValue(set, out var own))
                throw new CannotServeException(machine.Faults.GetValueOrDefault(set) ?? $"The data set {set} is not on this machine, or cannot be read. Put it there (./repro data fetch {set}), and name its folder with --data-dir.");
            if (own != identity)
                throw new CannotServeException($"The data set {set} differs here: the sweep asks for {Words.Hash(identity)}, and this machine has {Words.Hash(own)}{(machine.Folders.TryGetValue(set, out var folder) ? $" in {folder}" : "")}. ./repro data verify {set} says what differs; ./repro data fetch {set} gets the official files.");
        }
    }

    private static Dictionary<string, string> With(IReadOnlyDictionary<string, string> environment, IReadOnlyDictionary<string, string> slot)
    {
        var all = new Dictionary<string, string>(environment);
        foreach (var (name, value) in slot) all[name] = value;
        return all;
    }
}
