using Repro.Results.Runs;
using Repro.Studies.Sweeps;

namespace Repro.Results.Stores;

/// <summary>An event as a database keeps it.</summary>
internal static class StoredEvent
{
    /// <param name="store">Where it is kept, for a person.</param>
    /// <param name="number">Its place in the sweep's log, from 1.</param>
    /// <exception cref="StorageException">It is no event of this version.</exception>
    public static SweepEvent Read(string text, string store, long number)
    {
        try
        {
            return SweepLog.Read(text);
        }
        catch (FormatException error)
        {
            throw new StorageException(
                $"{store} is damaged, or a newer version of Repro has written to it: event {number} of a sweep cannot be read. {error.Message} Update Repro, or go back to an export (`./repro import`).", error);
        }
    }
}
