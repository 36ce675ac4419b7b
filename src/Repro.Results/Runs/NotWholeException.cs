using Repro.Studies;

namespace Repro.Results.Runs;

/// <summary>An export of a run or a sweep is not what was exported.</summary>
/// <param name="faults">What differs, as sentences that begin with a file's name; at least one.</param>
/// <param name="next">What exports it again.</param>
public sealed class NotWholeException(string folder, IReadOnlyList<string> faults, string next)
    : BadInputException($"{folder} is not whole: {string.Join("; ", faults.Take(Shown))}{(faults.Count > Shown ? $"; and {faults.Count - Shown} more" : "")}. {next}, or fetch the folder again.")
{
    private const int Shown = 5;
}
