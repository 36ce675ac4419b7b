using System.Security.Cryptography;
using Repro.Results.Runs;
using Repro.Studies.Formats;
using Repro.Studies.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Objects;

/// <summary>
/// The checkpoints of a sweep's runs as objects, so that another machine can go on from them: each under <c>sweeps/FOLDER/</c> and the path that the
/// store records. One is uploaded before it is recorded; then every recorded one can be fetched.
/// </summary>
/// <param name="folder">The sweep's among the objects; two sweeps of one name in two stores have two.</param>
public sealed class CheckpointObjects(IObjectStore objects, string folder)
{
    private const int DigestBytes = 32;

    /// <summary>What lies beside them.</summary>
    public AttemptRecords Records { get; } = new(objects, folder);

    public string KeyOf(CheckpointRecorded checkpoint) => $"sweeps/{folder}/{checkpoint.File.Replace(Path.DirectorySeparatorChar, '/')}";

    /// <param name="file">Where it lies on this machine.</param>
    /// <exception cref="StorageException">It is not as long as it is to be recorded, or the store refuses or cannot be reached.</exception>
    public void Upload(CheckpointRecorded checkpoint, string file, CancellationToken stop = default)
    {
        if (File.Exists(file) && new FileInfo(file).Length is var length && length != checkpoint.Bytes)
            throw new StorageException($"The checkpoint {file} has {length} bytes, and its worker wrote {checkpoint.Bytes}: something else writes it. It is not recorded.");
        objects.Put(KeyOf(checkpoint), file, stop);
    }

    /// <summary>Brings a recorded checkpoint to this machine, where it is not already here and whole.</summary>
    /// <param name="file">Where it is to lie; it is there whole or not at all.</param>
    /// <returns>Null where it is here now; otherwise a sentence that says why it cannot be had, and a run goes on from an older one.</returns>
    /// <exception cref="StorageException">The store cannot be reached, or this machine's disk refuses.</exception>
    public string? Fetch(CheckpointRecorded checkpoint, string file, CancellationToken stop = default)
    {
        var fetched = $"{file}.{Guid.NewGuid():N}{DurableStorage.PartialSuffix}";
        try
        {
            if (File.Exists(file) && Fault(file, checkpoint) is null) return null;
            if (!objects.Get(KeyOf(checkpoint), fetched, stop)) return $"The checkpoint {KeyOf(checkpoint)} is not in {objects.Description}.";
            if (Fault(fetched, checkpoint) is { } fault) return $"The checkpoint {KeyOf(checkpoint)} in {objects.Description} is damaged: {fault}.";
            File.Move(fetched, file, overwrite: true);
            DurableStorage.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file))!);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The checkpoint {file} cannot be put on this machine: {StorageException.Reason(e)}.", e);
        }
        finally
        {
            if (File.Exists(fetched)) File.Delete(fetched);
        }
    }

    /// <summary>Removes those that need not be kept, once the newest is recorded. Asks the store about those alone that are not known to be gone.</summary>
    /// <param name="newestFirst">Of all attempts that hold.</param>
    /// <param name="kept">How many stay; see <see cref="Retention"/>.</param>
    /// <param name="gone">Keys that are known to be absent, of earlier calls; those that are found so, or removed, are added.</param>
    /// <exception cref="StorageException">The store refuses or cannot be reached. What stays costs room and nothing else.</exception>
    public void Clean(IReadOnlyList<CheckpointRecorded> newestFirst, int kept, ISet<string> gone, CancellationToken stop = default)
    {
        var there = new List<(string Key, bool IsWhole)>();
        foreach (var (key, bytes) in newestFirst.Select(checkpoint => (KeyOf(checkpoint), checkpoint.Bytes)).Where(one => !gone.Contains(one.Item1)))
        {
            if (objects.LengthOf(key, stop) is { } length) there.Add((key, length == bytes));
            else gone.Add(key);
        }
        foreach (var (key, _) in Retention.Superseded(there, kept, found => found.IsWhole))
        {
            objects.Delete(key, stop);
            gone.Add(key);
        }
    }

    // A checkpoint ends with the digest of all before it (CheckpointFile), which is what its worker states; a file of another form is stated by the digest of
    // all of it. Nothing else than what was written can pass as either.
    private static string? Fault(string file, CheckpointRecorded checkpoint)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        if (stream.Length != checkpoint.Bytes) return $"it has {stream.Length} bytes, and {checkpoint.Bytes} were recorded";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 20];
        for (var left = stream.Length - DigestBytes; left > 0;)
        {
            var piece = buffer.AsSpan(0, (int)Math.Min(left, buffer.Length));
            stream.ReadExactly(piece);
            hash.AppendData(piece);
            left -= piece.Length;
        }
        var beforeLast = Convert.ToHexStringLower(hash.GetCurrentHash());
        var last = buffer.AsSpan(0, (int)Math.Min(stream.Length, DigestBytes));
        stream.ReadExactly(last);
        hash.AppendData(last);
        if (beforeLast == checkpoint.Sha256 && Convert.ToHexStringLower(last) == beforeLast) return null;
        return Convert.ToHexStringLower(hash.GetCurrentHash()) == checkpoint.Sha256 ? null : $"its content is not that with the SHA-256 {checkpoint.Sha256}, which was recorded";
    }
}
