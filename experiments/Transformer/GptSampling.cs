using Repro.Experiments.Text;
using Repro.Studies.Options;
using Repro.Studies.Randomness;

namespace Repro.Experiments.Transformer;

/// <summary>How text is sampled; the defaults are those of nanoGPT's sample.py.</summary>
public sealed record GptSampling
{
    [Option(
        "Divides the logits: below 1 likely characters become likelier, above 1 all become more alike; 0, or less than a thousandth, takes the likeliest each time.",
        Min = 0, Max = 100, Source = "temperature")]
    public double Temperature { get; init; } = 0.8;

    [Option("Only so many of the likeliest characters are drawn from; 0 draws from all.", Min = 0, Max = 1_000_000, Source = "top_k")]
    public int TopK { get; init; } = 200;

    [Option("Characters to write.", Min = 1, Max = 1_000_000, Source = "max_new_tokens")]
    public int Length { get; init; } = 500;

    /// <summary>Draws the next character.</summary>
    /// <param name="logits">Of all characters; overwritten by what they weigh.</param>
    internal int Draw(Span<float> logits, ref Philox numbers) =>
        NextSymbol.Draw(logits, NextSymbol.TakesLikeliest(Temperature) ? 1 : Weigh(logits), Temperature, ref numbers);

    private double Weigh(Span<float> logits)
    {
        var (most, least) = (logits[NextSymbol.Likeliest(logits)], TopK > 0 && TopK < logits.Length ? Least(logits) : float.NegativeInfinity);
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            // As in model.py, characters as likely as the last of the likeliest stay too.
            var weight = logits[i] < least ? 0 : (float)Math.Exp((logits[i] - most) / Temperature);
            sum += logits[i] = weight;
        }
        return sum;
    }

    private float Least(Span<float> logits)
    {
        var sorted = logits.ToArray();
        Array.Sort(sorted);
        return sorted[^TopK];
    }
}
