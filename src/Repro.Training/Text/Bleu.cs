using System.Runtime.InteropServices;

namespace Repro.Training.Text;

/// <summary>BLEU of a corpus (Papineni et al. 2002): clipped n-gram precisions, their geometric mean, and the brevity penalty, each over all sentences together.</summary>
public static class Bleu
{
    /// <summary>One reference a hypothesis.</summary>
    /// <param name="hypotheses">Tokens of each; an empty one counts as it is.</param>
    /// <param name="references">As many, in the same order.</param>
    /// <param name="order">The longest n-grams; at least 1.</param>
    /// <exception cref="ArgumentException">There are no hypotheses, or not as many references.</exception>
    public static BleuScore Corpus(IReadOnlyList<string[]> hypotheses, IReadOnlyList<string[]> references, BleuSmoothing smoothing = BleuSmoothing.None, int order = 4) =>
        Corpus(hypotheses, [references], smoothing, order);

    /// <summary>Several references a hypothesis: an n-gram matches as often as it stands in the one that has most of it.</summary>
    /// <param name="references">Sets of references, each as long as the hypotheses and in the same order.</param>
    /// <exception cref="ArgumentException">There are no hypotheses or no references, or not as many in a set.</exception>
    public static BleuScore Corpus(IReadOnlyList<string[]> hypotheses, IReadOnlyList<IReadOnlyList<string[]>> references, BleuSmoothing smoothing, int order = 4)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(order, 1);
        if (hypotheses.Count == 0) throw new ArgumentException("BLEU of no hypotheses is undefined.", nameof(hypotheses));
        if (references.Count == 0) throw new ArgumentException("BLEU wants at least one set of references.", nameof(references));
        foreach (var set in references.Where(set => set.Count != hypotheses.Count))
        {
            throw new ArgumentException($"A reference belongs to each hypothesis: {hypotheses.Count} hypotheses, {set.Count} references.", nameof(references));
        }
        var (grams, counts, most) = (new GramNumbers(), new Dictionary<int, int>(), new Dictionary<int, int>());
        var (matches, totals) = (new long[order], new long[order]);
        var (length, nearest) = (0L, 0L);
        for (var i = 0; i < hypotheses.Count; i++)
        {
            var hypothesis = grams.Tokens(hypotheses[i]);
            var each = references.Select(set => grams.Tokens(set[i])).ToList();
            length += hypothesis.Length;
            nearest += each.Select(r => r.Length).OrderBy(l => Math.Abs(l - hypothesis.Length)).ThenBy(l => l).First();
            var (hypothesisGrams, referenceGrams) = (hypothesis, each.ToList());
            for (var n = 1; n <= order && hypothesisGrams.Length > 0; n++)
            {
                if (n > 1) (hypothesisGrams, referenceGrams) = (grams.Longer(hypothesisGrams, hypothesis), referenceGrams.Select((g, r) => grams.Longer(g, each[r])).ToList());
                most.Clear();
                foreach (var reference in referenceGrams)
                {
                    Count(reference, counts);
                    foreach (var (gram, count) in counts) CollectionsMarshal.GetValueRefOrAddDefault(most, gram, out _) = Math.Max(count, most.GetValueOrDefault(gram));
                }
                Count(hypothesisGrams, counts);
                totals[n - 1] += hypothesisGrams.Length;
                foreach (var (gram, count) in counts) matches[n - 1] += Math.Min(count, most.GetValueOrDefault(gram));
            }
        }
        return Score(matches, totals, length, nearest, smoothing);
    }

    /// <summary>From the counts of a corpus.</summary>
    /// <param name="matches">Clipped, by order.</param>
    /// <param name="totals">N-grams of the hypotheses, by order.</param>
    internal static BleuScore Score(IReadOnlyList<long> matches, IReadOnlyList<long> totals, long hypothesisLength, long referenceLength, BleuSmoothing smoothing)
    {
        var penalty = hypothesisLength >= referenceLength ? 1 : hypothesisLength == 0 ? 0 : Math.Exp(1 - (double)referenceLength / hypothesisLength);
        var precisions = new double[matches.Count];
        // Nothing in common scores 0, smoothed or not.
        if (matches.All(m => m == 0)) return new BleuScore(0, precisions, penalty, hypothesisLength, referenceLength);
        var part = 1.0;
        for (var n = 0; n < precisions.Length && totals[n] > 0; n++)
        {
            precisions[n] = matches[n] > 0 ? 100.0 * matches[n] / totals[n] : smoothing == BleuSmoothing.Exp ? 100 * (part /= 2) / totals[n] : 0;
        }
        var score = precisions.Any(p => p == 0) ? 0 : penalty * Math.Exp(precisions.Sum(Math.Log) / precisions.Length);
        return new BleuScore(score, precisions, penalty, hypothesisLength, referenceLength);
    }

    private static void Count(int[] grams, Dictionary<int, int> counts)
    {
        counts.Clear();
        foreach (var gram in grams) CollectionsMarshal.GetValueRefOrAddDefault(counts, gram, out _)++;
    }

    /// <summary>A number for every different n-gram of a corpus: an n-gram is the one before it, shorter by a token, and that token.</summary>
    private sealed class GramNumbers
    {
        private readonly Dictionary<string, int> _tokens = new(StringComparer.Ordinal);
        private readonly Dictionary<(int Shorter, int Token), int> _grams = [];

        public int[] Tokens(string[] tokens) => Array.ConvertAll(tokens, token => Number(_tokens, token));

        /// <summary>N-grams longer by one than the given ones.</summary>
        /// <param name="grams">Of one sentence, in order.</param>
        /// <param name="tokens">Of the same sentence.</param>
        public int[] Longer(int[] grams, int[] tokens)
        {
            var longer = new int[Math.Max(0, grams.Length - 1)];
            var n = tokens.Length - grams.Length + 1;
            for (var i = 0; i < longer.Length; i++) longer[i] = Number(_grams, (grams[i], tokens[i + n]));
            return longer;
        }

        private static int Number<T>(Dictionary<T, int> numbers, T key) where T : notnull
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(numbers, key, out var known);
            return known ? number : number = numbers.Count;
        }
    }
}
