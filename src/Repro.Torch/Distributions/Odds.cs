using Repro.Torch.Dispatch;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch;

/// <summary>Probabilities, given as such or as logits; the other is computed when it is first asked for.</summary>
internal sealed class Odds : IDisposable
{
    private readonly bool binary;
    private Tensor? probabilities;
    private Tensor? logits;

    /// <param name="binary">One probability a member of the batch; otherwise one a category along the last dimension, which are normalized.</param>
    public Odds(Tensor? probs, Tensor? logits, bool binary)
    {
        if (probs is null == logits is null)
            throw new ArgumentException("Either probabilities or logits must be given, and not both.");
        this.binary = binary;
        using var scope = NewDisposeScope();
        probabilities = (probs is null ? null : binary ? probs.alias() : probs / probs.sum(-1, keepdim: true))?.DetachFromDisposeScope();
        this.logits = (logits is null ? null : binary ? logits.alias() : logits - logits.logsumexp(-1, keepdim: true))?.DetachFromDisposeScope();
        GivenAsProbabilities = probs is not null;
    }

    public bool GivenAsProbabilities { get; }

    public Tensor Given => GivenAsProbabilities ? probabilities! : logits!;

    public Tensor Probabilities => probabilities ??= Computed(() => binary ? logits!.sigmoid() : logits!.softmax(-1));

    public Tensor Logits => logits ??= Computed(() =>
    {
        var epsilon = distributions.FloatType.Epsilon(Given.dtype);
        var inside = Ops.clamp.Call(probabilities!, (Scalar)epsilon, (Scalar)(1 - epsilon));
        return binary ? inside.log() - (-inside).log1p() : inside.log();
    });

    /// <summary>What was given, in another shape, for another distribution's constructor.</summary>
    public (Tensor? Probs, Tensor? Logits) Expand(long[] shape) => GivenAsProbabilities ? (Given.expand(shape), null) : (null, Given.expand(shape));

    public void Dispose()
    {
        probabilities?.Dispose();
        logits?.Dispose();
    }

    private static Tensor Computed(Func<Tensor> formula)
    {
        using var grad = enable_grad();
        return WrappedTensorDisposeScope(formula).DetachFromDisposeScope();
    }
}
