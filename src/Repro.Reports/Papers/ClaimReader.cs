using System.Text.RegularExpressions;
using Repro.Studies.Formats;
using Repro.Studies.Options;
using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>Reads one entry of a card's <c>claims</c>.</summary>
internal static partial class ClaimReader
{
    private static readonly string[] Keys =
    [
        "id", "statement", "stands", "kind", "metric", "split", "value", "spread", "unit", "options", "tolerance", "largest_n", "study", "scale", "transfer",
    ];

    private static readonly string[] Splits = ["train", "validation", "test"];

    public static (Claim Claim, YamlValue Node) Read(YamlValue entry)
    {
        var map = entry.Map(Keys);
        var kinds = Enum.GetValues<ClaimKind>().Select(kind => OptionText.Write(kind)).ToList();
        var kind = Enum.GetValues<ClaimKind>()[kinds.IndexOf(map.Required("kind").Choice(kinds))];
        var value = map.Optional("value")?.Number();
        var spread = map.Optional("spread");
        if (kind == ClaimKind.Value && value is null) throw entry.Error("a claim of kind 'value' needs the key 'value': the paper's number");
        if (spread is not null && value is null) throw spread.Error("the key 'spread' belongs to a 'value', and this claim has none");
        if (spread?.Number() <= 0) throw spread.Error("the key 'spread' is a standard deviation and must be above 0");
        if (map.Optional("tolerance") is { } tolerance && tolerance.Number() <= 0) throw tolerance.Error("the key 'tolerance' must be above 0");
        var claim = new Claim(
            Word(map.Required("id"), Id(), "lower-case letters, digits, '-', '_' and '.'"),
            map.Required("statement").Text(),
            map.Required("stands").Text(),
            kind,
            Word(map.Required("metric"), Metric(), "a metric's name in snake_case, such as test_error"),
            map.Required("split").Choice(Splits),
            value,
            spread?.Number(),
            map.Required("unit").Text(),
            Options(map.Optional("options")),
            map.Optional("tolerance")?.Number(),
            map.Optional("largest_n")?.WholeNumber(2, 10_000),
            map.Optional("study")?.Text(),
            map.Required("scale").Text(),
            map.Optional("transfer")?.Truth() ?? false);
        return (claim, map.Required("id"));
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
