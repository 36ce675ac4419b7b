using Repro.Experiments.Images;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Airbench;

/// <summary>
/// The network of airbench94 (Jordan 2024, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv:2404.00498, section 3.1 and following).
/// Input: normalized images x channels x size x size, size 16 or more. Output: logits, images x classes.
/// </summary>
/// <remarks>Whitening convolution 2x2, three groups of two 3x3 convolutions with 1, 4 and 4 times <c>width</c> filters, and a linear head.</remarks>
public sealed class AirbenchModel : Module<Tensor, Tensor>
{
    private readonly InputScale scale;
    private readonly Conv2d whiten;
    private readonly Sequential groups;
    private readonly Linear head;

    /// <param name="width">Filters of the first group; airbench94 has 64.</param>
    /// <param name="seed">The parameters depend on it alone, but for the whitening filters, which come from the training images.</param>
    /// <param name="scale">How the inputs were made from bytes; kept with the parameters, so that foreign images can be made the same way.</param>
    public AirbenchModel(int width, int channels, int classes, ulong seed, InputScale scale)
        : base(nameof(AirbenchModel))
    {
        this.scale = scale;
        var values = new InitialValues(seed);
        var whitened = 2 * Whitening.PatchSize(channels);               // every direction of a patch, in both signs: 24 for colour
        whiten = Conv2d(channels, whitened, kernel_size: 2);
        whiten.weight!.requires_grad = false;                           // frozen: set from training patches by SetWhitening
        values.Uniform(whiten.bias!, 1 / Math.Sqrt(Whitening.PatchSize(channels)));
        groups = Sequential(
            new AirbenchGroup(whitened, width, values),
            new AirbenchGroup(width, 4 * width, values),
            new AirbenchGroup(4 * width, 4 * width, values));
        head = Linear(4 * width, classes, hasBias: false);
        values.Uniform(head.weight!, Math.Sqrt(3));                     // variance 1; forward divides by the width
        RegisterComponents();
    }

    /// <summary>Bytes of images to inputs.</summary>
    public InputScale Scale => scale;

    /// <summary>Trained by SGD for the first epochs only.</summary>
    public Parameter WhiteningBias => whiten.bias!;

    /// <summary>Trained by SGD.</summary>
    public Parameter Head => head.weight!;

    /// <summary>Shifts of the batch normalizations, trained by SGD.</summary>
    public IEnumerable<Parameter> Shifts => groups.named_parameters().Where(p => p.parameter.dim() == 1).Select(p => p.parameter);

    /// <summary>Filters of the six 3x3 convolutions, trained by Muon.</summary>
    public IEnumerable<Parameter> Filters => groups.named_parameters().Where(p => p.parameter.dim() == 4).Select(p => p.parameter);

    /// <summary>The whitening filters: 2 x (channels x 4) x channels x 2 x 2.</summary>
    public Parameter FirstFilters => whiten.weight!;

    // Shapes are for 32 x 32 colour images and width 64.
    public override Tensor forward(Tensor input)                        // [N, 3, 32, 32]
    {
        using var a = whiten.call(input);                               // [N, 24, 31, 31]
        using var b = functional.gelu(a);
        using var c = groups.call(b);                                   // [N, 256, 3, 3]
        using var features = c.amax([2, 3]);                            // [N, 256]
        using var logits = head.call(features);                         // [N, 10]
        return logits / head.weight!.shape[1];
    }
}

/// <summary>Two convolutions with a halving of the size after the first: conv, pool, norm, GELU, conv, norm, GELU.</summary>
internal sealed class AirbenchGroup : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly AirbenchNorm norm1;
    private readonly Conv2d conv2;
    private readonly AirbenchNorm norm2;

    public AirbenchGroup(int from, int to, InitialValues values)
        : base(nameof(AirbenchGroup))
    {
        conv1 = Convolution(from, to, values);
        norm1 = new AirbenchNorm(to);
        conv2 = Convolution(to, to, values);
        norm2 = new AirbenchNorm(to);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                            // [N, from, s, s]
    {
        using var a = conv1.call(x);                                    // [N, to, s, s]
        using var b = functional.max_pool2d(a, 2);                      // [N, to, s/2, s/2]
        using var c = norm1.call(b);
        using var d = functional.gelu(c);
        using var e = conv2.call(d);
        using var f = norm2.call(e);
        return functional.gelu(f);
    }

    // Dirac (section 3.3): the first `from` filters pass their own channel on unchanged, the others begin as PyTorch's default does.
    private static Conv2d Convolution(int from, int to, InitialValues values)
    {
        var convolution = Conv2d(from, to, kernel_size: 3, padding: 1, bias: false);
        values.Uniform(convolution.weight!, 1 / Math.Sqrt(9.0 * from));
        var identity = new float[from * from * 9];
        for (var i = 0; i < from; i++) identity[(((i * from) + i) * 9) + 4] = 1;                        // the middle of 3 x 3
        using var _ = no_grad();
        using var pass = tensor(identity, [from, from, 3, 3]);
        var count = Math.Min(from, to);
        using var first = convolution.weight!.slice(0, 0, count, 1);
        using var rows = pass.slice(0, 0, count, 1);
        first.copy_(rows);
        return convolution;
    }
}

/// <summary>Batch normalization with a shift but no scale (section 3.1); running statistics keep 0.6 of their old value.</summary>
/// <remarks>Departure: epsilon 1e-5, not 1e-12, with which a map that is constant over the batch multiplies its gradient by a million.</remarks>
internal sealed class AirbenchNorm : Module<Tensor, Tensor>
{
    private readonly Parameter bias;
    private readonly Tensor running_mean;
    private readonly Tensor running_var;

    public AirbenchNorm(int channels)
        : base(nameof(AirbenchNorm))
    {
        bias = new Parameter(zeros(channels));
        running_mean = zeros(channels);
        running_var = ones(channels);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x) =>
        functional.batch_norm(x, running_mean, running_var, weight: null, bias, training, momentum: 0.4, eps: 1e-5);
}
