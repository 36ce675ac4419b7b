using System.Buffers.Binary;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Repro.Studies.Formats;

/// <summary>Writes a safetensors file from its beginning to its end, without seeking; see <see cref="SafetensorsHeader"/> for the format.</summary>
public sealed class SafetensorsWriter
{
    private readonly Stream _file;
    private readonly List<SafetensorsEntry> _tensors;
    private int _present;
    private long _written;

    /// <summary>Writes the header. The tensors' bytes follow in the order given here.</summary>
    /// <param name="tensors">Names are unique and not <c>__metadata__</c>; no dimension is below 0.</param>
    /// <param name="metadata">Written in the order of its names, so that equal content gives equal bytes.</param>
    /// <exception cref="ArgumentException">A name stands twice or is reserved.</exception>
    public SafetensorsWriter(
        Stream file, IEnumerable<(string Name, SafetensorsType Type, IReadOnlyList<long> Shape)> tensors, IReadOnlyDictionary<string, string> metadata)
    {
        _file = file;
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string> { "__metadata__" };
        long begin = 0;
        foreach (var (name, type, shape) in tensors)
        {
            if (!names.Add(name)) throw new ArgumentException($"The tensor name '{name}' is reserved or stands twice.", nameof(tensors));
            var length = shape.Aggregate((long)SafetensorsEntry.SizeOf(type), (product, dimension) => checked(product * dimension));
            ArgumentOutOfRangeException.ThrowIfNegative(length, nameof(tensors));
            entries.Add(new SafetensorsEntry(name, type, shape, begin, length));
            begin += length;
        }
        _tensors = entries;
        WriteHeader(metadata);
    }

    /// <summary>Writes bytes of the tensor whose turn it is: all of them at once or piece by piece, in order.</summary>
    /// <exception cref="ArgumentException">More bytes than the tensors' shapes leave room for, or a piece across the end of a tensor.</exception>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        MoveOn();
        if (bytes.IsEmpty) return;
        if (_present == _tensors.Count) throw new ArgumentException("Every tensor's bytes were written already.", nameof(bytes));
        var tensor = _tensors[_present];
        if (_written + bytes.Length > tensor.Length)
            throw new ArgumentException($"Tensor '{tensor.Name}' has {tensor.Length} bytes; {_written} were written and {bytes.Length} more are given.", nameof(bytes));
        _file.Write(bytes);
        _written += bytes.Length;
    }

    /// <summary>Asserts that every tensor's bytes were written.</summary>
    /// <exception cref="InvalidOperationException">Some are missing.</exception>
    public void End()
    {
        MoveOn();
        if (_present < _tensors.Count)
            throw new InvalidOperationException($"Tensor '{_tensors[_present].Name}' got {_written} of its {_tensors[_present].Length} bytes.");
    }

    private void MoveOn()
    {
        while (_present < _tensors.Count && _written == _tensors[_present].Length) (_present, _written) = (_present + 1, 0);
    }

    private void WriteHeader(IReadOnlyDictionary<string, string> metadata)
    {
        var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            if (metadata.Count > 0)
            {
                json.WriteStartObject("__metadata__");
                foreach (var (name, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                json.WriteEndObject();
            }
            foreach (var tensor in _tensors) WriteEntry(json, tensor);
            json.WriteEndObject();
        }
        // Spaces up to a multiple of eight: readers that map the file get aligned tensors.
        while (text.Length % 8 != 0) text.WriteByte((byte)' ');
        Span<byte> prefix = stackalloc byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, text.Length);
        _file.Write(prefix);
        _file.Write(text.GetBuffer().AsSpan(0, (int)text.Length));
    }

    private static void WriteEntry(Utf8JsonWriter json, SafetensorsEntry tensor)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.ToString());
        json.WriteStartArray("shape");
        foreach (var dimension in tensor.Shape) json.WriteNumberValue(dimension);
        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(tensor.Begin);
        json.WriteNumberValue(tensor.Begin + tensor.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
