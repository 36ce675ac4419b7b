using Repro.Figures;
using Repro.Studies;
using Repro.Training.Checks;

namespace Repro.Training.Tests.Checks;

public sealed class RecipeRunnerTests : RecipeTests
{
    private static IReadOnlyList<CheckResult> RunAll(RunContext context) =>
        RecipeRunner.Run(new GratingExperiment(), new object(), context, _ => { }, CancellationToken.None);

    [Fact]
    public void A_correct_network_passes_every_check()
    {
        var results = RunAll(Context);
        Assert.Equal(RecipeRunner.Names, results.Select(result => result.Name));
        Assert.All(results, AssertPassedWhereAsked);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_correct_network_passes_from_other_seeds_too(int seed) => Assert.All(RunAll(Context with { Seed = (ulong)seed }), AssertPassedWhereAsked);

    [Fact]
    public void The_same_seed_gives_the_same_answers()
    {
        var (first, second) = (RunAll(Context), RunAll(Context));
        Assert.Equal(first.Select(result => (result.Name, result.Value, result.Expected, result.Verdict, result.Detail)),
            second.Select(result => (result.Name, result.Value, result.Expected, result.Verdict, result.Detail)));
    }

    [Fact]
    public void Every_result_has_a_question_an_expectation_and_a_detail() =>
        Assert.All(RunAll(Context).Where(result => result.Verdict != CheckVerdict.NotApplicable), result => Assert.All([result.Question, result.Expected, result.Detail], text => Assert.False(string.IsNullOrWhiteSpace(text))));

    [Fact]
    public void Figures_have_names_of_their_own_and_a_caption()
    {
        var figures = RunAll(Context).SelectMany(result => result.Figures).ToArray();
        Assert.Equal(figures.Length, figures.Select(figure => figure.Name).Distinct().Count());
        Assert.All(figures, figure => Assert.NotEmpty(figure.Caption));
        Assert.Contains(figures, figure => figure.Marks is [ImageGrid { Images.Count: 32 }]);
    }

    [Fact]
    public void Results_are_told_as_they_come()
    {
        var told = new List<CheckResult>();
        var results = RecipeRunner.Run(
            new GratingExperiment(), new object(), Context, told.Add, CancellationToken.None, ["frozen-layer", "loss-at-init"]);
        Assert.Equal(["loss-at-init", "frozen-layer"], told.Select(result => result.Name));
        Assert.Equal(results, told);
    }

    [Fact]
    public void An_unknown_check_is_refused_with_the_nearest_first()
    {
        var refused = Assert.Throws<BadInputException>(() =>
            RecipeRunner.Run(new GratingExperiment(), new object(), Context, _ => { }, CancellationToken.None, ["loss-at-start"]));
        Assert.Contains("'loss-at-start'; nearest first, there are: loss-at-init", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancelling_ends_a_short_training_at_the_next_step()
    {
        using var stop = new CancellationTokenSource();
        var asked = new List<long>();
        var experiment = new GratingExperiment
        {
            Break = recipe => recipe with
            {
                Batch = step =>
                {
                    asked.Add(step);
                    if (step == 2) stop.Cancel();
                    return recipe.Batch(step);
                },
            },
        };
        Assert.Throws<OperationCanceledException>(() => RecipeRunner.Run(experiment, new object(), Context, _ => { }, stop.Token, ["training-loss-falls"]));
        Assert.Equal([0, 1, 2], asked);
    }

    [Fact]
    public void Cancelling_between_checks_ends_the_work()
    {
        using var stop = new CancellationTokenSource();
        var told = new List<CheckResult>();
        Assert.Throws<OperationCanceledException>(() => RecipeRunner.Run(
            new GratingExperiment(), new object(), Context,
            result =>
            {
                told.Add(result);
                stop.Cancel();
            }, stop.Token));
        Assert.Single(told);
    }

    // A classifier of images predicts no positions from those before them.
    private static void AssertPassedWhereAsked(CheckResult result)
    {
        if (result.Name == "no-leak-from-future") Assert.Equal(CheckVerdict.NotApplicable, result.Verdict);
        else AssertPassed(result);
    }
}
