using System.Text.Json;
using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Studies.Options;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.TimeSeriesDiffusion;

/// <summary>NsDiff with DLinear beside PyTorch's, computed in float64 by <c>tests/peers/nsdiff_reference.py</c> from numbers that both sides know, and kept in <c>nsdiff-reference.json</c>.</summary>
public sealed class NsDiffReferenceTests
{
    private const double Tolerance = 2e-5;

    private static readonly JsonElement Expected =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "TimeSeriesDiffusion", "nsdiff-reference.json"))).RootElement;

    private static readonly ForecastShape Shape = new(Channels: 2, History: 12, Horizon: 5, Marks: 1, Season: 1);

    public static TheoryData<string> Kinds => [.. Expected.GetProperty("losses").EnumerateObject().Select(kind => kind.Name)];

    public static TheoryData<int> Backs => [.. Enumerable.Range(0, Expected.GetProperty("back").GetArrayLength())];

    [Fact]
    public void Mean_and_variance_are_PyTorchs()
    {
        using var scope = NewDisposeScope();
        using var model = Model("full", "corrected");
        using var input = Input();
        Close(Doubles(Expected.GetProperty("mean")), Part<MeanForecaster>(model, "f").Predict(input));
        Close(Doubles(Expected.GetProperty("variance")), Part<VarianceEstimator>(model, "g").Predict(input.History));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_loss_and_its_parts_are_PyTorchs(string kind)
    {
        using var scope = NewDisposeScope();
        using var model = Model(kind, "corrected");
        using var input = Input();
        var expected = Expected.GetProperty("losses").GetProperty(kind);
        var (loss, parts) = model.Loss(input, Numbers(5, i => 0.8 * Math.Cos(0.53 * i)), tensor(new long[] { 0, 7, 19 }), Numbers(5, i => 1.3 * Math.Cos(0.91 * i)));
        Assert.Equal(4, parts.Count);
        foreach (var (name, value) in parts.Append(("loss", loss)))
        {
            var wanted = expected.GetProperty(name).GetDouble();
            Assert.Equal(wanted, value.item<float>(), Tolerance * Math.Max(1, wanted));
        }
    }

    [Theory]
    [MemberData(nameof(Backs))]
    public void A_step_back_is_PyTorchs(int which)
    {
        var expected = Expected.GetProperty("back")[which];
        var t = expected.GetProperty("step").GetInt32();
        using var scope = NewDisposeScope();
        using var model = Model(expected.GetProperty("noise").GetString()!, expected.GetProperty("variant").GetString()!);
        using var input = Input();
        var mean = Part<MeanForecaster>(model, "f").Predict(input).unsqueeze(1);
        var variance = expected.GetProperty("noise").GetString() == "no_scale" ? ones_like(mean) : Part<VarianceEstimator>(model, "g").Predict(input.History).unsqueeze(1);
        var fixedPart = Part<NsDiffDenoiser>(model, "denoiser").Fixed(mean, variance);
        var y = Numbers(5, i => 0.7 * Math.Sin((0.41 * i) + 2)).unsqueeze(1);
        Close(Doubles(expected.GetProperty("values")), model.Back(y, mean, variance, fixedPart, t, t > 0 ? Numbers(5, i => Math.Cos(0.77 * i)).unsqueeze(1) : null));
    }

    private static NsDiffModel Model(string noise, string variant)
    {
        var options = new ForecastOptions { Backbone = ForecastBackbone.Dlinear, Rolling = 4, History = 12, Horizon = 5, LastBeta = 0.01 };
        options = (ForecastOptions)OptionSchema.Apply(options, [new("noise", noise), new("variant", variant)]);
        var model = new NsDiffModel(options, Shape, new InitialValues(0));
        var j = 0;
        foreach (var (name, parameter) in model.named_parameters().OrderBy(p => p.name, StringComparer.Ordinal))
        {
            var order = j++;
            double Number(int i)
            {
                var value = Math.Sin((1.7 * i) + (0.9 * order));
                return name.Contains("embed", StringComparison.Ordinal) ? 0.5 + (0.5 * value)
                    : parameter.dim() > 1 ? value / Math.Sqrt(parameter.shape[^1])
                    : (0.1 * value) - (name.Contains("sigma", StringComparison.Ordinal) ? 6 : 0);
            }
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)Number(i))]);
        }
        return model;
    }

    private static ForecastInput Input() => new(Numbers(12, i => Math.Sin((0.37 * i) + (0.1 * (i % 5)))), zeros(3, 12, 1), zeros(3, 5, 1));

    private static T Part<T>(nn.Module model, string name)
        where T : nn.Module => (T)model.named_children().Single(child => child.name == name).module;

    /// <summary>Three windows of two channels.</summary>
    private static Tensor Numbers(int rows, Func<int, double> value) => tensor([.. Enumerable.Range(0, 3 * rows * 2).Select(i => (float)value(i))], [3, rows, 2]);

    private static double[] Doubles(JsonElement array) => [.. array.EnumerateArray().Select(number => number.GetDouble())];

    private static void Close(double[] expected, Tensor actual)
    {
        var values = actual.detach().contiguous().data<float>().ToArray();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < values.Length; i++) Assert.Equal(expected[i], values[i], Tolerance);
    }
}
