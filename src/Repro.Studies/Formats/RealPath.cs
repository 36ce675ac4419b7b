namespace Repro.Studies.Formats;

/// <summary>Where a file or folder really lies.</summary>
public static class RealPath
{
    // As many as Linux follows.
    private const int MostLinks = 40;

    /// <summary>
    /// The full path with the links at every level resolved as the operating system does, also where the end of it is not there yet: <c>..</c> in a link's target leaves the folder that the
    /// path before it leads to.
    /// </summary>
    /// <exception cref="IOException">Links lead in a circle.</exception>
    public static string Of(string path)
    {
        var full = Path.GetFullPath(path);
        var (here, links) = (Path.GetPathRoot(full)!, 0);
        var ahead = new Stack<string>(Parts(full[here.Length..]));
        while (ahead.TryPop(out var part))
        {
            var next = Path.Combine(here, part);
            if (part == "..") here = Path.GetDirectoryName(here) ?? here;
            else if (new FileInfo(next).LinkTarget is not { } target) here = next;
            else if (++links > MostLinks) throw new IOException($"The links of '{full}' lead in a circle.");
            else
            {
                if (Path.IsPathRooted(target)) here = Path.GetPathRoot(target)!;
                foreach (var further in Parts(target)) ahead.Push(further);
            }
        }
        return here;
    }

    // The last one first, so that the first one is on top of the stack.
    private static IEnumerable<string> Parts(string path) =>
        path.Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries).Where(part => part != ".").Reverse();
}
