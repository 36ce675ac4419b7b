using Repro.Experiments.Images;
using Repro.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.ResNet;

/// <summary>With or without the shortcuts of Eq. (1); everything else, the number of parameters included, is the same.</summary>
public enum ResNetKind
{
    Residual,
    Plain,
}

/// <summary>
/// The CIFAR-10 networks of He, Zhang, Ren, Sun 2015, "Deep Residual Learning for Image Recognition" (arXiv:1512.03385), section 4.2.
/// Input: images x channels x size x size, per-pixel mean subtracted. Output: logits, images x classes.
/// </summary>
/// <remarks>
/// Depth 6n+2: one convolution, three stages of 2n convolutions at sizes 32, 16, 8 with 16, 32, 64 filters, one fully connected layer.
/// Parameters are counted with the scale and shift of every batch normalization and the bias of the last layer; the convolutions have no bias,
/// which the batch normalization after each would cancel. For 10 classes of 32 x 32 colour images and depths 20, 32, 44, 56, 110:
/// 269,722, 464,154, 658,586, 853,018, 1,727,962.
/// </remarks>
public sealed class ResNetModel : Module<Tensor, Tensor>
{
    private readonly InputScale scale;
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Sequential stage1;
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Linear fc;

    /// <param name="n">Blocks a stage; the network has 6n+2 weighted layers.</param>
    /// <param name="width">Filters of the first stage; the paper has 16. The other stages have twice and four times as many.</param>
    /// <param name="channels">Colours of an input image.</param>
    /// <param name="seed">The parameters depend on it alone.</param>
    /// <param name="scale">How the inputs were made from bytes; kept with the parameters, so that foreign images can be made the same way.</param>
    public ResNetModel(int n, int width, ResNetKind kind, int channels, int classes, ulong seed, InputScale scale)
        : base(nameof(ResNetModel))
    {
        this.scale = scale;
        var values = new InitialValues(seed);
        conv1 = Convolution(channels, width, stride: 1, values);
        bn1 = BatchNorm2d(width);                                   // scale 1 and shift 0 at first
        stage1 = Stage(n, width, width, stride: 1, kind, values);
        stage2 = Stage(n, width, 2 * width, stride: 2, kind, values);   // "The subsampling is performed by convolutions with a stride of 2"
        stage3 = Stage(n, 2 * width, 4 * width, stride: 2, kind, values);
        fc = Linear(4 * width, classes);
        // [13] is about layers that a ReLU follows; for the last one the paper says nothing. Its authors' variance of 2/fan_in would begin with a
        // loss of 3 to 9 nats, growing with depth; 0.01 (Krizhevsky et al. 2012, section 5) begins at ln(classes) for every depth.
        values.Normal(fc.weight!, 0.01);
        InitialValues.Constant(fc.bias!, 0);
        RegisterComponents();
    }

    /// <summary>Bytes of images to inputs: subtracts the per-pixel mean.</summary>
    public InputScale Scale => scale;

    /// <summary>The first layer's filters: width x channels x 3 x 3.</summary>
    public Parameter FirstFilters => conv1.weight!;

    // Shapes are for 32 x 32 colour images and width 16; N is the number of images. Every intermediate result is let go when the block
    // ends that made it: what the backward pass needs, autograd keeps by itself.
    public override Tensor forward(Tensor input)                    // [N, 3, 32, 32]
    {
        using var a = conv1.call(input);                            // [N, 16, 32, 32]
        using var b = Acceleration.BatchNormRelu(bn1, a);           // BN right after each convolution, before activation (section 3.4)
        using var c = stage1.call(b);                               // [N, 16, 32, 32]
        using var d = stage2.call(c);                               // [N, 32, 16, 16]
        using var e = stage3.call(d);                               // [N, 64, 8, 8]
        using var pooled = e.mean([2, 3]);                          // [N, 64], global average pooling
        return fc.call(pooled);                                     // [N, 10]; the softmax is part of the loss
    }

    private static Sequential Stage(int n, int from, int to, int stride, ResNetKind kind, InitialValues values)
    {
        var blocks = new List<Module<Tensor, Tensor>> { new ResNetBlock(from, to, stride, kind, values) };
        for (var i = 1; i < n; i++) blocks.Add(new ResNetBlock(to, to, 1, kind, values));
        return Sequential(blocks);
    }

    /// <summary>3 x 3, padded by zeros to keep the size, initialized as in [13]: "Delving deep into rectifiers", normal with variance 2/fan_in.</summary>
    internal static Conv2d Convolution(int from, int to, int stride, InitialValues values)
    {
        var convolution = Conv2d(from, to, kernel_size: 3, stride: stride, padding: 1, bias: false);
        values.HeNormal(convolution.weight!);
        return convolution;
    }
}

/// <summary>A pair of 3 x 3 convolutions with the shortcut around them (Fig. 2; section 3.3), or without it in the plain twin.</summary>
internal sealed class ResNetBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly int _stride;
    private readonly int _added;
    private readonly bool _shortcut;

    public ResNetBlock(int from, int to, int stride, ResNetKind kind, InitialValues values)
        : base(nameof(ResNetBlock))
    {
        conv1 = ResNetModel.Convolution(from, to, stride, values);
        bn1 = BatchNorm2d(to);
        conv2 = ResNetModel.Convolution(to, to, 1, values);
        bn2 = BatchNorm2d(to);
        (_stride, _added, _shortcut) = (stride, to - from, kind == ResNetKind.Residual);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                        // [N, from, s, s]
    {
        using var a = conv1.call(x);                                // [N, to, s/stride, s/stride]
        using var b = Acceleration.BatchNormRelu(bn1, a);
        using var c = conv2.call(b);                                // [N, to, s/stride, s/stride]
        using var shortcut = _shortcut ? Shortcut(x, _stride, _added) : null;
        return Acceleration.BatchNormRelu(bn2, c, shortcut);        // relu(F(x) + x), Eq. (1): the second ReLU comes after the addition (section 3.2)
    }

    /// <summary>
    /// Option A (section 3.3): the identity, taken at every <paramref name="stride"/>-th pixel, with <paramref name="added"/> channels of zeros
    /// for the increased dimensions. No parameters. Which channels are the zeros is open in the paper and makes no difference: the layers
    /// that follow treat all channels alike. Here they are the last ones.
    /// </summary>
    internal static Tensor Shortcut(Tensor x, int stride, int added)
    {
        if (stride == 1 && added == 0) return x.alias();
        using var subsampled = functional.avg_pool2d(x, kernel_size: 1, stride: stride);    // the mean of one pixel
        return functional.pad(subsampled, [0, 0, 0, 0, 0, added]);  // pads the last dimension first: width, height, channels
    }
}
