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
    public void Uniform(Parameter parameter, double bound)
    {
        var numbers = new Philox(seed, RandomPurpose.Initialization, _next++);
        var values = new float[parameter.numel()];
        for (var i = 0; i < values.Length; i++) values[i] = (float)(bound * ((2 * numbers.NextDouble()) - 1));
        Set(parameter, values);
    }

    /// <summary>The same number everywhere.</summary>
    public static void Constant(Parameter parameter, double value)
    {
        using var _ = no_grad();
        parameter.fill_(value);
    }

    /// <summary>Inputs of one unit: all sizes but the first, multiplied.</summary>
    public static long FanIn(Tensor weight) => weight.numel() / weight.shape[0];

    /// <summary>Overwrites a parameter, row by row, on whatever device it is.</summary>
    internal static void Set(Parameter parameter, float[] values)
    {
        using var _ = no_grad();
        using var tensor = torch.tensor(values, parameter.shape);
        parameter.copy_(tensor);
    }
}
