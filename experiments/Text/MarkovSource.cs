using Repro.Studies.Randomness;

namespace Repro.Experiments.Text;

/// <summary>
/// A source of symbols with known entropy: each depends on the one before it and on the one <c>reach</c> places back. No model can be expected to predict its text better than
/// <see cref="BestLoss"/>, and one that sees only the last symbol, or does not know where symbols stand, stays clearly above it.
/// </summary>
public sealed class MarkovSource
{
    private readonly int _count, _reach, _oldest;
    private readonly double[,] _next;
    private readonly double[] _histories;

    /// <param name="symbols">At least 2.</param>
    /// <param name="reach">How many places back a symbol still matters; at least 2. The source has <c>symbols^reach</c> states.</param>
    /// <param name="spread">Standard deviation of the logarithms that the next symbols' probabilities are made of; above 0. The higher, the more there is to learn.</param>
    public MarkovSource(int symbols, int reach, double spread)
    {
        (_count, _reach) = (symbols, reach);
        _oldest = Power(reach - 1);
        Symbols = [.. Enumerable.Range(0, symbols).Select(i => ((char)('a' + i)).ToString())];
        _next = new double[symbols * symbols, symbols];
        for (var pair = 0; pair < symbols * symbols; pair++)
        {
            // Log-normal weights: some successors are likely and none is impossible.
            var numbers = new Philox(0, RandomPurpose.GeneratedData, pair);
            var weights = Enumerable.Range(0, symbols).Select(_ => Math.Exp(spread * numbers.NextNormal())).ToArray();
            var sum = weights.Sum();
            for (var s = 0; s < symbols; s++) _next[pair, s] = weights[s] / sum;
        }
        _histories = LongRun();
        EntropyRate = Uncertainty(reach);
    }

    public IReadOnlyList<string> Symbols { get; }

    /// <summary>Nats a symbol that cannot be known beforehand, by whoever knows all that stands before it.</summary>
    public double EntropyRate { get; }

    /// <summary>The lowest perplexity that can be expected of any model.</summary>
    public double Perplexity => Math.Exp(EntropyRate);

    /// <summary>
    /// The lowest mean loss, nats a symbol, that can be expected of any model which predicts each symbol of a piece of text from those before it in the piece: the first ones are
    /// harder, since what they depend on is outside.
    /// </summary>
    /// <param name="context">Symbols that are predicted in a piece; each from one more before it than the last.</param>
    public double BestLoss(int context)
    {
        var uncertain = Enumerable.Range(0, _reach + 1).Select(Uncertainty).ToArray();
        return Enumerable.Range(1, context).Average(known => uncertain[Math.Min(known, _reach)]);
    }

    /// <summary>A text, always the same of the same stream.</summary>
    /// <param name="stream">Texts of different streams are independent; 0 and above.</param>
    public int[] Text(int length, int stream)
    {
        // Beyond the indices that the probabilities are drawn from.
        var numbers = new Philox(0, RandomPurpose.GeneratedData, (1L << 32) + stream);
        var text = new int[length];
        for (var i = 0; i < length; i++)
        {
            if (i < _reach)
            {
                text[i] = numbers.NextInt32(_count);
                continue;
            }
            var (left, symbol) = (numbers.NextDouble(), 0);
            while (symbol < _count - 1 && (left -= Probability(text[i - _reach], text[i - 1], symbol)) >= 0) symbol++;
            text[i] = symbol;
        }
        return text;
    }

    /// <summary>Probability of a symbol after the one <c>reach</c> places back and the last one.</summary>
    public double Probability(int back, int last, int next) => _next[(back * _count) + last, next];

    /// <summary>Mean entropy, nats, of a symbol after so many known ones.</summary>
    /// <param name="known">0 .. reach; from there on it stays.</param>
    internal double Uncertainty(int known)
    {
        // H(last known + 1 symbols) - H(last known symbols), over all texts of reach + 1 symbols as often as they occur.
        var endings = Power(known);
        var (longer, shorter) = (new double[endings * _count], new double[endings]);
        for (var history = 0; history < _histories.Length; history++)
        {
            for (var s = 0; s < _count; s++)
            {
                var probability = _histories[history] * Probability(First(history), history % _count, s);
                var ending = history % endings;
                shorter[ending] += probability;
                longer[(ending * _count) + s] += probability;
            }
        }
        return Entropy(longer) - Entropy(shorter);
    }

    private int First(int history) => history / _oldest;

    private int Power(int exponent) => (int)Math.Pow(_count, exponent);

    private static double Entropy(IEnumerable<double> probabilities) => -probabilities.Where(p => p > 0).Sum(p => p * Math.Log(p));

    // How often each text of as many symbols as the source reaches occurs in the long run, by letting the source go on from all of them until nothing changes. The first symbol is
    // the highest digit.
    private double[] LongRun()
    {
        var count = Power(_reach);
        var histories = Enumerable.Repeat(1.0 / count, count).ToArray();
        for (var moved = 1.0; moved > 1e-14;)
        {
            var after = new double[count];
            for (var history = 0; history < count; history++)
                for (var s = 0; s < _count; s++) after[(history * _count % count) + s] += histories[history] * Probability(First(history), history % _count, s);
            moved = histories.Zip(after, (a, b) => Math.Abs(a - b)).Sum();
            histories = after;
        }
        return histories;
    }
}
