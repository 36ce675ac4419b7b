using Repro.Figures.Images;
using Repro.Reports.Claims;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Figures;

/// <summary>What the gallery draws: generated from known truths, so that one can see whether a figure tells them. None of it was measured.</summary>
internal static class GalleryData
{
    private const ulong Seed = 20;

    public static SearchSpace Space { get; } = new([CompactForm.Parse("learning_rate=log:1e-4..1"), CompactForm.Parse("momentum=0.5..0.99"), CompactForm.Parse("weight_decay=log:1e-6..1e-2"), CompactForm.Parse("network=residual,plain")]);

    /// <summary>120 random trials whose error is 8 + 5 (log10 rate + 1.6)^2 + 2 for the plain network + 6 (momentum - 0.9)^2, with noise of deviation 0.8: the rate matters most, the weight decay not at all.</summary>
    public static SearchedTrials Search()
    {
        var trials = new List<SearchedTrial>();
        for (var i = 0; i < 120; i++)
        {
            var random = Random(1, i);
            var configuration = i == 0 ? Configuration.Parse("learning_rate=0.1,momentum=0.9,network=residual,weight_decay=0.0001")
                : Space.At([random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble()]);
            var failed = i > 0 && configuration.Number("learning_rate") > 0.8;
            var error = Error(configuration) + (0.8 * random.NextNormal());
            trials.Add(new SearchedTrial(i, i == 0 ? TrialOrigin.Paper : TrialOrigin.Sampler, failed ? RunState.Failed : RunState.Completed, configuration, failed ? null : error));
        }
        return new SearchedTrials("validation_error", ObjectiveDirection.Minimize, Space, trials);
    }

    /// <summary>The same trials under halving with eta = 3: rungs at 100 and 300 of 900 steps, at each of which the best third goes on.</summary>
    public static (SearchedTrials Trials, IReadOnlyList<TrialCurve> Curves, IReadOnlyList<long> Rungs) Pruned()
    {
        var (rungs, search) = ((long[])[100, 300, 900], Search());
        var alive = search.Completed.Take(81).ToList();
        var (curves, trials) = (new List<TrialCurve>(), new List<SearchedTrial>());
        for (var rung = 0; rung < rungs.Length; rung++)
        {
            var ranked = alive.OrderBy(trial => At(trial, rungs[rung])).ToList();
            var keep = rung == rungs.Length - 1 ? 0 : ranked.Count / 3;
            foreach (var trial in ranked.Skip(keep))
            {
                var end = rung == rungs.Length - 1 ? RunState.Completed : RunState.Pruned;
                var points = Enumerable.Range(1, 90).Select(i => 10L * i).Where(step => step <= rungs[rung]).Select(step => (step, At(trial, step))).ToList();
                curves.Add(new TrialCurve(trial.Number, end, points));
                trials.Add(trial with { State = end, Objective = end == RunState.Completed ? points[^1].Item2 : null, Last = points[^1].Item2 });
            }
            alive = [.. ranked.Take(keep)];
        }
        return (new SearchedTrials("validation_error", ObjectiveDirection.Minimize, Space, [.. trials.OrderBy(trial => trial.Number)]), [.. curves.OrderBy(curve => curve.Trial)], rungs[..2]);

        static double At(SearchedTrial trial, long step) => trial.Objective!.Value + (25 * Math.Exp(-step / 120.0)) + (1.5 * Random(2, (trial.Number * 1000L) + step).NextNormal());
    }

    /// <summary>Three settings of five seeds: errors fall exponentially to 8, 9 and 12 %, seeds differ by a deviation of 0.4, evaluations by 0.3.</summary>
    public static IReadOnlyList<CurveGroup> Curves() =>
        [.. new[] { ("residual", 8.0, 0), ("wide", 9.0, 1), ("plain", 12.0, 2) }.Select(setting => new CurveGroup(setting.Item1, [.. Enumerable.Range(0, 5).Select(seed => Curve(setting.Item2, setting.Item3, seed))]))];

    /// <summary>Eight pairs an arm, with true differences of 4, 0.4 and -0.8 points and a deviation of 1.</summary>
    public static IReadOnlyList<ForestRow> Arms() =>
        [Arm("plain", 4, 0, true, 3.5), Arm("no warm-up", 0.4, 1, false, null), Arm("label smoothing", -0.8, 2, false, -0.5)];

    /// <summary>Two days of hours: 20 + 8 sin(2 pi h / 24) with noise of deviation 1.5, forecast by 400 samples of that very distribution.</summary>
    public static (IReadOnlyList<(double, double)> History, IReadOnlyList<double> Truth, IReadOnlyList<double> Times, IReadOnlyList<IReadOnlyList<double>> Samples) Forecast()
    {
        var history = Enumerable.Range(0, 73).Select(hour => ((double)hour - 72, Mean(hour) + (1.5 * Random(3, hour).NextNormal()))).ToList();
        var times = Enumerable.Range(1, 36).Select(hour => (double)hour).ToList();
        var truth = times.Select(hour => Mean(hour + 72) + (1.5 * Random(4, (long)hour).NextNormal())).ToList();
        var samples = times.Select(hour =>
        {
            var random = Random(5, (long)hour);
            return (IReadOnlyList<double>)[.. Enumerable.Range(0, 400).Select(_ => Mean(hour + 72) + (1.5 * random.NextNormal()))];
        }).ToList();
        return (history, truth, times, samples);

        static double Mean(double hour) => 20 + (8 * Math.Sin(2 * Math.PI * hour / 24));
    }

    /// <summary>A causal map: every token looks at itself, at the one before, and "it" at "animal".</summary>
    public static (IReadOnlyList<string> Tokens, IReadOnlyList<IReadOnlyList<double>> Weights) Attention()
    {
        string[] tokens = ["The", "animal", "didn't", "cross", "the", "street", "because", "it", "was", "tired", "."];
        var weights = tokens.Select((_, query) =>
        {
            var scores = tokens.Select((_, key) => key > query ? double.NaN : Math.Exp((key == query ? 1.5 : key == query - 1 ? 1.2 : 0) + (query == 7 && key == 1 ? 3 : 0) + (0.4 * Random(6, (query * 100L) + key).NextNormal()))).ToList();
            var sum = scores.Where(double.IsFinite).Sum();
            return (IReadOnlyList<double>)[.. scores.Select(score => score / sum)];
        }).ToList();
        return (tokens, weights);
    }

    /// <summary>4,000 predictions of a model that is too sure: what it calls p happens with probability 1 / (1 + ((1 - p) / p)^0.6).</summary>
    public static IReadOnlyList<(double, bool)> Predictions() => [.. Enumerable.Range(0, 4000).Select(i =>
    {
        var random = Random(7, i);
        var called = random.NextDouble();
        return (called, random.NextDouble() < 1 / (1 + Math.Pow((1 - called) / called, 0.6)));
    })];

    /// <summary>Central intervals of normal forecasts whose deviation is 0.8 of the true one, over 500 truths.</summary>
    public static IReadOnlyList<(double, int)> Covered()
    {
        // Standard normal quantiles of (1 + level) / 2.
        (double Level, double Z)[] levels = [(0.1, 0.1257), (0.2, 0.2533), (0.3, 0.3853), (0.4, 0.5244), (0.5, 0.6745), (0.6, 0.8416), (0.7, 1.0364), (0.8, 1.2816), (0.9, 1.6449), (0.95, 1.96)];
        var truths = Enumerable.Range(0, 500).Select(i => Math.Abs(Random(8, i).NextNormal())).ToList();
        return [.. levels.Select(level => (level.Level, truths.Count(truth => truth <= 0.8 * level.Z)))];
    }

    /// <summary>Four claims of no paper: runs of one as it says, of one far off, of one between; and one that nobody ran.</summary>
    public static IReadOnlyList<ValueRow> Claims() =>
    [
        Claim("claim A", 9, Runs(9.05, 0.1, 5, 0)), Claim("claim B", 8, Runs(9.4, 0.2, 5, 1)), Claim("claim C", 7, Runs(7.3, 0.3, 3, 2)), Claim("claim D", 6, []),
    ];

    /// <summary>Two dozen discs of random place, size and hue.</summary>
    public static IReadOnlyList<(RgbImage, string)> Images() => [.. Enumerable.Range(0, 16).Select(i =>
    {
        var random = Random(9, i);
        var (x, y, radius, hue) = (8 + (16 * random.NextDouble()), 8 + (16 * random.NextDouble()), 4 + (8 * random.NextDouble()), random.NextDouble());
        var pixels = new byte[32 * 32 * 3];
        for (var pixel = 0; pixel < 32 * 32; pixel++)
        {
            var inside = 1 / (1 + Math.Exp(Math.Sqrt(Math.Pow((pixel % 32) - x, 2) + Math.Pow((pixel / 32) - y, 2)) - radius));
            for (var channel = 0; channel < 3; channel++) pixels[(3 * pixel) + channel] = (byte)(40 + (200 * inside * (0.5 + (0.5 * Math.Cos(2 * Math.PI * (hue + (channel / 3.0)))))));
        }
        return (new RgbImage(32, 32, pixels), $"radius {radius:0.0}");
    })];

    private static double Error(Configuration configuration) =>
        8 + (5 * Math.Pow(Math.Log10(configuration.Number("learning_rate")) + 1.6, 2)) + (configuration["network"] == "plain" ? 2 : 0) + (6 * Math.Pow(configuration.Number("momentum") - 0.9, 2));

    private static List<MetricPoint> Curve(double floor, int setting, int seed)
    {
        var random = Random(10 + setting, seed);
        var shift = 0.4 * random.NextNormal();
        var points = new List<MetricPoint>();
        for (var step = 50; step <= 2000; step += 50) points.Add(new MetricPoint("validation_error", step, floor + shift + (40 * Math.Exp(-step / 400.0)) + (0.3 * random.NextNormal()), step));
        return points;
    }

    private static ForestRow Arm(string name, double effect, int index, bool differs, double? paper)
    {
        var random = Random(20, index);
        return new ForestRow(name, [.. Enumerable.Range(0, 8).Select(_ => effect + random.NextNormal())], differs, paper);
    }

    // As the judge does it of a value from one run of a paper's, with one look at the runs that there are.
    private static ValueRow Claim(string name, double paper, List<double> runs)
    {
        var difference = runs.Count > 1 ? StudentT.FromDrawOf(runs, paper).Interval(1 - (2 * new AlphaSpending([runs.Count], Judge.Alpha).Levels[0])) : null;
        return new ValueRow(name, new PaperValue("invented", paper), 0.5, "%", runs, difference is null ? null : new Interval(difference.Low + paper, difference.High + paper, difference.Level));
    }

    private static List<double> Runs(double mean, double deviation, int count, int index)
    {
        var random = Random(21, index);
        return [.. Enumerable.Range(0, count).Select(_ => mean + (deviation * random.NextNormal()))];
    }

    private static Philox Random(int kind, long index) => new(Seed + ((ulong)kind << 8), RandomPurpose.GeneratedData, index);
}
