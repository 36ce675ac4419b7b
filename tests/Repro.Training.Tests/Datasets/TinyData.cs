using System.Buffers.Binary;
using System.IO.Compression;
using Repro.Studies.Randomness;
using Repro.Training.Datasets;
using Repro.Training.Datasets.Files;
using Repro.Training.Datasets.Inspection;

namespace Repro.Training.Tests.Datasets;

/// <summary>Data sets in the official formats with a few generated records.</summary>
public static class TinyData
{
    public const int RecordsPerFile = 20;

    private static readonly Dictionary<string, Dataset> Loaded = [];

    /// <summary>Records of one CIFAR file: label byte and 3,072 pixels each, labels 0 to 9 in turn.</summary>
    public static byte[][] CifarRecords(int file) => Enumerable.Range(0, RecordsPerFile).Select(i =>
    {
        var random = new Philox(7, RandomPurpose.GeneratedData, file * RecordsPerFile + i);
        var record = new byte[3073];
        for (var p = 1; p < record.Length; p++) record[p] = (byte)random.NextInt32(256);
        record[0] = (byte)(i % 10);
        return record;
    }).ToArray();

    /// <summary>All six files of a tiny CIFAR-10 by name.</summary>
    public static Dictionary<string, byte[]> CifarFiles() =>
        Cifar10Files.Names.Select((name, i) => (name, bytes: CifarRecords(i).SelectMany(record => record).ToArray())).ToDictionary(f => f.name, f => f.bytes);

    public static void Write(string folder, IReadOnlyDictionary<string, byte[]> files, string extension = "")
    {
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in files) File.WriteAllBytes(Path.Combine(folder, name + extension), Pack(bytes, extension));
    }

    public static byte[] Pack(byte[] bytes, string extension)
    {
        if (extension == "") return bytes;
        using var packed = new MemoryStream();
        using (Stream stream = extension == ".gz" ? new GZipStream(packed, CompressionLevel.Fastest) : new BrotliStream(packed, CompressionLevel.Fastest))
            stream.Write(bytes);
        return packed.ToArray();
    }

    public static ImageDataset ReadCifar(string folder) => Cifar10Files.Read(new DatasetFolder("cifar-10", folder), RecordsPerFile);

    /// <summary>A registry entry for the tiny CIFAR-10, with the identity of its generated records.</summary>
    public static DatasetEntry CifarEntry(params IReadOnlyList<DatasetDownload> downloads)
    {
        using var folder = new TemporaryFolder();
        Write(folder.Path, CifarFiles());
        var dataset = ReadCifar(folder.Path);
        return DatasetRegistry.Find("cifar-10") with
        {
            Files = dataset.Files,
            Splits = dataset.Splits.Select(split => new RegisteredSplit(split.Name, split.Count, split.Identity)).ToList(),
            Identity = dataset.Identity,
            Downloads = downloads,
            NearDuplicates = NearDuplicateRule.Photographs,
            Reader = at => Cifar10Files.Read(at, RecordsPerFile),
        };
    }

    /// <summary>An IDX file of unsigned bytes.</summary>
    public static byte[] Idx(byte[] values, params int[] dimensions)
    {
        var file = new byte[4 + 4 * dimensions.Length + values.Length];
        (file[2], file[3]) = (8, (byte)dimensions.Length);
        for (var d = 0; d < dimensions.Length; d++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * d), dimensions[d]);
        values.CopyTo(file, 4 + 4 * dimensions.Length);
        return file;
    }

    /// <summary>As <see cref="RealData"/>, of images.</summary>
    public static ImageDataset Real(string name) => (ImageDataset)RealData(name);

    /// <summary>A real data set, read once for all tests; the test is skipped where it is not on this machine.</summary>
    public static Dataset RealData(string name)
    {
        var candidates = new List<string>();
        if (Environment.GetEnvironmentVariable("REPRO_DATA") is { Length: > 0 } set) candidates.Add(set);
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent) candidates.Add(Path.Combine(at.FullName, "shared", "data"));
        candidates.Add(DataFolders.Cache);
        var folders = new DataFolders(candidates);
        Skip.If(DatasetRegistry.Find(name).Find(folders) is null, $"The data set {name} is not on this machine: set REPRO_DATA, or `repro data fetch {name}`.");
        lock (Loaded)
        {
            if (!Loaded.TryGetValue(name, out var dataset)) Loaded[name] = dataset = DatasetRegistry.Find(name).Load(folders);
            return dataset;
        }
    }
}
