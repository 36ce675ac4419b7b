using System.Buffers.Binary;
using System.Text.Json;

namespace Repro.Studies.Formats;

/// <summary>Element types of a safetensors file, named as in the file.</summary>
public enum SafetensorsType
{
    BOOL,
    U8,
    I32,
    I64,
    F16,
    BF16,
    F32,
    F64,
}

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Shape">Empty for a scalar.</param>
/// <param name="Begin">First byte, counted from the end of the header.</param>
/// <param name="Length">Bytes: the product of the shape times the size of an element.</param>
public sealed record SafetensorsEntry(string Name, SafetensorsType Type, IReadOnlyList<long> Shape, long Begin, long Length)
{
    /// <summary>Bytes of one element.</summary>
    public static int SizeOf(SafetensorsType type) => type switch
    {
        SafetensorsType.BOOL or SafetensorsType.U8 => 1,
        SafetensorsType.F16 or SafetensorsType.BF16 => 2,
        SafetensorsType.I32 or SafetensorsType.F32 => 4,
        _ => 8,
    };
}

/// <summary>
/// The header of a safetensors file (huggingface/safetensors, format section of its README): eight bytes of length, little endian, then JSON that
/// names every tensor with type, shape and place; the tensors' bytes follow without gaps, row-major and little endian.
/// </summary>
/// <param name="Tensors">In the order of their bytes.</param>
/// <param name="Metadata">Text to text.</param>
/// <param name="DataStart">Where the first tensor's bytes begin in the file.</param>
public sealed record SafetensorsHeader(IReadOnlyList<SafetensorsEntry> Tensors, IReadOnlyDictionary<string, string> Metadata, long DataStart)
{
    /// <summary>Longest header that is read, in bytes; the reference implementation's limit.</summary>
    public const long LongestHeader = 100_000_000;

    /// <summary>Reads a header and holds it against the length of the file. Strict: what the reference implementation refuses is refused.</summary>
    /// <param name="file">At its beginning; afterwards at the first tensor's bytes.</param>
    /// <param name="length">Of the whole file, in bytes.</param>
    /// <param name="place">The file's name, for messages.</param>
    /// <exception cref="BadInputException">It is no safetensors file, or a damaged one.</exception>
    public static SafetensorsHeader Read(Stream file, long length, string place)
    {
        if (length < 8) throw Bad(place, $"it has {length} bytes, too few for a header");
        Span<byte> prefix = stackalloc byte[8];
        file.ReadExactly(prefix);
        var size = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (size > LongestHeader) throw Bad(place, $"it claims a header of {size} bytes; at most {LongestHeader} are allowed");
        if ((long)size > length - 8) throw Bad(place, $"it claims a header of {size} bytes, but only {length - 8} follow; it may be cut off");
        var text = new byte[size];
        file.ReadExactly(text);
        if (size == 0 || text[0] != (byte)'{') throw Bad(place, "its header does not begin with '{'");
        try
        {
            using var json = JsonDocument.Parse(text);
            return Parse(json.RootElement, 8 + (long)size, length, place);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // InvalidOperationException: bytes or escapes that are no Unicode text.
            throw new BadInputException($"'{place}' is not a whole safetensors file: its header is not JSON ({e.Message}).", e);
        }
    }

    private static SafetensorsHeader Parse(JsonElement root, long dataStart, long length, string place)
    {
        var metadata = new Dictionary<string, string>();
        var tensors = new List<SafetensorsEntry>();
        var names = new HashSet<string>();
        foreach (var property in root.EnumerateObject())
        {
            if (!names.Add(property.Name)) throw Bad(place, $"its header names '{property.Name}' twice");
            if (property.Name == "__metadata__") ReadMetadata(property.Value, metadata, place);
            else tensors.Add(ReadEntry(property.Name, property.Value, place));
        }
        tensors.Sort((a, b) => a.Begin != b.Begin ? a.Begin.CompareTo(b.Begin) : a.Length.CompareTo(b.Length));
        long end = 0;
        foreach (var tensor in tensors)
        {
            if (tensor.Begin < end) throw Bad(place, $"tensor '{tensor.Name}' overlaps the one before it (begins at {tensor.Begin}, inside {end})");
            if (tensor.Begin > end) throw Bad(place, $"there is a gap of {tensor.Begin - end} bytes before tensor '{tensor.Name}'");
            end = tensor.Begin + tensor.Length;
        }
        var present = length - dataStart;
        if (present < end) throw Bad(place, $"its tensors need {end} bytes, but only {present} follow the header; it is cut off");
        if (present > end) throw Bad(place, $"{present - end} bytes follow the last tensor");
        return new SafetensorsHeader(tensors, metadata, dataStart);
    }

    private static void ReadMetadata(JsonElement value, Dictionary<string, string> metadata, string place)
    {
        if (value.ValueKind != JsonValueKind.Object) throw Bad(place, "its metadata are no JSON object");
        foreach (var pair in value.EnumerateObject())
        {
            if (pair.Value.ValueKind != JsonValueKind.String) throw Bad(place, $"its metadata '{pair.Name}' is no text");
            if (!metadata.TryAdd(pair.Name, pair.Value.GetString()!)) throw Bad(place, $"its metadata name '{pair.Name}' twice");
        }
    }

    private static SafetensorsEntry ReadEntry(string name, JsonElement value, string place)
    {
        if (value.ValueKind != JsonValueKind.Object
            || !value.TryGetProperty("dtype", out var dtype) || dtype.ValueKind != JsonValueKind.String
            || !value.TryGetProperty("shape", out var shape) || !TryReadNumbers(shape, out var dimensions)
            || !value.TryGetProperty("data_offsets", out var offsets) || !TryReadNumbers(offsets, out var range) || range.Count != 2)
        {
            throw Bad(place, $"tensor '{name}' lacks a dtype, a shape of whole numbers from 0, or two data_offsets");
        }
        if (!Enum.TryParse<SafetensorsType>(dtype.GetString(), out var type) || dtype.GetString() != type.ToString())
            throw Bad(place, $"tensor '{name}' has the type '{dtype.GetString()}'; known are {string.Join(", ", Enum.GetNames<SafetensorsType>())}");
        long bytes;
        try
        {
            bytes = dimensions.Aggregate((long)SafetensorsEntry.SizeOf(type), (product, dimension) => checked(product * dimension));
        }
        catch (OverflowException)
        {
            throw Bad(place, $"the shape of tensor '{name}' is larger than any file");
        }
        if (range[1] < range[0] || range[1] - range[0] != bytes)
            throw Bad(place, $"tensor '{name}' needs {bytes} bytes by its type and shape, but its offsets are {range[0]} to {range[1]}");
        return new SafetensorsEntry(name, type, dimensions, range[0], bytes);
    }

    private static bool TryReadNumbers(JsonElement array, out List<long> numbers)
    {
        numbers = [];
        if (array.ValueKind != JsonValueKind.Array) return false;
        foreach (var element in array.EnumerateArray())
        {
            if (element.ValueKind != JsonValueKind.Number || !element.TryGetInt64(out var number) || number < 0) return false;
            numbers.Add(number);
        }
        return true;
    }

    private static BadInputException Bad(string place, string what) => new($"'{place}' is not a whole safetensors file: {what}.");
}
