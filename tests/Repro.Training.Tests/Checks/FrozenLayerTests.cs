using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Training.Tests.Checks;

public sealed class FrozenLayerTests : RecipeTests
{
    [Fact]
    public void A_layer_cut_off_from_the_loss_is_caught() => AssertFailed(
        Check("frozen-layer", recipe => recipe with { Build = (seed, _) => GratingExperiment.Model(seed, new GratingNetSettings(Detached: true)) }),
        "conv1.weight gets no gradient");

    [Fact]
    public void A_layer_that_the_optimizer_does_not_hold_is_caught() => AssertFailed(
        Check("frozen-layer", recipe => recipe with
        {
            Build = (seed, capacity) =>
            {
                var model = recipe.Build(seed, capacity);
                model.Optimizer.Dispose();
                var held = model.Module.named_parameters().Where(p => !p.name.StartsWith("fc", StringComparison.Ordinal)).Select(p => p.parameter);
                return model with { Optimizer = optim.SGD(held, 0.1) };
            },
        }), "fc.weight gets a gradient and is not moved");

    [Fact]
    public void A_layer_frozen_without_being_declared_is_caught() =>
        AssertFailed(Check("frozen-layer", recipe => recipe with { Build = Frozen(recipe.Build) }), "conv1.weight does not require a gradient");

    [Fact]
    public void A_layer_frozen_on_purpose_passes() =>
        AssertPassed(Check("frozen-layer", recipe => recipe with { Build = Frozen(recipe.Build), Fixed = new HashSet<string> { "conv1.weight" } }));

    [Fact]
    public void A_declared_name_that_is_no_parameter_is_caught() =>
        AssertFailed(Check("frozen-layer", recipe => recipe with { Fixed = new HashSet<string> { "conv9.weight" } }), "conv9.weight");

    [Fact]
    public void A_last_layer_that_starts_at_zero_passes() => AssertPassed(Check("frozen-layer", recipe => recipe with
    {
        Build = (seed, capacity) =>
        {
            var model = recipe.Build(seed, capacity);
            using (no_grad()) ((GratingNet)model.Module).fc.weight.zero_();
            return model;
        },
    }));

    private static Func<ulong, double, Repro.Training.Checks.RecipeModel> Frozen(Func<ulong, double, Repro.Training.Checks.RecipeModel> build) => (seed, capacity) =>
    {
        var model = build(seed, capacity);
        ((GratingNet)model.Module).conv1.weight.requires_grad = false;
        return model;
    };
}
