using Repro.Studies.Formats;

namespace Repro.Results.Runs;

/// <summary>Files of a run that are there whole or not at all, also after a power cut; refusals of the disk become sentences for people.</summary>
public static class DurableFile
{
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        // A span cannot be written by a delegate; run records are small.
        var bytes = content.ToArray();
        Write(path, stream => stream.Write(bytes));
    }

    /// <summary>Replaces <paramref name="path"/> as <see cref="DurableStorage.Replace"/> does; what a power cut leaves is <c>NAME.ID.partial</c>, so that two writers at once never share it.</summary>
    /// <param name="content">Writes the content; where it throws, the file is as it was.</param>
    /// <exception cref="StorageException">The disk is full or refuses; the file that was there before is unharmed.</exception>
    public static void Write(string path, Action<Stream> content)
    {
        try
        {
            DurableStorage.Replace(path, $"{path}.{Guid.NewGuid():N}{DurableStorage.PartialSuffix}", content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write {path}: {StorageException.Reason(e)}. What was there before is unharmed.", e);
        }
    }

    /// <summary>Makes names that were created, renamed or removed in <paramref name="folder"/> survive a power cut.</summary>
    public static void SyncFolder(string folder) => DurableStorage.SyncFolder(folder);
}
