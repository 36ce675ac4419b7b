using Repro.Experiments.Transformer;

namespace Repro.Experiments.Tests.Transformer;

public sealed class GptSourceTests
{
    private static readonly GptSource Source = GptText.Source;

    [Fact]
    public void A_text_is_as_uncertain_as_the_source_says()
    {
        // The mean of -log p over a long text, by the source's own probabilities: the law of large numbers against the fixed point.
        var text = Source.Text(200_000, stream: 9);
        var nats = Enumerable.Range(GptSource.Reach, text.Length - GptSource.Reach).Average(i => -Math.Log(Source.Probability(text[i - 4] - 'a', text[i - 1] - 'a', text[i] - 'a')));
        Assert.Equal(nats, Source.Uncertainty(GptSource.Reach), 2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void What_is_known_of_the_past_counts_as_often_as_texts_show_it(int known)
    {
        // Relative frequencies of a long text in place of the long run's probabilities.
        var text = Source.Text(400_000, stream: 10);
        var (longer, shorter) = (new Dictionary<string, int>(), new Dictionary<string, int>());
        for (var i = known; i < text.Length; i++)
        {
            longer[text[(i - known)..(i + 1)]] = longer.GetValueOrDefault(text[(i - known)..(i + 1)]) + 1;
            shorter[text[(i - known)..i]] = shorter.GetValueOrDefault(text[(i - known)..i]) + 1;
        }
        var nats = longer.Sum(pair => pair.Value * -Math.Log((double)pair.Value / shorter[pair.Key[..known]])) / (text.Length - known);
        Assert.Equal(nats, Source.Uncertainty(known), 2);
    }

    [Fact]
    public void Knowing_more_helps_and_the_far_character_most()
    {
        var left = Enumerable.Range(0, 5).Select(Source.Uncertainty).ToArray();
        Assert.All(left.Zip(left.Skip(1)), pair => Assert.True(pair.First >= pair.Second));
        Assert.True(left[1] - left[4] > 0.3);
    }

    [Fact]
    public void The_best_loss_of_a_piece_is_the_mean_over_what_its_characters_can_see()
    {
        Assert.Equal((Source.Uncertainty(1) + Source.Uncertainty(2) + Source.Uncertainty(3) + (3 * Source.Uncertainty(4))) / 6, Source.BestLoss(6), 12);
        Assert.True(Source.BestLoss(4096) - Source.Uncertainty(4) < 1e-3);
    }

    [Fact]
    public void Texts_are_the_same_of_the_same_stream_alone()
    {
        Assert.Equal(Source.Text(100, 3), Source.Text(200, 3)[..100]);
        Assert.NotEqual(Source.Text(100, 3), Source.Text(100, 4));
    }
}
