using Repro.Studies;

namespace Repro.Training.Datasets.Files;

/// <summary>
/// Reads CIFAR-10's binary version (https://www.cs.toronto.edu/~kriz/cifar.html): five training files and one test file of records, each a
/// label byte (0 to 9) and 3,072 pixel bytes (32 x 32 red, then green, then blue, row by row).
/// </summary>
public static class Cifar10Files
{
    public static readonly ImageShape Shape = new(3, 32, 32);

    public static readonly IReadOnlyList<string> Classes = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

    /// <summary>Official names; the last is the test split.</summary>
    public static readonly IReadOnlyList<string> Names =
        ["data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"];

    /// <param name="recordsPerFile">10,000 in the official files.</param>
    /// <exception cref="BadInputException">A file is missing, of the wrong size, corrupt, or has a label above 9.</exception>
    public static ImageDataset Read(DatasetFolder folder, int recordsPerFile = 10_000)
    {
        var trainFiles = Names.Count - 1;
        var (trainLabels, trainPixels) = (new byte[trainFiles * recordsPerFile], new byte[trainFiles * recordsPerFile * Shape.Size]);
        var (testLabels, testPixels) = (new byte[recordsPerFile], new byte[recordsPerFile * Shape.Size]);
        var checksums = new FileChecksum[Names.Count];
        ParallelLoop.ForEach(Names.Count, i =>
        {
            var (labels, pixels, first) = i < trainFiles ? (trainLabels, trainPixels, i * recordsPerFile) : (testLabels, testPixels, 0);
            var record = Shape.Size + 1;
            (var content, checksums[i]) = folder.Read(Names[i], (long)recordsPerFile * record, $"{recordsPerFile:N0} records of {record:N0}");
            for (var r = 0; r < recordsPerFile; r++)
            {
                var bytes = content.AsSpan(r * record, record);
                if (bytes[0] >= Classes.Count)
                    throw folder.Refuse(folder.Find(Names[i])!, $"must begin each record with a label from 0 to {Classes.Count - 1}", $"record {r} has {bytes[0]}");
                labels[first + r] = bytes[0];
                bytes[1..].CopyTo(pixels.AsSpan((first + r) * Shape.Size));
            }
        });
        return new ImageDataset(
            folder.Dataset, folder.Path, Classes,
            [ImageSplit.FromFileOrder("train", Shape, trainLabels, trainPixels), ImageSplit.FromFileOrder("test", Shape, testLabels, testPixels)], checksums);
    }
}
