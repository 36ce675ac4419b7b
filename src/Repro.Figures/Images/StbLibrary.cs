using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: InternalsVisibleTo("Repro.Figures.Tests")]

namespace Repro.Figures.Images;

/// <summary>
/// The functions used of the stb image libraries (public domain, Sean Barrett and others), which Debian packages together as libstb0.
/// Signatures are those of stb_image 2.27, stb_image_write 1.16 and stb_image_resize 0.97.
/// </summary>
internal static unsafe partial class StbLibrary
{
    /// <summary>The soname; also the name under which a copy may lie beside the program.</summary>
    internal const string Name = "libstb.so.0";

    /// <summary>Environment variable with the full path of the library, where it is in no usual place.</summary>
    internal const string PathVariable = "REPRO_STB";

    /// <summary>STBIR_FILTER_BOX: the mean over the area that a pixel covers.</summary>
    internal const int BoxFilter = 1;

    /// <summary>STBIR_FILTER_CATMULLROM: a cubic that passes through the given pixels.</summary>
    internal const int CatmullRomFilter = 4;

    /// <summary>STBIR_EDGE_CLAMP: beyond the edge the last pixel repeats.</summary>
    internal const int ClampEdge = 1;

    private static readonly string[] Functions =
        ["stbi_info_from_memory", "stbi_load_from_memory", "stbi_image_free", "stbi_failure_reason", "stbi_write_png_to_func", "stbir_resize_uint8_generic"];

    // The runtime takes one resolver an assembly and asks it before the first call into the library.
    static StbLibrary() => NativeLibrary.SetDllImportResolver(
        typeof(StbLibrary).Assembly,
        (name, assembly, search) => name == Name ? Load(Environment.GetEnvironmentVariable(PathVariable), AppContext.BaseDirectory) : 0);

    /// <summary>Loads from the given path alone where one is given; otherwise from <paramref name="folder"/>, then from the system's places.</summary>
    /// <exception cref="ImageFileException">It is in none of them, cannot be loaded, or lacks a function.</exception>
    internal static nint Load(string? path, string folder, string name = Name)
    {
        nint library;
        if (!string.IsNullOrEmpty(path))
        {
            if (!NativeLibrary.TryLoad(path, out library))
            {
                throw new ImageFileException(
                    $"{PathVariable} names '{path}', which cannot be loaded as a library. Set it to the full path of {name}, or unset it to take the system's.");
            }
        }
        else if (!NativeLibrary.TryLoad(Path.Combine(folder, name), out library) && !NativeLibrary.TryLoad(name, out library))
        {
            throw new ImageFileException(
                $"Images cannot be read or written: the library {name} is not on this machine. " +
                $"Install the package that gives it (Debian, Ubuntu: apt-get install libstb0), or set {PathVariable} to its full path.");
        }
        foreach (var function in Functions)
        {
            if (!NativeLibrary.TryGetExport(library, function, out _))
            {
                throw new ImageFileException(
                    $"The library {(string.IsNullOrEmpty(path) ? name : path)} is not the one that is needed: it has no function {function}. " +
                    $"Debian 12's libstb0 has it; set {PathVariable} to the full path of that {name}.");
            }
        }
        return library;
    }

    [LibraryImport(Name, EntryPoint = "stbi_info_from_memory")]
    internal static partial int Info(byte* buffer, int length, out int width, out int height, out int channels);

    [LibraryImport(Name, EntryPoint = "stbi_load_from_memory")]
    internal static partial byte* Read(byte* buffer, int length, out int width, out int height, out int channels, int wantedChannels);

    [LibraryImport(Name, EntryPoint = "stbi_image_free")]
    internal static partial void Free(byte* pixels);

    [LibraryImport(Name, EntryPoint = "stbi_failure_reason")]
    private static partial byte* FailureReason();

    [LibraryImport(Name, EntryPoint = "stbi_write_png_to_func")]
    internal static partial int WritePng(
        delegate* unmanaged[Cdecl]<void*, void*, int, void> sink, void* context, int width, int height, int channels, byte* pixels, int stride);

    [LibraryImport(Name, EntryPoint = "stbir_resize_uint8_generic")]
    internal static partial int Resize(
        byte* input, int inputWidth, int inputHeight, int inputStride, byte* output, int outputWidth, int outputHeight, int outputStride,
        int channels, int alphaChannel, int flags, int edge, int filter, int colorSpace, void* allocator);

    /// <summary>What the decoder complained of last, in its own few words.</summary>
    internal static string Reason() => Marshal.PtrToStringUTF8((nint)FailureReason()) ?? "no reason given";
}
