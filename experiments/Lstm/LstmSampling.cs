using Repro.Studies.Options;

namespace Repro.Experiments.Lstm;

/// <summary>How text is sampled; the paper samples none.</summary>
public sealed record LstmSampling
{
    [Option(
        "Divides the logits: below 1 likely words become likelier, above 1 all become more alike; 0, or less than a thousandth, takes the likeliest each time.",
        Min = 0, Max = 100)]
    public double Temperature { get; init; } = 1;

    [Option("Words to write.", Min = 1, Max = 1_000_000)]
    public int Length { get; init; } = 50;
}
