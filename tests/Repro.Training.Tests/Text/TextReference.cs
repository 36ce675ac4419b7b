using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Repro.Training.Datasets;

namespace Repro.Training.Tests.Text;

/// <summary>What sacreBLEU and subword-nmt computed (tests/peers/text_reference.py), and the data sets that they computed it from.</summary>
internal static class TextReference
{
    public static JsonObject Json { get; } = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "text-reference.json")))!.AsObject();

    public static List<string> Strings(JsonNode? array) => array!.AsArray().Select(node => (string)node!).ToList();

    /// <summary>Lines of a file of the data sets; the test is skipped where it is absent.</summary>
    public static List<string> Lines(string file)
    {
        var path = DataFolders.FromEnvironment(null).Candidates.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
        Skip.If(path is null, $"{file} is not among the data sets of this machine (REPRO_DATA).");
        using var reader = new StreamReader(new GZipStream(File.OpenRead(path!), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd().TrimEnd('\n').Split('\n').ToList();
    }
}
