using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Repro.Studies.Formats;

namespace Repro.Figures.Images;

/// <summary>
/// Reads images from files and writes them as PNG, through Debian's libstb. Reads PNG, JPEG (baseline and progressive), BMP, GIF (its first
/// frame) and binary PPM/PGM, and no other; what lies in a file decides, not its name. What is cut off is refused.
/// </summary>
/// <remarks>16-bit channels become 8-bit, grey becomes three equal channels, and transparent parts are laid over white. Safe from many threads.</remarks>
public static unsafe class ImageFile
{
    /// <summary>Largest file that is read: 64 MiB.</summary>
    public const long LargestFile = 64L << 20;

    /// <summary>Most pixels that an image may have: 64 million. Small files can claim sizes that would fill the memory.</summary>
    public const long MostPixels = 64_000_000;

    /// <exception cref="ImageFileException">No such file, not an image of a known format, cut off, broken, or beyond the limits of size.</exception>
    public static RgbImage Read(string file)
    {
        byte[] bytes;
        try
        {
            bytes = Content(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageFileException($"The image '{file}' cannot be read: {error.Message}", error);
        }
        return Decode(bytes, $"'{file}'");
    }

    // A pipe or a device has no length to ask for, and may have no end.
    private static byte[] Content(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        if (stream.CanSeek && stream.Length > LargestFile) throw TooLarge($"{stream.Length:N0}");
        using var content = new MemoryStream();
        var block = new byte[1 << 16];
        for (int count; (count = stream.Read(block)) > 0;)
        {
            if (content.Length + count > LargestFile) throw TooLarge($"more than {LargestFile:N0}");
            content.Write(block, 0, count);
        }
        return content.ToArray();

        ImageFileException TooLarge(string length) => new($"'{file}' has {length} bytes; images may have {LargestFile:N0} at most. Scale it down first.");
    }

    /// <param name="name">How messages call the image.</param>
    /// <exception cref="ImageFileException">Not an image of a known format, cut off, broken, or beyond the limits of size.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> bytes, string name = "the image")
    {
        if (bytes.IsEmpty) throw new ImageFileException($"There is nothing in {name}: it has 0 bytes. {Formats}");
        if (bytes.Length > LargestFile) throw new ImageFileException($"{Capital(name)} has {bytes.Length:N0} bytes; images may have {LargestFile:N0} at most. Scale it down first.");
        fixed (byte* start = bytes)
        {
            if (ImageEncoding.Inspect(bytes) is not { } encoding) throw new ImageFileException($"{Capital(name)} is no image of a known format. {Formats}");
            if (encoding.Size is { } size) RequireSize(size.Width, size.Height, name);
            if (encoding.CutOff is { } cut) throw new ImageFileException($"{Capital(name)} is cut off: {cut}. Get it whole, or save it anew as PNG.");
            if (StbLibrary.Info(start, bytes.Length, out var width, out var height, out var channels) == 0) throw Broken(name);
            // The height of a BMP whose rows go down is negative until it is decoded.
            RequireSize(width, Math.Abs((long)height), name);
            // With alpha (2 or 4 channels) all four are needed to lay the image over white.
            var wanted = channels is 2 or 4 ? 4 : 3;
            var pixels = StbLibrary.Read(start, bytes.Length, out width, out height, out _, wanted);
            if (pixels == null) throw Broken(name);
            try
            {
                var decoded = new ReadOnlySpan<byte>(pixels, checked(width * height * wanted));
                return new RgbImage(width, height, wanted == 3 ? decoded.ToArray() : OverWhite(decoded));
            }
            finally
            {
                StbLibrary.Free(pixels);
            }
        }
    }

    /// <summary>The image as a PNG file, 8-bit RGB.</summary>
    /// <exception cref="ImageFileException">The image is empty, its pixels do not fit its size, or the library is not there.</exception>
    public static byte[] EncodePng(RgbImage image)
    {
        Check(image);
        using var png = new MemoryStream();
        var handle = GCHandle.Alloc(png);
        try
        {
            fixed (byte* pixels = image.Pixels)
            {
                if (StbLibrary.WritePng(&Append, (void*)GCHandle.ToIntPtr(handle), image.Width, image.Height, 3, pixels, image.Width * 3) == 0)
                    throw new ImageFileException($"The PNG encoder refused an image of {image.Width} x {image.Height}.");
            }
        }
        finally
        {
            handle.Free();
        }
        return png.ToArray();
    }

    /// <summary>Writes a PNG. The file appears whole or not at all; its folder is created where it is missing.</summary>
    /// <exception cref="ImageFileException">The image is not valid, the library is not there, or the place cannot be written.</exception>
    public static void WritePng(RgbImage image, string file)
    {
        var bytes = EncodePng(image);
        var path = Path.GetFullPath(file);
        try
        {
            WholeFile.Write(path, bytes);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ImageFileException($"The image '{path}' cannot be written: {error.Message}", error);
        }
    }

    /// <summary>
    /// The image at another size: where it shrinks each new pixel is the mean over the area it covers, where it grows a Catmull-Rom cubic
    /// goes through the pixels. The proportions may change.
    /// </summary>
    /// <exception cref="ImageFileException">A size below 1 or above the limit, pixels that do not fit the size, or the library is not there.</exception>
    public static RgbImage Resize(RgbImage image, int width, int height)
    {
        Check(image);
        if (width < 1 || height < 1 || (long)width * height > MostPixels)
            throw new ImageFileException($"An image cannot have the size {width} x {height}: both must be at least 1, with {MostPixels:N0} pixels at most.");
        if (width == image.Width && height == image.Height) return image with { Pixels = [.. image.Pixels] };
        // One filter serves both directions in the library's call; shrinking is where a wrong one shows (aliasing).
        var filter = width < image.Width || height < image.Height ? StbLibrary.BoxFilter : StbLibrary.CatmullRomFilter;
        var resized = new RgbImage(width, height);
        fixed (byte* from = image.Pixels)
        fixed (byte* to = resized.Pixels)
        {
            const int NoAlpha = -1, NoFlags = 0, Linear = 0;
            if (StbLibrary.Resize(
                    from, image.Width, image.Height, image.Width * 3, to, width, height, width * 3, 3, NoAlpha, NoFlags, StbLibrary.ClampEdge, filter, Linear, null) == 0)
                throw new ImageFileException($"Resizing from {image.Width} x {image.Height} to {width} x {height} failed for want of memory.");
        }
        return resized;
    }

    private const string Formats = "Give a PNG, JPEG, BMP, GIF or binary PPM or PGM.";

    private static void RequireSize(long width, long height, string name)
    {
        if (width < 1 || height < 1) throw new ImageFileException($"{Capital(name)} has no pixels: its header states a size of {width} x {height}, or none that is a number. Save it anew as PNG.");
        if ((double)width * height > MostPixels)
            throw new ImageFileException($"{Capital(name)} is too large: it claims {width} x {height} pixels; {MostPixels:N0} is the most. Scale it down first.");
    }

    private static ImageFileException Broken(string name) =>
        new($"{Capital(name)} is broken or of an unknown variety{(StbLibrary.Reason() is { Length: > 0 } reason ? $" ({reason})" : "")}. Save it anew as PNG.");

    private static string Capital(string name) => char.ToUpperInvariant(name[0]) + name[1..];

    private static byte[] OverWhite(ReadOnlySpan<byte> rgba)
    {
        var rgb = new byte[rgba.Length / 4 * 3];
        for (int from = 0, to = 0; from < rgba.Length; from += 4, to += 3)
        {
            int alpha = rgba[from + 3];
            for (var c = 0; c < 3; c++) rgb[to + c] = (byte)((rgba[from + c] * alpha + 255 * (255 - alpha) + 127) / 255);
        }
        return rgb;
    }

    private static void Check(RgbImage image)
    {
        if (image.Width < 1 || image.Height < 1 || (long)image.Width * image.Height > MostPixels)
            throw new ImageFileException($"An image of {image.Width} x {image.Height} pixels is empty or too large; {MostPixels:N0} pixels is the most.");
        if (image.Pixels.Length != image.Width * image.Height * 3)
            throw new ImageFileException($"An image of {image.Width} x {image.Height} needs {image.Width * image.Height * 3:N0} bytes of pixels; it has {image.Pixels.Length:N0}.");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Append(void* context, void* data, int length) =>
        ((MemoryStream)GCHandle.FromIntPtr((nint)context).Target!).Write(new ReadOnlySpan<byte>(data, length));
}
