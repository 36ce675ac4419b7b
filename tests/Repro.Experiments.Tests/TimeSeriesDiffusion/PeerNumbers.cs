using System.Text.Json;
using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>The formulas that deepar_reference.py, timegrad_reference.py and timediff_reference.py state, and comparisons with what they wrote.</summary>
internal static class PeerNumbers
{
    public static JsonElement Read(string model)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TimeSeriesDiffusion", $"{model}-reference.json")));
        return file.RootElement.Clone();
    }

    public static Tensor Of(long[] shape, Func<int, double> formula) =>
        tensor([.. Enumerable.Range(0, (int)shape.Aggregate((a, b) => a * b)).Select(i => (float)formula(i))], shape);

    /// <summary>Values and marks of windows, known and future in one before they are cut.</summary>
    public static (ForecastInput Input, Tensor Future) Windows(int windows, int known, int ahead, int channels, int marks)
    {
        var values = Of([windows, known + ahead, channels], i => (2 * Math.Sin(0.37 * i)) + (0.02 * i));
        var times = Of([windows, known + ahead, marks], i => 0.5 * Math.Cos(0.23 * i));
        return (new ForecastInput(values.narrow(1, 0, known), times.narrow(1, 0, known), times.narrow(1, known, ahead)), values.narrow(1, known, ahead));
    }

    /// <summary>The normal numbers that sampling asks for, other ones each time.</summary>
    public static Func<long[], Device, Tensor> Normal()
    {
        var calls = 0;
        return (shape, _) =>
        {
            var k = calls++;
            return Of(shape, i => 1.3 * Math.Cos((0.91 * i) + (0.37 * k)));
        };
    }

    public static void SetParameters(nn.Module model)
    {
        var ordered = model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
        {
            var (name, parameter) = ordered[j];
            var more = name.Contains(".norms.", StringComparison.Ordinal) && name.EndsWith("weight", StringComparison.Ordinal) ? 1 : 0;
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)((0.3 * Math.Sin((1.7 * i) + (0.9 * j))) + more))]);
        }
    }

    /// <summary>The gradients of all parameters, of which the file has four numbers each.</summary>
    public static void CloseGradients(JsonElement expected, nn.Module model, double tolerance)
    {
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.Equal(parameters.Keys.Order(StringComparer.Ordinal), expected.EnumerateObject().Select(g => g.Name).Order(StringComparer.Ordinal));
        foreach (var gradient in expected.EnumerateObject())
        {
            var parameter = parameters[gradient.Name];
            var every = Math.Max(1, (int)parameter.numel() / 4);
            Close(gradient.Value, [.. Values(parameter.grad!).Where((_, i) => i % every == 0).Take(4)], tolerance, "gradient of " + gradient.Name);
        }
    }

    public static void Close(JsonElement expected, double[] actual, double tolerance, string what)
    {
        double[] numbers = expected.ValueKind == JsonValueKind.Array ? [.. expected.EnumerateArray().Select(e => e.GetDouble())] : [expected.GetDouble()];
        Assert.Equal(numbers.Length, actual.Length);
        for (var i = 0; i < numbers.Length; i++)
            Assert.True(Math.Abs(numbers[i] - actual[i]) <= tolerance * (0.1 + Math.Abs(numbers[i])), $"{what}[{i}]: PyTorch has {numbers[i]}, here is {actual[i]}.");
    }

    public static double[] Values(Tensor tensor) => [.. tensor.detach().to_type(ScalarType.Float64).contiguous().data<double>()];
}
