using Repro.Studies;
using Repro.Training;
using Repro.Training.Text;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>Scores a model on a whole split: plain cross-entropy, perplexity, and, where it translates, BLEU.</summary>
internal static class TranslationEvaluation
{
    private const int BatchSymbols = 4096;

    /// <summary>Translations shown in reports: of the first sentences of the split, whatever they are.</summary>
    private const int Shown = 12;

    /// <summary>
    /// <c>loss</c>: nats a symbol, sentence ends included and label smoothing not; <c>perplexity</c>: its exponential, per piece of a word as in Table 3. Translated, too:
    /// <c>bleu</c> of tokens as the data have them, and <c>sacrebleu</c> of detokenized text, both in per cent.
    /// </summary>
    public static Evaluation Of(
        TransformerOptions options, TransformerModel model, TranslationData data, string split, Device device, bool translate, EvaluationWatch? watch = null)
    {
        var pairs = data.Split(split);
        var loss = CrossEntropy(model, pairs, device);
        var metrics = new Dictionary<string, double> { ["loss"] = loss, ["perplexity"] = Math.Exp(loss) };
        if (!translate || options.Beam == 0) return new Evaluation(metrics);
        var search = new BeamSearch(model, device, options.Beam, options.LengthNormalization, options.LengthPenalty) { Watch = watch ?? EvaluationWatch.None };
        var translations = search.Translate([.. pairs.Select(pair => pair.Source)]).Select(found => found.Symbols).ToList();
        var hypotheses = translations.ConvertAll(symbols => BytePairEncoding.Join(data.Vocabulary.Line(symbols)));
        var references = References(pairs);
        var (bleu, sacre) = Score(hypotheses, references);
        foreach (var (name, value) in Named(bleu, sacre)) metrics[name] = value;
        return new Evaluation(metrics)
        {
            Translations = new Translations(Translations.Digest(references), hypotheses),
            Figures = [AttentionMap.Draw(model, data, pairs[0].Source, translations[0], device)],
            Texts =
            [
                new TextSamples(
                    "translations", $"Translations of the first {Math.Min(Shown, pairs.Count)} {split} sentences",
                    $"{(options.Beam == 1 ? "Greedy" : $"Beam {options.Beam}")}; of all {pairs.Count} sentences: " +
                    $"BLEU of tokens {bleu.Score:0.00}, brevity penalty {bleu.BrevityPenalty:0.000}; " +
                    $"sacreBLEU {sacre.Bleu.Score:0.00}, {sacre.Signature}, of text that was detokenized, the references likewise. " +
                    $"The run's file samples-{split}.json has the tokens of all of them.",
                    [.. pairs.Take(Shown).Select((pair, i) => new TextSample(Written(BytePairEncoding.Join(pair.Text)), Written(hypotheses[i]), Written(references[i])))]),
            ],
        };
    }

    /// <summary>BLEU and sacreBLEU of stored translations, by their names in <see cref="Of"/>.</summary>
    /// <exception cref="BadInputException">They are not as many as the pairs, or were scored against other references.</exception>
    public static IReadOnlyDictionary<string, double> Score(IReadOnlyList<SentencePair> pairs, Translations translations)
    {
        var references = References(pairs);
        if (translations.Lines.Count != references.Count)
            throw new BadInputException($"There are {translations.Lines.Count} translations of {references.Count} sentences.");
        if (Translations.Digest(references) is var digest && digest != translations.References)
            throw new BadInputException($"The translations were scored against other references than those here: of the SHA-256 {translations.References}, and here it is {digest}.");
        var (bleu, sacre) = Score(translations.Lines, references);
        return Named(bleu, sacre);
    }

    /// <summary>Nats a symbol over all pairs.</summary>
    internal static double CrossEntropy(TransformerModel model, IReadOnlyList<SentencePair> pairs, Device device)
    {
        // One epoch of batches of like length; which go together changes nothing but the rounding.
        var batches = new TranslationBatches(pairs, Math.Max(BatchSymbols, pairs.Max(pair => pair.Length)), seed: 0);
        double sum = 0;
        long symbols = 0;
        for (var i = 0; i < batches.Count; i++)
        {
            using var scope = NewDisposeScope();
            var batch = TranslationBatch.Of(batches[i]);
            var (_, loss) = TransformerTask.Loss(model, batch, device, labelSmoothing: 0);
            sum += loss.item<float>() * (double)batch.Expected.Length;
            symbols += batch.Expected.Length;
        }
        return sum / symbols;
    }

    /// <summary>Text as people write it, but for its small letters.</summary>
    internal static string Written(string line) => MosesDetokenizer.Detokenize(line, "de");

    private static (BleuScore Bleu, SacreBleuScore Sacre) Score(IReadOnlyList<string> hypotheses, IReadOnlyList<string> references) => (
        Bleu.Corpus([.. hypotheses.Select(Tokens)], [.. references.Select(Tokens)]),
        SacreBleu.Score([.. hypotheses.Select(Written)], [.. references.Select(Written)], lowercase: true));

    private static Dictionary<string, double> Named(BleuScore bleu, SacreBleuScore sacre) => new() { ["bleu"] = bleu.Score, ["sacrebleu"] = sacre.Bleu.Score };

    private static List<string> References(IReadOnlyList<SentencePair> pairs) => [.. pairs.Select(pair => BytePairEncoding.Join(pair.Reference))];

    private static string[] Tokens(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
