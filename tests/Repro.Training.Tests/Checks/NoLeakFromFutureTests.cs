using Repro.Training.Checks;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

/// <summary>The rows of a grating are the positions; the "model" adds up the rows so far, which looks at none of those to come.</summary>
public sealed class NoLeakFromFutureTests : RecipeTests
{
    [Fact]
    public void A_sum_over_the_positions_so_far_leaks_exactly_nothing()
    {
        var result = Check("no-leak-from-future", recipe => Asking(recipe, embedded => embedded.cumsum(1)));
        AssertPassed(result);
        Assert.Equal(0, result.Value);
    }

    [Fact]
    public void A_leak_of_a_millionth_is_caught_with_the_positions_between_which_it_is() => AssertFailed(
        Check("no-leak-from-future", recipe => Asking(recipe, embedded => embedded.cumsum(1) + (embedded.mean([1], keepdim: true) * 1e-6f))), "depends on position");

    [Fact]
    public void Targets_that_are_not_shifted_are_caught() => AssertFailed(
        Check("no-leak-from-future", recipe => Asking(recipe, embedded => embedded.cumsum(1).roll([-1], [1]))), "targets that are not shifted by one");

    [Fact]
    public void A_model_that_depends_on_no_position_proves_nothing() => AssertFailed(
        Check("no-leak-from-future", recipe => Asking(recipe, embedded => embedded * 0)), "depend on no position at all");

    [Fact]
    public void Outputs_of_another_length_are_no_answer() => AssertFailed(
        Check("no-leak-from-future", recipe => Asking(recipe, embedded => embedded.narrow(1, 0, 2))), "one output a position");

    [Fact]
    public void A_model_that_is_not_causal_is_not_asked() =>
        Assert.Equal(CheckVerdict.NotApplicable, Check("no-leak-from-future", new GratingExperiment()).Verdict);

    private static Recipe Asking(Recipe recipe, Func<Tensor, Tensor> outputs) => recipe with
    {
        Causal = new CausalProbe((_, inputs) => inputs.squeeze(1), (_, embedded, _) => outputs(embedded)),
    };
}
