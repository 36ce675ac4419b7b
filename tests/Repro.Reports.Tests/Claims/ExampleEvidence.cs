using System.Collections.Concurrent;
using Repro.Reports.Claims;
using Repro.Reports.Papers;
using Repro.Results;
using Repro.Studies.Papers;
using Repro.Studies.Runs;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Tests.Claims;

/// <summary>Claims and runs for judging.</summary>
internal static class ExampleEvidence
{
    public const string Commit = "0123456789abcdef0123456789abcdef01234567";

    private static readonly ConcurrentDictionary<ExampleOptions, RunRecord> Templates = new();

    /// <summary>8.75 % by one run of the paper, tolerance 0.35, looks at 3 and 10.</summary>
    public static Claim Value { get; } = PaperCardReader.Parse(ExampleRuns.Card, "resnet.md").Claims[0] with { Study = null, Looks = [3, 10] };

    /// <summary>The error falls from depth 20 to depth 32.</summary>
    public static Claim Falls { get; } = Value with
    {
        Id = "deeper", Kind = ClaimKind.Ordering, Value = null, Direction = ClaimDirection.Falls, Options = new Dictionary<string, string> { ["residual"] = "true" },
        Settings = [Configuration.Parse("depth=20"), Configuration.Parse("depth=32")], Looks = [3, 5, 10],
    };

    public static Freeze Frozen(Claim claim, EvidenceRun run) => new(FreezeState.Proven, "frozen");

    /// <summary>Completed runs of one setting, with seeds 1, 2, 3 ... in the order in which they began.</summary>
    public static IEnumerable<EvidenceRun> Scored(IEnumerable<double> values, ExampleOptions? options = null, string metric = "test_error", ulong firstSeed = 1) => values.Select((value, i) => Run(value, firstSeed + (ulong)i, options, metric));

    public static EvidenceRun Run(double value, ulong seed, ExampleOptions? options = null, string metric = "test_error")
    {
        var record = Templates.GetOrAdd(options ?? new ExampleOptions(), some => ExampleRuns.Run(options: some) with { Metrics = [] });
        return new EvidenceRun(record with
        {
            Id = $"run-{options?.Depth ?? 20}-{seed}", Seed = seed, Created = DateTimeOffset.UnixEpoch.AddMinutes(seed), Scores = new Dictionary<string, double> { [metric] = value }, Trained = TimeSpan.FromMinutes(30),
            Attempts = [.. record.Attempts.Select(attempt => attempt with { Environment = attempt.Environment with { Commit = Commit, Dirty = false } })],
        }, EvidenceRole.Alone, "runs");
    }

    public static EvidenceRun Failed(ulong seed, bool notFinite) => Run(0, seed) is var run
        ? run with { NotFinite = notFinite, Run = run.Run with { State = RunState.Failed, Scores = new Dictionary<string, double>(), Failure = "The loss is no finite number." } } : throw new InvalidOperationException();

    /// <summary>The same attempt, measured with a classifier, as it is recorded now, or as it was before that was told from data.</summary>
    public static RunAttempt Measured(RunAttempt attempt, bool recorded = true) => attempt with
    {
        Environment = attempt.Environment with { DataSets = [.. attempt.Environment.DataSets, new DataSetUsed("DIGITS-CNN-64", new string('d', 64), new string('d', 64), 2999) { Yardstick = recorded }] },
    };

    public static ClaimEvidence Of(Claim claim, params IEnumerable<EvidenceRun>[] runs) => ClaimEvidence.Of(claim, runs.SelectMany(some => some), ExampleRuns.Subject, Frozen);

    public static Judgement Judged(Claim claim, params IEnumerable<EvidenceRun>[] runs) => Judge.Of(Of(claim, runs));
}
