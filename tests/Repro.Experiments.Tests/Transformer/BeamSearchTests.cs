using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class BeamSearchTests
{
    private const int Symbols = 6, Longer = 1;

    private static readonly int[][] Sources = [[4, 5], [5], [3, 4, 5], [4]];

    [Theory]
    [InlineData(LengthNormalization.Length, 1.0)]
    [InlineData(LengthNormalization.Gnmt, 0.6)]
    [InlineData(LengthNormalization.Gnmt, 0.0)]
    public void A_beam_as_wide_as_all_translations_finds_the_best_of_all_of_them(LengthNormalization normalization, double alpha)
    {
        using var model = Model();
        var search = new BeamSearch(model, CPU, beam: 200, normalization, alpha) { Longer = Longer };

        var found = search.Translate(Sources);

        for (var i = 0; i < Sources.Length; i++)
        {
            var best = Everything(Sources[i].Length + Longer)
                .Select(symbols => (symbols, score: BeamSearch.Score(LogProbability(model, Sources[i], symbols), symbols.Length + 1, normalization, alpha))).MaxBy(one => one.score);
            Assert.Equal(best.symbols, found[i].Symbols);
            Assert.Equal(best.score, found[i].Score, 4);
        }
    }

    [Fact]
    public void A_wide_beam_ends_with_every_translation_there_is()
    {
        using var model = Model();
        var all = new BeamSearch(model, CPU, beam: 200, LengthNormalization.Length, 0) { Longer = Longer }.TranslateAll([[4]])[0];

        // Of 1 or 2 symbols out of the three that are neither padding nor start nor end; none is empty.
        Assert.Equal(3 + 9, all.Count);
        Assert.Equal(all.Count, all.Select(one => string.Join(' ', one.Symbols)).Distinct().Count());
        Assert.All(all, one => Assert.Equal(LogProbability(model, [4], one.Symbols), one.LogProbability, 4));
    }

    [Fact]
    public void A_beam_of_one_takes_the_most_probable_symbol_each_time()
    {
        using var model = Model();
        var found = new BeamSearch(model, CPU, beam: 1, LengthNormalization.Length, 1) { Longer = 4 }.Translate(Sources);

        for (var i = 0; i < Sources.Length; i++)
        {
            var symbols = new List<int>();
            while (symbols.Count < Sources[i].Length + 4)
            {
                var next = Next(model, Sources[i], symbols);
                var first = symbols.Count == 0 ? PieceVocabulary.End + 1 : PieceVocabulary.End;
                var best = Enumerable.Range(first, Symbols - first).MaxBy(symbol => next[symbol]);
                if (best == PieceVocabulary.End) break;
                symbols.Add(best);
            }
            Assert.Equal(symbols, found[i].Symbols);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void A_narrow_beam_is_what_the_same_search_without_a_cache_and_without_batches_finds(int beam)
    {
        using var model = Model();
        var found = new BeamSearch(model, CPU, beam, LengthNormalization.Gnmt, 0.6) { Longer = 6, Sentences = 3 }.TranslateAll(Sources);

        for (var i = 0; i < Sources.Length; i++)
        {
            var expected = Slowly(model, Sources[i], beam, Sources[i].Length + 6);
            Assert.Equal(expected.Select(one => string.Join(' ', one.Symbols)), found[i].Select(one => string.Join(' ', one.Symbols)));
        }
    }

    [Fact]
    public void Scores_are_divided_as_the_two_formulas_say()
    {
        Assert.Equal(-6.0 / 4, BeamSearch.Score(-6, 4, LengthNormalization.Length, 1), 12);
        Assert.Equal(-6.0, BeamSearch.Score(-6, 4, LengthNormalization.Length, 0), 12);
        Assert.Equal(-6.0 / Math.Pow(1.5, 0.6), BeamSearch.Score(-6, 4, LengthNormalization.Gnmt, 0.6), 12);
    }

    /// <summary>The rule of the search, hypothesis by hypothesis, each computed from its beginning.</summary>
    private static List<(int[] Symbols, double Score)> Slowly(TransformerModel model, int[] source, int beam, int most)
    {
        var open = new List<(int[] Symbols, double Sum)> { ([], 0) };
        var done = new List<(int[] Symbols, double Score)>();
        void Finish(int[] symbols, double sum) => done.Add((symbols, BeamSearch.Score(sum, symbols.Length + 1, LengthNormalization.Gnmt, 0.6)));
        for (var length = 0; done.Count < beam; length++)
        {
            var all = open.SelectMany(one => Next(model, source, one.Symbols).Select((log, symbol) => (one.Symbols, symbol, sum: one.Sum + log)))
                .Where(one => length == most ? one.symbol == PieceVocabulary.End : one.symbol >= (length == 0 ? PieceVocabulary.End + 1 : PieceVocabulary.End)).OrderByDescending(one => one.sum).Take(2 * beam).ToList();
            foreach (var (symbols, _, sum) in all.Take(beam).Where(one => one.symbol == PieceVocabulary.End).Take(beam - done.Count)) Finish(symbols, sum);
            if (length == most) break;
            open = [.. all.Where(one => one.symbol != PieceVocabulary.End).Take(beam).Select(one => (one.Symbols.Append(one.symbol).ToArray(), one.sum))];
        }
        return [.. done.OrderByDescending(one => one.Score)];
    }

    private static TransformerModel Model()
    {
        var model = new TransformerModel(new TransformerShape(Symbols, 2, 8, 12, 2, 0, 0, 0, PositionKind.Sinusoids), seed: 0);
        TransformerReferenceTests.SetParameters(model);
        model.eval();
        return model;
    }

    private static IEnumerable<int[]> Everything(int longest)
    {
        IEnumerable<int[]> of = [[]];
        for (var length = 0; ; length++)
        {
            foreach (var one in of.Where(one => one.Length > 0)) yield return one;
            if (length == longest) yield break;
            of = [.. of.SelectMany(one => Enumerable.Range(3, Symbols - 3).Select(symbol => one.Append(symbol).ToArray()))];
        }
    }

    private static double LogProbability(TransformerModel model, int[] source, int[] symbols) =>
        Enumerable.Range(0, symbols.Length + 1).Sum(i => Next(model, source, symbols[..i])[i < symbols.Length ? symbols[i] : PieceVocabulary.End]);

    /// <summary>Log-probabilities of what comes next, by the whole model without a cache.</summary>
    private static double[] Next(TransformerModel model, int[] source, IReadOnlyList<int> symbols)
    {
        using var without = no_grad();
        using var scope = NewDisposeScope();
        var from = tensor(source.Append(PieceVocabulary.End).Select(symbol => (long)symbol).ToArray(), [1, source.Length + 1]);
        var to = tensor(symbols.Prepend(PieceVocabulary.Start).Select(symbol => (long)symbol).ToArray(), [1, symbols.Count + 1]);
        var states = model.call(from, to).select(1, symbols.Count);
        return Array.ConvertAll(model.Logits(states).log_softmax(1).data<float>().ToArray(), value => (double)value);
    }
}
