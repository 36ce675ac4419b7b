using System.Text.Json;
using Repro.Studies.Samplers;

namespace Repro.Studies.Tests.Samplers;

public class SobolSequenceTests
{
    [Fact]
    public void Unscrambled_points_are_those_of_SciPy_in_all_128_dimensions()
    {
        using var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Samplers", "sobol-reference.json")));
        var sequence = new SobolSequence(128, seed: null);
        var units = new double[128];
        var points = reference.RootElement.GetProperty("points").EnumerateObject().ToList();
        Assert.Equal(10, points.Count);
        foreach (var point in points)
        {
            sequence.Point(long.Parse(point.Name), units);
            Assert.Equal(point.Value.EnumerateArray().Select(v => v.GetInt64() / (double)(1 << 30)), units);
        }
    }

    [Fact]
    public void The_first_points_of_two_dimensions_are_the_known_ones()
    {
        // Bratley, Fox 1988; in Gray-code order.
        double[][] known = [[0, 0], [.5, .5], [.75, .25], [.25, .75], [.375, .375], [.875, .875], [.625, .125], [.125, .625]];
        var sequence = new SobolSequence(2, seed: null);
        for (var i = 0; i < known.Length; i++) Assert.Equal(known[i], Point(sequence, i));
    }

    [Fact]
    public void Each_dimension_of_the_first_2_to_the_m_points_has_one_in_every_interval()
    {
        foreach (ulong seed in new ulong[] { 0, 1, 0xFFFF_FFFF_FFFF_FFFF })
        {
            var sequence = new SobolSequence(128, seed);
            for (var m = 0; m <= 8; m++)
            {
                var points = Enumerable.Range(0, 1 << m).Select(i => Point(sequence, i)).ToList();
                for (var d = 0; d < 128; d++) Assert.Equal(1 << m, points.Select(p => (int)(p[d] * (1 << m))).Distinct().Count());
            }
        }
    }

    // The first two dimensions are a (0, m, 2)-net in base 2: every box of volume 2^-m has exactly one of 2^m points, and scrambling keeps this.
    [Fact]
    public void The_first_two_dimensions_have_one_point_in_every_dyadic_box()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var sequence = new SobolSequence(2, seed);
            const int M = 6;
            for (var split = 0; split <= M; split++)
            {
                var boxes = Enumerable.Range(0, 1 << M).Select(i => Point(sequence, i)).Select(p => ((int)(p[0] * (1 << split)), (int)(p[1] * (1 << (M - split)))));
                Assert.Equal(1 << M, boxes.Distinct().Count());
            }
        }
    }

    [Fact]
    public void Scrambled_points_are_uniform_over_seeds()
    {
        // Point 0 without scrambling is the origin always. Pearson's statistic over 16 cells, 15 degrees of freedom: above 60 once in 10^6.
        foreach (var index in new[] { 0L, 1L, 77L })
        {
            var cells = new int[16];
            for (ulong seed = 0; seed < 4000; seed++) cells[(int)(Point(new SobolSequence(3, seed), index)[2] * 16)]++;
            Assert.True(cells.Sum(c => (c - 250.0) * (c - 250.0) / 250) < 60);
        }
    }

    [Fact]
    public void Scrambled_points_integrate_better_than_random_ones()
    {
        // The variance of a smooth function's mean over 256 points in 5 dimensions is 1.5e-3 with random ones.
        static double Value(double[] u) => u.Aggregate(1.0, (product, x) => product * (1 + (1.0 * (x - 0.5))));
        var errors = Enumerable.Range(0, 50).Select(seed =>
        {
            var sequence = new SobolSequence(5, (ulong)seed);
            return Enumerable.Range(0, 256).Average(i => Value(Point(sequence, i))) - 1;
        });
        Assert.True(errors.Average(e => e * e) < 1.5e-3 / 50);
    }

    [Fact]
    public void A_point_is_told_by_seed_and_index_alone()
    {
        var sequence = new SobolSequence(7, 3);
        var late = Point(sequence, 4_000_000_000);
        Assert.Equal(Point(new SobolSequence(7, 3), 4_000_000_000), late);
        Assert.NotEqual(Point(new SobolSequence(7, 4), 4_000_000_000), late);
        Assert.Throws<ArgumentOutOfRangeException>(() => Point(sequence, 1L << 32));
        Assert.Throws<ArgumentOutOfRangeException>(() => Point(sequence, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SobolSequence(129, 3));
    }

    private static double[] Point(SobolSequence sequence, long index)
    {
        var units = new double[sequence.Dimensions];
        sequence.Point(index, units);
        return units;
    }
}
