using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Training.Tests.Checks;

/// <summary>Two convolutions with batch normalization, the mean over all places, a linear layer: logits of the four orientations.</summary>
internal sealed class GratingNet : Module<Tensor, Tensor>
{
    public readonly Conv2d conv1, conv2;
    public readonly BatchNorm2d bn1, bn2;
    public readonly Linear fc;
    private readonly bool _detached;

    /// <param name="trackStatistics">False: normalizes by the batch's own statistics in evaluation mode too, a mistake.</param>
    /// <param name="detached">True: no gradient reaches the first convolution, a mistake.</param>
    public GratingNet(int channels, bool trackStatistics = true, bool detached = false)
        : base("grating")
    {
        conv1 = Conv2d(1, channels, 3, padding: 1, bias: false);
        bn1 = BatchNorm2d(channels, track_running_stats: trackStatistics);
        conv2 = Conv2d(channels, 2 * channels, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(2 * channels, track_running_stats: trackStatistics);
        fc = Linear(2 * channels, GratingImages.Classes.Length);
        _detached = detached;
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        x = conv1.forward(x);                               // N x C x 8 x 8
        if (_detached) x = x.detach();
        x = bn1.forward(x).relu();
        x = bn2.forward(conv2.forward(x)).relu();           // N x 2C x 8 x 8
        return fc.forward(x.mean([2, 3]));                  // N x 4
    }
}
