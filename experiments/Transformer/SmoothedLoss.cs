using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Repro.Experiments.Transformer;

/// <summary>
/// Cross-entropy against a target that gives 1 - epsilon to the right symbol and spreads epsilon evenly over all symbols, the right one included (section 5.4; Szegedy et
/// al. 2016, section 7).
/// </summary>
/// <remarks>
/// With logits z, it is logsumexp(z) - (1 - epsilon) z_right - epsilon mean(z): the plain cross-entropy plus epsilon (z_right - mean(z)). As z = E s with the table E, the last
/// two are products of the state with one row each, E_right and the mean of all rows, and need no further pass over the logits.
/// </remarks>
internal static class SmoothedLoss
{
    /// <param name="states">The decoder's states where a symbol is expected: [M, d].</param>
    /// <param name="expected">[M], int64.</param>
    /// <returns>The mean loss, and the mean of the plain cross-entropy without a gradient; both in nats.</returns>
    public static (Tensor Loss, Tensor CrossEntropy) Of(TransformerModel model, Tensor states, Tensor expected, double epsilon)
    {
        using var logits = model.Logits(states);                    // [M, symbols]
        var plain = functional.cross_entropy(logits, expected);
        if (epsilon == 0) return (plain, plain.detach());
        using var right = model.Table.index_select(0, expected);    // [M, d]
        using var average = model.Table.mean([0], keepdim: true);   // [1, d]
        using var difference = right - average;                     // [M, d]
        using var products = states * difference;
        using var sum = products.sum();                             // of z_right - mean(z)
        using var share = sum.mul(epsilon / expected.shape[0]);
        using (plain) return (plain + share, plain.detach());
    }
}
