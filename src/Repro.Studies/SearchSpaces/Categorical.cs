namespace Repro.Studies.SearchSpaces;

/// <summary>One of a few values without an order that a model could use.</summary>
public sealed record Categorical(string Name, IReadOnlyList<string> Values) : Hyperparameter(Name)
{
    public override long? Count => Values.Count;

    public override string At(double unit) => Values[(int)Cell(unit, Values.Count)];

    public override double UnitOf(string text)
    {
        for (var i = 0; i < Values.Count; i++)
        {
            if (Values[i] == text) return (i + 0.5) / Values.Count;
        }
        return double.NaN;
    }

    public override double Snap(double unit) => Middle(unit, Values.Count);

    public override string? Complaint() =>
        Values.Count == 0 ? "has no value to choose from"
        : Values.GroupBy(value => value).FirstOrDefault(group => group.Count() > 1) is { } twice ? $"has the value '{twice.Key}' twice"
        : Role == HyperparameterRole.Fixed && Values.Count > 1 ? $"is fixed, so it has one value, not {Values.Count}"
        : null;
}
