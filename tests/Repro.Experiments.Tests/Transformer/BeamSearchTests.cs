using Repro.Experiments.Transformer;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class BeamSearchTests
{
    private const int Symbols = 6, First = PieceVocabulary.End + 1, Longer = 1;

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
                .Select(symbols => (symbols, score: BeamSearch.Score(LogProbability(model, Sources[i], symbols), symbols.Length + 1, normalization, alpha)))
                .MaxBy(one => one.score);
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

    /// <summary>
    /// The next symbol depends on the last alone. After the start: a .45, b .25, c .30. After a: end .35, a .30, b .25, c .10. After b: end .85, a, b and c .05 each.
    /// After c: end .40, a .30, b .25, c .05. By hand, with a beam of 2:
    /// <code>
    /// 1. a .45 and c .30 go on; b .25 is lost.
    /// 2. After a: end .45 x .35 = .1575, aa .135, ab .1125, ac .045. After c: end .30 x .40 = .120, ca .090, cb .075, cc .015.
    ///    The best four are a's end .1575, aa .135, c's end .120, ab .1125. The first two finish what ends among them, a; c's end is third and lost. aa and ab go on.
    /// 3. After aa: end .135 x .35 = .04725, aaa .0405 and less. After ab: end .1125 x .85 = .095625, aba, abb and abc .005625.
    ///    The best is ab's end, the second that is finished: done.
    /// </code>
    /// ln .1575 = -1.848 for the 2 symbols of a, its end counted, and ln .095625 = -2.347 for the 3 of ab. Undivided, a wins. Divided by the lengths they are -0.924 and -0.782:
    /// ab overtakes. Divided by ((5 + length) / 6)^0.6, which is (7/6)^0.6 = 1.097 and (8/6)^0.6 = 1.188, they are -1.685 and -1.975: a stays.
    /// </summary>
    [Theory]
    [InlineData(LengthNormalization.Length, 0.0, "a -1.848, ab -2.347")]
    [InlineData(LengthNormalization.Length, 1.0, "ab -0.782, a -0.924")]
    [InlineData(LengthNormalization.Gnmt, 0.6, "a -1.685, ab -1.975")]
    public void A_hypothesis_that_ends_early_is_overtaken_where_the_length_counts_enough(LengthNormalization normalization, double alpha, string byHand)
    {
        using var model = Chain();
        Assert.Equal(byHand, Written(new BeamSearch(model, CPU, beam: 2, normalization, alpha).TranslateAll([[3]])[0]));
    }

    /// <summary>
    /// In the same example b is kept: its end, .25 x .85 = .2125, is more probable than any other translation. Of the second step's best six, b's end .2125, a's end .1575,
    /// aa .135, c's end .120, ab .1125 and ca .090, the first three finish b and a; aa, ab and ca go on, and of their ends ab's is the best, .095625. ln .2125 = -1.549.
    /// </summary>
    [Fact]
    public void A_beam_of_three_finds_what_a_beam_of_two_has_lost()
    {
        using var model = Chain();
        Assert.Equal("b -1.549, a -1.848, ab -2.347", Written(new BeamSearch(model, CPU, beam: 3, LengthNormalization.Length, 0).TranslateAll([[3]])[0]));
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
                .Where(one => length == most ? one.symbol == PieceVocabulary.End : one.symbol >= (length == 0 ? First : PieceVocabulary.End))
                .OrderByDescending(one => one.sum).Take(2 * beam).ToList();
            foreach (var (symbols, _, sum) in all.Take(beam).Where(one => one.symbol == PieceVocabulary.End).Take(beam - done.Count)) Finish(symbols, sum);
            if (length == most) break;
            open = [.. all.Where(one => one.symbol != PieceVocabulary.End).Take(beam).Select(one => (one.Symbols.Append(one.symbol).ToArray(), one.sum))];
        }
        return [.. done.OrderByDescending(one => one.Score)];
    }

    private static string Written(IReadOnlyList<Hypothesis> found) =>
        string.Join(", ", found.Select(one => $"{string.Concat(one.Symbols.Select(symbol => (char)('a' + symbol - First)))} {one.Score:F3}"));

    /// <summary>A model whose next symbol depends on the last alone, by the probabilities of the example.</summary>
    private static TransformerModel Chain()
    {
        // After padding, start, end, a, b and c: the probabilities of the same six. Nothing comes after padding and end; what cannot come has a logit of -20.
        double[][] next =
        [
            [], [0, 0, 0, .45, .25, .30], [], [0, 0, .35, .30, .25, .10], [0, 0, .85, .05, .05, .05], [0, 0, .40, .30, .25, .05],
        ];
        const int Size = Symbols + 2, Norm = 30;
        var model = new TransformerModel(new TransformerShape(Symbols, 1, Size, Symbols, 1, 0, 0, 0, PositionKind.Learned), seed: 0);
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        void Set(string name, Func<int, int, double> value)
        {
            var parameter = parameters[name];
            var width = (int)parameter.shape[^1];
            InitialValues.Set(parameter, [.. Enumerable.Range(0, (int)parameter.numel()).Select(i => (float)value(i / width, i % width))]);
        }
        // Symbols are unit vectors, which no attention and no place touches: the feed-forward layer sees which one it is, and writes its row so large that nothing else counts.
        Set("embedding.weight", (symbol, j) => symbol == j ? 1 : 0);
        Set("decoder.positions.weight", (_, _) => 0);
        foreach (var attention in (string[])["self_attn", "multihead_attn"]) Set($"decoder.layers.0.{attention}.out_proj.weight", (_, _) => 0);
        Set("decoder.layers.0.feed_forward.linear1.weight", (unit, j) => unit == j ? 1 : 0);
        Set("decoder.layers.0.feed_forward.linear2.weight", (j, symbol) => 1e6 * (next[symbol].Length > 0 ? Row(next[symbol])[j] : 0));
        // The last normalization takes a row's mean and size away; all have mean 0, and the size that it gives back.
        Set("decoder.layers.0.norm3.weight", (_, _) => Norm / Math.Sqrt(Size));
        model.eval();
        return model;

        static double[] Row(double[] probabilities)
        {
            var logs = Array.ConvertAll(probabilities, p => p > 0 ? Math.Log(p) : -20);
            var centred = Array.ConvertAll(logs, log => log - logs.Average());
            var rest = Math.Sqrt(((Norm * Norm) - centred.Sum(x => x * x)) / 2);
            return [.. centred, rest, -rest];
        }
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
