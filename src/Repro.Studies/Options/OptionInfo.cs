namespace Repro.Studies.Options;

/// <summary>One option of an experiment as the command line, study files and reports know it.</summary>
/// <param name="Name">snake_case: <c>learning_rate</c> for the property LearningRate.</param>
/// <param name="Type">One of bool, int, long, double, string, or an enum (its values in snake_case).</param>
/// <param name="Default">As the profile <c>paper</c> has it.</param>
/// <param name="Choices">The values allowed where there are few, as written on the command line; otherwise empty.</param>
/// <param name="Source">Where the default was published.</param>
public sealed record OptionInfo(
    string Name, Type Type, object? Default, double Min, double Max, IReadOnlyList<string> Choices, string Description, string Source)
{
    /// <inheritdoc cref="OptionAttribute.FileEnding"/>
    public string FileEnding { get; init; } = "";

    /// <inheritdoc cref="OptionAttribute.OnlyMeasures"/>
    public bool OnlyMeasures { get; init; }

    /// <summary>The type in the words of the command line: integer, number, true or false, text.</summary>
    public string TypeWord =>
        Type == typeof(bool) ? "true or false"
        : Type == typeof(int) || Type == typeof(long) ? "integer"
        : Type == typeof(double) ? "number"
        : Choices.Count > 0 ? "choice" : "text";

    /// <summary>The values allowed, for people: <c>1 .. 256</c>, <c>above or at 0</c>, <c>a | b</c>; empty where anything goes.</summary>
    public string RangeWord =>
        Choices.Count > 0 ? string.Join(" | ", Choices)
        : double.IsNegativeInfinity(Min) && double.IsPositiveInfinity(Max) ? ""
        : double.IsPositiveInfinity(Max) ? $">= {OptionText.Write(Min)}"
        : double.IsNegativeInfinity(Min) ? $"<= {OptionText.Write(Max)}"
        : $"{OptionText.Write(Min)} .. {OptionText.Write(Max)}";
}
