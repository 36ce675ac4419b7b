using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies.Options;
using Repro.Studies.Runs;
using Repro.Training;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

[Collection(OneGenerator.Name)]
public sealed class NsDiffExperimentTests : IDisposable
{
    private static readonly NsDiffExperiment Experiment = new();

    private readonly string _folder = Directory.CreateTempSubdirectory("repro-series-").FullName;

    [Theory]
    [InlineData("data=etth3", "There is no series 'etth3'. Known ones, nearest first: etth1, etth2, ")]
    [InlineData("data=ilness", "nearest first: illness, ")]
    [InlineData("data=cifar-10", "or name a file of your own: data=FILE.csv")]
    [InlineData("rolling=168", "those of rolling=168 rows within history=168; rolling must be smaller")]
    [InlineData("data=illness,horizon=100", "The validation part of illness has 97 rows, and a window takes 100 of it (history=168, horizon=100)")]
    [InlineData("data=illness,history=600,horizon=90", "The train part of illness has 676 rows, and a window takes 690")]
    [InlineData("model=timediff,diffusion_steps=1", "diffusion_steps is 1. Set diffusion_steps=2 or more")]
    [InlineData("model=deepar,history=1", "need two rows of it; history is 1. Set history=2 or more")]
    public void Options_that_do_not_go_together_are_refused_with_the_values_and_what_to_do(string settings, string said) =>
        Assert.Contains(said, Experiment.Complaint(Options("paper", settings)), StringComparison.Ordinal);

    [Theory]
    [InlineData("model=seasonal_naive,rolling=168")]
    [InlineData("data=My.CSV")]
    [InlineData("data=illness,horizon=97,history=579")]
    public void What_fits_or_is_not_read_is_no_complaint(string settings) => Assert.Null(Experiment.Complaint(Options("paper", settings)));

    [Fact]
    public void The_best_score_of_generated_data_is_the_scaled_deviations_and_falls_with_the_samples()
    {
        var options = (ForecastOptions)Options("smoke", "");
        var best = Experiment.BestPossible(options)[Experiment.MainMetric];
        Assert.Equal(best * 1.001 / 1.01, Experiment.BestPossible(options with { Samples = 1000 })[Experiment.MainMetric], 1e-9);
        // Standard deviations of 8.2 to 10 over the training rows' own, which is that of means from 1 to 7.3 and deviations of the same range: 4.9.
        Assert.InRange(best, 8.2 / 4.9 / Math.Sqrt(Math.PI), 10.1 / 4.5 / Math.Sqrt(Math.PI));
        Assert.Empty(Experiment.BestPossible(options with { Data = "my.csv" }));
    }

    [Theory]
    [InlineData("paper", "", 2590)]
    [InlineData("quick", "", 75)]
    [InlineData("paper", "steps=7", 7)]
    public void Steps_are_known_before_the_data_are_read(string profile, string settings, int steps)
    {
        Assert.Equal(steps, Experiment.Steps(Options(profile, settings)));
        Assert.Null(Experiment.Steps(Options(profile, "steps=0,data=my.csv")));
    }

    [Fact]
    public void Every_window_is_trained_on_once_an_epoch_in_a_new_order()
    {
        int[] windows = [.. Enumerable.Range(100, 10)];
        List<int> Epoch(int number, ulong seed) => [.. Enumerable.Range(number * 3, 3).SelectMany(step => ForecastTask.Batch(windows, seed, step, size: 4))];
        Assert.Equal(windows, Epoch(0, 1).Order());
        Assert.Equal(windows, Epoch(1, 1).Order());
        Assert.NotEqual(Epoch(0, 1), Epoch(1, 1));
        Assert.NotEqual(Epoch(0, 1), Epoch(0, 2));
        Assert.Equal(2, ForecastTask.Batch(windows, 1, 2, size: 4).Length);
    }

    [Fact]
    public void A_persons_own_series_is_forecast_scored_and_drawn()
    {
        var file = Path.Combine(_folder, "my.csv");
        var rows = Enumerable.Range(0, 400).Select(row => FormattableString.Invariant($"{new DateTime(2021, 3, 1).AddHours(row):yyyy-MM-dd HH:mm},{Math.Sin(0.26 * row) + (0.1 * (row * row % 7))},{row % 24}"));
        File.WriteAllLines(file, ["when,power,clock", .. rows]);
        var sink = new RecordingSink();
        var options = Options("smoke", $"data={file},history=48,horizon=12,rolling=24,steps=5,windows=all,samples=10");
        var read = new List<string>();
        var context = new RunContext { Folder = _folder, Threads = 1 };
        context = context with { Data = context.Data with { Loaded = data => read.Add(data.Name) } };
        var outcome = Trainer.Run(Experiment, options, context, sink, [], CancellationToken.None);
        Assert.Equal((RunState.Completed, null), (outcome.State, outcome.Failure));
        // 80 test rows: 69 windows of 12, and two pieces of 48 and 12 after the first one.
        Assert.Equal(69, outcome.Scores["test_windows"]);
        Assert.Equal(2, outcome.Scores["test_released_windows"]);
        Assert.Equal(1, outcome.Scores["validation_windows"]);
        Assert.All(ForecastResult.Names, name => Assert.True(outcome.Scores.ContainsKey("test_" + name), name));
        Assert.InRange(outcome.Scores["test_begin_crps"] / outcome.Scores["test_crps"], 0.3, 3);
        Assert.Equal(["my.csv"], read.Distinct());
        var figures = sink.SampleSets.Single(samples => samples.Split == Splits.Test).Figures;
        Assert.Equal(["forecast-1", "forecast-2", "fan-1", "fan-2", "fan-3", "calibration", "crps-by-horizon", "crps-by-window", "variance-over-time"], figures.Select(figure => figure.Name));
        // The first window begins with the test rows; a fan shows as many hours of the past as it forecasts, in the series' own unit.
        Assert.Equal($"clock from {new DateTime(2021, 3, 1).AddHours(320):yyyy-MM-dd HH:mm}", figures[2].Title);
        var (known, came) = (Drawn(2, "history"), Drawn(2, "truth"));
        Assert.Equal(Enumerable.Range(-11, 24).Select(x => (double)x), [.. known.X, .. came.X]);
        foreach (var (y, i) in known.Y.Concat(came.Y).Select((y, i) => (y, i))) Assert.Equal((320 - 12 + i) % 24, y, 1e-3);

        // What comes after the last row: of every channel, and of no truth.
        Assert.Equal("clock after the last row: 2021-03-17 16:00 to 2021-03-18 03:00", figures[1].Title);
        Assert.Equal(Enumerable.Range(388, 12).Select(row => (double)(row % 24)), Drawn(1, "history").Y.Select(y => Math.Round(y, 3)));
        Assert.Equal(Enumerable.Range(1, 12).Select(x => (double)x), Drawn(1, "median; 50, 80, 95 %").X);
        Assert.DoesNotContain(figures[0].Marks.OfType<Figures.Line>(), line => line.Label == "truth");

        Figures.Line Drawn(int figure, string label) => figures[figure].Marks.OfType<Figures.Line>().Single(line => line.Label == label);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static object Options(string profile, string settings) => OptionSchema.Apply(
        Experiment.Profiles.Single(p => p.Name == profile).Options,
        [.. settings.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(setting => KeyValuePair.Create(setting.Split('=')[0], setting.Split('=')[1]))]);
}
