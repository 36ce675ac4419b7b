using System.Security.Cryptography;
using System.Text;

namespace Repro.Training.Datasets;

/// <summary>A data set of texts, each whole in memory.</summary>
/// <param name="Splits">train first, then validation and test, as far as there are such.</param>
public sealed record TextDataset(string Name, string Folder, IReadOnlyList<TextSplit> Splits, IReadOnlyList<FileChecksum> Files) : Dataset(Name, Folder, Files)
{
    public TextSplit Train => Split(Training.Splits.Train);

    public TextSplit Validation => Split(Training.Splits.Validation);

    public TextSplit Test => Split(Training.Splits.Test);

    public override string Identity => RecordDigests.Combine("repro-texts-1", Splits.Select(split => (split.Name, split.Identity)));

    /// <summary>That of <see cref="TextDataset.Identity"/>: a text has one order.</summary>
    public override string FileOrderHash => Identity;

    public override IReadOnlyList<RegisteredSplit> Parts => [.. Splits.Select(split => new RegisteredSplit(split.Name, split.Lines, split.Identity))];

    /// <exception cref="ArgumentException">There is no such split.</exception>
    /// <exception cref="SealedTestException">It is the test split, and sealed.</exception>
    public TextSplit Split(string name)
    {
        RequireOpen(name);
        return Splits.FirstOrDefault(split => split.Name == name)
            ?? throw new ArgumentException($"The data set '{Name}' has no split '{name}', only {string.Join(", ", Splits.Select(split => split.Name))}.", nameof(name));
    }
}

/// <summary>The texts of one split.</summary>
/// <param name="Name">train, validation or test.</param>
/// <param name="Texts">By the official name of the file: <c>train.en</c> and <c>train.de</c> of a parallel corpus, whose lines belong together.</param>
public sealed record TextSplit(string Name, IReadOnlyList<(string File, string Text)> Texts)
{
    /// <summary>The whole text of a file, line breaks included.</summary>
    /// <exception cref="ArgumentException">The split has no such file.</exception>
    public string this[string file] => Texts.FirstOrDefault(text => text.File == file).Text
        ?? throw new ArgumentException($"The {Name} split has no text '{file}', only {string.Join(", ", Texts.Select(text => text.File))}.", nameof(file));

    /// <summary>Lines of its first text; one that the end of the text cuts off counts.</summary>
    public int Lines => Texts[0].Text.Count(c => c == '\n') + (Texts[0].Text.EndsWith('\n') ? 0 : 1);

    /// <summary>SHA-256, lower-case hex, of the split's name and its texts with their names, in the order of the names.</summary>
    public string Identity
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            hash.AppendData(Encoding.UTF8.GetBytes($"repro-text-split-1\n{Name}\n"));
            foreach (var (file, text) in Texts.OrderBy(text => text.File, StringComparer.Ordinal))
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                hash.AppendData(Encoding.UTF8.GetBytes($"{file}\n{bytes.Length}\n"));
                hash.AppendData(bytes);
            }
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
