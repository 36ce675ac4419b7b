using Repro.Studies.Randomness;

namespace Repro.Experiments.Lstm;

/// <summary>
/// A source of symbols in which each depends on the two before it, with known entropy: no model can be expected to predict its text with a perplexity
/// below <see cref="Perplexity"/>, and one that sees only the last symbol stays clearly above it.
/// </summary>
public sealed class MarkovSource
{
    private const double Spread = 1.5;

    private readonly double[,] _next;

    /// <param name="symbols">At least 2.</param>
    public MarkovSource(int symbols)
    {
        Symbols = [.. Enumerable.Range(0, symbols).Select(i => ((char)('a' + i)).ToString())];
        _next = new double[symbols * symbols, symbols];
        for (var pair = 0; pair < symbols * symbols; pair++)
        {
            // Log-normal weights: some successors are likely and none is impossible.
            var numbers = new Philox(0, RandomPurpose.GeneratedData, pair);
            var weights = Enumerable.Range(0, symbols).Select(_ => Math.Exp(Spread * numbers.NextNormal())).ToArray();
            var sum = weights.Sum();
            for (var s = 0; s < symbols; s++) _next[pair, s] = weights[s] / sum;
        }
        EntropyRate = Rate();
    }

    public IReadOnlyList<string> Symbols { get; }

    /// <summary>Nats a symbol that cannot be known beforehand: the mean entropy of the next symbol, over pairs as often as they occur.</summary>
    public double EntropyRate { get; }

    /// <summary>The lowest perplexity that can be expected of any model.</summary>
    public double Perplexity => Math.Exp(EntropyRate);

    /// <summary>Probability of a symbol after two others.</summary>
    public double Probability(int before, int last, int next) => _next[(before * Symbols.Count) + last, next];

    /// <summary>A text, always the same of the same stream.</summary>
    /// <param name="stream">Texts of different streams are independent; 0 and above.</param>
    public int[] Text(int length, int stream)
    {
        // Beyond the indices that the probabilities are drawn from.
        var numbers = new Philox(0, RandomPurpose.GeneratedData, (1L << 32) + stream);
        var text = new int[length];
        for (var i = 0; i < length; i++)
        {
            if (i < 2)
            {
                text[i] = numbers.NextInt32(Symbols.Count);
                continue;
            }
            var (left, symbol) = (numbers.NextDouble(), 0);
            while (symbol < Symbols.Count - 1 && (left -= Probability(text[i - 2], text[i - 1], symbol)) >= 0) symbol++;
            text[i] = symbol;
        }
        return text;
    }

    // How often each pair occurs in the long run, by applying the source to a distribution of pairs until it stays.
    private double Rate()
    {
        var n = Symbols.Count;
        var pairs = Enumerable.Repeat(1.0 / (n * n), n * n).ToArray();
        for (var round = 0; round < 10_000; round++)
        {
            var after = new double[n * n];
            for (var pair = 0; pair < n * n; pair++)
                for (var s = 0; s < n; s++) after[((pair % n) * n) + s] += pairs[pair] * _next[pair, s];
            var moved = pairs.Zip(after, (a, b) => Math.Abs(a - b)).Sum();
            pairs = after;
            if (moved < 1e-15) break;
        }
        var rate = 0.0;
        for (var pair = 0; pair < n * n; pair++)
            for (var s = 0; s < n; s++) rate -= pairs[pair] * _next[pair, s] * Math.Log(_next[pair, s]);
        return rate;
    }
}
