using TorchSharp.Modules;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Limited-memory BFGS with a fixed step length (Nocedal 1980); every step evaluates the closure many times.</summary>
            /// <param name="max_eval">Evaluations of the closure in a step, at most; null for 5/4 of <paramref name="max_iter"/>.</param>
            /// <param name="tolerange_grad">A step ends where no element of the gradient is larger.</param>
            /// <param name="tolerance_change">A step ends where neither the loss nor any parameter changes by more.</param>
            /// <param name="history_size">Past changes that the curvature is estimated from; each takes as much memory as the parameters do.</param>
            public static LBFGS LBFGS(IEnumerable<Parameter> parameters, double lr = 0.01, long max_iter = 20, long? max_eval = null, double tolerange_grad = 1e-5, double tolerance_change = 1e-9, long history_size = 100) =>
                new([.. parameters], lr, max_iter, max_eval ?? (5 * max_iter / 4), tolerange_grad, tolerance_change, history_size);

            public static LBFGS LBFGS(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 0.01, long max_iter = 20, long? max_eval = null, double tolerange_grad = 1e-5, double tolerance_change = 1e-9, long history_size = 100) =>
                LBFGS(parameters.Select(named => named.parameter), lr, max_iter, max_eval, tolerange_grad, tolerance_change, history_size);
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>One parameter group only. Its state is not saved, as in TorchSharp.</summary>
    public class LBFGS : torch.optim.Optimizer, torch.optim.ILearningRateController
    {
        private readonly Parameter[] all;
        private readonly long mostIterations;
        private readonly long mostEvaluations;
        private readonly double gradientTolerance;
        private readonly double changeTolerance;
        private readonly long historySize;
        private readonly List<(torch.Tensor Gradient, torch.Tensor Step, double Inverse)> history = [];
        private long iterations;
        private torch.Tensor? direction;
        private torch.Tensor? lastGradient;
        private double length;
        private double scale = 1;

        internal LBFGS(Parameter[] parameters, double lr, long max_iter, long max_eval, double tolerance_grad, double tolerance_change, long history_size)
        {
            if (lr < 0)
                throw new ArgumentException($"Invalid learning rate: {lr}");
            all = parameters;
            (mostIterations, mostEvaluations, historySize) = (max_iter, max_eval, history_size);
            (gradientTolerance, changeTolerance) = (tolerance_grad, tolerance_change);
            _parameter_groups.Add(new ParamGroup { Parameters = parameters, Options = new OptimizerOptions { LearningRate = lr, InitialLearningRate = lr } });
        }

        public double LearningRate
        {
            get => _parameter_groups[0].LearningRate;
            set => _parameter_groups[0].LearningRate = value;
        }

        public double InitialLearningRate
        {
            get => _parameter_groups[0].InitialLearningRate;
            set => _parameter_groups[0].InitialLearningRate = value;
        }

        public override void add_param_group(ParamGroup param_group) => throw new NotImplementedException("LBFGS has one parameter group.");

        /// <param name="closure">Drops the gradients, computes the loss and the gradients anew, and gives the loss; called several times.</param>
        /// <returns>The loss before the step.</returns>
        public override torch.Tensor step(Func<torch.Tensor>? closure = null)
        {
            ArgumentNullException.ThrowIfNull(closure);
            using var gradients = torch.no_grad();
            using var scope = torch.NewDisposeScope();
            var firstLoss = Evaluate(closure);
            var loss = firstLoss.ToDouble();
            var gradient = Gradient();
            if (Largest(gradient) > gradientTolerance)
                Descend(closure, gradient, loss);
            return firstLoss.MoveToOuterDisposeScope();
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                foreach (var (gradient, step, _) in history)
                {
                    gradient.Dispose();
                    step.Dispose();
                }
                history.Clear();
                direction?.Dispose();
                lastGradient?.Dispose();
            }
            base.Dispose(disposing);
        }

        private void Descend(Func<torch.Tensor> closure, torch.Tensor gradient, double loss)
        {
            var rate = LearningRate;
            long evaluations = 1;
            for (var i = 1L; i <= mostIterations; i++)
            {
                using var intermediates = torch.NewDisposeScope();
                iterations++;
                Keep(ref direction, iterations == 1 ? gradient.neg() : NewDirection(gradient));
                Keep(ref lastGradient, gradient.clone());
                var lossBefore = loss;
                length = iterations == 1 ? Math.Min(1, 1 / Sum(gradient)) * rate : rate;
                if (Dot(gradient, direction!) > -changeTolerance)
                    break;
                Move();
                if (i == mostIterations)
                    break;
                using (var now = Evaluate(closure))
                    loss = now.ToDouble();
                gradient = Gradient().MoveToOuterDisposeScope();
                if (++evaluations >= mostEvaluations || Largest(gradient) <= gradientTolerance
                    || Largest(direction!) * length <= changeTolerance || Math.Abs(loss - lossBefore) < changeTolerance)
                    break;
            }
        }

        /// <summary>The two-loop recursion: the inverse of the estimated curvature, times the negative gradient.</summary>
        private torch.Tensor NewDirection(torch.Tensor gradient)
        {
            var change = gradient.sub(lastGradient!);
            var step = direction!.mul(length);
            var product = Dot(change, step);
            if (product > 1e-10)
            {
                if (history.Count == historySize)
                {
                    history[0].Gradient.Dispose();
                    history[0].Step.Dispose();
                    history.RemoveAt(0);
                }
                history.Add((change.DetachFromDisposeScope(), step.DetachFromDisposeScope(), 1 / product));
                scale = product / Dot(change, change);
            }
            var result = gradient.neg();
            var weights = new double[history.Count];
            for (var i = history.Count - 1; i >= 0; i--)
            {
                weights[i] = Dot(history[i].Step, result) * history[i].Inverse;
                result.add_(history[i].Gradient, alpha: -weights[i]);
            }
            result.mul_(scale);
            for (var i = 0; i < history.Count; i++)
                result.add_(history[i].Step, alpha: weights[i] - (Dot(history[i].Gradient, result) * history[i].Inverse));
            return result;
        }

        private void Move()
        {
            var at = 0L;
            foreach (var parameter in all)
            {
                var count = parameter.numel();
                using var part = direction!.narrow(0, at, count);
                using var shaped = part.view(parameter.shape);
                parameter.add_(shaped, alpha: length);
                at += count;
            }
        }

        private torch.Tensor Gradient() => torch.cat(Array.ConvertAll(all, parameter => parameter.grad is { } grad
            ? (grad.is_sparse ? grad.to_dense() : grad).reshape(-1)
            : torch.zeros([parameter.numel()], parameter.dtype, parameter.device)));

        private static torch.Tensor Evaluate(Func<torch.Tensor> closure)
        {
            using var gradients = torch.enable_grad();
            return closure();
        }

        private static void Keep(ref torch.Tensor? place, torch.Tensor value)
        {
            place?.Dispose();
            place = value.DetachFromDisposeScope();
        }

        private static double Dot(torch.Tensor left, torch.Tensor right)
        {
            using var product = left.dot(right);
            return product.ToDouble();
        }

        private static double Largest(torch.Tensor tensor)
        {
            using var sizes = tensor.abs();
            using var largest = sizes.max();
            return largest.ToDouble();
        }

        private static double Sum(torch.Tensor tensor)
        {
            using var sizes = tensor.abs();
            using var sum = sizes.sum();
            return sum.ToDouble();
        }
    }
}
