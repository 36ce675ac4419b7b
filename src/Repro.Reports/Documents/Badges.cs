namespace Repro.Reports.Documents;

/// <summary>What tells the kinds of badges apart where there is no colour: in print, in Markdown, and for those who do not see it.</summary>
internal static class Badges
{
    /// <summary>A sign that every common font has, and that none of them draws as a picture; null for words that are no badge.</summary>
    public static string? Sign(WordKind kind) => kind switch
    {
        WordKind.Good => "✓",
        WordKind.Bad => "✗",
        WordKind.Open => "?",
        WordKind.Muted => "–",
        _ => null,
    };
}
