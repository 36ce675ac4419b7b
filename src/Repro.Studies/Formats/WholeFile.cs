namespace Repro.Studies.Formats;

/// <summary>
/// A file that is there whole or not at all, where a person wants it. Not synced to disk, as <see cref="DurableStorage"/> does: what is written so can be made again from what is stored.
/// </summary>
public static class WholeFile
{
    /// <inheritdoc cref="Write(string, Action{Stream})"/>
    public static void Write(string file, byte[] content) => Write(file, stream => stream.Write(content));

    /// <summary>
    /// A regular file, or one that is not there yet, is written beside its place, as <c>NAME.ID.partial</c>, and renamed, so that a reader never sees half of it; it keeps its permissions.
    /// Links are followed and stay. A pipe or a device is written straight into, and whoever reads it sees what came before an error. Creates the folder.
    /// </summary>
    /// <param name="content">Writes the content; where it throws, a regular file is as it was.</param>
    /// <exception cref="IOException">The folder cannot be written, the disk is full, or the reader of a pipe went away; an earlier regular file stays as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder, the pipe or the device may not be written.</exception>
    public static void Write(string file, Action<Stream> content)
    {
        if (RegularFile.OtherKind(file) is not null && !Directory.Exists(file))
        {
            // Never created: should it have gone meanwhile, a file in the place of a pipe has no reader.
            using var straight = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            content(straight);
            return;
        }
        var real = RealPath.Of(file);
        var partial = $"{real}.{Guid.NewGuid():N}{DurableStorage.PartialSuffix}";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(real)!);
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.Write, FileShare.Read))
            {
                if (!OperatingSystem.IsWindows() && File.Exists(real)) File.SetUnixFileMode(stream.SafeFileHandle, File.GetUnixFileMode(real));
                content(stream);
            }
            File.Move(partial, real, overwrite: true);
        }
        catch
        {
            if (File.Exists(partial)) File.Delete(partial);
            throw;
        }
    }
}
