using Repro.Training;
using Repro.Training.Metrics;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Samples forecasts of windows and scores them, a handful of windows at a time, so that memory does not grow with their number.</summary>
/// <param name="sample">As <see cref="Forecaster.Sample"/>, which it is by default.</param>
internal sealed class ForecastEvaluation(Forecaster model, ForecastData data, int samples, EvaluationWatch watch, Func<ForecastInput, int, Tensor>? sample = null)
{
    // Numbers in the widest layer at a time: 128 MB in float32.
    private const long AtOnce = 1L << 25;

    private double _done;

    /// <param name="firsts">Windows by their first forecast rows.</param>
    public ForecastResult Run(IReadOnlyList<int> firsts)
    {
        var (horizon, channels) = (data.Shape.Horizon, data.Shape.Channels);
        var scores = new ForecastScores(horizon, channels);
        var each = new WindowScores[firsts.Count];
        var group = Together(firsts.Count);
        for (var at = 0; at < firsts.Count; at += group)
        {
            _done = (double)at / firsts.Count;
            watch.Look(_done);
            int[] some = [.. firsts.Skip(at).Take(group)];
            var (sampled, observed) = Sample(some);
            var (size, whole) = (horizon * channels, samples * horizon * channels);
            for (var i = 0; i < some.Length; i++)
            {
                var score = scores.Add(sampled.AsSpan(i * whole, whole), observed.AsSpan(i * size, size), samples);
                each[at + i] = new(some[i], score.Crps, Math.Sqrt(score.SquaredError), Math.Sqrt(score.Variance));
            }
        }
        return new ForecastResult(scores, each);
    }

    /// <summary>Windows that are sampled at a time, of so many. The samples themselves are the widest where a model has fewer numbers for a row than the series has channels.</summary>
    internal int Together(int windows) => model.SampledTogether ?? (int)Math.Clamp(AtOnce / (samples * data.Shape.Horizon * Math.Max(model.WidestLayer, data.Shape.Channels)), 1, windows);

    /// <summary>Samples of windows, windows x samples x rows x channels, and what came, windows x rows x channels; standardized.</summary>
    public (float[] Samples, float[] Observed) Sample(ReadOnlySpan<int> firsts)
    {
        using var scope = NewDisposeScope();
        var (input, future) = data.Take(firsts);
        return (Sample(input), Numbers(future));
    }

    /// <summary>Samples of what comes after the series, samples x rows x channels; standardized.</summary>
    public float[] SampleAhead()
    {
        using var scope = NewDisposeScope();
        return Sample(data.Last());
    }

    private float[] Sample(ForecastInput input)
    {
        model.Alive = () => watch.Look(_done);
        try
        {
            return Numbers((sample ?? model.Sample)(input, samples));
        }
        finally
        {
            model.Alive = () => { };
        }
    }

    private static float[] Numbers(Tensor tensor) => tensor.detach().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray();
}

/// <summary>The scores of a set of windows.</summary>
internal sealed record ForecastResult(ForecastScores Scores, IReadOnlyList<WindowScores> Windows)
{
    /// <summary>Names of <see cref="Metrics"/>.</summary>
    public static IReadOnlyList<string> Names { get; } = ["crps", "crps_fair", "qice", "picp", "sharpness", "energy_score", "mse", "windows"];

    /// <summary>By name without split.</summary>
    public IEnumerable<(string Name, double Value)> Metrics() =>
        Names.Zip([Scores.Crps, Scores.FairCrps, Scores.Qice, Scores.Coverage, Scores.Sharpness, Scores.EnergyScore, Scores.SquaredError, Scores.Windows]);
}

/// <summary>How a window was forecast, over its rows and channels, in standardized values.</summary>
/// <param name="First">Its first forecast row.</param>
/// <param name="Error">Root of the mean square of what came less the samples' mean.</param>
/// <param name="Spread">Root of the samples' mean variance: of a calibrated forecast as large as the error, in the mean over many windows.</param>
internal sealed record WindowScores(int First, double Crps, double Error, double Spread);
