using Repro.Studies;

namespace Repro.Results.Runs;

/// <summary>The right to write one run folder: an advisory lock of the operating system, gone with its process however that ends.</summary>
internal sealed class RunLock : IDisposable
{
    private readonly FileStream _file;

    private RunLock(FileStream file) => _file = file;

    /// <exception cref="BadInputException">Another process holds it.</exception>
    public static RunLock Take(string folder)
    {
        try
        {
            return new RunLock(OpenPatiently(folder));
        }
        catch (IOException e) when (IsHeldElsewhere(e))
        {
            var process = RunLog.LastProcess(folder);
            throw new BadInputException(
                $"The run {Path.GetFileName(folder)} is being written by another process{(process is null ? "" : $" ({process})")}. "
                + "Wait for it or stop it with Ctrl-C; it keeps a checkpoint.", e);
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

    private static string FileOf(string folder) => Path.Combine(folder, "lock");

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
