using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Benchmarks.Engine;

/// <summary>Zaremba et al. 2014 (arXiv:1409.2329), small: 2 layers of 200, batch 20, 20 steps, vocabulary 10,000, SGD with the gradient's norm cut at 5.</summary>
internal sealed class LstmStep : IWorkload
{
    private const int Words = 10_000, Width = 200, Batch = 20, Unrolled = 20;
    private readonly LanguageModel _model = new();
    private readonly Tensor _words = randint(0, Words, [Unrolled + 1, Batch]);
    private readonly optim.Optimizer _optimizer;
    private Tensor _hidden = zeros(2, Batch, Width), _cell = zeros(2, Batch, Width);

    public LstmStep() => _optimizer = optim.SGD(_model.parameters(), 1.0);

    /// <summary>A word meets four gates of two matrices in each layer, and the decoder.</summary>
    public static Work Work => Work.Training(
        (double)Batch * Unrolled * (2 * 2 * 4 * Width * Width + Width * Words), 2 * Words * Width + Words + 2 * (2 * 4 * Width * Width + 2 * 4 * Width));

    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        Loss().backward();
        nn.utils.clip_grad_norm_(_model.parameters(), 5);
        _optimizer.step();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _words.Dispose();
        _hidden.Dispose();
        _cell.Dispose();
    }

    // The next step begins with the states in which this one ends; the gradient stays within the step.
    private Tensor Loss()
    {
        var (logits, hidden, cell) = _model.call(_words.narrow(0, 0, Unrolled), _hidden, _cell);
        _hidden.Dispose();
        _cell.Dispose();
        (_hidden, _cell) = (hidden.detach().DetachFromDisposeScope(), cell.detach().DetachFromDisposeScope());
        return functional.cross_entropy(logits.reshape(-1, Words), _words.narrow(0, 1, Unrolled).reshape(-1));
    }

    private sealed class LanguageModel : Module<Tensor, Tensor, Tensor, (Tensor, Tensor, Tensor)>
    {
        private readonly Embedding embedding = Embedding(Words, Width);
        private readonly LSTM lstm = LSTM(Width, Width, 2);
        private readonly Linear decoder = Linear(Width, Words);

        public LanguageModel() : base(nameof(LanguageModel)) => RegisterComponents();

        public override (Tensor, Tensor, Tensor) forward(Tensor words, Tensor hidden, Tensor cell)
        {
            using var x = embedding.call(words);                            // [20, 20, 200]
            var (y, lastHidden, lastCell) = lstm.call(x, (hidden, cell));
            using (y) return (decoder.call(y), lastHidden, lastCell);       // [20, 20, 10000]
        }
    }
}

/// <summary>nanoGPT's setting for a CPU: 4 layers, 4 heads, width 128, context 64, batch 12, no dropout, AdamW.</summary>
internal sealed class CharGptStep : IWorkload
{
    private const int Characters = 65, Width = 128, Heads = 4, Layers = 4, Context = 64, Batch = 12;
    private readonly CharGpt _model = new();
    private readonly Tensor _text = randint(0, Characters, [Batch, Context + 1]);
    private readonly optim.Optimizer _optimizer;

    public CharGptStep() => _optimizer = optim.AdamW(_model.parameters(), 1e-3, 0.9, 0.99, weight_decay: 0.1);

    /// <summary>A layer's matrices are 3 + 1 + 4 + 4 squares of the width; a character looks at half of the context on average, for the weights and for the values.</summary>
    public static Work Work => Work.Training(
        (double)Batch * Context * (Layers * (12 * Width * Width + 2 * Width * (Context + 1) / 2) + Width * Characters),
        Width * (Characters + Context + 2) + Layers * (12 * Width * Width + 13 * Width), state: 2);

    public void Step()
    {
        using var scope = NewDisposeScope();
        _optimizer.zero_grad();
        Loss().backward();
        _optimizer.step();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _text.Dispose();
    }

    private Tensor Loss() => functional.cross_entropy(
        _model.call(_text.narrow(1, 0, Context)).reshape(-1, Characters), _text.narrow(1, 1, Context).reshape(-1));

    private sealed class CharGpt : Module<Tensor, Tensor>
    {
        private readonly Embedding wte = Embedding(Characters, Width);
        private readonly Embedding wpe = Embedding(Context, Width);
        private readonly ModuleList<CausalBlock> blocks = ModuleList([.. Enumerable.Range(0, Layers).Select(_ => new CausalBlock())]);
        private readonly LayerNorm ln_f = LayerNorm(Width);

        public CharGpt() : base(nameof(CharGpt)) => RegisterComponents();

        public override Tensor forward(Tensor text)                         // [12, 64]
        {
            using var places = arange(text.size(1));
            using var words = wte.call(text);
            using var positions = wpe.call(places);
            var h = words + positions;                                      // [12, 64, 128]
            foreach (var block in blocks)
            {
                using var before = h;
                h = block.call(before);
            }
            using (h)
            {
                using var normed = ln_f.call(h);
                return functional.linear(normed, wte.weight!);              // [12, 64, 65]
            }
        }
    }

    private sealed class CausalBlock : Module<Tensor, Tensor>
    {
        private readonly LayerNorm ln_1 = LayerNorm(Width);
        private readonly LayerNorm ln_2 = LayerNorm(Width);
        private readonly Linear c_attn = Linear(Width, 3 * Width);
        private readonly Linear c_proj = Linear(Width, Width);
        private readonly Linear fc = Linear(Width, 4 * Width);
        private readonly Linear proj = Linear(4 * Width, Width);

        public CausalBlock() : base(nameof(CausalBlock)) => RegisterComponents();

        public override Tensor forward(Tensor x)                            // [b, t, 128]
        {
            using var attended = Attention(x);
            using var middle = x + attended;
            using var fed = FeedForward(middle);
            return middle + fed;
        }

        private Tensor Attention(Tensor x)
        {
            var (b, t) = (x.size(0), x.size(1));
            using var normed = ln_1.call(x);
            using var joined = c_attn.call(normed);                         // [b, t, 3 * 128]
            using var five = joined.view(b, t, 3, Heads, Width / Heads);
            using var parts = five.permute(2, 0, 3, 1, 4);                  // [3, b, heads, t, 32]
            using Tensor q = parts[0], k = parts[1], v = parts[2];
            using var heads = functional.scaled_dot_product_attention(q, k, v, is_casual: true);
            using var turned = heads.transpose(1, 2);
            using var side = turned.reshape(b, t, Width);
            return c_proj.call(side);
        }

        private Tensor FeedForward(Tensor x)
        {
            using var normed = ln_2.call(x);
            using var wide = fc.call(normed);                               // [b, t, 512]
            using var active = functional.gelu(wide, TorchSharp.Modules.GELU.Approximate.tanh);
            return proj.call(active);
        }
    }
}
