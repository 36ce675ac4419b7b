using System.Text;
using Repro.Results.Runs;
using Repro.Studies.Formats;

namespace Repro.Reports.Documents;

/// <summary>A document as files: <c>report.md</c> and <c>report.html</c>.</summary>
internal static class DocumentFiles
{
    /// <summary>To be asked before anything is drawn: a disk that refuses is told once, and not figure by figure.</summary>
    /// <param name="command">Makes the report.</param>
    /// <exception cref="StorageException">The folder cannot be made or written into.</exception>
    public static void RequireWritable(string folder, string command)
    {
        var probe = Path.Combine(folder, "report.html" + DurableStorage.PartialSuffix);
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
    public static (string Html, string Markdown) Write(Document document, string folder) =>
        (WriteWhole(Path.Combine(folder, "report.html"), HtmlWriter.Write(document)), WriteWhole(Path.Combine(folder, "report.md"), MarkdownWriter.Write(document)));

    private static string WriteWhole(string file, string text)
    {
        var full = Path.GetFullPath(file);
        DurableFile.Write(full, Encoding.UTF8.GetBytes(text));
        return full;
    }
}
