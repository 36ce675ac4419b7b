using System.Buffers.Binary;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("safetensors").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    private string File => Path.Combine(_folder, "some.safetensors");

    public static TheoryData<string, string, string> Damage => new()
    {
        { "", "", "has 0 bytes" },
        { "[]", "", "byte 8" },
        { "{", "", "no JSON" },
        { "{\"a\":1}", "", "tensor 'a', byte 13" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}} x""", "0000", "no JSON" },
        { """{"a":{"dtype":"F9","shape":[1],"data_offsets":[0,4]}}""", "0000", "tensor 'a', byte 22: the type F9 is unknown" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "0000", "the name 'a' comes twice (byte 62)" },
        { """{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", "0000", "'dtype' has no place there, comes twice" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"more":1}}""", "0000", "'more' has no place" },
        { """{"a":{"dtype":"F32","shape":[1]}}""", "0000", "must have dtype, shape, and two data_offsets" },
        { """{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", "0000", "place is 4 to 0" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", "0000", "has 8 bytes" },
        { """{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", "0000", "a whole number from 0 on" },
        { """{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", "0000", "a whole number from 0 on" },
        { """{"a":{"dtype":"F32","shape":[9223372036854775807,9223372036854775807],"data_offsets":[0,4]}}""", "0000", "larger than any file" },
        { """{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}""", "0000", "to end at byte 9223372036854775807" },
        { """{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", "0000", "tensor 'a' is to end at byte 70, but the file ends at 66: it was cut off" },
        { """{"a":{"dtype":"I8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[3],"data_offsets":[2,5]}}""", "00000", "tensor 'b' begins at byte 115, inside tensor 'a'" },
        { """{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"I8","shape":[1],"data_offsets":[2,3]}}""", "000", "before tensor 'b', belong to no tensor" },
        { """{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", "000", "behind tensor 'a', belong to no tensor" },
        { """{"a":{"dtype":"BOOL","shape":[2],"data_offsets":[0,2]}}""", "\u0001\u0002", "byte 64, in tensor 'a', is 2" },
        { """{"__metadata__":{"a":1}}""", "", "tensor '__metadata__'" },
        { """{"\ud800":{"dtype":"I8","shape":[1],"data_offsets":[0,1]}}""", "0", "byte 9" },
    };

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_is_saved_is_loaded_with_the_same_bits()
    {
        var tensors = Everything();
        Safetensors.Save(File, tensors, new Dictionary<string, string> { ["format"] = "pt", ["note"] = "ü \" \\ \n" });
        var loaded = Safetensors.Load(File, out var metadata);
        AssertSame(tensors, loaded);
        Assert.Equal("ü \" \\ \n", metadata["note"]);
        Assert.Equal(2, metadata.Count);
        Assert.Single(Directory.GetFiles(_folder));
    }

    [SkippableFact]
    public void Python_reads_it_and_what_it_writes_comes_back_with_the_same_bits()
    {
        Skip.If(PythonScripts.Obstacle is not null, PythonScripts.Obstacle);
        var tensors = Everything();
        var back = Path.Combine(_folder, "back.safetensors");
        Safetensors.Save(File, tensors, new Dictionary<string, string> { ["format"] = "pt", ["ñ"] = "日本" });
        var printed = PythonScripts.Run("safetensors_roundtrip.py", File, back).Split('\n');
        AssertSame(tensors, Safetensors.Load(back, out var metadata));
        Assert.Equal("日本", metadata["ñ"]);
        Assert.Contains("layer.half float16 [2, 3] ", string.Join('\n', printed), StringComparison.Ordinal);
        Assert.Equal(tensors.Count + 1, printed.Count(line => line.Length > 0));
    }

    [SkippableFact]
    public void A_module_goes_to_Python_and_comes_back_with_the_same_bits()
    {
        Skip.If(PythonScripts.Obstacle is not null, PythonScripts.Obstacle);
        manual_seed(5);
        using var net = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("norm", nn.BatchNorm2d(4)), ("fc", nn.Linear(4, 2)));
        var back = Path.Combine(_folder, "back.safetensors");
        Safetensors.Save(File, net.state_dict());
        PythonScripts.Run("safetensors_roundtrip.py", File, back);
        using var other = nn.Sequential(("conv", nn.Conv2d(3, 4, 3)), ("norm", nn.BatchNorm2d(4)), ("fc", nn.Linear(4, 2)));
        other.load_state_dict(Safetensors.Load(back));
        AssertSame(net.state_dict(), other.state_dict());
    }

    [Theory]
    [MemberData(nameof(Damage))]
    public void A_damaged_file_is_refused_with_its_name_and_place(string header, string data, string complaint)
    {
        System.IO.File.WriteAllBytes(File, header.Length == 0 ? [] : Bytes(header, data));
        var message = Assert.Throws<InvalidDataException>(() => Safetensors.Load(File)).Message;
        Assert.StartsWith(File, message, StringComparison.Ordinal);
        Assert.Contains(complaint, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_header_longer_than_the_file_is_refused()
    {
        foreach (var length in new[] { 100L, long.MaxValue, -1 })
        {
            var bytes = Bytes("{}", "");
            BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
            System.IO.File.WriteAllBytes(File, bytes);
            Assert.Contains("only 2 follow", Assert.Throws<InvalidDataException>(() => Safetensors.Load(File)).Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_file_that_is_cut_anywhere_or_changed_anywhere_never_harms()
    {
        Safetensors.Save(File, Everything());
        var whole = System.IO.File.ReadAllBytes(File);
        var header = 8 + (int)BinaryPrimitives.ReadInt64LittleEndian(whole);
        for (var length = 0; length < whole.Length; length += 3)
        {
            System.IO.File.WriteAllBytes(File, whole[..length]);
            Assert.Throws<InvalidDataException>(() => Safetensors.Load(File));
        }
        // What other tests left to finalizers would be freed in between.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var random = new Random(7);
        for (var i = 0; i < 500; i++)
        {
            var changed = (byte[])whole.Clone();
            changed[random.Next(header)] = (byte)random.Next(256);
            System.IO.File.WriteAllBytes(File, changed);
            var before = Runtime.LiveTensors;
            try
            {
                foreach (var tensor in Safetensors.Load(File).Values)
                    tensor.Dispose();
            }
            catch (InvalidDataException error)
            {
                Assert.StartsWith(File, error.Message, StringComparison.Ordinal);
            }
            Assert.Equal(before, Runtime.LiveTensors);
        }
    }

    [Fact]
    public void A_save_that_fails_leaves_the_old_file_and_no_other()
    {
        Safetensors.Save(File, new Dictionary<string, Tensor> { ["a"] = ones(2) });
        var disposed = ones(3);
        disposed.Dispose();
        Assert.ThrowsAny<Exception>(() => Safetensors.Save(File, new Dictionary<string, Tensor> { ["a"] = zeros(2), ["b"] = disposed }));
        Assert.Contains("__metadata__", Assert.Throws<ArgumentException>(() => Safetensors.Save(File, new Dictionary<string, Tensor> { ["__metadata__"] = ones(1) })).Message, StringComparison.Ordinal);
        Assert.Contains("'c' is ComplexFloat32", Assert.Throws<ArgumentException>(() => Safetensors.Save(File, new Dictionary<string, Tensor> { ["c"] = zeros([1], ScalarType.ComplexFloat32) })).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Safetensors.Save(File, [new("a", ones(1)), new("a", ones(1))]));
        Assert.Single(Directory.GetFiles(_folder));
        Assert.True(Safetensors.Load(File)["a"].Equals(ones(2)));
    }

    private static Dictionary<string, Tensor> Everything()
    {
        manual_seed(11);
        var numbers = randn(2, 3) * 50;
        var tensors = new Dictionary<string, Tensor>
        {
            ["layer.half"] = numbers.to(float16),
            ["layer.bfloat"] = numbers.to(bfloat16),
            ["bytes"] = numbers.abs().to(uint8),
            ["signed"] = numbers.to(int8),
            ["short"] = numbers.to(int16),
            ["int"] = numbers.to(int32),
            ["long"] = (numbers.to(float64) * 1e15).to(int64),
            ["truth"] = numbers > 0,
            ["double"] = numbers.to(float64) / 3,
            ["float"] = numbers,
            ["ünï 日本 \"'\\"] = tensor([float.NaN, float.PositiveInfinity, -0f]),
            ["scalar"] = tensor(2.5f),
            ["empty"] = zeros(0),
            ["empty.wide"] = zeros([3, 0, 2], int64),
            ["turned"] = numbers.t(),
            ["part"] = arange(20, int64).reshape(4, 5)[TensorIndex.Colon, 1..3],
        };
        return tensors;
    }

    private static void AssertSame(IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), actual.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in expected)
        {
            Assert.Equal(tensor.dtype, actual[name].dtype);
            Assert.Equal(tensor.shape, actual[name].shape);
            Assert.True(tensor.contiguous().bytes.SequenceEqual(actual[name].bytes), name);
        }
    }

    private static byte[] Bytes(string header, string data) => [.. BitConverter.GetBytes((long)Encoding.UTF8.GetByteCount(header)), .. Encoding.UTF8.GetBytes(header), .. Encoding.Latin1.GetBytes(data)];
}
