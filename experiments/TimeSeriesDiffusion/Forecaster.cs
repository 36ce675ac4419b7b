using Repro.Experiments.Ddpm;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>A model that learns from windows and samples forecasts. Everything is in standardized values.</summary>
/// <remarks>Sizes in the comments of models: B windows, S samples, L rows of history, H rows forecast, C channels, M marks of a time.</remarks>
internal abstract class Forecaster(string name) : nn.Module(name)
{
    /// <summary>Numbers that the widest layer holds for each sample and forecast row while it samples, by which windows are sampled together.</summary>
    public abstract long WidestLayer { get; }

    /// <summary>Epochs at the beginning that <see cref="Loss"/> is told of, in which only a part of the model learns; training is so much longer.</summary>
    public virtual int PretrainingEpochs => 0;

    /// <summary>Decay a step of the moving average of the parameters that forecasts are made with, 0 to 1; null: the parameters themselves.</summary>
    public virtual double? EmaDecay => null;

    /// <summary>Longest gradient, as the norm over all parameters: a longer one is shortened to it; null: taken as it is.</summary>
    public virtual double? ClipGradientNorm => null;

    /// <summary>Called by models whose samples take long, many times a window; throws where it shall end.</summary>
    public Action Alive { get; set; } = () => { };

    /// <summary>Called when an evaluation that training waits for is whole; one that was broken off is made anew.</summary>
    public virtual void Evaluated()
    {
    }

    /// <summary>What the learning rate is multiplied by.</summary>
    /// <param name="done">Share of the training that lies behind, 0 to 1.</param>
    public virtual double LearningRateFactor(double done) => 1;

    /// <summary>Of Adam, added to the gradient as a multiple of the parameter.</summary>
    public virtual double WeightDecay => 0;

    /// <summary>Windows that have to be sampled in one call, because each changes the others' forecasts; null: as many as memory has room for.</summary>
    public virtual int? SampledTogether => null;

    /// <summary>The training loss, a scalar with its graph, and its parts by name; draws its random numbers from the engine's generator.</summary>
    /// <param name="future">[B, H, C].</param>
    /// <param name="pretraining">The step is one of the <see cref="PretrainingEpochs"/>.</param>
    public abstract (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining);

    /// <summary>Trajectories, [B, S, H, C]; draws its random numbers from the engine's generator.</summary>
    /// <param name="count">S, at least 1.</param>
    public abstract Tensor Sample(ForecastInput input, int count);

    /// <summary>As <see cref="Sample"/>, of the distribution that the diffusion begins at; null where there is none, or it knows nothing of the series.</summary>
    public virtual Func<ForecastInput, int, Tensor>? Begin => null;

    /// <summary>A number for each step of a diffusion, [T], on the model's device; in no checkpoint, because the options say it already.</summary>
    protected Tensor OfSteps(string name, int steps, Func<int, double> value)
    {
        var buffer = tensor([.. Enumerable.Range(0, steps).Select(t => (float)value(t))]);
        register_buffer(name, buffer, persistent: false);
        return buffer;
    }

    /// <summary>What x_t has of x_0 and of noise: sqrt(abar_t) and sqrt(1 - abar_t), [T] each. The fields that keep them have these names, by which a move to a device finds them.</summary>
    protected (Tensor OfStart, Tensor OfNoise) Shares(NoiseSchedule schedule) =>
        (OfSteps("sqrt_alpha_bar", schedule.Timesteps, t => Math.Sqrt(schedule.AlphaBar(t))), OfSteps("sqrt_one_minus_alpha_bar", schedule.Timesteps, t => Math.Sqrt(1 - schedule.AlphaBar(t))));

    /// <summary>The number of each one's step, [B, 1, 1].</summary>
    /// <param name="ofSteps">As <see cref="OfSteps"/> makes it.</param>
    /// <param name="t">Step of each window, or of each row of them, [B].</param>
    protected static Tensor At(Tensor ofSteps, Tensor t) => ofSteps.index_select(0, t).view(-1, 1, 1);

    /// <summary>x_{t-1}, or x_0 after the first step (Ho et al. 2020, Algorithm 2, with the posterior's variance).</summary>
    /// <param name="predicted">The noise in <paramref name="x"/>.</param>
    /// <param name="noise">Standard normal; null adds none, as at the first step.</param>
    protected static Tensor Back(NoiseSchedule schedule, Tensor x, Tensor predicted, int t, Tensor? noise)
    {
        using var scope = NewDisposeScope();
        var beta = schedule.Beta(t);
        var mean = (x - (predicted * (beta / Math.Sqrt(1 - schedule.AlphaBar(t))))) / Math.Sqrt(1 - beta);
        return (noise is null ? mean : mean + (noise * Math.Sqrt(schedule.PosteriorVariance(t)))).MoveToOuterDisposeScope();
    }

    /// <summary>A step of a diffusion for each window, [B], antithetic: t for one window, T - 1 - t for another.</summary>
    /// <param name="steps">T.</param>
    /// <param name="drawn">How many are drawn, at least half as many as windows: released codes draw different numbers of them, and what is drawn beyond decides what the generator gives next.</param>
    protected static Tensor Antithetic(int steps, long windows, long drawn, Device device)
    {
        using var half = randint(0, steps, [drawn], dtype: ScalarType.Int64, device: device);
        using var other = steps - 1 - half;
        using var both = cat([half, other]);
        return both.narrow(0, 0, windows);
    }
}

/// <summary>What may be known when a forecast is made.</summary>
/// <param name="History">[B, L, C].</param>
/// <param name="HistoryMarks">What describes each time (<see cref="TimeMarks"/>): [B, L, M].</param>
/// <param name="FutureMarks">Of the times that are forecast, which are known beforehand: [B, H, M].</param>
internal sealed record ForecastInput(Tensor History, Tensor HistoryMarks, Tensor FutureMarks) : IDisposable
{
    public void Dispose()
    {
        History.Dispose();
        HistoryMarks.Dispose();
        FutureMarks.Dispose();
    }
}

/// <summary>Sizes of a forecasting task.</summary>
/// <param name="Marks">Numbers that describe a time.</param>
/// <param name="Season">Rows after which a season comes round.</param>
internal sealed record ForecastShape(int Channels, int History, int Horizon, int Marks, int Season)
{
    /// <summary>The lowest and the highest value of each channel in the training rows; empty: -1 and 1.</summary>
    public IReadOnlyList<(double Low, double High)> Ranges { get; init; } = [];
}
