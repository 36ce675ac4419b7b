using Repro.Experiments.Transformer;
using Repro.Studies;
using Repro.Studies.Randomness;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Experiments.Tests.Transformer;

public sealed class GptWritingTests
{
    private static readonly GptOptions Small = new() { Layers = 2, Heads = 2, Width = 8, Context = 6, Dropout = 0 };

    [Fact]
    public void The_likeliest_characters_are_those_of_computing_everything_again()
    {
        using var model = GptModelTests.Set();
        using var without = no_grad();
        var written = GptWriting.Continue(model, Small, [3], 1, new GptSampling { Temperature = 0, Length = 11 }, seed: 0, index: 0, CPU).Single();
        var text = new List<long> { 3 };
        // Up to the context everything before counts; then the last half of a full context, and again until it is full.
        var from = 0;
        while (text.Count <= 11)
        {
            if (text.Count - from > 6) from = text.Count - 3;
            using var scope = NewDisposeScope();
            text.Add(model.call(tensor(text.Skip(from).ToArray(), [1, text.Count - from])).select(1, -1).argmax(1).item<long>());
        }
        Assert.Equal(text.Skip(1), written);
    }

    [Fact]
    public void A_sample_is_the_same_whatever_else_is_asked_for()
    {
        using var model = GptModelTests.Set();
        var sampling = new GptSampling { Length = 20, Temperature = 1 };
        var many = GptWriting.Continue(model, Small, [1, 2], 70, sampling, seed: 5, index: 0, CPU);
        Assert.Equal(many[1], GptWriting.Continue(model, Small, [1, 2], 2, sampling, seed: 5, index: 0, CPU)[1]);
        Assert.Equal(many[66], GptWriting.Continue(model, Small, [1, 2], 67, sampling, seed: 5, index: 0, CPU)[66]);
        Assert.NotEqual(many[0], many[1]);
        Assert.NotEqual(many[0], GptWriting.Continue(model, Small, [1, 2], 1, sampling, seed: 6, index: 0, CPU)[0]);
        Assert.NotEqual(many[0], GptWriting.Continue(model, Small, [1, 2], 1, sampling, seed: 5, index: 1, CPU)[0]);
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(2.0, 0)]
    [InlineData(0.01, 0)]
    [InlineData(1.0, 2)]
    public void Characters_are_drawn_as_often_as_temperature_and_top_k_say(double temperature, int topK)
    {
        var counts = Counts([0, 1, 2, -1], new GptSampling { Temperature = temperature, TopK = topK });
        var weights = new double[] { 0, 1, 2, -1 }.Select(l => topK == 2 && l < 1 ? 0 : Math.Exp(l / temperature)).ToArray();
        for (var i = 0; i < 4; i++) Assert.Equal(weights[i] / weights.Sum(), counts[i] / 20_000.0, 0.015);
    }

    [Fact]
    public void Characters_as_likely_as_the_last_of_the_likeliest_are_drawn_from_too()
    {
        var counts = Counts([2, 1, 1, 0], new GptSampling { Temperature = 1, TopK = 2 });
        Assert.All(counts[..3], count => Assert.True(count > 2000));
        Assert.Equal(0, counts[3]);
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(2, float.NaN)]
    [InlineData(2, float.PositiveInfinity)]
    public void A_model_that_diverged_writes_nothing(int at, float bad)
    {
        var numbers = new Philox(1, RandomPurpose.Report);
        float[] logits = [0, 1, 2];
        logits[at] = bad;
        Assert.Contains("diverged", Assert.Throws<BadInputException>(() => new GptSampling().Draw(logits, ref numbers)).Message);
    }

    [Fact]
    public void A_text_with_foreign_characters_is_refused_by_name()
    {
        var message = Assert.Throws<BadInputException>(() => GptText.Numbers(GptText.Shakespeare, "10 Euro\t€")).Message;
        Assert.Contains("U+0009 '0' '1' '€'", message, StringComparison.Ordinal);
        var emoji = Assert.Throws<BadInputException>(() => GptText.Numbers(GptText.Shakespeare, "a 🦀 é 🦀")).Message;
        Assert.Contains("the text has 'é' '🦀' besides", emoji, StringComparison.Ordinal);
        Assert.Equal([18, 53, 1, 58, 0], GptText.Numbers(GptText.Shakespeare, "Fo t\n"));
    }

    private static int[] Counts(float[] logits, GptSampling sampling)
    {
        var (counts, numbers) = (new int[logits.Length], new Philox(1, RandomPurpose.Report));
        for (var i = 0; i < 20_000; i++) counts[sampling.Draw([.. logits], ref numbers)]++;
        return counts;
    }
}
