using System.Security.Cryptography;

namespace Repro.Results.Provenance;

/// <summary>SHA-256 of files, as lower-case hexadecimal digits.</summary>
public static class FileDigest
{
    /// <exception cref="IOException">It cannot be read.</exception>
    public static string Of(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    /// <inheritdoc cref="Of(string)"/>
    public static string Of(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
