using Repro.Studies.Options;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Transformer;

/// <summary>How text is sampled; the defaults are those of nanoGPT's sample.py.</summary>
public sealed record GptSampling
{
    [Option("Divides the logits: below 1 likely characters become likelier, above 1 all become more alike; 0 takes the likeliest each time.", Min = 0, Max = 100, Source = "temperature")]
    public double Temperature { get; init; } = 0.8;

    [Option("Only so many of the likeliest characters are drawn from; 0 draws from all.", Min = 0, Max = 1_000_000, Source = "top_k")]
    public int TopK { get; init; } = 200;

    [Option("Characters to write.", Min = 1, Max = 1_000_000, Source = "max_new_tokens")]
    public int Length { get; init; } = 500;

    /// <summary>Draws the next character.</summary>
    /// <param name="logits">Of all characters; overwritten by what they weigh.</param>
    /// <exception cref="Studies.BadInputException">The model says nothing: they are not finite.</exception>
    internal int Draw(Span<float> logits, ref Philox numbers)
    {
        var likeliest = 0;
        for (var i = 1; i < logits.Length; i++) if (logits[i] > logits[likeliest]) likeliest = i;
        if (float.IsNaN(logits[0])) throw new Studies.BadInputException("The model gives no probabilities any more: its parameters diverged. Train it again with a lower learning rate.");
        if (Temperature == 0) return likeliest;
        var (most, least) = (logits[likeliest], TopK > 0 && TopK < logits.Length ? Least(logits) : float.NegativeInfinity);
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            // As in model.py, characters as likely as the last of the likeliest stay too.
            var weight = logits[i] < least ? 0 : (float)Math.Exp((logits[i] - most) / Temperature);
            sum += logits[i] = weight;
        }
        var left = numbers.NextDouble() * sum;
        for (var i = 0; i < logits.Length; i++)
            if ((left -= logits[i]) < 0) return i;
        // Rounding alone comes here.
        return likeliest;
    }

    private float Least(Span<float> logits)
    {
        var sorted = logits.ToArray();
        Array.Sort(sorted);
        return sorted[^TopK];
    }
}
