using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using Repro.Figures.Images;

namespace Repro.Figures.Tests.Images;

public sealed class ImageFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("repro-images-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [SkippableFact]
    public void A_png_written_by_other_code_is_read_pixel_by_pixel()
    {
        RequireLibrary();
        var image = Pattern(7, 5);
        AssertSame(image, ImageFile.Decode(Png(image.Width, image.Height, 3, image.Pixels)));
    }

    [SkippableFact]
    public void A_png_that_we_write_is_read_by_other_code_pixel_by_pixel()
    {
        RequireLibrary();
        var image = Pattern(13, 4);
        AssertSame(image, ReadPng(ImageFile.EncodePng(image)));
    }

    [SkippableFact]
    public void Grey_becomes_three_equal_channels()
    {
        RequireLibrary();
        var read = ImageFile.Decode(Png(2, 1, 1, [10, 200]));
        Assert.Equal([10, 10, 10, 200, 200, 200], read.Pixels);
    }

    [SkippableFact]
    public void Transparent_parts_are_laid_over_white()
    {
        RequireLibrary();
        var read = ImageFile.Decode(Png(3, 1, 4, [9, 8, 7, 255, 9, 8, 7, 0, 100, 0, 255, 51]));
        // The last: alpha 0.2, so 0.2 x 100 + 0.8 x 255 = 224, 0.8 x 255 = 204, 255.
        Assert.Equal([9, 8, 7, 255, 255, 255, 224, 204, 255], read.Pixels);
    }

    [SkippableFact]
    public void A_jpeg_is_read_to_within_its_own_loss()
    {
        RequireLibrary();
        var image = ImageFile.Decode(Convert.FromBase64String(GreenJpeg));
        Assert.Equal((50, 50), (image.Width, image.Height));
        Assert.InRange(image.Pixels[(25 * 50 + 25) * 3], 0x20 - 4, 0x20 + 4);
        Assert.InRange(image.Pixels[(25 * 50 + 25) * 3 + 1], 0xc0 - 4, 0xc0 + 4);
        Assert.InRange(image.Pixels[(25 * 50 + 25) * 3 + 2], 0x40 - 4, 0x40 + 4);
    }

    [SkippableFact]
    public void A_ppm_a_bmp_and_a_gif_are_read()
    {
        RequireLibrary();
        byte[] ppm = [.. Encoding.ASCII.GetBytes("P6 2 1 255\n"), 1, 2, 3, 4, 5, 6];
        Assert.Equal([1, 2, 3, 4, 5, 6], ImageFile.Decode(ppm).Pixels);

        var bmp = Bmp(1, 1, 40);
        bmp[54] = 30; bmp[55] = 20; bmp[56] = 10;
        Assert.Equal([10, 20, 30], ImageFile.Decode(bmp).Pixels);

        Assert.Equal([250, 130, 20], ImageFile.Decode(Gif).Pixels);
    }

    [SkippableFact]
    public void A_file_is_written_whole_and_leaves_nothing_else_behind()
    {
        RequireLibrary();
        var file = Path.Combine(_folder, "new", "folder", "image.png");
        ImageFile.WritePng(Pattern(3, 3), file);
        ImageFile.WritePng(Pattern(4, 2), file);
        AssertSame(Pattern(4, 2), ImageFile.Read(file));
        Assert.Equal([file], Directory.GetFiles(Path.GetDirectoryName(file)!));
    }

    [SkippableFact]
    public void A_place_that_cannot_be_written_is_named()
    {
        RequireLibrary();
        File.WriteAllText(Path.Combine(_folder, "file"), "");
        var error = Assert.Throws<ImageFileException>(() => ImageFile.WritePng(Pattern(3, 3), Path.Combine(_folder, "file", "image.png")));
        Assert.Contains("image.png", error.Message);
    }

    [SkippableTheory]
    [InlineData("text", "no image of a known format")]
    [InlineData("", "0 bytes")]
    public void What_is_no_image_is_refused_with_the_formats_that_are(string content, string complaint)
    {
        RequireLibrary();
        var file = Path.Combine(_folder, "notes.png");
        File.WriteAllText(file, content);
        var error = Assert.Throws<ImageFileException>(() => ImageFile.Read(file));
        Assert.Contains(complaint, error.Message);
        Assert.Contains("notes.png", error.Message);
        Assert.Contains("PNG, JPEG", error.Message);
    }

    [SkippableFact]
    public void A_truncated_png_is_refused()
    {
        RequireLibrary();
        var png = ImageFile.EncodePng(Noise(40, 40));
        var error = Assert.Throws<ImageFileException>(() => ImageFile.Decode(png.AsSpan(0, png.Length / 2), "'half.png'"));
        Assert.Contains("half.png", error.Message);
    }

    [SkippableTheory]
    [InlineData("P6 4 4 255\n", 48)]
    [InlineData("P5\n# a comment\n4 4\n255\n", 16)]
    [InlineData("P6 4 4 65535\n", 96)]
    public void A_ppm_or_pgm_with_fewer_bytes_than_its_header_asks_for_is_refused(string header, int pixels)
    {
        RequireLibrary();
        byte[] whole = [.. Encoding.ASCII.GetBytes(header), .. new byte[pixels]];
        Assert.Equal((4, 4), (ImageFile.Decode(whole).Width, ImageFile.Decode(whole).Height));
        Assert.Contains($"is cut off: {whole.Length - 1} of {whole.Length} bytes are there", Refusal(whole[..^1]), StringComparison.Ordinal);
        Assert.Contains("cut off", Refusal(whole[..6]), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(1, 40)]
    [InlineData(-1, 40)]
    [InlineData(1, 12)]
    public void A_bmp_with_fewer_bytes_than_its_header_asks_for_is_refused(int direction, int header)
    {
        RequireLibrary();
        var bmp = Bmp(5, 3 * direction, header);
        Assert.Equal((5, 3), (ImageFile.Decode(bmp).Width, ImageFile.Decode(bmp).Height));
        Assert.Contains($"is cut off: {bmp.Length - 1} of {bmp.Length} bytes are there", Refusal(bmp[..^1]), StringComparison.Ordinal);
        Assert.Contains("is cut off", Refusal(bmp[..(bmp.Length / 4)]), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_jpeg_is_refused_wherever_it_is_cut_and_taken_with_bytes_after_its_end()
    {
        RequireLibrary();
        var jpeg = Convert.FromBase64String(GreenJpeg);
        foreach (var length in (int[])[jpeg.Length - 1, jpeg.Length - 2, jpeg.Length / 2, 30, 3]) Assert.Contains("is cut off", Refusal(jpeg[..length]), StringComparison.Ordinal);
        // A comment that holds a whole image, as a thumbnail does, ends nothing.
        byte[] within = [.. jpeg[..2], 0xFF, 0xFE, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9, .. jpeg[2..]];
        Assert.Contains("is cut off", Refusal(within[..^100]), StringComparison.Ordinal);
        AssertSame(ImageFile.Decode(jpeg), ImageFile.Decode((byte[])[.. within, 1, 2, 3]));
    }

    [SkippableFact]
    public void A_gif_or_a_png_without_its_end_is_refused_wherever_it_is_cut()
    {
        RequireLibrary();
        for (var length = 6; length < Gif.Length; length++) Assert.Contains("is cut off", Refusal(Gif[..length]), StringComparison.Ordinal);
        var png = ImageFile.EncodePng(Noise(9, 9));
        for (var length = 8; length < png.Length; length++) Assert.Contains("is cut off", Refusal(png[..length]), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_format_whose_end_cannot_be_checked_is_not_read()
    {
        RequireLibrary();
        // A true-colour TGA of one pixel, which libstb reads.
        byte[] tga = [0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 24, 0, 1, 2, 3];
        Assert.Contains("no image of a known format. Give a PNG, JPEG", Refusal(tga), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData("P6 -1 5 255\n")]
    [InlineData("P6 0 0 255\n")]
    public void An_image_without_pixels_is_refused(string header)
    {
        RequireLibrary();
        Assert.Contains("has no pixels: its header states a size of 0 x 0", Refusal(Encoding.ASCII.GetBytes(header + "123456")), StringComparison.Ordinal);
    }

    [SkippableTheory]
    [InlineData(20_000)]
    [InlineData(100_000_000)]
    public void A_vast_png_is_called_too_large_also_where_the_library_refuses_its_header(int side)
    {
        RequireLibrary();
        Assert.Contains($"is too large: it claims {side} x {side} pixels; 64,000,000 is the most", Refusal(Png(side, side, 3, [])), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void What_is_wrong_with_a_broken_image_stands_in_parentheses_only_where_it_is_known()
    {
        RequireLibrary();
        var png = Png(2, 2, 3, [1, 2, 3]);
        Assert.Contains("is broken or of an unknown variety", Refusal(png), StringComparison.Ordinal);
        Assert.DoesNotContain("()", Refusal(png), StringComparison.Ordinal);
    }

    [SkippableFact]
    public void A_small_file_that_claims_a_vast_image_is_refused_before_memory_is_taken()
    {
        RequireLibrary();
        var error = Assert.Throws<ImageFileException>(() => ImageFile.Decode(Png(16_000, 16_000, 3, [])));
        Assert.Contains("16000 x 16000", error.Message);
    }

    [SkippableFact]
    public void A_device_without_an_end_is_refused_before_memory_is_taken()
    {
        Skip.IfNot(File.Exists("/dev/zero"), "there is no /dev/zero here");
        Assert.Contains("more than 67,108,864 bytes", Assert.Throws<ImageFileException>(() => ImageFile.Read("/dev/zero")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var error = Assert.Throws<ImageFileException>(() => ImageFile.Read(Path.Combine(_folder, "absent.png")));
        Assert.Contains("absent.png", error.Message);
    }

    [SkippableFact]
    public void Shrinking_by_a_whole_number_gives_the_mean_of_each_block()
    {
        RequireLibrary();
        var image = Noise(24, 16);
        var small = ImageFile.Resize(image, 6, 4);
        for (var y = 0; y < 4; y++)
        {
            for (var x = 0; x < 6; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var sum = 0.0;
                    for (var i = 0; i < 16; i++) sum += image.Pixels[((y * 4 + i / 4) * 24 + x * 4 + i % 4) * 3 + c];
                    Assert.InRange(small.Pixels[(y * 6 + x) * 3 + c], sum / 16 - 1, sum / 16 + 1);
                }
            }
        }
    }

    [SkippableFact]
    public void A_flat_image_stays_flat_at_any_size()
    {
        RequireLibrary();
        var image = new RgbImage(9, 7);
        Array.Fill(image.Pixels, (byte)77);
        foreach (var (width, height) in new[] { (32, 32), (3, 2), (20, 3), (1, 1), (9, 7) })
        {
            var resized = ImageFile.Resize(image, width, height);
            Assert.Equal(width * height * 3, resized.Pixels.Length);
            Assert.All(resized.Pixels, pixel => Assert.Equal(77, pixel));
        }
    }

    [SkippableFact]
    public void Sizes_below_one_and_pixels_that_do_not_fit_are_refused()
    {
        RequireLibrary();
        Assert.Throws<ImageFileException>(() => ImageFile.Resize(Pattern(4, 4), 0, 3));
        var error = Assert.Throws<ImageFileException>(() => ImageFile.EncodePng(new RgbImage(4, 4, new byte[47])));
        Assert.Contains("48", error.Message);
        Assert.Contains("47", error.Message);
    }

    // One pixel, palette (250, 130, 20) and black, LZW codes clear, 0, end.
    private static readonly byte[] Gif =
        [.. "GIF89a"u8, 1, 0, 1, 0, 0x80, 0, 0, 250, 130, 20, 0, 0, 0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b];

    // A black 24-bit BMP: 14 bytes and a header of 40 (or the old one, of 12), then rows padded to four bytes.
    private static byte[] Bmp(int width, int height, int header)
    {
        var bmp = new byte[14 + header + (width * 3 + 3) / 4 * 4 * Math.Abs(height)];
        "BM"u8.CopyTo(bmp);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(2), bmp.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(10), 14 + header);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(14), header);
        if (header == 12)
        {
            foreach (var (at, value) in ((int, short)[])[(18, (short)width), (20, (short)height), (22, 1), (24, 24)]) BinaryPrimitives.WriteInt16LittleEndian(bmp.AsSpan(at), value);
            return bmp;
        }
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(18), width);
        BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(22), height);
        BinaryPrimitives.WriteInt16LittleEndian(bmp.AsSpan(26), 1);
        BinaryPrimitives.WriteInt16LittleEndian(bmp.AsSpan(28), 24);
        return bmp;
    }

    private static string Refusal(byte[] bytes) => Assert.Throws<ImageFileException>(() => ImageFile.Decode(bytes)).Message;

    private static void RequireLibrary() => Skip.IfNot(
        NativeLibrary.TryLoad(Environment.GetEnvironmentVariable(StbLibrary.PathVariable) is { Length: > 0 } path ? path : StbLibrary.Name, out _),
        "libstb.so.0 is not on this machine (Debian, Ubuntu: apt-get install libstb0).");

    private static void AssertSame(RgbImage expected, RgbImage actual)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Assert.Equal(expected.Pixels, actual.Pixels);
    }

    private static RgbImage Pattern(int width, int height) =>
        new(width, height, Enumerable.Range(0, width * height * 3).Select(i => (byte)(i * 37 + i / 5)).ToArray());

    // A linear congruential sequence: incompressible, and the same on every machine.
    private static RgbImage Noise(int width, int height)
    {
        var state = 1u;
        return new(width, height, Enumerable.Range(0, width * height * 3).Select(_ => (byte)((state = state * 1664525 + 1013904223) >> 24)).ToArray());
    }

    // A PNG made by hand from its specification (ISO 15948): unfiltered rows in one IDAT.
    private static byte[] Png(int width, int height, int channels, byte[] pixels)
    {
        using var file = new MemoryStream();
        file.Write([0x89, .. "PNG\r\n"u8, 0x1a, (byte)'\n']);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = channels switch { 1 => 0, 3 => 2, _ => 6 };
        Chunk(file, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Fastest))
        {
            foreach (var row in pixels.Chunk(width * channels)) zlib.Write([0, .. row]);
        }
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        byte[] body = [.. Encoding.ASCII.GetBytes(type), .. data];
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        file.Write(number);
        file.Write(body);
        var crc = ~0u;
        foreach (var value in body)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0xEDB88320u & (0u - (crc & 1)));
        }
        BinaryPrimitives.WriteUInt32BigEndian(number, ~crc);
        file.Write(number);
    }

    // Reads an 8-bit RGB PNG with all five row filters.
    private static RgbImage ReadPng(byte[] file)
    {
        int width = 0, height = 0;
        using var packed = new MemoryStream();
        for (var at = 8; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            var type = Encoding.ASCII.GetString(file, at + 4, 4);
            if (type == "IHDR")
            {
                width = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + 8));
                height = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at + 12));
                Assert.Equal((8, 2, 0), (file[at + 16], file[at + 17], file[at + 20]));
            }
            if (type == "IDAT") packed.Write(file, at + 8, length);
            at += length + 12;
        }
        packed.Position = 0;
        using var zlib = new ZLibStream(packed, CompressionMode.Decompress);
        var image = new RgbImage(width, height);
        var (row, above) = (new byte[width * 3], new byte[width * 3]);
        for (var y = 0; y < height; y++)
        {
            var filter = zlib.ReadByte();
            zlib.ReadExactly(row);
            for (var i = 0; i < row.Length; i++)
            {
                int left = i >= 3 ? row[i - 3] : 0, up = above[i], corner = i >= 3 ? above[i - 3] : 0;
                row[i] += (byte)(filter switch { 0 => 0, 1 => left, 2 => up, 3 => (left + up) / 2, _ => Paeth(left, up, corner) });
            }
            row.CopyTo(image.Pixels, y * row.Length);
            (row, above) = (above, row);
        }
        return image;
    }

    private static int Paeth(int left, int up, int corner)
    {
        var (toLeft, toUp, toCorner) = (Math.Abs(up - corner), Math.Abs(left - corner), Math.Abs(left + up - 2 * corner));
        return toLeft <= toUp && toLeft <= toCorner ? left : toUp <= toCorner ? up : corner;
    }

    // 50 x 50 pixels of (0x20, 0xc0, 0x40), written by gd.
    private const string GreenJpeg =
        "/9j/4AAQSkZJRgABAQEAYABgAAD//gA7Q1JFQVRPUjogZ2QtanBlZyB2MS4wICh1c2luZyBJSkcgSlBFRyB2NjIpLCBxdWFsaXR5ID0gOTAK/9sAQwADAgID" +
        "AgIDAwMDBAMDBAUIBQUEBAUKBwcGCAwKDAwLCgsLDQ4SEA0OEQ4LCxAWEBETFBUVFQwPFxgWFBgSFBUU/9sAQwEDBAQFBAUJBQUJFA0LDRQUFBQUFBQUFBQU" +
        "FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU/8AAEQgAMgAyAwERAAIRAQMRAf/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYHCAkK" +
        "C//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBkaJSYnKCkqNDU2Nzg5OkNERUZHSElKU1RV" +
        "VldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeoqaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX2" +
        "9/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAAAAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1Lw" +
        "FWJy0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2" +
        "t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAAwDAQACEQMRAD8A9Z/4ag+Jv/Qzf+SFr/8AGq/Nf7Yx3/Pz8F/kfzn/AK251/z/" +
        "AP8AyWH/AMiH/DUHxN/6Gb/yQtf/AI1R/bGO/wCfn4L/ACD/AFtzr/n/AP8AksP/AJEP+GoPib/0M3/kha//ABqj+2Md/wA/PwX+Qf6251/z/wD/ACWH/wAi" +
        "H/DUHxN/6Gb/AMkLX/41R/bGO/5+fgv8g/1tzr/n/wD+Sw/+RD/hqD4m/wDQzf8Akha//GqP7Yx3/Pz8F/kH+tudf8//APyWH/yIf8NQfE3/AKGb/wAkLX/4" +
        "1R/bGO/5+fgv8g/1tzr/AJ//APksP/kT76r9KP6MPyxr8cP5ECgAoAKACgAoA/U6v2M/rs/LGvxw/kQKACgAoAKACgD9Tq/Yz+uz8sa/HD+RAoAKACgAoAKA" +
        "P1Or9jP67Pyxr8cP5ECgAoAKACgAoA/U6v2M/rs/LGvxw/kQKACgAoAKACgD9Tq/Yz+uz8sa/HD+RAoAKACgAoAKAP1Or9jP67P/2Q==";
}
