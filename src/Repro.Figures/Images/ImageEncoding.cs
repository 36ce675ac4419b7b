using System.Buffers.Binary;

namespace Repro.Figures.Images;

/// <summary>
/// What the container of an encoded image says of its size and of its end, read before libstb sees it: that library fills what is cut off with grey
/// or with zeros and says nothing, and takes formats whose end nobody can check.
/// </summary>
/// <remarks>ISO 15948 (PNG), ITU-T T.81 annex B (JPEG), GIF89a, the BITMAPINFOHEADER of BMP, and Netpbm's ppm(5) and pgm(5).</remarks>
internal static class ImageEncoding
{
    /// <summary>What was found.</summary>
    /// <param name="Size">Null where the decoder is to say.</param>
    /// <param name="CutOff">How the bytes fall short, to stand after "is cut off: "; null where they reach the format's end.</param>
    internal readonly record struct Finding((long Width, long Height)? Size, string? CutOff);

    /// <returns>Null where the bytes begin as none of the formats that are read.</returns>
    internal static Finding? Inspect(ReadOnlySpan<byte> bytes)
    {
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])) return Png(bytes);
        if (bytes.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8])) return new Finding(null, JpegEnds(bytes) ? null : Without(bytes, "end marker"));
        if (bytes.StartsWith("GIF87a"u8) || bytes.StartsWith("GIF89a"u8)) return new Finding(null, GifEnds(bytes) ? null : Without(bytes, "trailer"));
        if (bytes.StartsWith("BM"u8)) return Bmp(bytes);
        return bytes.StartsWith("P6"u8) || bytes.StartsWith("P5"u8) ? Netpbm(bytes) : null;
    }

    private static Finding Png(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 33) return new Finding(null, Without(bytes, "whole header"));
        var size = ((long)BinaryPrimitives.ReadUInt32BigEndian(bytes[16..]), (long)BinaryPrimitives.ReadUInt32BigEndian(bytes[20..]));
        for (long at = 8; at + 12 <= bytes.Length;)
        {
            var chunk = bytes[(int)at..];
            var end = at + 12 + BinaryPrimitives.ReadUInt32BigEndian(chunk);
            if (end <= bytes.Length && chunk[4..8].SequenceEqual("IEND"u8)) return new Finding(size, null);
            at = end;
        }
        return new Finding(size, Without(bytes, "IEND chunk"));
    }

    // A thumbnail within a segment has an end marker of its own, so segments are stepped over. In the coded data FF 00 is a byte and FF D0..D7 restarts.
    private static bool JpegEnds(ReadOnlySpan<byte> bytes)
    {
        for (long at = 2; at + 1 < bytes.Length;)
        {
            var marker = bytes[(int)at] == 0xFF ? bytes[(int)at + 1] : (byte)0;
            if (marker == 0xD9) return true;
            if (marker is 0 or 0xFF) at++;
            else if (marker is 1 or >= 0xD0 and <= 0xD8) at += 2;
            else if (at + 4 > bytes.Length) return false;
            else at += 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes[((int)at + 2)..]);
        }
        return false;
    }

    private static bool GifEnds(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 13) return false;
        long at = 13 + Palette(bytes[10]);
        while (at < bytes.Length)
        {
            switch (bytes[(int)at])
            {
                case 0x3B: return true;
                case 0x21: at += 2; break;
                case 0x2C:
                    if (at + 10 > bytes.Length) return false;
                    // The descriptor, its palette, and the least size of a code.
                    at += 11 + Palette(bytes[(int)at + 9]);
                    break;
                // No block: the decoder says what it thinks of it.
                default: return true;
            }
            while (at < bytes.Length && bytes[(int)at] != 0) at += 1 + bytes[(int)at];
            at++;
        }
        return false;

        static int Palette(byte flags) => (flags & 0x80) == 0 ? 0 : 3 << ((flags & 7) + 1);
    }

    private static Finding Bmp(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 30) return new Finding(null, Without(bytes, "whole header"));
        long pixels = BinaryPrimitives.ReadUInt32LittleEndian(bytes[10..]);
        // The core header, of 12 bytes, has numbers of two bytes; the height of the others is negative where rows go down.
        var core = BinaryPrimitives.ReadUInt32LittleEndian(bytes[14..]) == 12;
        long width = core ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) : BinaryPrimitives.ReadInt32LittleEndian(bytes[18..]);
        var height = core ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[20..]) : Math.Abs((long)BinaryPrimitives.ReadInt32LittleEndian(bytes[22..]));
        long depth = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(core ? 24 : 28)..]);
        var needed = pixels + (width * depth + 31) / 32 * 4 * height;
        return new Finding((width, height), bytes.Length < needed && width > 0 ? Short(bytes, needed) : null);
    }

    private static Finding Netpbm(ReadOnlySpan<byte> bytes)
    {
        var at = 2;
        var (width, height, most) = (Number(bytes, ref at), Number(bytes, ref at), Number(bytes, ref at));
        // The header did not end; whatever is no number reads as 0, as in a size of -1.
        if (most is null && at >= bytes.Length) return new Finding(null, Without(bytes, "whole header"));
        var size = (width ?? 0, height ?? 0);
        var needed = at + 1 + (double)size.Item1 * size.Item2 * (bytes[1] == '6' ? 3 : 1) * (most > 255 ? 2 : 1);
        return new Finding(size, bytes.Length < needed && needed < long.MaxValue ? Short(bytes, (long)needed) : null);
    }

    // Numbers are parted by white space, and by comments that go from # to the end of the line. Nine digits are more than any image has.
    private static long? Number(ReadOnlySpan<byte> bytes, ref int at)
    {
        while (at < bytes.Length && (char.IsWhiteSpace((char)bytes[at]) || bytes[at] == '#'))
        {
            if (bytes[at] == '#') while (at < bytes.Length && bytes[at] is not ((byte)'\n' or (byte)'\r')) at++;
            else at++;
        }
        long? number = null;
        for (; at < bytes.Length && char.IsAsciiDigit((char)bytes[at]); at++) number = Math.Min((number ?? 0) * 10 + (bytes[at] - '0'), 999_999_999);
        return number;
    }

    private static string Short(ReadOnlySpan<byte> bytes, long needed) => $"{bytes.Length:N0} of {needed:N0} bytes are there";

    private static string Without(ReadOnlySpan<byte> bytes, string end) => $"its {bytes.Length:N0} bytes have no {end}";
}
