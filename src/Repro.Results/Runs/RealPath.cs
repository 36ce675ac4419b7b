namespace Repro.Results.Runs;

/// <summary>Where a file or folder really lies.</summary>
public static class RealPath
{
    /// <summary>The full path with the links at every level resolved, also where the end of it is not there yet.</summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Path.GetDirectoryName(path) is not { } above) return path;
        var here = new FileInfo(Path.Combine(Of(above), Path.GetFileName(path)));
        return here.LinkTarget is null ? here.FullName : Of(here.ResolveLinkTarget(returnFinalTarget: true)!.FullName);
    }
}
