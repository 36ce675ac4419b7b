using System.IO.Compression;

namespace Repro.Setup.Tests;

/// <summary>Writes .nupkg files with nothing in them but a name, a version and a dependency.</summary>
public static class PackageFile
{
    public static void Write(string folder, string id, string version, (string Id, string Version)? dependency = null)
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
    }

    private static void Entry(ZipArchive archive, string name, string text)
    {
        using var writer = new StreamWriter(archive.CreateEntry(name).Open());
        writer.Write(text);
    }
}
