using Repro.Reports.Documents;

namespace Repro.Reports.Claims;

/// <summary>What is found of a claim. Always computed, never typed in.</summary>
public enum Verdict
{
    /// <summary>The interval lies inside the region that the claim allows.</summary>
    Reproduced,

    /// <summary>The interval lies outside of it.</summary>
    NotReproduced,

    /// <summary>The runs at hand do not decide.</summary>
    Inconclusive,

    /// <summary>The runs at hand are of another setting than the claim's.</summary>
    NotComparable,

    /// <summary>The card says that the paper's value is of uncertain source: it is shown, and nothing is held against it.</summary>
    NotJudged,
}

/// <summary>How verdicts are written.</summary>
public static class VerdictWords
{
    /// <summary>In lower case, as a word of a sentence: <c>not reproduced</c>.</summary>
    public static string Of(Verdict verdict) => verdict switch
    {
        Verdict.Reproduced => "reproduced",
        Verdict.NotReproduced => "not reproduced",
        Verdict.Inconclusive => "inconclusive",
        Verdict.NotComparable => "not comparable at this scale",
        Verdict.NotJudged => "not judged",
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, "No verdict."),
    };

    /// <summary>For programs, in snake_case: <c>not_reproduced</c>.</summary>
    public static string Key(Verdict verdict) => Studies.Options.OptionText.Write(verdict);

    public static Words Badge(Verdict verdict) => Words.Badge(Of(verdict), verdict switch
    {
        Verdict.Reproduced => WordKind.Good,
        Verdict.NotReproduced => WordKind.Bad,
        Verdict.Inconclusive => WordKind.Open,
        _ => WordKind.Muted,
    });
}
