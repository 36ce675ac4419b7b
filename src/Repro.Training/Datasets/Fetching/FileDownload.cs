using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Training.Datasets.Fetching;

/// <summary>
/// One file on its way: <c>NAME.partial</c> grows over as many tries as it takes and becomes <c>NAME</c> when size and checksums are right. A file that a
/// person put there by hand is taken as it is, if its checksums are right.
/// </summary>
internal sealed class FileDownload(
    DatasetEntry entry, DatasetDownload download, string folder, HttpClient client, TimeProvider time, IProgress<FetchProgress>? progress)
{
    // Tries in a row that bring no new byte before an address is given up.
    private const int FruitlessTries = 3;

    /// <summary>Time without a byte after which a connection counts as broken.</summary>
    private static readonly TimeSpan Stall = TimeSpan.FromSeconds(60);

    private static readonly string[] ProxyVariables = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

    private readonly string _file = Path.Combine(folder, download.FileName);
    private readonly string _partial = Path.Combine(folder, download.FileName + DurableStorage.PartialSuffix);
    private readonly List<string> _problems = [];
    private long _transferred;

    /// <summary>Returns the bytes that came over the network.</summary>
    /// <exception cref="MissingComponentException">No address gave the file.</exception>
    internal async Task<long> RunAsync(CancellationToken stop)
    {
        if (File.Exists(_file))
        {
            if (Complaint(_file) is not { } complaint) return 0;
            _problems.Add($"'{_file}', which was there, {complaint}");
        }
        foreach (var address in download.Addresses)
        {
            if (await FromAsync(address, stop)) return _transferred;
        }
        var proxy = ProxyVariables.FirstOrDefault(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 });
        throw new MissingComponentException(
            $"{download.FileName} of the data set {entry.Name} could not be downloaded: {string.Join("; ", _problems)}. " +
            (proxy is null ? "No proxy is set (HTTPS_PROXY). " : $"The proxy in {proxy} was used. ") +
            $"By hand: on a machine with a network get {string.Join(" and ", entry.Downloads.Select(each => each.Addresses[0]))}, " +
            $"put that into '{folder}' and run `./repro data fetch {entry.Name}` again.");
    }

    private async Task<bool> FromAsync(Uri address, CancellationToken stop)
    {
        var (fruitless, restarted) = (0, false);
        while (true)
        {
            var before = Length;
            // A partial file may be whole: the try that completed it may have ended before its checksum was looked at.
            var (final, problem) = before < download.Bytes ? await TryAsync(address, stop) : (false, "");
            if (Length >= download.Bytes)
            {
                if (Complaint(_partial) is not { } complaint)
                {
                    File.Move(_partial, _file, overwrite: true);
                    return true;
                }
                File.Delete(_partial);
                _problems.Add($"what {address} sent {complaint}");
                // Bytes of an earlier try, perhaps of another version, may be the wrong ones: once more from the start.
                if (before == 0 || restarted) return false;
                restarted = true;
            }
            else if (final)
            {
                _problems.Add(problem);
                return false;
            }
            else if (Length > before)
            {
                fruitless = 0;
            }
            else if (++fruitless == FruitlessTries)
            {
                _problems.Add(problem);
                return false;
            }
            else
            {
                await Task.Delay(TimeSpan.FromSeconds(fruitless), time, stop);
            }
        }
    }

    private long Length => File.Exists(_partial) ? new FileInfo(_partial).Length : 0;

    // One request. Whatever it brings is in the partial file afterwards; the outcome says why it ended, and whether asking again is of no use.
    private async Task<(bool Final, string Problem)> TryAsync(Uri address, CancellationToken stop)
    {
        using var stalled = CancellationTokenSource.CreateLinkedTokenSource(stop);
        try
        {
            var from = Length;
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (from > 0) request.Headers.Range = new RangeHeaderValue(from, null);
            stalled.CancelAfter(Stall);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stalled.Token);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable && from > 0)
            {
                File.Delete(_partial);
                return (false, $"{address} has no byte {from:N0}");
            }
            if (!response.IsSuccessStatusCode) return (IsFinal(response.StatusCode), $"{address} answered {(int)response.StatusCode} {response.ReasonPhrase}");

            // A server without ranges sends all of it again.
            var goesOn = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == from;
            if (response.StatusCode == HttpStatusCode.PartialContent && !goesOn) return (true, $"{address} sent another range than was asked for");
            await using var file = new FileStream(_partial, goesOn ? FileMode.Append : FileMode.Create, FileAccess.Write);
            await using var body = await response.Content.ReadAsStreamAsync(stalled.Token);
            var buffer = new byte[1 << 16];
            // One byte too many is enough to know that it is another file.
            while (file.Position <= download.Bytes)
            {
                stalled.CancelAfter(Stall);
                int read;
                try
                {
                    read = await body.ReadAsync(buffer, stalled.Token);
                }
                // Of the network; one of the disk goes further.
                catch (IOException error)
                {
                    return (false, $"{address} broke off after {file.Position:N0} of {download.Bytes:N0} bytes ({error.Message})");
                }
                if (read == 0) break;
                await file.WriteAsync(buffer.AsMemory(0, read), stop);
                _transferred += read;
                progress?.Report(new FetchProgress(FetchPhase.Downloading, download.FileName, file.Position, download.Bytes));
            }
            return (false, $"{address} ended after {file.Position:N0} of {download.Bytes:N0} bytes");
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return (false, $"{address} sent nothing for {Stall.TotalSeconds:N0} seconds");
        }
        catch (HttpRequestException error) when (error.HttpRequestError is HttpRequestError.NameResolutionError)
        {
            return (true, $"there is no network here, or it does not know {address.Host} ({error.Message})");
        }
        catch (HttpRequestException error)
        {
            return (false, $"{address} cannot be reached ({error.Message})");
        }
    }

    // A server that is busy may be asked again; one that refuses may not.
    private static bool IsFinal(HttpStatusCode status) => status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError);

    // What is wrong with a file, continuing its name; null where nothing is.
    private string? Complaint(string file)
    {
        using var stream = File.OpenRead(file);
        if (stream.Length != download.Bytes) return $"has {(stream.Length > download.Bytes ? "more than " : "")}{Math.Min(stream.Length, download.Bytes):N0} bytes, not {download.Bytes:N0}";
#pragma warning disable CA5351 // MD5 is what the authors publish; SHA-256 stands beside it.
        var md5 = Convert.ToHexStringLower(MD5.HashData(stream));
#pragma warning restore CA5351
        stream.Position = 0;
        var sha256 = Convert.ToHexStringLower(SHA256.HashData(stream));
        return md5 != download.Md5 ? $"has the MD5 {md5}, not the published {download.Md5}"
            : download.Sha256 is { } known && sha256 != known ? $"has the SHA-256 {sha256}, not {known}"
            : null;
    }
}
