using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests;

/// <summary>
/// What the tests beside PyTorch have in common: the numbers that scripts in <c>tests/peers</c> computed in float64 and wrote down, parameters from a formula that both sides know,
/// and how near ours must come.
/// </summary>
internal static class PyTorchReference
{
    /// <summary>
    /// A number agrees where it is off by at most this times 0.1 + |PyTorch's|: relative for all but numbers near zero. The first is for what is computed in float32 here, the second
    /// for float64.
    /// </summary>
    private const double Single = 2e-4, Double = 1e-8;

    /// <param name="folder">Of the tests.</param>
    public static JsonElement Read(string folder, string file) => JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, folder, file))).RootElement;

    /// <summary>
    /// Number i (row by row) of the j-th parameter in alphabetical order becomes scale * sin(1.7 i + 0.9 j), and 1 more in the gains of normalizations.
    /// </summary>
    /// <param name="vectors">The scale of parameters of one dimension, where it is another.</param>
    /// <param name="gains">Weights of modules with this in their names are gains.</param>
    public static void SetParameters(nn.Module model, double scale, double? vectors = null, string? gains = null)
    {
        foreach (var (j, (name, parameter)) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).Index())
        {
            var height = parameter.dim() == 1 ? vectors ?? scale : scale;
            var shift = gains is not null && name.Contains(gains, StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)((height * Math.Sin((1.7 * i) + (0.9 * j))) + shift))]);
        }
    }

    /// <summary>Row by row.</summary>
    public static double[] Values(Tensor tensor) => tensor.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>Those four numbers of a parameter's gradient that scripts write down.</summary>
    public static double[] SomeOfGradient(Tensor parameter)
    {
        var values = Values(parameter.grad!);
        return [.. values.Where((_, i) => i % Math.Max(1, values.Length / 4) == 0).Take(4)];
    }

    public static void Close(JsonElement expected, Tensor actual, string what) => Close(Numbers(expected), Values(actual), what, actual.dtype == ScalarType.Float64 ? Double : Single);

    /// <param name="actual">Computed in float32.</param>
    public static void CloseNumbers(JsonElement expected, IEnumerable<double> actual, string what) => Close(Numbers(expected), [.. actual], what, Single);

    private static double[] Numbers(JsonElement one) => one.ValueKind == JsonValueKind.Array ? [.. one.EnumerateArray().Select(e => e.GetDouble())] : [one.GetDouble()];

    private static void Close(double[] expected, double[] actual, string what, double tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= tolerance * (0.1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
