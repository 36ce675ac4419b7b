using System.Globalization;
using Repro.Studies.Options;

namespace Repro.Studies.SearchSpaces;

/// <summary>The numbers from <paramref name="Low"/> to <paramref name="High"/>, both included.</summary>
/// <param name="Logarithmic">Drawn evenly on the scale of the logarithm: low (high / low)^u.</param>
/// <param name="Step">Only Low, Low + Step, ... up to High; null for all. Not together with <paramref name="Logarithmic"/>.</param>
public sealed record FloatRange(string Name, double Low, double High, bool Logarithmic = false, double? Step = null) : Hyperparameter(Name)
{
    // A decimal number of steps (0.3 / 0.1) must not lose its last value to rounding.
    private const double StepTolerance = 1e-9;

    public override long? Count => Step is { } step ? (long)Math.Floor(((High - Low) / step) + StepTolerance) + 1 : null;

    public override string At(double unit) => OptionText.Write(Number(unit));

    public override double UnitOf(string text)
    {
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number >= Low && number <= High)) return double.NaN;
        if (Step is { } step)
        {
            var index = Math.Round((number - Low) / step);
            return index < Count && Math.Abs(((number - Low) / step) - index) <= 1e-6 ? (index + 0.5) / Count.Value : double.NaN;
        }
        if (High == Low) return 0;
        return Logarithmic ? Math.Log(number / Low) / Math.Log(High / Low) : (number - Low) / (High - Low);
    }

    public override double Snap(double unit) => Count is { } count ? Middle(unit, count) : unit;

    public override string? Complaint() =>
        !double.IsFinite(Low) || !double.IsFinite(High) || !double.IsFinite(High - Low) ? $"must have a finite range; it was {Range()}"
        : Low > High ? $"must begin below its end; it was {Range()}"
        : Logarithmic && Low <= 0 ? $"is logarithmic, so its range must be above 0; it was {Range()}"
        : Logarithmic && Step is not null ? "is logarithmic, so it cannot have a step"
        : Step is { } step && !(step > 0 && double.IsFinite(step)) ? $"must have a step above 0; it was {OptionText.Write(step)}"
        : Step is not null && Count > 1_000_000_000 ? "has over 1,000,000,000 steps; leave the step out"
        : Role == HyperparameterRole.Fixed && Low != High ? "is fixed, so it has one value, not a range"
        : null;

    private double Number(double unit)
    {
        if (Count is { } count) return Stepped(Cell(unit, count));
        var number = Logarithmic ? Low * Math.Exp(unit * Math.Log(High / Low)) : Low + (unit * (High - Low));
        return Math.Clamp(number, Low, High);
    }

    // 0.8 + 3 steps of 0.01 is 0.83 in decimal, and 0.8300000000000001 in binary.
    private double Stepped(long index)
    {
        if (Math.Abs(Low) < 1e9 && Math.Abs(High) < 1e9 && Step > 1e-9) return Math.Min((double)((decimal)Low + (index * (decimal)Step.Value)), High);
        return Math.Min(Low + (index * Step!.Value), High);
    }

    private string Range() => $"{OptionText.Write(Low)}..{OptionText.Write(High)}";
}
