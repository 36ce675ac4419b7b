using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// DeepAR (Salinas et al. 2020, "DeepAR: Probabilistic forecasting with autoregressive recurrent networks", section 3) with a normal distribution: one LSTM for all channels, which is told the values
/// before each row and says mean and deviation of the row; a forecast is drawn row after row, each told what was drawn before it.
/// </summary>
/// <remarks>A channel of a window is a series of its own: N = B C series, or B S C while sampling.</remarks>
internal sealed class Deepar : Forecaster
{
    // GluonTS' setting; the paper's experiments have three layers of 40.
    private const int Layers = 2, Units = 40;
    private const double Dropout = 0.1;
    // Of a series' own deviation, so that one that stands still costs no infinite likelihood.
    private const double Least = 1e-3;

    private readonly Embedding embedding;
    private readonly LSTM lstm;
    private readonly Linear mean, deviation;
    private readonly RowLags _lags;
    private readonly int _channels;

    public Deepar(ForecastShape shape, InitialValues values)
        : base(nameof(Deepar))
    {
        (_lags, _channels) = (new RowLags(shape.History, RowLags.OfCalendar(shape.Season)), shape.Channels);
        embedding = Embedding(shape.Channels, (shape.Channels + 1) / 2);
        var inputs = _lags.Lags.Count + shape.Marks + embedding.weight!.size(1) + 1;
        lstm = LSTM(inputs, Units, Layers, batchFirst: true, dropout: Dropout);
        (mean, deviation) = (Linear(Units, 1), Linear(Units, 1));
        RegisterComponents();
        values.Normal(embedding.weight!, 1);
        foreach (var (_, parameter) in lstm.named_parameters()) values.Uniform(parameter, 1 / Math.Sqrt(Units));
        foreach (var head in new[] { mean, deviation }) values.AsPyTorch(head);
    }

    // Paths are kept whole; the gates of a row are small beside them.
    public override long WidestLayer => 16L * _channels;

    /// <summary>Negative log-likelihood in nats a number, over the rows that warm the state up and those that are forecast (Eq. 2, whose sum begins here with the last 24 rows of the history).</summary>
    public override (Tensor Loss, IReadOnlyList<(string Name, Tensor Value)> Parts) Loss(ForecastInput input, Tensor future, bool pretraining)
    {
        var history = Series(input.History);                                     // [N, L, 1]
        var (location, scale) = Scale(history);                                  // [N, 1, 1] twice
        var rows = (cat([history, Series(future)], 1) - location) / scale;       // [N, L + H, 1]
        var (first, count) = (history.size(1) - _lags.Context, _lags.Context + future.size(1));
        var marks = cat([input.HistoryMarks.narrow(1, first, _lags.Context), input.FutureMarks], 1);
        var (middle, spread, _, _) = Step(_lags.Before(rows, first, count), Each(marks, _channels), Fixed(scale, input.History.size(0)), null);
        var error = (rows.narrow(1, first, count) - middle) / spread;
        return ((error.square() / 2).mean() + spread.log().mean() + scale.log().mean() + (0.5 * Math.Log(2 * Math.PI)), []);
    }

    public override Tensor Sample(ForecastInput input, int count) => Sample(input, count, (shape, device) => randn(shape, device: device));

    /// <param name="normal">Standard normal numbers of that shape, asked for row by row.</param>
    internal Tensor Sample(ForecastInput input, int count, Func<long[], Device, Tensor> normal)
    {
        using var scope = NewDisposeScope();
        var (b, horizon, c) = (input.History.size(0), input.FutureMarks.size(1), (long)_channels);
        // Series that stand in the dimension 'at', [.., B C, ..] to [.., B S C, ..]: a window's samples one behind the other, in each of them the channels.
        Tensor Repeated(Tensor series, int at) => series.unflatten(at, [b, 1, c]).expand(Sizes(series, at)).flatten(at, at + 2);
        long[] Sizes(Tensor series, int at) => [.. series.shape[..at], b, count, c, .. series.shape[(at + 1)..]];

        var history = Series(input.History);
        var (location, scale) = Scale(history);
        var rows = (history - location) / scale;                                 // [B C, L, 1]
        var (first, fixedPart) = (rows.size(1) - _lags.Context, Fixed(scale, b));
        // Nothing in the history is random: once a window, not once a sample.
        var (_, _, h, cell) = Step(_lags.Before(rows, first, _lags.Context), Each(input.HistoryMarks.narrow(1, first, _lags.Context), c), fixedPart, null);
        (h, cell, fixedPart) = (Repeated(h, 1), Repeated(cell, 1), Repeated(fixedPart, 0));
        var paths = empty([b * count * c, _lags.Longest + horizon, 1], device: rows.device);
        paths.narrow(1, 0, _lags.Longest).copy_(Repeated(rows.narrow(1, rows.size(1) - _lags.Longest, _lags.Longest), 0));
        for (var row = 0L; row < horizon; row++)
        {
            using var step = NewDisposeScope();
            using Tensor before = h, beforeCell = cell;
            var lagged = _lags.Before(paths, _lags.Longest + row, 1);            // [N, 1, lags]
            (var middle, var spread, h, cell) = Step(lagged, Each(input.FutureMarks.narrow(1, row, 1), count * c), fixedPart, (before, beforeCell));
            paths.narrow(1, _lags.Longest + row, 1).copy_(middle.addcmul(spread, normal(middle.shape, middle.device), 1));
            (h, cell) = (h.MoveToOuterDisposeScope(), cell.MoveToOuterDisposeScope());
        }
        var ahead = paths.narrow(1, _lags.Longest, horizon).view(b, count, c, horizon);
        var samples = (ahead * scale.view(b, 1, c, 1)) + location.view(b, 1, c, 1);
        return samples.transpose(2, 3).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>Mean and deviation of rows in units of their series, and the states behind the last one.</summary>
    /// <param name="lagged">[N, R, lags].</param>
    /// <param name="marks">[N, R, M].</param>
    /// <param name="fixedPart">What is told at every row, [N, 1, ...].</param>
    private (Tensor Mean, Tensor Deviation, Tensor Hidden, Tensor Cell) Step(Tensor lagged, Tensor marks, Tensor fixedPart, (Tensor, Tensor)? state)
    {
        var all = cat([lagged, marks, fixedPart.expand(-1, lagged.size(1), -1)], -1);
        var (output, hidden, cell) = lstm.call(all, state);                      // [N, R, 40]; [2, N, 40] twice
        return (mean.call(output), functional.softplus(deviation.call(output)) + Least, hidden, cell);
    }

    /// <summary>The channel's vector and the logarithm of the scale: [N, 1, vector + 1].</summary>
    private Tensor Fixed(Tensor scale, long windows) => cat([embedding.weight!.repeat(windows, 1).unsqueeze(1), scale.log()], -1);

    /// <summary>[B, T, C] to [B C, T, 1].</summary>
    private static Tensor Series(Tensor rows) => rows.transpose(1, 2).reshape(-1, rows.size(1), 1);

    /// <summary>[B, R, M] to [B times, R, M].</summary>
    private static Tensor Each(Tensor marks, long times) => marks.unsqueeze(1).expand(-1, times, -1, -1).reshape(-1, marks.size(1), marks.size(2));

    /// <summary>Of the known rows alone.</summary>
    // Departure: section 3.3 divides by 1 + the mean of values that are never negative. These have any sign, so that their mean is taken away and they are divided by their deviation.
    private static (Tensor Location, Tensor Scale) Scale(Tensor history) => (history.mean([1], keepdim: true), (history.var([1], unbiased: false, keepdim: true) + 1e-5).sqrt());
}
