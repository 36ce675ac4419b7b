using Repro.Studies.Options;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Lstm;

/// <summary>How text is sampled; the paper samples none.</summary>
public sealed record LstmSampling
{
    [Option("Divides the logits: below 1 likely words become likelier, above 1 all become more alike; 0, or less than a thousandth, takes the likeliest each time.", Min = 0, Max = 100)]
    public double Temperature { get; init; } = 1;

    [Option("Words to write.", Min = 1, Max = 1_000_000)]
    public int Length { get; init; } = 50;

    /// <summary>What the logits are divided by; 1 where the likeliest is taken anyway.</summary>
    internal double Divisor => TakesLikeliest ? 1 : Temperature;

    // Logits divided by less would leave the numbers that there are.
    private bool TakesLikeliest => Temperature < 1e-3;

    /// <summary>Draws the next word.</summary>
    /// <param name="probabilities">Of all words at <see cref="Divisor"/>; they add up to 1.</param>
    /// <exception cref="Studies.BadInputException">The model says nothing: they are not finite.</exception>
    internal int Draw(ReadOnlySpan<float> probabilities, ref Philox numbers)
    {
        if (float.IsNaN(probabilities[0])) throw new Studies.BadInputException("The model gives no probabilities any more: its parameters diverged. Train it again with a lower learning rate.");
        if (TakesLikeliest) return Likeliest(probabilities);
        var left = numbers.NextDouble();
        for (var i = 0; i < probabilities.Length; i++)
            if ((left -= probabilities[i]) < 0) return i;
        // Rounding alone comes here.
        return Likeliest(probabilities);
    }

    private static int Likeliest(ReadOnlySpan<float> probabilities)
    {
        var likeliest = 0;
        for (var i = 1; i < probabilities.Length; i++) if (probabilities[i] > probabilities[likeliest]) likeliest = i;
        return likeliest;
    }
}
