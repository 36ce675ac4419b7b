namespace Repro.Reports.Documents;

/// <summary>A piece of a line.</summary>
/// <param name="Text">Shown as it is: it is never read as markup.</param>
public sealed record Word(string Text, WordKind Kind = WordKind.Plain);

public enum WordKind
{
    Plain,

    /// <summary>Names of options, hashes, files.</summary>
    Code,
    Strong,
}

/// <summary>Text of one line or cell.</summary>
public sealed record Words(IReadOnlyList<Word> Items)
{
    public static Words Code(string text) => new([new Word(text, WordKind.Code)]);

    public static Words Strong(string text) => new([new Word(text, WordKind.Strong)]);

    public static implicit operator Words(string text) => FromString(text);

    public static Words FromString(string text) => new([new Word(text)]);

    public static Words operator +(Words left, Words right) => Add(left, right);

    public static Words Add(Words left, Words right) => new([.. left.Items, .. right.Items]);

    /// <summary>Without emphasis.</summary>
    public override string ToString() => string.Concat(Items.Select(item => item.Text));
}
