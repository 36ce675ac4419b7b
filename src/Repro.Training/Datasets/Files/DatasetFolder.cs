using System.IO.Compression;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Training.Datasets.Files;

/// <summary>A folder that holds the files of one data set, each plain or compressed.</summary>
/// <param name="Dataset">Registry name, for messages.</param>
/// <param name="Path">Full path.</param>
public sealed record DatasetFolder(string Dataset, string Path)
{
    // In the order in which they are preferred.
    private static readonly string[] Extensions = ["", ".gz", ".br"];

    /// <summary>The file of an official name, plain, .gz or .br; null where there is none.</summary>
    public string? Find(string name) => Extensions.Select(extension => System.IO.Path.Combine(Path, name + extension)).FirstOrDefault(File.Exists);

    /// <summary>The whole content of a file after decompression, and its checksum.</summary>
    /// <param name="name">Official name, without the extension of a compression.</param>
    /// <param name="bytes">What the content must have, no less and no more.</param>
    /// <param name="meaning">What these bytes are, for messages: <c>10,000 records of 3,073</c>.</param>
    /// <param name="headerLength">Bytes at the beginning that <paramref name="checkHeader"/> looks at before the rest is read.</param>
    /// <param name="checkHeader">Takes the file's path and the header; throws where it is foreign.</param>
    /// <exception cref="BadInputException">The file is missing, no regular file, short, too long, corrupt or cannot be read.</exception>
    public (byte[] Content, FileChecksum Checksum) Read(
        string name, long bytes, string meaning, int headerLength = 0, Action<string, ReadOnlyMemory<byte>>? checkHeader = null)
    {
        return Read(name, (file, stream) =>
        {
            var content = new byte[bytes];
            var read = stream.ReadAtLeast(content.AsSpan(0, headerLength), headerLength, throwOnEndOfStream: false);
            if (read == headerLength)
            {
                checkHeader?.Invoke(file, content.AsMemory(0, headerLength));
                read += stream.ReadAtLeast(content.AsSpan(read), content.Length - read, throwOnEndOfStream: false);
            }
            if (read < bytes) throw Refuse(file, $"must hold {bytes:N0} bytes{Unpacked(file)} ({meaning})", $"it ends after {read:N0}");
            if (stream.ReadByte() >= 0) throw Refuse(file, $"must hold {bytes:N0} bytes{Unpacked(file)} ({meaning})", "it has more");
            return content;
        });
    }

    /// <summary>The same, of a file whose length is not fixed.</summary>
    /// <param name="most">More bytes than this are refused.</param>
    /// <exception cref="BadInputException">The file is missing, no regular file, too long, corrupt or cannot be read.</exception>
    public (byte[] Content, FileChecksum Checksum) ReadUpTo(string name, long most) => Read(name, (file, stream) =>
    {
        var content = new byte[most];
        var read = stream.ReadAtLeast(content, content.Length, throwOnEndOfStream: false);
        if (stream.ReadByte() >= 0) throw Refuse(file, $"must hold no more than {most:N0} bytes{Unpacked(file)}", "it has more");
        return content[..read];
    });

    private (byte[] Content, FileChecksum Checksum) Read(string name, Func<string, Stream, byte[]> take)
    {
        var file = Find(name) ?? throw new BadInputException(
            $"The data set {Dataset} needs the file {name} (plain, .gz or .br) in '{Path}', where it is missing. {NextStep}");
        // Opening a pipe would wait for its writer without end, deaf to being stopped.
        if (RegularFile.OtherKind(file) is { } kind) throw Refuse(file, "must be a regular file", $"it is {kind}");
        try
        {
            using var stream = Open(file);
            var content = take(file, stream);
            return (content, FileChecksum.Of(name, content));
        }
        catch (Exception error) when (error is InvalidDataException or InvalidOperationException)
        {
            throw Refuse(file, "must be whole", $"its compression is corrupt: {error.Message}", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The file '{file}' of the data set {Dataset} cannot be read: {error.Message}", error);
        }
    }

    /// <summary>A file breaks a rule.</summary>
    /// <param name="rule">Continues the file's name: <c>must hold 12 bytes</c>.</param>
    /// <param name="actual">What was found instead.</param>
    public BadInputException Refuse(string file, string rule, string actual, Exception? inner = null) => new(
        $"The file '{file}' of the data set {Dataset} {rule}; {actual}. It is truncated, corrupt or another file. {NextStep}", inner);

    private string NextStep => $"Get it anew with `./repro data fetch {Dataset}`, or name a folder that has it with --data-dir.";

    private static string Unpacked(string file) => Extensions.Skip(1).Any(file.EndsWith) ? " after decompression" : "";

    private static Stream Open(string file)
    {
        var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
        return file.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(stream, CompressionMode.Decompress)
            : file.EndsWith(".br", StringComparison.Ordinal) ? new BrotliStream(stream, CompressionMode.Decompress)
            : stream;
    }
}
