namespace Repro.Training.Datasets.Batches;

/// <summary>Labelled images as a network takes them. Safe from many threads.</summary>
public interface IImageSource
{
    ImageShape Shape { get; }

    /// <summary>Names of the labels 0, 1, 2 ...</summary>
    IReadOnlyList<string> Classes { get; }

    int Count { get; }

    int Label(int example);

    /// <summary>Writes the example's numbers, channels first; <paramref name="pixels"/> has <see cref="ImageShape.Size"/> places.</summary>
    void Read(int example, Span<float> pixels);
}
