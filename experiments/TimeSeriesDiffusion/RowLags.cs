using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>Which past values a recurrent forecaster is told at each row, and over how many rows of the history its state is warmed up.</summary>
internal sealed class RowLags
{
    /// <summary>TimeGrad's setting in the code of NsDiff (src/experiments/TimeGrad.py), for rows of every length: the row before, and of hours those of a day and of six days ago.</summary>
    public static readonly IReadOnlyList<int> Released = [1, 24, 144];

    // Rows to warm up, as released.
    private const int WantedContext = 24;

    /// <param name="history">Rows that are known, at least 2. Of the lags those remain that do not reach back beyond them.</param>
    public RowLags(int history, IReadOnlyList<int> wanted)
    {
        Context = Math.Min(WantedContext, history - 1);
        Lags = [.. wanted.Where(lag => lag <= history - Context)];
    }

    /// <summary>The row before, and those that a calendar makes alike: of hours a day ago, six days and a week, of days one and two weeks ago, of weeks none (PyTorchTS,
    /// <c>lags_for_fourier_time_features_from_frequency</c>; the sixth day because the week does not fit into the comparison's 168 rows).</summary>
    /// <param name="season">Rows after which a season comes round; see <see cref="ForecastShape"/>.</param>
    public static IReadOnlyList<int> OfCalendar(int season) => season switch { 24 => [1, 24, 144, 168], 7 => [1, 7, 14], 1 or 52 => [1], _ => [1, season] };

    /// <summary>Rows at the end of the history that the network is led over before it forecasts.</summary>
    public int Context { get; }

    public IReadOnlyList<int> Lags { get; }

    /// <summary>Rows before the one to be forecast that have to be kept.</summary>
    public int Longest => Lags[^1];

    /// <summary>The lagged values of some rows, lag by lag for each channel: [N, T, C] to [N, count, C x lags].</summary>
    /// <param name="first">Of these rows; at least <see cref="Longest"/>.</param>
    public Tensor Before(Tensor rows, long first, long count)
    {
        Tensor[] each = [.. Lags.Select(lag => rows.narrow(1, first - lag, count))];
        using var side = stack(each, -1);                                        // [N, count, C, lags]
        foreach (var lagged in each) lagged.Dispose();
        return side.reshape(rows.size(0), count, -1);
    }
}
