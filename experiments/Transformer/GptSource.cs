using Repro.Studies.Randomness;

namespace Repro.Experiments.Transformer;

/// <summary>
/// A source of characters with known entropy: each depends on the one before it and on the one <see cref="Reach"/> places back, so that whoever sees only the last one, or does not know
/// where characters stand, predicts worse than what is possible.
/// </summary>
internal sealed class GptSource
{
    /// <summary>How far back a character still matters.</summary>
    public const int Reach = 4;

    private const int Symbols = 6;
    private const double Spread = 2;

    private readonly double[,] _next = new double[Symbols * Symbols, Symbols];
    private readonly double[] _histories;

    public GptSource()
    {
        for (var pair = 0; pair < Symbols * Symbols; pair++)
        {
            // Log-normal weights: some successors are likely and none is impossible.
            var numbers = new Philox(0, RandomPurpose.GeneratedData, pair);
            var weights = Enumerable.Range(0, Symbols).Select(_ => Math.Exp(Spread * numbers.NextNormal())).ToArray();
            for (var s = 0; s < Symbols; s++) _next[pair, s] = weights[s] / weights.Sum();
        }
        _histories = LongRun();
    }

    /// <summary>The characters that there are.</summary>
    public string Alphabet { get; } = string.Concat(Enumerable.Range(0, Symbols).Select(i => (char)('a' + i)));

    /// <summary>A text, always the same of the same stream.</summary>
    /// <param name="stream">Texts of different streams are independent; 0 and above.</param>
    public string Text(int length, int stream)
    {
        // Beyond the indices that the probabilities are drawn from.
        var numbers = new Philox(0, RandomPurpose.GeneratedData, (1L << 32) + stream);
        var text = new int[length];
        for (var i = 0; i < length; i++)
        {
            if (i < Reach)
            {
                text[i] = numbers.NextInt32(Symbols);
                continue;
            }
            var (left, symbol) = (numbers.NextDouble(), 0);
            while (symbol < Symbols - 1 && (left -= Probability(text[i - Reach], text[i - 1], symbol)) >= 0) symbol++;
            text[i] = symbol;
        }
        return string.Concat(text.Select(symbol => Alphabet[symbol]));
    }

    /// <summary>
    /// The lowest mean loss, nats a character, that can be expected of any model which predicts each character of a piece of text from those before it in the piece: the first ones are
    /// harder, since what they depend on is outside.
    /// </summary>
    /// <param name="context">Characters that are predicted in a piece; each from one more before it than the last.</param>
    public double BestLoss(int context)
    {
        var uncertain = Enumerable.Range(0, Reach + 1).Select(Uncertainty).ToArray();
        return Enumerable.Range(1, context).Average(known => uncertain[Math.Min(known, Reach)]);
    }

    /// <summary>Mean entropy, nats, of a character after so many known ones.</summary>
    /// <param name="known">0 .. <see cref="Reach"/>; from there on it stays.</param>
    internal double Uncertainty(int known)
    {
        // H(last known + 1 characters) - H(last known characters), over all texts of Reach + 1 characters as often as they occur.
        var (longer, shorter) = (new Dictionary<int, double>(), new Dictionary<int, double>());
        for (var history = 0; history < _histories.Length; history++)
        {
            for (var s = 0; s < Symbols; s++)
            {
                var probability = _histories[history] * Probability(First(history), history % Symbols, s);
                var ending = history % (int)Math.Pow(Symbols, known);
                shorter[ending] = shorter.GetValueOrDefault(ending) + probability;
                longer[(ending * Symbols) + s] = longer.GetValueOrDefault((ending * Symbols) + s) + probability;
            }
        }
        return Entropy(longer.Values) - Entropy(shorter.Values);
    }

    /// <summary>Probability of a character after the one <see cref="Reach"/> places back and the last one.</summary>
    internal double Probability(int back, int last, int next) => _next[(back * Symbols) + last, next];

    private static int First(int history) => history / (int)Math.Pow(Symbols, Reach - 1);

    private static double Entropy(IEnumerable<double> probabilities) => -probabilities.Where(p => p > 0).Sum(p => p * Math.Log(p));

    // How often each text of Reach characters occurs in the long run, by letting the source go on from all of them until nothing changes. The first character is the highest digit.
    private double[] LongRun()
    {
        var count = (int)Math.Pow(Symbols, Reach);
        var histories = Enumerable.Repeat(1.0 / count, count).ToArray();
        for (var moved = 1.0; moved > 1e-14;)
        {
            var after = new double[count];
            for (var history = 0; history < count; history++)
                for (var s = 0; s < Symbols; s++) after[(history * Symbols % count) + s] += histories[history] * Probability(First(history), history % Symbols, s);
            moved = histories.Zip(after, (a, b) => Math.Abs(a - b)).Sum();
            histories = after;
        }
        return histories;
    }
}
