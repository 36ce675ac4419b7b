using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>The formulas that csdi_reference.py and diffusion_ts_reference.py state, and the comparison with what those wrote.</summary>
internal static class PeerFormulas
{
    public static JsonElement File(string name) =>
        JsonDocument.Parse(System.IO.File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TimeSeriesDiffusion", name))).RootElement;

    /// <summary>Float32, number i of them by a formula.</summary>
    public static Tensor Of(long[] shape, Func<int, double> formula) => tensor([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)formula(i))], shape);

    public static Tensor Windows(params long[] shape) => Of(shape, i => Math.Sin((0.37 * i) + (0.1 * (i % 5))));

    public static Tensor Noise(params long[] shape) => Of(shape, i => 1.3 * Math.Cos(0.91 * i));

    public static Tensor Noisy(params long[] shape) => Of(shape, i => 0.8 * Math.Sin((0.61 * i) + 2));

    public static Tensor Marks(params long[] shape) => Of(shape, i => 0.5 * Math.Sin(2.3 * i));

    /// <summary>All parameters, j-th by name: s sin(0.7 i^2 + 1.7 i + 0.9 j + 0.5), to the scales of normalizations 1 more.</summary>
    /// <param name="scale">s where it is not 0.5 for one dimension and else the root of 3 over the inputs of a unit.</param>
    public static void SetParameters(nn.Module model, Func<string, double?>? scale = null)
    {
        var ordered = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
        {
            var (name, parameter) = ordered[j];
            var s = scale?.Invoke(name) ?? (parameter.dim() == 1 ? 0.5 : Math.Sqrt(3.0 / InitialValues.FanIn(parameter)));
            var shift = parameter.dim() == 1 && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            double Number(int i) => (s * Math.Sin((0.7 * i * i) + (1.7 * i) + (0.9 * j) + 0.5)) + shift;
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)Number(i))]);
        }
    }

    public static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    /// <summary>Every number is within a share of the largest one that is expected, and of 1e-5.</summary>
    public static void Close(JsonElement expected, Tensor actual, double share, string what)
    {
        double[] wanted = expected.ValueKind == JsonValueKind.Number ? [expected.GetDouble()] : [.. expected.EnumerateArray().Select(e => e.GetDouble())];
        Close(wanted, Values(actual), share, what);
    }

    /// <summary>Up to four numbers of each parameter's gradient.</summary>
    /// <param name="least">Deviation that is allowed whatever the gradients' size.</param>
    public static void CloseGradients(JsonElement expected, nn.Module model, double share, double least = 1e-5)
    {
        var named = model.named_parameters().ToList();
        Assert.Equal(expected.EnumerateObject().Count(), named.Count);
        foreach (var (name, parameter) in named)
        {
            var (every, numbers) = (Math.Max(1, (int)parameter.numel() / 4), Values(parameter.grad ?? zeros_like(parameter)));
            Close([.. expected.GetProperty(name).EnumerateArray().Select(e => e.GetDouble())], [.. numbers.Where((_, i) => i % every == 0).Take(4)], share, name, least);
        }
    }

    private static void Close(double[] expected, float[] actual, double share, string what, double least = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        var allowed = least + (share * expected.Max(Math.Abs));
        for (var i = 0; i < expected.Length; i++) Assert.True(Math.Abs(expected[i] - actual[i]) <= allowed, $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
