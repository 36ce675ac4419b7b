using Repro.Experiments.Lstm;

namespace Repro.Experiments.Tests.Lstm;

public sealed class MarkovSourceTests
{
    private static readonly MarkovSource Source = new(8);

    [Fact]
    public void Probabilities_after_every_pair_add_up_to_one()
    {
        for (var pair = 0; pair < 64; pair++)
            Assert.Equal(1, Enumerable.Range(0, 8).Sum(next => Source.Probability(pair / 8, pair % 8, next)), 1e-12);
    }

    [Fact]
    public void The_entropy_rate_is_what_a_long_text_costs_under_its_own_probabilities()
    {
        var text = Source.Text(400_000, 7);
        var costs = Enumerable.Range(2, text.Length - 2).Select(i => -Math.Log(Source.Probability(text[i - 2], text[i - 1], text[i]))).ToList();
        // The costs of a Markov source are not independent; five standard errors of independent ones leave room for that.
        var mean = costs.Average();
        var error = Math.Sqrt(costs.Sum(cost => (cost - mean) * (cost - mean))) / costs.Count;
        Assert.InRange(Math.Abs(Source.EntropyRate - mean), 0, 5 * error);
        Assert.Equal(Math.Exp(Source.EntropyRate), Source.Perplexity);
    }

    [Fact]
    public void A_source_of_two_symbols_has_the_entropy_of_its_stationary_pairs_by_elimination()
    {
        // Pairs aa, ab, ba, bb move to aa, ab / ba, bb / aa, ab / ba, bb. In balance P(ab) = P(ba) = 1 unit; P(aa) and P(bb) follow from what stays.
        var source = new MarkovSource(2);
        double stayAa = source.Probability(0, 0, 0), baToAa = source.Probability(1, 0, 0), stayBb = source.Probability(1, 1, 1), abToBb = source.Probability(0, 1, 1);
        var (aa, bb) = (baToAa / (1 - stayAa), abToBb / (1 - stayBb));
        var total = aa + 2 + bb;
        var expected = ((aa * Entropy(stayAa)) + Entropy(source.Probability(0, 1, 0)) + Entropy(baToAa) + (bb * Entropy(stayBb))) / total;
        Assert.Equal(expected, source.EntropyRate, 1e-12);
    }

    [Fact]
    public void One_symbol_of_memory_is_clearly_not_enough()
    {
        var text = Source.Text(200_000, 3);
        var counts = new double[8, 8];
        for (var i = 1; i < text.Length; i++) counts[text[i - 1], text[i]]++;
        var cost = 0.0;
        for (var last = 0; last < 8; last++)
        {
            var sum = Enumerable.Range(0, 8).Sum(next => counts[last, next]);
            for (var next = 0; next < 8; next++) cost -= counts[last, next] * Math.Log(counts[last, next] / sum);
        }
        Assert.True(cost / text.Length > Source.EntropyRate + 0.1);
    }

    private static double Entropy(double p) => -(p * Math.Log(p)) - ((1 - p) * Math.Log(1 - p));
}
