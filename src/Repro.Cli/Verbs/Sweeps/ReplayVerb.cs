using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Reports.Runs;
using Repro.Results.Runs;
using Repro.Results.Stores;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Pruners;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Verbs.Sweeps;

/// <summary><c>repro replay</c>: what each pruner would have saved of a sweep that was not pruned, and what it would have cost, over many orders of arrival.</summary>
internal sealed class ReplayVerb
{
    private const int Fewest = 50, Most = 100_000;

    private readonly Argument<string> _sweep = new("SWEEP|DIR") { Description = "Name of a sweep, a beginning that only one has, the word last, or the folder of an exported one" };
    private readonly Option<string[]> _pruners = new("--pruner") { Description = "A pruner to replay; may be repeated (default: all of them)", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
    private readonly Option<int> _orders = new("--orders") { Description = $"Orders of arrival to draw (default: {Fewest})", HelpName = "N", DefaultValueFactory = _ => Fewest };
    private readonly Option<int> _slots = new("--slots") { Description = "Runs at a time (default: 1)", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<ulong?> _seed = new("--seed") { Description = "The orders derive from it; 0 .. 18446744073709551615 (default: 0)", HelpName = "N" };
    private readonly Option<int?> _eta = new("--eta") { Description = "The pruners' reduction factor (default: 4, and 3 for Hyperband, as published)", HelpName = "N" };
    private readonly Option<long?> _least = new("--least") { Description = "The first rung of halving and ASHA (default: a run's steps / eta^2)", HelpName = "STEP" };
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _runs = SharedOptions.Runs();

    public static Command Create(Surroundings surroundings)
    {
        var replay = new ReplayVerb();
        var verb = new Verb(
            "replay", "Says what pruning would have saved of a sweep, and how often it would have lost the best trial: the stored full curves, in many orders of arrival. Trains nothing.",
            "./repro replay last", "./repro replay results/resnet/learning-rate --pruner asha_promotion --pruner median --orders 500", "./repro replay last --slots 4 --eta 3 --least 30 --json")
        {
            replay._sweep, replay._pruners, replay._orders, replay._slots, replay._seed, replay._eta, replay._least, replay._store, replay._runs,
        };
        verb.SetAction(arguments => replay.Act(arguments, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json))));
        return verb;
    }

    private int Act(ParseResult arguments, CommandOutput output)
    {
        var (orders, slots) = (InRange("--orders", arguments.GetValue(_orders), Most), InRange("--slots", arguments.GetValue(_slots), 1024));
        var (seed, eta) = (arguments.GetValue(_seed) ?? 0, arguments.GetValue(_eta));
        if (eta is < 2 or > 1_000_000) throw new BadInputException($"--eta takes a number in the range 2 .. 1000000; it was {eta}.");
        var given = arguments.GetValue(_pruners) ?? [];
        if (given.FirstOrDefault(pruner => !PrunerCatalog.Names.Contains(pruner)) is { } unknown)
            throw new BadInputException($"There is no pruner '{unknown}'. Valid pruners, nearest first: {string.Join(", ", NearestWords.Order(unknown, PrunerCatalog.Names))}.");
        var runs = RunsFolder.FromEnvironment(arguments.GetValue(_runs));
        using var store = Open(arguments, runs, out var name);
        var sweep = StoredSweep.Find(store, name, runs);
        var study = sweep.Study;
        if (study.Arms.Count > 0) throw new BadInputException($"{sweep.Name} is an ablation: all of its runs are compared, and none is pruned. Replay a search.");
        var curves = StoredCurves.Of(store, sweep.Name, sweep.State, study);
        if (curves.Trials.Count == 0)
            throw new BadInputException($"No trial of {sweep.Name} has a full curve of {study.Objective.Metric}, so there is nothing to replay: {Listed(curves.LeftOut)}. Replay a sweep that ran with --pruner none.");
        var replay = new PrunerReplay(curves.Trials, study.Objective.Direction);
        Introduce(output, sweep, curves, replay, orders, slots, seed);
        var (table, json, remarks) = (Table(study.Objective.Metric), new JsonArray(), new List<string>());
        foreach (var pruner in given.Length > 0 ? given.Distinct() : PrunerCatalog.Names)
        {
            var settings = new ReplaySettings(pruner, arguments.GetValue(_least) ?? Rungs.DefaultLeast(replay.Most, eta ?? 4), eta, slots);
            try
            {
                var rungs = replay.Rungs(settings);
                var summary = replay.Over(settings, orders, seed);
                Row(table, pruner, summary, study.Objective.Metric);
                json.Add(Json(pruner, summary, rungs));
                remarks.AddRange(Remarks(pruner, rungs, summary));
            }
            catch (BadInputException e) when (given.Length == 0)
            {
                // One of all of them that this sweep is too small for takes nothing from the others.
                remarks.Add($"{pruner} was left out. {e.Message}");
                json.Add(new JsonObject { ["pruner"] = pruner, ["left_out"] = e.Message });
            }
        }
        table.Write(output);
        if (remarks.Count > 0) output.Say();
        foreach (var line in remarks.SelectMany(remark => TextLines.Wrap(remark, output.Width, breakWords: false))) output.Say(line);
        output.Result(new JsonObject
        {
            ["sweep"] = sweep.Name, ["trials"] = curves.Trials.Count, ["runs"] = curves.Trials.Sum(trial => trial.Runs.Count), ["steps"] = replay.Most,
            ["left_out"] = new JsonArray([.. curves.LeftOut.Select(trial => (JsonNode)new JsonObject { ["trial"] = trial.Trial, ["reason"] = trial.Reason })]),
            ["metric"] = study.Objective.Metric, ["orders"] = orders, ["slots"] = slots, ["seed"] = seed, ["pruners"] = json,
        });
        return ExitCode.Done;
    }

    private ISweepStore Open(ParseResult arguments, RunsFolder runs, out string sweep)
    {
        sweep = arguments.GetRequiredValue(_sweep);
        // No sweep's name has a slash: that is a folder, and what is wrong with it is said of it.
        var export = SweepFolder.Find(sweep);
        if (export is null && !sweep.Contains('/', StringComparison.Ordinal)) return SweepStores.Open(SweepStores.Address(arguments.GetValue(_store), runs));
        var memory = new MemoryStore();
        sweep = SweepFolder.Import(memory, export ?? sweep, name: null, runsOf: null);
        return memory;
    }

    private static void Introduce(CommandOutput output, StoredSweep sweep, StoredCurves curves, PrunerReplay replay, int orders, int slots, ulong seed)
    {
        if (orders < Fewest) output.Complain($"{orders} orders of arrival say little: what one order saves is mostly luck. Take --orders {Fewest} or more.");
        if (sweep.Study.Pruner != "none")
            output.Complain($"{sweep.Name} was itself pruned ({sweep.Study.Pruner}): only trials that it let through have full curves, so the bad ones are missing here and savings look smaller than they are. Replay a sweep that ran with --pruner none.");
        var best = curves.Trials.Where(trial => double.IsFinite(trial.Final)).MinBy(trial => (sweep.Study.Objective.Direction == Studies.Samplers.ObjectiveDirection.Minimize ? 1 : -1) * trial.Final)!;
        var evaluated = replay.EvaluatedSteps.Count;
        output.Say($"{sweep.Name}: {Words.Count(curves.Trials.Count, "trial")} with full curves of {replay.Most} steps, {evaluated} of them evaluated; {sweep.Study.Objective.Metric}, best {ScoreText.WithUnit(sweep.Study.Objective.Metric, best.Final)} (trial {best.Number}).");
        if (curves.LeftOut.Count > 0) output.Say($"Left out, without a full curve: {Listed(curves.LeftOut)}.");
        output.Say($"Each pruner decides in {Words.Count(orders, "random order")} of arrival (seed {seed}) on {Words.Count(slots, "slot")}; a step takes equally long everywhere.");
        output.Say();
    }

    private static TextTable Table(string metric) =>
        new("pruner", "steps spent", "5-95 %", "best chosen", MetricWords.Of(metric).Unit is { Length: > 0 } unit ? $"regret ({(unit == "%" ? "points" : unit)})" : "regret", "makespan (steps)") { Right = new HashSet<int> { 1, 2, 3, 4, 5 } };

    private static void Row(TextTable table, string pruner, ReplaySummary summary, string metric) => table.Row(
        pruner, Percent(summary.MeanShare), $"{Percent(summary.ShareQuantile(0.05))[..^2]}-{Percent(summary.ShareQuantile(0.95))}", Percent(summary.BestChosen),
        double.IsNaN(summary.MeanRegret) ? "-" : Words.Number(summary.MeanRegret), summary.MeanMakespan.ToString("0", CultureInfo.InvariantCulture));

    private static JsonObject Json(string pruner, ReplaySummary summary, IReadOnlyList<(long Rung, long? At)> rungs)
    {
        var json = new JsonObject
        {
            ["pruner"] = pruner, ["share"] = summary.MeanShare, ["share_low"] = summary.ShareQuantile(0.05), ["share_high"] = summary.ShareQuantile(0.95),
            ["best_chosen"] = summary.BestChosen, ["undecided"] = summary.Undecided, ["makespan"] = summary.MeanMakespan,
            ["rungs"] = new JsonArray([.. rungs.Select(rung => (JsonNode)new JsonObject { ["rung"] = rung.Rung, ["at"] = rung.At })]),
        };
        CommandOutput.Number(json, "regret", summary.MeanRegret);
        return json;
    }

    private static IEnumerable<string> Remarks(string pruner, IReadOnlyList<(long Rung, long? At)> rungs, ReplaySummary summary)
    {
        if (rungs.Where(rung => rung.At is not null && rung.At != rung.Rung).GroupBy(rung => rung.At).ToList() is { Count: > 0 } moved)
            yield return $"{pruner} decides at the next evaluated step where its rung was not evaluated: {string.Join("; ", moved.Select(group => $"{string.Join(", ", group.Select(rung => rung.Rung))} at {group.Key}"))}.";
        if (rungs.Where(rung => rung.At is null).Select(rung => rung.Rung).ToList() is { Count: > 0 } beyond)
            yield return $"{pruner}: nothing was evaluated between {(beyond.Count == 1 ? "the rung" : "the rungs")} {string.Join(", ", beyond)} and the end, so nothing is decided there.";
        if (summary.Undecided > 0)
            yield return $"{pruner}: in {Words.Count(summary.Undecided, "order")} no trial came to its end, so nothing could be chosen; the regret is that of the others.";
    }

    private static string Listed(IReadOnlyList<(int Trial, string Reason)> trials) =>
        trials.Count == 0 ? "it has no trials yet" : string.Join("; ", trials.GroupBy(trial => trial.Reason).Select(group => $"{string.Join(", ", group.Select(trial => trial.Trial))} ({group.Key})"));

    private static string Percent(double share) => (100 * share).ToString("0.#", CultureInfo.InvariantCulture) + " %";

    private static int InRange(string option, int number, int most) => number >= 1 && number <= most ? number
        : throw new BadInputException($"{option} takes a number in the range 1 .. {most}; it was {number}.");
}
