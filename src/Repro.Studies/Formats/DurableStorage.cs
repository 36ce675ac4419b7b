using System.Runtime.InteropServices;

namespace Repro.Studies.Formats;

/// <summary>
/// Files that are there whole or not at all, also after a crash or a power cut. Here, and in <see cref="CheckpointFile"/>, this project touches a disk: run folders and
/// checkpoints need the same rules, and neither of their projects knows the other.
/// </summary>
public static partial class DurableStorage
{
    /// <summary>What the name of an unfinished file ends with, everywhere in this project; <c>repro clean</c> goes by it.</summary>
    public const string PartialSuffix = ".partial";

    private const int InvalidArgument = 22, FileTooBig = 27; // EINVAL, EFBIG

    /// <summary>Replaces a file, or makes it: written beside it, synced, renamed over it, and the folder synced.</summary>
    /// <param name="temporary">Where it is written first, in the same folder; what lies there is overwritten.</param>
    /// <param name="content">Writes the content; where it throws, nothing is left of the file and an earlier one stays as it was.</param>
    /// <returns>Whether the folder was synced, as by <see cref="SyncFolder"/>.</returns>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static bool Replace(string path, string temporary, Action<Stream> content)
    {
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 1 << 16))
            {
                content(file);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            // What .NET makes of a file beyond the file system's or the user's limit.
            Remove(temporary);
            throw new IOException($"'{temporary}' became larger than a file may be here.", tooLarge) { HResult = FileTooBig };
        }
        catch
        {
            Remove(temporary);
            throw;
        }
        return SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
    }

    /// <summary>Makes a file where none of that name is: of several that do at once one makes it, and none is ever seen half.</summary>
    /// <param name="temporary">As of <see cref="Replace"/>; it is gone afterwards.</param>
    /// <returns>Whether this call made it.</returns>
    /// <inheritdoc cref="Replace" path="/exception"/>
    public static bool Create(string path, string temporary, ReadOnlySpan<byte> content)
    {
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            if (Link(temporary, path) != 0)
            {
                if (File.Exists(path)) return false;
                // The file system has no second names.
                File.Move(temporary, path);
            }
        }
        finally
        {
            Remove(temporary);
        }
        SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return true;
    }

    /// <summary>Makes names that were created, renamed or removed in the folder survive a power cut.</summary>
    /// <returns>False where the file system syncs no folders (EINVAL, as some of networks do, which keep names in order by themselves) or the system has no such call.</returns>
    /// <exception cref="IOException">The folder cannot be opened or synced.</exception>
    public static bool SyncFolder(string folder)
    {
        // .NET opens no folders.
        const int Directory = 0x10000, CloseOnExec = 0x80000;
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return false;
        var descriptor = Open(folder, OperatingSystem.IsLinux() ? Directory | CloseOnExec : 0);
        if (descriptor < 0) throw new IOException($"The folder '{folder}' cannot be opened to sync it: {Marshal.GetLastPInvokeErrorMessage()}.", Marshal.GetLastPInvokeError());
        var error = Sync(descriptor) == 0 ? 0 : Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (error is not (0 or InvalidArgument)) throw new IOException($"The folder '{folder}' cannot be synced to disk: {Marshal.GetPInvokeErrorMessage(error)}.", error);
        return error == 0;
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write's own error is what the person needs to see; the next writer of this folder removes or overwrites what is left.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string existing, string name);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
