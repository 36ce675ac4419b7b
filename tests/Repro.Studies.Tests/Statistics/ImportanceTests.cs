using System.Text.Json;
using Repro.Studies.Randomness;
using Repro.Studies.Statistics;

namespace Repro.Studies.Tests.Statistics;

public class ImportanceTests
{
    private static readonly TrialDraws Random = new("random", "none");

    [Fact]
    public void A_linear_functions_shares_are_the_squares_of_its_slopes()
    {
        var importance = Of(3000, 4, x => (3 * x[0]) + (2 * x[1]) + x[2]);
        Assert.Null(importance.Unknown);
        Assert.Equal(9 / 14.0, importance.Each[0].Share, 0.03);
        Assert.Equal(4 / 14.0, importance.Each[1].Share, 0.03);
        Assert.Equal(1 / 14.0, importance.Each[2].Share, 0.03);
        Assert.InRange(importance.Each[3].Share, 0, 0.005);
        Assert.InRange(importance.Interactions, 0, 0.04);
        Assert.InRange(importance.Explained, 0.95, 1);
    }

    [Fact]
    public void Ishigamis_shares_are_near_the_analytic_ones()
    {
        // Ishigami, Homma 1990, a = 7, b = 0.1: first-order shares .3139, .4424, 0; the first and the third interact, .2437.
        var importance = Of(4000, 3, x =>
        {
            var z = x.Select(u => Math.PI * ((2 * u) - 1)).ToArray();
            return Math.Sin(z[0]) + (7 * Math.Pow(Math.Sin(z[1]), 2)) + (0.1 * Math.Pow(z[2], 4) * Math.Sin(z[0]));
        });
        // The steps of trees over 4,000 trials make some of it look like interactions.
        Assert.Equal(0.3139, importance.Each[0].Share, 0.07);
        Assert.Equal(0.4424, importance.Each[1].Share, 0.07);
        Assert.InRange(importance.Each[2].Share, 0, 0.01);
        Assert.Equal(0.2437, importance.Interactions, 0.08);
        Assert.All(importance.Each, one => Assert.InRange(one.Share, one.Interval.Low, one.Interval.High));
    }

    [Fact]
    public void Categories_are_split_in_any_order()
    {
        // The category alone decides, and not by its index; of four even values 0, 1, 1, 0 all variance is its own.
        var importance = Of(500, 2, x => (int)x[1] is 1 or 2 ? 1 : 0, categories: 4);
        Assert.Equal(1, importance.Each[1].Share, 0.01);
        Assert.InRange(importance.Each[0].Share, 0, 0.01);
    }

    [Fact]
    public void Recorded_trials_have_the_importances_of_Optunas_fANOVA_and_no_farther_from_the_truth()
    {
        using var reference = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Statistics", "fanova-reference.json")));
        var optuna = reference.RootElement.GetProperty("importances").EnumerateObject().ToList();
        var truth = reference.RootElement.GetProperty("truth").EnumerateObject().Select(one => one.Value.GetDouble()).ToList();
        var trials = reference.RootElement.GetProperty("trials").EnumerateArray().Select(row => row.EnumerateArray().Select(v => v.GetDouble()).ToArray()).ToList();
        var importance = Importance.Of([.. optuna.Select(one => new ImportanceAxis(one.Name, one.Name == "optimizer" ? 4 : null))],
            [.. trials.Select(row => row[..^1])], [.. trials.Select(row => row[^1])], Random);
        // Optuna's add up to 1, without interactions.
        var main = importance.Each.Sum(one => one.Share);
        Assert.Equal(5, optuna.Count);
        for (var j = 0; j < 5; j++) Assert.Equal(optuna[j].Value.GetDouble(), importance.Each[j].Share / main, 0.07);
        Assert.True(importance.Each.Select((one, j) => Math.Abs((one.Share / main) - truth[j])).Sum() <= optuna.Select((one, j) => Math.Abs(one.Value.GetDouble() - truth[j])).Sum());
    }

    [Fact]
    public void Intervals_narrow_with_trials_and_hold_what_many_trials_show()
    {
        static double Noisy(double[] x) => (2 * x[0]) + x[1];
        var (few, many) = (Of(60, 3, Noisy), Of(2000, 3, Noisy));
        Assert.True(few.Each[0].Interval.Width > 2 * many.Each[0].Interval.Width);
        Assert.InRange(many.Each[0].Share, few.Each[0].Interval.Low, few.Each[0].Interval.High);
    }

    [Fact]
    public void Of_noise_importance_is_unknown()
    {
        var philox = new Philox(13, RandomPurpose.GeneratedData);
        var importance = Of(300, 3, x => philox.NextNormal() + (0.1 * x[0]));
        Assert.Empty(importance.Each);
        Assert.True(importance.Explained < Importance.LeastExplained);
        Assert.StartsWith("Which hyperparameter matters is unknown: forests over 300 trials explain 0 % of the variance", importance.Unknown);
        Assert.StartsWith("All trials have the same objective", Of(50, 2, _ => 1).Unknown);
        Assert.Equal("Hyperparameter importance takes 30 trials or more; there are 29.", Of(29, 2, x => x[0]).Unknown);
    }

    [Fact]
    public void Equal_seeds_give_equal_bits() => Assert.Equal(Of(200, 3, x => x[0] * x[1]).Each, Of(200, 3, x => x[0] * x[1]).Each);

    [Fact]
    public void Trials_that_are_no_random_draws_and_values_that_are_none_are_refused()
    {
        string Message(double value, TrialDraws draws, int? categories = null) =>
            Assert.Throws<ArgumentException>(() => Importance.Of([new("lr", categories)], [.. Enumerable.Repeat(new[] { value }, 40)], [.. Enumerable.Range(0, 40).Select(i => (double)i)], draws)).Message;
        Assert.Contains("those of the sampler sobol are points of a plan", Message(0.5, new("sobol", "none")));
        Assert.Contains("the pruner asha_stopping ended some early", Message(0.5, new("random", "asha_stopping")));
        Assert.Contains("lr is a coordinate in [0, 1]; in trial 0 it is NaN", Message(double.NaN, Random));
        Assert.Contains("lr is the index of one of 3 categories; in trial 0 it is 3", Message(3, Random, 3));
        Assert.Contains("lr has 65", Message(3, Random, 65));
        Assert.Throws<ArgumentException>(() => Importance.Of([new("lr")], [[0.5], []], [1, 2], Random));
    }

    /// <summary>Importance over trials drawn evenly; with categories the last hyperparameter is one's index.</summary>
    private static Importance Of(int trials, int count, Func<double[], double> objective, int? categories = null)
    {
        var rows = new double[trials][];
        for (var i = 0; i < trials; i++)
        {
            var philox = new Philox(12, RandomPurpose.GeneratedData, i);
            rows[i] = new double[count];
            for (var j = 0; j < count; j++) rows[i][j] = philox.NextDouble();
            if (categories is { } c) rows[i][^1] = Math.Floor(rows[i][^1] * c);
        }
        return Importance.Of([.. Enumerable.Range(0, count).Select(j => new ImportanceAxis($"x{j}", j == count - 1 ? categories : null))], rows, [.. rows.Select(objective)], Random);
    }
}
