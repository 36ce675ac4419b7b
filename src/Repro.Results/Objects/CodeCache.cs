using System.Text;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Results.Objects;

/// <summary>
/// Bundles of code that this machine has unpacked, each in a folder of its id. Every file is put in place whole, and held against its digest whenever the
/// bundle is asked for: several processes may unpack one at once, and what a killed one or a bad disk left is mended.
/// </summary>
/// <param name="folder">Made where it is absent, for this user alone: programs are started from it.</param>
/// <param name="time">Says when a bundle was last asked for; null is the system's.</param>
public sealed class CodeCache(string folder, TimeProvider? time = null)
{
    /// <summary>In a bundle's folder; its time of writing is when the bundle was last asked for. Hidden names are no files of bundles.</summary>
    private const string ManifestName = ".manifest";

    private readonly string _folder = Path.GetFullPath(folder);
    private readonly TimeProvider _time = time ?? TimeProvider.System;

    /// <summary>A bundle that was not asked for since is removed when another one is unpacked.</summary>
    public TimeSpan LongestUnused { get; init; } = TimeSpan.FromDays(30);

    /// <summary>Where they take more than this, those go first that were not asked for for longest, but none of the last day.</summary>
    public long MostBytes { get; init; } = 20L << 30;

    /// <summary>Asked for before each start of a program from it, so that it counts as used; costs the reading of its files.</summary>
    /// <returns>Full path of the folder that the build's files are in.</returns>
    /// <exception cref="BadInputException">The id is none, the bundle would write outside of its folder, or a file of it is missing or damaged in the store: asking again is of no use.</exception>
    /// <exception cref="StorageException">The store cannot be reached, or it or the disk refuses.</exception>
    public string Unpack(string id, IObjectStore objects, CancellationToken stop = default)
    {
        if (!CodeManifest.IsDigest(id)) throw new BadInputException($"'{id}' names no bundle of code: that is 64 hexadecimal digits.");
        var place = Path.Combine(_folder, id);
        try
        {
            while (true)
            {
                MakeFolder(place);
                var manifest = Manifest(id, place, objects, stop);
                File.SetLastWriteTimeUtc(Path.Combine(place, ManifestName), _time.GetUtcNow().UtcDateTime);
                var absent = manifest.Files.Where(file => !IsWhole(Path.Combine(place, file.Path), file)).ToList();
                foreach (var parent in absent.Select(file => Path.GetDirectoryName(Path.Combine(place, file.Path))!).Distinct().Order(StringComparer.Ordinal)) MakeFolder(parent);
                CodeBundle.ForEach(absent, file => Fetch(id, file, Path.Combine(place, file.Path), objects, stop), stop);
                // Another process may have found it old, and removed it, just before it was asked for.
                if (!File.Exists(Path.Combine(place, ManifestName))) continue;
                if (absent.Count > 0) Clean(place);
                return place;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The code of the sweep cannot be unpacked in {place}: {StorageException.Reason(e)}. What is there can be removed while no run uses it.", e);
        }
    }

    private static CodeManifest Manifest(string id, string place, IObjectStore objects, CancellationToken stop)
    {
        var (path, what) = (Path.Combine(place, ManifestName), $"The bundle of code {id} in {objects.Description}");
        if (!IsRegular(path) || CodeBundle.Digest(path).Sha256 != id)
        {
            var length = objects.LengthOf(CodeBundle.KeyOf(id), stop);
            if (length > CodeManifest.LongestText) throw new BadInputException($"{what} is refused: its manifest has {length} bytes, and none has more than {CodeManifest.LongestText}.");
            Fetch(id, new CodeFile("its manifest", id, length ?? 0, Executable: false), path, objects, stop);
        }
        return CodeManifest.Parse(File.ReadAllText(path, Encoding.UTF8), what);
    }

    private static void Fetch(string id, CodeFile file, string path, IObjectStore objects, CancellationToken stop)
    {
        var (key, partial) = (CodeBundle.KeyOf(file.Sha256), $"{path}.{Guid.NewGuid():N}{DurableStorage.PartialSuffix}");
        var what = $"The code {id} lacks {file.Path}: the object {key}";
        if (!objects.Get(key, partial, stop)) throw new BadInputException($"{what} is not in {objects.Description}. Start the sweep again where its code was built: what is missing is sent again.");
        try
        {
            var (digest, bytes) = CodeBundle.Digest(partial);
            if (digest != file.Sha256)
                throw new BadInputException($"{what} in {objects.Description} is damaged: its {bytes} bytes have the SHA-256 {digest}. Delete it, and start the sweep again where its code was built: what is missing is sent again.");
            if (bytes != file.Bytes) throw new BadInputException($"{what} has {bytes} bytes, and the manifest says {file.Bytes}. Start the sweep again, which sends its code anew.");
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(partial, ModeOf(file));
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    private static bool IsWhole(string path, CodeFile file) =>
        IsRegular(path) && new FileInfo(path).Length == file.Bytes && IsStartable(path, file) && CodeBundle.Digest(path).Sha256 == file.Sha256;

    private static bool IsStartable(string path, CodeFile file) => !file.Executable || OperatingSystem.IsWindows() || (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0;

    private static bool IsRegular(string path) => new FileInfo(path) is { Exists: true, LinkTarget: null };

    private static UnixFileMode ModeOf(CodeFile file) =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead
        | (file.Executable ? UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : 0);

    // A link in a folder's place would lead files out of the cache.
    private void MakeFolder(string path)
    {
        if (path.Length > _folder.Length) MakeFolder(Path.GetDirectoryName(path)!);
        if (Directory.Exists(path))
        {
            if (path.Length > _folder.Length && new DirectoryInfo(path).LinkTarget is { } target)
                throw new StorageException($"{path}, where code of a sweep is to be unpacked, is a link to {target}, which the program never makes. Remove it.");
            return;
        }
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    // What stays costs room and nothing else; another process may clean, unpack or remove at this very moment.
    private void Clean(string inUse)
    {
        try
        {
            RemoveOld(inUse);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next bundle that is unpacked tries again.
        }
    }

    private void RemoveOld(string except)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var bundles = Directory.GetDirectories(_folder).Where(path => path != except && CodeManifest.IsDigest(Path.GetFileName(path)))
            .Select(path => (Path: path, Unused: now - LastAsked(path))).OrderBy(bundle => bundle.Unused).ToList();
        var room = MostBytes - Bytes(except);
        foreach (var (path, unused) in bundles)
        {
            room -= Bytes(path);
            if (unused > LongestUnused || (room < 0 && unused > TimeSpan.FromDays(1))) Remove(path);
        }
        // What killed processes left.
        const string Unfinished = "*" + DurableStorage.PartialSuffix;
        foreach (var left in Directory.GetDirectories(_folder, Unfinished).Where(path => now - LastAsked(path) > TimeSpan.FromDays(1))) Remove(left);
        foreach (var left in Directory.GetFiles(_folder, Unfinished, SearchOption.AllDirectories).Where(path => now - File.GetLastWriteTimeUtc(path) > TimeSpan.FromDays(1))) File.Delete(left);
    }

    private static DateTime LastAsked(string bundle)
    {
        var manifest = Path.Combine(bundle, ManifestName);
        return File.Exists(manifest) ? File.GetLastWriteTimeUtc(manifest) : Directory.GetLastWriteTimeUtc(bundle);
    }

    private static long Bytes(string bundle) => Directory.EnumerateFiles(bundle, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    // Renamed first: whoever asks for it meanwhile finds none of it, and unpacks it anew.
    private static void Remove(string bundle)
    {
        var gone = bundle.EndsWith(DurableStorage.PartialSuffix, StringComparison.Ordinal) ? bundle : $"{bundle}.{Guid.NewGuid():N}{DurableStorage.PartialSuffix}";
        try
        {
            if (gone != bundle) Directory.Move(bundle, gone);
            Directory.Delete(gone, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Another process removes it too, or may not be asked to; it costs room and nothing else.
        }
    }
}
