using System.Runtime.ExceptionServices;
using System.Security.Cryptography;
using Repro.Results.Provenance;
using Repro.Results.Runs;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Results.Objects;

/// <summary>A sweep's own build, as it lies in a store of objects: each file, and the manifest of them all, under its SHA-256.</summary>
/// <param name="Id">SHA-256 of the manifest, which names the bundle.</param>
/// <param name="Files">How many it has.</param>
/// <param name="Bytes">Of all its files.</param>
/// <param name="Sent">Bytes that were not there yet, the manifest's included.</param>
public sealed record CodeBundle(string Id, int Files, long Bytes, long Sent)
{
    private const int AtOnce = 8;

    private static readonly string[] Notes = ["provenance/commit", "provenance/diff"];

    /// <summary>Sends what is not there yet. The manifest is sent last: a bundle that has one is whole.</summary>
    /// <param name="build">Folder of the program's build; see <see cref="BuildFiles"/>.</param>
    /// <param name="sources">Noted in the bundle, where <see cref="GitState.Noted"/> finds it: a run records the sources that it was trained by.</param>
    /// <exception cref="BadInputException">The folder is not the build of one program.</exception>
    /// <exception cref="StorageException">A file cannot be read or changed meanwhile, or the store refuses or cannot be reached.</exception>
    public static CodeBundle Pack(string build, IObjectStore objects, GitState sources, CancellationToken stop = default)
    {
        var scratch = Directory.CreateTempSubdirectory("repro-code-").FullName;
        try
        {
            var (notes, sent) = (Path.Combine(scratch, "notes"), 0L);
            Directory.CreateDirectory(Path.Combine(notes, "provenance"));
            File.WriteAllText(Path.Combine(notes, "provenance", "commit"), sources.Commit is { } commit ? commit + "\n" : "");
            File.WriteAllText(Path.Combine(notes, "provenance", "diff"), sources.Diff);
            var chosen = BuildFiles.Of(build).Select(file => (file.Path, Source: Path.Combine(build, file.Path), file.Executable))
                .Concat(Notes.Select(path => (Path: path, Source: Path.Combine(notes, path), Executable: false))).ToList();
            var files = new CodeFile[chosen.Count];
            ForEach(Enumerable.Range(0, files.Length), i =>
            {
                var (digest, bytes) = Digest(chosen[i].Source);
                files[i] = new CodeFile(chosen[i].Path, digest, bytes, chosen[i].Executable);
            }, stop);
            var manifest = new CodeManifest(files);
            var distinct = files.Zip(chosen, (file, from) => (File: file, from.Source)).DistinctBy(pair => pair.File.Sha256);
            ForEach(distinct, pair => Interlocked.Add(ref sent, Send(objects, pair.File, pair.Source, Path.Combine(scratch, pair.File.Sha256), stop)), stop);
            var text = Path.Combine(scratch, "manifest");
            File.WriteAllText(text, manifest.Text);
            sent += Send(objects, new CodeFile("its manifest", manifest.Id, new FileInfo(text).Length, false), text, Path.Combine(scratch, manifest.Id), stop);
            return new CodeBundle(manifest.Id, files.Length, files.Sum(file => file.Bytes), sent);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"The code in {build} cannot be packed: {StorageException.Reason(e)} (with copies in {scratch}).", e);
        }
        finally
        {
            Directory.Delete(scratch, recursive: true);
        }
    }

    /// <summary>Where a file of a bundle, or a manifest, lies: <c>code/sha256/ab/abcdef...</c>.</summary>
    public static string KeyOf(string sha256) => $"code/sha256/{sha256[..2]}/{sha256}";

    /// <exception cref="IOException">It cannot be read.</exception>
    internal static (string Sha256, long Bytes) Digest(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        return (Convert.ToHexStringLower(SHA256.HashData(stream)), stream.Length);
    }

    internal static void ForEach<T>(IEnumerable<T> items, Action<T> work, CancellationToken stop)
    {
        try
        {
            Parallel.ForEach(items, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = stop }, work);
        }
        catch (AggregateException several)
        {
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    // What is sent is a copy: the build may be made anew meanwhile, and what lies under a digest must have it.
    private static long Send(IObjectStore objects, CodeFile file, string source, string copy, CancellationToken stop)
    {
        var key = KeyOf(file.Sha256);
        if (objects.LengthOf(key, stop) == file.Bytes) return 0;
        File.Copy(source, copy);
        if (Digest(copy) != (file.Sha256, file.Bytes)) throw new StorageException($"{source} was changed while it was packed; no code was sent under a wrong name. Wait for the build to end, and start the sweep again.");
        objects.Put(key, copy, stop);
        File.Delete(copy);
        return file.Bytes;
    }
}
