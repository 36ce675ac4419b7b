using System.Net;
using Amazon;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>
/// Objects in a bucket. S3 shows an object once it is whole, and never a mixture. A large file that was cut off leaves parts that nobody sees and that the
/// bucket's owner pays for: see docs/objects.md for the rule that removes them. Calls block; a grain's turn is no place for them.
/// </summary>
public sealed class S3Objects : IObjectStore
{
    private const int MostParts = 10_000, PartsAtOnce = 4;

    private readonly string _bucket, _prefix;
    private readonly S3Settings _settings;
    private readonly TimeProvider _time;
    private readonly AmazonS3Client _client;

    /// <param name="prefix">Of all keys, without a slash at either end; may be empty.</param>
    /// <param name="time">Passes while a server is out of reach; null is the system's.</param>
    /// <exception cref="BadInputException">There are no credentials, or no region is set.</exception>
    public S3Objects(string bucket, string prefix, S3Settings settings, TimeProvider? time = null)
    {
        (_bucket, _prefix, _settings, _time) = (bucket, prefix.Length > 0 ? prefix + "/" : "", settings, time ?? TimeProvider.System);
        var config = new AmazonS3Config
        {
            Timeout = TimeSpan.FromMinutes(2), ConnectTimeout = TimeSpan.FromSeconds(10), MaxErrorRetry = 0,
            // Many servers other than Amazon's know nothing of the newer sums; every file that matters here has a digest of its own.
            RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
        };
        if (settings.Endpoint is { } endpoint) (config.ServiceURL, config.AuthenticationRegion, config.ForcePathStyle) = (endpoint.AbsoluteUri, settings.Region ?? "us-east-1", true);
        else if (settings.Region is { } region) config.RegionEndpoint = RegionEndpoint.GetBySystemName(region);
        try
        {
            _client = settings switch
            {
                { AccessKey: null } => new AmazonS3Client(config),
                { SessionToken: { } token } => new AmazonS3Client(new SessionAWSCredentials(settings.AccessKey, settings.SecretKey, token), config),
                _ => new AmazonS3Client(new BasicAWSCredentials(settings.AccessKey, settings.SecretKey), config),
            };
        }
        catch (AmazonClientException error)
        {
            throw new BadInputException($"{Description} cannot be opened: {error.Message.TrimEnd('.')}. Set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_REGION, and AWS_ENDPOINT_URL for a server other than Amazon's.", error);
        }
    }

    public string Description => $"s3://{_bucket}{(_prefix.Length > 0 ? "/" + _prefix[..^1] : "")}";

    // Of two that make it at once the later one's stays; both asked before there was anything in the place.
    public string? Id(bool makes = false, CancellationToken stop = default) => Explained(makes ? "made" : "fetched", IObjectStore.Marker, async name =>
    {
        if (await Marker(name, stop) is { } id) return id;
        if (!makes) return null;
        var made = new PutObjectRequest { BucketName = _bucket, Key = name, ContentBody = $"{Guid.NewGuid():N}\n", UseChunkEncoding = false };
        await Patiently(() => _client.PutObjectAsync(made, stop), stop);
        return await Marker(name, stop);
    });

    public void Put(string key, string file, CancellationToken stop = default)
    {
        long length;
        using (var source = LocalFile.Open(file)) length = source.Length;
        Explained("stored", key, async name =>
        {
            if (length > _settings.PartBytes) await PutInParts(name, file, length, stop);
            else await Patiently(() => _client.PutObjectAsync(new PutObjectRequest { BucketName = _bucket, Key = name, FilePath = file, UseChunkEncoding = false }, stop), stop);
            return true;
        });
    }

    public bool Get(string key, string file, CancellationToken stop = default) => Explained("fetched", key, name => Patiently(async () =>
    {
        using var response = await Found(() => _client.GetObjectAsync(_bucket, name, stop));
        if (response is null) return false;
        LocalFile.Replace(file, target => Receive(response, target, stop));
        return true;
    }, stop));

    public long? LengthOf(string key, CancellationToken stop = default) => Explained(
        "asked for", key, name => Patiently(async () => (await Found(() => _client.GetObjectMetadataAsync(_bucket, name, stop)))?.ContentLength, stop));

    public void Delete(string key, CancellationToken stop = default) =>
        Explained("deleted", key, name => Patiently(() => Found(() => _client.DeleteObjectAsync(_bucket, name, stop)), stop));

    public void Dispose() => _client.Dispose();

    private Task<string?> Marker(string name, CancellationToken stop) => Patiently(async () =>
    {
        using var response = await Found(() => _client.GetObjectAsync(_bucket, name, stop));
        if (response is null) return null;
        using var text = new StreamReader(response.ResponseStream);
        return (await text.ReadToEndAsync(stop)).Trim();
    }, stop);

    private async Task PutInParts(string name, string file, long length, CancellationToken stop)
    {
        var size = Math.Max(_settings.PartBytes, length / (MostParts - 1));
        var upload = (await Patiently(() => _client.InitiateMultipartUploadAsync(_bucket, name, stop), stop)).UploadId;
        try
        {
            var parts = new PartETag[(length + size - 1) / size];
            await Parallel.ForAsync(0, parts.Length, new ParallelOptions { MaxDegreeOfParallelism = PartsAtOnce, CancellationToken = stop }, async (i, cancel) =>
            {
                var request = new UploadPartRequest
                {
                    BucketName = _bucket, Key = name, UploadId = upload, PartNumber = i + 1, FilePath = file, FilePosition = i * size,
                    PartSize = Math.Min(size, length - i * size), IsLastPart = i == parts.Length - 1, UseChunkEncoding = false,
                };
                parts[i] = new PartETag(i + 1, (await Patiently(() => _client.UploadPartAsync(request, cancel), cancel)).ETag);
            });
            await Patiently(() => _client.CompleteMultipartUploadAsync(new CompleteMultipartUploadRequest { BucketName = _bucket, Key = name, UploadId = upload, PartETags = [.. parts] }, stop), stop);
        }
        catch
        {
            await Abort(name, upload);
            throw;
        }
    }

    private async Task Abort(string name, string upload)
    {
        using var limit = new CancellationTokenSource(_settings.Silence);
        try
        {
            await _client.AbortMultipartUploadAsync(_bucket, name, upload, limit.Token);
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException or OperationCanceledException or HttpRequestException)
        {
            // Why the upload failed is what a person needs to see; parts that stay are no object, and the bucket's rule removes them.
        }
    }

    // An answer to HEAD has no body, and so not the code that would tell a missing key from a missing bucket.
    private static async Task<T?> Found<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (AmazonS3Exception error) when (error.StatusCode == HttpStatusCode.NotFound && error.ErrorCode is not "NoSuchBucket")
        {
            return null;
        }
    }

    private void Receive(GetObjectResponse response, Stream target, CancellationToken stop)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var (received, buffer) = (0L, new byte[1 << 17]);
        while (true)
        {
            int count;
            silence.CancelAfter(_settings.Silence);
            try
            {
                count = response.ResponseStream.ReadAsync(buffer, silence.Token).AsTask().GetAwaiter().GetResult();
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException && !stop.IsCancellationRequested)
            {
                throw new BrokenTransferException($"the connection broke after {received} of {response.ContentLength} bytes", error);
            }
            if (count == 0) break;
            target.Write(buffer, 0, count);
            received += count;
        }
        if (received != response.ContentLength) throw new BrokenTransferException($"{received} of {response.ContentLength} bytes came", null);
    }

    // One request, which may be made again without harm.
    private async Task<T> Patiently<T>(Func<Task<T>> request, CancellationToken stop)
    {
        long? firstFailure = null;
        for (var wait = TimeSpan.FromMilliseconds(200); ; wait = TimeSpan.FromSeconds(Math.Min(5, 2 * wait.TotalSeconds)))
        {
            try
            {
                return await request();
            }
            catch (Exception error) when (!stop.IsCancellationRequested && IsPassing(error))
            {
                firstFailure ??= _time.GetTimestamp();
                if (_time.GetElapsedTime(firstFailure.Value) + wait > _settings.Patience) throw;
            }
            await Task.Delay(wait, _time, stop);
        }
    }

    private T Explained<T>(string verb, string key, Func<string, Task<T>> work)
    {
        var name = _prefix + ObjectKey.Require(key);
        try
        {
            // On a thread of the pool: the caller's scheduler, which may be a grain's, is not waited for.
            return Task.Run(() => work(name)).GetAwaiter().GetResult();
        }
        catch (Exception error) when (error is AmazonServiceException or AmazonClientException || IsPassing(error) && error is not OperationCanceledException)
        {
            throw Refusal(error, verb, key);
        }
    }

    // Of a server that does not answer, answers half, or says that it has too much to do.
    private static bool IsPassing(Exception? error) => error switch
    {
        // The file that is to be stored went away.
        null or FileNotFoundException or StorageException => false,
        AmazonServiceException { StatusCode: >= HttpStatusCode.InternalServerError or HttpStatusCode.TooManyRequests } => true,
        AmazonServiceException { ErrorCode: "SlowDown" or "RequestTimeout" } => true,
        BrokenTransferException or HttpRequestException or IOException or OperationCanceledException or TimeoutException => true,
        _ => IsPassing(error.InnerException),
    };

    private StorageException Refusal(Exception error, string verb, string key)
    {
        var what = $"The object {key} could not be {verb} in {Description}";
        var reason = error is AmazonServiceException { ErrorCode: { Length: > 0 } code } ? $"{code}: {error.Message.Trim().TrimEnd('.')}" : Innermost(error).Message.Trim().TrimEnd('.');
        return new StorageException(
            IsPassing(error) ? $"{what} within {_settings.Patience.TotalSeconds:0} s: {_settings} {(error is AmazonServiceException { StatusCode: > 0 } ? "answers" : "is out of reach")} ({reason}). Is AWS_ENDPOINT_URL right, and the server up?"
            : error is AmazonServiceException { ErrorCode: "NoSuchBucket" } ? $"{what}: {_settings} has no bucket {_bucket}. Make it, or name another one with --objects s3://bucket/prefix."
            : error is AmazonServiceException { StatusCode: HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized }
                ? $"{what}: {_settings} refused ({reason}). AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY must be those of an account with s3:GetObject, s3:PutObject, s3:DeleteObject and s3:AbortMultipartUpload on {Description}/* and s3:ListBucket on the bucket."
            : error is AmazonServiceException ? $"{what}: {_settings} refused ({reason})."
            : $"{what}: {reason}. Are AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY set?", error);
    }

    private static Exception Innermost(Exception error) => error.InnerException is { } inner ? Innermost(inner) : error;

    private sealed class BrokenTransferException(string message, Exception? inner) : Exception(message, inner);
}
