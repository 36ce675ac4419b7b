namespace Repro.Studies.SearchSpaces;

/// <summary>
/// One dimension of a search space: an option of the experiment and the values it may take. Samplers see every value as a coordinate in [0, 1],
/// on the scale on which the values are drawn evenly; what leaves a space is the option's text.
/// </summary>
/// <param name="Name">The option's name in snake_case.</param>
public abstract record Hyperparameter(string Name)
{
    public HyperparameterRole Role { get; init; }

    /// <summary>When it is part of a configuration at all; null: always.</summary>
    public ActiveWhen? Condition { get; init; }

    /// <summary>How many values there are; null where they are a continuum.</summary>
    public abstract long? Count { get; }

    /// <summary>The value at a coordinate. Discrete values have equal shares of [0, 1], so that evenly drawn coordinates draw each equally often.</summary>
    /// <param name="unit">In [0, 1]; 0 is the first value and 1 the last.</param>
    /// <returns>The option's canonical text, as <see cref="Options.OptionText.Write"/> writes it.</returns>
    public abstract string At(double unit);

    /// <summary>The coordinate of a value (the middle of its share where values are discrete); NaN where the text is none of the values.</summary>
    public abstract double UnitOf(string text);

    /// <summary>The coordinate of the value that <see cref="At"/> gives here: <paramref name="unit"/> itself on a continuum.</summary>
    public abstract double Snap(double unit);

    /// <summary>What is wrong with the range; null where nothing is.</summary>
    public abstract string? Complaint();

    /// <summary>The middle of the share of [0, 1] that the value at this coordinate has, where there are <paramref name="count"/> values.</summary>
    protected static double Middle(double unit, long count) => (Cell(unit, count) + 0.5) / count;

    /// <summary>Which of <paramref name="count"/> equal shares of [0, 1] this coordinate is in.</summary>
    protected static long Cell(double unit, long count) => Math.Clamp((long)(unit * count), 0, count - 1);
}

/// <summary>A hyperparameter that is part of a configuration only where another one is, with one of the given values.</summary>
/// <param name="Parameter">The other one: categorical or an integer.</param>
/// <param name="Values">Its values, as texts.</param>
public sealed record ActiveWhen(string Parameter, IReadOnlyList<string> Values);
