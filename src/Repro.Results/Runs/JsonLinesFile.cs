using System.Text.Json;
using System.Text.Json.Nodes;
using Repro.Studies;

namespace Repro.Results.Runs;

/// <summary>
/// An append-only file of one JSON object a line. A line counts once its newline is there: what follows the last newline was torn by a crash
/// and is dropped, by readers and by the next writer.
/// </summary>
internal sealed class JsonLinesFile : IDisposable
{
    private readonly FileStream _file;

    /// <summary>Opens for appending, creates where absent, and cuts a torn last line off.</summary>
    /// <exception cref="StorageException">The disk refuses.</exception>
    public JsonLinesFile(string path)
    {
        Path = path;
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot open {path}: {StorageException.Reason(e)}.", e);
        }
        var whole = WholeLength(_file);
        if (whole < _file.Length) _file.SetLength(whole);
        _file.Seek(0, SeekOrigin.End);
    }

    public string Path { get; }

    /// <param name="line">A JSON object without newline.</param>
    /// <param name="sync">Whether the line, and all before it, must survive a power cut from here on.</param>
    /// <exception cref="StorageException">The disk is full or refuses; the file is as it was before.</exception>
    public void Append(byte[] line, bool sync)
    {
        var length = _file.Length;
        try
        {
            _file.Write([.. line, (byte)'\n']);
            if (sync) Sync();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A part of the line may have fitted.
            if (_file.Length > length) _file.SetLength(length);
            _file.Seek(0, SeekOrigin.End);
            throw new StorageException($"Cannot append to {Path}: {StorageException.Reason(e)}.", e);
        }
    }

    /// <summary>All that was appended survives a power cut.</summary>
    public void Sync() => _file.Flush(flushToDisk: true);

    public void Dispose() => _file.Dispose();

    /// <summary>The objects of a file that may be in writing by another process; none where the file is absent.</summary>
    /// <exception cref="BadInputException">A line but a torn last one is no JSON object; names the line.</exception>
    public static IEnumerable<JsonObject> Read(string path)
    {
        if (!File.Exists(path)) yield break;
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var whole = WholeLength(file);
        file.Seek(0, SeekOrigin.Begin);
        using var reader = new StreamReader(file);
        long read = 0;
        for (var number = 1; read < whole && reader.ReadLine() is { } line; number++)
        {
            read += System.Text.Encoding.UTF8.GetByteCount(line) + 1;
            JsonObject? parsed;
            try
            {
                parsed = JsonNode.Parse(line) as JsonObject;
            }
            catch (JsonException e)
            {
                throw Corrupt(path, number, e);
            }
            yield return parsed ?? throw Corrupt(path, number, null);
        }
    }

    private static BadInputException Corrupt(string path, int number, Exception? inner) =>
        new($"Line {number} of {path} is no JSON object: the file is corrupt. Restore it from a copy, or delete the run's folder.", inner);

    /// <summary>Bytes up to and with the last newline. A crash of the machine can leave zeros at the end: they are no newline either.</summary>
    private static long WholeLength(FileStream file)
    {
        var block = new byte[4096];
        for (var end = file.Length; end > 0;)
        {
            var start = Math.Max(0, end - block.Length);
            file.Seek(start, SeekOrigin.Begin);
            var count = file.ReadAtLeast(block.AsSpan(0, (int)(end - start)), (int)(end - start), throwOnEndOfStream: false);
            var newline = block.AsSpan(0, count).LastIndexOf((byte)'\n');
            if (newline >= 0) return start + newline + 1;
            end = start;
        }
        return 0;
    }
}
