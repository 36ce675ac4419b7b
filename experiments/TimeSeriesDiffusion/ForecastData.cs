using Repro.Studies;
using Repro.Studies.Options;
using Repro.Studies.Randomness;
using Repro.Training;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Files;
using static TorchSharp.torch;

namespace Repro.Experiments.TimeSeriesDiffusion;

/// <summary>
/// The series of a run, standardized by the mean and deviation of its training rows, on its device, and cut into windows: history, then what is to be forecast. A window belongs to the split of
/// the rows that it forecasts; it may look back into the split before.
/// </summary>
internal sealed class ForecastData : IDisposable
{
    // Standardized: the squares of what is smaller are numbers in float32.
    private const double Largest = 1e15;

    // Of the subset of windows; a constant, so that every model and seed is asked the same ones.
    private const ulong SubsetSeed = 2025;

    // Of validation; how many of test are scored is an option, which changes nothing that is learned.
    private const int ValidationSubset = 16;

    private const string Linear = "heteroscedastic", Quadratic = "heteroscedastic-quadratic";

    private readonly SeriesDataset _dataset;
    private readonly ForecastOptions _options;
    private readonly Device _device;
    private readonly Tensor _marks;
    private Tensor _values;
    private bool _hasTest;

    /// <exception cref="BadInputException">The series is too short for the options' windows, or a column is constant.</exception>
    internal ForecastData(SeriesDataset dataset, ForecastOptions options, Device device)
    {
        (_dataset, _options, _device) = (dataset, options, device);
        if (Complaint(dataset.Name, dataset.Division, options) is { } complaint) throw new BadInputException(complaint);
        var channels = dataset.Table.Channels.Count;
        (Means, Deviations) = Scale(dataset.Until(Splits.Train), dataset.Table.Channels);
        // At the beginning, of all rows: whether a number can be computed with tells nothing of what it is. Before there is a tensor, which nobody would dispose of.
        RequireComputable(dataset.Table);
        var (marks, count) = TimeMarks.Of(dataset.Table.Times);
        Shape = new ForecastShape(channels, options.History, options.Horizon, count, TimeMarks.Season(dataset.Table.Times))
        {
            Ranges = [.. Enumerable.Range(0, channels).Select(channel => Range(dataset.Until(Splits.Train), channel))],
        };
        _marks = tensor(marks, [dataset.Table.Rows, count], device: device).DetachFromDisposeScope();
        _values = Standardized(dataset.Until(Splits.Validation));
        TimesAhead = dataset.Table.Ahead(options.Horizon);
    }

    public ForecastShape Shape { get; }

    public IReadOnlyList<string> Channels => _dataset.Table.Channels;

    public IReadOnlyList<DateTime> Times => _dataset.Table.Times;

    /// <summary>Of each channel, over the training rows.</summary>
    public double[] Means { get; }

    /// <summary>Population standard deviation of each channel over the training rows.</summary>
    public double[] Deviations { get; }

    /// <exception cref="MissingComponentException">The data set is not on this machine.</exception>
    /// <exception cref="BadInputException">The series is unusable: says why.</exception>
    public static ForecastData Open(ForecastOptions options, RunContext context) => new(Load(options, context.Data), options, Devices.Select(context.Device));

    /// <summary>The generated series of that name, or null.</summary>
    public static HeteroscedasticSeries? Generated(string data) => data switch
    {
        Linear => HeteroscedasticSeries.Linear,
        Quadratic => HeteroscedasticSeries.Quadratic,
        _ => null,
    };

    /// <summary>Whether the name is none of a series that there is or may be; what is wrong with it.</summary>
    public static string? Complaint(string data)
    {
        if (Generated(data) is not null || DatasetRegistry.Series.Contains(data) || data.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)) return null;
        return $"There is no series '{data}'. Known ones, nearest first: {string.Join(", ", NearestWords.Order(data, [.. DatasetRegistry.Series, Linear, Quadratic]))}; or name a file of your own: data=FILE.csv.";
    }

    /// <summary>How the rows of a series are divided, known without reading it; null of a person's own file.</summary>
    public static SeriesDivision? Division(string data)
    {
        if (Generated(data) is not null) return SeriesDivision.Tenths(HeteroscedasticSeries.Rows);
        if (!DatasetRegistry.Series.Contains(data)) return null;
        var rows = DatasetRegistry.Find(data).Splits.ToDictionary(split => split.Name, split => split.Records);
        return new SeriesDivision(rows[Splits.Train], rows[Splits.Validation], rows[Splits.Test]);
    }

    /// <summary>Whether a part of a series is too short for a window of the options; says which.</summary>
    public static string? Complaint(string name, SeriesDivision division, ForecastOptions options)
    {
        var (history, horizon) = (options.History, options.Horizon);
        foreach (var split in new[] { Splits.Train, Splits.Validation, Splits.Test })
        {
            // Whatever comes after the training rows looks back into those before it.
            var (rows, needed) = (division[split].Count, split == Splits.Train ? history + horizon : horizon);
            if (rows < needed)
                return $"The {split} part of {name} has {rows:N0} rows, and a window takes {needed:N0} of it (history={history}, horizon={horizon}). Lower {(split == Splits.Train ? "history or " : "")}horizon, or bring a longer series.";
        }
        return null;
    }

    /// <summary>The first forecast row of each window, in the order of time.</summary>
    public int[] Windows(string split, WindowSet set)
    {
        var (first, count) = _dataset.Division[split];
        if (split == Splits.Train) (first, count) = (_options.History, count - _options.History);
        var last = first + count - _options.Horizon;
        int[] all = [.. Enumerable.Range(first, last - first + 1)];
        return set switch
        {
            // As released: the split with the history before it, cut into pieces of history and horizon. The history of a piece is never forecast.
            WindowSet.NonOverlapping => [.. all.Where(at => (at - first) % (_options.History + _options.Horizon) == 0)],
            WindowSet.Subset => Subset(all, Math.Min(all.Length, split == Splits.Test ? _options.Subset : ValidationSubset)),
            _ => all,
        };
    }

    /// <summary>Windows by their first forecast rows: what may be known, and what comes, [B, H, C].</summary>
    /// <exception cref="SealedTestException">One of them has test rows, which are sealed.</exception>
    public (ForecastInput Input, Tensor Future) Take(ReadOnlySpan<int> firsts)
    {
        var (history, horizon) = (Shape.History, Shape.Horizon);
        foreach (var first in firsts) if (first + horizon > _values.size(0)) OpenTest();
        var rows = new long[firsts.Length * (history + horizon)];
        for (var i = 0; i < rows.Length; i++) rows[i] = firsts[i / (history + horizon)] - history + (i % (history + horizon));
        using var at = tensor(rows, device: _device);
        using var values = Pieces(_values, at, firsts.Length);
        using var marks = Pieces(_marks, at, firsts.Length);
        return (new ForecastInput(values.narrow(1, 0, history), marks.narrow(1, 0, history), marks.narrow(1, history, horizon)), values.narrow(1, history, horizon));
    }

    /// <summary>Whether the series is a person's own file.</summary>
    public bool IsOwn => Generated(_options.Data) is null && !DatasetRegistry.Series.Contains(_options.Data);

    /// <summary>The times that come after the series, as many as are forecast; empty where the calendar ends before.</summary>
    public IReadOnlyList<DateTime> TimesAhead { get; }

    /// <summary>The window that ends at the last row of all, whose future nobody knows: what may be known, [1, ...].</summary>
    /// <exception cref="SealedTestException">Test rows are sealed.</exception>
    public ForecastInput Last()
    {
        OpenTest();
        var (marks, count) = TimeMarks.Of([.. Times.TakeLast(Shape.History), .. TimesAhead]);
        using var all = tensor(marks, [1, Shape.History + Shape.Horizon, count], device: _device);
        using var history = _values.narrow(0, _values.size(0) - Shape.History, Shape.History);
        return new ForecastInput(history.unsqueeze(0), all.narrow(1, 0, Shape.History), all.narrow(1, Shape.History, Shape.Horizon));
    }

    /// <summary>Values of one channel in its own unit, some rows of the whole series.</summary>
    public double[] Values(int first, int count, int channel) => [.. Enumerable.Range(first, count).Select(row => _dataset.Table[row, channel])];

    /// <summary>The CRPS of a split that can be expected of whoever samples from the true distribution, in standardized values; null where nobody knows that.</summary>
    /// <param name="samples">Of each forecast.</param>
    public double? BestCrps(string split, int samples)
    {
        if (Generated(_options.Data) is not { } series) return null;
        double Of(int row) => HeteroscedasticSeries.BestCrps(series.Truth(row).Deviation / Deviations[0], samples);
        return Windows(split, split == Splits.Test ? _options.Windows : _options.ValidationWindows).Average(first => Enumerable.Range(first, _options.Horizon).Average(Of));
    }

    /// <summary>Root of the true mean variance over the forecast rows of a window, in standardized values; null where nobody knows that.</summary>
    public double? TrueDeviation(int first) => Generated(_options.Data) is { } series
        ? Math.Sqrt(Enumerable.Range(first, _options.Horizon).Average(row => Math.Pow(series.Truth(row).Deviation / Deviations[0], 2))) : null;

    public void Dispose()
    {
        _marks.Dispose();
        _values.Dispose();
    }

    private static SeriesDataset Load(ForecastOptions options, DataFolders folders)
    {
        if (DatasetRegistry.Series.Contains(options.Data)) return DatasetRegistry.Find(options.Data).LoadSeries(folders);
        if (Generated(options.Data) is not { } series) return SeriesFiles.ReadOwn(options.Data, folders);
        return new SeriesDataset(options.Data, "", series.Table, SeriesDivision.Tenths(series.Table.Rows), []) { TestIsSealed = folders.TestIsSealed };
    }

    private static (double[] Means, double[] Deviations) Scale(ReadOnlySpan<double> rows, IReadOnlyList<string> channels)
    {
        var (count, width) = (rows.Length / channels.Count, channels.Count);
        var (means, deviations) = (new double[width], new double[width]);
        for (var channel = 0; channel < width; channel++)
        {
            for (var row = 0; row < count; row++) means[channel] += rows[(row * width) + channel] / count;
            var squares = 0.0;
            for (var row = 0; row < count; row++) squares += Math.Pow(rows[(row * width) + channel] - means[channel], 2) / count;
            deviations[channel] = Math.Sqrt(squares);
            if (deviations[channel] <= 1e-12 * Math.Abs(means[channel]))
                throw new BadInputException($"The column '{channels[channel]}' hardly differs from {means[channel]:g6} in all {count:N0} training rows (standard deviation {deviations[channel]:g3}), so that it cannot be brought to unit variance. Leave the column out.");
            if (!double.IsFinite(deviations[channel]))
                throw new BadInputException($"The column '{channels[channel]}' has training rows so large that their squares are no numbers any more. Mend them, or take another unit.");
        }
        return (means, deviations);
    }

    private void RequireComputable(SeriesTable table)
    {
        for (var at = 0; at < table.Values.Length; at++)
        {
            var channel = at % Means.Length;
            if (Math.Abs(table.Values[at] - Means[channel]) <= Largest * Deviations[channel]) continue;
            throw new BadInputException($"The column '{table.Channels[channel]}' is {table.Values[at]:g6} at {table.Times[at / Means.Length]:yyyy-MM-dd HH:mm:ss}: more than {Largest:g1} standard deviations of its training rows ({Deviations[channel]:g3}) "
                + $"from their mean ({Means[channel]:g3}), and nothing can be computed with that. Mend the value, or leave the column out.");
        }
    }

    // Of a channel, standardized.
    private (double Low, double High) Range(ReadOnlySpan<double> rows, int channel)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        for (var at = channel; at < rows.Length; at += Means.Length) (low, high) = (Math.Min(low, rows[at]), Math.Max(high, rows[at]));
        return ((low - Means[channel]) / Deviations[channel], (high - Means[channel]) / Deviations[channel]);
    }

    private Tensor Standardized(ReadOnlySpan<double> rows)
    {
        var width = Means.Length;
        var values = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++) values[i] = (float)((rows[i] - Means[i % width]) / Deviations[i % width]);
        return tensor(values, [rows.Length / width, width], device: _device).DetachFromDisposeScope();
    }

    private void OpenTest()
    {
        if (_hasTest) return;
        var all = Standardized(_dataset.Until(Splits.Test));
        _values.Dispose();
        (_values, _hasTest) = (all, true);
    }

    private static int[] Subset(int[] all, int size)
    {
        var order = new Philox(SubsetSeed, RandomPurpose.Split, all.Length).Permutation(all.Length);
        int[] chosen = [.. order.Take(size).Select(i => all[i])];
        Array.Sort(chosen);
        return chosen;
    }

    private static Tensor Pieces(Tensor rows, Tensor at, int count)
    {
        using var side = rows.index_select(0, at);
        return side.view(count, -1, rows.size(1));
    }
}
