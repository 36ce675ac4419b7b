using static TorchSharp.torch.distributions.constraints;

namespace TorchSharp;

#pragma warning disable CA1034 // TorchSharp's nested types.
public static partial class torch
{
    public static partial class distributions
    {
        /// <summary>Functions that turn one random number into another, with what they do to its density.</summary>
        public static partial class transforms
        {
            public abstract class Transform
            {
                /// <summary>Dimensions of one event that goes in, or where it is more, of one that comes out.</summary>
                public virtual int event_dim => Math.Max(domain.event_dim, codomain.event_dim);

                public virtual Transform inv => new _InverseTransform(this);

                public abstract Constraint domain { get; }

                public abstract Constraint codomain { get; }

                public virtual bool bijective => false;

                /// <summary>1 where the function rises, -1 where it falls.</summary>
                public Tensor sign => _sign();

                protected internal virtual Tensor _sign() => throw new NotImplementedException($"{GetType().Name} is not monotonic.");

                protected internal abstract Tensor _call(Tensor x);

                protected internal abstract Tensor _inverse(Tensor y);

                /// <summary>The logarithm of the change of volume at <paramref name="x"/>, which is mapped to <paramref name="y"/>.</summary>
                protected internal virtual Tensor log_abs_det_jacobian(Tensor x, Tensor y) => throw new NotImplementedException($"{GetType().Name} has no change of volume.");

                public Tensor forward(Tensor x) => _call(x);

                public virtual long[] forward_shape(long[] shape) => shape;

                public virtual long[] inverse_shape(long[] shape) => shape;

                protected internal static Tensor _sum_rightmost(Tensor value, int dim) => dim == 0 ? value : value.reshape([.. value.shape[..^dim], -1]).sum(-1);
            }

            internal sealed class _InverseTransform(Transform transform) : Transform
            {
                public override Constraint domain => transform.codomain;

                public override Constraint codomain => transform.domain;

                public override bool bijective => transform.bijective;

                public override Transform inv => transform;

                public override long[] forward_shape(long[] shape) => transform.inverse_shape(shape);

                public override long[] inverse_shape(long[] shape) => transform.forward_shape(shape);

                protected internal override Tensor _sign() => transform._sign();

                protected internal override Tensor _call(Tensor x) => transform._inverse(x);

                protected internal override Tensor _inverse(Tensor y) => transform._call(y);

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => -transform.log_abs_det_jacobian(y, x);
            }

            /// <summary>One after the other, the first first.</summary>
            public class ComposeTransform : Transform
            {
                private readonly Transform[] parts;

                /// <param name="cache_size">Has no effect: nothing is remembered.</param>
                public ComposeTransform(IEnumerable<Transform> parts, int cache_size = 0) => this.parts = [.. parts];

                public override Transform inv => new ComposeTransform(parts.Reverse().Select(part => part.inv));

                public override Constraint domain => parts.Length == 0 ? constraints.real : Widened(
                    parts[0].domain,
                    parts.Reverse().Aggregate(parts[^1].codomain.event_dim, (dim, part) => Math.Max(dim + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)));

                public override Constraint codomain => parts.Length == 0 ? constraints.real : Widened(
                    parts[^1].codomain,
                    parts.Aggregate(parts[0].domain.event_dim, (dim, part) => Math.Max(dim + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)));

                public override bool bijective => parts.All(part => part.bijective);

                public override long[] forward_shape(long[] shape) => parts.Aggregate(shape, (at, part) => part.forward_shape(at));

                public override long[] inverse_shape(long[] shape) => parts.Reverse().Aggregate(shape, (at, part) => part.inverse_shape(at));

                protected internal override Tensor _sign() => parts.Aggregate((Tensor)1, (product, part) => product * part.sign);

                protected internal override Tensor _call(Tensor x) => parts.Aggregate(x, (at, part) => part._call(at));

                protected internal override Tensor _inverse(Tensor y) => parts.Reverse().Aggregate(y, (at, part) => part._inverse(at));

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y)
                {
                    var dim = domain.event_dim;
                    Tensor? sum = null;
                    for (var i = 0; i < parts.Length; i++)
                    {
                        var next = i == parts.Length - 1 ? y : parts[i]._call(x);
                        var term = _sum_rightmost(parts[i].log_abs_det_jacobian(x, next), dim - parts[i].domain.event_dim);
                        sum = sum is null ? term : sum + term;
                        dim += parts[i].codomain.event_dim - parts[i].domain.event_dim;
                        x = next;
                    }
                    return sum ?? zeros_like(x);
                }

                private static Constraint Widened(Constraint constraint, int dimensions) => dimensions > constraint.event_dim ? independent(constraint, dimensions - constraint.event_dim) : constraint;
            }

            /// <summary>Takes some more dimensions as one event. (The name is TorchSharp's.)</summary>
            public class IndepdenentTransform(Transform base_transform, int reinterpreted_batch_dims) : Transform
            {
                public override Transform inv => new IndepdenentTransform(base_transform.inv, reinterpreted_batch_dims);

                public override Constraint domain => independent(base_transform.domain, reinterpreted_batch_dims);

                public override Constraint codomain => independent(base_transform.codomain, reinterpreted_batch_dims);

                public override bool bijective => base_transform.bijective;

                public override long[] forward_shape(long[] shape) => base_transform.forward_shape(shape);

                public override long[] inverse_shape(long[] shape) => base_transform.inverse_shape(shape);

                protected internal override Tensor _sign() => base_transform._sign();

                protected internal override Tensor _call(Tensor x) => base_transform._call(x);

                protected internal override Tensor _inverse(Tensor y) => base_transform._inverse(y);

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => _sum_rightmost(base_transform.log_abs_det_jacobian(x, y), reinterpreted_batch_dims);
            }

            public class ReshapeTransform : Transform
            {
                private readonly long[] from;
                private readonly long[] to;

                public ReshapeTransform(long[] in_shape, long[] out_shape)
                {
                    if (in_shape.TotalSize() != out_shape.TotalSize())
                        throw new ArgumentException($"[{string.Join(", ", in_shape)}] and [{string.Join(", ", out_shape)}] have not the same number of elements.");
                    (from, to) = (in_shape, out_shape);
                }

                public override bool bijective => true;

                public override Constraint domain => independent(constraints.real, from.Length);

                public override Constraint codomain => independent(constraints.real, to.Length);

                public override long[] forward_shape(long[] shape) => Exchange(shape, from, to);

                public override long[] inverse_shape(long[] shape) => Exchange(shape, to, from);

                protected internal override Tensor _call(Tensor x) => x.reshape(forward_shape(x.shape));

                protected internal override Tensor _inverse(Tensor y) => y.reshape(inverse_shape(y.shape));

                protected internal override Tensor log_abs_det_jacobian(Tensor x, Tensor y) => zeros(x.shape[..^from.Length], x.dtype, x.device);

                private static long[] Exchange(long[] shape, long[] end, long[] other) => shape.Length >= end.Length && shape.AsSpan(shape.Length - end.Length).SequenceEqual(end)
                    ? [.. shape[..^end.Length], .. other]
                    : throw new ArgumentException($"A shape that ends with [{string.Join(", ", end)}] was expected, not [{string.Join(", ", shape)}].");
            }
        }
    }
}
