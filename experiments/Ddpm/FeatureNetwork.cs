using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Repro.Training.Datasets;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// The network of <see cref="FeatureClassifier"/>: three 3 x 3 convolutions under ReLU, with halvings of the size after the first two as long as it is 7 or more, and a linear
/// layer whose outputs are the features, before the ReLU that leads to the classes, which would make many of them zero. Input: [N, channels, height, width]; output: logits,
/// [N, classes].
/// </summary>
internal sealed class FeatureNetwork : Module<Tensor, Tensor>
{
    // Bare parameters and no layers: those draw from the engine's generator when they are made, and a measurement must not change what a run draws.
    private readonly Parameter conv1, bias1, conv2, bias2, conv3, bias3, linear, bias4, head;
    private readonly ImageShape _shape;

    /// <param name="initialize">Gives each weight but the head's its values; all begin as zeros.</param>
    public FeatureNetwork(ImageShape shape, int classes, Action<Parameter> initialize)
        : base(nameof(FeatureNetwork))
    {
        _shape = shape;
        Features = FeaturesAt(Math.Min(shape.Height, shape.Width));
        const int First = 16, Second = 32, Third = 64;
        var places = Halved(Halved(shape.Height)) * Halved(Halved(shape.Width));
        (conv1, bias1) = (Zeros(First, shape.Channels, 3, 3), Zeros(First));
        (conv2, bias2) = (Zeros(Second, First, 3, 3), Zeros(Second));
        (conv3, bias3) = (Zeros(Third, Second, 3, 3), Zeros(Third));
        (linear, bias4) = (Zeros(Features, Third * places), Zeros(Features));
        head = Zeros(classes, Features);
        RegisterComponents();
        foreach (var weight in new[] { conv1, conv2, conv3, linear }) initialize(weight);
    }

    /// <summary>Numbers an image becomes: 64 up to 8 x 8 pixels, 128 beyond.</summary>
    public int Features { get; }

    /// <summary>The same for images of so many pixels along their shorter side.</summary>
    public static int FeaturesAt(int side) => side <= 8 ? 64 : 128;

    /// <summary>Every parameter by name, in a fixed order.</summary>
    public IReadOnlyList<(string Name, Parameter Weight)> Weights =>
        [
            (nameof(conv1), conv1), (nameof(bias1), bias1), (nameof(conv2), conv2), (nameof(bias2), bias2), (nameof(conv3), conv3), (nameof(bias3), bias3),
            (nameof(linear), linear), (nameof(bias4), bias4), (nameof(head), head),
        ];

    public override Tensor forward(Tensor images)
    {
        using var features = FeaturesOf(images);
        using var active = functional.relu(features);
        return functional.linear(active, head);                         // [N, classes]
    }

    /// <summary>[N, <see cref="Features"/>]. Shapes are for 28 x 28 grey images.</summary>
    public Tensor FeaturesOf(Tensor images)                             // [N, 1, 28, 28]
    {
        using var a = Layer(images, conv1, bias1);                      // [N, 16, 28, 28]
        using var b = Halved(a);                                        // [N, 16, 14, 14]
        using var c = Layer(b, conv2, bias2);                           // [N, 32, 14, 14]
        using var d = Halved(c);                                        // [N, 32, 7, 7]
        using var e = Layer(d, conv3, bias3);                           // [N, 64, 7, 7]
        using var flat = e.flatten(1);                                  // [N, 3136]
        return functional.linear(flat, linear, bias4);                  // [N, 128]
    }

    /// <summary>Multiplies the features by a factor above 0 and leaves the logits as they are.</summary>
    public void Scale(double factor)
    {
        using var scaling = no_grad();
        linear.mul_(factor);
        bias4.mul_(factor);
        head.div_(factor);
    }

    /// <summary>The same network on another device.</summary>
    public FeatureNetwork CopyTo(Device device)
    {
        using var copying = no_grad();
        var copy = new FeatureNetwork(_shape, (int)head.shape[0], _ => { });
        foreach (var (from, to) in Weights.Zip(copy.Weights)) to.Weight.copy_(from.Weight);
        return (FeatureNetwork)copy.to(device);
    }

    /// <summary>SHA-256 over the weights, lower-case hex.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var (_, weight) in Weights)
        {
            using var plain = weight.detach().cpu().contiguous();
            hash.AppendData(MemoryMarshal.AsBytes<float>(plain.data<float>().ToArray()));
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static Parameter Zeros(params long[] shape) => new(zeros(shape));

    private static Tensor Layer(Tensor x, Parameter weight, Parameter bias)
    {
        using var a = functional.conv2d(x, weight, bias, padding: [1, 1]);
        return functional.relu(a);
    }

    private static Tensor Halved(Tensor x)
    {
        var (height, width) = ((int)x.shape[2], (int)x.shape[3]);
        return Halved(height) == height && Halved(width) == width ? x.alias() : functional.max_pool2d(x, [height / Halved(height), width / Halved(width)]);
    }

    private static int Halved(int size) => size < 7 ? size : size / 2;
}
