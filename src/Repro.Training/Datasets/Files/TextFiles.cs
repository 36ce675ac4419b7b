using System.Text;
using Repro.Studies;

namespace Repro.Training.Datasets.Files;

/// <summary>Reads corpora of plain UTF-8 text.</summary>
public static class TextFiles
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>One file of a corpus.</summary>
    /// <param name="Split">The split that it belongs to.</param>
    /// <param name="Name">Official name.</param>
    /// <param name="Bytes">Its official length.</param>
    public sealed record Part(string Split, string Name, long Bytes);

    /// <exception cref="BadInputException">A file is missing, of another length, corrupt, or no UTF-8.</exception>
    public static TextDataset Read(DatasetFolder folder, params IReadOnlyList<Part> parts)
    {
        var read = parts.Select(part => (part.Split, part.Name, File: ReadText(folder, part.Name, part.Bytes))).ToList();
        var splits = read.GroupBy(part => part.Split).Select(split => new TextSplit(split.Key, [.. split.Select(part => (part.Name, part.File.Text))]));
        return new TextDataset(folder.Dataset, folder.Path, [.. splits], [.. read.Select(part => part.File.Checksum)]);
    }

    /// <summary>A corpus of one file whose first characters are train and the others validation; there is no test.</summary>
    /// <param name="train">Characters of the training split; every character is one byte.</param>
    /// <exception cref="BadInputException">The file is missing, of another length, corrupt, or no ASCII.</exception>
    public static TextDataset ReadDivided(DatasetFolder folder, string name, long bytes, int train)
    {
        var (text, checksum) = ReadText(folder, name, bytes);
        if (text.Length != bytes) throw folder.Refuse(folder.Find(name)!, "must hold ASCII alone", $"its {bytes:N0} bytes are {text.Length:N0} characters");
        return new TextDataset(
            folder.Dataset, folder.Path,
            [new TextSplit(Splits.Train, [(name, text[..train])]), new TextSplit(Splits.Validation, [(name, text[train..])])], [checksum]);
    }

    private static (string Text, FileChecksum Checksum) ReadText(DatasetFolder folder, string name, long bytes)
    {
        var (content, checksum) = folder.Read(name, bytes, "text");
        try
        {
            return (Strict.GetString(content), checksum);
        }
        catch (DecoderFallbackException error)
        {
            throw folder.Refuse(folder.Find(name)!, "must be UTF-8", $"{error.Message}", error);
        }
    }
}
