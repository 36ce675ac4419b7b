namespace Repro.Training.Datasets.Inspection;

/// <summary>Looks at every image of a data set: balance, ranges, outliers, duplicates.</summary>
public static class DatasetInspector
{
    /// <summary>Deviations from the mean beyond which an image counts as an outlier.</summary>
    public const double OutlierThreshold = 3;

    /// <summary>How many outliers a split lists.</summary>
    public const int OutliersListed = 24;

    /// <param name="rule">When two images count as nearly equal; the registry has one for each data set.</param>
    /// <param name="progress">May be null.</param>
    public static DatasetInspection Inspect(ImageDataset dataset, NearDuplicateRule rule, IProgress<InspectionProgress>? progress = null, CancellationToken stop = default)
    {
        var splits = new List<SplitInspection>();
        foreach (var split in dataset.Splits)
        {
            progress?.Report(new InspectionProgress($"statistics of {split.Name}", (double)splits.Count / dataset.Splits.Count));
            stop.ThrowIfCancellationRequested();
            splits.Add(Statistics(dataset, split));
        }
        var duplicates = new DuplicateSearch(dataset, rule, progress, stop).Run();
        return new DatasetInspection(
            dataset.Name, dataset.Folder, dataset.Identity, dataset.Shape.ToString(), splits, duplicates,
            [
                "Numbers: examples are counted from 0 in canonical order, by the SHA-256 of label and pixels; file positions are those of the files here.",
                $"Outliers: images whose brightness (mean of all bytes) or contrast (their standard deviation) lies more than {OutlierThreshold} standard deviations from the split's mean; the {OutliersListed} most extreme are listed.",
                "Exact duplicates: all pixels equal, whatever the label.",
                rule.Sentence,
                "Examples shown: the first of each class in canonical order.",
            ]);
    }

    internal static ExampleName Name(ImageDataset dataset, ImageSplit split, int example) =>
        new(split.Name, example, split.FilePositions[example], dataset.Classes[split.Labels[example]]);

    private static SplitInspection Statistics(ImageDataset dataset, ImageSplit split)
    {
        var counts = new int[dataset.Classes.Count];
        foreach (var label in split.Labels) counts[label]++;

        var (channels, plane) = (split.Shape.Channels, split.Shape.Height * split.Shape.Width);
        var (sums, squares) = (new long[split.Count * channels], new long[split.Count * channels]);
        ParallelLoop.For(split.Count, i =>
        {
            for (var c = 0; c < channels; c++)
            {
                var (sum, square) = (0L, 0L);
                foreach (var value in split.Image(i).Slice(c * plane, plane))
                {
                    sum += value;
                    square += value * value;
                }
                (sums[i * channels + c], squares[i * channels + c]) = (sum, square);
            }
        });

        var perChannel = Enumerable.Range(0, channels).Select(c =>
        {
            var (sum, square) = (0L, 0L);
            for (var i = c; i < sums.Length; i += channels) (sum, square) = (sum + sums[i], square + squares[i]);
            var (mean, deviation) = Moments(sum, square, (double)split.Count * plane);
            return new ChannelStatistics(c, mean, deviation);
        }).ToList();

        var images = Enumerable.Range(0, split.Count)
            .Select(i => Moments(sums.AsSpan(i * channels, channels), squares.AsSpan(i * channels, channels), split.Shape.Size)).ToList();
        var brightness = ZScores(images.Select(image => image.Mean).ToList());
        var contrast = ZScores(images.Select(image => image.Deviation).ToList());
        var beyond = Enumerable.Range(0, split.Count).Where(i => Extremity(i) > OutlierThreshold).OrderByDescending(Extremity).ThenBy(i => i).ToList();
        return new SplitInspection(
            split.Name, split.Count, dataset.Classes.Select((name, label) => new ClassCount(name, counts[label], (double)counts[label] / split.Count)).ToList(),
            split.Pixels.Min(), split.Pixels.Max(), perChannel, beyond.Count,
            beyond.Take(OutliersListed).Select(i => new ImageOutlier(Name(dataset, split, i), images[i].Mean, images[i].Deviation, brightness[i], contrast[i])).ToList());

        double Extremity(int i) => Math.Max(Math.Abs(brightness[i]), Math.Abs(contrast[i]));
    }

    private static (double Mean, double Deviation) Moments(ReadOnlySpan<long> sums, ReadOnlySpan<long> squares, double n)
    {
        var (sum, square) = (0L, 0L);
        for (var c = 0; c < sums.Length; c++) (sum, square) = (sum + sums[c], square + squares[c]);
        return Moments(sum, square, n);
    }

    private static (double Mean, double Deviation) Moments(long sum, long square, double n)
    {
        var mean = sum / n;
        return (mean, Math.Sqrt(Math.Max(square / n - mean * mean, 0)));
    }

    private static double[] ZScores(List<double> values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return values.Select(value => deviation > 0 ? (value - mean) / deviation : 0).ToArray();
    }
}
