using Repro.Experiments.Images;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.LeNet;

/// <summary>
/// LeNet-5 of LeCun, Bottou, Bengio, Haffner 1998, "Gradient-based learning applied to document recognition", section II.B.
/// Input: grey images, N x 1 x 28 x 28, background about -0.1 and foreground about 1.175. Output: logits, N x classes.
/// </summary>
/// <remarks>
/// 60,000 trainable parameters up to F6, as the paper counts them (C1 156, S2 12, C3 1,516, S4 32, C5 48,120, F6 10,164). Departure: the output is a
/// linear layer (850 more for 10 classes) under a softmax, not the paper's distances to hand-drawn 7 x 12 bitmaps of characters, which clothes do not have.
/// </remarks>
public sealed class LeNetModel : Module<Tensor, Tensor>
{
    private readonly InputScale scale;
    private readonly Conv2d c1;
    private readonly Subsampling s2;
    private readonly Conv2d c3;
    private readonly Tensor c3_connections;
    private readonly Subsampling s4;
    private readonly Conv2d c5;
    private readonly Linear f6;
    private readonly Linear output;

    /// <param name="seed">The parameters depend on it alone.</param>
    /// <param name="units">Share of the paper's units that C5 and F6 have; a check compares sizes with it.</param>
    public LeNetModel(int classes, ulong seed, InputScale scale, double units = 1)
        : base(nameof(LeNetModel))
    {
        this.scale = scale;
        c1 = Conv2d(1, 6, kernel_size: 5);
        s2 = new Subsampling(6);
        c3 = Conv2d(6, 16, kernel_size: 5);
        c3_connections = Connections();
        s4 = new Subsampling(16);
        var (c5Units, f6Units) = ((int)Math.Ceiling(120 * units), (int)Math.Ceiling(84 * units));
        c5 = Conv2d(16, c5Units, kernel_size: 5);
        f6 = Linear(c5Units, f6Units);
        output = Linear(f6Units, classes);
        RegisterComponents();

        var values = new InitialValues(seed);
        // Departure: variance 1/fan_in (LeCun et al. 1998, "Efficient BackProp", section 4.6). The paper's bounds of 2.4/fan_in (Appendix A) go with its rates for
        // each weight; with one rate for all they leave the upper layers without a signal for hundreds of steps. In C3 fan_in counts all six maps.
        foreach (var (weight, bias) in new[] { (c1.weight!, c1.bias!), (c3.weight!, c3.bias!), (c5.weight!, c5.bias!), (f6.weight!, f6.bias!), (output.weight!, output.bias!) })
        {
            values.Uniform(weight, Math.Sqrt(3.0 / InitialValues.FanIn(weight)));
            InitialValues.Constant(bias, 0);
        }
    }

    /// <summary>Bytes of images to inputs.</summary>
    public InputScale Scale => scale;

    /// <summary>The first layer's filters: 6 x 1 x 5 x 5.</summary>
    public Parameter FirstFilters => c1.weight!;

    /// <summary>Trainable parameters as the paper counts them: of C3 only the weights of connections that there are.</summary>
    public long CountParameters()
    {
        using var connected = c3_connections.sum();
        return parameters().Sum(p => p.numel()) - c3.weight!.numel() + ((long)connected.item<float>() * 25);
    }

    public override Tensor forward(Tensor images)                                   // [N, 1, 28, 28]
    {
        using var input = functional.pad(images, [2, 2, 2, 2], value: -0.1);        // [N, 1, 32, 32], "larger than the largest character"
        using var c1Out = c1.call(input);                                           // [N, 6, 28, 28]
        using var c1Squashed = Squash(c1Out);
        using var s2Out = s2.call(c1Squashed);                                      // [N, 6, 14, 14]
        using var s2Squashed = Squash(s2Out);
        using var c3Weight = c3.weight! * c3_connections;
        using var c3Out = functional.conv2d(s2Squashed, c3Weight, c3.bias);         // [N, 16, 10, 10]
        using var c3Squashed = Squash(c3Out);
        using var s4Out = s4.call(c3Squashed);                                      // [N, 16, 5, 5]
        using var s4Squashed = Squash(s4Out);
        using var c5Out = c5.call(s4Squashed);                                      // [N, 120, 1, 1]
        using var c5Squashed = Squash(c5Out);
        using var flat = c5Squashed.flatten(1);                                     // [N, 120]
        using var f6Out = f6.call(flat);                                            // [N, 84]
        using var f6Squashed = Squash(f6Out);
        return output.call(f6Squashed);                                             // [N, 10]
    }

    /// <summary>"A scaled hyperbolic tangent": 1.7159 tanh(2a/3), which maps -1 and 1 to themselves (section II.B, Appendix A).</summary>
    internal static Tensor Squash(Tensor a)
    {
        using var slope = a * (2.0 / 3);
        using var squashed = slope.tanh();
        return squashed * 1.7159;
    }

    /// <summary>Table I: which maps of S2 (rows here) each map of C3 (columns) reads. 60 connections of 5 x 5 weights.</summary>
    private static Tensor Connections()
    {
        string[] table =
        [
            "X...XXX..XXXX.XX",
            "XX...XXX..XXXX.X",
            "XXX...XXX..X.XXX",
            ".XXX..XXXX..X.XX",
            "..XXX..XXXX.XX.X",
            "...XXX..XXXX.XXX",
        ];
        var connected = new float[16 * 6];
        for (var map = 0; map < 16; map++)
        {
            for (var from = 0; from < 6; from++) connected[(map * 6) + from] = table[from][map] == 'X' ? 1 : 0;
        }
        return tensor(connected, [16, 6, 1, 1]);
    }
}

/// <summary>S2 and S4: the four inputs of each 2 x 2 neighbourhood are added, multiplied by a trainable coefficient and shifted by a trainable bias, both one a map.</summary>
internal sealed class Subsampling : Module<Tensor, Tensor>
{
    private readonly Parameter coefficient;
    private readonly Parameter bias;

    public Subsampling(int maps)
        : base(nameof(Subsampling))
    {
        // Open in the paper: where they begin. As an average.
        coefficient = new Parameter(full([maps, 1, 1], 0.25));
        bias = new Parameter(zeros(maps, 1, 1));
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)                                        // [N, maps, s, s]
    {
        using var mean = functional.avg_pool2d(x, 2);                               // [N, maps, s/2, s/2]
        using var sum = mean * 4;
        using var weighted = sum * coefficient;
        return weighted + bias;
    }
}

/// <summary>The linear rival (section III.C.1): each class is a weighted sum of all pixels and a bias; zero at first.</summary>
internal sealed class LinearModel : Module<Tensor, Tensor>
{
    private readonly InputScale scale;
    private readonly Linear output;

    public LinearModel(int pixels, int classes, InputScale scale)
        : base(nameof(LinearModel))
    {
        this.scale = scale;
        output = Linear(pixels, classes);
        RegisterComponents();
        InitialValues.Constant(output.weight!, 0);
        InitialValues.Constant(output.bias!, 0);
    }

    public InputScale Scale => scale;

    public override Tensor forward(Tensor images)                                   // [N, 1, 28, 28]
    {
        using var pixels = images.flatten(1);                                       // [N, 784]
        return output.call(pixels);                                                 // [N, 10]
    }
}
