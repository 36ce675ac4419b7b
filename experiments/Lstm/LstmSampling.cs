using Repro.Studies.Options;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Lstm;

/// <summary>How text is sampled; the paper samples none.</summary>
public sealed record LstmSampling
{
    [Option("Divides the logits: below 1 likely words become likelier, above 1 all become more alike; 0 takes the likeliest each time.", Min = 0, Max = 100)]
    public double Temperature { get; init; } = 1;

    [Option("Words to write.", Min = 1, Max = 1_000_000)]
    public int Length { get; init; } = 50;

    /// <summary>Draws the next word.</summary>
    /// <param name="logProbabilities">Of all words at <see cref="Temperature"/>, in nats.</param>
    internal int Draw(ReadOnlySpan<float> logProbabilities, ref Philox numbers)
    {
        var likeliest = 0;
        for (var i = 1; i < logProbabilities.Length; i++) if (logProbabilities[i] > logProbabilities[likeliest]) likeliest = i;
        if (Temperature == 0) return likeliest;
        var left = numbers.NextDouble();
        for (var i = 0; i < logProbabilities.Length; i++)
            if ((left -= Math.Exp(logProbabilities[i])) < 0) return i;
        // Rounding alone comes here.
        return likeliest;
    }
}
