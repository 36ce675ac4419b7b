using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>What PyTorch computed, by name; made by tests/peers/reference_values.py.</summary>
internal static class ReferenceValues
{
    private static readonly byte[] File = System.IO.File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", "reference_values.safetensors"));
    private static readonly Dictionary<string, JsonElement> Entries = ReadHeader();

    public static IEnumerable<string> Names => Entries.Keys;

    public static bool Has(string name) => Entries.ContainsKey(name);

    public static Tensor Get(string name)
    {
        var entry = Entries[name];
        var sizes = entry.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64()).ToArray();
        var type = entry.GetProperty("dtype").GetString() switch { "F32" => float32, "F64" => float64, _ => int64 };
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(n => n.GetInt32()).ToArray();
        var start = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(File);
        var tensor = empty(sizes, type);
        tensor.bytes = File.AsSpan(start + offsets[0], offsets[1] - offsets[0]);
        return tensor;
    }

    /// <summary>Equal to what PyTorch has, up to the order of floating-point sums.</summary>
    public static void AssertEqual(string name, Tensor actual, double relative = 1e-5, double absolute = 1e-6)
    {
        using var scope = NewDisposeScope();
        var expected = Get(name);
        Assert.True(expected.shape.AsSpan().SequenceEqual(actual.shape), $"{name}: shape [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]");
        var same = actual.detach().to(expected.dtype);
        Assert.True(
            same.allclose(expected, relative, absolute, equal_nan: true),
            $"{name}: {same.ToString(TensorStringStyle.Numpy, "r")}\nPyTorch: {expected.ToString(TensorStringStyle.Numpy, "r")}");
    }

    private static Dictionary<string, JsonElement> ReadHeader() =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(File.AsSpan(8, (int)BinaryPrimitives.ReadInt64LittleEndian(File)))!;
}
