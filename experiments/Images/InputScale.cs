using Repro.Training.Datasets;
using Repro.Training.Datasets.Batches;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Images;

/// <summary>
/// What training did to the bytes of an image, kept as buffers so that every checkpoint can say it. The loader has done it to the images of a run
/// already; only foreign images need it.
/// </summary>
public sealed class InputScale : nn.Module<Tensor, Tensor>
{
    private readonly Tensor mean;
    private readonly Tensor deviation;

    /// <param name="shape">Of one image.</param>
    /// <param name="normalization">Null: the images never were bytes, and there is nothing to do.</param>
    public InputScale(ImageShape shape, PixelNormalization? normalization)
        : base(nameof(InputScale))
    {
        mean = normalization is null ? zeros(shape.Channels, shape.Height, shape.Width) : tensor(normalization.Mean, [shape.Channels, shape.Height, shape.Width]);
        deviation = normalization is null ? ones(shape.Channels, 1, 1) : tensor(normalization.Deviation, [shape.Channels, 1, 1]);
        RegisterComponents();
    }

    /// <summary>Images of 0 to 255, [N, channels, height, width], as the network takes them.</summary>
    public override Tensor forward(Tensor images)
    {
        using var centred = images - mean;
        return centred / deviation;
    }
}
