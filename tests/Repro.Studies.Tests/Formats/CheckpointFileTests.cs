using System.Diagnostics;
using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public sealed class CheckpointFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-checkpoint-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void What_was_written_is_read_back_bit_by_bit()
    {
        var (file, digest) = Write();
        var (metadata, tensors, read) = CheckpointFile.Read(file);
        Assert.Equal(digest, read);
        Assert.Equal("7", metadata["step"]);
        Assert.Equal(["history.value", "model.weight"], tensors.Keys.Order());
        Assert.Equal(BitConverter.GetBytes(double.NaN), tensors["history.value"].Bytes[..8]);
        Assert.Equal([2L, 2], tensors["model.weight"].Shape);
        Assert.Equal(digest, CheckpointFile.Verify(file));
    }

    [Fact]
    public void Every_flipped_bit_is_noticed()
    {
        var (file, _) = Write();
        var whole = File.ReadAllBytes(file);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(file, damaged);
            Assert.Throws<BadInputException>(() => CheckpointFile.Read(file));
            Assert.Throws<BadInputException>(() => CheckpointFile.Verify(file));
        }
    }

    [Fact]
    public void Every_truncation_is_noticed()
    {
        var (file, _) = Write();
        var whole = File.ReadAllBytes(file);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(file, whole[..length]);
            Assert.Throws<BadInputException>(() => CheckpointFile.Read(file));
            Assert.Throws<BadInputException>(() => CheckpointFile.Verify(file));
        }
    }

    [Fact]
    public void Changed_content_is_reported_with_both_digests()
    {
        var (file, digest) = Write();
        var bytes = File.ReadAllBytes(file);
        bytes[^40] ^= 1;
        File.WriteAllBytes(file, bytes);
        var message = Assert.Throws<BadInputException>(() => CheckpointFile.Read(file)).Message;
        Assert.Contains("corrupt", message);
        Assert.Contains(digest, message);
        Assert.Contains(file, message);
    }

    [Fact]
    public void A_safetensors_file_without_digest_is_no_checkpoint()
    {
        var file = Path.Combine(_folder, "other.safetensors");
        using (var stream = File.Create(file))
        {
            var writer = new SafetensorsWriter(stream, [("a", SafetensorsType.U8, [1])], new Dictionary<string, string>());
            writer.Write([1]);
        }
        Assert.Contains("__sha256__", Assert.Throws<BadInputException>(() => CheckpointFile.Read(file)).Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named() =>
        Assert.Contains("nowhere.safetensors", Assert.Throws<BadInputException>(() => CheckpointFile.Read(Path.Combine(_folder, "nowhere.safetensors"))).Message);

    [SkippableFact]
    public void Python_reads_the_file_and_finds_the_same_digest()
    {
        Skip.IfNot(File.Exists("/usr/bin/python3"), "there is no /usr/bin/python3");
        var (file, digest) = Write();
        const string Script = """
            import hashlib, json, math, struct, sys
            data = open(sys.argv[1], 'rb').read()
            size = struct.unpack('<Q', data[:8])[0]
            header = json.loads(data[8:8 + size])
            assert hashlib.sha256(data[:-32]).digest() == data[-32:]
            assert list(header)[-1] == '__sha256__' and header['__sha256__']['data_offsets'][1] == len(data) - 8 - size
            begin, end = header['history.value']['data_offsets']
            values = struct.unpack('<2d', data[8 + size + begin:8 + size + end])
            assert math.isnan(values[0]) and values[1] == -math.inf
            print(data[-32:].hex())
            """;
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script, file]) { RedirectStandardOutput = true })!;
        var printed = python.StandardOutput.ReadToEnd();
        python.WaitForExit();
        Assert.Equal(0, python.ExitCode);
        Assert.Equal(digest, printed.Trim());
    }

    [Theory]
    [InlineData(0, "step-000000000.safetensors")]
    [InlineData(123, "step-000000123.safetensors")]
    [InlineData(1_234_567_890, "step-1234567890.safetensors")]
    public void A_file_is_named_by_its_step(long step, string name)
    {
        Assert.Equal(name, CheckpointFile.NameOf(step));
        Assert.Equal(step, CheckpointFile.StepOf("/runs/x/attempt-1/" + name));
    }

    [Fact]
    public void Other_files_have_no_step() =>
        Assert.All(["predictions.safetensors", "step-1.txt", "step-x.safetensors", "step-.safetensors", "step--1.safetensors"], file => Assert.Null(CheckpointFile.StepOf(file)));

    private (string File, string Digest) Write()
    {
        var file = Path.Combine(_folder, CheckpointFile.NameOf(7));
        using var stream = File.Create(file);
        var digest = CheckpointFile.Write(
            stream,
            [
                new DraftTensor("model.weight", SafetensorsType.F32, [2, 2], () => [.. Enumerable.Range(0, 16).Select(i => (byte)i)]),
                new DraftTensor("history.value", SafetensorsType.F64, [2], () => [.. BitConverter.GetBytes(double.NaN), .. BitConverter.GetBytes(double.NegativeInfinity)]),
            ],
            new Dictionary<string, string> { ["step"] = "7" });
        return (file, digest);
    }
}
