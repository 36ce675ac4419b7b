using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Torch.Tests.Examples;

/// <summary>
/// TorchSharp's sequence example, a transformer that says the next token (Vaswani et al. 2017), here on a language whose entropy is
/// known: a token follows, by a fixed table, from the one before the last, and is anything in one case of ten.
/// </summary>
public class SequenceModelExample
{
    private const int Tokens = 8, Steps = 24, Width = 32;
    private const double Anything = 0.1;
    private static readonly long[] Next = [3, 0, 6, 1, 7, 2, 5, 4];

    // Nats a token; guessing blindly costs ln 8 = 2.08.
    private static readonly double Entropy = Loss(1 - Anything + (Anything / Tokens), 1) + Loss(Anything / Tokens, Tokens - 1);

    [Fact]
    public void ATransformerLearnsALanguageDownToItsEntropyAndDoesNotLookAhead()
    {
        using var scope = NewDisposeScope();
        random.manual_seed(4);
        var draw = new Random(4);
        using var model = new Network();
        var mask = model.Mask(Steps);
        var optimizer = optim.AdamW(model.parameters(), 5e-3);
        var loss = CrossEntropyLoss();
        for (var batch = 0; batch < 400; batch++)
        {
            using var step = NewDisposeScope();
            var (given, wanted) = Batch(draw, 32);
            optimizer.zero_grad();
            loss.call(model.call(given, mask).reshape(-1, Tokens), wanted.reshape(-1)).backward();
            torch.nn.utils.clip_grad_norm_(model.parameters(), 0.5);
            optimizer.step();
        }
        model.eval();
        using var _ = no_grad();
        var (text, following) = Batch(draw, 200);
        var scores = model.call(text, mask);
        // The first token has none before it to follow from.
        var reached = loss.call(scores[1..].reshape(-1, Tokens), following[1..].reshape(-1)).item<float>();
        Assert.InRange(reached, Entropy - 0.05, Entropy + 0.25);
        var blind = loss.call(scores[0], following[0]).item<float>();
        Assert.InRange(blind, Math.Log(Tokens) - 0.1, 3);

        var changed = text.clone();
        changed[10..] = (changed[10..] + 1).remainder(Tokens);
        var others = model.call(changed, mask);
        Assert.True(others[..10].allclose(scores[..10], atol: 1e-5));
        Assert.False(others[10..].allclose(scores[10..], atol: 1e-1));
    }

    private static double Loss(double probability, int ways) => -ways * probability * Math.Log(probability);

    // (steps, texts), and the same a step later.
    private static (Tensor Given, Tensor Wanted) Batch(Random draw, int texts)
    {
        var tokens = new long[Steps + 1, texts];
        for (var text = 0; text < texts; text++)
            for (var step = 0; step <= Steps; step++)
                tokens[step, text] = step < 2 || draw.NextDouble() < Anything ? draw.Next(Tokens) : Next[tokens[step - 2, text]];
        var all = tensor(tokens);
        return (all[..Steps], all[1..]);
    }

    private sealed class Network : Module<Tensor, Tensor, Tensor>
    {
        private readonly Embedding embedding = Embedding(Tokens, Width);
        private readonly TransformerEncoder encoder = TransformerEncoder(TransformerEncoderLayer(Width, 2, 64, 0.0), 1);
        private readonly Linear decoder = Linear(Width, Tokens);
        private readonly Tensor places;

        public Network() : base(nameof(Network))
        {
            var place = arange(Steps, float32).unsqueeze(1);
            var rates = (arange(0, Width, 2, float32) * (-Math.Log(100) / Width)).exp();
            places = zeros(Steps, 1, Width);
            places[TensorIndex.Ellipsis, TensorIndex.Slice(0, null, 2)] = (place * rates).sin().unsqueeze(1);
            places[TensorIndex.Ellipsis, TensorIndex.Slice(1, null, 2)] = (place * rates).cos().unsqueeze(1);
            init.uniform_(embedding.weight!, -0.1, 0.1);
            init.uniform_(decoder.weight, -0.1, 0.1);
            init.zeros_(decoder.bias!);
            RegisterComponents();
            Assert.Contains("places", named_buffers().Select(named => named.name));
        }

        /// <summary>Minus infinity wherever a step would see a later one.</summary>
        public Tensor Mask(long steps) => full([steps, steps], float.NegativeInfinity).triu(1);

        public override Tensor forward(Tensor tokens, Tensor mask)
        {
            using var scope = NewDisposeScope();
            var embedded = (embedding.call(tokens) * Math.Sqrt(Width)) + places[..(int)tokens.shape[0]];
            return decoder.call(encoder.call(embedded, mask)).MoveToOuterDisposeScope();
        }
    }
}
