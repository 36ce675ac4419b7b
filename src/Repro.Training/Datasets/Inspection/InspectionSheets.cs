using Repro.Figures.Images;

namespace Repro.Training.Datasets.Inspection;

/// <summary>Sheets of images beside the tables of an inspection.</summary>
public static class InspectionSheets
{
    /// <summary>A row a class with its first examples in canonical order; nothing is picked by hand.</summary>
    /// <param name="perClass">Examples a class; a class with fewer leaves its places empty.</param>
    /// <param name="scale">Pixels that a pixel becomes, in each direction.</param>
    public static RgbImage Examples(ImageDataset dataset, ImageSplit split, int perClass = 12, int scale = 2)
    {
        var images = new List<RgbImage>();
        for (var label = 0; label < dataset.Classes.Count; label++)
        {
            var first = Enumerable.Range(0, split.Count).Where(i => split.Labels[i] == label).Take(perClass).Select(split.ToRgb).ToList();
            images.AddRange(first);
            images.AddRange(Enumerable.Repeat(White(split.Shape), perClass - first.Count));
        }
        return ContactSheet.Arrange(images, perClass, scale);
    }

    /// <summary>The outliers of a split as the inspection lists them, most extreme first; null where there are none.</summary>
    public static RgbImage? Outliers(ImageDataset dataset, SplitInspection split, int columns = 12, int scale = 2) =>
        Sheet(dataset, split.Outliers.Select(outlier => outlier.Example), columns, scale);

    /// <summary>Near pairs side by side, nearest first; null where there are none.</summary>
    /// <param name="skip">Pairs left out at the beginning: the doubtful ones stand at the end.</param>
    /// <param name="pairs">Most pairs shown.</param>
    /// <param name="columns">Pairs a row.</param>
    public static RgbImage? NearPairs(ImageDataset dataset, DuplicateFindings duplicates, int skip = 0, int pairs = 60, int columns = 6, int scale = 2) =>
        Sheet(dataset, duplicates.NearPairs.Skip(skip).Take(pairs).SelectMany(pair => new[] { pair.First, pair.Second }), columns * 2, scale);

    private static RgbImage? Sheet(ImageDataset dataset, IEnumerable<ExampleName> examples, int columns, int scale)
    {
        var images = examples.Select(example => dataset.Split(example.Split).ToRgb(example.Number)).ToList();
        return images.Count == 0 ? null : ContactSheet.Arrange(images, columns, scale);
    }

    private static RgbImage White(ImageShape shape)
    {
        var image = new RgbImage(shape.Width, shape.Height);
        Array.Fill(image.Pixels, (byte)255);
        return image;
    }
}
