using Repro.Experiments.Text;

namespace Repro.Experiments.Tests.Text;

public sealed class MarkovSourceTests
{
    private static readonly MarkovSource Near = new(symbols: 8, reach: 2, spread: 1.5);

    private static readonly MarkovSource Far = new(symbols: 6, reach: 4, spread: 2);

    [Fact]
    public void Probabilities_after_every_pair_add_up_to_one()
    {
        for (var pair = 0; pair < 64; pair++)
            Assert.Equal(1, Enumerable.Range(0, 8).Sum(next => Near.Probability(pair / 8, pair % 8, next)), 1e-12);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void The_entropy_rate_is_what_a_long_text_costs_under_its_own_probabilities(int reach)
    {
        var source = reach == 2 ? Near : Far;
        var text = source.Text(400_000, 7);
        var costs = Enumerable.Range(reach, text.Length - reach).Select(i => -Math.Log(source.Probability(text[i - reach], text[i - 1], text[i]))).ToList();
        // The costs of a Markov source are not independent; five standard errors of independent ones leave room for that.
        var mean = costs.Average();
        var error = Math.Sqrt(costs.Sum(cost => (cost - mean) * (cost - mean))) / costs.Count;
        Assert.InRange(Math.Abs(source.EntropyRate - mean), 0, 5 * error);
        Assert.Equal(Math.Exp(source.EntropyRate), source.Perplexity);
    }

    [Fact]
    public void A_source_of_two_symbols_has_the_entropy_of_its_stationary_pairs_by_elimination()
    {
        // Pairs aa, ab, ba, bb move to aa, ab / ba, bb / aa, ab / ba, bb. In balance P(ab) = P(ba) = 1 unit; P(aa) and P(bb) follow from what stays.
        var source = new MarkovSource(symbols: 2, reach: 2, spread: 1.5);
        double stayAa = source.Probability(0, 0, 0), baToAa = source.Probability(1, 0, 0), stayBb = source.Probability(1, 1, 1), abToBb = source.Probability(0, 1, 1);
        var (aa, bb) = (baToAa / (1 - stayAa), abToBb / (1 - stayBb));
        var total = aa + 2 + bb;
        var expected = ((aa * Entropy(stayAa)) + Entropy(source.Probability(0, 1, 0)) + Entropy(baToAa) + (bb * Entropy(stayBb))) / total;
        Assert.Equal(expected, source.EntropyRate, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_known_of_the_past_counts_as_often_as_texts_show_it(int known)
    {
        // Relative frequencies of a long text in place of the long run's probabilities.
        var text = string.Concat(Far.Text(400_000, stream: 10));
        var (longer, shorter) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        for (var i = known; i < text.Length; i++)
        {
            longer[text[(i - known)..(i + 1)]] = longer.GetValueOrDefault(text[(i - known)..(i + 1)]) + 1;
            shorter[text[(i - known)..i]] = shorter.GetValueOrDefault(text[(i - known)..i]) + 1;
        }
        var nats = longer.Sum(pair => pair.Value * -Math.Log((double)pair.Value / shorter[pair.Key[..known]])) / (text.Length - known);
        Assert.Equal(nats, Far.Uncertainty(known), 2);
    }

    [Fact]
    public void One_symbol_of_memory_is_clearly_not_enough()
    {
        Assert.True(Near.Uncertainty(1) > Near.EntropyRate + 0.1);
        Assert.True(Far.Uncertainty(1) > Far.EntropyRate + 0.3);
        Assert.All([Near, Far], source => Assert.True(source.Uncertainty(0) >= source.Uncertainty(1)));
    }

    [Fact]
    public void The_best_loss_of_a_piece_is_the_mean_over_what_its_symbols_can_see()
    {
        Assert.Equal((Far.Uncertainty(1) + Far.Uncertainty(2) + Far.Uncertainty(3) + (3 * Far.Uncertainty(4))) / 6, Far.BestLoss(6), 12);
        Assert.True(Far.BestLoss(4096) - Far.EntropyRate < 1e-3);
    }

    [Fact]
    public void Texts_are_the_same_of_the_same_stream_alone()
    {
        Assert.Equal(Far.Text(100, 3), Far.Text(200, 3)[..100]);
        Assert.NotEqual(Far.Text(100, 3), Far.Text(100, 4));
    }

    private static double Entropy(double p) => -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));
}
