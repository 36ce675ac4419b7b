using Repro.Figures;
using Repro.Reports.Figures;
using Repro.Studies.Randomness;
using Repro.Studies.Runs;
using Repro.Studies.Samplers;
using Repro.Studies.SearchSpaces;
using Repro.Studies.Statistics;
using Repro.Studies.Sweeps;

namespace Repro.Reports.Tests.Figures;

public sealed class ImportancePlotTests
{
    private static readonly TrialDraws Random = new("random", "none");

    [Fact]
    public void What_the_objective_depends_on_stands_first_and_what_it_does_not_near_zero()
    {
        // The error rises by 40 points along the rate and by 10 with the network: their variances are as 40^2/12 to 10^2/4, 84 to 16 %.
        var figure = ImportancePlot.Of(Searched(400, (rate, plain) => (40 * rate) + (plain ? 10 : 0)), Random).Figure!;
        FigureRules.Check(figure);
        Assert.Equal(["learning rate", "network", "idle"], figure.Y.Categories);
        var shares = Assert.Single(figure.Marks.OfType<Points>());
        Assert.InRange(shares.X[0], 78, 90);
        Assert.InRange(shares.X[1], 10, 22);
        Assert.InRange(shares.X[2], 0, 3);
        var intervals = Assert.Single(figure.Marks.OfType<Intervals>());
        Assert.True(intervals.Horizontal);
        Assert.All(Enumerable.Range(0, 3), row => Assert.InRange(shares.X[row], intervals.Low[row], intervals.High[row]));
        Assert.Contains("n = 400 random trials", figure.Caption, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_nothing_explains_the_objective_the_figure_is_a_sentence()
    {
        var noise = new Philox(5, RandomPurpose.GeneratedData);
        var drawn = ImportancePlot.Of(Searched(60, (_, _) => noise.NextNormal()), Random);
        Assert.Null(drawn.Figure);
        Assert.StartsWith("Which hyperparameter matters is unknown", drawn.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Trials_of_a_sampler_that_learns_are_refused() =>
        Assert.StartsWith("Hyperparameter importance", ImportancePlot.Of(Searched(60, (rate, _) => rate), new TrialDraws("tpe", "none")).Reason, StringComparison.Ordinal);

    private static SearchedTrials Searched(int count, Func<double, bool, double> error)
    {
        var space = new SearchSpace([CompactForm.Parse("idle=0..1"), CompactForm.Parse("network=residual,plain"), CompactForm.Parse("learning_rate=log:1e-3..1")]);
        var random = new Philox(3, RandomPurpose.GeneratedData);
        var trials = new List<SearchedTrial>();
        for (var i = 0; i < count; i++)
        {
            var (idle, network, rate) = (random.NextDouble(), random.NextDouble(), random.NextDouble());
            trials.Add(new SearchedTrial(i, TrialOrigin.Sampler, RunState.Completed, space.At([idle, network, rate]), error(rate, network >= 0.5)));
        }
        return new SearchedTrials("validation_error", ObjectiveDirection.Minimize, space, trials);
    }
}
