using Repro.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Transformer;

/// <summary>A translation that ended.</summary>
/// <param name="Symbols">Without start and end.</param>
/// <param name="LogProbability">Of the symbols and the end, in nats.</param>
/// <param name="Score">That, divided by the length's normalization; the higher, the better.</param>
internal sealed record Hypothesis(int[] Symbols, double LogProbability, double Score);

/// <summary>
/// Translates sentences, several at once, each by the most probable ways to go on with its best unfinished hypotheses (section 6.1). A beam of 1 is greedy.
/// </summary>
/// <remarks>
/// Of the 2 x beam best continuations of a sentence's hypotheses, those among the first beam that end are finished; the best beam that do not end go on. A sentence is done
/// when beam hypotheses have finished, or at the source's length + 50, where every one must end ("maximum output length during inference to input length + 50, but terminate
/// early when possible"). Ties go to the earlier hypothesis, then to the lower symbol. No translation is empty, as in fairseq, whose shortest has one symbol.
/// </remarks>
/// <param name="beam">Unfinished hypotheses a sentence; at least 1.</param>
/// <param name="alpha">Exponent of the length's normalization.</param>
internal sealed class BeamSearch(TransformerModel model, Device device, int beam, LengthNormalization normalization, double alpha)
{
    /// <summary>Rows that the decoder works on at once: enough for large products, few enough to stay near the processor.</summary>
    private const int Rows = 320;

    /// <summary>Symbols by which a translation may be longer than its source (section 6.1).</summary>
    public const int LongerThanSource = 50;

    /// <summary>The same for this search.</summary>
    public int Longer { get; init; } = LongerThanSource;

    /// <summary>Looked at between two batches of sentences.</summary>
    public EvaluationWatch Watch { get; init; } = EvaluationWatch.None;

    /// <summary>Sentences at once: as many as give <see cref="Rows"/> rows.</summary>
    public int Sentences { get; init; } = Math.Max(1, Rows / beam);

    /// <summary>The best hypothesis of every source, in their order. The model is in evaluation mode, and no gradient is kept.</summary>
    public IReadOnlyList<Hypothesis> Translate(IReadOnlyList<int[]> sources) => [.. TranslateAll(sources).Select(found => found[0])];

    /// <summary>All finished hypotheses of every source, the best first.</summary>
    public IReadOnlyList<IReadOnlyList<Hypothesis>> TranslateAll(IReadOnlyList<int[]> sources)
    {
        using var without = no_grad();
        var found = new IReadOnlyList<Hypothesis>[sources.Count];
        // Sentences of like length together: little padding, and they end at about the same time.
        var done = 0;
        foreach (var some in Enumerable.Range(0, sources.Count).OrderBy(i => sources[i].Length).Chunk(Sentences))
        {
            Watch.Look((double)done / sources.Count);
            done += some.Length;
            using var scope = NewDisposeScope();
            var translated = Batch([.. some.Select(i => sources[i])]);
            for (var i = 0; i < some.Length; i++) found[some[i]] = translated[i];
        }
        return found;
    }

    /// <summary>The score of a finished hypothesis.</summary>
    /// <param name="length">Symbols, the end included.</param>
    internal static double Score(double logProbability, int length, LengthNormalization normalization, double alpha) =>
        logProbability / Math.Pow(normalization == LengthNormalization.Gnmt ? (5.0 + length) / 6 : length, alpha);

    private List<Hypothesis>[] Batch(int[][] sources)
    {
        var batch = TranslationBatch.Of([.. sources.Select(source => new SentencePair(source, [], "", ""))]);
        var (source, _, _, _) = batch.To(device);
        using var mask = batch.Padded ? model.SourceMask(source) : null;
        using var encoded = model.Encode(source, mask);
        using var cache = model.Cache(encoded, mask);
        var finished = Array.ConvertAll(sources, _ => new List<Hypothesis>());
        var open = sources.Select((sentence, i) => new Sentence(i, sentence.Length + Longer, [new Open([], 0)])).ToList();
        for (var length = 0; open.Count > 0; length++)
        {
            var (symbols, scores, ends) = Continue(cache, open);
            var each = symbols.Length / ends.Length;
            var row = 0;
            var parents = new List<long>();
            var keep = new List<int>();
            for (var i = 0; i < open.Count; i++)
            {
                var sentence = open[i];
                var first = row;
                row += sentence.Hypotheses.Length;
                List<(int Parent, Open Hypothesis)> next = length == sentence.Most
                    ? End(sentence, ends.AsSpan(first), finished[sentence.Number])
                    : Step(sentence, symbols.AsSpan(first * each), scores.AsSpan(first * each), each, finished[sentence.Number]);
                if (next.Count == 0) continue;
                keep.Add(i);
                // All sentences have equally many rows; the rows of hypotheses that there are not (a tiny vocabulary) cannot be continued.
                while (next.Count < beam) next.Add((0, new Open(next[0].Hypothesis.Symbols, double.NegativeInfinity)));
                parents.AddRange(next.Select(one => (long)(first + one.Parent)));
                open[i] = sentence with { Hypotheses = [.. next.Select(one => one.Hypothesis)] };
            }
            if (keep.Count < open.Count && keep.Count > 0) cache.TakeSentences(keep);
            open = [.. keep.Select(i => open[i])];
            if (open.Count == 0) break;
            cache.TakeRows(parents);
        }
        foreach (var hypotheses in finished) hypotheses.Sort((a, b) => b.Score.CompareTo(a.Score));
        return finished;
    }

    /// <summary>The log-probabilities of the 2 x beam most probable next symbols of every row, and of its end.</summary>
    private (long[] Symbols, float[] Scores, float[] Ends) Continue(DecoderCache cache, List<Sentence> open)
    {
        using var scope = NewDisposeScope();
        var last = open.SelectMany(sentence => sentence.Hypotheses).Select(one => (long)(one.Symbols.Length == 0 ? PieceVocabulary.Start : one.Symbols[^1])).ToArray();
        var states = model.Next(tensor(last, device: device), cache);
        var logits = model.Logits(states);                          // [rows, symbols]
        // logsumexp(z) is the cross-entropy of any symbol plus that symbol's logit, and the cross-entropy is one pass over the logits.
        var any = zeros(logits.shape[0], ScalarType.Int64, device);
        var sums = (nn.functional.cross_entropy(logits, any, reduction: nn.Reduction.None) + logits.select(1, 0)).unsqueeze(1);
        var ends = (logits.narrow(1, PieceVocabulary.End, 1) - sums).cpu();
        logits.narrow(1, 0, PieceVocabulary.End).fill_(double.NegativeInfinity);  // neither padding nor a start
        if (open[0].Hypotheses[0].Symbols.Length == 0) logits.narrow(1, PieceVocabulary.End, 1).fill_(double.NegativeInfinity);
        var (values, indices) = logits.topk(Math.Min(2 * beam, (int)logits.shape[1]), 1);
        return (indices.cpu().data<long>().ToArray(), (values - sums).cpu().data<float>().ToArray(), ends.data<float>().ToArray());
    }

    /// <param name="each">Continuations of a row.</param>
    private List<(int Parent, Open Hypothesis)> Step(Sentence sentence, ReadOnlySpan<long> symbols, ReadOnlySpan<float> scores, int each, List<Hypothesis> finished)
    {
        var candidates = new List<(double Score, int Parent, int Symbol)>(sentence.Hypotheses.Length * each);
        for (var parent = 0; parent < sentence.Hypotheses.Length; parent++)
        {
            var before = sentence.Hypotheses[parent].LogProbability;
            if (double.IsNegativeInfinity(before)) continue;
            for (var k = 0; k < each; k++)
            {
                var at = (parent * each) + k;
                if (!float.IsNegativeInfinity(scores[at])) candidates.Add((before + scores[at], parent, (int)symbols[at]));
            }
        }
        candidates.Sort((a, b) => a.Score != b.Score ? b.Score.CompareTo(a.Score) : a.Parent != b.Parent ? a.Parent.CompareTo(b.Parent) : a.Symbol.CompareTo(b.Symbol));
        var next = new List<(int, Open)>(beam);
        for (var rank = 0; rank < Math.Min(2 * beam, candidates.Count) && next.Count < beam; rank++)
        {
            var (score, parent, symbol) = candidates[rank];
            if (symbol != PieceVocabulary.End) next.Add((parent, new Open([.. sentence.Hypotheses[parent].Symbols, symbol], score)));
            else if (rank < beam && finished.Count < beam) Finish(sentence.Hypotheses[parent].Symbols, score, finished);
        }
        return finished.Count == beam ? [] : next;
    }

    private List<(int Parent, Open Hypothesis)> End(Sentence sentence, ReadOnlySpan<float> ends, List<Hypothesis> finished)
    {
        var ended = new List<(int[] Symbols, double LogProbability)>();
        for (var i = 0; i < sentence.Hypotheses.Length; i++) ended.Add((sentence.Hypotheses[i].Symbols, sentence.Hypotheses[i].LogProbability + ends[i]));
        // Where fewer are wanted than there are, those that are the most probable with their end.
        var probable = ended.Where(one => !double.IsNegativeInfinity(one.LogProbability)).OrderByDescending(one => one.LogProbability);
        foreach (var (symbols, logProbability) in probable.Take(beam - finished.Count))
            Finish(symbols, logProbability, finished);
        return [];
    }

    private void Finish(int[] symbols, double logProbability, List<Hypothesis> finished) =>
        finished.Add(new Hypothesis(symbols, logProbability, Score(logProbability, symbols.Length + 1, normalization, alpha)));

    /// <param name="Most">Symbols of a hypothesis, its end not counted.</param>
    private sealed record Sentence(int Number, int Most, Open[] Hypotheses);

    private readonly record struct Open(int[] Symbols, double LogProbability);
}
