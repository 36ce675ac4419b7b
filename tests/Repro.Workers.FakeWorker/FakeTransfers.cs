using Repro.Results.Objects;

namespace Repro.Workers.FakeWorker;

/// <summary>A process that only moves files to or from the objects of a cluster, for tests that kill it.</summary>
public static class FakeTransfers
{
    public static int Put(string objects, string key, string file)
    {
        using var store = ObjectStores.Open(objects);
        store.Put(key, file);
        return 0;
    }
}
