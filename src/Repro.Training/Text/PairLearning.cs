using System.Runtime.InteropServices;

namespace Repro.Training.Text;

/// <summary>Learns the merges of byte pair encoding: counts of all pairs are kept, and a merge changes only those of the words that it stands in (Sennrich et al. 2016, section 3.2).</summary>
internal static class PairLearning
{
    /// <summary>The merges, the first learned first.</summary>
    public static List<(string First, string Second)> Learn(IEnumerable<string> lines, int merges, int minFrequency)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var word in lines.SelectMany(line => line.Trim('\r', '\n', ' ').Split(' ', StringSplitOptions.RemoveEmptyEntries)))
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counts, word, out _)++;
        }
        var pairs = new PairCounts();
        foreach (var (word, count) in counts) pairs.Add(BytePairEncoding.Characters(word), count);
        var learned = new List<(string, string)>();
        while (learned.Count < merges && pairs.MostFrequent() is { } best && best.Count >= minFrequency)
        {
            learned.Add((best.First, best.Second));
            pairs.Merge();
        }
        return learned;
    }

    /// <summary>Every pair of neighbours within words, how often it occurs, and in which words.</summary>
    private sealed class PairCounts
    {
        private readonly List<string> _symbols = [];
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
        private readonly List<(int[] Symbols, long Count)> _words = [];
        private readonly Dictionary<(int, int), (long Count, HashSet<int> Words)> _pairs = [];
        private readonly PriorityQueue<(int, int), (long Count, string First, string Second)> _queue = new(Comparer<(long Count, string First, string Second)>.Create(BestFirst));

        public void Add(List<string> word, long count)
        {
            var symbols = word.Select(Number).ToArray();
            _words.Add((symbols, count));
            foreach (var pair in Neighbours(symbols)) Change(pair, count, _words.Count - 1);
        }

        /// <summary>Null where no pair is left.</summary>
        public (string First, string Second, long Count)? MostFrequent()
        {
            while (_queue.TryPeek(out var pair, out var queued))
            {
                var count = _pairs.TryGetValue(pair, out var now) ? now.Count : 0;
                if (count == queued.Count && count > 0) return (queued.First, queued.Second, count);
                // Counted down since it was queued: it stands further back now. One that was counted up was queued again when that happened.
                _queue.Dequeue();
                if (count > 0 && count < queued.Count) Enqueue(pair, count);
            }
            return null;
        }

        /// <summary>Merges the most frequent pair in all words.</summary>
        public void Merge()
        {
            var pair = _queue.Dequeue();
            var merged = Number(_symbols[pair.Item1] + _symbols[pair.Item2]);
            foreach (var w in _pairs[pair].Words.ToList())
            {
                var (old, count) = _words[w];
                var symbols = new List<int>(old.Length);
                for (var i = 0; i < old.Length; i++)
                {
                    var here = i + 1 < old.Length && (old[i], old[i + 1]) == pair;
                    symbols.Add(here ? merged : old[i]);
                    if (here) i++;
                }
                if (symbols.Count == old.Length) continue;
                foreach (var neighbours in Neighbours(old)) Change(neighbours, -count, w);
                _words[w] = ([.. symbols], count);
                foreach (var neighbours in Neighbours(_words[w].Symbols)) Change(neighbours, count, w);
            }
        }

        private static IEnumerable<(int, int)> Neighbours(int[] symbols) => symbols.Zip(symbols.Skip(1));

        private void Change((int, int) pair, long by, int word)
        {
            ref var entry = ref CollectionsMarshal.GetValueRefOrAddDefault(_pairs, pair, out var known);
            entry = (entry.Count + by, known ? entry.Words : []);
            // A word stays in the list when its last such pair goes: merging finds nothing in it then.
            if (by <= 0) return;
            entry.Words.Add(word);
            Enqueue(pair, entry.Count);
        }

        private void Enqueue((int, int) pair, long count) => _queue.Enqueue(pair, (count, _symbols[pair.Item1], _symbols[pair.Item2]));

        private int Number(string symbol)
        {
            ref var number = ref CollectionsMarshal.GetValueRefOrAddDefault(_numbers, symbol, out var known);
            if (known) return number;
            number = _symbols.Count;
            _symbols.Add(symbol);
            return number;
        }

        private static int BestFirst((long Count, string First, string Second) x, (long Count, string First, string Second) y) =>
            y.Count != x.Count ? y.Count.CompareTo(x.Count) : ByCodePoints(y.First, x.First) is var first and not 0 ? first : ByCodePoints(y.Second, x.Second);

        /// <summary>UTF-16 puts the characters beyond U+FFFF before U+E000; code points do not.</summary>
        private static int ByCodePoints(string x, string y)
        {
            for (var i = 0; i < x.Length && i < y.Length; i++)
            {
                if (x[i] == y[i]) continue;
                var (high, other) = (char.IsSurrogate(x[i]), char.IsSurrogate(y[i]));
                return high == other ? x[i].CompareTo(y[i]) : high ? (y[i] >= '\ue000' ? 1 : x[i].CompareTo(y[i])) : x[i] >= '\ue000' ? -1 : x[i].CompareTo(y[i]);
            }
            return x.Length.CompareTo(y.Length);
        }
    }
}
