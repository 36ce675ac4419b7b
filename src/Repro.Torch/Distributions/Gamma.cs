using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        public class Gamma : ExponentialFamily
        {
#pragma warning disable CA1051 // TorchSharp has a protected field here.
            protected Tensor concentration;
#pragma warning restore CA1051
            private readonly Tensor rate;

            public Gamma(Tensor concentration, Tensor rate, Generator? generator = null) : base(generator)
            {
                var both = OwnBatch(concentration, rate);
                (this.concentration, this.rate) = (both[0], both[1]);
            }

            public override Tensor mean => WrappedTensorDisposeScope(() => concentration / rate);

            public override Tensor mode => WrappedTensorDisposeScope(() => ((concentration - 1) / rate).clamp_min(0));

            public override Tensor variance => WrappedTensorDisposeScope(() => concentration / rate.pow(2));

            protected override IList<Tensor> NaturalParams => [concentration - 1, -rate];

            protected override Tensor MeanCarrierMeasure => tensor(0, rate.dtype, rate.device);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var shape = ExtendedShape(sample_shape);
                var value = Ops._standard_gamma.Call(concentration.expand(shape), generator) / rate.expand(shape);
                // Zero has no logarithm; the gradient stays as it is.
                using (var plain = value.detach())
                    plain.clamp_min_(FloatType.Tiny(value.dtype));
                return value;
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
                (concentration * rate.log()) + ((concentration - 1) * value.log()) - (rate * value) - concentration.lgamma());

            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
                concentration - rate.log() + concentration.lgamma() + ((1 - concentration) * concentration.digamma()));

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => Ops.special_gammainc.Call(concentration, rate * value));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Gamma(concentration.expand(batch_shape.Shape), rate.expand(batch_shape.Shape), generator), instance);

            protected override Tensor LogNormalizer(params Tensor[] parameters) => (parameters[0] + 1).lgamma() + ((parameters[0] + 1) * (-parameters[1].reciprocal()).log());
        }

        /// <summary>The sum of the squares of <see cref="df"/> standard normal numbers.</summary>
        public class Chi2 : Gamma
        {
            public Chi2(Tensor df, Generator? generator = null) : this(df * 0.5, full_like(df, 0.5), generator)
            {
            }

            private Chi2(Tensor half, Tensor rate, Generator? generator) : base(half, rate, generator)
            {
                half.Dispose();
                rate.Dispose();
            }

            public Tensor df => concentration * 2;

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new Chi2(df.expand(batch_shape.Shape), generator), instance);
        }

        public class Exponential : ExponentialFamily
        {
            private readonly Tensor rate;

            public Exponential(Tensor rate, Generator? generator = null) : base(generator) => this.rate = OwnBatch(rate)[0];

            public override Tensor mean => rate.reciprocal();

            public override Tensor mode => zeros_like(rate);

            public override Tensor stddev => rate.reciprocal();

            public override Tensor variance => rate.pow(-2);

            protected override IList<Tensor> NaturalParams => [-rate];

            protected override Tensor MeanCarrierMeasure => tensor(0, rate.dtype, rate.device);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
                empty(ExtendedShape(sample_shape), rate.dtype, rate.device).exponential_(generator: generator) / rate);

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => rate.log() - (rate * value));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => 1 - rate.log());

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => 1 - (-rate * value).exp());

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => -(1 - value).log() / rate);

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new Exponential(rate.expand(batch_shape.Shape), generator), instance);

            protected override Tensor LogNormalizer(params Tensor[] parameters) => -(-parameters[0]).log();
        }

        /// <summary>The ratio of two such sums, each over its number of terms: the F distribution.</summary>
        public class FisherSnedecor : Distribution
        {
            private readonly Tensor df1;
            private readonly Tensor df2;
            private readonly Gamma upper;
            private readonly Gamma lower;

            public FisherSnedecor(Tensor df1, Tensor df2, Generator? generator = null) : base(generator)
            {
                var both = OwnBatch(df1, df2);
                (this.df1, this.df2) = (both[0], both[1]);
                upper = Own(Fresh(() => new Gamma(this.df1 * 0.5, this.df1, generator)));
                lower = Own(Fresh(() => new Gamma(this.df2 * 0.5, this.df2, generator)));
            }

            public override Tensor mean => WrappedTensorDisposeScope(() => Above(2) is var large ? large / (large - 2) : null!);

            public override Tensor mode => WrappedTensorDisposeScope(() => ((df1 - 2) / df1 * df2 / (df2 + 2)).masked_fill(df1.le(2), double.NaN));

            public override Tensor variance => WrappedTensorDisposeScope(() =>
                Above(4) is var large ? 2 * large.pow(2) * (df1 + large - 2) / (df1 * (large - 2).pow(2) * (large - 4)) : null!);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var (first, second) = (upper.rsample(sample_shape), lower.rsample(sample_shape));
                var tiny = FloatType.Tiny(first.dtype);
                second = second.clamp_min(tiny);
                return (first / second).clamp_min(tiny);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var (half1, half2, ratio) = (df1 * 0.5, df2 * 0.5, df1 / df2);
                return (half1 + half2).lgamma() - half1.lgamma() - half2.lgamma() + (half1 * ratio.log()) + ((half1 - 1) * value.log()) - ((half1 + half2) * (ratio * value).log1p());
            });

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new FisherSnedecor(df1.expand(batch_shape.Shape), df2.expand(batch_shape.Shape), generator), instance);

            private Tensor Above(double least) => df2.masked_fill(df2.le(least), double.NaN);
        }

        /// <summary>Vectors of positive numbers that add up to one.</summary>
        public class Dirichlet : ExponentialFamily
        {
            internal readonly Tensor concentration;

            public Dirichlet(Tensor concentration, Generator? generator = null) : base(generator)
            {
                if (concentration.dim() < 1)
                    throw new ArgumentException("The concentration must have at least one dimension.", nameof(concentration));
                this.concentration = Own(concentration.alias());
                (batch_shape, event_shape) = (concentration.shape[..^1], concentration.shape[^1..]);
            }

            public override Tensor mean => WrappedTensorDisposeScope(() => concentration / concentration.sum(-1, true));

            public override Tensor mode => WrappedTensorDisposeScope(() =>
            {
                var above = (concentration - 1).clamp_min(0);
                var peak = above / above.sum(-1, true);
                var corners = nn.functional.one_hot(peak.argmax(-1), event_shape[0]).to(peak.dtype);
                return where(concentration.lt(1).all(-1, keepdim: true), corners, peak);
            });

            public override Tensor variance => WrappedTensorDisposeScope(() =>
                concentration.sum(-1, true) is var total ? concentration * (total - concentration) / (total.pow(2) * (total + 1)) : null!);

            protected override IList<Tensor> NaturalParams => [concentration];

            protected override Tensor MeanCarrierMeasure => tensor(0, concentration.dtype, concentration.device);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var shaped = concentration.expand(ExtendedShape(sample_shape));
                var differentiable = is_grad_enabled() && concentration.requires_grad;
                Tensor draw, slope;
                using (no_grad())
                {
                    draw = Ops._sample_dirichlet.Call(shaped, generator);
                    if (!differentiable)
                        return draw;
                    slope = Ops._dirichlet_grad.Call(draw, shaped, shaped.sum(-1, true).expand(shaped.shape));
                }
                // libtorch has the derivative, but does not tie it to the draw: zero with that derivative is added.
                var change = slope * (shaped - shaped.detach());
                return draw + change - (draw * change.sum(-1, true));
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
                (value.log() * (concentration - 1)).sum(-1) + concentration.sum(-1).lgamma() - concentration.lgamma().sum(-1));

            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
            {
                var total = concentration.sum(-1);
                return concentration.lgamma().sum(-1) - total.lgamma() - ((event_shape[0] - total) * total.digamma()) - ((concentration - 1) * concentration.digamma()).sum(-1);
            });

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Dirichlet(concentration.expand([.. batch_shape, .. event_shape]), generator), instance);

            protected override Tensor LogNormalizer(params Tensor[] parameters) => parameters[0].lgamma().sum(-1) - parameters[0].sum(-1).lgamma();
        }

        /// <summary>A number between 0 and 1.</summary>
        public class Beta : ExponentialFamily
        {
#pragma warning disable CA1051 // TorchSharp has a protected field here.
            /// <summary>Of the number and of what is left to 1.</summary>
            protected Dirichlet dirichlet;
#pragma warning restore CA1051
            private readonly Tensor concentration1;
            private readonly Tensor concentration0;

            public Beta(Tensor concentration1, Tensor concentration0, Generator? generator = null) : base(generator)
            {
                var both = OwnBatch(concentration1, concentration0);
                (this.concentration1, this.concentration0) = (both[0], both[1]);
                dirichlet = Own(Fresh(() => new Dirichlet(stack(both, -1), generator)));
            }

            public override Tensor mean => WrappedTensorDisposeScope(() => concentration1 / (concentration1 + concentration0));

            public override Tensor mode => WrappedTensorDisposeScope(() => dirichlet.mode.select(-1, 0));

            public override Tensor variance => WrappedTensorDisposeScope(() =>
                (concentration1 + concentration0) is var total ? concentration1 * concentration0 / (total.pow(2) * (total + 1)) : null!);

            protected override IList<Tensor> NaturalParams => [concentration1, concentration0];

            protected override Tensor MeanCarrierMeasure => tensor(0, concentration1.dtype, concentration1.device);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() => dirichlet.rsample(sample_shape).select(-1, 0));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => dirichlet.log_prob(stack([value, 1.0 - value], -1)));

            public override Tensor entropy() => dirichlet.entropy();

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Beta(concentration1.expand(batch_shape.Shape), concentration0.expand(batch_shape.Shape), generator), instance);

            protected override Tensor LogNormalizer(params Tensor[] parameters) => parameters[0].lgamma() + parameters[1].lgamma() - (parameters[0] + parameters[1]).lgamma();
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Gamma Gamma(Tensor concentration, Tensor rate, Generator? generator = null) => new(concentration, rate, generator);

            public static Chi2 Chi2(Tensor df, Generator? generator = null) => new(df, generator);

            public static Exponential Exponential(Tensor rate, Generator? generator = null) => new(rate, generator);

            public static FisherSnedecor FisherSnedecor(Tensor df1, Tensor df2, Generator? generator = null) => new(df1, df2, generator);

            public static Dirichlet Dirichlet(Tensor concentration, Generator? generator = null) => new(concentration, generator);

            public static Beta Beta(Tensor concentration1, Tensor concentration0, Generator? generator = null) => new(concentration1, concentration0, generator);
        }
    }
}
