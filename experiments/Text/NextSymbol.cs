using Repro.Studies.Randomness;

namespace Repro.Experiments.Text;

/// <summary>How the next symbol of a text is drawn from what a model says of each.</summary>
internal static class NextSymbol
{
    /// <summary>Draws a symbol's number.</summary>
    /// <param name="logits">Of all symbols, log-probabilities or any logits; overwritten.</param>
    /// <param name="temperature">
    /// Divides the logits. Above 0, however small, symbols are drawn; at 0 the likeliest is taken, the first of several, and no random number is used.
    /// </param>
    /// <param name="top">Only so many of the likeliest are drawn from; 0 draws from all.</param>
    /// <exception cref="Studies.BadInputException">The model says nothing: a logit is no number, or above all numbers.</exception>
    public static int Draw(Span<float> logits, double temperature, ref Philox numbers, int top = 0)
    {
        var likeliest = Likeliest(logits);
        if (temperature == 0) return likeliest;
        var (most, least) = (logits[likeliest], top > 0 && top < logits.Length ? Least(logits, top) : float.NegativeInfinity);
        var sum = 0.0;
        for (var i = 0; i < logits.Length; i++)
        {
            // As in nanoGPT's model.py, symbols as likely as the last of the likeliest stay too.
            var weight = logits[i] < least ? 0 : (float)Math.Exp((logits[i] - most) / temperature);
            sum += logits[i] = weight;
        }
        var left = numbers.NextDouble() * sum;
        for (var i = 0; i < logits.Length; i++)
            if ((left -= logits[i]) < 0) return i;
        // Rounding alone comes here.
        return likeliest;
    }

    private static int Likeliest(ReadOnlySpan<float> logits)
    {
        var likeliest = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            if (logits[i] is float.NaN or float.PositiveInfinity)
                throw new Studies.BadInputException("The model gives no probabilities any more: its parameters diverged. Train it again with a lower learning rate.");
            if (logits[i] > logits[likeliest]) likeliest = i;
        }
        return likeliest;
    }

    private static float Least(ReadOnlySpan<float> logits, int top)
    {
        var sorted = logits.ToArray();
        Array.Sort(sorted);
        return sorted[^top];
    }
}
