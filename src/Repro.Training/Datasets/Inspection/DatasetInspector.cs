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
                $"Outliers: images whose brightness (mean of all bytes) or contrast (their standard deviation around each channel's mean) lies more than " +
                $"{OutlierThreshold} standard deviations from the split's mean; the {OutliersListed} most extreme are listed.",
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
        var images = new ImageMoments[split.Count];
        ParallelLoop.For(split.Count, i => images[i] = ImageMoments.Of(split.Shape, split.Image(i)));
        var perChannel = new ChannelStatistics[channels];
        ParallelLoop.ForEach(channels, c =>
        {
            var (sum, squares) = (0L, 0L);
            for (var i = 0; i < split.Count; i++)
            {
                var image = ImageMoments.OfChannel(split.Image(i).Slice(c * plane, plane));
                (sum, squares) = (sum + image.Sum, squares + image.Squares);
            }
            var n = (double)split.Count * plane;
            perChannel[c] = new ChannelStatistics(c, sum / n, Math.Sqrt(Math.Max(squares / n - sum / n * (sum / n), 0)));
        });

        var brightness = ZScores(Array.ConvertAll(images, image => image.Brightness));
        var contrast = ZScores(Array.ConvertAll(images, image => image.Contrast));
        var beyond = Enumerable.Range(0, split.Count).Where(i => Extremity(i) > OutlierThreshold).OrderByDescending(Extremity).ThenBy(i => i).ToList();
        return new SplitInspection(
            split.Name, split.Count, dataset.Classes.Select((name, label) => new ClassCount(name, counts[label], (double)counts[label] / split.Count)).ToList(),
            split.Pixels.Min(), split.Pixels.Max(), perChannel, beyond.Count,
            beyond.Take(OutliersListed).Select(i => new ImageOutlier(Name(dataset, split, i), images[i].Brightness, images[i].Contrast, brightness[i], contrast[i])).ToList());

        double Extremity(int i) => Math.Max(Math.Abs(brightness[i]), Math.Abs(contrast[i]));
    }

    private static double[] ZScores(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Average(value => (value - mean) * (value - mean)));
        return Array.ConvertAll(values, value => deviation > 0 ? (value - mean) / deviation : 0);
    }
}
