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

    /// <summary>Writes beside the file and renames, so that a reader never sees half a picture. Creates the folder.</summary>
    /// <exception cref="FigureException">The folder cannot be written.</exception>
    public static string Write(string folder, string name, FigureFormat format, byte[] content)
    {
        var file = Path.GetFullPath(Path.Combine(folder, name + Extension(format)));
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllBytes(partial, content);
            File.Move(partial, file, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(partial)) File.Delete(partial);
            throw new FigureException($"The figure '{file}' cannot be written: {e.Message}", e);
        }
        return file;
    }
}
