using System.Text.Json;
using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Ddpm;

/// <summary>
/// The U-Net and every loss beside PyTorch's, computed in float64 by <c>tests/peers/ddpm_reference.py</c> from numbers that both sides know, and kept in
/// <c>ddpm-reference.json</c>.
/// </summary>
public sealed class DdpmReferenceTests
{
    private static readonly JsonElement Expected = PyTorchReference.Read("Ddpm", "ddpm-reference.json");

    internal static readonly UNetShape Small = new() { Channels = 2, Outputs = 2, Size = 8, Width = 8, Multipliers = [1, 2], Blocks = 1, Attention = 4, Groups = 4, Dropout = 0 };

    public static TheoryData<string> Cells => [.. Expected.GetProperty("losses").EnumerateObject().Select(cell => cell.Name)];

    [Fact]
    public void The_network_and_its_gradients_are_PyTorchs()
    {
        using var model = new DdpmModel(Small, seed: 0);
        SetParameters(model);
        var unet = Expected.GetProperty("unet");
        Assert.Equal(unet.GetProperty("parameters").GetInt64(), model.parameters().Sum(p => p.numel()));
        using var scope = NewDisposeScope();
        var images = Numbers([3, 2, 8, 8], i => Math.Sin((0.37 * i) + (0.1 * (i % 5)))).to_type(ScalarType.Float32);
        var noise = Numbers([3, 4, 8, 8], i => 1.3 * Math.Cos(0.91 * i)).to_type(ScalarType.Float32);

        var output = model.call(images, tensor(new long[] { 5, 42, 79 }));
        var loss = nn.functional.mse_loss(output, noise);
        loss.backward();

        PyTorchReference.Close(unet.GetProperty("output"), output, "output");
        PyTorchReference.Close(unet.GetProperty("loss"), loss, "loss");
        foreach (var (name, parameter) in model.named_parameters()) PyTorchReference.CloseNumbers(unet.GetProperty("gradients").GetProperty(name), PyTorchReference.SomeOfGradient(parameter), name);
    }

    [Fact]
    public void A_timestep_that_all_share_may_be_given_once()
    {
        using var model = new DdpmModel(Small, seed: 0);
        SetParameters(model);
        using var scope = NewDisposeScope();
        var images = Numbers([3, 2, 8, 8], i => Math.Sin(0.37 * i)).to_type(ScalarType.Float32);
        var (once, each) = (model.call(images, tensor(new long[] { 42 })), model.call(images, tensor(new long[] { 42, 42, 42 })));
        Assert.True(once.allclose(each, atol: 1e-5));
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public void Every_loss_and_its_gradient_are_PyTorchs(string cell)
    {
        var words = cell.Split(' ');
        var (levels, mean, loss) = (int.Parse(words[0]), Enum.Parse<MeanKind>(words[1], ignoreCase: true), Enum.Parse<LossKind>(words[3], ignoreCase: true));
        var variance = Enum.Parse<VarianceKind>(words[2].Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
        using var scope = NewDisposeScope();
        using var diffusion = new GaussianDiffusion(NoiseSchedule.Linear(100, 1e-3, 0.2), mean, variance, loss, levels, CPU);
        var half = (levels - 1) / 2.0;
        var start = Numbers([4, 2, 3, 3], i => (Math.Round(half * (1 + Math.Sin(0.77 * i))) / half) - 1);
        var noise = Numbers([4, 2, 3, 3], i => 1.3 * Math.Cos(0.91 * i));
        var output = Numbers([4, variance == VarianceKind.Learned ? 4 : 2, 3, 3], i => 0.4 * Math.Sin((0.53 * i) + 1)).requires_grad_();

        var losses = diffusion.TrainingLosses((_, _) => output.alias(), start, tensor(new long[] { 0, 1, 7, 99 }), noise);
        losses.sum().backward();

        var expected = Expected.GetProperty("losses").GetProperty(cell);
        PyTorchReference.Close(expected.GetProperty("losses"), losses, "losses");
        PyTorchReference.Close(expected.GetProperty("gradient"), output.grad!.reshape(-1).index_select(0, arange(0, output.numel(), 7, ScalarType.Int64)), "gradient");
    }

    /// <summary>The formula that the script states.</summary>
    internal static void SetParameters(nn.Module model) => PyTorchReference.SetParameters(model, 0.3, vectors: 0.5, gains: "norm");

    private static Tensor Numbers(long[] shape, Func<int, double> formula) => tensor(Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(formula).ToArray(), shape);
}
