using System.Text;
using Repro.Results.Runs;
using Repro.Studies.Formats;

namespace Repro.Reports.Documents;

/// <summary>A document as files: <c>report.md</c>, <c>report.html</c>, and <c>tables/NAME.tex</c> for each table with a name.</summary>
internal static class DocumentFiles
{
    public const string HtmlName = "report.html";

    /// <summary>To be asked before anything is drawn: a disk that refuses is told once, and not figure by figure.</summary>
    /// <param name="command">Makes the report.</param>
    /// <exception cref="StorageException">The folder cannot be made or written into.</exception>
    public static void RequireWritable(string folder, string command)
    {
        var probe = Path.Combine(folder, HtmlName + DurableStorage.PartialSuffix);
        try
        {
            Directory.CreateDirectory(folder);
            File.WriteAllText(probe, "");
            File.Delete(probe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new StorageException($"Cannot write the report in {folder}: {StorageException.Reason(e)}. To write it elsewhere: {command} --output DIR", e);
        }
    }

    /// <returns>Full paths.</returns>
    public static (string Html, string Markdown) Write(Document document, string folder)
    {
        foreach (var table in document.Lead.Concat(document.Sections.SelectMany(section => section.Blocks)).SelectMany(NamedTables))
        {
            var file = Path.Combine(folder, LatexWriter.FileOf(table.Name));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            WriteWhole(file, LatexWriter.Write(table));
        }
        return (WriteWhole(Path.Combine(folder, HtmlName), HtmlWriter.Write(document)), WriteWhole(Path.Combine(folder, "report.md"), MarkdownWriter.Write(document)));
    }

    private static IEnumerable<Table> NamedTables(Block block) => block switch
    {
        Table { Name.Length: > 0 } table => [table],
        Subsection inner => inner.Blocks.SelectMany(NamedTables),
        Details details => details.Blocks.SelectMany(NamedTables),
        _ => [],
    };

    private static string WriteWhole(string file, string text)
    {
        var full = Path.GetFullPath(file);
        DurableFile.Write(full, Encoding.UTF8.GetBytes(text));
        return full;
    }
}
