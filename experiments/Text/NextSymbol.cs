using Repro.Studies.Randomness;

namespace Repro.Experiments.Text;

/// <summary>How the next symbol of a text is drawn from what a model says of each.</summary>
internal static class NextSymbol
{
    // Logits divided by less would leave the numbers that there are.
    private const double Coldest = 1e-3;

    /// <summary>Whether a temperature takes the likeliest symbol each time: 0, and less than a thousandth.</summary>
    public static bool TakesLikeliest(double temperature) => temperature < Coldest;

    /// <summary>What the logits are divided by; 1 where the likeliest is taken anyway.</summary>
    public static double Divisor(double temperature) => TakesLikeliest(temperature) ? 1 : temperature;

    /// <summary>Draws a symbol's number, or takes the likeliest, the first of several, and then uses no random number.</summary>
    /// <param name="weights">Of all symbols, at <see cref="Divisor"/>; not negative. Where the likeliest is taken, any numbers that are higher for what is likelier.</param>
    /// <param name="sum">Of the weights.</param>
    /// <exception cref="Studies.BadInputException">The model says nothing: they are no numbers.</exception>
    public static int Draw(ReadOnlySpan<float> weights, double sum, double temperature, ref Philox numbers)
    {
        if (float.IsNaN(weights[0]) || double.IsNaN(sum))
            throw new Studies.BadInputException("The model gives no probabilities any more: its parameters diverged. Train it again with a lower learning rate.");
        if (TakesLikeliest(temperature)) return Likeliest(weights);
        var left = numbers.NextDouble() * sum;
        for (var i = 0; i < weights.Length; i++)
            if ((left -= weights[i]) < 0) return i;
        // Rounding alone comes here.
        return Likeliest(weights);
    }

    public static int Likeliest(ReadOnlySpan<float> weights)
    {
        var likeliest = 0;
        for (var i = 1; i < weights.Length; i++) if (weights[i] > weights[likeliest]) likeliest = i;
        return likeliest;
    }
}
