using Repro.Torch;
using Repro.Torch.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>RMSprop (Hinton's lecture 6e): the gradient over the root of its square's running average; centered, over its standard deviation.</summary>
            public static RMSProp RMSProp(IEnumerable<Parameter> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, alpha, eps, weight_decay, momentum, centered, maximize);

            public static RMSProp RMSProp(IEnumerable<RMSProp.ParamGroup> parameters, double lr = 0.01, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0, bool centered = false, bool maximize = false) =>
                new(parameters, lr, alpha, eps, weight_decay, momentum, centered, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    public class RMSProp : DeclaredOptimizer<RMSProp.Options, RMSProp.State>, torch.optim.IMomentum
    {
        public RMSProp(IEnumerable<Parameter> parameters, double lr = 1e-3, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, alpha, eps, weight_decay, momentum, centered, maximize)
        {
        }

        public RMSProp(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double alpha = 0.99, double eps = 1e-8, double weight_decay = 0, double momentum = 0.0, bool centered = false, bool maximize = false)
            : base(new Options { LearningRate = lr, maximize = maximize, momentum = momentum, alpha = alpha, eps = eps, weight_decay = weight_decay, centered = centered }, parameters)
        {
            Require(eps >= 0, nameof(eps), eps);
            Require(alpha >= 0, nameof(alpha), alpha);
            Require(momentum >= 0, nameof(momentum), momentum);
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay);
        }

        public double Momentum
        {
            get => Defaults.momentum!.Value;
            set => Defaults.momentum = value;
        }

        private protected override State NewState(Parameter parameter) => new(parameter);

        // One native call for all the parameters of a group.
        private protected override unsafe void StepGroup(Modules.ParamGroup group)
        {
            var options = (Options)group.Options;
            var parameters = (Parameter[])group.Parameters;
            var states = Array.ConvertAll(parameters, StateOf);
            var steps = Array.ConvertAll(states, state => state.step);
            using var handles = new HandleArray(parameters);
            using var squares = new HandleArray(states.Select(state => state.square_avg), states.Length);
            using var momenta = new HandleArray(states.Select(state => state.momentum_buffer), states.Length);
            using var means = new HandleArray(states.Select(state => state.grad_avg), states.Length);
            int result;
            fixed (long* counts = steps)
                result = Native.rt_rmsprop_step(
                    handles.Pointer, squares.Pointer, momenta.Pointer, means.Pointer, counts, handles.Count, options.LearningRate!.Value, options.alpha!.Value,
                    options.eps!.Value, options.weight_decay!.Value, options.momentum!.Value, options.centered == true ? 1 : 0, options.maximize == true ? 1 : 0);
            for (var i = 0; i < states.Length; i++)
                states[i].Took(steps[i], momenta.Pointer[i], means.Pointer[i]);
            Native.Check(result, "RMSProp.step");
        }

#pragma warning disable CA1034, CA1051 // TorchSharp's nested types and public fields.
        public sealed class State(Parameter parameter) : DeclaredState(parameter)
        {
            public torch.Tensor square_avg = null!;
            [MayBeMissing] public torch.Tensor? momentum_buffer;
            [MayBeMissing] public torch.Tensor? grad_avg;

            // There whether the options use them or not, as in TorchSharp; a file may be without.
            public override void Initialize(OptimizerOptions options)
            {
                base.Initialize(options);
                momentum_buffer = torch.zeros_like(_parameter).DetachFromDisposeScope();
                grad_avg = torch.zeros_like(_parameter).DetachFromDisposeScope();
            }

            internal void Took(long steps, nint momentum, nint mean)
            {
                step = steps;
                Adopt(ref momentum_buffer, momentum);
                Adopt(ref grad_avg, mean);
            }
        }

        public class Options : DeclaredOptions
        {
            public bool? maximize;
            public double? momentum;
            public double? alpha;
            public double? eps;
            public double? weight_decay;
            public bool? centered;
        }

        public class ParamGroup : ParamGroup<Options>, torch.optim.IMomentum
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double eps = 1e-8, double alpha = 0.99, double weight_decay = 0, double momentum = 0.0, bool centered = false)
                : base(parameters, new Options { LearningRate = lr, eps = eps, alpha = alpha, weight_decay = weight_decay, momentum = momentum, centered = centered })
            {
            }

            public double Momentum
            {
                get => Options.momentum!.Value;
                set => Options.momentum = value;
            }
        }
#pragma warning restore CA1034, CA1051
    }
}
