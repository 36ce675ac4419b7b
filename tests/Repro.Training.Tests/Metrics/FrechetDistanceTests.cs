using System.Text.Json;
using Repro.Studies;
using Repro.Studies.Randomness;
using Repro.Training.Metrics;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Metrics;

/// <summary>Beside SciPy's <c>sqrtm</c> (<c>tests/peers/frechet_reference.py</c>) and where the distance has a closed form.</summary>
[Collection(EngineTests.Name)]
public sealed class FrechetDistanceTests
{
    public static TheoryData<string> Cases => [.. Reference().Select(one => one.GetProperty("name").GetString()!)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void It_is_what_SciPy_finds_through_the_root_of_the_product(string name)
    {
        var known = Reference().Single(one => one.GetProperty("name").GetString() == name);
        var distance = FrechetDistance.Between(Moments(known, "one"), Moments(known, "other"));
        Close(known.GetProperty("distance").GetDouble(), distance, 1e-6);
    }

    [Fact]
    public void In_one_dimension_it_is_the_squared_difference_of_means_and_of_deviations() =>
        Close((1.5 * 1.5) + (0.5 * 0.5), FrechetDistance.Between([2], [9], [0.5], [6.25]), 1e-12);

    [Fact]
    public void Of_diagonal_covariances_it_is_the_sum_over_the_dimensions() =>
        Close(5 + 1 + 0.25 + 9, FrechetDistance.Between([0, 1, 5], Diagonal(4, 1, 0), [1, 3, 5], Diagonal(9, 2.25, 9)), 1e-7);

    [Fact]
    public void Of_covariances_that_commute_it_is_that_of_their_eigenvalues()
    {
        // Both turned by the same angle: eigenvalues (4, 1) and (1, 9), so (2 - 1)^2 + (1 - 3)^2.
        var (cos, sin) = (Math.Cos(0.7), Math.Sin(0.7));
        double[] Turned(double a, double b) => [(a * cos * cos) + (b * sin * sin), (a - b) * sin * cos, (a - b) * sin * cos, (a * sin * sin) + (b * cos * cos)];
        Close(5, FrechetDistance.Between([0, 0], Turned(4, 1), [0, 0], Turned(1, 9)), 1e-12);
    }

    [Fact]
    public void A_set_is_at_no_distance_from_itself_and_from_itself_in_another_order()
    {
        var rows = Normal(300, 10, seed: 3);
        var reversed = rows.Chunk(10).Reverse().SelectMany(row => row).ToArray();
        Assert.InRange(FrechetDistance.Between(FeatureMoments.Of(rows, 10), FeatureMoments.Of(rows, 10)), 0, 1e-9);
        Assert.InRange(FrechetDistance.Between(FeatureMoments.Of(rows, 10), FeatureMoments.Of(reversed, 10)), 0, 1e-9);
    }

    [Fact]
    public void It_does_not_depend_on_which_side_comes_first()
    {
        var (one, other) = (FeatureMoments.Of(Normal(200, 6, seed: 1), 6), FeatureMoments.Of(Normal(150, 6, seed: 2), 6));
        Close(FrechetDistance.Between(one, other), FrechetDistance.Between(other, one), 1e-10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    [InlineData(200)]
    public void Moments_are_those_of_the_whole_however_it_is_divided_into_batches(int batch)
    {
        var rows = Normal(200, 3, seed: 5).Select((value, i) => value + (1e6 * (i % 3))).ToArray();
        var moments = new FeatureMoments(3);
        foreach (var part in rows.Chunk(batch * 3))
        {
            using var features = tensor(part, [part.Length / 3, 3]);
            moments.Add(features);
        }
        for (var j = 0; j < 3; j++)
        {
            var column = rows.Where((_, i) => i % 3 == j).ToArray();
            var mean = column.Average();
            Close(mean, moments.Mean()[j], 1e-12);
            Close(column.Sum(v => (v - mean) * (v - mean)) / 199, moments.Covariance()[(j * 3) + j], 1e-9);
        }
        Assert.Equal(200, moments.Count);
    }

    [Fact]
    public void No_more_examples_than_features_are_refused()
    {
        var (few, many) = (FeatureMoments.Of(Normal(10, 10, seed: 1), 10), FeatureMoments.Of(Normal(50, 10, seed: 2), 10));
        Assert.Contains("more than 10 examples", Assert.Throws<BadInputException>(() => FrechetDistance.Between(few, many)).Message);
        Assert.Contains("more than 10 examples", Assert.Throws<BadInputException>(() => FrechetDistance.Between(many, few)).Message);
    }

    [Fact]
    public void Features_that_are_no_numbers_are_refused()
    {
        using var broken = tensor(new[] { 1, float.NaN, 2, 3 }, [2, 2]);
        Assert.Contains("no finite numbers", Assert.Throws<BadInputException>(() => new FeatureMoments(2).Add(broken)).Message);
    }

    private static JsonElement[] Reference()
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Metrics", "frechet-reference.json")));
        return [.. file.RootElement.GetProperty("cases").EnumerateArray().Select(one => one.Clone())];
    }

    /// <summary>The formula that the script states.</summary>
    private static FeatureMoments Moments(JsonElement known, string set)
    {
        var (examples, count, singular) = (known.GetProperty("examples").GetInt32(), known.GetProperty("features").GetInt32(), known.GetProperty("singular").GetBoolean());
        var formula = known.GetProperty(set).EnumerateArray().Select(number => number.GetDouble()).ToArray();
        var (scale, a, b, c, shift) = (formula[0], formula[1], formula[2], formula[3], formula[4]);
        var rows = new double[examples * count];
        for (var i = 0; i < examples; i++)
        {
            for (var j = 0; j < count; j++) rows[(i * count) + j] = (scale * Math.Sin((a * i) + (b * j) + (c * i * j))) + (shift * j);
            if (singular) rows[(i * count) + count - 1] = rows[i * count];
        }
        return FeatureMoments.Of(rows, count);
    }

    private static double[] Normal(int examples, int count, ulong seed)
    {
        var numbers = new Philox(seed, RandomPurpose.GeneratedData);
        return [.. Enumerable.Range(0, examples * count).Select(_ => numbers.NextNormal())];
    }

    private static double[] Diagonal(params ReadOnlySpan<double> values)
    {
        var matrix = new double[values.Length * values.Length];
        for (var i = 0; i < values.Length; i++) matrix[(i * values.Length) + i] = values[i];
        return matrix;
    }

    private static void Close(double expected, double actual, double tolerance) =>
        Assert.True(Math.Abs(expected - actual) <= tolerance * Math.Max(1, Math.Abs(expected)), $"Expected {expected}, found {actual}.");
}
