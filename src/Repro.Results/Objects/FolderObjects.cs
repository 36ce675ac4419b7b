using System.Text;
using Repro.Results.Runs;
using Repro.Studies.Formats;

namespace Repro.Results.Objects;

/// <summary>
/// Objects as files of a folder, as a rule one of a network's. What is not there whole has a name that ends with <c>.partial</c> and is no object; where
/// the machine went down while it was written it stays, and only takes up room. The folder is known again by its <see cref="IObjectStore.Marker"/>: what lies under the
/// mount of a share that is away is out of reach, whatever is in it.
/// </summary>
public sealed class FolderObjects : IObjectStore
{
    private const int StaleHandle = 116; // ESTALE

    private readonly string _folder;
    private string? _id;

    /// <param name="folder">Full path. Not made: a share that is not mounted would become a folder of this machine's own.</param>
    /// <exception cref="StorageException">It is not there, or is no folder.</exception>
    public FolderObjects(string folder)
    {
        _folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder));
        if (!Directory.Exists(_folder))
            throw new StorageException($"--objects {_folder} is no folder on this machine. It is one that all machines of the cluster share: mount it here, or, the first time, make it (mkdir -p).");
    }

    public string Description => $"the folder {_folder}";

    public string? Id(bool makes = false, CancellationToken stop = default) => Guarded(makes ? "written to" : "read from", IObjectStore.Marker, () => Recognise(makes));

    public void Put(string key, string file, CancellationToken stop = default)
    {
        var path = PathOf(key);
        using var source = LocalFile.Open(file);
        Guarded("written to", key, () =>
        {
            Recognise(makes: true);
            MakeFolder(Path.GetDirectoryName(path)!);
            return DurableStorage.Replace(path, TemporaryBeside(path), target => Copy(source.Length, buffer => LocalFile.Read(source, buffer), target, stop));
        });
    }

    public bool Get(string key, string file, CancellationToken stop = default)
    {
        var path = PathOf(key);
        for (var tries = 1; ; tries++)
        {
            try
            {
                using var source = Guarded("read from", key, () => Open(path));
                if (source is null) return false;
                LocalFile.Replace(file, target => Copy(source.Length, buffer => Guarded("read from", key, () => source.Read(buffer)), target, stop));
                return true;
            }
            catch (StorageException error) when (tries < 3 && (error.InnerException?.HResult & 0xFFFF) == StaleHandle)
            {
                // Another machine put a new file in this one's place while it was read; NFS keeps no replaced file for readers elsewhere.
            }
        }
    }

    public long? LengthOf(string key, CancellationToken stop = default)
    {
        using var file = Guarded("read from", key, () => Open(PathOf(key)));
        return file?.Length;
    }

    public void Delete(string key, CancellationToken stop = default)
    {
        var path = PathOf(key);
        Guarded("deleted from", key, () =>
        {
            Recognise();
            var folder = Path.GetDirectoryName(path)!;
            // The beginning of other keys is none.
            if (!Directory.Exists(folder) || Directory.Exists(path)) return false;
            File.Delete(path);
            return DurableStorage.SyncFolder(folder);
        });
    }

    public void Dispose()
    {
    }

    private string PathOf(string key) => Path.Combine(_folder, ObjectKey.Require(key));

    private static string TemporaryBeside(string path) => Path.Combine(Path.GetDirectoryName(path)!, $"{Guid.NewGuid():N}{DurableStorage.PartialSuffix}");

    /// <summary>Null where no object is there.</summary>
    private FileStream? Open(string path)
    {
        Recognise();
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            Recognise();
            return null;
        }
        catch (UnauthorizedAccessException) when (Directory.Exists(path))
        {
            // The beginning of other keys, and no key.
            return null;
        }
    }

    // What a share held is not lost because the share is away: whoever asks is to wait, and not to go on without it. Unmounted, it leaves a folder that is empty, or that
    // another process has taken for an empty share since.
    private string? Recognise(bool makes = false)
    {
        if (!Directory.Exists(_folder)) throw new IOException("it is not there any more");
        var marker = Path.Combine(_folder, IObjectStore.Marker);
        var known = Volatile.Read(ref _id);
        var id = MarkerOf(marker);
        if (id is null && known is null && makes)
        {
            DurableStorage.Create(marker, TemporaryBeside(marker), Encoding.ASCII.GetBytes($"{Guid.NewGuid():N}\n"));
            id = MarkerOf(marker);
        }
        if (id is null) return known is null ? null : throw new IOException($"it has no {IObjectStore.Marker}, and was the place {known} before");
        known = Interlocked.CompareExchange(ref _id, id, null) ?? id;
        return known == id ? id : throw new IOException($"by its {IObjectStore.Marker} it is the place {id}, and it was {known} before");
    }

    private static string? MarkerOf(string file)
    {
        try
        {
            return File.ReadAllText(file).Trim() is { Length: > 0 } id ? id : throw new IOException($"its {IObjectStore.Marker} is empty");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static void Copy(long length, Func<byte[], int> read, Stream target, CancellationToken stop)
    {
        var (copied, buffer) = (0L, new byte[1 << 20]);
        for (int count; (count = read(buffer)) > 0; copied += count)
        {
            stop.ThrowIfCancellationRequested();
            target.Write(buffer, 0, count);
        }
        if (copied != length) throw new StorageException($"A file of {length} bytes was cut off while it was copied: {copied} could be read. Something else writes it; nothing of it was kept.");
    }

    // Each new name is made durable in the folder that has it.
    private static void MakeFolder(string folder)
    {
        if (Directory.Exists(folder)) return;
        var parent = Path.GetDirectoryName(folder)!;
        MakeFolder(parent);
        Directory.CreateDirectory(folder);
        DurableStorage.SyncFolder(parent);
    }

    private T Guarded<T>(string verb, string key, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The object {key} could not be {verb} the folder {_folder}: {StorageException.Reason(e)}. {Advice(e)}", e);
        }
    }

    private static string Advice(Exception error) =>
        StorageException.IsNoRoom(error) ? "Make room there; nothing half-written is left."
        : error is UnauthorizedAccessException ? "Whoever runs the program must be able to read and write all of it."
        : "Is it still mounted, and its server in reach?";
}
