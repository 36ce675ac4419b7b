using Repro.Torch;
using Repro.Torch.Interop;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Adagrad (Duchi et al. 2011): the gradient over the root of the sum of all its squares so far.</summary>
            public static Adagrad Adagrad(IEnumerable<Parameter> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters, lr, lr_decay, weight_decay, initial_accumulator_value, eps);

            public static Adagrad Adagrad(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters.Select(named => named.parameter), lr, lr_decay, weight_decay, initial_accumulator_value, eps);

            public static Adagrad Adagrad(IEnumerable<Adagrad.ParamGroup> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10) =>
                new(parameters, lr, lr_decay, weight_decay, initial_accumulator_value, eps);
        }
    }
}

namespace TorchSharp.Modules
{
    public class Adagrad : DeclaredOptimizer<Adagrad.Options, Adagrad.State>
    {
        public Adagrad(IEnumerable<Parameter> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
            : this([new ParamGroup { Parameters = parameters }], lr, lr_decay, weight_decay, initial_accumulator_value, eps)
        {
        }

        public Adagrad(IEnumerable<ParamGroup> parameters, double lr = 1e-2, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
            : base(new Options { LearningRate = lr, lr_decay = lr_decay, initial_accumulator_value = initial_accumulator_value, eps = eps, weight_decay = weight_decay }, parameters)
        {
            Require(eps >= 0, nameof(eps), eps);
            Require(lr_decay >= 0, nameof(lr_decay), lr_decay);
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay);
            Require(initial_accumulator_value >= 0, nameof(initial_accumulator_value), initial_accumulator_value);
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
            using var sums = new HandleArray(states.Select(state => state.sum), states.Length);
            int result;
            fixed (long* counts = steps)
                result = Native.rt_adagrad_step(
                    handles.Pointer, sums.Pointer, counts, handles.Count, options.LearningRate!.Value, options.lr_decay!.Value, options.eps!.Value, options.weight_decay!.Value);
            for (var i = 0; i < states.Length; i++)
                states[i].step = steps[i];
            Native.Check(result, "Adagrad.step");
        }

#pragma warning disable CA1034, CA1051 // TorchSharp's nested types and public fields.
        public sealed class State(Parameter parameter) : DeclaredState(parameter)
        {
            public torch.Tensor sum = null!;

            public override void Initialize(OptimizerOptions options)
            {
                base.Initialize(options);
                sum.fill_(((Options)options).initial_accumulator_value!.Value);
            }
        }

        public class Options : DeclaredOptions
        {
            public double? lr_decay;
            public double? initial_accumulator_value;
            public double? eps;
            public double? weight_decay;
        }

        public class ParamGroup : ParamGroup<Options>
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.01, double lr_decay = 0, double weight_decay = 0, double initial_accumulator_value = 0, double eps = 1e-10)
                : base(parameters, new Options { LearningRate = lr, lr_decay = lr_decay, initial_accumulator_value = initial_accumulator_value, weight_decay = weight_decay, eps = eps })
            {
            }
        }
#pragma warning restore CA1034, CA1051
    }
}
