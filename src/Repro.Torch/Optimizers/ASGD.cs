using Repro.Torch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Averaged stochastic gradient descent (Polyak and Juditsky 1992): the average of the parameter is in its state.</summary>
            public static ASGD ASGD(IEnumerable<Parameter> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
                new(parameters, lr, lambd, alpha, t0, weight_decay, maximize);

            public static ASGD ASGD(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, lambd, alpha, t0, weight_decay, maximize);

            public static ASGD ASGD(IEnumerable<ParamGroup<ASGD.Options>> parameters, double lr = 1e-3, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false) =>
                new(parameters, lr, lambd, alpha, t0, weight_decay, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    public class ASGD : ParameterwiseOptimizer<ASGD.Options, ASGD.State>
    {
        public ASGD(IEnumerable<Parameter> parameters, double lr = 0.01, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, lambd, alpha, t0, weight_decay, maximize)
        {
        }

        public ASGD(IEnumerable<ParamGroup<Options>> parameters, double lr = 0.01, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0, bool maximize = false)
            : base(new Options { LearningRate = lr, lambd = lambd, alpha = alpha, t0 = t0, weight_decay = weight_decay, maximize = maximize }, parameters)
        {
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay);
        }

        private protected override State NewState(Parameter parameter) => new(parameter);

        private protected override void Update(Parameter parameter, torch.Tensor gradient, State state, Options options)
        {
            parameter.mul_(1 - (options.lambd!.Value * state.eta));
            parameter.add_(gradient, alpha: -state.eta);
            if (state.mu == 1)
                state.ax.copy_(parameter);
            else
                state.ax.add_(parameter.sub(state.ax).mul_(state.mu));
            state.eta = options.LearningRate!.Value / Math.Pow(1 + (options.lambd.Value * options.LearningRate.Value * state.step), options.alpha!.Value);
            state.mu = 1 / Math.Max(1, state.step - options.t0!.Value);
        }

#pragma warning disable CA1034, CA1051 // TorchSharp's nested types and public fields.
        public sealed class State(Parameter parameter) : DeclaredState(parameter)
        {
            public double eta;
            public double mu;
            public torch.Tensor ax = null!;

            public override void Initialize(OptimizerOptions options)
            {
                base.Initialize(options);
                (eta, mu) = (options.LearningRate!.Value, 1);
            }
        }

        public class Options : DeclaredOptions
        {
            public bool? maximize;
            public double? lambd;
            public double? alpha;
            public double? weight_decay;
            public double? t0;

            internal override bool Maximizes => maximize == true;

            internal override double Decay => weight_decay!.Value;
        }

        public class ParamGroup : ParamGroup<Options>
        {
            public ParamGroup()
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options)
            {
            }

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 0.01, double lambd = 1e-4, double alpha = 0.75, double t0 = 1e6, double weight_decay = 0)
                : base(parameters, new Options { LearningRate = lr, lambd = lambd, alpha = alpha, t0 = t0, weight_decay = weight_decay })
            {
            }
        }
#pragma warning restore CA1034, CA1051
    }
}
