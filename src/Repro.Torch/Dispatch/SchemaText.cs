using System.Text;
using System.Text.RegularExpressions;

namespace Repro.Torch.Dispatch;

/// <summary>Compares operator schemas of two versions of libtorch.</summary>
/// <remarks>
/// A later version may name SymInt what was int, annotate aliases differently, drop a fixed list length, make an argument
/// optional, and append arguments that have defaults: calls written for the earlier one stay right. Anything else differs.
/// </remarks>
internal static partial class SchemaText
{
    /// <summary>What makes calls written for one schema wrong under the other; null where nothing does.</summary>
    public static string? Difference(string declared, string actual)
    {
        var (ours, ourResults) = Split(declared);
        var (theirs, theirResults) = Split(actual);
        if (ours.Count > theirs.Count)
            return $"it takes {theirs.Count} arguments, not {ours.Count}";
        for (var i = 0; i < ours.Count; i++)
        {
            if (ours[i].Name != theirs[i].Name)
                return $"argument {i + 1} is '{theirs[i].Name}', not '{ours[i].Name}'";
            if (ours[i].Type != theirs[i].Type && ours[i].Type + "?" != theirs[i].Type)
                return $"argument '{ours[i].Name}' is of type {theirs[i].Type}, not {ours[i].Type}";
        }
        foreach (var extra in theirs.Skip(ours.Count))
            if (!extra.HasDefault)
                return $"it needs a further argument '{extra.Name}'";
        return ourResults == theirResults ? null : $"it returns {theirResults}, not {ourResults}";
    }

    private static (List<(string Type, string Name, bool HasDefault)> Arguments, string Results) Split(string schema)
    {
        var open = schema.IndexOf('(', StringComparison.Ordinal);
        var arrow = schema.LastIndexOf("->", StringComparison.Ordinal);
        var close = schema.LastIndexOf(')', arrow);
        var arguments = new List<(string, string, bool)>();
        foreach (var part in AtTopLevel(schema[(open + 1)..close]))
        {
            if (part == "*")
                continue;
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            var declaration = equals < 0 ? part : part[..equals];
            var space = declaration.TrimEnd().LastIndexOf(' ');
            arguments.Add((Plain(declaration[..space]), declaration[(space + 1)..].Trim(), equals >= 0));
        }
        var results = string.Join(", ", AtTopLevel(schema[(arrow + 2)..].Trim().TrimStart('(').TrimEnd(')'))
            .Select(result => Plain(AliasAnnotation().Replace(result, "").Split(' ')[0])));
        return (arguments, results);
    }

    private static string Plain(string type) =>
        ListLength().Replace(AliasAnnotation().Replace(type, ""), "[]").Replace("SymInt", "int", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    private static IEnumerable<string> AtTopLevel(string list)
    {
        var part = new StringBuilder();
        var depth = 0;
        foreach (var letter in list)
        {
            if (letter == ',' && depth == 0)
            {
                yield return part.ToString().Trim();
                part.Clear();
                continue;
            }
            depth += letter is '(' or '[' ? 1 : letter is ')' or ']' ? -1 : 0;
            part.Append(letter);
        }
        if (part.ToString().Trim() is { Length: > 0 } last)
            yield return last;
    }

    [GeneratedRegex(@"\([a-z*|!\-> ]*\)")]
    private static partial Regex AliasAnnotation();

    [GeneratedRegex(@"\[\d+\]")]
    private static partial Regex ListLength();
}
