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

    /// <summary>Whether it chooses only how much is measured on test, so that runs which differ in it have learned the same: no claim asks for it.</summary>
    public bool OnlyMeasures { get; set; }

    /// <summary>A text that ends with this is the path of a file (".csv") and becomes a full one, so that it means the same from every folder. Empty: no text is a path.</summary>
    public string FileEnding { get; set; } = "";

    /// <summary>Where the default was published: "section 4.2", "Table 1". Empty where nobody says it.</summary>
    public string Source { get; set; } = "";
}
