using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class utils
        {
            /// <summary>Scales all gradients down together where their norm, as of one vector, is above <paramref name="max_norm"/>.</summary>
            /// <returns>The norm before.</returns>
            public static double clip_grad_norm_(IEnumerable<Parameter> tensors, double max_norm, double norm_type = 2.0)
            {
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                var gradients = tensors.Select(parameter => parameter.grad).Where(gradient => gradient is not null).ToArray();
                if (gradients.Length == 0)
                    return 0;
                var norms = stack(gradients.Select(gradient => double.IsPositiveInfinity(norm_type)
                    ? gradient!.abs().max()
                    : linalg.vector_norm(gradient!, norm_type).to(gradients[0]!.device)));
                var total = (double.IsPositiveInfinity(norm_type) ? norms.max() : linalg.vector_norm(norms, norm_type)).ToScalar().ToDouble();
                var factor = max_norm / (total + 1e-6);
                if (!(factor >= 1)) // NaN included, as in PyTorch
                    foreach (var gradient in gradients)
                        gradient!.mul_(factor);
                return total;
            }

            /// <summary>Limits every element of every gradient to +-<paramref name="clip_value"/>.</summary>
            public static void clip_grad_value_(IEnumerable<Parameter> tensors, double clip_value)
            {
                using var grad = no_grad();
                foreach (var parameter in tensors)
                {
                    using var gradient = parameter.grad;
                    gradient?.clamp_((Scalar)(-clip_value), (Scalar)clip_value);
                }
            }

            /// <summary>All parameters end to end.</summary>
            public static Tensor parameters_to_vector(IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                return cat(tensors.Select(parameter => parameter.view(-1)).ToArray()).MoveToOuterDisposeScope();
            }

            public static void vector_to_parameters(Tensor vec, IEnumerable<Parameter> tensors)
            {
                using var scope = NewDisposeScope();
                using var grad = no_grad();
                long at = 0;
                foreach (var parameter in tensors)
                {
                    var count = parameter.numel();
                    parameter.copy_(vec.narrow(0, at, count).view(parameter.shape));
                    at += count;
                }
            }
        }
    }
}
