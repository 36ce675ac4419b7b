using Repro.Results.Objects;
using Repro.Results.Runs;

namespace Repro.Workers.Tests.Silos;

/// <summary>A store of objects that can be taken away and given back, as a whole or for what is put.</summary>
public sealed class ThrowingObjects(IObjectStore inner) : IObjectStore
{
    public bool IsAway { get; set; }

    /// <summary>Keys that it refuses to take.</summary>
    public Func<string, bool> Refuses { get; set; } = _ => false;

    public string Description => inner.Description;

    public string? Id(bool makes = false, CancellationToken stop = default)
    {
        Require();
        return inner.Id(makes, stop);
    }

    public void Put(string key, string file, CancellationToken stop = default)
    {
        Require();
        if (Refuses(key)) throw new StorageException("The share is full.");
        inner.Put(key, file, stop);
    }

    public bool Get(string key, string file, CancellationToken stop = default)
    {
        Require();
        return inner.Get(key, file, stop);
    }

    public long? LengthOf(string key, CancellationToken stop = default)
    {
        Require();
        return inner.LengthOf(key, stop);
    }

    public void Delete(string key, CancellationToken stop = default)
    {
        Require();
        inner.Delete(key, stop);
    }

    public void Dispose() => inner.Dispose();

    private void Require()
    {
        if (IsAway) throw new StorageException("The share is not mounted.");
    }
}
