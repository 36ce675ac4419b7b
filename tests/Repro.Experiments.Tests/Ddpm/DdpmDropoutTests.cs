using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>Where the U-Net drops: in every residual block what its second convolution is given (unet.py), and nothing else. See <see cref="DropoutPlaces"/>.</summary>
[Collection(OneGenerator.Name)]
public sealed class DdpmDropoutTests
{
    [Fact]
    public void Dropping_all_leaves_what_second_convolutions_of_zero_leave_in_training_and_everything_in_evaluation()
    {
        using var scope = NewDisposeScope();
        using var dropping = Model(1);
        using var plain = Model(0);
        var whole = Run(plain);
        DropoutPlaces.Silence(plain, ".conv2.weight");
        var dropped = Run(dropping);
        DropoutPlaces.Same(Run(plain), dropped);
        DropoutPlaces.Differ(whole, dropped);
        dropping.eval();
        DropoutPlaces.Same(whole, Run(dropping));
    }

    [Fact]
    public void A_block_drops_single_numbers_once_and_makes_up_for_them()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var block = new UNetBlock(new UNetLayers(new UNetShape { Width = 8, Groups = 4, Dropout = 0.5 }, new InitialValues(1)), 8, 8);
        // The second convolution hands on what it is given.
        using (no_grad()) block.get_parameter("conv2.weight")!.zero_().select(3, 1).select(2, 1).copy_(eye(8));
        var (x, time) = (randn(4, 8, 8, 8), randn(4, 32));
        block.eval();
        var whole = block.call(x, time) - x;
        block.train();
        var dropped = block.call(x, time) - x;
        var kept = dropped.abs().gt(1e-6);
        DropoutPlaces.Same(where(kept, whole * 2, zeros_like(whole)), dropped);
        Assert.InRange(kept.sum().item<long>(), 850, 1200);
        // No plane of 64 pixels is dropped or kept whole.
        Assert.InRange(kept.flatten(2).sum(2).min().item<long>(), 10, 54);
        Assert.InRange(kept.flatten(2).sum(2).max().item<long>(), 10, 54);
    }

    /// <summary>In training, with biases and gains that all differ.</summary>
    private static DdpmModel Model(double dropout)
    {
        var model = new DdpmModel(DdpmReferenceTests.Small with { Dropout = dropout }, seed: 0);
        DdpmReferenceTests.SetParameters(model);
        return model;
    }

    private static Tensor Run(DdpmModel model) =>
        model.call(tensor([.. Enumerable.Range(0, 3 * 2 * 8 * 8).Select(i => (float)Math.Sin(0.37 * i))], [3, 2, 8, 8]), tensor(new long[] { 5, 42, 79 }));
}
