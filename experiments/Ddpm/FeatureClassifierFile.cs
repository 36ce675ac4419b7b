using Repro.Studies;
using Repro.Studies.Formats;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Ddpm;

/// <summary>
/// Classifiers of <see cref="FeatureClassifier"/> on disk, so that the trials of a sweep need not each train one: a safetensors file that carries its own digest, named by
/// everything that its bits depend on. A file that is damaged, or cannot be written, costs the training and nothing else.
/// </summary>
internal static class FeatureClassifierFile
{
    /// <summary>What is kept under a key; null where nothing whole is.</summary>
    public static IReadOnlyDictionary<string, StoredTensor>? Find(string? folder, string key)
    {
        if (folder is null || PathOf(folder, key) is var path && !File.Exists(path)) return null;
        try
        {
            return CheckpointFile.Read(path).Tensors;
        }
        catch (Exception damaged) when (damaged is BadInputException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps the weights and some numbers under a key.</summary>
    public static void Keep(string? folder, string key, IEnumerable<(string Name, Parameter Weight)> weights, IEnumerable<(string Name, double[] Numbers)> numbers)
    {
        if (folder is null) return;
        var tensors = weights.Select(one => new DraftTensor(one.Name, SafetensorsType.F32, one.Weight.shape, () => Bytes(one.Weight)))
            .Concat(numbers.Select(one => new DraftTensor(one.Name, SafetensorsType.F64, [one.Numbers.Length], () => [.. one.Numbers.SelectMany(BitConverter.GetBytes)])));
        try
        {
            Directory.CreateDirectory(folder);
            // Workers may make the same one at once: each writes a file of its own, and all of them the same bytes.
            var path = PathOf(folder, key);
            DurableStorage.Replace(
                path, $"{path}.{Environment.ProcessId}{DurableStorage.PartialSuffix}", file => CheckpointFile.Write(file, [.. tensors], new Dictionary<string, string>()));
        }
        catch (Exception denied) when (denied is IOException or UnauthorizedAccessException)
        {
            // A read-only or full disk: the next process trains its own.
        }
    }

    /// <summary>Overwrites a parameter with what is stored.</summary>
    /// <exception cref="BadInputException">It has another shape.</exception>
    public static void Load(StoredTensor stored, Parameter into)
    {
        if (!stored.Shape.SequenceEqual(into.shape))
            throw new BadInputException($"A stored weight is [{string.Join(", ", stored.Shape)}], where [{string.Join(", ", into.shape)}] is needed.");
        using var loading = no_grad();
        into.bytes = stored.Bytes;
    }

    /// <summary>A stored array of float64.</summary>
    public static double[] Doubles(this StoredTensor stored) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(stored.Bytes).ToArray();

    private static string PathOf(string folder, string key) => Path.Combine(folder, key + ".safetensors");

    private static byte[] Bytes(Parameter weight)
    {
        using var plain = weight.detach().cpu().contiguous();
        return plain.bytes.ToArray();
    }
}
