using System.CommandLine;
using System.Text.Json.Nodes;
using Repro.Cli.Comparing;
using Repro.Cli.Output;
using Repro.Cli.Sweeping;
using Repro.Reports.Comparison;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Sweeps;

namespace Repro.Cli.Verbs;

/// <summary><c>repro compare</c>: what differs between two runs, or two sweeps, in what was asked, under what it ran, and in what came of it.</summary>
internal sealed class CompareVerb
{
    private const string Test = "repro compare";
    private static readonly string[] Parts = ["options", "code", "data", "environment", "outcome"];

    private readonly Argument<string> _a = new("A") { Description = "Id of a run, a beginning that only one run has, the word last, the path of a run's folder, or SWEEP/TRIAL for a run of a sweep; where there is no such run, a sweep, or the folder of an exported one" };
    private readonly Argument<string> _b = new("B") { Description = "The same, of the same kind: two runs, or two sweeps" };
    private readonly Option<string[]> _only = new("--only") { Description = $"Compares only this part ({string.Join(", ", Parts)}); may be repeated", HelpName = "PART", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _exitCode = new("--exit-code") { Description = "Ends with 1 where any part that was compared differs, as diff does; otherwise with 0" };
    private readonly Option<bool> _test = new("--test") { Description = "Compares the test scores of confirmed choices too. Every such reading is counted, and printed in reports" };
    private readonly Option<string?> _store = SweepStores.Option();
    private readonly Option<string?> _objects = SiloRecords.Option();
    private readonly Option<string?> _runs = SharedOptions.Runs();

    public static Command Create(Surroundings surroundings)
    {
        var compare = new CompareVerb();
        var verb = new Verb(
            "compare", "Says what differs between two runs, or two sweeps: options, code, data, environment, and the outcome with its uncertainty. Trains nothing.",
            "./repro compare last results/resnet/quick", "./repro compare results/resnet/learning-rate results/resnet/learning-rate-cluster", "./repro compare resnet-learning-rate/34 resnet-learning-rate/0",
            "./repro compare my-sweep other-sweep --only outcome --exit-code", "./repro compare last resnet-quick-2026 --json") { compare._a, compare._b, compare._only, compare._exitCode, compare._test, compare._store, compare._objects, compare._runs };
        verb.SetAction(arguments => compare.Act(arguments, surroundings, new CommandOutput(surroundings, arguments.GetValue(SharedOptions.Json))));
        return verb;
    }

    private int Act(ParseResult arguments, Surroundings surroundings, CommandOutput output)
    {
        var runs = RunsFolder.FromEnvironment(arguments.GetValue(_runs));
        var only = arguments.GetValue(_only) is { Length: > 0 } given ? given : Parts;
        if (only.FirstOrDefault(part => !Parts.Contains(part)) is { } unknown)
            throw new BadInputException($"--only takes a part of a comparison; there is no '{unknown}'. Valid parts, nearest first: {string.Join(", ", NearestWords.Order(unknown, Parts))}.");
        using var a = Subject.Find(runs, arguments.GetRequiredValue(_a), arguments.GetValue(_store));
        using var b = Subject.Find(runs, arguments.GetRequiredValue(_b), arguments.GetValue(_store));
        a.Announce(output, arguments.GetRequiredValue(_a));
        b.Announce(output, arguments.GetRequiredValue(_b));
        RequireOneKind(a, b);
        var test = arguments.GetValue(_test);
        if (test && !only.Contains("outcome")) throw new BadInputException("--test compares test scores, which are part of the outcome: add --only outcome, or leave --test out.");
        if (test) Count(a, b);
        var sides = new ComparedSides(surroundings, new SiloRecords(arguments.GetValue(_objects), output.Complain));
        var differ = a.IsRun ? Runs(output, a, sides.Run(a, test), b, sides.Run(b, test), only) : Sweeps(output, a, sides.Sweep(a.Sweep!, test), b, sides.Sweep(b.Sweep!, test), only);
        return differ && arguments.GetValue(_exitCode) ? ExitCode.Failed : ExitCode.Done;
    }

    private static bool Runs(CommandOutput output, Subject a, ComparedRun left, Subject b, ComparedRun right, string[] only)
    {
        var comparison = RunComparison.Of(left, right);
        output.Say($"A  {left.Run.Id}: {left.Run.StateWord}");
        output.Say($"B  {right.Run.Id}: {right.Run.StateWord}");
        var text = new ComparisonText(output);
        return Write(
            output, (Json(a, left), Json(b, right)), only, [comparison.Options, comparison.Code, comparison.Data, comparison.Environment], comparison.OutcomesDiffer,
            () => text.Outcome(comparison), () => ComparisonJson.Outcome(comparison));

        static JsonObject Json(Subject subject, ComparedRun run) => ComparisonJson.Of(subject, run.Run.Id, run.Run.StateWord);
    }

    private static bool Sweeps(CommandOutput output, Subject a, ComparedSweep left, Subject b, ComparedSweep right, string[] only)
    {
        var comparison = SweepComparison.Of(left, right);
        output.Say($"A  {left.Name}: {left.Status}");
        output.Say($"B  {right.Name}: {right.Status}");
        var text = new ComparisonText(output);
        return Write(
            output, (ComparisonJson.Of(a, left.Name, left.Status), ComparisonJson.Of(b, right.Name, right.Status)), only, [comparison.Options, comparison.Code, comparison.Data, comparison.Environment], comparison.OutcomesDiffer,
            () => text.Outcome(comparison, left.Study.Objective.Metric), () => ComparisonJson.Outcome(comparison));
    }

    /// <returns>Whether any of the parts that were asked for differs.</returns>
    private static bool Write(CommandOutput output, (JsonObject A, JsonObject B) sides, string[] only, ComparedFacts[] facts, bool outcomesDiffer, Action outcome, Func<JsonObject> outcomeJson)
    {
        var (differ, json, text) = (false, new JsonObject { ["a"] = sides.A, ["b"] = sides.B, ["differ"] = false }, new ComparisonText(output));
        foreach (var (part, compared) in Parts.Zip(facts).Where(part => only.Contains(part.First)))
        {
            differ |= compared.Differ;
            text.Facts(part, compared);
            json[part] = ComparisonJson.Of(compared);
        }
        if (only.Contains("outcome"))
        {
            differ |= outcomesDiffer;
            outcome();
            json["outcome"] = outcomeJson();
        }
        json["differ"] = differ;
        output.Result(json);
        return differ;
    }

    private static void RequireOneKind(Subject a, Subject b)
    {
        if (a.IsRun == b.IsRun) return;
        var (run, sweep) = a.IsRun ? (a, b) : (b, a);
        var prefix = sweep.Sweep!.Export is null ? sweep.Sweep.Name : sweep.Text.TrimEnd('/');
        var one = sweep.Sweep.State.Best(sweep.Sweep.Study.Objective) ?? 0;
        throw new BadInputException($"{run.Text} is a run and {sweep.Text} is a sweep: two of a kind are compared. One run of the sweep is named {prefix}/{one}: ./repro compare {Words.Shell(run.Text)} {Words.Shell($"{prefix}/{one}")}");
    }

    /// <summary>Counts that test scores are shown, of each of the two that has any sealed.</summary>
    private static void Count(Subject a, Subject b)
    {
        // A run of the search has none.
        var ones = new[] { a, b }.Where(subject => subject.Sweep is { } sweep && (subject.Key is not { } key || sweep.State[key].Scores.Keys.Any(TestSeal.Covers))).Select(subject => subject.Sweep!).DistinctBy(sweep => (sweep.Name, sweep.Export)).ToList();
        if (ones.Count == 0) throw new BadInputException("--test is for sweeps, and runs of their confirmations, whose test scores are sealed; of other runs nothing is. Leave it out.");
        // What refuses has counted nothing.
        foreach (var sweep in ones.OrderBy(sweep => TestSeal.MayBeOpened(sweep.State) && sweep.Export is null)) sweep.ReadTest(Test);
    }
}
