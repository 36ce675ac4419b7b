using System.Globalization;

namespace Repro.Studies.Formats;

/// <summary>
/// The files of checkpoints: a valid safetensors file whose last tensor, <c>__sha256__</c> (U8[32]), is the SHA-256 of every byte of the file before
/// that tensor's own, the header included. So a file proves by itself that it is whole, and any safetensors reader can open it.
/// </summary>
public static class CheckpointFile
{
    public const string DigestName = "__sha256__";

    private const string Prefix = "step-", Extension = ".safetensors";

    /// <summary><c>step-000000123.safetensors</c>; nine digits, so that names sort as steps do.</summary>
    public static string NameOf(long step) => $"{Prefix}{step:000000000}{Extension}";

    /// <summary>The step in a checkpoint's file name; null where the file is no checkpoint.</summary>
    public static long? StepOf(string file)
    {
        var name = Path.GetFileName(file);
        return name.StartsWith(Prefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length, name.Length - Prefix.Length - Extension.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
            ? step : null;
    }

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
    /// <exception cref="BadInputException">The file is not there, is no regular file, is truncated or corrupt, or carries no digest.</exception>
    public static (IReadOnlyDictionary<string, string> Metadata, IReadOnlyDictionary<string, StoredTensor> Tensors, string Digest) Read(string path)
    {
        var tensors = new Dictionary<string, StoredTensor>();
        var (metadata, digest) = ReadThrough(path, (file, entry) =>
        {
            var bytes = new byte[entry.Length];
            file.ReadExactly(bytes);
            tensors[entry.Name] = new StoredTensor(entry.Type, entry.Shape, bytes);
        });
        return (metadata, tensors, digest);
    }

    /// <summary>Reads a whole checkpoint, verifies its digest and returns it in lower-case hex; needs next to no memory.</summary>
    /// <exception cref="BadInputException">As for <see cref="Read"/>.</exception>
    public static string Verify(string path)
    {
        var buffer = new byte[1 << 16];
        return ReadThrough(path, (file, entry) =>
        {
            for (var left = entry.Length; left > 0;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
                file.ReadExactly(piece);
                left -= piece.Length;
            }
        }).Digest;
    }

    /// <param name="readTensor">Reads the bytes of each tensor but the digest, in the order of the file.</param>
    private static (IReadOnlyDictionary<string, string> Metadata, string Digest) ReadThrough(string path, Action<Stream, SafetensorsEntry> readTensor)
    {
        RegularFile.Require(path);
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            using var hashing = new HashingStream(file);
            var header = SafetensorsHeader.Read(hashing, file.Length, path);
            if (header.Tensors is not [.., { Name: DigestName, Type: SafetensorsType.U8, Length: 32 }])
                throw new BadInputException($"'{path}' is no checkpoint: its last tensor is not {DigestName}, which would prove that it is whole.");
            foreach (var entry in header.Tensors.SkipLast(1)) readTensor(hashing, entry);
            var digest = Convert.ToHexStringLower(hashing.Hash());
            var stated = new byte[32];
            hashing.ReadExactly(stated);
            if (Convert.ToHexStringLower(stated) != digest)
                throw new BadInputException($"The checkpoint '{path}' is corrupt: its content has the SHA-256 {digest}, but it states {Convert.ToHexStringLower(stated)}.");
            return (header.Metadata, digest);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The checkpoint '{path}' cannot be read: {e.Message}", e);
        }
    }
}

/// <summary>A tensor to be written.</summary>
/// <param name="Bytes">Little endian, row-major; called once.</param>
public sealed record DraftTensor(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, Func<byte[]> Bytes);

/// <summary>A tensor as it was stored.</summary>
/// <param name="Bytes">Little endian, row-major.</param>
public sealed record StoredTensor(SafetensorsType Type, IReadOnlyList<long> Shape, byte[] Bytes);
