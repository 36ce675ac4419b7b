using System.Formats.Tar;
using System.IO.Compression;
using Repro.Studies;
using Repro.Training.Datasets.Files;

namespace Repro.Training.Datasets.Fetching;

/// <summary>
/// Gets a data set from its official addresses into the cache: downloads (going on where an earlier try broke off), checks size and checksums,
/// unpacks, reads the result and compares it with the registry. The data set's folder appears whole or not at all.
/// </summary>
/// <param name="cache">The folder that holds a folder a data set; <see cref="DataFolders.Cache"/> for a user's own.</param>
/// <param name="client">Its handler decides on proxies; .NET's own takes HTTP_PROXY, HTTPS_PROXY and NO_PROXY from the environment.</param>
/// <param name="time">For the pauses between tries.</param>
public sealed class DatasetFetcher(string cache, HttpClient client, TimeProvider? time = null)
{
    /// <summary>Gets the data set, or finds that the cache has it already.</summary>
    /// <param name="progress">Told of each part while it goes on; may be null.</param>
    /// <exception cref="MissingComponentException">It cannot be had: no network, an address that refuses, a wrong checksum. Says what can be done by hand.</exception>
    /// <exception cref="BadInputException">Another process fetches the same data set, or the cache cannot be written.</exception>
    public async Task<FetchResult> FetchAsync(DatasetEntry entry, IProgress<FetchProgress>? progress, CancellationToken stop)
    {
        var target = Path.Combine(cache, entry.Folders[0]);
        var downloads = Path.Combine(cache, ".downloads", entry.Name);
        try
        {
            if (ReadWhole(entry, target) is { } present)
            {
                // Left by a fetch that was killed when the data was in place already; another process that holds it removes it itself.
                if (Directory.Exists(downloads))
                {
                    using var held = TryLock(downloads);
                    if (held is not null) Directory.Delete(downloads, recursive: true);
                }
                return new FetchResult(entry.Name, target, AlreadyThere: true, 0, present);
            }
            Directory.CreateDirectory(downloads);
            using var alone = TryLock(downloads)
                ?? throw new BadInputException($"Another process is fetching {entry.Name} (it holds '{LockFile(downloads)}'). Wait for it, then run `./repro data verify {entry.Name}`.");
            var transferred = 0L;
            foreach (var download in entry.Downloads)
            {
                var file = new FileDownload(entry, download, downloads, client, time ?? TimeProvider.System, progress);
                transferred += await file.RunAsync(stop);
            }
            var verification = Install(entry, downloads, target, progress, stop);
            Directory.Delete(downloads, recursive: true);
            return new FetchResult(entry.Name, target, AlreadyThere: false, transferred, verification);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The data set {entry.Name} cannot be put into '{cache}': {error.Message} Free space there, or set XDG_CACHE_HOME to a folder that can be written.", error);
        }
    }

    // Null where the folder is not there, broken or other data: all of these are mended by fetching.
    private static DatasetVerification? ReadWhole(DatasetEntry entry, string folder)
    {
        if (!entry.Files.All(file => new DatasetFolder(entry.Name, folder).Find(file.Name) is not null)) return null;
        try
        {
            var verification = DatasetVerification.Of(entry, entry.Reader(new DatasetFolder(entry.Name, folder)));
            return verification.Verdict == DataVerdict.Different ? null : verification;
        }
        catch (BadInputException)
        {
            return null;
        }
    }

    private static string LockFile(string downloads) => Path.Combine(downloads, "lock");

    // Null where another process holds it.
    private static FileStream? TryLock(string downloads)
    {
        try
        {
            return new FileStream(LockFile(downloads), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static DatasetVerification Install(DatasetEntry entry, string downloads, string target, IProgress<FetchProgress>? progress, CancellationToken stop)
    {
        // Below the lock, with fixed names: what a killed fetch leaves here is known to the next one.
        var (staging, old) = (Path.Combine(downloads, "staging"), Path.Combine(downloads, "old"));
        TidyUp(staging, old, target);
        try
        {
            Directory.CreateDirectory(staging);
            foreach (var download in entry.Downloads)
            {
                stop.ThrowIfCancellationRequested();
                progress?.Report(new FetchProgress(FetchPhase.Unpacking, download.FileName, download.Bytes, download.Bytes));
                var file = Path.Combine(downloads, download.FileName);
                if (download.IsArchive) Unpack(entry, file, staging, stop);
                else File.Copy(file, Path.Combine(staging, download.FileName));
            }
            progress?.Report(new FetchProgress(FetchPhase.Verifying, entry.Name, 0, 0));
            var verification = DatasetVerification.Of(entry, entry.Reader(new DatasetFolder(entry.Name, staging)));
            if (verification.Verdict == DataVerdict.Different)
                throw new MissingComponentException($"What was downloaded has the published checksums, yet its records are not those of {entry.Name} in the registry: {verification.Sentence}");

            // A folder that is there already was found broken above; it makes way.
            if (Directory.Exists(target)) Directory.Move(target, old);
            Directory.Move(staging, target);
            return verification with { Folder = target };
        }
        finally
        {
            TidyUp(staging, old, target);
        }
    }

    // A folder that made way comes back where its successor did not arrive.
    private static void TidyUp(string staging, string old, string target)
    {
        if (Directory.Exists(old) && !Directory.Exists(target)) Directory.Move(old, target);
        foreach (var folder in new[] { staging, old }.Where(Directory.Exists)) Directory.Delete(folder, recursive: true);
    }

    // Takes the files of the data set alone, by their last name: an archive can write nowhere else.
    private static void Unpack(DatasetEntry entry, string archive, string folder, CancellationToken stop)
    {
        using var unzipped = new GZipStream(File.OpenRead(archive), CompressionMode.Decompress);
        using var tar = new TarReader(unzipped);
        while (tar.GetNextEntry() is { } member)
        {
            stop.ThrowIfCancellationRequested();
            var name = Path.GetFileName(member.Name);
            if (member.DataStream is { } data && entry.Files.Any(file => file.Name == name))
            {
                using var file = File.Create(Path.Combine(folder, name));
                data.CopyTo(file);
            }
        }
    }
}

/// <param name="Folder">Where the data set is now.</param>
/// <param name="AlreadyThere">Nothing had to be done.</param>
/// <param name="TransferredBytes">Over the network, this time.</param>
public sealed record FetchResult(string Name, string Folder, bool AlreadyThere, long TransferredBytes, DatasetVerification Verification);

/// <param name="File">What it is about.</param>
/// <param name="Bytes">Of the file so far, those of earlier tries included.</param>
/// <param name="Total">Of the whole file.</param>
public sealed record FetchProgress(FetchPhase Phase, string File, long Bytes, long Total);

public enum FetchPhase
{
    Downloading,
    Unpacking,
    Verifying,
}
