namespace Repro.Reports.Runs;

/// <summary>A metric's name taken apart: <c>test_error</c> is the error on the test split.</summary>
/// <param name="Split">train, validation or test; empty where the metric has none.</param>
/// <param name="Quantity">The name without the split.</param>
public sealed record MetricWords(string Split, string Quantity)
{
    private static readonly string[] Splits = ["train", "validation", "test"];

    public static MetricWords Of(string name)
    {
        var split = Array.Find(Splits, split => name.StartsWith(split + "_", StringComparison.Ordinal));
        return split is null ? new MetricWords("", name) : new MetricWords(split, name[(split.Length + 1)..]);
    }

    /// <summary>The quantity for people: <c>learning rate</c>.</summary>
    public string Title => Quantity.Replace('_', ' ').Replace('/', ' ');

    /// <summary>Of the quantities that every experiment logs alike; empty otherwise, as for <c>loss</c>, which is whatever an experiment minimizes.</summary>
    public string Unit => Quantity switch { "error" or "accuracy" or "qice" or "picp" or "released_qice" or "released_picp" => "%", "cross_entropy" or "sampled_loss" or "best_sampled_loss" => "nats", "bits_per_dim" => "bits/dim", _ => "" };

    /// <summary>With split and without underscores: <c>test error</c>.</summary>
    public override string ToString() => Split.Length > 0 ? $"{Split} {Title}" : Title;

    /// <summary>The same at the beginning of a sentence: <c>Test error</c>.</summary>
    public string Sentence => ToString() is { Length: > 0 } text ? char.ToUpperInvariant(text[0]) + text[1..] : "";

    /// <summary>For an axis, with the unit where there is one: <c>test error (%)</c>.</summary>
    public string Label => Unit.Length > 0 ? $"{this} ({Unit})" : ToString();

    /// <summary>Of a difference of two values: percentage points where the values are per cent.</summary>
    public string DifferenceUnit => Unit == "%" ? "percentage points" : Unit;

    /// <summary>Index into the palette: a split has the same colour in every figure.</summary>
    public int Colour => Array.IndexOf(Splits, Split) is >= 0 and var index ? index : 0;
}
