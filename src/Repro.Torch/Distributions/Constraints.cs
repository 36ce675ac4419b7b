using Repro.Torch.Dispatch;

namespace TorchSharp;

#pragma warning disable CA1034, CA2211 // TorchSharp's nested types, and public fields.
public static partial class torch
{
    public static partial class distributions
    {
        /// <summary>Sets of numbers, vectors and matrices that a parameter or a draw is from.</summary>
        public static partial class constraints
        {
            public abstract class Constraint
            {
                protected Constraint(bool is_discrete, int event_dim)
                {
                    this.is_discrete = is_discrete;
                    this.event_dim = event_dim;
                }

                protected Constraint() : this(false, 0)
                {
                }

                /// <summary>Dimensions of one member of the set.</summary>
                public virtual int event_dim { get; protected set; }

                public virtual bool is_discrete { get; protected set; }

                /// <summary>Whether each member is in the set: a truth value each.</summary>
                public abstract Tensor check(Tensor value);

                public override string ToString() => GetType().Name.TrimStart('_');
            }

            /// <summary>Depends on other parameters; cannot be checked by itself.</summary>
            public class _Dependent(bool is_discrete = false, int event_dim = 0) : Constraint(is_discrete, event_dim)
            {
                public override Tensor check(Tensor value) => throw new InvalidOperationException("A constraint that depends on other parameters cannot be checked.");
            }

            /// <summary>Some dimensions of another set's members taken as one member.</summary>
            public class _IndependentConstraint(Constraint base_constraint, int reinterpreted_batch_ndims) : Constraint
            {
                public Constraint base_constraint { get; } = base_constraint;

                public override bool is_discrete => base_constraint.is_discrete;

                public override int event_dim => base_constraint.event_dim + reinterpreted_batch_ndims;

                public override Tensor check(Tensor value)
                {
                    var result = base_constraint.check(value);
                    if (result.dim() < reinterpreted_batch_ndims)
                        throw new ArgumentException($"At least {event_dim} dimensions are needed, not {value.dim()}.");
                    return reinterpreted_batch_ndims == 0 ? result : result.reshape([.. result.shape[..^reinterpreted_batch_ndims], -1]).all(-1);
                }

                public override string ToString() => $"Independent({base_constraint}, {reinterpreted_batch_ndims})";
            }

            public class _Boolean() : Constraint(true, 0)
            {
                public override Tensor check(Tensor value) => value.eq(0) | value.eq(1);
            }

            public class _OneHot() : Constraint(true, 1)
            {
                public override Tensor check(Tensor value) => (value.eq(0) | value.eq(1)).all(-1) & value.sum(-1).eq(1);
            }

            public class _IntegerInterval(long lower_bound, long upper_bound) : Constraint(true, 0)
            {
                public long lower_bound { get; } = lower_bound;

                public long upper_bound { get; } = upper_bound;

                public override Tensor check(Tensor value) => IsWhole(value) & value.ge(lower_bound) & value.le(upper_bound);

                public override string ToString() => $"IntegerInterval({lower_bound}, {upper_bound})";
            }

            public class _IntegerLessThan(long upper_bound) : Constraint(true, 0)
            {
                public long upper_bound { get; } = upper_bound;

                public override Tensor check(Tensor value) => IsWhole(value) & value.le(upper_bound);

                public override string ToString() => $"IntegerLessThan({upper_bound})";
            }

            /// <summary>The bound itself is in the set.</summary>
            public class _IntegerGreaterThan(long lower_bound) : Constraint(true, 0)
            {
                public long lower_bound { get; } = lower_bound;

                public override Tensor check(Tensor value) => IsWhole(value) & value.ge(lower_bound);

                public override string ToString() => $"IntegerGreaterThan({lower_bound})";
            }

            /// <summary>All but NaN.</summary>
            public class _Real() : Constraint(false, 0)
            {
                public override Tensor check(Tensor value) => value.eq(value);
            }

            public class _Interval(double lower_bound, double upper_bound) : Constraint(false, 0)
            {
                public double lower_bound { get; } = lower_bound;

                public double upper_bound { get; } = upper_bound;

                public override Tensor check(Tensor value) => value.ge(lower_bound) & value.le(upper_bound);

                public override string ToString() => $"Interval({lower_bound}, {upper_bound})";
            }

            public class _HalfOpenInterval(double lower_bound, double upper_bound) : Constraint(false, 0)
            {
                public double lower_bound { get; } = lower_bound;

                public double upper_bound { get; } = upper_bound;

                public override Tensor check(Tensor value) => value.ge(lower_bound) & value.lt(upper_bound);

                public override string ToString() => $"HalfOpenInterval({lower_bound}, {upper_bound})";
            }

            public class _GreaterThan(double lower_bound) : Constraint(false, 0)
            {
                public double lower_bound { get; } = lower_bound;

                public override Tensor check(Tensor value) => value.gt(lower_bound);

                public override string ToString() => $"GreaterThan({lower_bound})";
            }

            public class _GreaterThanEq(double lower_bound) : Constraint(false, 0)
            {
                public double lower_bound { get; } = lower_bound;

                public override Tensor check(Tensor value) => value.ge(lower_bound);

                public override string ToString() => $"GreaterThanEq({lower_bound})";
            }

            public class _LessThan(double upper_bound) : Constraint(false, 0)
            {
                public double upper_bound { get; } = upper_bound;

                public override Tensor check(Tensor value) => value.lt(upper_bound);

                public override string ToString() => $"LessThan({upper_bound})";
            }

            /// <summary>Vectors of no negative numbers that add up to one.</summary>
            public class _Simplex() : Constraint(false, 1)
            {
                public override Tensor check(Tensor value) => value.ge(0).all(-1) & (value.sum(-1) - 1).abs().lt(1e-6);
            }

            /// <summary>Vectors of whole numbers that add up to at most the bound.</summary>
            public class _Multinomial(long upper_bound) : Constraint(true, 1)
            {
                public long upper_bound { get; } = upper_bound;

#pragma warning disable CA1725 // TorchSharp's name.
                public override Tensor check(Tensor x) => x.ge(0).all(-1) & x.sum(-1).le(upper_bound);
#pragma warning restore CA1725

                public override string ToString() => $"Multinomial({upper_bound})";
            }

            public class _LowerTriangular() : Constraint(false, 2)
            {
                public override Tensor check(Tensor value) => Everywhere(value.tril().eq(value));
            }

            /// <summary>Lower triangular matrices with a positive diagonal.</summary>
            public class _LowerCholesky() : Constraint(false, 2)
            {
                public override Tensor check(Tensor value) => Everywhere(value.tril().eq(value)) & value.diagonal(dim1: -2, dim2: -1).gt(0).all(-1);
            }

            /// <summary>Such matrices with rows of length one: factors of correlations.</summary>
            public class _CorrCholesky() : Constraint(false, 2)
            {
                public override Tensor check(Tensor value)
                {
                    var tolerance = FloatType.Epsilon(value.dtype) * value.shape[^1] * 10;
                    return lower_cholesky.check(value) & (value.square().sum(-1) - 1).abs().le(tolerance).all(-1);
                }
            }

            public class _Square() : Constraint(false, 2)
            {
                public override Tensor check(Tensor value) => full(value.shape[..^2], value.shape[^2] == value.shape[^1], ScalarType.Bool, value.device);
            }

            public class _Symmetric : _Square
            {
                public override Tensor check(Tensor value) => value.shape[^2] != value.shape[^1] ? base.check(value) : Everywhere(Ops.isclose.Call(value, value.transpose(-2, -1), 1e-5, 1e-6));
            }

            public class _PositiveSemiDefinite : _Symmetric
            {
                public override Tensor check(Tensor value) => base.check(value) is var symmetric && symmetric.all().ToBoolean() ? linalg.eigvalsh(value).ge(0).all(-1) : symmetric;
            }

            public class _PositiveDefinite : _Symmetric
            {
                public override Tensor check(Tensor value) => base.check(value) is var symmetric && symmetric.all().ToBoolean() ? linalg.eigvalsh(value).gt(0).all(-1) : symmetric;
            }

            /// <summary>Parts along a dimension, each of a set of its own.</summary>
            public class _Cat : Constraint
            {
                private readonly IList<Constraint> parts;
                private readonly IList<long> lengths;
                private readonly long dim;

                /// <param name="lengths">Of the parts; null for one each.</param>
                public _Cat(IList<Constraint> cseq, long dim = 0, IList<long>? lengths = null)
                {
                    (parts, this.dim, this.lengths) = (cseq, dim, lengths ?? [.. cseq.Select(_ => 1L)]);
                    if (this.lengths.Count != parts.Count)
                        throw new ArgumentException($"{parts.Count} parts need as many lengths, not {this.lengths.Count}.", nameof(lengths));
                }

                public override bool is_discrete => parts.Any(part => part.is_discrete);

                public override int event_dim => parts.Max(part => part.event_dim);

                public override Tensor check(Tensor value)
                {
                    var start = 0L;
                    var checks = new List<Tensor>();
                    foreach (var (part, length) in parts.Zip(lengths))
                    {
                        checks.Add(part.check(value.narrow(dim, start, length)));
                        start += length;
                    }
                    return torch.cat(checks, dim);
                }
            }

            public class _Stack(IList<Constraint> cseq, int dim = 0) : Constraint
            {
                public override bool is_discrete => cseq.Any(part => part.is_discrete);

                public override int event_dim => cseq.Max(part => part.event_dim) + (dim + cseq.Max(part => part.event_dim) < 0 ? 1 : 0);

                public override Tensor check(Tensor value) => torch.stack(cseq.Select((part, i) => part.check(value.select(dim, i))), dim);
            }

            public static _Dependent dependent = new();

            public static _IndependentConstraint independent(Constraint base_constraint, int reinterpreted_batch_ndims) => new(base_constraint, reinterpreted_batch_ndims);

            public static _Boolean boolean = new();
            public static _OneHot one_hot = new();
            public static _IntegerGreaterThan nonnegative_integer = new(0);
            public static _IntegerGreaterThan positive_integer = new(1);

            public static _IntegerInterval integer_interval(long lb, long ub) => new(lb, ub);

            public static _Real real = new();
            public static _IndependentConstraint real_vector = independent(real, 1);
            public static _GreaterThan positive = new(0.0);
            public static _GreaterThanEq nonnegative = new(0.0);

            public static _GreaterThan greater_than(double lower_bound) => new(lower_bound);

            public static _GreaterThanEq greater_than_eq(double lower_bound) => new(lower_bound);

            public static _LessThan less_than(double upper_bound) => new(upper_bound);

            public static _Multinomial multinomial(long upper_bound) => new(upper_bound);

            public static _Interval unit_interval = new(0.0, 1.0);

            public static _Interval interval(double lower_bound, double upper_bound) => new(lower_bound, upper_bound);

            public static _HalfOpenInterval half_open_interval(double lower_bound, double upper_bound) => new(lower_bound, upper_bound);

            public static _Simplex simplex = new();
            public static _LowerTriangular lower_triangular = new();
            public static _LowerCholesky lower_cholesky = new();
            public static _CorrCholesky corr_cholesky = new();
            public static _Square square = new();
            public static _Symmetric symmetric = new();
            public static _PositiveSemiDefinite positive_semidefinite = new();
            public static _PositiveDefinite positive_definite = new();

            public static _Cat cat(IList<Constraint> cseq, long dim = 0, IList<long>? lengths = null) => new(cseq, dim, lengths);

            public static _Stack stack(IList<Constraint> cseq, int dim = 0) => new(cseq, dim);

            private static Tensor IsWhole(Tensor value) => value.floor().eq(value);

            private static Tensor Everywhere(Tensor matrices) => matrices.flatten(-2).all(-1);
        }
    }
}
