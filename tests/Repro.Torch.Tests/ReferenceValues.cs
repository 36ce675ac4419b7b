using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>What PyTorch computed, by name: one file of tests/Repro.Torch.Tests/Data, written by the script of its name in tests/peers/reference.</summary>
internal sealed class ReferenceValues
{
    private readonly byte[] _file;
    private readonly Dictionary<string, JsonElement> _entries;

    private ReferenceValues(string area)
    {
        _file = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Data", area + ".safetensors"));
        _entries = JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(_file.AsSpan(8, HeaderLength))!;
    }

    /// <summary>Operators, a whole small network, and the generator.</summary>
    public static ReferenceValues Operators { get; } = new("operators");

    public static ReferenceValues Distributions { get; } = new("distributions");

    /// <summary>Files in TorchSharp's format as Python writes them.</summary>
    public static ReferenceValues Files { get; } = new("files");

    /// <summary>Trajectories of optimizers and schedules.</summary>
    public static ReferenceValues Optimizers { get; } = new("optimizers");

    public static ReferenceValues Functions { get; } = new("functions");

    public static ReferenceValues Reductions { get; } = new("reductions");

    /// <summary>Creation, joins, cuts, indexing, sparse tensors.</summary>
    public static ReferenceValues Shapes { get; } = new("shapes");

    public static ReferenceValues Linalg { get; } = new("linalg");

    /// <summary>Fourier transforms and complex numbers.</summary>
    public static ReferenceValues Fourier { get; } = new("fourier");

    /// <summary>Draws after a seed.</summary>
    public static ReferenceValues Draws { get; } = new("draws");

    /// <summary>torch.nn.functional.</summary>
    public static ReferenceValues Functionals { get; } = new("functionals");

    /// <summary>Whole modules: their states, inputs, outputs and gradients.</summary>
    public static ReferenceValues Modules { get; } = new("modules");

    public IEnumerable<string> Cases => _entries.Keys.Where(name => name.EndsWith(".out", StringComparison.Ordinal)).Select(name => name[..^4]);

    public IEnumerable<string> Names => _entries.Keys;

    private int HeaderLength => (int)BinaryPrimitives.ReadInt64LittleEndian(_file);

    public bool Has(string name) => _entries.ContainsKey(name);

    public Tensor Get(string name)
    {
        var entry = _entries[name];
        var sizes = entry.GetProperty("shape").EnumerateArray().Select(n => n.GetInt64()).ToArray();
        var type = entry.GetProperty("dtype").GetString() switch { "F32" => float32, "F64" => float64, "U8" => uint8, _ => int64 };
        var offsets = entry.GetProperty("data_offsets").EnumerateArray().Select(n => n.GetInt32()).ToArray();
        var start = 8 + HeaderLength;
        var tensor = empty(sizes, type);
        tensor.bytes = _file.AsSpan(start + offsets[0], offsets[1] - offsets[0]);
        return tensor;
    }

    /// <summary>Equal to what PyTorch has, up to the order of floating-point sums.</summary>
    public void AssertEqual(string name, Tensor actual, double relative = 1e-5, double absolute = 1e-6)
    {
        using var scope = NewDisposeScope();
        var expected = Get(name);
        Assert.True(expected.shape.AsSpan().SequenceEqual(actual.shape), $"{name}: shape [{string.Join(", ", actual.shape)}] instead of [{string.Join(", ", expected.shape)}]");
        var same = actual.detach().to(expected.dtype);
        Assert.True(
            same.allclose(expected, relative, absolute, equal_nan: true),
            $"{name}: {same.ToString(numpy, "r")}\nPyTorch: {expected.ToString(numpy, "r")}");
    }
}
