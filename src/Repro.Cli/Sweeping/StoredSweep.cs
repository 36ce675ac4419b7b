using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.StudyFiles;
using Repro.Studies.Sweeps;
using Repro.Workers.Silos;

namespace Repro.Cli.Sweeping;

/// <summary>A sweep as the store has it, for one command.</summary>
internal sealed class StoredSweep
{
    private StoredSweep(ISweepStore store, string name, RunsFolder runs)
        : this(store, name, store is RunStore own ? own.Folder : FolderOf(runs, name))
    {
    }

    private StoredSweep(ISweepStore store, string name, string folder)
    {
        (Store, Name, Folder) = (store, name, folder);
        var events = store.Read(name);
        State = new SweepState();
        try
        {
            foreach (var happened in events) State.Apply(happened);
        }
        catch (InvalidOperationException error)
        {
            throw new StorageException($"The log of the sweep {name} in {store.Description} is damaged: {error.Message} Go back to an export: ./repro import DIR --name NAME", error);
        }
        if (State.Created is null) throw new StorageException($"The log of the sweep {name} in {store.Description} is damaged: it does not begin with its creation. Go back to an export: ./repro import DIR --name NAME");
        // A look at its test scores is nothing that happens in it: the report that takes the look, and one that is made later, give the same time.
        Ended = events.Last(happened => happened is not TestRead).At;
        Study = StudyFile.Read(State.Created.Study, $"the study of the sweep {name}", subjects: null);
        Coordinator = new Coordinator(store, name, Study, host: null, TimeProvider.System);
    }

    public ISweepStore Store { get; }

    public string Name { get; }

    /// <summary>Full path; has a folder for each run, or is the folder of the one run.</summary>
    public string Folder { get; }

    public Study Study { get; }

    /// <summary>When it was opened.</summary>
    public SweepState State { get; }

    /// <summary>When the last thing happened in it.</summary>
    public DateTimeOffset Ended { get; }

    /// <summary>Whether it is one run of <c>repro run</c>: its test scores are no secret, and it is not changed.</summary>
    public bool IsRun => Store is RunStore;

    /// <summary>Whether a host works on it now, or the run itself is executed.</summary>
    public bool IsHosted => Store switch
    {
        PostgresStore => Store.Alive(Name).Count > 0,
        SqliteStore sqlite => SweepLock.IsHeld(sqlite.LockFolderOf(Name)) || Cluster is not null,
        _ => SweepLock.IsHeld(Folder),
    };

    /// <summary>Id of the cluster that it was given to, and which has not finished it; null where there is none.</summary>
    public string? Cluster => Store is RunStore ? null : ClusterSweep.ClusterOf(Store, Name);

    /// <summary>Decides what a person commands.</summary>
    public Coordinator Coordinator { get; }

    /// <summary>Full path of the export that it was read from, which nothing is written to; null where it lies in a store.</summary>
    public string? Export { get; private init; }

    /// <summary>Counts that test scores are shown, but for those of a comparison that is over. Whoever calls it shows some.</summary>
    /// <param name="by">What shows them: <c>repro status</c>.</param>
    /// <exception cref="BadInputException"><see cref="TestSeal"/> keeps them sealed; or it is an export, in which nothing is counted.</exception>
    public void ReadTest(string by)
    {
        if (TestSeal.ComparisonIsOver(State)) return;
        if (Export is not null) throw new BadInputException($"{Export} is an export, in which readings of test are not counted: ./repro import {Output.Words.Shell(Export)}, then ask the sweep.");
        if (TestSeal.Complaint(State, Study, Name) is { } sealedYet) throw new BadInputException(sealedYet);
        Coordinator.Decide([decision => decision.ReadTest(by)]);
    }

    /// <summary>What shows no test score counts no reading.</summary>
    /// <exception cref="BadInputException">A trial is not the confirmation that there is, and so computed no test score.</exception>
    public void RequireConfirmation(int trial)
    {
        if (State.Confirmation is { } confirmation && confirmation.Number != trial)
            throw new BadInputException($"Trial {trial} of {Name} has no test scores: only the confirmation, trial {confirmation.Number}, has. Leave --test out.");
    }

    /// <summary>Where the runs of a sweep keep their files.</summary>
    public static string FolderOf(RunsFolder runs, string sweep) => Path.Combine(runs.Path, sweep);

    /// <param name="name">The whole name of one that there is.</param>
    public static StoredSweep Open(ISweepStore store, string name, RunsFolder runs) => new(store, name, runs);

    /// <summary>An exported sweep, in a store of its own; its folder is that of the attempts' records.</summary>
    /// <param name="export">As <see cref="SweepFolder.Find"/> says it.</param>
    /// <exception cref="BadInputException">It is not whole.</exception>
    public static StoredSweep OfExport(string export)
    {
        var memory = new MemoryStore();
        return new StoredSweep(memory, SweepFolder.Import(memory, export, name: null, runsOf: null), SweepFolder.RecordsOf(Path.GetFullPath(export))) { Export = Path.GetFullPath(export) };
    }

    /// <summary>Every sweep of a store that can be read, in the order of creation or newest first, each read when it is asked for.</summary>
    /// <param name="leftOut">Told the name and why of each that cannot.</param>
    public static IEnumerable<StoredSweep> All(ISweepStore store, RunsFolder runs, Action<string, Exception> leftOut, bool newestFirst = false)
    {
        foreach (var name in newestFirst ? store.Sweeps().Reverse() : store.Sweeps())
        {
            StoredSweep sweep;
            try
            {
                sweep = new StoredSweep(store, name, runs);
            }
            catch (Exception e) when (e is StorageException or BadInputException)
            {
                leftOut(name, e);
                continue;
            }
            yield return sweep;
        }
    }

    /// <summary>The sweep that a person means: its name, a beginning that only one has, or <c>last</c>.</summary>
    /// <exception cref="BadInputException">None is meant, or several; lists them, nearest first.</exception>
    public static StoredSweep Find(ISweepStore store, string text, RunsFolder runs)
    {
        var names = store.Sweeps();
        if (names.Count == 0) throw new BadInputException($"There are no sweeps in {store.Description}. Start one: ./repro sweep resnet/learning-rate. Another store: --store.");
        if (text == "last") return new StoredSweep(store, names[^1], runs);
        if (names.Contains(text)) return new StoredSweep(store, text, runs);
        var begun = names.Where(name => text.Length > 0 && name.StartsWith(text, StringComparison.Ordinal)).ToList();
        return begun.Count switch
        {
            1 => new StoredSweep(store, begun[0], runs),
            0 => throw new BadInputException($"There is no sweep '{text}' in {store.Description}. Sweeps, nearest first: {Listed(NearestWords.Order(text, names))}. 'last' is {names[^1]}."),
            _ => throw new BadInputException($"'{text}' begins the names of {begun.Count} sweeps: {Listed(begun)}. Write more of it."),
        };
    }

    private static string Listed(IReadOnlyList<string> names) => string.Join(", ", names.Take(8)) + (names.Count > 8 ? $" and {names.Count - 8} more" : "");
}
