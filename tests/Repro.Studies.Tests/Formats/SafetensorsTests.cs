using System.Buffers.Binary;
using System.Text;
using Repro.Studies;
using Repro.Studies.Formats;

namespace Repro.Studies.Tests.Formats;

public class SafetensorsTests
{
    [Fact]
    public void A_file_is_laid_out_as_the_format_says()
    {
        var bytes = Write([("b", SafetensorsType.F32, [1, 2], new byte[8]), ("a", SafetensorsType.U8, [], [7])], new() { ["z"] = "1", ["k"] = "two \"words\"" });
        var size = BinaryPrimitives.ReadInt64LittleEndian(bytes);
        Assert.Equal(0, size % 8);
        var expected = """{"__metadata__":{"k":"two \"words\"","z":"1"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"a":{"dtype":"U8","shape":[],"data_offsets":[8,9]}}""";
        Assert.Equal(expected, Encoding.UTF8.GetString(bytes, 8, (int)size).TrimEnd(' '));
        Assert.Equal(8 + size + 9, bytes.Length);
        Assert.Equal(7, bytes[^1]);
    }

    [Fact]
    public void Everything_written_is_read_back()
    {
        var bytes = Write(
            [("first", SafetensorsType.BF16, [2, 3], new byte[12]), ("empty", SafetensorsType.I64, [0, 4], []), ("", SafetensorsType.BOOL, [1], [1])],
            new() { ["seed"] = "18446744073709551615" });
        var header = Read(bytes);
        Assert.Equal(["first", "empty", ""], header.Tensors.Select(tensor => tensor.Name));
        Assert.Equal([12L, 0, 1], header.Tensors.Select(tensor => tensor.Length));
        Assert.Equal([0L, 4], header.Tensors[1].Shape);
        Assert.Equal("18446744073709551615", header.Metadata["seed"]);
        Assert.Equal(bytes.Length - 13, header.DataStart);
    }

    [Theory]
    [InlineData(SafetensorsType.BOOL, 1)]
    [InlineData(SafetensorsType.U8, 1)]
    [InlineData(SafetensorsType.I32, 4)]
    [InlineData(SafetensorsType.I64, 8)]
    [InlineData(SafetensorsType.F16, 2)]
    [InlineData(SafetensorsType.BF16, 2)]
    [InlineData(SafetensorsType.F32, 4)]
    [InlineData(SafetensorsType.F64, 8)]
    public void Element_types_have_their_sizes(SafetensorsType type, int size)
    {
        Assert.Equal(size, SafetensorsEntry.SizeOf(type));
        Assert.Equal(type, Read(Write([("t", type, [3], new byte[3 * size])])).Tensors[0].Type);
    }

    [Theory]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"b":{"dtype":"U8","shape":[4],"data_offsets":[2,6]}}""", 6, "overlaps")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[1,5]}}""", 5, "gap of 1 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 3, "cut off")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}""", 5, "1 bytes follow the last tensor")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,5]}}""", 5, "needs 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[4,0]}}""", 4, "needs 4 bytes")]
    [InlineData("""{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole numbers")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":{"dtype":"U8","shape":[4]}}""", 4, "two data_offsets")]
    [InlineData("""{"a":[]}""", 4, "lacks a dtype")]
    [InlineData("""{"a":{"dtype":"C64","shape":[4],"data_offsets":[0,4]}}""", 4, "'C64'")]
    [InlineData("""{"a":{"dtype":"6","shape":[4],"data_offsets":[0,4]}}""", 4, "'6'")]
    [InlineData("""{"a":{"dtype":"F64","shape":[4611686018427387904,4],"data_offsets":[0,4]}}""", 4, "larger than any file")]
    [InlineData("""{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}""", 4, "names 'a' twice")]
    [InlineData("""{"__metadata__":{"k":1}}""", 0, "'k' is no text")]
    [InlineData("""{"__metadata__":{"k":"1","k":"2"}}""", 0, "'k' twice")]
    [InlineData("""{"__metadata__":[]}""", 0, "no JSON object")]
    [InlineData("""{"a":{""", 0, "not JSON")]
    [InlineData("""{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""", 0, "not JSON")]
    [InlineData("""[]""", 0, "begin with '{'")]
    public void A_damaged_header_is_refused(string header, int dataBytes, string says)
    {
        var text = Encoding.UTF8.GetBytes(header);
        var bytes = new byte[8 + text.Length + dataBytes];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, text.Length);
        text.CopyTo(bytes, 8);
        var thrown = Assert.Throws<BadInputException>(() => Read(bytes));
        Assert.Contains(says, thrown.Message);
        Assert.Contains("'the.safetensors'", thrown.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue, "at most 100000000")]
    [InlineData(100_000_001, "at most 100000000")]
    [InlineData(1000, "only 16 follow")]
    [InlineData(0, "begin with '{'")]
    public void A_header_longer_than_allowed_or_than_the_file_is_refused(ulong length, string says)
    {
        var bytes = new byte[24];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, length);
        Assert.Contains(says, Assert.Throws<BadInputException>(() => Read(bytes)).Message);
    }

    [Fact]
    public void A_file_shorter_than_a_header_is_refused() =>
        Assert.Contains("it has 5 bytes", Assert.Throws<BadInputException>(() => Read(new byte[5])).Message);

    [Fact]
    public void Every_truncation_is_refused()
    {
        var whole = Write([("a", SafetensorsType.F64, [3], new byte[24]), ("b", SafetensorsType.I32, [2], new byte[8])], new() { ["k"] = "v" });
        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<BadInputException>(() => Read(whole[..length]));
    }

    [Fact]
    public void The_writer_refuses_names_that_stand_twice()
    {
        Assert.Throws<ArgumentException>(() => Write([("a", SafetensorsType.U8, [1], [1]), ("a", SafetensorsType.U8, [1], [1])]));
        Assert.Throws<ArgumentException>(() => Write([("__metadata__", SafetensorsType.U8, [1], [1])]));
    }

    [Fact]
    public void The_writer_refuses_more_or_fewer_bytes_than_the_shape_needs()
    {
        Assert.Throws<ArgumentException>(() => Write([("a", SafetensorsType.U8, [2], [1, 2, 3])]));
        Assert.Throws<InvalidOperationException>(() => Write([("a", SafetensorsType.U8, [2], [1])]));
    }

    [Fact]
    public void A_tensor_may_be_written_piece_by_piece()
    {
        var file = new MemoryStream();
        var writer = new SafetensorsWriter(file, [("a", SafetensorsType.U8, [4]), ("b", SafetensorsType.U8, [1])], new Dictionary<string, string>());
        writer.Write([1, 2]);
        writer.Write([3, 4]);
        writer.Write([5]);
        writer.End();
        Assert.Equal([1, 2, 3, 4, 5], file.ToArray()[^5..]);
    }

    private static byte[] Write((string Name, SafetensorsType Type, long[] Shape, byte[] Bytes)[] tensors, Dictionary<string, string>? metadata = null)
    {
        var file = new MemoryStream();
        var writer = new SafetensorsWriter(file, tensors.Select(t => (t.Name, t.Type, (IReadOnlyList<long>)t.Shape)), metadata ?? []);
        foreach (var tensor in tensors) writer.Write(tensor.Bytes);
        writer.End();
        return file.ToArray();
    }

    private static SafetensorsHeader Read(byte[] bytes) => SafetensorsHeader.Read(new MemoryStream(bytes), bytes.Length, "the.safetensors");
}
