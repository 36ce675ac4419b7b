using System.CommandLine;
using System.Globalization;
using System.Net;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Cluster;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Scheduling;

namespace Repro.Cli.Verbs.Cluster;

/// <summary><c>repro silo</c>: this machine joins a cluster with its slots, and works until it is told to leave.</summary>
internal sealed class SiloVerb
{
    // Of the first silo on a machine; each further one has the next of each.
    private const int FirstPort = 11111, FirstGatewayPort = 30000, FirstWebPort = 8081;

    private readonly Surroundings _surroundings;
    private readonly ClusterOptions _cluster = new();
    private readonly Option<string?> _slots = new("--slots") { Description = "gpu:all, gpu:N, cpu:N, or N runs at a time (default: one a GPU, or one on all cores where there is none)", HelpName = "SLOTS" };
    private readonly Option<string[]> _labels = new("--label") { Description = "What sweeps can ask for: gpu=h200, rack=b7; may be repeated. host=NAME is there by itself", HelpName = "name=value", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string?> _name = new("--name") { Description = "What people call it (default: the machine's name, with the port where that is not 11111)", HelpName = "NAME" };
    private readonly Option<string?> _address = new("--address") { Description = "IP address at which the others reach it (default: 127.0.0.1, where all are on this machine)", HelpName = "IP" };
    private readonly Option<int?> _port = new("--port") { Description = "For silos (default: 11111); a second silo on a machine takes 11112", HelpName = "PORT" };
    private readonly Option<int?> _gateway = new("--gateway-port") { Description = "For clients (default: 30000, or as far from it as --port is from 11111)", HelpName = "PORT" };
    private readonly Option<string?> _health = new("--health") { Description = "PORT or IP:PORT for /health (default: 8081 on the loopback address, counted as --gateway-port)", HelpName = "PORT" };
    private readonly Option<bool> _dashboard = new("--dashboard") { Description = "Shows Orleans' dashboard at /dashboard beside /health" };
    private readonly Option<double?> _drain = new("--drain-patience") { Description = "Seconds that runs have for their checkpoints when the silo leaves (default: 300)", HelpName = "SECONDS" };
    private readonly Option<string?> _data = SharedOptions.DataDir();
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _runs = SharedOptions.Runs();

    private SiloVerb(Surroundings surroundings) => _surroundings = surroundings;

    public static Command Create(Surroundings surroundings)
    {
        var verb = new SiloVerb(surroundings);
        var command = new Verb(
            "silo", "Joins a cluster with this machine's slots, and trains what its queue gives. Ctrl-C and SIGTERM checkpoint, hand over, and leave.",
            "./repro silo --slots cpu:2", "./repro silo --slots gpu:all --label gpu=h200 --store postgres://repro@db.local/repro --address 10.0.0.7 --objects s3://repro/objects",
            "./repro silo --port 11112 --slots cpu:1");
        foreach (var option in (Option[])[verb._slots, verb._labels, verb._name, verb._store]) command.Add(option);
        verb._cluster.AddTo(command);
        foreach (var option in (Option[])[verb._address, verb._port, verb._gateway, verb._health, verb._dashboard, verb._drain, verb._data, verb._runs]) command.Add(option);
        command.SetAction(verb.Act);
        return command;
    }

    private int Act(ParseResult arguments)
    {
        var choices = Read(arguments);
        ClusterPackages.Require();
#if ORLEANS
        return new Repro.Cli.Cluster.SiloCommand(_surroundings, new CommandOutput(_surroundings, arguments.GetValue(SharedOptions.Json)), choices).Run();
#else
        throw new InvalidOperationException($"A silo was asked for without a cluster: {choices.Name}");
#endif
    }

    /// <exception cref="BadInputException">A value is out of range, or two contradict each other.</exception>
    private SiloChoices Read(ParseResult arguments)
    {
        var runs = RunsFolder.FromEnvironment(arguments.GetValue(_runs));
        var cluster = _cluster.Read(arguments, arguments.GetValue(_store), runs);
        var port = Port("--port", arguments.GetValue(_port), FirstPort);
        var shift = port - FirstPort;
        var address = arguments.GetValue(_address) is { } text ? IPAddress.TryParse(text, out var ip) ? ip : throw new BadInputException($"--address is an IP address; it was '{text}'.") : IPAddress.Loopback;
        if (!SweepStores.IsPostgres(cluster.Store) && !IPAddress.IsLoopback(address))
            throw new BadInputException("A cluster without a database is this machine's alone. Name one for several machines: --store postgres://user@host/database.");
        var (count, device) = Slots(arguments.GetValue(_slots));
        var name = arguments.GetValue(_name) ?? (port == FirstPort ? Environment.MachineName : $"{Environment.MachineName}-{port}");
        if (name.Length is 0 or > 100 || !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.')) throw new BadInputException($"--name has letters, digits, '-', '_' and '.', at most 100; it was '{name}'.");
        if (arguments.GetValue(_dashboard) && !ClusterPackages.HasDashboard && ClusterPackages.CompiledIn) throw new MissingComponentException("Orleans' dashboard is not in this build: the package Microsoft.Orleans.Dashboard was not to be had. ./setup --feed DIR takes a folder of packages; everything else works without.");
        var patience = arguments.GetValue(_drain) ?? 300;
        if (patience is not (>= 1 and <= 86_400)) throw new BadInputException($"--drain-patience takes seconds in the range 1 .. 86400; it was {patience}.");
        return new SiloChoices(
            name, cluster, runs, count, device, Labels.Of([KeyValuePair.Create("host", name)]).With(Labels.Parse(string.Join(",", arguments.GetValue(_labels) ?? []))), address, port, Port("--gateway-port", arguments.GetValue(_gateway), FirstGatewayPort + shift),
            Web(arguments.GetValue(_health), FirstWebPort + shift), arguments.GetValue(_dashboard), TimeSpan.FromSeconds(patience), arguments.GetValue(_data) is { } data ? Path.GetFullPath(data) : null);
    }

    private static int Port(string option, int? given, int otherwise) => (given ?? otherwise) is var port && port is >= 1 and <= 65535 ? port
        : throw new BadInputException($"{option} takes a port, 1 .. 65535; it was {port}.");

    private static IPEndPoint Web(string? given, int otherwise)
    {
        if (given is null) return new IPEndPoint(IPAddress.Loopback, otherwise);
        if (int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535) return new IPEndPoint(IPAddress.Loopback, port);
        return given.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(given, out var end) ? end : throw new BadInputException($"--health takes a port, or IP:PORT, as 8081 or 0.0.0.0:8081; it was '{given}'.");
    }

    private static (int? Count, string? Device) Slots(string? given)
    {
        if (given is null) return (null, null);
        var (device, count) = given.Split(':') switch { [var n] => (null, n), ["cpu", var n] => ("cpu", n), ["gpu", var n] => ("cuda", n), _ => throw Refusal() };
        if (count == "all" && device == "cuda") return (null, device);
        return int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 1024 ? (number, device) : throw Refusal();

        BadInputException Refusal() => new($"--slots is gpu:all, gpu:N, cpu:N or N, with N in the range 1 .. 1024; it was '{given}'.");
    }
}

/// <summary>What a silo was told.</summary>
/// <param name="Count">Slots; null is one a GPU.</param>
/// <param name="Device"><c>cpu</c> or <c>cuda</c>; null is cuda where there is a GPU.</param>
internal sealed record SiloChoices(
    string Name, ClusterChoices Cluster, RunsFolder Runs, int? Count, string? Device, Labels Labels, IPAddress Address, int Port, int GatewayPort, IPEndPoint Web, bool Dashboard, TimeSpan DrainPatience, string? Data);
