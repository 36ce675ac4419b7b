using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Airbench;

/// <summary>
/// Momentum orthogonalized by Newton-Schulz (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"), for convolution
/// filters: each parameter is rescaled to norm sqrt(filters), then moved by the learning rate times the nearest semi-orthogonal matrix to its
/// Nesterov momentum, the filters being rows. Its step is the same for a summed and for a mean loss.
/// </summary>
/// <remarks>Parameters, momentum buffers, options and their way into checkpoints are SGD's; only the step is its own.</remarks>
internal sealed class Muon : SGD
{
    private readonly IReadOnlyList<Parameter> _parameters;
    private readonly int _iterations;

    /// <param name="parameters">With at least two dimensions; the first one counts the rows.</param>
    /// <param name="momentum">Above 0.</param>
    /// <param name="iterations">Newton-Schulz steps; airbench takes 3.</param>
    public Muon(IReadOnlyList<Parameter> parameters, double learningRate, double momentum, int iterations)
        : base(parameters, learningRate, momentum, nesterov: true)
    {
        (_parameters, _iterations) = (parameters, iterations);
    }

    public override Tensor step(Func<Tensor>? closure = null)
    {
        var loss = closure?.Invoke();
        using var withoutGradients = no_grad();
        var rate = ParamGroups.Single().LearningRate;
        foreach (var (parameter, state) in _parameters.Zip(state_dict().State.Cast<State>()))
        {
            using var scope = NewDisposeScope();
            if (parameter.grad is not { } gradient) continue;
            if (state.momentum_buffer is null) state.momentum_buffer = gradient.clone().DetachFromDisposeScope();
            else state.momentum_buffer.mul_(Momentum).add_(gradient);
            var nesterov = gradient.add(state.momentum_buffer, alpha: Momentum);
            var rows = parameter.shape[0];
            parameter.mul_(Math.Sqrt(rows) / parameter.norm());
            parameter.add_(Orthogonalize(nesterov.reshape(rows, -1), _iterations).reshape(parameter.shape), alpha: -rate);
        }
        return loss!;
    }

    /// <summary>
    /// Moves the singular values of a matrix towards 1 and leaves its singular vectors: a quintic iteration whose coefficients were chosen for
    /// the steepest start, so that after some steps singular values lie between about 0.7 and 1.2 and not at 1.
    /// </summary>
    /// <remarks>In float32; airbench computes it in bfloat16.</remarks>
    internal static Tensor Orthogonalize(Tensor matrix, int iterations)
    {
        const double A = 3.4445, B = -4.7750, C = 2.0315;
        using var scope = NewDisposeScope();
        var tall = matrix.shape[0] > matrix.shape[1];
        var x = matrix / (matrix.norm() + 1e-7);        // the largest singular value is at most the Frobenius norm
        if (tall) x = x.t();
        for (var i = 0; i < iterations; i++)
        {
            var gram = x.matmul(x.t());
            var polynomial = (gram * B) + (gram.matmul(gram) * C);
            x = (x * A) + polynomial.matmul(x);
        }
        return (tall ? x.t() : x).contiguous().MoveToOuterDisposeScope();
    }
}
