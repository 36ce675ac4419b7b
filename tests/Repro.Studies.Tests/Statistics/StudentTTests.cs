using FsCheck;
using FsCheck.Fluent;
using Repro.Studies.Randomness;
using Repro.Studies.Statistics;
using static Repro.Studies.Tests.Statistics.SciPyReference;

namespace Repro.Studies.Tests.Statistics;

public class StudentTTests
{
    [Fact]
    public void Intervals_of_the_mean_and_of_further_runs_are_SciPys()
    {
        foreach (var row in Rows("one"))
        {
            var (values, level) = (row.Numbers("values"), row.Number("level"));
            Same(row.Numbers("mean"), StudentT.Mean(values, level));
            Same(row.Numbers("mean"), StudentT.Paired(values, level));
            foreach (var prediction in row.GetProperty("prediction").EnumerateObject())
                Same([.. prediction.Value.EnumerateArray().Select(v => v.GetDouble())], StudentT.Prediction(values, level, int.Parse(prediction.Name)));
            Close(row.Number("p"), StudentT.MeanOf(values).P(), 1e-8);
        }
    }

    [Fact]
    public void Welchs_intervals_and_p_values_are_SciPys_from_runs_and_from_their_summary()
    {
        foreach (var row in Rows("two"))
        {
            var (a, b, level) = (row.Numbers("a"), row.Numbers("b"), row.Number("level"));
            Same(row.Numbers("interval"), StudentT.Welch(a, b, level));
            Assert.Equal(StudentT.Welch(a, b, level), StudentT.WelchSummary(a, Sample.Of(b), level));
            Close(row.Number("p"), StudentT.WelchOf(Sample.Of(a), Sample.Of(b)).P(), 1e-8);
        }
    }

    [Fact]
    public void Equal_values_have_intervals_of_no_width()
    {
        double[] equal = [.. Enumerable.Repeat(0.1, 7)];
        Assert.Equal(new Studies.Statistics.Interval(0.1, 0.1, 0.95), StudentT.Mean(equal));
        Assert.Equal(new Studies.Statistics.Interval(0.1, 0.1, 0.95), StudentT.Prediction(equal));
        Assert.Equal(new Studies.Statistics.Interval(0, 0, 0.95), StudentT.Welch(equal, [0.1, 0.1]));
        Assert.Equal((1, 0), (StudentT.MeanOf(equal).P(0.1), StudentT.MeanOf(equal).P(0.2)));
    }

    [Fact]
    public void One_value_and_values_that_are_no_numbers_are_refused_with_what_is_wrong()
    {
        Assert.Contains("at least 2 values; there is 1", Assert.Throws<ArgumentException>(() => StudentT.Mean([1])).Message);
        Assert.Contains("there are none", Assert.Throws<ArgumentException>(() => StudentT.Prediction([])).Message);
        Assert.Contains("value 2 of 3 is NaN", Assert.Throws<ArgumentException>(() => StudentT.Welch([1, 2], [1, double.NaN, 2])).Message);
        Assert.Contains("value 1 of 2 is Infinity", Assert.Throws<ArgumentException>(() => StudentT.Paired([double.PositiveInfinity, 1])).Message);
        Assert.Contains("the deviation -1", Assert.Throws<ArgumentException>(() => StudentT.WelchSummary([1, 2], new Sample(0, -1, 3))).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Mean([1, 2], 95));
        Assert.Throws<ArgumentOutOfRangeException>(() => StudentT.Prediction([1, 2], futureRuns: 0));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(30)]
    public void Intervals_called_95_percent_cover_93_to_97(int runs)
    {
        const int sweeps = 20_000;
        var (mean, further, welch, paired) = (0, 0, 0, 0);
        for (var i = 0; i < sweeps; i++)
        {
            var philox = new Philox(1, RandomPurpose.GeneratedData, ((long)runs << 32) + i);
            var (a, b) = (Normals(ref philox, runs, 3, 0.5), Normals(ref philox, runs, 2, 1.5));
            if (StudentT.Mean(a).Contains(3)) mean++;
            if (StudentT.Prediction(a, futureRuns: 2).Contains(Normals(ref philox, 2, 3, 0.5).Average())) further++;
            if (StudentT.Welch(a, b).Contains(1)) welch++;
            if (StudentT.Paired([.. a.Zip(b, (x, y) => x - y)]).Contains(1)) paired++;
        }
        Assert.All([mean, further, welch, paired], hits => Assert.InRange(hits / (double)sweeps, 0.93, 0.97));
    }

    [Theory]
    [InlineData(3, 0.17)]
    [InlineData(5, 0.31)]
    [InlineData(10, 0.51)]
    [InlineData(30, 0.71)]
    public void A_papers_single_number_taken_as_fixed_rejects_perfect_reproductions_and_the_prediction_interval_does_not(int runs, double rejected)
    {
        const int papers = 20_000;
        var (fixedValue, draw) = (0, 0);
        for (var i = 0; i < papers; i++)
        {
            var philox = new Philox(2, RandomPurpose.GeneratedData, ((long)runs << 32) + i);
            var paper = Normals(ref philox, 1, 7, 0.2)[0];
            var ours = Normals(ref philox, runs, 7, 0.2);
            if (!StudentT.Mean(ours).Contains(paper)) fixedValue++;
            if (!StudentT.Prediction(ours).Contains(paper)) draw++;
        }
        Assert.Equal(rejected, fixedValue / (double)papers, 0.012);
        Assert.Equal(0.05, draw / (double)papers, 0.006);
    }

    [Fact]
    public void Intervals_follow_shifts_scales_and_turns_of_the_values()
    {
        var samples = from count in Gen.Choose(2, 12) from values in Gen.Choose(-1000, 1000).ArrayOf(count) from shift in Gen.Choose(-50, 50) from scale in Gen.Choose(1, 40)
                      select (values: values.Select(v => v / 8.0).ToArray(), shift: (double)shift, scale: scale / 4.0);
        Check.QuickThrowOnFailure(Prop.ForAll(samples.ToArbitrary(), s =>
        {
            var plain = StudentT.Mean(s.values);
            var moved = StudentT.Mean([.. s.values.Select(v => (s.scale * v) + s.shift)]);
            var turned = StudentT.Mean([.. s.values.Select(v => -v)]);
            bool Near(double x, double y) => Math.Abs(x - y) < 1e-9 * (1 + Math.Abs(x) + plain.Width * s.scale);
            return Near(moved.Low, (s.scale * plain.Low) + s.shift) && Near(moved.High, (s.scale * plain.High) + s.shift) && Near(turned.Low, -plain.High)
                && plain.Contains(s.values.Average()) && StudentT.Mean(s.values, 0.99).LiesWithin(plain.Low, plain.High) == (plain.Width == 0);
        }));
    }

    [Fact]
    public void An_interval_lies_within_outside_or_across_a_tolerance()
    {
        var interval = new Studies.Statistics.Interval(1, 2, 0.9);
        Assert.True(interval.LiesWithin(1, 2) && interval.LiesWithin(0, 3) && !interval.LiesWithin(1.1, 3) && !interval.LiesWithin(0, 1.9));
        Assert.True(interval.LiesOutside(2.1, 3) && interval.LiesOutside(0, 0.9) && !interval.LiesOutside(2, 3) && !interval.LiesOutside(1.4, 1.6));
        Assert.Equal("[1, 2] (90 %)", interval.ToString());
    }

    internal static double[] Normals(ref Philox philox, int count, double mean, double deviation)
    {
        var values = new double[count];
        for (var i = 0; i < count; i++) values[i] = mean + (deviation * philox.NextNormal());
        return values;
    }

    private static void Same(double[] expected, Studies.Statistics.Interval actual)
    {
        // SciPy 1.10 has nine digits of the quantile: t.ppf(.95, 4) is 2e-9 off its own betaincinv, with which ours agrees.
        Close(expected[0], actual.Low, 1e-9, 1e-8 * actual.Width);
        Close(expected[1], actual.High, 1e-9, 1e-8 * actual.Width);
    }
}
