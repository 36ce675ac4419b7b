using System.Text.Json;
using TorchSharp;

namespace Repro.Torch;

/// <summary>Files of named tensors in the safetensors format, which Python's libraries read and write too.</summary>
/// <remarks>Eight bytes of length, a JSON header of types, shapes and places, then the elements, little-endian and row-major.</remarks>
public static class Safetensors
{
    private static readonly Dictionary<torch.ScalarType, string> Names = new()
    {
        [torch.ScalarType.Float64] = "F64",
        [torch.ScalarType.Float32] = "F32",
        [torch.ScalarType.Float16] = "F16",
        [torch.ScalarType.BFloat16] = "BF16",
        [torch.ScalarType.Int64] = "I64",
        [torch.ScalarType.Int32] = "I32",
        [torch.ScalarType.Int16] = "I16",
        [torch.ScalarType.Int8] = "I8",
        [torch.ScalarType.Byte] = "U8",
        [torch.ScalarType.Bool] = "BOOL",
    };

    private static readonly Dictionary<string, torch.ScalarType> Types = Names.ToDictionary(pair => pair.Value, pair => pair.Key);

    internal static string KnownTypes => string.Join(", ", Types.Keys);

    internal static torch.ScalarType? TypeOf(string name) => Types.TryGetValue(name, out var type) ? type : null;

    /// <summary>All tensors of a file, on the CPU, in the order of their places in it.</summary>
    /// <exception cref="InvalidDataException">The file is no such file, or damaged: the message names it, the tensor and the byte. Nothing is loaded.</exception>
    public static Dictionary<string, torch.Tensor> Load(string path) => Load(path, out _);

    /// <param name="metadata">The texts that were saved with the tensors.</param>
    public static Dictionary<string, torch.Tensor> Load(string path, out IReadOnlyDictionary<string, string> metadata)
    {
        using var file = File.OpenHandle(path);
        var header = SafetensorsHeader.Read(file, path);
        metadata = header.Metadata;
        var tensors = new Dictionary<string, torch.Tensor>();
        try
        {
            foreach (var entry in header.Entries)
            {
                var tensor = torch.empty(entry.Shape, entry.Type, torch.CPU);
                tensors.Add(entry.Name, tensor);
                Fill(tensor, file, entry, path);
            }
        }
        catch
        {
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
            throw;
        }
        return tensors;
    }

    /// <summary>Writes the file beside its place, makes it durable, and puts it there in one step: whatever happens, the old file or the new one is there.</summary>
    /// <param name="tensors">On any device, contiguous or not. Those that share memory are each written in full.</param>
    /// <param name="metadata">Any texts; Python's libraries look for <c>format</c>: <c>pt</c>.</param>
    /// <exception cref="ArgumentException">A tensor has a type that the format, or its name a meaning that the format, does not have. Nothing is written.</exception>
    public static void Save(string path, IEnumerable<KeyValuePair<string, torch.Tensor>> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        // Wide elements first, so that each tensor starts at a multiple of its element's size.
        var entries = tensors.OrderByDescending(entry => entry.Value.ElementSize).ToList();
        var header = HeaderOf(entries, metadata);
        var temporary = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(BitConverter.GetBytes((long)header.Length));
                stream.Write(header);
                foreach (var (_, tensor) in entries)
                    tensor.WriteBytesToStream(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    private static byte[] HeaderOf(List<KeyValuePair<string, torch.Tensor>> entries, IReadOnlyDictionary<string, string>? metadata)
    {
        using var memory = new MemoryStream();
        using (var json = new Utf8JsonWriter(memory))
        {
            json.WriteStartObject();
            if (metadata is { Count: > 0 })
            {
                json.WriteStartObject(SafetensorsHeader.MetadataName);
                foreach (var (key, value) in metadata)
                    json.WriteString(key, value);
                json.WriteEndObject();
            }
            var names = new HashSet<string>();
            long at = 0;
            foreach (var (name, tensor) in entries)
            {
                if (name == SafetensorsHeader.MetadataName || !names.Add(name))
                    throw new ArgumentException($"A tensor cannot be named '{name}': {(name == SafetensorsHeader.MetadataName ? "the format uses this name itself" : "another one is")}.");
                if (tensor.is_sparse || !Names.TryGetValue(tensor.dtype, out var type))
                    throw new ArgumentException($"The tensor '{name}' is {(tensor.is_sparse ? "sparse" : tensor.dtype)}; safetensors files hold dense tensors of {KnownTypes}.");
                json.WriteStartObject(name);
                json.WriteString("dtype", type);
                json.WriteStartArray("shape");
                foreach (var size in tensor.shape)
                    json.WriteNumberValue(size);
                json.WriteEndArray();
                json.WriteStartArray("data_offsets");
                json.WriteNumberValue(at);
                json.WriteNumberValue(at += tensor.NumberOfElements * tensor.ElementSize);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        while (memory.Length % 8 != 0)
            memory.WriteByte((byte)' ');
        return memory.ToArray();
    }

    // Straight into the tensor's own memory.
    private static unsafe void Fill(torch.Tensor tensor, Microsoft.Win32.SafeHandles.SafeFileHandle file, SafetensorsEntry entry, string path)
    {
        var memory = (byte*)tensor.DataPointer;
        var length = entry.End - entry.Begin;
        for (long at = 0; at < length;)
        {
            var part = new Span<byte>(memory + at, (int)Math.Min(length - at, 1 << 24));
            var read = RandomAccess.Read(file, part, entry.Begin + at);
            if (read == 0)
                throw new InvalidDataException($"{path}: it ends at byte {entry.Begin + at}, inside tensor '{entry.Name}': another program made it shorter while it was read.");
            if (entry.Type == torch.ScalarType.Bool && part[..read].IndexOfAnyExceptInRange((byte)0, (byte)1) is >= 0 and var wrong)
                throw new InvalidDataException($"{path}: byte {entry.Begin + at + wrong}, in tensor '{entry.Name}', is {part[wrong]}, which is no truth value.");
            at += read;
        }
        GC.KeepAlive(tensor);
    }
}
