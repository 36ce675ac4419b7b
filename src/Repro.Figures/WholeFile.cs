namespace Repro.Figures;

/// <summary>Pictures that are there whole or not at all. Not synced to disk: a picture can be drawn again.</summary>
internal static class WholeFile
{
    /// <summary>Writes beside the file, as <c>NAME.ID.partial</c>, and renames, so that a reader never sees half of it. Creates the folder.</summary>
    /// <exception cref="IOException">The folder cannot be written; nothing is left of the file and an earlier one stays as it was.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written.</exception>
    public static void Write(string file, byte[] content)
    {
        var partial = $"{file}.{Guid.NewGuid():N}.partial";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(partial, content);
            File.Move(partial, file, overwrite: true);
        }
        catch
        {
            if (File.Exists(partial)) File.Delete(partial);
            throw;
        }
    }
}
