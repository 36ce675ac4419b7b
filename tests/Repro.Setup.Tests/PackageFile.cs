using System.IO.Compression;
using System.Runtime.InteropServices;

namespace Repro.Setup.Tests;

/// <summary>Writes .nupkg files with nothing in them but a name, a version and a dependency.</summary>
public static class PackageFile
{
    /// <param name="libraries">Files that the package brings for this kind of machine.</param>
    public static void Write(string folder, string id, string version, (string Id, string Version)? dependency = null, params IReadOnlyList<string> libraries)
    {
        var dependencies = dependency is var (name, least) ? $"""<dependencies><group targetFramework="net8.0"><dependency id="{name}" version="{least}" /></group></dependencies>""" : "";
        Directory.CreateDirectory(folder);
        using var archive = ZipFile.Open(Path.Combine(folder, $"{id}.{version}.nupkg"), ZipArchiveMode.Create);
        Entry(archive, $"{id}.nuspec", $"""
            <?xml version="1.0"?>
            <package xmlns="http://schemas.microsoft.com/packaging/2013/05/nuspec.xsd"><metadata>
              <id>{id}</id><version>{version}</version><authors>a test</authors><description>nothing</description>{dependencies}
            </metadata></package>
            """);
        Entry(archive, "lib/net8.0/_._", "");
        foreach (var library in libraries) archive.CreateEntryFromFile(library, $"runtimes/linux-{RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()}/native/{Path.GetFileName(library)}");
    }

    private static void Entry(ZipArchive archive, string name, string text)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(text);
    }
}
