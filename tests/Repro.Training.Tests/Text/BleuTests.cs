using System.Text.Json.Nodes;
using Repro.Training.Text;

namespace Repro.Training.Tests.Text;

public class BleuTests
{
    [Fact]
    public void Matches_are_clipped_by_the_reference()
    {
        // Papineni et al. 2002, section 2.1: "the" seven times against two in the reference is 2/7.
        var score = Bleu.Corpus([Words("the the the the the the the")], [Words("the cat is on the mat")]);
        Assert.Equal(200.0 / 7, score.Precisions[0], 12);
        Assert.Equal(0, score.Score);
    }

    [Fact]
    public void The_score_is_the_geometric_mean_times_the_brevity_penalty()
    {
        // 1-grams 6/7 (one of the two "b" is clipped), 2-grams 4/6, 3-grams 3/5, 4-grams 2/4; 7 tokens against 8.
        var score = Bleu.Corpus([Words("a b c d e b f")], [Words("a b c d e f g h")]);
        Assert.Equal([600.0 / 7, 400.0 / 6, 60, 50], score.Precisions);
        Assert.Equal(Math.Exp(1 - 8.0 / 7), score.BrevityPenalty, 12);
        Assert.Equal(100 * Math.Exp(1 - 8.0 / 7) * Math.Pow(6.0 / 7 * 4 / 6 * 3 / 5 * 2 / 4, 0.25), score.Score, 9);
        Assert.Equal((7, 8), (score.HypothesisLength, score.ReferenceLength));
    }

    [Fact]
    public void Counts_are_added_over_the_corpus_and_not_averaged_over_sentences()
    {
        var (same, other) = (Words("a b c d e"), Words("f g h i j"));
        Assert.Equal([50, 50, 50, 50], Bleu.Corpus([same, other], [same, Words("k l m n o")]).Precisions);
        Assert.Equal(100, Bleu.Corpus([same, other], [same, other]).Score, 9);
    }

    // sacreBLEU's test_bleu.py, test_bleu_max_order and test_corpus_bleu_cases: two references each.
    [Theory]
    [InlineData(1, 77.65)]
    [InlineData(2, 60.50)]
    [InlineData(3, 53.93)]
    [InlineData(4, 48.53)]
    [InlineData(5, 46.14)]
    [InlineData(6, 43.28)]
    public void Sacrebleus_own_example_scores_as_published(int order, double published)
    {
        string[] hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[][] references = [["The dog bit the man.", "It was not unexpected.", "The man bit him first."], ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]];
        var score = SacreBleu.Score(hypotheses, references, lowercase: false, order);
        Assert.Equal(published, Math.Round(score.Bleu.Score, 2));
        if (order == 4) Assert.Equal(48.530827, score.Bleu.Score, 6);
        Assert.Equal($"nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:{SacreBleu.Version}", score.Signature);
    }

    [Fact]
    public void Sacrebleus_example_in_tokens_scores_as_published()
    {
        string[] hypotheses = ["The dog bit the man.", "It wasn't surprising.", "The man had just bitten him."];
        string[][] references = [["The dog bit the man.", "It was not unexpected.", "The man bit him first."], ["The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."]];
        Assert.Equal(49.1919566, Bleu.Corpus(Array.ConvertAll(hypotheses, Words), references.Select(set => (IReadOnlyList<string[]>)Array.ConvertAll(set, Words)).ToList(), BleuSmoothing.Exp).Score, 7);
    }

    [Fact]
    public void Sacrebleus_example_of_smoothing_scores_as_published()
    {
        // test_sentence_bleu.py; all four orders have n-grams there, so its effective order changes nothing.
        const string reference = "producţia de zahăr brut se exprimă în zahăr alb;", hypothesis = "Producția de zahăr primă va fi exprimată în ceea ce privește zahărul alb;";
        Assert.Equal(8.493, SacreBleu.Score([hypothesis], [reference], lowercase: false).Bleu.Score, 3);
        Assert.Equal(0, Bleu.Corpus([SacreBleu.Tokenize13a(hypothesis)], [SacreBleu.Tokenize13a(reference)]).Score);
        Assert.Equal(0, SacreBleu.Score(["this is a cat"], ["okay thanks"], lowercase: false).Bleu.Score);
        Assert.Equal(0, SacreBleu.Score(["", "", ""], ["a", "b", "c"], lowercase: false).Bleu.Score);
    }

    // test_bleu.py, test_case_statistics, test_case_scoring and test_case_degenerate_stats.
    [Fact]
    public void Sacrebleus_counts_score_as_published()
    {
        Assert.Equal(83.75922397, Bleu.Score([9, 7, 5, 3], [10, 8, 6, 4], 11, 11, BleuSmoothing.None).Score, 8);
        Assert.Equal(0, Bleu.Score([0, 0, 0, 0], [4, 4, 2, 1], 0, 1, BleuSmoothing.Exp).Score);
        Assert.Equal(0, Bleu.Score([0, 0, 0, 0], [10, 11, 12, 0], 14, 10, BleuSmoothing.Exp).Score);
        Assert.Equal(0, Bleu.Score([6, 5, 4, 0], [6, 5, 4, 3], 6, 6, BleuSmoothing.None).Score);
        Assert.Equal([400.0 / 6, 40, 25, 0], Bleu.Corpus([Words("am I am a character sequence")], [Words("I am a symbol string sequence a a")]).Precisions);
    }

    [Fact]
    public void Lines_are_tokenized_as_sacrebleu_does()
    {
        foreach (var one in TextReference.Json["tokens_13a"]!.AsArray()) Assert.Equal(TextReference.Strings(one!["tokens"]), SacreBleu.Tokenize13a((string)one["line"]!));
    }

    [Fact]
    public void Small_corpora_score_as_sacrebleu_does()
    {
        foreach (var one in TextReference.Json["scores"]!.AsArray())
        {
            var (hypotheses, references) = Pairs(one!);
            var score = SacreBleu.Score(hypotheses, references, (bool)one!["lowercase"]!);
            Same(one, score.Bleu);
            Assert.Equal($"nrefs:1|case:{((bool)one["lowercase"]! ? "lc" : "mixed")}|eff:no|tok:13a|smooth:exp|version:{SacreBleu.Version}", score.Signature);
        }
        foreach (var one in TextReference.Json["unsmoothed"]!.AsArray())
        {
            var (hypotheses, references) = Pairs(one!);
            Same(one!, Bleu.Corpus(hypotheses.ConvertAll(Words), references.ConvertAll(Words)));
        }
    }

    [SkippableFact]
    public void A_thousand_sentences_of_Multi30k_score_as_sacrebleu_does()
    {
        var references = TextReference.Lines("multi30k/val.de.gz").ConvertAll(line => line.Trim());
        var hypotheses = references.Select((line, i) =>
        {
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ToList();
            words.RemoveAt(i % words.Count);
            return i % 3 == 0 ? string.Join(' ', words).ToLowerInvariant() : string.Join(' ', words);
        }).ToList();
        Same(TextReference.Json["multi30k_val_de"]!["mixed"]!, SacreBleu.Score(hypotheses, references, lowercase: false).Bleu);
        Same(TextReference.Json["multi30k_val_de"]!["lowercase"]!, SacreBleu.Score(hypotheses, references, lowercase: true).Bleu);
    }

    [Fact]
    public void Each_hypothesis_wants_a_reference()
    {
        Assert.Contains("2 hypotheses, 1 references", Assert.Throws<ArgumentException>(() => Bleu.Corpus([["a"], ["b"]], [["a"]])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => Bleu.Corpus([], Array.Empty<string[]>()));
    }

    private static string[] Words(string line) => line.Split(' ');

    private static (List<string> Hypotheses, List<string> References) Pairs(JsonNode one) =>
        (one["pairs"]!.AsArray().Select(pair => (string)pair![0]!).ToList(), one["pairs"]!.AsArray().Select(pair => (string)pair![1]!).ToList());

    private static void Same(JsonNode expected, BleuScore score)
    {
        Assert.Equal((double)expected["score"]!, score.Score, 9);
        Assert.Equal(expected["precisions"]!.AsArray().Select(p => (double)p!), score.Precisions, (a, b) => Math.Abs(a - b) < 1e-9);
        Assert.Equal((double)expected["brevity_penalty"]!, score.BrevityPenalty, 12);
        Assert.Equal(((long)expected["hypothesis_length"]!, (long)expected["reference_length"]!), (score.HypothesisLength, score.ReferenceLength));
    }
}
