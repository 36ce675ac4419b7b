namespace Repro.Training.Datasets.Batches;

/// <summary>The images of a split, each pixel normalized on its way to the network.</summary>
/// <param name="classes">Names of the labels.</param>
public sealed class NormalizedImages(ImageSplit split, IReadOnlyList<string> classes, PixelNormalization normalization) : IImageSource
{
    public ImageShape Shape => split.Shape;

    public IReadOnlyList<string> Classes => classes;

    public int Count => split.Count;

    public int Label(int example) => split.Labels[example];

    public void Read(int example, Span<float> pixels) => normalization.Apply(split.Image(example), pixels);
}
