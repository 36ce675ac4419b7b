using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Repro.Studies;

namespace Repro.Results.Runs;

/// <summary>
/// The right to write one run folder: an advisory lock of the operating system, gone with its process however that ends. Who holds it stands in
/// the file as <c>1234 host</c>, for messages alone; the lock is what counts.
/// </summary>
internal sealed partial class RunLock : IDisposable
{
    public const string FileName = "lock";

    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <exception cref="BadInputException">Another process holds it.</exception>
    public static RunLock Take(string folder) => Take(
        folder, holder => $"The run {Path.GetFileName(folder)} is being written by another process{holder}. Wait for it or stop it with Ctrl-C; it keeps a checkpoint.");

    /// <param name="refusal">The sentence where another process holds it; its argument says which, in brackets, or is empty.</param>
    /// <exception cref="BadInputException">Another process holds it.</exception>
    public static RunLock Take(string folder, Func<string, string> refusal)
    {
        try
        {
            var file = OpenPatiently(folder);
            Sign(file);
            return new RunLock(file);
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            throw new BadInputException(refusal(Holder(folder) is { } holder ? $" ({holder})" : ""), e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write in {folder}: {StorageException.Reason(e)}.", e);
        }
    }

    /// <summary>Whether some process writes the run now.</summary>
    public static bool IsHeld(string folder)
    {
        if (!File.Exists(FileOf(folder))) return false;
        try
        {
            Probe(folder).Dispose();
            return false;
        }
        catch (IOException e)
        {
            return IsHeldElsewhere(e);
        }
        catch (UnauthorizedAccessException)
        {
            // Someone else's run on a shared disk: we may not lock it, so we cannot tell. It is shown as its log says.
            return true;
        }
    }

    public void Dispose() => _file.Dispose();

    private static void Sign(FileStream file)
    {
        try
        {
            file.SetLength(0);
            file.Write(Encoding.UTF8.GetBytes($"{Environment.ProcessId} {Environment.MachineName}\n"));
        }
        catch (IOException)
        {
            // On a full disk the lock holds all the same; only the message to others has no process to name.
        }
    }

    /// <summary>Who holds the lock, as <c>process 1234 on host</c>; null where the file names nobody, or somebody who is gone: the holder has not signed yet.</summary>
    public static string? Holder(string folder)
    {
        if (Content(FileOf(folder))?.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries) is not [var id, var host]) return null;
        if (!int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process)) return null;
        if (host == Environment.MachineName && OperatingSystem.IsLinux() && !Directory.Exists($"/proc/{process}")) return null;
        return $"process {process} on {host}";
    }

    // .NET takes a lock on every file that it opens, and this one is locked.
    private static string? Content(string path)
    {
        const int ReadOnlyNotInherited = 0x80000; // O_RDONLY | O_CLOEXEC on Linux
        if (!OperatingSystem.IsLinux() || OpenFile(path, ReadOnlyNotInherited) is not (>= 0 and var descriptor)) return null;
        using var handle = new Microsoft.Win32.SafeHandles.SafeFileHandle(descriptor, ownsHandle: true);
        var content = new byte[256];
        return Encoding.UTF8.GetString(content, 0, RandomAccess.Read(handle, content, 0));
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenFile(string path, int flags);

    private static string FileOf(string folder) => Path.Combine(folder, FileName);

    // Someone who only asks whether the run is held has it for an instant; who writes has it for long.
    private static FileStream OpenPatiently(string folder)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return Open(folder);
            }
            catch (IOException e) when (tries < 5 && IsHeldElsewhere(e))
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(10));
            }
        }
    }

    // FileShare.None is flock(LOCK_EX | LOCK_NB) on Unix.
    private static FileStream Open(string folder) => new(FileOf(folder), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    // FileShare.Read is flock(LOCK_SH | LOCK_NB): refused while someone writes, but two who ask do not disturb each other.
    private static FileStream Probe(string folder) => new(FileOf(folder), FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);

    private static bool IsHeldElsewhere(IOException error) =>
        error is not (FileNotFoundException or DirectoryNotFoundException) && (error.HResult & 0xFFFF) is 11 or 32 or 35;
}
