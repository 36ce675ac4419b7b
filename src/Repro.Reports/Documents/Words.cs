namespace Repro.Reports.Documents;

/// <summary>A piece of a line.</summary>
/// <param name="Text">Shown as it is: it is never read as markup.</param>
public sealed record Word(string Text, WordKind Kind = WordKind.Plain)
{
    /// <summary>Where a <see cref="WordKind.Link"/> leads: <c>#section</c>, a path relative to the report, or an http address.</summary>
    public string Address { get; init; } = "";
}

public enum WordKind
{
    Plain,

    /// <summary>Names of options, hashes, files.</summary>
    Code,
    Strong,
    Link,

    /// <summary>A badge: reproduced. Told apart by its word and a sign, not by colour alone.</summary>
    Good,

    /// <summary>A badge: not reproduced.</summary>
    Bad,

    /// <summary>A badge: inconclusive.</summary>
    Open,

    /// <summary>A badge: not comparable at this scale.</summary>
    Muted,
}

/// <summary>Text of one line or cell.</summary>
public sealed record Words(IReadOnlyList<Word> Items)
{
    public static Words Code(string text) => new([new Word(text, WordKind.Code)]);

    public static Words Strong(string text) => new([new Word(text, WordKind.Strong)]);

    public static Words Link(string text, string address) => new([new Word(text, WordKind.Link) { Address = address }]);

    public static Words Badge(string text, WordKind kind) => new([new Word(text, kind)]);

    public static implicit operator Words(string text) => FromString(text);

    public static Words FromString(string text) => new([new Word(text)]);

    public static Words operator +(Words left, Words right) => Add(left, right);

    public static Words Add(Words left, Words right) => new([.. left.Items, .. right.Items]);

    /// <summary>In characters.</summary>
    internal int Length => Items.Sum(item => item.Text.Length);

    /// <summary>Without emphasis.</summary>
    public override string ToString() => string.Concat(Items.Select(item => item.Text));
}
