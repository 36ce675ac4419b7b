using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Repro.Experiments.Airbench;

/// <summary>
/// Momentum orthogonalized by Newton-Schulz (Jordan et al. 2024, "Muon: an optimizer for hidden layers in neural networks"), for convolution
/// filters: each parameter is rescaled to norm sqrt(filters), then moved by the learning rate times the nearest semi-orthogonal matrix to its
/// momentum, the filters being rows. Its step is the same for a summed and for a mean loss.
/// </summary>
internal sealed class Muon : OptimizerHelper
{
    private readonly double _momentum;
    private readonly int _iterations;

    /// <param name="parameters">With at least two dimensions; the first one counts the rows.</param>
    /// <param name="iterations">Newton-Schulz steps; airbench takes 3.</param>
    public Muon(IEnumerable<Parameter> parameters, double learningRate, double momentum, int iterations)
    {
        (_momentum, _iterations) = (momentum, iterations);
        _defaults = new OptimizerOptions { LearningRate = learningRate, InitialLearningRate = learningRate };
        _parameter_groups = [];
        add_param_group(new ParamGroup { Parameters = parameters.ToList() });
    }

    public override void add_param_group(ParamGroup param_group)
    {
        param_group.Options ??= new OptimizerOptions { LearningRate = _defaults.LearningRate, InitialLearningRate = _defaults.InitialLearningRate };
        _parameter_groups.Add(param_group);
        foreach (var parameter in param_group.Parameters) _state[parameter.Handle] = new Momentum(parameter);
    }

    public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(
        group =>
        {
            foreach (var parameter in group.Parameters)
            {
                if (parameter.grad is not { } gradient) continue;
                var state = (Momentum)_state[parameter.Handle];
                state.momentum_buffer ??= zeros_like(gradient).DetachFromDisposeScope();
                state.momentum_buffer.mul_(_momentum).add_(gradient);
                var nesterov = gradient.add(state.momentum_buffer, alpha: _momentum);
                var rows = parameter.shape[0];
                parameter.mul_(Math.Sqrt(rows) / parameter.norm());
                var update = Orthogonalize(nesterov.reshape(rows, -1), _iterations).reshape(parameter.shape);
                parameter.add_(update, alpha: -group.LearningRate);
            }
        },
        closure!);

    /// <summary>
    /// Moves the singular values of a matrix towards 1 and leaves its singular vectors: a quintic iteration whose coefficients were chosen for
    /// the steepest start, so that singular values end between about 0.5 and 1.5 and not at 1.
    /// </summary>
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
        return (tall ? x.t().contiguous() : x).MoveToOuterDisposeScope();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            foreach (var group in _parameter_groups)
            {
                foreach (var parameter in group.Parameters) ((Momentum)_state[parameter.Handle]).momentum_buffer?.Dispose();
            }
        }
        base.Dispose(disposing);
    }

    /// <summary>The running sum of gradients of one parameter; null before the first step.</summary>
    internal sealed class Momentum(Parameter parameter) : OptimizerState(parameter)
    {
#pragma warning disable CA1051 // Checkpoints take an optimizer's state from its public fields, as TorchSharp's own optimizers have them.
        public Tensor? momentum_buffer;
#pragma warning restore CA1051

        public override void Initialize(OptimizerOptions options)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = null;
        }

        public override void LoadStateDict(OptimizerState source)
        {
            momentum_buffer?.Dispose();
            momentum_buffer = ((Momentum)source).momentum_buffer?.clone().DetachFromDisposeScope();
        }

        public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer!, _parameter.device);

        public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer!);
    }
}
