using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// The small network of the generated task, in place of the U-Net: a perceptron with the timestep's sinusoids added into each hidden layer. Input: points [N, 2, 1, 1] and timesteps [N], or [1] for
/// one that all share; output: as the input, or with twice the channels.
/// </summary>
public sealed class MixtureModel : Module<Tensor, Tensor, Tensor>
{
    private const int Hidden = 3, Sinusoids = 32;

    // Steps of which neighbours look alike are told apart by the exact noise, which grows from nothing within the first few.
    private readonly ModuleList<Linear> layers = ModuleList<Linear>();
    private readonly ModuleList<Linear> times = ModuleList<Linear>();
    private readonly Linear output;

    /// <param name="width">Units of a hidden layer.</param>
    /// <param name="outputs">Channels out for each channel in: 2 where the variance is learned.</param>
    /// <param name="seed">The parameters depend on it alone.</param>
    public MixtureModel(int width, int outputs, ulong seed)
        : base(nameof(MixtureModel))
    {
        for (var i = 0; i < Hidden; i++)
        {
            layers.Add(Linear(i == 0 ? 2 : width, width));
            times.Add(Linear(Sinusoids, width));
        }
        output = Linear(width, 2 * outputs);
        RegisterComponents();
        var values = new InitialValues(seed);
        foreach (var layer in layers.Concat(times))
        {
            values.HeNormal(layer.weight!);
            InitialValues.Constant(layer.bias!, 0);
        }
        // As the U-Net's last convolution: the first prediction is zero.
        InitialValues.Constant(output.weight!, 0);
        InitialValues.Constant(output.bias!, 0);
    }

    public override Tensor forward(Tensor x, Tensor t)                  // [N, 2, 1, 1], [N]
    {
        using var time = DdpmModel.Sinusoids(t, Sinusoids);             // [N, 32]
        var h = x.reshape(x.shape[0], 2);                               // [N, 2]
        for (var i = 0; i < Hidden; i++)
        {
            using var before = h;
            using var points = layers[i].call(before);                  // [N, 64]
            using var when = times[i].call(time);                       // [N, 64]
            using var sum = points + when;
            h = functional.silu(sum);
        }
        using (h)
        using (var values = output.call(h)) return values.reshape([x.shape[0], values.shape[1], .. x.shape[2..]]);      // [N, 2, 1, 1]
    }
}
