using Repro.Studies;
using Repro.Studies.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>Sentence pairs of a batch in main memory.</summary>
/// <param name="Source">Sentences x longest source, each with its end, padding behind, row by row.</param>
/// <param name="Target">Sentences x longest target, each behind its start, padding behind.</param>
/// <param name="Places">Where a symbol is expected: row x longest target + place, ascending.</param>
/// <param name="Expected">The symbol expected there.</param>
/// <param name="Padded">Whether a source has padding.</param>
/// <param name="Share">What the batch's mean loss counts for in its step: its symbols by the mean of the step's batches.</param>
internal sealed record TranslationBatch(int Sentences, long[] Source, long[] Target, long[] Places, long[] Expected, bool Padded, double Share)
{
    /// <param name="length">Of a row at least; 0 makes rows as long as the longest sentence with its end.</param>
    public static TranslationBatch Of(IReadOnlyList<SentencePair> pairs, double share = 1, int length = 0)
    {
        var (sourceLength, targetLength) = (Math.Max(length, pairs.Max(pair => pair.Source.Length) + 1), Math.Max(length, pairs.Max(pair => pair.Target.Length) + 1));
        var (source, target) = (new long[pairs.Count * sourceLength], new long[pairs.Count * targetLength]);
        var symbols = pairs.Sum(pair => pair.Target.Length + 1);
        var (places, expected, next) = (new long[symbols], new long[symbols], 0);
        for (var i = 0; i < pairs.Count; i++)
        {
            var pair = pairs[i];
            for (var j = 0; j < sourceLength; j++)
                source[(i * sourceLength) + j] = j < pair.Source.Length ? pair.Source[j] : j == pair.Source.Length ? PieceVocabulary.End : PieceVocabulary.Padding;
            for (var j = 0; j < targetLength; j++)
                target[(i * targetLength) + j] = j == 0 ? PieceVocabulary.Start : j <= pair.Target.Length ? pair.Target[j - 1] : PieceVocabulary.Padding;
            for (var j = 0; j <= pair.Target.Length; j++)
            {
                places[next] = (i * targetLength) + j;
                expected[next++] = j < pair.Target.Length ? pair.Target[j] : PieceVocabulary.End;
            }
        }
        return new TranslationBatch(pairs.Count, source, target, places, expected, pairs.Any(pair => pair.Source.Length + 1 < sourceLength), share);
    }

    /// <summary>On a device: [N, S], [N, T], [M] and [M].</summary>
    public (Tensor Source, Tensor Target, Tensor Places, Tensor Expected) To(Device device) => (
        tensor(Source, [Sentences, Source.Length / Sentences], device: device), tensor(Target, [Sentences, Target.Length / Sentences], device: device),
        tensor(Places, [Places.Length], device: device), tensor(Expected, [Expected.Length], device: device));
}

/// <summary>
/// Cuts the training pairs into batches of like length, as many sentences as fit into a number of symbols ("sentence pairs were batched together by approximate sequence length",
/// section 5.1). Each epoch draws which pairs of equal lengths go together, and the order of the batches. A pure function of seed and number.
/// </summary>
internal sealed class TranslationBatches
{
    private readonly IReadOnlyList<SentencePair> _pairs;
    private readonly ulong _seed;
    private readonly int[] _starts;
    private readonly int[] _byLength;
    private (long Number, SentencePair[][] Batches) _epoch = (-1, []);

    /// <param name="symbols">Of a batch at most, padding included, on the longer of the two sides.</param>
    /// <exception cref="BadInputException">One sentence alone is longer.</exception>
    public TranslationBatches(IReadOnlyList<SentencePair> pairs, int symbols, ulong seed)
    {
        (_pairs, _seed) = (pairs, seed);
        _byLength = [.. Enumerable.Range(0, pairs.Count).OrderBy(i => pairs[i].Source.Length).ThenBy(i => pairs[i].Target.Length)];
        var starts = new List<int> { 0 };
        var longest = 0;
        for (var i = 0; i < _byLength.Length; i++)
        {
            var length = pairs[_byLength[i]].Length;
            if (length > symbols) throw new BadInputException($"A batch has up to {symbols} symbols; a training sentence alone has {length}. Raise batch_tokens.");
            longest = Math.Max(longest, length);
            if ((i - starts[^1] + 1) * longest <= symbols) continue;
            starts.Add(i);
            longest = length;
        }
        _starts = [.. starts, pairs.Count];
    }

    /// <summary>Batches of an epoch: the same number in each, since lengths alone decide where batches end.</summary>
    public int Count => _starts.Length - 1;

    /// <summary>The batch with a number, counted over all epochs from 0.</summary>
    public IReadOnlyList<SentencePair> this[long number] => Epoch(number / Count)[number % Count];

    /// <summary>Symbols expected in it.</summary>
    public int Expected(long number) => this[number].Sum(pair => pair.Target.Length + 1);

    private SentencePair[][] Epoch(long epoch)
    {
        lock (_byLength)
        {
            if (_epoch.Number != epoch) _epoch = (epoch, Draw(epoch));
            return _epoch.Batches;
        }
    }

    private SentencePair[][] Draw(long epoch)
    {
        var numbers = new Philox(_seed, RandomPurpose.Order, epoch);
        var order = _byLength.ToArray();
        // Pairs of equal lengths stand side by side and are shuffled among themselves.
        for (int start = 0, end; start < order.Length; start = end)
        {
            for (end = start + 1; end < order.Length && SameLengths(order[start], order[end]); end++) ;
            numbers.Shuffle(order.AsSpan(start, end - start));
        }
        var batches = new SentencePair[Count][];
        for (var i = 0; i < Count; i++) batches[i] = Array.ConvertAll(order[_starts[i].._starts[i + 1]], example => _pairs[example]);
        numbers.Shuffle(batches.AsSpan());
        return batches;
    }

    private bool SameLengths(int a, int b) => _pairs[a].Source.Length == _pairs[b].Source.Length && _pairs[a].Target.Length == _pairs[b].Target.Length;
}
