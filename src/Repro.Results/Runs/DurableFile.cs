using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Repro.Results.Runs;

/// <summary>Files that are there whole or not at all, also after a power cut.</summary>
public static partial class DurableFile
{
    private const int OpenDirectory = 0x10000 | 0x80000; // O_DIRECTORY | O_CLOEXEC

    /// <summary>Replaces <paramref name="path"/>: written beside it, synced, renamed over it, and the folder synced.</summary>
    /// <exception cref="StorageException">The disk is full or refuses; the file that was there before is unharmed.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var temporary = path + ".tmp";
        try
        {
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.Read, bufferSize: 0))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
            SyncFolder(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Remove(temporary);
            throw new StorageException($"Cannot write {path}: {StorageException.Reason(e)}. What was there before is unharmed.", e);
        }
    }

    /// <summary>Makes names that were created, renamed or removed in <paramref name="folder"/> survive a power cut.</summary>
    public static void SyncFolder(string folder)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS()) return;
        var descriptor = Open(folder, OperatingSystem.IsLinux() ? OpenDirectory : 0);
        if (descriptor < 0) throw new IOException($"Cannot open the folder {folder}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}.");
        // Some network file systems refuse to sync a folder (EINVAL); they keep names in order by themselves.
        var synced = Fsync(descriptor) == 0 || Marshal.GetLastPInvokeError() == 22;
        var error = Marshal.GetLastPInvokeError();
        _ = Close(descriptor);
        if (!synced) throw new IOException($"Cannot sync the folder {folder}: {new Win32Exception(error).Message}.");
    }

    private static void Remove(string temporary)
    {
        try
        {
            File.Delete(temporary);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The write's own error is what the person needs to see; a leftover .tmp file is freed by `repro clean`.
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Fsync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
