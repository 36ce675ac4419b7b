using Repro.Studies;
using Repro.Studies.Formats;
using Repro.Studies.Papers;

namespace Repro.Reports.Papers;

/// <summary>
/// Reads a paper's card: YAML between two lines of <c>---</c>, then prose in Markdown. The reading is strict, because a claim's numbers are
/// frozen before the first judged run: nothing is guessed, ignored or filled in.
/// </summary>
public static class PaperCardReader
{
    private static readonly string[] PaperKeys = ["paper", "title", "authors", "year", "source", "experiment", "claims"];

    /// <inheritdoc cref="Parse"/>
    public static PaperCard Read(string file, Func<string, CardSubject?>? subjects = null)
    {
        try
        {
            return Parse(File.ReadAllText(file), file, subjects);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new BadInputException($"The card {file} cannot be read: {e.Message}", e);
        }
    }

    /// <param name="file">Named in errors; its name without extension is the paper's name.</param>
    /// <param name="subjects">The experiment of a name, by which metrics, options, profiles and studies are checked; gives null for one that there is not. Null: neither words nor the prose's sections are checked, as in a card of long ago.</param>
    /// <exception cref="BadInputException">The card breaks a rule; says file, line, column, rule and the nearest valid word.</exception>
    public static PaperCard Parse(string text, string file, Func<string, CardSubject?>? subjects = null)
    {
        var (yaml, firstLine, prose, proseLine) = Split(text, file);
        var root = YamlValue.Read(yaml, file, firstLine, "the card", PaperKeys).Map(PaperKeys);
        var name = Path.GetFileNameWithoutExtension(file);
        if (root.Optional("paper") is { } paper && paper.Text() != name)
            throw paper.Error($"the key 'paper' must be the file's name, '{name}', not '{paper.Text()}'");
        var experiment = root.Required("experiment").Text();
        var subject = subjects?.Invoke(experiment);
        if (subjects is not null && subject is null) throw root.Required("experiment").Error($"there is no experiment '{experiment}'; those there are: ./repro list");
        var claims = root.Required("claims").List().Select(entry => ClaimReader.Read(entry, subject)).ToList();
        var seen = new HashSet<string>();
        foreach (var (claim, node) in claims)
        {
            if (!seen.Add(claim.Id)) throw node.Error($"the claim id '{claim.Id}' is used twice; ids name claims in reports and must differ");
        }
        foreach (var (claim, node) in claims)
        {
            // Otherwise two claims would be held to one and the same of an earlier card.
            if (claim.Formerly is { } formerly && !seen.Add(formerly)) throw node.Error($"'{formerly}', which the claim '{claim.Id}' was called formerly, is the id of another claim now, or was of one");
        }
        // What cards of long ago were divided into holds no claim up.
        if (subjects is not null) CardSections.Check(prose, file, proseLine);
        return new PaperCard(
            name, root.Required("title").Text(), root.Required("authors").Text(), root.Required("year").WholeNumber(1900, 2200),
            root.Required("source").Text(), experiment, claims.Select(c => c.Claim).ToList(), prose);
    }

    private static (string Yaml, int FirstLine, string Prose, int ProseLine) Split(string text, string file)
    {
        var lines = text.TrimStart('\uFEFF').ReplaceLineEndings("\n").Split('\n');
        if (lines[0].TrimEnd() != "---") throw new BadInputException($"{file}, line 1, column 1: a card begins with a line '---' before its YAML; this one begins with '{lines[0]}'.");
        var end = Array.FindIndex(lines, 1, line => line.TrimEnd() == "---");
        if (end < 0) throw new BadInputException($"{file}, line {lines.Length}, column 1: the YAML of a card ends with a line '---', and there is none.");
        var prose = string.Join('\n', lines[(end + 1)..]);
        return (string.Join('\n', lines[1..end]), 2, prose.Trim('\n') + "\n", end + 2 + (prose.Length - prose.TrimStart('\n').Length));
    }
}
