using Repro.Benchmarks.Engine;
using Repro.Experiments;
using Repro.Experiments.TimeSeriesDiffusion;
using Repro.Training;
using Repro.Training.Datasets;
using static TorchSharp.torch;

namespace Repro.Benchmarks.Experiments;

/// <summary>NsDiff and two of its baselines in their settings of ETTh1, on random series of its size; trained, and sampled from, 100 trajectories a window.</summary>
internal static class SeriesWorkloads
{
    /// <summary>Windows that are forecast together: as many as ETTh1's test has for the released code, which reads them in one batch.</summary>
    public const int Windows = 8;

    private const int Channels = 7;

    public static ForecastOptions Transformer { get; } = new();

    public static ForecastOptions Dlinear { get; } = new() { Backbone = ForecastBackbone.Dlinear };

    /// <summary>Two steps of the 50, for time's sake: a step takes as long in either.</summary>
    public static ForecastOptions Csdi { get; } = new() { Model = ForecastModel.Csdi, Variant = ForecastVariant.Corrected, DiffusionSteps = 2 };

    /// <summary>Four rows of the 192, which are drawn one after another, all steps of the diffusion for each.</summary>
    public static ForecastOptions Timegrad { get; } = new() { Model = ForecastModel.Timegrad, Horizon = 4 };

    public static IWorkload Training(ForecastOptions options) => new TaskStep(new ForecastTask(options, new RunContext(), Data(options)));

    private static ForecastData Data(ForecastOptions options)
    {
        var division = SeriesDivision.Months(24);
        var (rows, random) = (division.Train + division.Validation + division.Test, new Random(0));
        DateTime[] times = [.. Enumerable.Range(0, rows).Select(row => new DateTime(2016, 7, 1).AddHours(row))];
        double[] values = [.. Enumerable.Range(0, rows * Channels).Select(_ => random.NextDouble() + random.NextDouble() + random.NextDouble())];
        var table = new SeriesTable([.. Enumerable.Range(0, Channels).Select(channel => $"c{channel}")], times, values);
        return new ForecastData(new SeriesDataset("random", "", table, division, []), options, CPU);
    }

    /// <summary>Trajectories of windows, brought to the program's memory: what an evaluation does between two scores.</summary>
    internal sealed class Sampling : IWorkload
    {
        private readonly ForecastData _data;
        private readonly Forecaster _model;
        private readonly ForecastEvaluation _evaluation;
        private readonly int[] _firsts;

        public Sampling(ForecastOptions options, int windows = Windows)
        {
            _data = Data(options);
            _model = ForecastModels.Create(options, _data.Shape, new InitialValues(0));
            _model.eval();
            _evaluation = new ForecastEvaluation(_model, _data, options.Samples, EvaluationWatch.None);
            _firsts = [.. _data.Windows(Splits.Validation, WindowSet.NonOverlapping).Take(windows)];
        }

        public long Parameters => _model.parameters().Sum(parameter => parameter.numel());

        public void Step()
        {
            using var without = no_grad();
            _evaluation.Sample(_firsts);
        }

        public void Dispose()
        {
            _model.Dispose();
            _data.Dispose();
        }
    }
}
