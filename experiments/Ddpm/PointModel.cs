using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// For the generated task, where there are no images: three layers of swish units with the timestep's embedding added into each, as in the U-Net's blocks. Input: points
/// [N, 2, 1, 1] and timesteps [N] or [1]; output: as the input, or with twice the channels.
/// </summary>
internal sealed class PointModel : Module<Tensor, Tensor, Tensor>
{
    private const int Sines = 32, Layers = 3;

    private readonly Linear dense0;
    private readonly ModuleList<Linear> layer = ModuleList<Linear>();
    private readonly ModuleList<Linear> temb_proj = ModuleList<Linear>();
    private readonly Linear dense_out;

    /// <param name="dimensions">Coordinates of a point.</param>
    /// <param name="outputs">Numbers out for each one in: 2 where the variance is learned.</param>
    /// <param name="width">Units of a layer.</param>
    public PointModel(int dimensions, int outputs, int width, ulong seed)
        : base(nameof(PointModel))
    {
        var layers = new UNetLayers(new UNetShape(), new InitialValues(seed));
        dense0 = layers.Dense(Sines, width);
        for (var i = 0; i < Layers; i++)
        {
            layer.Add(layers.Dense(i == 0 ? dimensions : width, width));
            temb_proj.Add(layers.Dense(width, width));
        }
        dense_out = layers.Dense(width, dimensions * outputs, scale: 0);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x, Tensor t)                          // [N, 2, 1, 1], [N or 1]
    {
        using var scope = NewDisposeScope();
        var time = functional.silu(dense0.call(DdpmModel.Sinusoids(t, Sines))); // [N or 1, width]
        var h = x.flatten(1);                                                   // [N, 2]
        for (var i = 0; i < Layers; i++) h = functional.silu(layer[i].call(h) + temb_proj[i].call(time));
        return dense_out.call(h).reshape(x.shape[0], -1, 1, 1).MoveToOuterDisposeScope();
    }
}
