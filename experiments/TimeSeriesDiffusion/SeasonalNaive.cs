using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>The value of a season ago, with a normal error whose deviation is learned for each forecast row and channel: what every model has to beat.</summary>
internal sealed class SeasonalNaive : Forecaster
{
    // Adam's steps are as long whatever the gradient: what is learned moves the logarithm thirty times as far, so that even a short training reaches it.
    private const double Reach = 30;

    private readonly Parameter log_deviation;                                    // [H, C], in thirtieths
    private readonly int _season;

    public SeasonalNaive(ForecastOptions options, ForecastShape shape, InitialValues values)
        : base(nameof(SeasonalNaive))
    {
        // Where no whole season is known the last row is the season.
        _season = shape.Season <= options.History ? shape.Season : 1;
        log_deviation = new Parameter(zeros(shape.Horizon, shape.Channels));
        RegisterComponents();
    }

    public override long WidestLayer => 8;

    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        var error = (future - Naive(input.History, future.size(1))) / LogDeviation().exp();
        // Negative log-likelihood of a normal distribution in nats a number.
        return ((error.square() / 2).mean() + LogDeviation().mean() + (0.5 * Math.Log(2 * Math.PI)), []);
    }

    public override Tensor Sample(ForecastInput input, int count)
    {
        using var scope = NewDisposeScope();
        var mean = Naive(input.History, input.FutureMarks.size(1)).unsqueeze(1); // [B, 1, H, C]
        return mean.addcmul(LogDeviation().exp(), randn([mean.size(0), count, mean.size(2), mean.size(3)], device: mean.device), 1).MoveToOuterDisposeScope();
    }

    private Tensor LogDeviation() => log_deviation * Reach;

    /// <summary>The last season over and over: [B, L, C] to [B, H, C].</summary>
    private Tensor Naive(Tensor history, long horizon)
    {
        using var last = history.narrow(1, history.size(1) - _season, _season);
        using var often = last.repeat(1, ((horizon - 1) / _season) + 1, 1);
        return often.narrow(1, 0, horizon);
    }
}
