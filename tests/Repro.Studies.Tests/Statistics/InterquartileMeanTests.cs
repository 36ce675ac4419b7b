using Repro.Studies.Randomness;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class InterquartileMeanTests
{
    [Fact]
    public void It_is_SciPys_mean_trimmed_by_a_quarter()
    {
        foreach (var row in Rows("trim_mean")) Close(row.Number("mean"), InterquartileMean.Mean(row.Numbers("values")), 1e-13);
    }

    [Fact]
    public void Equal_seeds_give_equal_intervals_and_others_do_not()
    {
        var tasks = Tasks(1, 20, [0, 1, 2], Normal);
        Assert.Equal(InterquartileMean.Of(tasks, seed: 4), InterquartileMean.Of(tasks, seed: 4));
        Assert.NotEqual(InterquartileMean.Of(tasks, seed: 4).Interval, InterquartileMean.Of(tasks, seed: 5).Interval);
        Assert.True(InterquartileMean.Of(tasks).Interval.Contains(InterquartileMean.Of(tasks).Value));
    }

    [Fact]
    public void Runs_are_drawn_again_within_their_own_task()
    {
        // Within each task nothing varies: whatever differs between tasks, every resample is the same.
        double[][] tasks = [[.. Enumerable.Repeat(1.0, 20)], [.. Enumerable.Repeat(5.0, 20)], [.. Enumerable.Repeat(9.0, 20)]];
        var iqm = InterquartileMean.Of(tasks);
        Assert.Equal((5, 0), (iqm.Value, iqm.Interval.Width));
    }

    [Fact]
    public void Called_95_percent_it_covers_93_from_the_least_number_of_runs_on_and_not_with_half_of_them()
    {
        var enough = Coverages(InterquartileMean.LeastRuns);
        Assert.InRange(enough.Average(), 0.93, 0.97);
        Assert.All(enough, coverage => Assert.InRange(coverage, 0.91, 0.97));
        Assert.True(Coverages(InterquartileMean.LeastRuns / 2).Average() < 0.93);
        Assert.True(Coverages(3).Average() < 0.90);
    }

    [Fact]
    public void Too_few_runs_or_tasks_are_refused_with_what_holds_instead()
    {
        Assert.Equal("A bootstrap interval of the interquartile mean holds from 20 runs a task on; one of the 3 tasks has 19. With fewer it is too narrow: show each task with its Student-t interval.",
            InterquartileMean.Refusal([20, 19, 30]));
        Assert.Equal("An interquartile mean with its interval is one over 3 tasks or more; there is 1. For a single task take Student's t, which holds from two runs on.", InterquartileMean.Refusal([50]));
        Assert.Null(InterquartileMean.Refusal([20, 20, 20]));
        Assert.Contains("holds from 20 runs", Assert.Throws<ArgumentException>(() => InterquartileMean.Of(Tasks(1, 5, [0, 1, 2], Normal))).Message);
        Assert.Throws<ArgumentException>(() => InterquartileMean.Of([new double[20], new double[20], [.. new double[19], double.NaN]]));
    }

    // Three and five tasks, alike and distant, with normal and with skewed runs.
    private static List<double> Coverages(int runs)
    {
        var coverages = new List<double>();
        foreach (var (centers, noise) in ((double[], Noise)[])[([0, 0, 0], Normal), ([-3, 0, 3], Normal), ([-3, 0, 3], Skewed), ([-3, -1.5, 0, 1.5, 3], Normal), ([-3, -1.5, 0, 1.5, 3], Skewed)])
        {
            var setting = coverages.Count;
            var truth = InterquartileMean.Mean([.. Tasks(1000 + setting, 200_000, centers, noise).SelectMany(task => task)]);
            var hits = new bool[1000];
            Parallel.For(0, hits.Length, i => hits[i] = InterquartileMean.Unchecked(Tasks((setting * 100_000) + 10_000 + i, runs, centers, noise), 0.95, (ulong)i, 400).Interval.Contains(truth));
            coverages.Add(hits.Count(hit => hit) / (double)hits.Length);
        }
        return coverages;
    }

    private static double[][] Tasks(long index, int runs, double[] centers, Noise noise)
    {
        var philox = new Philox(8, RandomPurpose.GeneratedData, index);
        var tasks = new double[centers.Length][];
        for (var t = 0; t < tasks.Length; t++)
        {
            tasks[t] = new double[runs];
            for (var i = 0; i < runs; i++) tasks[t][i] = centers[t] + ((0.5 + ((double)t / (tasks.Length - 1))) * noise(ref philox));
        }
        return tasks;
    }

    private delegate double Noise(ref Philox philox);

    private static double Normal(ref Philox philox) => philox.NextNormal();

    private static double Skewed(ref Philox philox) => -Math.Log(1 - philox.NextDouble()) - 1;
}
