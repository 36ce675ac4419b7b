using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests.Examples;

/// <summary>TorchSharp's text classification, a bag of embeddings under a linear layer, here on texts drawn from known topics.</summary>
public class TextClassificationExample
{
    private const int Topics = 4, Words = 120, Own = 10;

    [Fact]
    public void ABagOfEmbeddingsClassifiesAsWellAsTheTopicsAllow()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(3);
        var draw = new Random(3);
        var train = Enumerable.Range(0, 1600).Select(_ => Text(draw)).ToArray();
        var test = Enumerable.Range(0, 500).Select(_ => Text(draw)).ToArray();
        // A word of a topic counts for it, a common one for none: no rule beats the majority, ties by chance.
        var best = test.Average(text => ShareOfTheRightTopic(text.Words, text.Topic));
        Assert.InRange(best, 0.8, 0.99);

        using var model = new Network();
        var optimizer = optim.SGD(model.parameters(), 5);
        var scheduler = optim.lr_scheduler.StepLR(optimizer, 1, 0.5);
        for (var epoch = 0; epoch < 5; epoch++)
        {
            foreach (var texts in train.Chunk(16))
            {
                using var step = NewDisposeScope();
                var (labels, words, offsets) = Batch(texts);
                optimizer.zero_grad();
                CrossEntropyLoss().call(model.call(words, offsets), labels).backward();
                torch.nn.utils.clip_grad_norm_(model.parameters().ToArray(), 0.5);
                optimizer.step();
            }
            scheduler.step();
        }
        model.eval();
        using var _ = no_grad();
        var (truth, all, starts) = Batch(test);
        var reached = GeneratedImages.Share(model.call(all, starts).argmax(1), truth);
        Assert.True(reached > best - 0.05, $"The network has {reached:P1} where {best:P1} is possible.");

        // A text is a bag: the order of its words is nothing to the network, and its neighbours are not either.
        var (_, one, start) = Batch([(test[0].Topic, [.. test[0].Words.Reverse()])]);
        Assert.True(model.call(one, start).allclose(model.call(all, starts)[..1], atol: 1e-5));
    }

    // Every third word is of the topic, or of a wrong one for a fifth of them; the others are common.
    private static (int Topic, long[] Words) Text(Random draw)
    {
        var topic = draw.Next(Topics);
        var words = new long[draw.Next(8, 25)];
        for (var i = 0; i < words.Length; i++)
        {
            var about = draw.NextDouble() < 0.2 ? draw.Next(Topics) : topic;
            words[i] = draw.Next(3) == 0 ? (about * Own) + draw.Next(Own) : draw.Next(Topics * Own, Words);
        }
        return (topic, words);
    }

    private static double ShareOfTheRightTopic(long[] words, int topic)
    {
        var counts = new int[Topics];
        foreach (var word in words.Where(word => word < Topics * Own))
            counts[word / Own]++;
        return counts[topic] == counts.Max() ? 1.0 / counts.Count(count => count == counts.Max()) : 0;
    }

    private static (Tensor Labels, Tensor Words, Tensor Offsets) Batch(IReadOnlyCollection<(int Topic, long[] Words)> texts)
    {
        var starts = new List<long>();
        var words = new List<long>();
        foreach (var text in texts)
        {
            starts.Add(words.Count);
            words.AddRange(text.Words);
        }
        return (tensor(texts.Select(text => (long)text.Topic).ToArray()), tensor(words), tensor(starts));
    }

    private sealed class Network : Module<Tensor, Tensor, Tensor>
    {
        private readonly EmbeddingBag embedding = EmbeddingBag(Words, 16, sparse: false);
        private readonly Linear linear = Linear(16, Topics);

        public Network() : base(nameof(Network))
        {
            init.uniform_(embedding.weight!, -0.5, 0.5);
            init.uniform_(linear.weight, -0.5, 0.5);
            init.zeros_(linear.bias!);
            RegisterComponents();
        }

        public override Tensor forward(Tensor words, Tensor offsets)
        {
            using var bags = embedding.call(words, offsets);
            return linear.call(bags);
        }
    }
}
