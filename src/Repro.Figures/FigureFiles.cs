using Repro.Studies.Formats;

namespace Repro.Figures;

/// <summary>Writes figure files whole or not at all.</summary>
internal static class FigureFiles
{
    public static string Extension(FigureFormat format) => format switch
    {
        FigureFormat.Png => ".png",
        FigureFormat.Svg => ".svg",
        FigureFormat.Pdf => ".pdf",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There are PNG, SVG and PDF."),
    };

    /// <summary>Writes a figure as <see cref="WholeFile"/> does; its full path.</summary>
    /// <exception cref="FigureException">The folder cannot be written.</exception>
    public static string Write(string folder, string name, FigureFormat format, byte[] content) => Write(folder, name + Extension(format), content);

    /// <summary>Writes a file beside figures; its full path.</summary>
    /// <exception cref="FigureException">The folder cannot be written.</exception>
    public static string Write(string folder, string fileName, byte[] content)
    {
        var file = Path.GetFullPath(Path.Combine(folder, fileName));
        try
        {
            WholeFile.Write(file, content);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FigureException($"The figure '{file}' cannot be written: {e.Message}", e);
        }
        return file;
    }
}
