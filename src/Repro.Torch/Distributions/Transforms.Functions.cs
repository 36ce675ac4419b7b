using static TorchSharp.torch.distributions.constraints;

namespace TorchSharp;

#pragma warning disable CA1034 // TorchSharp's nested types.
public static partial class torch
{
    public static partial class distributions
    {
        public static partial class transforms
        {
            /// <summary>Rises everywhere.</summary>
            public abstract class Rising : Transform
            {
                private protected Rising()
                {
                }

                public override bool bijective => true;

                protected internal override Tensor _sign() => 1;
            }

            public class ExpTransform : Rising
            {
                public override Constraint domain => constraints.real;

                public override Constraint codomain => constraints.positive;

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => x;

                protected internal override Tensor _call(Tensor x) => x.exp();

                protected internal override Tensor _inverse(Tensor y) => y.log();
            }

            public class LogTransform : Rising
            {
                public override Constraint domain => constraints.positive;

                public override Constraint codomain => constraints.real;

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => -y;

                protected internal override Tensor _call(Tensor x) => x.log();

                protected internal override Tensor _inverse(Tensor y) => y.exp();
            }

            /// <summary>A positive number to a power.</summary>
            public class PowerTransform(Tensor exponent) : Rising
            {
                private readonly Tensor exponent = exponent.alias().DetachFromDisposeScope();

                public override Constraint domain => constraints.positive;

                public override Constraint codomain => constraints.positive;

                public override long[] forward_shape(long[] shape) => Broadcast(shape, exponent.shape);

                public override long[] inverse_shape(long[] shape) => Broadcast(shape, exponent.shape);

                protected internal override Tensor _sign() => exponent.sign();

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => (exponent * y / x).abs().log();

                protected internal override Tensor _call(Tensor x) => x.pow(exponent);

                protected internal override Tensor _inverse(Tensor y) => y.pow(1 / exponent);
            }

            public class SigmoidTransform : Rising
            {
                public override Constraint domain => constraints.real;

                public override Constraint codomain => unit_interval;

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => -(-x).softplus() - x.softplus();

                protected internal override Tensor _call(Tensor x) => Inside(x.sigmoid());

                protected internal override Tensor _inverse(Tensor y) => Inside(y) is var inside ? inside.log() - (-inside).log1p() : null!;

                private static Tensor Inside(Tensor y) => y.clamp((Scalar)FloatType.Tiny(y.dtype), (Scalar)(1 - FloatType.Epsilon(y.dtype)));
            }

            public class SoftplusTransform : Rising
            {
                public override Constraint domain => constraints.real;

                public override Constraint codomain => constraints.positive;

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => -(-x).softplus();

                protected internal override Tensor _call(Tensor x) => x.softplus();

                protected internal override Tensor _inverse(Tensor y) => (-y).expm1().neg().log() + y;
            }

            public class TanhTransform : Rising
            {
                public override Constraint domain => constraints.real;

                public override Constraint codomain => interval(-1.0, 1.0);

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => 2 * (Math.Log(2) - x - (-2 * x).softplus());

                protected internal override Tensor _call(Tensor x) => x.tanh();

                protected internal override Tensor _inverse(Tensor y) => y.atanh();
            }

            /// <summary>Has no inverse; what it gives for one is the positive number.</summary>
            public class AbsTransform : Transform
            {
                public override Constraint domain => constraints.real;

                public override Constraint codomain => constraints.positive;

                protected internal override Tensor _call(Tensor x) => x.abs();

                protected internal override Tensor _inverse(Tensor y) => y;
            }

            /// <summary>Onto the simplex; its inverse is one of the many there are.</summary>
            public class SoftmaxTransform : Transform
            {
                public override Constraint domain => real_vector;

                public override Constraint codomain => simplex;

                protected internal override Tensor _call(Tensor x) => x.softmax(-1);

                protected internal override Tensor _inverse(Tensor y) => y.log();
            }

            /// <summary>loc + scale * x.</summary>
            public class AffineTransform : Transform
            {
                private readonly Tensor? loc;
                private readonly Tensor? scale;
                private readonly double number;
                private readonly double factor;

                public AffineTransform(double loc, double scale, int event_dim = 0) => (number, factor, this.event_dim) = (loc, scale, event_dim);

                public AffineTransform(Tensor loc, Tensor scale, int event_dim = 0)
                {
                    this.loc = loc.alias().DetachFromDisposeScope();
                    this.scale = scale.alias().DetachFromDisposeScope();
                    this.event_dim = event_dim;
                }

                private AffineTransform(Tensor scale) => this.scale = scale.alias().DetachFromDisposeScope();

                public override int event_dim { get; }

                public override bool bijective => true;

                public override Constraint domain => event_dim == 0 ? constraints.real : independent(constraints.real, event_dim);

                public override Constraint codomain => domain;

                public override long[] forward_shape(long[] shape) => Broadcast(Broadcast(shape, loc?.shape ?? []), scale?.shape ?? []);

                public override long[] inverse_shape(long[] shape) => forward_shape(shape);

                internal static AffineTransform Scale(Tensor scale) => new(scale);

                protected internal override Tensor _sign() => scale is null ? Math.Sign(factor) : scale.sign();

                protected internal override Tensor _call(Tensor x) => Moved(scale is null ? x * factor : x * scale, 1);

                protected internal override Tensor _inverse(Tensor y) => scale is null ? Moved(y, -1) / factor : Moved(y, -1) / scale;

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y)
                {
                    var each = scale is null ? full_like(x, Math.Log(Math.Abs(factor))) : scale.abs().log().expand(x.shape);
                    return _sum_rightmost(each, event_dim);
                }

                private Tensor Moved(Tensor x, int sign) => loc is null ? x + (sign * number) : x + (sign * loc);
            }

            private static long[] Broadcast(long[] left, long[] right) => [.. Enumerable.Range(1, Math.Max(left.Length, right.Length)).Select(i => (i > left.Length ? 1 : left[^i], i > right.Length ? 1 : right[^i]) switch
            {
                (var a, var b) when a == b || b == 1 => a,
                (1, var b) => b,
                _ => throw new ArgumentException($"[{string.Join(", ", left)}] and [{string.Join(", ", right)}] cannot be broadcast to one shape."),
            }).Reverse()];
        }
    }
}
