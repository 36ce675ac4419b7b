using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>An event as databases keep it: its JSON text.</summary>
internal static class StoredEvent
{
    /// <exception cref="StorageException">A newer program wrote it, or it is damaged.</exception>
    public static SweepEvent Read(string text, string store)
    {
        try
        {
            return SweepLog.Read(text);
        }
        catch (FormatException error)
        {
            throw new StorageException($"{store} has an event that this program cannot read: a newer version of Repro wrote it, or it is damaged. {error.Message}", error);
        }
    }
}
