using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Stores;

/// <summary>The right to be the only host of a sweep, as a lock of the operating system in a folder of the sweep's name: gone with its process however that ends.</summary>
public sealed class SweepLock : IDisposable
{
    private readonly RunLock _lock;

    private SweepLock(RunLock held) => _lock = held;

    /// <param name="folder">Made where it is absent.</param>
    /// <exception cref="BadInputException">Another process has it.</exception>
    /// <exception cref="StorageException">The folder cannot be written.</exception>
    public static SweepLock Take(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The folder {folder} cannot be made: {StorageException.Reason(e)}.", e);
        }
        return new SweepLock(RunLock.Take(
            folder, holder => $"The sweep {Path.GetFileName(folder)} is being worked on by another process{holder}. Wait for it, or stop it cleanly: Ctrl-C, or kill PROCESS where it works in the background. Several hosts share a sweep through PostgreSQL alone."));
    }

    /// <summary>Whether some process has it now.</summary>
    public static bool IsHeld(string folder) => RunLock.IsHeld(folder);

    public void Dispose() => _lock.Dispose();
}
