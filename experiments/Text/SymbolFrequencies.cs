using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Text;

/// <summary>The same logits at every place, whatever stands there: learns how often each symbol occurs, and nothing else.</summary>
internal sealed class SymbolFrequencies : Module<Tensor, Tensor>
{
    private readonly Parameter logits;

    /// <param name="symbols">Different ones.</param>
    public SymbolFrequencies(int symbols)
        : base(nameof(SymbolFrequencies))
    {
        logits = new Parameter(zeros([symbols]));
        RegisterComponents();
    }

    /// <summary>[...] symbols to [..., symbols] logits.</summary>
    public override Tensor forward(Tensor inputs) => logits.expand([.. inputs.shape, logits.numel()]);
}
