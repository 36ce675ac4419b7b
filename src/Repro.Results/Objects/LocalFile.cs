using Repro.Results.Runs;

namespace Repro.Results.Objects;

/// <summary>This machine's end of a transfer; what goes wrong here is told from what goes wrong in the store.</summary>
internal static class LocalFile
{
    /// <exception cref="StorageException">It is not there, or may not be read.</exception>
    public static FileStream Open(string file) =>
        Reading(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0));

    /// <exception cref="StorageException">The disk refuses.</exception>
    public static int Read(FileStream file, byte[] buffer) => Reading(file.Name, () => file.Read(buffer));

    /// <summary>Replaces a file, or makes it, in a folder that is made where it is absent.</summary>
    /// <param name="content">Writes the content; where it throws, the file is as it was. What it throws of its own is no <see cref="IOException"/>.</param>
    /// <exception cref="StorageException">The disk is full or refuses.</exception>
    public static void Replace(string file, Action<Stream> content)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder of {file} cannot be made on this machine: {StorageException.Reason(e)}.", e);
        }
        DurableFile.Write(file, content);
    }

    private static T Reading<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"{file}, which is to be stored, cannot be read: {(e is FileNotFoundException or DirectoryNotFoundException ? "it is not there" : StorageException.Reason(e))}.", e);
        }
    }
}
