namespace Repro.Cli;

/// <summary>The checkout that the program belongs to.</summary>
internal static class ProgramRoot
{
    /// <summary>REPRO_ROOT where <c>./repro</c> set it; otherwise the nearest folder above the program that holds Repro.sln; otherwise the program's own.</summary>
    public static string Path { get; } = Find();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("REPRO_ROOT") is { Length: > 0 } root) return System.IO.Path.GetFullPath(root);
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = System.IO.Path.GetDirectoryName(folder))
        {
            if (File.Exists(System.IO.Path.Combine(folder, "Repro.sln"))) return folder;
        }
        return AppContext.BaseDirectory;
    }
}
