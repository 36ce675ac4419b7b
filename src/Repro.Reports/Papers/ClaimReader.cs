using System.Globalization;
using System.Text.RegularExpressions;
using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.Papers;
using Repro.Studies.SearchSpaces;

namespace Repro.Reports.Papers;

/// <summary>Reads one entry of a card's <c>claims</c>.</summary>
internal static partial class ClaimReader
{
    private static readonly string[] Keys =
    [
        "id", "statement", "stands", "kind", "metric", "split", "value", "spread", "runs", "unit", "options", "settings", "direction", "profile", "tolerance", "largest_n", "looks",
        "study", "scale", "transfer", "uncertain", "formerly", "over",
    ];

    private static readonly string[] Splits = ["train", "validation", "test"];

    public static (Claim Claim, YamlValue Node) Read(YamlValue entry, CardSubject? subject)
    {
        var map = entry.Map(Keys);
        var kind = Choice<ClaimKind>(map.Required("kind"));
        var uncertain = map.Optional("uncertain")?.Text();
        var largest = map.Optional("largest_n")?.WholeNumber(2, 10_000);
        var claim = new Claim(
            Word(map.Required("id"), Id(), "lower-case letters, digits, '-', '_' and '.'"),
            map.Required("statement").Text(),
            map.Required("stands").Text(),
            kind,
            Word(map.Required("metric"), Metric(), "a metric's name in snake_case, such as test_error"),
            map.Required("split").Choice(Splits),
            map.Optional("value")?.Number(),
            map.Optional("spread")?.Number(),
            map.Required("unit").Text(),
            Options(map.Optional("options")),
            map.Optional("tolerance")?.Number(),
            largest,
            map.Optional("study")?.Text(),
            map.Required("scale").Text(),
            map.Optional("transfer")?.Truth() ?? false)
        {
            ValueDigits = map.Optional("value")?.Written() ?? "",
            SpreadDigits = map.Optional("spread")?.Written() ?? "",
            PaperRuns = map.Optional("runs")?.WholeNumber(1, 100_000) ?? 1,
            Settings = map.Optional("settings")?.List().Select(Setting).ToList() ?? [],
            Direction = map.Optional("direction") is { } direction ? Choice<ClaimDirection>(direction) : null,
            Profile = map.Optional("profile")?.Text(),
            Uncertain = uncertain,
            OverWindows = map.Optional("over")?.Choice(["runs", "windows"]) == "windows",
            Formerly = map.Optional("formerly") is { } formerly ? Word(formerly, Id(), "the claim's earlier id: lower-case letters, digits, '-', '_' and '.'") : null,
            Looks = Looks(map.Optional("looks"), largest),
        };
        ClaimRules.Check(claim, map);
        if (subject is not null) ClaimWords.Check(claim, map, subject);
        return (claim, map.Required("id"));
    }

    private static T Choice<T>(YamlValue node)
        where T : struct, Enum
    {
        var words = Enum.GetValues<T>().Select(value => OptionText.Write(value)).ToList();
        return Enum.GetValues<T>()[words.IndexOf(node.Choice(words))];
    }

    private static Configuration Setting(YamlValue node)
    {
        try
        {
            return Configuration.Parse(node.Text());
        }
        catch (BadInputException e)
        {
            throw node.Error(e.Message.TrimEnd('.'));
        }
    }

    // One look at the end where the card names none: what is looked at once spends the whole level there.
    private static IReadOnlyList<int> Looks(YamlValue? node, int? largest)
    {
        if (node is null) return largest is { } only ? [only] : [];
        var looks = node.List().Select(look => (Node: look, At: look.WholeNumber(2, 10_000))).ToList();
        for (var i = 1; i < looks.Count; i++)
        {
            if (looks[i].At <= looks[i - 1].At) throw looks[i].Node.Error($"the key 'looks' lists numbers of runs in ascending order; {looks[i].At} does not come after {looks[i - 1].At}");
        }
        if (looks.Count == 0 || looks[^1].At != largest) throw node.Error($"the last of the 'looks' must be 'largest_n', {largest?.ToString(CultureInfo.InvariantCulture) ?? "which is missing"}");
        return [.. looks.Select(look => look.At)];
    }

    private static Dictionary<string, string> Options(YamlValue? node)
    {
        var options = new Dictionary<string, string>();
        if (node is null) return options;
        foreach (var (name, value) in node.Map([]).Values)
        {
            if (!Metric().IsMatch(name)) throw value.Error($"'{name}' is no option's name; those are in snake_case, such as learning_rate");
            options.Add(name, value.Written());
        }
        return options;
    }

    private static string Word(YamlValue node, Regex shape, string rule)
    {
        var text = node.Text();
        return shape.IsMatch(text) ? text : throw node.Error($"'{text}' must be {rule}");
    }

    [GeneratedRegex("^[a-z0-9][a-z0-9_.-]*$")]
    private static partial Regex Id();

    [GeneratedRegex("^[a-z][a-z0-9_]*$")]
    private static partial Regex Metric();
}
