using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using TorchSharp;

namespace Repro.Torch;

/// <param name="Begin">The first byte, counted from the start of the file.</param>
internal sealed record SafetensorsEntry(string Name, torch.ScalarType Type, long[] Shape, long Begin, long End);

/// <summary>The header of a safetensors file. Whoever has one knows that every tensor lies in the file, apart from all others, and leaves no gap.</summary>
internal sealed class SafetensorsHeader
{
    public const string MetadataName = "__metadata__";

    // The limit of the format's own library.
    private const long LargestHeader = 100_000_000;
    private const int LengthBytes = 8;

    private readonly string path;
    private readonly Dictionary<string, string> metadata = [];
    private readonly List<SafetensorsEntry> entries = [];

    private SafetensorsHeader(string path) => this.path = path;

    public IReadOnlyDictionary<string, string> Metadata => metadata;

    /// <summary>By place.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries => entries;

    public static SafetensorsHeader Read(SafeFileHandle file, string path)
    {
        var header = new SafetensorsHeader(path);
        var fileLength = RandomAccess.GetLength(file);
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (fileLength < LengthBytes || RandomAccess.Read(file, prefix, 0) < LengthBytes)
            throw header.Broken($"it has {fileLength} bytes; a safetensors file begins with {LengthBytes} that give the length of its header");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > (ulong)(fileLength - LengthBytes))
            throw header.Broken($"its header is to be {length} bytes long (byte 0), but only {fileLength - LengthBytes} follow");
        if (length > LargestHeader)
            throw header.Broken($"its header is to be {length} bytes long (byte 0); at most {LargestHeader} are allowed");
        var json = new byte[length];
        for (var at = 0; at < json.Length;)
        {
            var read = RandomAccess.Read(file, json.AsSpan(at), LengthBytes + at);
            if (read == 0)
                throw header.Broken($"it ends at byte {LengthBytes + at}, inside its header");
            at += read;
        }
        try
        {
            header.Parse(json, LengthBytes + json.Length);
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path}: its header is no JSON (near byte {LengthBytes + ((error as JsonException)?.BytePositionInLine ?? 0)}): {error.Message}", error);
        }
        header.CheckPlaces(LengthBytes + json.Length, fileLength);
        return header;
    }

    private void Parse(byte[] json, long dataStart)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 4 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            throw Broken($"its header is no JSON object (byte {LengthBytes})");
        var names = new HashSet<string>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = LengthBytes + reader.TokenStartIndex;
            var name = Text(ref reader, null);
            if (!names.Add(name))
                throw Broken($"the name '{name}' comes twice (byte {at})");
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
                throw Wrong(ref reader, name, "an object was expected");
            if (name == MetadataName)
                ParseMetadata(ref reader);
            else
                ParseEntry(ref reader, name, at, dataStart);
        }
        // Behind the object only spaces may follow; the reader complains of anything else.
        while (reader.Read())
        {
        }
    }

    private void ParseMetadata(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var key = Text(ref reader, MetadataName);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String)
                throw Wrong(ref reader, MetadataName, $"'{key}' must be a text");
            if (!metadata.TryAdd(key, Text(ref reader, MetadataName)))
                throw Wrong(ref reader, MetadataName, $"'{key}' comes twice");
        }
    }

    private void ParseEntry(ref Utf8JsonReader reader, string name, long at, long dataStart)
    {
        torch.ScalarType? type = null;
        long[]? shape = null, offsets = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var property = Text(ref reader, name);
            reader.Read();
            switch (property)
            {
                case "dtype" when type is null && reader.TokenType == JsonTokenType.String:
                    var given = Text(ref reader, name);
                    type = Safetensors.TypeOf(given) ?? throw Wrong(ref reader, name, $"the type {given} is unknown here; known are {Safetensors.KnownTypes}");
                    break;
                case "shape" when shape is null:
                    shape = Numbers(ref reader, name);
                    break;
                case "data_offsets" when offsets is null:
                    offsets = Numbers(ref reader, name);
                    break;
                default:
                    throw Wrong(ref reader, name, $"'{property}' has no place there, comes twice, or is of a wrong kind");
            }
        }
        if (type is not { } element || shape is null || offsets is not [var begin, var end])
            throw Broken($"tensor '{name}' (byte {at}) must have dtype, shape, and two data_offsets");
        var bytes = (UInt128)element.ElementSize();
        foreach (var size in shape)
        {
            bytes = size == 0 || bytes == 0 ? 0 : bytes * (ulong)size;
            if (bytes > long.MaxValue)
                throw Broken($"tensor '{name}' (byte {at}) is larger than any file: shape [{string.Join(", ", shape)}]");
        }
        if (begin > end || (UInt128)(end - begin) != bytes)
            throw Broken($"tensor '{name}' (byte {at}) of type {element} and shape [{string.Join(", ", shape)}] has {bytes} bytes, but its place is {begin} to {end}");
        if (end > long.MaxValue - dataStart)
            throw Broken($"tensor '{name}' (byte {at}) is to end at byte {end} of the data");
        entries.Add(new SafetensorsEntry(name, element, shape, dataStart + begin, dataStart + end));
    }

    private long[] Numbers(ref Utf8JsonReader reader, string tensor)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
            throw Wrong(ref reader, tensor, "a list of whole numbers was expected");
        var numbers = new List<long>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            numbers.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number) && number >= 0 ? number : throw Wrong(ref reader, tensor, "a whole number from 0 on was expected"));
        return [.. numbers];
    }

    private void CheckPlaces(long dataStart, long fileLength)
    {
        entries.Sort((a, b) => (a.Begin, a.End).CompareTo((b.Begin, b.End)));
        var (free, before) = (dataStart, "the header");
        foreach (var entry in entries)
        {
            if (entry.End > fileLength)
                throw Broken($"tensor '{entry.Name}' is to end at byte {entry.End}, but the file ends at {fileLength}: it was cut off");
            if (entry.Begin < free)
                throw Broken($"tensor '{entry.Name}' begins at byte {entry.Begin}, inside {before}, which ends at {free}");
            if (entry.Begin > free)
                throw Broken($"bytes {free} to {entry.Begin}, before tensor '{entry.Name}', belong to no tensor");
            (free, before) = (entry.End, $"tensor '{entry.Name}'");
        }
        if (free != fileLength)
            throw Broken($"bytes {free} to {fileLength}, behind {before}, belong to no tensor");
    }

    // A text may hold escapes that stand for no character; that is damage as any other.
    private string Text(ref Utf8JsonReader reader, string? tensor)
    {
        try
        {
            return reader.GetString()!;
        }
        catch (Exception error) when (error is InvalidOperationException or DecoderFallbackException)
        {
            throw Wrong(ref reader, tensor, "a text is no Unicode");
        }
    }

    private InvalidDataException Broken(string what) => new($"{path}: {what}.");

    private InvalidDataException Wrong(ref Utf8JsonReader reader, string? tensor, string what) =>
        Broken($"{(tensor is null ? "the header" : $"tensor '{tensor}'")}, byte {LengthBytes + reader.TokenStartIndex}: {what}");
}
