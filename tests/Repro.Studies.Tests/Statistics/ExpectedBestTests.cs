using FsCheck;
using FsCheck.Fluent;
using MathNet.Numerics;
using Repro.Studies.Randomness;
using Repro.Studies.Samplers;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class ExpectedBestTests
{
    private static readonly TrialDraws Random = new("random", "none");

    [Fact]
    public void Over_twenty_uniform_trials_the_best_of_ten_is_unbiased_where_drawing_with_replacement_is_not()
    {
        const int searches = 20_000;
        var (unbiased, dodge) = (0.0, 0.0);
        for (var s = 0; s < searches; s++)
        {
            var philox = new Philox(10, RandomPurpose.GeneratedData, s);
            double[] values = new double[20];
            for (var i = 0; i < values.Length; i++) values[i] = philox.NextDouble();
            unbiased += ExpectedBest.Curve(values, ObjectiveDirection.Maximize, Random, [10])[0].Expected / searches;
            Array.Sort(values);
            for (var i = 1; i <= 20; i++) dodge += values[i - 1] * (Math.Pow(i / 20.0, 10) - Math.Pow((i - 1) / 20.0, 10)) / searches;
        }
        Assert.Equal(10 / 11.0, unbiased, 0.001);
        Assert.Equal(0.888, dodge, 0.001);
    }

    [Fact]
    public void It_is_the_mean_over_all_choices_of_n_trials()
    {
        var searches = from count in Gen.Choose(1, 9) from values in Gen.Choose(-9, 9).ArrayOf(count) from n in Gen.Choose(1, count) from up in Gen.Elements(true, false) select (values, n, up);
        Check.QuickThrowOnFailure(Prop.ForAll(searches.ToArbitrary(), s =>
        {
            var subsets = Enumerable.Range(0, 1 << s.values.Length).Where(set => System.Numerics.BitOperations.PopCount((uint)set) == s.n)
                .Select(set => s.values.Where((_, i) => (set >> i & 1) == 1)).Average(subset => s.up ? subset.Max() : subset.Min());
            var curve = ExpectedBest.Curve([.. s.values.Select(v => (double)v)], s.up ? ObjectiveDirection.Maximize : ObjectiveDirection.Minimize, Random);
            return Math.Abs(curve[s.n - 1].Expected - subsets) < 1e-12 && curve[^1].Expected == (s.up ? s.values.Max() : s.values.Min());
        }));
    }

    [Fact]
    public void Weights_are_quotients_of_binomials_even_where_those_overflow()
    {
        var weights = ExpectedBest.Weights(3000, 40);
        Assert.Equal(1, weights.Sum(), 1e-12);
        foreach (var j in (int[])[40, 1500, 2999, 3000])
            SciPyReference.Close(Math.Exp(SpecialFunctions.BinomialLn(j - 1, 39) - SpecialFunctions.BinomialLn(3000, 40)), weights[j - 1], 1e-9);
    }

    [Fact]
    public void The_jackknife_leaves_out_one_trial_at_a_time()
    {
        double[] values = [.. Enumerable.Range(0, 60).Select(i => Math.Sin(i * i))];
        double At(IEnumerable<double> of, int n) => ExpectedBest.Curve([.. of], ObjectiveDirection.Minimize, Random, [n])[0].Expected;
        double[] leftOut = [.. values.Select((_, i) => At(values.Where((_, j) => j != i), 4))];
        var error = Math.Sqrt(59 / 60.0 * leftOut.Sum(value => Math.Pow(value - leftOut.Average(), 2)));
        var expected = new Estimate(At(values, 4), error, 59).Interval();
        var interval = ExpectedBest.Curve(values, ObjectiveDirection.Minimize, Random, [4])[0].Interval!;
        Assert.Equal(expected.Low, interval.Low, 1e-12);
        Assert.Equal(expected.High, interval.High, 1e-12);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(10)]
    public void Called_95_percent_the_interval_covers_about_as_much_up_to_a_tenth_of_the_trials(int budget)
    {
        const int searches = 2000, trials = 100;
        var (uniform, lognormal) = (0, 0);
        // The expected smallest of n log-normal numbers, by integration over its distribution's quantiles.
        var truth = Integrate.GaussLegendre(u => budget * Math.Pow(1 - u, budget - 1) * Math.Exp(MathNet.Numerics.Distributions.Normal.InvCDF(0, 1, u)), 0, 1, 1024);
        for (var s = 0; s < searches; s++)
        {
            var philox = new Philox(11, RandomPurpose.GeneratedData, s);
            double[] flat = new double[trials];
            for (var i = 0; i < trials; i++) flat[i] = philox.NextDouble();
            double[] skewed = [.. StudentTTests.Normals(ref philox, trials, 0, 1).Select(Math.Exp)];
            if (ExpectedBest.Curve(flat, ObjectiveDirection.Maximize, Random, [budget])[0].Interval!.Contains(budget / (budget + 1.0))) uniform++;
            if (ExpectedBest.Curve(skewed, ObjectiveDirection.Minimize, Random, [budget])[0].Interval!.Contains(truth)) lognormal++;
        }
        Assert.InRange(uniform / (double)searches, 0.93, 0.97);
        Assert.InRange(lognormal / (double)searches, 0.89, 0.97);
    }

    [Fact]
    public void There_is_no_interval_beyond_a_tenth_of_the_trials_nor_with_fewer_than_fifty()
    {
        double[] values = [.. Enumerable.Range(0, 60).Select(i => (double)i)];
        Assert.Equal([true, true, false], ExpectedBest.Curve(values, ObjectiveDirection.Minimize, Random, [1, 6, 7]).Select(point => point.Interval is not null));
        Assert.Null(ExpectedBest.Curve(values[..49], ObjectiveDirection.Minimize, Random, [1])[0].Interval);
    }

    [Fact]
    public void Trials_that_are_no_independent_draws_trained_to_their_end_are_refused_with_the_reason()
    {
        string Message(TrialDraws draws) => Assert.Throws<ArgumentException>(() => ExpectedBest.Curve([1, 2], ObjectiveDirection.Minimize, draws)).Message;
        Assert.Contains("these were suggested by the sampler tpe, each depending on others. Run the study with sampler: random and pruner: none for it.", Message(new("tpe", "none")));
        Assert.Contains("the pruner median ended some early", Message(new("random", "median")));
        Assert.Contains("an ablation's arms are chosen", Message(new("random", "none", Ablation: true)));
        Assert.Throws<ArgumentException>(() => ExpectedBest.Curve([1, double.NaN], ObjectiveDirection.Minimize, Random));
        Assert.Throws<ArgumentOutOfRangeException>(() => ExpectedBest.Curve([1, 2], ObjectiveDirection.Minimize, Random, [3]));
    }
}
