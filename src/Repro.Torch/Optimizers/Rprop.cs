using Repro.Torch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Resilient backpropagation (Riedmiller and Braun 1993): a step length an element, longer while the gradient keeps its sign. For whole batches.</summary>
            public static Rprop Rprop(IEnumerable<Parameter> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
                new(parameters, lr, etaminus, etaplus, min_step, max_step, maximize);

            public static Rprop Rprop(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, etaminus, etaplus, min_step, max_step, maximize);

            public static Rprop Rprop(IEnumerable<Rprop.ParamGroup> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false) =>
                new(parameters, lr, etaminus, etaplus, min_step, max_step, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    public class Rprop : ParameterwiseOptimizer<Rprop.Options, Rprop.State>
    {
        public Rprop(IEnumerable<Parameter> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, etaminus, etaplus, min_step, max_step, maximize)
        {
        }

        public Rprop(IEnumerable<ParamGroup> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false)
            : base(new Options { LearningRate = lr, etaminus = etaminus, etaplus = etaplus, min_step = min_step, max_step = max_step, maximize = maximize }, parameters)
        {
            Require(etaminus is > 0 and < 1, nameof(etaminus), etaminus);
            Require(etaplus > 1, nameof(etaplus), etaplus);
        }

        private protected override State NewState(Parameter parameter) => new(parameter);

        private protected override void Update(Parameter parameter, torch.Tensor gradient, State state, Options options)
        {
            var agreement = gradient.mul(state.prev);
            var turned = agreement.lt(0);
            var factor = torch.ones_like(agreement).masked_fill_(agreement.gt(0), options.etaplus!.Value).masked_fill_(turned, options.etaminus!.Value);
            state.step_size.mul_(factor).clamp_(options.min_step!.Value, options.max_step!.Value);
            state.prev.copy_(gradient).masked_fill_(turned, 0);
            parameter.addcmul_(state.prev.sign(), state.step_size, -1);
        }

#pragma warning disable CA1034, CA1051 // TorchSharp's nested types and public fields.
        public sealed class State(Parameter parameter) : DeclaredState(parameter)
        {
            public torch.Tensor prev = null!;
            public torch.Tensor step_size = null!;

            public override void Initialize(OptimizerOptions options)
            {
                base.Initialize(options);
                step_size.fill_(options.LearningRate!.Value);
            }
        }

        public class Options : DeclaredOptions
        {
            public bool? maximize;
            public double? etaminus;
            public double? etaplus;
            public double? min_step;
            public double? max_step;

            internal override bool Maximizes => maximize == true;
        }

        public class ParamGroup : ParamGroup<Options>
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-2, double etaminus = 0.5, double etaplus = 1.2, double min_step = 1e-6, double max_step = 50, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, etaminus = etaminus, etaplus = etaplus, min_step = min_step, max_step = max_step, maximize = maximize })
            {
            }
        }
#pragma warning restore CA1034, CA1051
    }
}
