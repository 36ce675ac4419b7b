using System.CommandLine;
using Repro.Cli.Verbs;
using Repro.Cli.Verbs.Cluster;
using Repro.Cluster;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Scheduling;

namespace Repro.Cli.Sweeping;

/// <summary>The options of whatever starts a host: slots, device, data, how it is watched.</summary>
internal sealed class HostOptions
{
    private readonly Option<int?> _slots = new("--slots") { Description = "Runs at a time on this machine (default: one a GPU, or one on all cores where there is none)", HelpName = "N" };
    private readonly Option<string?> _device = new("--device") { Description = "cpu or cuda (default: cuda where this machine has a GPU)", HelpName = "DEVICE" };
    private readonly Option<string?> _data = SharedOptions.DataDir();
    private readonly Option<double?> _checkpoints = new("--checkpoint-every") { Description = "Seconds between checkpoints of a run (default: 120); resume --cluster changes them for the sweep", HelpName = "SECONDS" };
    private readonly Option<double?> _patience = new("--patience") { Description = "Seconds without a sign of life after which a run's worker counts as hung (default: 300); resume --cluster changes them for the sweep", HelpName = "SECONDS" };
    private readonly Option<double?> _lease = new("--lease") { Description = "Seconds after which the others take over from a host that says nothing; PostgreSQL only (default: 15)", HelpName = "SECONDS" };
    private readonly Option<bool> _inProcess = new("--in-process") { Description = "Trains in the program's own process, one run at a time: for a debugger. A crash then ends everything" };
    private readonly Option<bool> _detach = new("--detach") { Description = "Works in the background; with --cluster, ends when the cluster has the sweep. repro status shows how it stands" };
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _runs = SharedOptions.Runs();
    private readonly Option<bool> _onCluster = new("--cluster") { Description = "Gives the sweep to the cluster of --store instead of this machine's slots, and follows it; Ctrl-C ends the following alone" };
    private readonly Option<int?> _priority = new("--priority") { Description = "With --cluster: sweeps of a higher one go first, -1000 .. 1000 (default: 0)", HelpName = "N" };
    private readonly Option<string?> _needs = new("--needs") { Description = "With --cluster: what a run needs of a slot, as gpus=1,memory=20GiB,gpu=h200 (default: nothing)", HelpName = "NEEDS" };
    private readonly Option<string?> _engine = new("--engine") { Description = "With --cluster: same takes silos with this machine's engine only, any takes all (default: same)", HelpName = "WHICH" };
    private readonly ClusterOptions _cluster = new();

    public void AddTo(Command verb)
    {
        foreach (var option in (Option[])[_slots, _device, _data, _checkpoints, _patience, _lease, _inProcess, _detach, _store, _runs, _onCluster, _priority, _needs, _engine]) verb.Add(option);
        _cluster.AddTo(verb);
    }

    /// <exception cref="BadInputException">A value is out of range, or two contradict each other.</exception>
    public HostChoices Read(ParseResult arguments)
    {
        var device = arguments.GetValue(_device);
        if (device is not (null or "cpu" or "cuda")) throw new BadInputException($"--device takes cpu or cuda: a slot's worker sees its own GPU only. It was '{device}'.");
        var slots = arguments.GetValue(_slots);
        if (slots is < 1 or > 1024) throw new BadInputException($"--slots takes a number in the range 1 .. 1024; it was {slots}.");
        var inProcess = arguments.GetValue(_inProcess);
        if (inProcess && slots > 1) throw new BadInputException($"--in-process trains one run at a time; leave --slots {slots} out.");
        if (inProcess && arguments.GetValue(_detach)) throw new BadInputException("--in-process is for a debugger, and --detach has nobody watch; choose one.");
        var cluster = Submission(arguments);
        if (cluster is not null && new Option[] { _slots, _device, _lease, _inProcess }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false }) is { } local)
            throw new BadInputException($"{local.Name} is for this machine's own slots, and --cluster uses those of the silos. Leave one of them out; a silo is told its slots when it is started (./repro silo --slots).");
        // Now, and not after the recipe's checks and once the sweep is stored.
        if (cluster is not null) ClusterPackages.Require();
        return new HostChoices(
            inProcess ? 1 : slots, device, arguments.GetValue(_data) is { } data ? Path.GetFullPath(data) : null, Seconds("--checkpoint-every", arguments.GetValue(_checkpoints), 120),
            Seconds("--patience", arguments.GetValue(_patience), 300), Seconds("--lease", arguments.GetValue(_lease), 15), inProcess, arguments.GetValue(_detach),
            arguments.GetValue(_store), arguments.GetValue(_runs), cluster);
    }

    private SubmissionChoices? Submission(ParseResult arguments)
    {
        if (!arguments.GetValue(_onCluster))
        {
            var needless = new Option[] { _priority, _needs, _engine }.FirstOrDefault(option => arguments.GetResult(option) is { Implicit: false })?.Name ?? _cluster.Given(arguments);
            return needless is null ? null : throw new BadInputException($"{needless} goes with --cluster: it says how a sweep is given to a cluster.");
        }
        var engine = arguments.GetValue(_engine) ?? "same";
        if (engine is not ("same" or "any")) throw new BadInputException($"--engine takes same or any; it was '{engine}'.");
        var priority = arguments.GetValue(_priority);
        if (priority is < -1000 or > 1000) throw new BadInputException($"--priority takes a number in the range -1000 .. 1000; it was {priority}.");
        var runs = RunsFolder.FromEnvironment(arguments.GetValue(_runs));
        return new SubmissionChoices(_cluster.Read(arguments, arguments.GetValue(_store), runs), priority, arguments.GetValue(_needs) is { } needs ? Demand.Parse(needs) : null, engine == "any")
        {
            CheckpointEvery = Given("--checkpoint-every", arguments.GetValue(_checkpoints)), Patience = Given("--patience", arguments.GetValue(_patience)),
        };
    }

    private static TimeSpan Seconds(string option, double? given, double otherwise) => Given(option, given) ?? TimeSpan.FromSeconds(otherwise);

    private static TimeSpan? Given(string option, double? given) => given is null ? null : given is >= 0.1 and <= 1e6 ? TimeSpan.FromSeconds(given.Value)
        : throw new BadInputException($"{option} takes seconds in the range 0.1 .. 1000000; it was {given}.");
}

/// <summary>What <see cref="HostOptions"/> were given.</summary>
/// <param name="Store">As given; see <see cref="SweepStores.Address"/>.</param>
/// <param name="Cluster">How the sweep is given to a cluster; null works with this machine's slots.</param>
internal sealed record HostChoices(
    int? Slots, string? Device, string? Data, TimeSpan CheckpointEvery, TimeSpan Patience, TimeSpan Lease, bool InProcess, bool Detach, string? Store, string? Runs, SubmissionChoices? Cluster = null)
{
    /// <summary>The same choices on another command line.</summary>
    public IEnumerable<string> Words()
    {
        if (Slots is { } slots) yield return $"--slots={slots}";
        if (Device is { } device) yield return $"--device={device}";
        if (Data is { } data) yield return $"--data-dir={data}";
        yield return FormattableString.Invariant($"--checkpoint-every={CheckpointEvery.TotalSeconds}");
        yield return FormattableString.Invariant($"--patience={Patience.TotalSeconds}");
        yield return FormattableString.Invariant($"--lease={Lease.TotalSeconds}");
    }
}

/// <summary>How a sweep is given to a cluster.</summary>
/// <param name="Priority">Null is 0, or what it has already.</param>
/// <param name="Needs">Null is nothing, or what it has already.</param>
/// <param name="AnyEngine">Silos with another engine than this machine's may take its runs.</param>
internal sealed record SubmissionChoices(ClusterChoices Cluster, int? Priority, Demand? Needs, bool AnyEngine)
{
    /// <summary>Null is two minutes, or what it has already.</summary>
    public TimeSpan? CheckpointEvery { get; init; }

    /// <summary>Null is five minutes, or what it has already.</summary>
    public TimeSpan? Patience { get; init; }
}
