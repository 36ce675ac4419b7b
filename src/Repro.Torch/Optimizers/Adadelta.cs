using Repro.Torch;
using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Adadelta (Zeiler 2012): the gradient times the ratio of two running averages, of past changes and of past gradients.</summary>
            public static Adadelta Adadelta(IEnumerable<Parameter> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
                new(parameters, lr, rho, eps, weight_decay, maximize);

            public static Adadelta Adadelta(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, rho, eps, weight_decay, maximize);

            public static Adadelta Adadelta(IEnumerable<Adadelta.ParamGroup> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false) =>
                new(parameters, lr, rho, eps, weight_decay, maximize);
        }
    }
}

namespace TorchSharp.Modules
{
    public class Adadelta : ParameterwiseOptimizer<Adadelta.Options, Adadelta.State>
    {
        public Adadelta(IEnumerable<Parameter> parameters, double lr, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, rho, eps, weight_decay, maximize)
        {
        }

        public Adadelta(IEnumerable<ParamGroup> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false)
            : base(new Options { LearningRate = lr, rho = rho, eps = eps, weight_decay = weight_decay, maximize = maximize }, parameters)
        {
            Require(rho is >= 0 and <= 1, nameof(rho), rho);
            Require(eps >= 0, nameof(eps), eps);
            Require(weight_decay >= 0, nameof(weight_decay), weight_decay);
        }

        private protected override State NewState(Parameter parameter) => new(parameter);

        private protected override void Update(Parameter parameter, torch.Tensor gradient, State state, Options options)
        {
            var (rho, eps) = (options.rho!.Value, options.eps!.Value);
            state.square_avg.mul_(rho).addcmul_(gradient, gradient, 1 - rho);
            var deviation = state.square_avg.add(eps).sqrt_();
            var change = state.acc_delta.add(eps).sqrt_().div_(deviation).mul_(gradient);
            parameter.add_(change, alpha: -options.LearningRate!.Value);
            state.acc_delta.mul_(rho).addcmul_(change, change, 1 - rho);
        }

#pragma warning disable CA1034, CA1051 // TorchSharp's nested types and public fields.
        public sealed class State(Parameter parameter) : DeclaredState(parameter)
        {
            public torch.Tensor square_avg = null!;
            public torch.Tensor acc_delta = null!;
        }

        public class Options : DeclaredOptions
        {
            public double? rho;
            public double? eps;
            public double? weight_decay;
            public bool? maximize;

            internal override double Decay => weight_decay!.Value;

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

            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1.0, double rho = 0.9, double eps = 1e-6, double weight_decay = 0, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, rho = rho, eps = eps, weight_decay = weight_decay, maximize = maximize })
            {
            }
        }
#pragma warning restore CA1034, CA1051
    }
}
