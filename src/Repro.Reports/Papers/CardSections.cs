using Repro.Studies;
using Repro.Studies.Options;

namespace Repro.Reports.Papers;

/// <summary>
/// The sections that a card's prose may have: its headings of the second level. One heading may name several, <c>What is done otherwise, and what the paper leaves open</c>. They are one set for
/// all cards, so that a report finds what a card says; what belongs to none of them stands a level lower, under one.
/// </summary>
internal static class CardSections
{
    /// <summary>The network and its setting.</summary>
    public const string Model = "The model";

    /// <summary>Which examples train, validate and test, and what was left out.</summary>
    public const string Data = "The data";

    /// <summary>Departures from the paper.</summary>
    public const string Departures = "What is done otherwise";

    /// <summary>What had to be assumed because the paper does not say it.</summary>
    public const string Assumptions = "What the paper leaves open";

    private static readonly string[] Names =
        [Model, Data, "How a number is judged", "What is tested", "The paper's numbers", "Tolerances", Departures, Assumptions, "Traps", "Others' numbers", "The generated task"];

    /// <summary>Headings under which a section stands that has text in it, as they are written.</summary>
    /// <param name="section">One of the constants here.</param>
    public static IReadOnlyList<string> Headings(string prose, string section)
    {
        var found = new List<string>();
        var heading = "";
        foreach (var (level, text, _) in Lines(prose))
        {
            // A heading of a lower level is text of the section that it stands in.
            if (level is 1 or 2) heading = level == 2 && Parts(text).Contains(section) ? text : "";
            else if (text.Length > 0 && heading.Length > 0 && !found.Contains(heading)) found.Add(heading);
        }
        return found;
    }

    /// <param name="file">Named in the error.</param>
    /// <param name="firstLine">The line of the file that the prose begins at, from 1.</param>
    /// <exception cref="BadInputException">A heading of the second level names no section, or one that has been; says where it stands and the nearest names.</exception>
    public static void Check(string prose, string file, int firstLine)
    {
        var seen = new HashSet<string>();
        foreach (var (level, text, line) in Lines(prose))
        {
            if (level != 2) continue;
            foreach (var part in Parts(text))
            {
                if (!Names.Contains(part))
                    throw new BadInputException($"{file}, line {firstLine + line}, column 1: a card has no section '{part}'. Sections, nearest first: {string.Join("; ", NearestWords.Order(part, Names))}. A heading of one's own stands a level lower, ###.");
                if (!seen.Add(part)) throw new BadInputException($"{file}, line {firstLine + line}, column 1: the section '{part}' has been before; a card has each once.");
            }
        }
    }

    // "A, and b" names A and B.
    private static IEnumerable<string> Parts(string heading) => heading.Split(',').Select(part => part.Trim()).Select(part => part.StartsWith("and ", StringComparison.Ordinal) ? part[4..].Trim() : part)
        .Select(part => part.Length > 0 ? char.ToUpperInvariant(part[0]) + part[1..] : part);

    /// <summary>Lines with their level: 0 is no heading, and neither is anything within a block of code.</summary>
    private static IEnumerable<(int Level, string Text, int Line)> Lines(string prose)
    {
        var (code, number) = (false, -1);
        foreach (var line in prose.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.StartsWith("```", StringComparison.Ordinal)) code = !code;
            var level = code ? 0 : line.TakeWhile(c => c == '#').Count();
            var isHeading = level is >= 1 and <= 6 && (line.Length == level || line[level] == ' ');
            yield return isHeading ? (level, line[level..].Trim(), number) : (0, line, number);
        }
    }
}
