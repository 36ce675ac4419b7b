using System.Globalization;
using Repro.Studies.SearchSpaces;

namespace Repro.Studies.Papers;

/// <summary>A paper under <c>papers/</c>: what it is, what it claims, and in its prose what we do otherwise.</summary>
/// <param name="Name">The file's name without extension.</param>
/// <param name="Experiment">Name of the experiment that reproduces it.</param>
/// <param name="Source">arXiv:1512.03385, a DOI or an address.</param>
/// <param name="Prose">Markdown after the front matter.</param>
public sealed record PaperCard(
    string Name, string Title, string Authors, int Year, string Source, string Experiment, IReadOnlyList<Claim> Claims, string Prose);

/// <summary>One statement of a paper that a study can test. All but <paramref name="Stands"/> is frozen before the first judged run.</summary>
/// <param name="Stands">Table 6, Figure 6 (right).</param>
/// <param name="Value">The paper's number, or the bound of an ordering; null where neither is stated.</param>
/// <param name="Spread">The paper's own standard deviation, where it states one.</param>
/// <param name="Unit">Of the value and the tolerance.</param>
/// <param name="Options">
/// What the claim is about, by name: a run with other values says nothing of it; several values separated by commas mean any of them. All other options are
/// asked at the values of <see cref="Profile"/>: a run that differs there is about the claim, but not comparable at its scale.
/// </param>
/// <param name="Tolerance">Delta, in <paramref name="Unit"/>: half the width of the region that counts as the same, and in an ordering or a trend the smallest difference that matters.</param>
/// <param name="LargestN">Runs of a setting after which one stops, decided or not.</param>
/// <param name="Study">The study that tests it, as <c>resnet/shortcuts</c>; null where plain runs of <see cref="Profile"/> do.</param>
/// <param name="Scale">Where the paper tested it.</param>
/// <param name="Transfer">Tested elsewhere than in the paper.</param>
public sealed record Claim(
    string Id, string Statement, string Stands, ClaimKind Kind, string Metric, string Split, double? Value, double? Spread, string Unit,
    IReadOnlyDictionary<string, string> Options, double? Tolerance, int? LargestN, string? Study, string Scale, bool Transfer)
{
    /// <summary>The id under which the claim stood on the card before it was given <paramref name="Id"/>; null where it never had another. A name decides nothing, so that a new one does not undo a freeze.</summary>
    public string? Formerly { get; init; }

    /// <summary>The digits of <see cref="Value"/> as the card has them: 3.70 says more than 3.7. Empty where the claim was not read from a card.</summary>
    public string ValueDigits { get; init; } = "";

    /// <summary>The digits of <see cref="Spread"/> as the card has them.</summary>
    public string SpreadDigits { get; init; } = "";

    /// <summary>The published number as the card writes it, which nothing rounds: <c>1.4697</c>; null where there is none.</summary>
    public string? Published => Value is { } value ? Own(ValueDigits, value) : null;

    /// <summary>The published standard deviation as the card writes it; null where there is none.</summary>
    public string? PublishedSpread => Spread is { } spread ? Own(SpreadDigits, spread) : null;

    /// <summary>Runs that the paper's value is the mean of; 1 where it does not say.</summary>
    public int PaperRuns { get; init; } = 1;

    /// <summary>What is compared, in the order of <see cref="Direction"/>: two in an ordering or an equivalence, three or more along a trend; none where one value is meant.</summary>
    public IReadOnlyList<Configuration> Settings { get; init; } = [];

    /// <summary>Null where the claim has none.</summary>
    public ClaimDirection? Direction { get; init; }

    /// <summary>Numbers of runs at which one looks, ascending, the last of them <paramref name="LargestN"/>; nothing is concluded between two of them. Empty where nothing is judged.</summary>
    public IReadOnlyList<int> Looks { get; init; } = [];

    /// <summary>The profile whose options a run must have, but for <see cref="Options"/> and its setting; null: the experiment's defaults, which its profile <c>paper</c> has.</summary>
    public string? Profile { get; init; }

    /// <summary>
    /// The settings are compared by the losses of the windows that both of them forecast, and not by the scatter of seeds alone: forecasts of one series share their data, and windows overlap.
    /// Every run has to keep the losses of its windows.
    /// </summary>
    public bool OverWindows { get; init; }

    /// <summary>Why the value is shown and never judged: read off a figure, from a table that contradicts the text; null where it is judged.</summary>
    public string? Uncertain { get; init; }

    // Digits of another number are none of this one's: a claim may have been changed since it was read.
    private static string Own(string digits, double number) =>
        (double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var written) && written.Equals(number) ? digits : number.ToString("R", CultureInfo.InvariantCulture)).Replace('-', '−');
}

/// <summary>What kind of statement a claim is.</summary>
public enum ClaimKind
{
    /// <summary>A number.</summary>
    Value,

    /// <summary>One setting is better than another, or a setting's metric lies above or below a bound.</summary>
    Ordering,

    /// <summary>A metric rises or falls along an option.</summary>
    Trend,

    /// <summary>Two settings give the same.</summary>
    Equivalence,
}

/// <summary>Which way a metric goes.</summary>
public enum ClaimDirection
{
    /// <summary>From each of <see cref="Claim.Settings"/> to the next.</summary>
    Rises,

    /// <summary>From each of <see cref="Claim.Settings"/> to the next.</summary>
    Falls,

    /// <summary>It lies above <see cref="Claim.Value"/>.</summary>
    Above,

    /// <summary>It lies below <see cref="Claim.Value"/>.</summary>
    Below,
}
