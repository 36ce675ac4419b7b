using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Results.Runs;

/// <summary>
/// What a run said of each example of a split: <c>predictions-SPLIT.safetensors</c>, with log_probabilities F16 [examples, classes], labels I32
/// [examples] and examples I32 [examples]; the split, the step and the names of the classes are in its metadata.
/// </summary>
/// <param name="Examples">Position of each example in the data set's canonical order.</param>
/// <param name="Labels">The true class of each.</param>
/// <param name="LogProbabilities">Examples x classes, row by row; stored with 11 significant bits.</param>
public sealed record StoredPredictions(string Split, long Step, int[] Examples, int[] Labels, IReadOnlyList<string> Classes, float[] LogProbabilities)
{
    /// <summary>Full path of the file of a split, whether it is there or not.</summary>
    public static string FileOf(string folder, string split) => Path.Combine(folder, EvidenceFile.Predictions(split));

    /// <summary>Writes, in place of what the run's folder had for the split.</summary>
    /// <exception cref="ArgumentException">The lengths do not go together.</exception>
    public static void Write(RunFolder folder, StoredPredictions predictions) => Write(folder.Path, predictions);

    /// <inheritdoc cref="Write(RunFolder, StoredPredictions)"/>
    /// <param name="folder">Full path.</param>
    public static void Write(string folder, StoredPredictions predictions)
    {
        var (examples, classes) = (predictions.Examples.Length, predictions.Classes.Count);
        if (predictions.Labels.Length != examples || predictions.LogProbabilities.Length != examples * classes)
            throw new ArgumentException($"{examples} examples of {classes} classes need {examples} labels and {examples * classes} log-probabilities; there were {predictions.Labels.Length} and {predictions.LogProbabilities.Length}.");
        var halves = Array.ConvertAll(predictions.LogProbabilities, value => (Half)value);
        var metadata = new Dictionary<string, string>
        {
            ["split"] = predictions.Split,
            ["step"] = predictions.Step.ToString(CultureInfo.InvariantCulture),
            ["classes"] = JsonSerializer.Serialize(predictions.Classes),
        };
        using var content = new MemoryStream();
        var writer = new SafetensorsWriter(
            content,
            [("log_probabilities", SafetensorsType.F16, [examples, classes]), ("labels", SafetensorsType.I32, [examples]), ("examples", SafetensorsType.I32, [examples])],
            metadata);
        writer.Write(MemoryMarshal.AsBytes(halves.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(predictions.Labels.AsSpan()));
        writer.Write(MemoryMarshal.AsBytes(predictions.Examples.AsSpan()));
        writer.End();
        DurableFile.Write(FileOf(folder, predictions.Split), content.ToArray());
    }

    /// <summary>Splits of which a run folder has predictions.</summary>
    public static IReadOnlyList<string> Splits(string folder) =>
        !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder, EvidenceFile.AnyPredictions).Select(f => Path.GetFileNameWithoutExtension(f)["predictions-".Length..]).Order(StringComparer.Ordinal).ToList();

    /// <exception cref="BadInputException">There is none of the split, or the file is corrupt.</exception>
    public static StoredPredictions Read(string folder, string split)
    {
        var path = FileOf(folder, split);
        if (!File.Exists(path))
            throw new BadInputException($"{folder} has no predictions of the split '{split}'. It has: {(Splits(folder) is { Count: > 0 } some ? string.Join(", ", some) : "none")}.");
        RegularFile.Require(path);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        var header = SafetensorsHeader.Read(file, file.Length, path);
        try
        {
            var probabilities = Tensor<Half>(file, header, "log_probabilities", SafetensorsType.F16);
            var predictions = new StoredPredictions(
                header.Metadata["split"], long.Parse(header.Metadata["step"], CultureInfo.InvariantCulture),
                Tensor<int>(file, header, "examples", SafetensorsType.I32), Tensor<int>(file, header, "labels", SafetensorsType.I32),
                JsonSerializer.Deserialize<List<string>>(header.Metadata["classes"])!, Array.ConvertAll(probabilities, value => (float)value));
            if (predictions.Contradiction(split) is { } contradiction) throw new FormatException(contradiction);
            return predictions;
        }
        catch (Exception e) when (e is KeyNotFoundException or InvalidOperationException or FormatException or JsonException)
        {
            throw new BadInputException($"{path} is no file of predictions: {e.Message}", e);
        }
    }

    /// <summary>The lowest and the highest share of examples whose most probable class is a wrong one, in percent: they differ where half precision left classes equal.</summary>
    public (double Lowest, double Highest) Error()
    {
        var (wrong, doubtful) = (0, 0);
        for (var i = 0; i < Labels.Length; i++)
        {
            var row = LogProbabilities.AsSpan(i * Classes.Count, Classes.Count);
            var own = row[Labels[i]];
            var (above, equal) = (false, 0);
            foreach (var value in row)
            {
                if (value > own) above = true;
                else if (value.Equals(own)) equal++;
            }
            if (above) wrong++;
            else if (equal > 1) doubtful++;
        }
        return (100.0 * wrong / Labels.Length, 100.0 * (wrong + doubtful) / Labels.Length);
    }

    private string? Contradiction(string split) =>
        Split != split ? $"it holds predictions of the split '{Split}'."
        : Labels.Length == 0 || Examples.Length != Labels.Length || LogProbabilities.Length != Labels.Length * Classes.Count
            ? $"it has {Labels.Length} labels, {Examples.Length} examples and {LogProbabilities.Length} log-probabilities of {Classes.Count} classes."
        : Labels.Any(label => label < 0 || label >= Classes.Count) ? $"a label is outside its {Classes.Count} classes."
        : LogProbabilities.Any(float.IsNaN) ? "a log-probability is not a number."
        : null;

    private static T[] Tensor<T>(FileStream file, SafetensorsHeader header, string name, SafetensorsType type)
        where T : unmanaged
    {
        var entry = header.Tensors.FirstOrDefault(t => t.Name == name && t.Type == type) ?? throw new FormatException($"it has no {type} tensor '{name}'.");
        var values = new T[entry.Length / SafetensorsEntry.SizeOf(type)];
        file.Seek(header.DataStart + entry.Begin, SeekOrigin.Begin);
        file.ReadExactly(MemoryMarshal.AsBytes(values.AsSpan()));
        return values;
    }
}
