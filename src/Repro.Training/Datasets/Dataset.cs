using System.Security.Cryptography;

namespace Repro.Training.Datasets;

/// <summary>A data set in memory: labelled images or texts.</summary>
/// <param name="Name">As in the registry: <c>cifar-10</c>.</param>
/// <param name="Folder">Full path it was read from.</param>
/// <param name="Files">What was read, in the order of reading.</param>
public abstract record Dataset(string Name, string Folder, IReadOnlyList<FileChecksum> Files)
{
    /// <summary>Asking for the test split throws <see cref="SealedTestException"/>. Identity and hashes are of all records all the same.</summary>
    public bool TestIsSealed { get; init; }

    /// <summary>Names the data: equal for every copy that has the same records in the same splits. The order of images in their files makes no difference; that of lines in a text does.</summary>
    public abstract string Identity { get; }

    /// <summary>Names the data together with the order of the records in the files.</summary>
    public abstract string FileOrderHash { get; }

    /// <summary>Its splits, sealed or not, as the registry lists them.</summary>
    public abstract IReadOnlyList<RegisteredSplit> Parts { get; }

    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    private protected void RequireOpen(string split)
    {
        if (TestIsSealed && split == Training.Splits.Test) throw new SealedTestException($"The test split of {Name} was to be read");
    }
}

/// <summary>One file of a data set as it was read.</summary>
/// <param name="Name">Official name, without the extension of a compression.</param>
/// <param name="Md5">Of the content after decompression, lower-case hex: the kind of checksum that is published for these files.</param>
public sealed record FileChecksum(string Name, string Md5)
{
    /// <param name="content">Of the whole file, after decompression.</param>
    public static FileChecksum Of(string name, ReadOnlySpan<byte> content)
    {
#pragma warning disable CA5351 // MD5 is what the data sets' authors publish; the identity of the records rests on SHA-256.
        return new FileChecksum(name, Convert.ToHexStringLower(MD5.HashData(content)));
#pragma warning restore CA5351
    }
}
