using System.Text.Json;
using Repro.Experiments.TimeSeriesDiffusion;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>One of the files that <c>tests/peers</c> has of the Transformer and of TMDM, and what both sides know of them.</summary>
internal sealed class TransformerReference(string name)
{
    private readonly JsonElement _file = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TimeSeriesDiffusion", name))).RootElement;

    /// <summary>Windows, and sizes of each.</summary>
    public const int Windows = 2, Channels = 3, History = 11, Horizon = 5, Marks = 4, Known = 5;

    public static ForecastShape Shape { get; } = new(Channels, History, Horizon, Marks, Season: 1);

    public ForecastInput Input() => new(Tensor("history", Windows, History, Channels), Tensor("history_marks", Windows, History, Marks), Tensor("future_marks", Windows, Horizon, Marks));

    public Tensor Future() => Tensor("future", Windows, Horizon, Channels);

    public Tensor Tensor(string name, params long[] sizes) => tensor(Numbers(_file.GetProperty(name)).Select(number => (float)number).ToArray(), sizes);

    public long Count(string name) => _file.GetProperty(name).GetInt64();

    public long[] Counts(string name) => [.. _file.GetProperty(name).EnumerateArray().Select(number => number.GetInt64())];

    public void HasNumber(string name, Tensor actual) => Close([_file.GetProperty(name).GetDouble()], Values(actual), name);

    public void HasNumbers(string name, Tensor actual) => Close(Numbers(_file.GetProperty(name)), Values(actual), name);

    /// <summary>Names, lengths, and products with cos(0.3 i i), of the gradients of all parameters.</summary>
    public void HasGradients(nn.Module model)
    {
        var expected = _file.GetProperty("gradients");
        Assert.Equal(expected.EnumerateObject().Select(each => each.Name), model.named_parameters().Select(each => each.name).Order(StringComparer.Ordinal));
        foreach (var (name, parameter) in model.named_parameters())
        {
            var (found, wanted) = (Values(parameter.grad!), Numbers(expected.GetProperty(name)));
            var (length, product) = (Math.Sqrt(found.Sum(g => (double)g * g)), found.Select((g, i) => g * Math.Cos(0.3 * i * i)).Sum());
            // A key's bias changes no softmax: what is there is rounding.
            var tolerance = (1e-4 * wanted[0]) + 1e-6;
            Assert.True(Math.Abs(wanted[0] - length) <= tolerance && Math.Abs(wanted[1] - product) <= tolerance, $"{name}: PyTorch has {wanted[0]} and {wanted[1]}, here is {length} and {product}.");
        }
    }

    /// <summary>The formula that the scripts state.</summary>
    public static void SetParameters(nn.Module model)
    {
        var ordered = model.named_parameters().OrderBy(each => each.name, StringComparer.Ordinal).ToList();
        for (var j = 0; j < ordered.Count; j++)
        {
            var (name, parameter) = ordered[j];
            bool Has(string part) => name.Contains(part, StringComparison.Ordinal);
            var (shift, scale) = name.EndsWith("bias", StringComparison.Ordinal) ? (0, 0.3)
                : Has("norm") || (name.StartsWith("denoiser", StringComparison.Ordinal) && Has(".embed.")) ? (1, 0.3)
                : (0, 1.5 / Math.Sqrt((double)parameter.numel() / parameter.shape[0]));
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)(shift + (scale * Math.Sin((0.7 * i * i) + (0.9 * j)))))]);
        }
    }

    private static double[] Numbers(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static float[] Values(Tensor tensor) => tensor.detach().contiguous().data<float>().ToArray();

    private static void Close(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(Math.Abs(expected[i] - actual[i]) <= 1e-5 * (1 + Math.Abs(expected[i])), $"{what}[{i}]: PyTorch has {expected[i]}, here is {actual[i]}.");
    }
}
