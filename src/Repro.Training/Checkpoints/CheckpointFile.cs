using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Training.Checkpoints;

/// <summary>
/// The file format of checkpoints: a valid safetensors file whose last tensor, <c>__sha256__</c> (U8[32]), is the SHA-256 of every byte of the file before
/// that tensor's own, the header included. So a file proves by itself that it is whole, and any safetensors reader can open it.
/// </summary>
internal static class CheckpointFile
{
    public const string DigestName = "__sha256__";

    /// <summary>Writes a checkpoint and returns its digest in lower-case hex.</summary>
    /// <param name="tensors">Each one's bytes are asked for when their turn has come.</param>
    public static string Write(Stream file, IReadOnlyList<DraftTensor> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        using var hashing = new HashingStream(file);
        var writer = new SafetensorsWriter(
            hashing,
            tensors.Select(tensor => (tensor.Name, tensor.Type, tensor.Shape)).Append((DigestName, SafetensorsType.U8, [32])),
            metadata);
        foreach (var tensor in tensors) writer.Write(tensor.Bytes());
        var digest = hashing.Hash();
        writer.Write(digest);
        writer.End();
        return Convert.ToHexStringLower(digest);
    }

    /// <summary>Reads a whole checkpoint into memory and verifies its digest.</summary>
    /// <exception cref="BadInputException">The file is not there, is truncated or corrupt, or carries no digest.</exception>
    public static (IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, StoredTensor> Tensors, string Digest) Read(string path)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            return Read(file, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The checkpoint '{path}' cannot be read: {e.Message}", e);
        }
    }

    private static (IReadOnlyDictionary<string, string>, IReadOnlyDictionary<string, StoredTensor>, string) Read(FileStream file, string path)
    {
        using var hashing = new HashingStream(file);
        var header = SafetensorsHeader.Read(hashing, file.Length, path);
        if (header.Tensors is not [.., { Name: DigestName, Type: SafetensorsType.U8, Length: 32 }])
            throw new BadInputException($"'{path}' is no checkpoint: its last tensor is not {DigestName}, which would prove that it is whole.");
        var tensors = new Dictionary<string, StoredTensor>();
        byte[] digest = [];
        foreach (var entry in header.Tensors)
        {
            if (entry.Name == DigestName) digest = hashing.Hash();
            var bytes = new byte[entry.Length];
            hashing.ReadExactly(bytes);
            tensors[entry.Name] = new StoredTensor(entry.Type, entry.Shape, bytes);
        }
        if (!tensors[DigestName].Bytes.AsSpan().SequenceEqual(digest))
        {
            throw new BadInputException(
                $"The checkpoint '{path}' is corrupt: its content has the SHA-256 {Convert.ToHexStringLower(digest)}, but it states " +
                $"{Convert.ToHexStringLower(tensors[DigestName].Bytes)}.");
        }
        tensors.Remove(DigestName);
        return (header.Metadata, tensors, Convert.ToHexStringLower(digest));
    }
}

/// <summary>A tensor to be written.</summary>
/// <param name="Bytes">Little endian, row-major; called once.</param>
internal sealed record DraftTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Func<byte[]> Bytes);

/// <summary>A tensor as it was stored.</summary>
/// <param name="Bytes">Little endian, row-major.</param>
internal sealed record StoredTensor(SafetensorsType Type, IReadOnlyList<long> Shape, byte[] Bytes);
