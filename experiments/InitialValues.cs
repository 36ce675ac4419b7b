using Repro.Studies.Randomness;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments;

/// <summary>
/// Fills parameters from Philox, so that they depend on the run's seed alone: on no libtorch version, no device, and not on which other
/// parameters there are.
/// </summary>
/// <param name="seed">The run's seed.</param>
public sealed class InitialValues(ulong seed)
{
    // Index 0 of the stream seeds the engine's own generator (EngineGenerator.SeedInitialization).
    private long _next = 1;

    /// <summary>
    /// Normal with mean 0 and variance 2/fan_in, for layers followed by ReLU (He et al. 2015, "Delving deep into rectifiers", Eq. 10).
    /// Fan_in is what one unit reads: input channels x kernel area.
    /// </summary>
    public void HeNormal(Parameter weight) => Normal(weight, Math.Sqrt(2.0 / FanIn(weight)));

    /// <summary>Normal with mean 0.</summary>
    /// <param name="deviation">Standard deviation.</param>
    public void Normal(Parameter parameter, double deviation)
    {
        var numbers = new Philox(seed, RandomPurpose.Initialization, _next++);
        var values = new float[parameter.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(deviation * numbers.NextNormal());
        Set(parameter, values);
    }

    /// <summary>Uniform in [-<paramref name="bound"/>, <paramref name="bound"/>).</summary>
    public void Uniform(Parameter parameter, double bound) => Fill(parameter, number => bound * ((2 * number) - 1));

    /// <summary>Uniform in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    public void UniformBetween(Parameter parameter, double low, double high) => Fill(parameter, number => low + ((high - low) * number));

    /// <summary>As PyTorch begins a linear layer: weights, then biases, within the root of what a unit reads.</summary>
    public void AsPyTorch(Linear layer) => AsPyTorch(layer.weight, layer.bias);

    /// <summary>As PyTorch begins a convolution, which is the same.</summary>
    public void AsPyTorch(Conv1d layer) => AsPyTorch(layer.weight, layer.bias);

    /// <summary>The biases alone, where the weights begin in another way.</summary>
    public void BiasAsPyTorch(Parameter weight, Parameter? bias)
    {
        if (bias is not null) Uniform(bias, 1 / Math.Sqrt(FanIn(weight)));
    }

    /// <summary>Orthonormal rows, or columns where these are fewer (Saxe et al. 2013, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks").</summary>
    /// <param name="weight">What one unit reads is a row: sizes behind the first count as one.</param>
    public void Orthogonal(Parameter weight)
    {
        var (numbers, rows, width) = (new Philox(seed, RandomPurpose.Initialization, _next++), (int)weight.shape[0], (int)FanIn(weight));
        var wide = rows <= width;
        var vectors = new double[Math.Min(rows, width)][];
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] = [.. Enumerable.Range(0, Math.Max(rows, width)).Select(_ => numbers.NextNormal())];
            // Gram and Schmidt, each projection taken from what the one before has left.
            foreach (var earlier in vectors.AsSpan(0, i)) Subtract(vectors[i], earlier, Product(vectors[i], earlier));
            var length = Math.Sqrt(Product(vectors[i], vectors[i]));
            for (var at = 0; at < vectors[i].Length; at++) vectors[i][at] /= length;
        }
        var values = new float[rows * width];
        for (var at = 0; at < values.Length; at++) values[at] = (float)(wide ? vectors[at / width][at % width] : vectors[at % width][at / width]);
        Set(weight, values);

        static double Product(double[] a, double[] b)
        {
            // Four sums that do not wait for each other, in the same order on every machine.
            var (one, two, three, four, i) = (0.0, 0.0, 0.0, 0.0, 0);
            for (; i + 3 < a.Length; i += 4)
            {
                one += a[i] * b[i];
                two += a[i + 1] * b[i + 1];
                three += a[i + 2] * b[i + 2];
                four += a[i + 3] * b[i + 3];
            }
            for (; i < a.Length; i++) one += a[i] * b[i];
            return one + two + three + four;
        }

        static void Subtract(double[] from, double[] vector, double times)
        {
            for (var i = 0; i < from.Length; i++) from[i] -= times * vector[i];
        }
    }

    /// <summary>The same number everywhere.</summary>
    public static void Constant(Parameter parameter, double value)
    {
        using var _ = no_grad();
        parameter.fill_(value);
    }

    /// <summary>Inputs of one unit: all sizes but the first, multiplied.</summary>
    public static long FanIn(Tensor weight) => weight.numel() / weight.shape[0];

    private void AsPyTorch(Parameter weight, Parameter? bias)
    {
        Uniform(weight, 1 / Math.Sqrt(FanIn(weight)));
        BiasAsPyTorch(weight, bias);
    }

    /// <param name="value">Of a number in [0, 1).</param>
    private void Fill(Parameter parameter, Func<double, double> value)
    {
        var numbers = new Philox(seed, RandomPurpose.Initialization, _next++);
        var values = new float[parameter.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = (float)value(numbers.NextDouble());
        Set(parameter, values);
    }

    /// <summary>Overwrites a parameter, row by row, on whatever device it is.</summary>
    internal static void Set(Parameter parameter, float[] values)
    {
        using var _ = no_grad();
        using var tensor = torch.tensor(values, parameter.shape);
        parameter.copy_(tensor);
    }
}
