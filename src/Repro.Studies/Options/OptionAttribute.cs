namespace Repro.Studies.Options;

/// <summary>Describes one option of an experiment. The property's initial value is that of the profile <c>paper</c>.</summary>
/// <param name="description">One sentence without the default and the range, which are printed beside it.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class OptionAttribute(string description) : Attribute
{
    public string Description { get; } = description;

    /// <summary>Smallest value allowed (inclusive). Numbers only.</summary>
    public double Min { get; set; } = double.NegativeInfinity;

    /// <summary>Largest value allowed (inclusive). Numbers only.</summary>
    public double Max { get; set; } = double.PositiveInfinity;

    /// <summary>Values allowed, for a text or a number that is one of a few.</summary>
    public object[]? Choices { get; set; }

    /// <summary>Where the default was published: "section 4.2", "Table 1". Empty where nobody says it.</summary>
    public string Source { get; set; } = "";
}
