namespace TorchSharp.Utils;

/// <summary>Whole numbers in as many bytes as they need: seven bits a byte, lowest first, the top bit set on all but the last.</summary>
public static class LEB128Codec
{
    public static void Encode(this BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        writer.Write7BitEncodedInt64(value);
    }

    public static long Decode(this BinaryReader reader) => reader.Read7BitEncodedInt64();
}
