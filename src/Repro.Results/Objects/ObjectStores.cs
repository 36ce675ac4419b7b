using Repro.Results.Runs;
using Repro.Studies;

namespace Repro.Results.Objects;

/// <summary>Where a cluster's objects are, as a person writes it.</summary>
public static class ObjectStores
{
    private const string S3Scheme = "s3://";

    /// <param name="address">
    /// Full path of a shared folder, or <c>s3://bucket</c>, <c>s3://bucket/prefix</c>. Endpoint, region and credentials of S3 come from the environment; see
    /// <see cref="S3Settings"/>.
    /// </param>
    /// <exception cref="BadInputException">It has neither form.</exception>
    /// <exception cref="StorageException">The folder is not there, or is no folder.</exception>
    public static IObjectStore Open(string address)
    {
        if (address.StartsWith(S3Scheme, StringComparison.OrdinalIgnoreCase)) return OpenS3(address[S3Scheme.Length..]);
        if (Path.IsPathFullyQualified(address)) return new FolderObjects(address);
        throw new BadInputException(
            $"--objects is the full path of a folder that all machines share, or s3://bucket/prefix; it was '{address}'."
            + (Directory.Exists(address) ? $" This folder's full path here is {Path.GetFullPath(address)}." : ""));
    }

    // Only a process that comes here loads the library for S3.
    private static S3Objects OpenS3(string place)
    {
        // Not repeated in the message: it may be a secret.
        if (place.Contains('@', StringComparison.Ordinal))
            throw new BadInputException("--objects s3://... holds no credentials: ps shows a command line to everybody. Give them in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.");
        var (bucket, prefix) = place.Split('/', 2) is [var name, var rest] ? (name, rest.TrimEnd('/')) : (place, "");
        if (bucket.Length is < 3 or > 63 || !bucket.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.'))
            throw new BadInputException($"--objects s3://bucket/prefix wants a bucket's name: 3 to 63 lower-case letters, digits, hyphens and dots; it was '{bucket}'.");
        if (prefix.Length > 0 && ObjectKey.Fault(prefix) is { } fault) throw new BadInputException($"--objects s3://{bucket}/... wants a prefix of names with / between; '{prefix}' is none: {fault}.");
        return new S3Objects(bucket, prefix, S3Settings.FromEnvironment(Environment.GetEnvironmentVariable));
    }
}
