using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>What comes of a random number by invertible functions, one after the other.</summary>
        public class TransformedDistribution : Distribution
        {
#pragma warning disable CA1051 // TorchSharp has protected fields here.
            protected Distribution base_distribution = null!;
#pragma warning restore CA1051
            private transforms.Transform[] steps = [];

            public TransformedDistribution(Generator? generator = null) : base(generator)
            {
            }

            public TransformedDistribution(Distribution base_distribution, transforms.Transform transform, Generator? generator = null) : this(base_distribution, [transform], generator)
            {
            }

            public TransformedDistribution(Distribution base_distribution, IEnumerable<transforms.Transform> transforms, Generator? generator = null) : base(generator) =>
                _init(base_distribution, [.. transforms]);

            private protected TransformedDistribution(Distribution made, transforms.Transform[] steps, Generator? generator, bool owns) : base(generator)
            {
                Base = owns ? Own(made) : made;
                _init(made, steps);
            }

            public override Tensor mean => throw Missing(nameof(mean));

            public override Tensor variance => throw Missing(nameof(variance));

            /// <summary>As it was given; <see cref="base_distribution"/> may have a larger batch, or have events made of it.</summary>
            private protected Distribution Base { get; } = null!;

            protected void _init(Distribution base_distribution, transforms.Transform[] transforms)
            {
                steps = transforms;
                var whole = new transforms.ComposeTransform(transforms);
                long[] baseShape = [.. base_distribution.batch_shape, .. base_distribution.event_shape];
                var forward = whole.forward_shape(baseShape);
                var expanded = whole.inverse_shape(forward);
                if (!expanded.AsSpan().SequenceEqual(baseShape))
                    base_distribution = Own(base_distribution.expand(expanded[..^base_distribution.event_shape.Length]));
                var (domain, codomain) = (whole.domain.event_dim, whole.codomain.event_dim);
                var baseDimensions = base_distribution.event_shape.Length;
                if (domain > baseDimensions)
                    base_distribution = Own(new Independent(base_distribution, domain - baseDimensions, generator));
                this.base_distribution = base_distribution;
                var dimensions = Math.Max(codomain, baseDimensions + codomain - domain);
                (batch_shape, event_shape) = (forward[..^dimensions], forward[^dimensions..]);
            }

            public override Tensor sample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                return steps.Aggregate(base_distribution.sample(sample_shape), (x, step) => step.forward(x));
            });

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
                steps.Aggregate(base_distribution.rsample(sample_shape), (x, step) => step.forward(x)));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var dimensions = event_shape.Length;
                var (y, sum) = (value, (Tensor?)null);
                foreach (var step in steps.Reverse())
                {
                    var x = step._inverse(y);
                    dimensions += step.domain.event_dim - step.codomain.event_dim;
                    var change = transforms.Transform._sum_rightmost(step.log_abs_det_jacobian(x, y), dimensions - step.domain.event_dim);
                    (sum, y) = (sum is null ? -change : sum - change, x);
                }
                var start = transforms.Transform._sum_rightmost(base_distribution.log_prob(y), dimensions - base_distribution.event_shape.Length);
                return sum is null ? start : sum + start;
            });

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => Upwards(base_distribution.cdf(steps.Reverse().Aggregate(value, (y, step) => step._inverse(y)))));

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => steps.Aggregate(base_distribution.icdf(Upwards(value)), (x, step) => step.forward(x)));

            public override Distribution expand(Size batch_shape, Distribution? instance = null)
            {
                if (instance is not null)
                    throw new NotSupportedException("expand makes a new distribution; it does not fill one that is given.");
                long[] shape = [.. batch_shape, .. event_shape];
                foreach (var step in steps.Reverse())
                    shape = step.inverse_shape(shape);
                return new TransformedDistribution(base_distribution.expand(shape[..^base_distribution.event_shape.Length]), steps, generator, owns: true);
            }

            /// <summary>The density of a number's absolute value, where the number's own is symmetric about zero.</summary>
            private protected Tensor Folded(Tensor value) => WrappedTensorDisposeScope(() => where(value >= 0, Base.log_prob(value) + Math.Log(2), full([], double.NegativeInfinity, value.dtype, value.device)));

            // A falling function turns probabilities round.
            private Tensor Upwards(Tensor probability)
            {
                var sign = steps.Aggregate((Tensor)1, (product, step) => product * step.sign);
                return (sign * (probability - 0.5)) + 0.5;
            }
        }

        /// <summary>Some dimensions of the batch taken as one event: their log-probabilities are added up.</summary>
        public class Independent : Distribution
        {
            private readonly Distribution base_dist;
            private readonly int dimensions;

            public Independent(Distribution base_distribution, int reinterpreted_batch_ndims, Generator? generator = null) : base(generator)
            {
                if (reinterpreted_batch_ndims > base_distribution.batch_shape.Length)
                    throw new ArgumentException($"{reinterpreted_batch_ndims} dimensions of a batch of {base_distribution.batch_shape} cannot be one event.", nameof(reinterpreted_batch_ndims));
                (base_dist, dimensions) = (base_distribution, reinterpreted_batch_ndims);
                long[] shape = [.. base_dist.batch_shape, .. base_dist.event_shape];
                var events = dimensions + base_dist.event_shape.Length;
                (batch_shape, event_shape) = (shape[..^events], shape[^events..]);
            }

            public override Tensor mean => base_dist.mean;

            public override Tensor mode => base_dist.mode;

            public override Tensor variance => base_dist.variance;

            public override Tensor sample(params long[] sample_shape) => base_dist.sample(sample_shape);

            public override Tensor rsample(params long[] sample_shape) => base_dist.rsample(sample_shape);

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => transforms.Transform._sum_rightmost(base_dist.log_prob(value), dimensions));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => transforms.Transform._sum_rightmost(base_dist.entropy(), dimensions));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() =>
            {
                var inner = base_dist.expand((long[])[.. batch_shape, .. event_shape.Shape[..dimensions]]);
                var made = new Independent(inner, dimensions, generator);
                made.Own(inner);
                return made;
            }, instance);
        }

        public class Pareto : TransformedDistribution
        {
            internal Pareto(Tensor scale, Tensor alpha, Distribution base_distribution, transforms.Transform[] transforms, Generator? generator = null) : base(base_distribution, transforms, generator, owns: true) =>
                (this.scale, this.alpha) = (Own(scale.alias()), Own(alpha.alias()));

            public Tensor scale { get; }

            public Tensor alpha { get; }

            public override Tensor mean => WrappedTensorDisposeScope(() => alpha.clamp_min(1) is var a ? a * scale / (a - 1) : null!);

            public override Tensor mode => scale;

            public override Tensor variance => WrappedTensorDisposeScope(() => alpha.clamp_min(2) is var a ? scale.pow(2) * a / ((a - 1).pow(2) * (a - 2)) : null!);

            public override Tensor entropy() => WrappedTensorDisposeScope(() => (scale / alpha).log() + 1 + alpha.reciprocal());

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => distributions.Pareto(scale.expand(batch_shape.Shape), alpha.expand(batch_shape.Shape), generator), instance);
        }

        public class Weibull : TransformedDistribution
        {
            private readonly Tensor scale;
            private readonly Tensor concentration;

            internal Weibull(Tensor scale, Tensor concentration, Distribution base_distribution, transforms.Transform[] transforms, Generator? generator = null) : base(base_distribution, transforms, generator, owns: true) =>
                (this.scale, this.concentration) = (Own(scale.alias()), Own(concentration.alias()));

            public override Tensor mean => WrappedTensorDisposeScope(() => scale * (1 + concentration.reciprocal()).lgamma().exp());

            public override Tensor mode => WrappedTensorDisposeScope(() => scale * ((concentration - 1) / concentration).pow(concentration.reciprocal()));

            public override Tensor variance => WrappedTensorDisposeScope(() =>
                scale.pow(2) * ((1 + (2 * concentration.reciprocal())).lgamma().exp() - (2 * (1 + concentration.reciprocal()).lgamma()).exp()));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => (euler_constant * (1 - concentration.reciprocal())) + (scale / concentration).log() + 1);

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => distributions.Weibull(scale.expand(batch_shape.Shape), concentration.expand(batch_shape.Shape), generator), instance);
        }

        public class Kumaraswamy : TransformedDistribution
        {
            internal Kumaraswamy(Tensor concentration1, Tensor concentration0, Distribution base_distribution, transforms.Transform[] transforms, Generator? generator) : base(base_distribution, transforms, generator, owns: true) =>
                (this.concentration1, this.concentration0) = (Own(concentration1.alias()), Own(concentration0.alias()));

            public Tensor concentration1 { get; }

            public Tensor concentration0 { get; }

            public override Tensor mean => WrappedTensorDisposeScope(() => Moment(1));

            public override Tensor mode => WrappedTensorDisposeScope(() =>
            {
                var logarithm = (concentration0.reciprocal() * (-concentration0).log1p()) - (-concentration0 * concentration1).log1p();
                return logarithm.masked_fill((concentration0 < 1) | (concentration1 < 1), double.NaN).exp();
            });

            public override Tensor variance => WrappedTensorDisposeScope(() => Moment(2) - Moment(1).pow(2));

            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
                1 - concentration0.reciprocal() + ((1 - concentration1.reciprocal()) * ((concentration0 + 1).digamma() + euler_constant)) - concentration1.log() - concentration0.log());

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => distributions.Kumaraswamy(concentration1.expand(batch_shape.Shape), concentration0.expand(batch_shape.Shape), generator), instance);

            private Tensor Moment(int n)
            {
                var first = 1 + (n / concentration1);
                return concentration0 * (first.lgamma() + concentration0.lgamma() - (first + concentration0).lgamma()).exp();
            }
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            /// <inheritdoc cref="Modules.Independent"/>
            public static Independent Independent(Distribution base_distribution, int reinterpreted_batch_dims, Generator? generator = null) => new(base_distribution, reinterpreted_batch_dims, generator);

            /// <summary>At least <paramref name="scale"/>, with a tail that falls as x to the power of -<paramref name="alpha"/>.</summary>
            public static Pareto Pareto(Tensor scale, Tensor alpha, Generator? generator = null) => Scoped(() =>
            {
                var both = Ops.broadcast_tensors.CallList(new[] { scale, alpha });
                return new Pareto(both[0], both[1], new Exponential(both[1], generator), [new transforms.ExpTransform(), transforms.AffineTransform.Scale(both[0])], generator);
            });

            public static Weibull Weibull(Tensor scale, Tensor concentration, Generator? generator = null) => Scoped(() =>
            {
                var both = Ops.broadcast_tensors.CallList(new[] { scale, concentration });
                return new Weibull(
                    both[0], both[1], new Exponential(ones_like(both[0]), generator), [new transforms.PowerTransform(both[1].reciprocal()), transforms.AffineTransform.Scale(both[0])], generator);
            });

            /// <summary>Between 0 and 1, much as Beta, but with a distribution function in closed form.</summary>
            public static Kumaraswamy Kumaraswamy(Tensor concentration1, Tensor concentration0, Generator? generator = null) => Scoped(() =>
            {
                var both = Ops.broadcast_tensors.CallList(new[] { concentration1, concentration0 });
                return new Kumaraswamy(
                    both[0], both[1], new Uniform(zeros_like(both[1]), ones_like(both[1]), generator),
                    [new transforms.PowerTransform(both[1].reciprocal()), new transforms.AffineTransform(1.0, -1.0), new transforms.PowerTransform(both[0].reciprocal())], generator);
            });
        }
    }
}
