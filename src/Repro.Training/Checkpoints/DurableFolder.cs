using System.Runtime.InteropServices;

namespace Repro.Training.Checkpoints;

/// <summary>
/// Writes files so that after a crash or a power loss each one is either absent or whole: into a partial file beside the final name, synced to
/// disk, renamed, and the folder synced.
/// </summary>
public sealed partial class DurableFolder
{
    /// <summary>What the name of an unfinished file ends with.</summary>
    public const string PartialSuffix = ".partial";

    /// <summary>Creates the folder where it is not there, and removes partial files that a killed writer left in it.</summary>
    public DurableFolder(string folder)
    {
        Folder = Path.GetFullPath(folder);
        if (!Directory.Exists(Folder))
        {
            Directory.CreateDirectory(Folder);
            if (Path.GetDirectoryName(Folder) is { } parent) SyncFolder(parent);
        }
        foreach (var partial in Directory.EnumerateFiles(Folder, "*" + PartialSuffix)) File.Delete(partial);
    }

    public string Folder { get; }

    /// <summary>Files that were synced to disk so far.</summary>
    public long FilesSynced { get; private set; }

    /// <summary>Times that a folder was synced to disk so far.</summary>
    public long FoldersSynced { get; private set; }

    /// <summary>Writes a file, in place of one with the same name; returns its full path when it is durable.</summary>
    /// <param name="content">Writes the content; where it throws, nothing is left of the file and an earlier one stays as it was.</param>
    /// <exception cref="IOException">The disk is full, or cannot be written.</exception>
    public string Write(string name, Action<Stream> content)
    {
        var final = Path.Combine(Folder, name);
        var partial = final + PartialSuffix;
        try
        {
            using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16))
            {
                content(file);
                file.Flush(flushToDisk: true);
                FilesSynced++;
            }
            File.Move(partial, final, overwrite: true);
        }
        catch (ArgumentOutOfRangeException tooLarge)
        {
            // What .NET makes of a file beyond the file system's or the user's limit.
            File.Delete(partial);
            throw new IOException($"'{partial}' became larger than a file may be here.", tooLarge);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        SyncFolder(Folder);
        return final;
    }

    // .NET opens no folders; the name of a new file is durable only when its folder was synced.
    private void SyncFolder(string folder)
    {
        const int ReadOnly = 0, CloseOnExec = 0x80000;
        var descriptor = Open(folder, ReadOnly | CloseOnExec);
        if (descriptor < 0) throw new IOException($"The folder '{folder}' cannot be opened to sync it: {Marshal.GetLastPInvokeErrorMessage()}.");
        try
        {
            if (Sync(descriptor) != 0) throw new IOException($"The folder '{folder}' cannot be synced to disk: {Marshal.GetLastPInvokeErrorMessage()}.");
            FoldersSynced++;
        }
        finally
        {
            _ = Close(descriptor);
        }
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int descriptor);
}
