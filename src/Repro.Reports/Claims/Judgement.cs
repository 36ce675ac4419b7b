using Repro.Studies.Papers;
using Repro.Studies.Statistics;

namespace Repro.Reports.Claims;

/// <summary>A verdict with all that made it. Only <see cref="Judge"/> makes one, from stored runs.</summary>
public sealed record Judgement
{
    internal Judgement(Claim claim, ClaimEvidence evidence) => (Claim, Evidence) = (claim, evidence);

    public Claim Claim { get; }

    public ClaimEvidence Evidence { get; }

    public Freeze Freeze => Evidence.Freeze;

    public Verdict Verdict { get; internal init; }

    /// <summary>The rule that made the verdict, with its numbers; a sentence or two.</summary>
    public string Reason { get; internal init; } = "";

    /// <summary>The test's name; empty where nothing was tested.</summary>
    public string Test { get; internal init; } = "";

    /// <summary>Runs of each setting that were judged: exactly those of the look, whatever more there are. 0 before the first look.</summary>
    public int Runs { get; internal init; }

    /// <summary>What tables call n: the judged runs of each setting, and before the first look those at hand.</summary>
    public int Count => Look is null ? Evidence.Count : Runs;

    /// <summary>The look that was judged; null before the first.</summary>
    public Look? Look { get; internal init; }

    /// <summary>One a setting of the claim, of the runs that were judged, or before the first look of all at hand.</summary>
    public IReadOnlyList<SettingScore> Settings { get; internal init; } = [];

    /// <summary>What was held against a region: one comparison, and along a trend one a step. Empty where nothing was tested.</summary>
    public IReadOnlyList<TestedDifference> Comparisons { get; internal init; } = [];

    /// <summary>What would decide; null where the verdict is no longer open.</summary>
    public StillNeeded? Needed => Deciding?.Value;

    // A search over numbers of runs, each an integral: only where somebody asks.
    internal Lazy<StillNeeded>? Deciding { get; init; }

    /// <summary>The runs that <see cref="Settings"/> has the values of: those that were judged, and before the first look all at hand.</summary>
    public IEnumerable<EvidenceRun> Shown => Evidence.Settings.SelectMany(runs => Look is null ? runs : runs.Take(Runs));

    /// <summary>Ids of the runs that were judged.</summary>
    public IEnumerable<string> RunIds => Evidence.Settings.SelectMany(runs => runs.Take(Runs)).Select(run => run.Run.Id);

    public double Hours => Evidence.Settings.SelectMany(runs => runs).Sum(run => run.Hours);

    public double GpuHours => Evidence.Settings.SelectMany(runs => runs).Sum(run => run.GpuHours);
}

/// <summary>What a setting of a claim scored.</summary>
/// <param name="Name">As <c>depth=20</c>; empty where the claim compares none.</param>
/// <param name="Values">One a run, in the order in which they began.</param>
public sealed record SettingScore(string Name, IReadOnlyList<double> Values)
{
    public double? Mean => Values.Count > 0 ? Values.Average() : null;

    /// <summary>Student's 95 % interval of the mean; null below two runs.</summary>
    public Interval? Interval => Values.Count >= 2 ? StudentT.Mean(Values) : null;
}

/// <summary>A difference held against the region that the claim allows.</summary>
/// <param name="What">As <c>ours - the paper's</c>, <c>network=plain - network=residual</c>.</param>
/// <param name="Interval">At the level of the look: inside the region is for the claim.</param>
/// <param name="Wide">At the level shared among all comparisons of the claim: outside of the region is against it.</param>
/// <param name="Low">Where the region begins; minus infinity where it has no beginning.</param>
/// <param name="High">Where it ends.</param>
public sealed record TestedDifference(string What, Estimate Difference, Interval Interval, Interval Wide, double Low, double High)
{
    public bool IsInside => Interval.LiesWithin(Low, High) && !(Interval.Low == 0 && Low == 0) && !(Interval.High == 0 && High == 0);

    public bool IsOutside => Wide.LiesOutside(Low, High);
}

/// <summary>What an open verdict waits for.</summary>
/// <param name="Runs">Further runs, over all settings; null where no number up to the largest n is likely to decide, or nothing tells yet.</param>
/// <param name="NextLook">The number of runs of a setting at which one looks next; null where there is no further look.</param>
/// <param name="Hours">What they would take, as those at hand did; null where none is at hand.</param>
/// <param name="Sentence">In words, with what it rests on.</param>
public sealed record StillNeeded(int? Runs, int? NextLook, double? Hours, double? GpuHours, string Sentence);
