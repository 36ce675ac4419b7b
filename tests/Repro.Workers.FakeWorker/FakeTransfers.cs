using Repro.Results.Objects;
using Repro.Results.Provenance;

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

    public static int Pack(string objects, string build, TextWriter output)
    {
        using var store = ObjectStores.Open(objects);
        output.WriteLine(CodeBundle.Pack(build, store, GitState.None).Id);
        return 0;
    }

    public static int Unpack(string objects, string bundle, string cache, TextWriter output)
    {
        using var store = ObjectStores.Open(objects);
        output.WriteLine(new CodeCache(cache).Unpack(bundle, store));
        return 0;
    }
}
