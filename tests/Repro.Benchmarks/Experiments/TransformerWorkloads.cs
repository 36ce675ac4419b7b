using Repro.Benchmarks.Engine;
using Repro.Experiments.Transformer;
using Repro.Training;
using static TorchSharp.torch;

namespace Repro.Benchmarks.Experiments;

/// <summary>The published tiny setting on as many subwords, drawn evenly, in sentences of equal length.</summary>
internal static class TransformerWorkloads
{
    /// <summary>With the end of a sentence.</summary>
    private const int Length = 16;

    private const int Subwords = 10_000, Width = 128, Inside = 256, Layers = 4, Sentences = 512;

    // Of the four projections of an attention, and of the feed-forward layer.
    private const double Attention = 4.0 * Width * Width, Fed = 2.0 * Width * Inside;
    private const double Parameters = (Subwords * Width) + (Layers * ((3 * Attention) + (2 * Fed) + (3 * 4 * Width) + (2 * (Inside + Width)) + (5 * 2 * Width)));

    /// <summary>Of 512 pairs of 16 and 16: 8,192 subwords on either side. A subword meets its layers, every subword of both sentences or half of its own, and the table.</summary>
    public static Work TrainingWork => Work.Training(
        (double)Sentences * Length * ((Layers * (Attention + Fed + (2 * Length * Width))) + (Layers * ((2 * Attention) + Fed + (2 * Length * Width) + (Length * Width))) + (Subwords * Width)), Parameters, state: 2);

    /// <summary>Of a sentence, its beam of 5 and 21 steps; what is read once for all sentences does not count.</summary>
    public static Work BeamWork => Work.Generation((Length * Layers * (Attention + Fed)) + (Length * Layers * Attention / 2) + (5.0 * 21 * ((Layers * ((1.5 * Attention) + Fed + (3 * Length * Width))) + (Subwords * Width))), 0);

    /// <summary>The parameters are read at every step.</summary>
    public static Work OneWork => Work.Generation(BeamWork.Flops / 2, 21 * (Parameters - (Layers * (Attention + Fed))));

    public static IWorkload Training()
    {
        var options = new TransformerOptions { BatchTokens = Sentences * Length, Batches = 1 };
        var pairs = Pairs(20 * Sentences);
        var vocabulary = PieceVocabulary.OfWords(Enumerable.Range(0, Subwords - 4).Select(i => $"w{i}"));
        return new TaskStep(new TransformerTask(options, new RunContext(), new TranslationData(vocabulary, pairs, _ => pairs)));
    }

    private static SentencePair[] Pairs(int count)
    {
        var random = new Random(0);
        int[] Sentence() => [.. Enumerable.Range(0, Length - 1).Select(_ => random.Next(4, Subwords))];
        return [.. Enumerable.Range(0, count).Select(_ => new SentencePair(Sentence(), Sentence(), "", ""))];
    }

    /// <summary>Sentences translated with a beam of 5. The model has learned nothing, so that none ends before it must: 5 subwords longer than its source.</summary>
    internal sealed class Beam : IWorkload
    {
        private readonly TransformerModel _model = new(new TransformerOptions().Shape(Subwords), seed: 0);
        private readonly BeamSearch _search;
        private readonly int[][] _sources;

        public Beam(int sentences)
        {
            _model.eval();
            _search = new BeamSearch(_model, CPU, beam: 5, LengthNormalization.Length, alpha: 1) { Longer = 5 };
            _sources = [.. Pairs(sentences).Select(pair => pair.Source)];
        }

        public long Parameters => _model.parameters().Sum(parameter => parameter.numel());

        public void Step()
        {
            foreach (var found in _search.Translate(_sources))
                if (found.Symbols.Length != Length - 1 + 5) throw new InvalidOperationException($"A sentence ended after {found.Symbols.Length} subwords.");
        }

        public void Dispose() => _model.Dispose();
    }
}
