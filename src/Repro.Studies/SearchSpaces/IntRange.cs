using System.Globalization;

namespace Repro.Studies.SearchSpaces;

/// <summary>The integers from <paramref name="Low"/> to <paramref name="High"/>, both included; both within +-2^53, where doubles are exact.</summary>
/// <param name="Logarithmic">Drawn on the scale of the logarithm: each integer k has the share of [log(k - 1/2), log(k + 1/2)].</param>
/// <param name="Step">Only Low, Low + Step, ... up to High. Must be 1 where <paramref name="Logarithmic"/>.</param>
public sealed record IntRange(string Name, long Low, long High, bool Logarithmic = false, long Step = 1) : Hyperparameter(Name)
{
    private const long Exact = 1L << 53;

    public override long? Count => ((High - Low) / Step) + 1;

    public override string At(double unit) => Number(unit).ToString(CultureInfo.InvariantCulture);

    public override double UnitOf(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= Low && number <= High && (number - Low) % Step == 0
            ? UnitOf(number) : double.NaN;

    public override double Snap(double unit) => UnitOf(Number(unit));

    public override string? Complaint() =>
        Math.Abs((double)Low) > Exact || Math.Abs((double)High) > Exact ? $"must lie within +-2^53; it was {Low}..{High}"
        : Low > High ? $"must begin below its end; it was {Low}..{High}"
        : Logarithmic && Low < 1 ? $"is logarithmic, so its range must begin at 1 or above; it was {Low}..{High}"
        : Step < 1 ? $"must have a step of 1 or more; it was {Step}"
        : Logarithmic && Step != 1 ? "is logarithmic, so it cannot have a step"
        : Role == HyperparameterRole.Fixed && Low != High ? "is fixed, so it has one value, not a range"
        : null;

    private long Number(double unit)
    {
        if (!Logarithmic) return Low + (Cell(unit, Count!.Value) * Step);
        var (from, to) = (Math.Log(Low - 0.5), Math.Log(High + 0.5));
        return Math.Clamp((long)Math.Round(Math.Exp(from + (unit * (to - from)))), Low, High);
    }

    private double UnitOf(long number)
    {
        if (!Logarithmic) return (((number - Low) / Step) + 0.5) / Count!.Value;
        var (from, to) = (Math.Log(Low - 0.5), Math.Log(High + 0.5));
        return (Math.Log(number) - from) / (to - from);
    }
}
