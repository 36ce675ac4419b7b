using System.Text;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>Files in TorchSharp's own format.</summary>
public sealed class TorchSharpFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torchsharp").FullName;
    private readonly DisposeScope _scope = NewDisposeScope();

    // Other options than the file's: it has its own.
    private static readonly Dictionary<string, Func<Parameter[], OptimizerHelper>> Optimizers = new()
    {
        ["SGD"] = p => optim.SGD(p, 1),
        ["Adam"] = p => optim.Adam(p),
        ["AdamW"] = p => optim.AdamW(p),
        ["RMSProp"] = p => optim.RMSProp(p),
        ["Adagrad"] = p => optim.Adagrad(p),
        ["Adadelta"] = p => optim.Adadelta(p),
        ["Adamax"] = p => optim.Adamax(p),
        ["ASGD"] = p => optim.ASGD(p),
        ["Rprop"] = p => optim.Rprop(p),
        ["NAdam"] = p => optim.NAdam(p),
        ["RAdam"] = p => optim.RAdam(p),
    };

    private string File => Path.Combine(_folder, "file.dat");

    public static TheoryData<string> OptimizerNames => [.. Optimizers.Keys];

    public void Dispose()
    {
        _scope.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_tensor_is_its_type_its_sizes_and_its_elements()
    {
        var turned = tensor(new short[,] { { 1, 2 }, { 3, 4 }, { 5, -1 } }).t();
        byte[] expected = [2, 2, 2, 3, 1, 0, 3, 0, 5, 0, 2, 0, 4, 0, 0xFF, 0xFF];
        turned.save(File);
        Assert.Equal(expected, System.IO.File.ReadAllBytes(File));
        Assert.True(load(File).Equals(turned));
        save(zeros([300, 0], ScalarType.BFloat16), File);
        Assert.Equal([15, 2, 0xAC, 2, 0], System.IO.File.ReadAllBytes(File));
        Assert.Equal([300, 0], Tensor.load(File).shape);
        using var stream = new MemoryStream();
        tensor(true).Save(stream);
        Assert.Equal([11, 0, 1], stream.ToArray());
    }

    [Fact]
    public void A_state_dictionary_is_its_number_of_entries_and_then_name_and_tensor_of_each()
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        nn.Module.save_state_dict(writer, new Dictionary<string, Tensor> { ["é"] = tensor(1.5f), [new string('n', 200)] = tensor([7L]), ["left.out"] = zeros(1) }, skip: ["left.out"]);
        byte[] expected = [2, 2, 0xC3, 0xA9, 6, 0, 0, 0, 0xC0, 0x3F, 0xC8, 1, .. Encoding.ASCII.GetBytes(new string('n', 200)), 4, 1, 1, 7, 0, 0, 0, 0, 0, 0, 0];
        Assert.Equal(expected, stream.ToArray());
    }

    [Fact]
    public void A_state_dictionary_that_Python_wrote_is_loaded_and_saved_with_the_same_bytes()
    {
        using var net = Net();
        using (var stream = new MemoryStream(Bytes("state_dict")))
            net.load(stream);
        foreach (var (name, value) in net.state_dict())
            ReferenceValues.Files.AssertEqual($"state_dict.{name}", value, 0, 0);
        net.save(File);
        Assert.Equal(Bytes("state_dict.sharp"), System.IO.File.ReadAllBytes(File));
    }

    [Theory]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Int8)]
    [InlineData(ScalarType.Int16)]
    [InlineData(ScalarType.Int32)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Bool)]
    public void A_tensor_that_Python_wrote_is_loaded_and_saved_with_the_same_bytes(ScalarType type)
    {
        System.IO.File.WriteAllBytes(File, Bytes($"tensor.{(int)type}"));
        var loaded = load(File);
        Assert.Equal(type, loaded.dtype);
        ReferenceValues.Files.AssertEqual($"tensor.{(int)type}.values", loaded.to(float64), 0, 0);
        save(loaded, File);
        Assert.Equal(Bytes($"tensor.{(int)type}"), System.IO.File.ReadAllBytes(File));
    }

    [SkippableFact]
    public void Python_reads_every_byte_of_a_saved_module()
    {
        Skip.If(PythonScripts.Obstacle is not null, PythonScripts.Obstacle);
        manual_seed(3);
        using var net = Net();
        net.save(File);
        var back = Path.Combine(_folder, "back.safetensors");
        Assert.Equal("8 tensors", PythonScripts.Run("torchsharp_files.py", File, back).Trim());
        var seen = Safetensors.Load(back);
        foreach (var (name, value) in net.state_dict())
            Assert.True(value.bytes.SequenceEqual(seen[name].bytes), name);
    }

    [Theory]
    [MemberData(nameof(OptimizerNames))]
    public void The_state_of_an_optimizer_that_Python_wrote_goes_on_as_in_PyTorch(string name)
    {
        var bytes = Bytes(name);
        Parameter[] parameters = [.. new[] { 0, 1 }.Select(i => new Parameter(ReferenceValues.Files.Get($"{name}.before.{i}")))];
        using var optimizer = Optimizers[name](parameters);
        System.IO.File.WriteAllBytes(File, bytes);
        optimizer.load_state_dict(File);
        optimizer.save_state_dict(File);
        Assert.Equal(bytes, System.IO.File.ReadAllBytes(File));
        for (var step = 0; step < 2; step++)
        {
            optimizer.zero_grad();
            parameters.Select(p => ((p.sin() * OperatorCases.Weights(p)) + (p.pow(2) / 2)).sum()).Aggregate((a, b) => a + b).backward();
            optimizer.step();
        }
        for (var i = 0; i < 2; i++)
            ReferenceValues.Files.AssertEqual($"{name}.after.{i}", parameters[i]);
    }

    [Fact]
    public void The_state_of_another_optimizer_or_of_other_parameters_is_refused()
    {
        System.IO.File.WriteAllBytes(File, Bytes("Adam"));
        using var other = optim.AdamW([new Parameter(zeros(3, 4)), new Parameter(zeros(2))]);
        Assert.Contains("'AdamW'", Assert.Throws<InvalidDataException>(() => other.load_state_dict(File)).Message, StringComparison.Ordinal);
        using var fewer = optim.Adam([new Parameter(zeros(3, 4))]);
        Assert.Contains("2 saved, 1 here", Assert.Throws<ArgumentException>(() => fewer.load_state_dict(File)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_cut_off_is_refused()
    {
        var bytes = Bytes("state_dict");
        using var net = Net();
        for (var length = 0; length < bytes.Length; length += 37)
            Assert.ThrowsAny<IOException>(() => net.load(new MemoryStream(bytes[..length])));
    }

    [Fact]
    public void A_tensor_is_loaded_where_there_is_none_and_into_one_that_is_there()
    {
        using var stream = new MemoryStream(Bytes("tensor.6"));
        using var reader = new BinaryReader(stream);
        Tensor? place = null;
        TensorExtensionMethods.Load(ref place, reader);
        ReferenceValues.Files.AssertEqual("tensor.6.values", place!.to(float64), 0, 0);
        stream.Position = 0;
        var there = zeros(2, 3);
        Tensor? same = there;
        TensorExtensionMethods.Load(ref same, reader);
        Assert.Same(there, same);
        Assert.True(there.Equals(place));
    }

    private static Sequential Net() => nn.Sequential(nn.Linear(3, 130), nn.BatchNorm1d(130), nn.Linear(130, 2, hasBias: false));

    private static byte[] Bytes(string name) => ReferenceValues.Files.Get(name).data<byte>().ToArray();
}
