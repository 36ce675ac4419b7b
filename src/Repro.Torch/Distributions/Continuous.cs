using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>From low (included) to high (excluded).</summary>
        public class Uniform : Distribution
        {
            private readonly Tensor low;
            private readonly Tensor high;

            public Uniform(Tensor low, Tensor high, Generator? generator = null) : base(generator) =>
                (this.low, this.high) = OwnBatch(low, high) is [var first, var second] ? (first, second) : default;

            public override Tensor mean => WrappedTensorDisposeScope(() => (high + low) / 2);

            public override Tensor mode => double.NaN * high;

            public override Tensor stddev => WrappedTensorDisposeScope(() => (high - low) / Math.Sqrt(12));

            public override Tensor variance => WrappedTensorDisposeScope(() => (high - low).pow(2) / 12);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() => low + (Uniforms(low, ExtendedShape(sample_shape)) * (high - low)));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
                (low.le(value).type_as(low) * high.gt(value).type_as(low)).log() - (high - low).log());

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => Clamped((value - low) / (high - low), 0, 1));

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => (value * (high - low)) + low);

            public override Tensor entropy() => WrappedTensorDisposeScope(() => (high - low).log());

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Uniform(low.expand(batch_shape.Shape), high.expand(batch_shape.Shape), generator), instance);
        }

        /// <summary>Has neither mean nor variance.</summary>
        public class Cauchy : Distribution
        {
            private readonly Tensor loc;
            private readonly Tensor scale;

            public Cauchy(Tensor loc, Tensor scale, Generator? generator = null) : base(generator) =>
                (this.loc, this.scale) = OwnBatch(loc, scale) is [var first, var second] ? (first, second) : default;

            public override Tensor mean => full_like(loc, double.NaN);

            public override Tensor mode => loc;

            public override Tensor variance => full_like(loc, double.PositiveInfinity);

            internal Tensor Scale => scale;

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var eps = empty(ExtendedShape(sample_shape), loc.dtype, loc.device);
                Repro.Torch.Dispatch.Ops.cauchy_.CallInPlace(eps, 0.0, 1.0, generator);
                return loc + (eps * scale);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => -Math.Log(Math.PI) - scale.log() - ((value - loc) / scale).pow(2).log1p());

            public override Tensor entropy() => WrappedTensorDisposeScope(() => Math.Log(4 * Math.PI) + scale.log());

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => (((value - loc) / scale).atan() / Math.PI) + 0.5);

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => ((Math.PI * (value - 0.5)).tan() * scale) + loc);

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Cauchy(loc.expand(batch_shape.Shape), scale.expand(batch_shape.Shape), generator), instance);
        }

        /// <summary>The absolute value of such a number centred at zero.</summary>
        public class HalfCauchy : TransformedDistribution
        {
            internal HalfCauchy(Tensor scale, Generator? generator = null)
                : base(Fresh(() => new Cauchy(zeros_like(scale), scale, generator)), [new transforms.AbsTransform()], generator, owns: true) => this.scale = ((Cauchy)Base).Scale;

            public Tensor scale { get; }

            public override Tensor mean => full(ExtendedShape(), double.PositiveInfinity, scale.dtype, scale.device);

            public override Tensor mode => zeros_like(scale);

            public override Tensor variance => Base.variance;

            public override Tensor log_prob(Tensor value) => Folded(value);

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => (2 * Base.cdf(value)) - 1);

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => Base.icdf((value + 1) / 2));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => Base.entropy() - Math.Log(2));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new HalfCauchy(scale.expand(batch_shape.Shape), generator), instance);
        }

        public class Laplace : Distribution
        {
            private readonly Tensor loc;
            private readonly Tensor scale;

            public Laplace(Tensor loc, Tensor scale, Generator? generator = null) : base(generator) =>
                (this.loc, this.scale) = OwnBatch(loc, scale) is [var first, var second] ? (first, second) : default;

            public override Tensor mean => loc;

            public override Tensor mode => loc;

            public override Tensor stddev => scale * Math.Sqrt(2);

            public override Tensor variance => WrappedTensorDisposeScope(() => 2 * scale.pow(2));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var u = Uniforms(loc, ExtendedShape(sample_shape), FloatType.Epsilon(loc.dtype) - 1);
                return loc - (scale * u.sign() * (-u.abs()).log1p());
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => -(2 * scale).log() - ((value - loc).abs() / scale));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => 1 + (2 * scale).log());

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => 0.5 - (0.5 * (value - loc).sign() * (-(value - loc).abs() / scale).expm1()));

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var term = value - 0.5;
                return loc - (scale * term.sign() * (-2 * term.abs()).log1p());
            });

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Laplace(loc.expand(batch_shape.Shape), scale.expand(batch_shape.Shape), generator), instance);
        }

        public class Gumbel : TransformedDistribution
        {
            private readonly Tensor loc;
            private readonly Tensor scale;

            internal Gumbel(Tensor loc, Tensor scale, Distribution base_distribution, transforms.Transform[] transforms, Generator? generator = null) : base(base_distribution, transforms, generator, owns: true) =>
                (this.loc, this.scale) = (Own(loc.alias()), Own(scale.alias()));

            public override Tensor mean => WrappedTensorDisposeScope(() => loc + (scale * euler_constant));

            public override Tensor mode => loc;

            public override Tensor stddev => Math.PI / Math.Sqrt(6) * scale;

            public override Tensor variance => WrappedTensorDisposeScope(() => stddev.pow(2));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var y = (loc - value) / scale;
                return y - y.exp() - scale.log();
            });

            public override Tensor entropy() => WrappedTensorDisposeScope(() => scale.log() + (1 + euler_constant));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => distributions.Gumbel(loc.expand(batch_shape.Shape), scale.expand(batch_shape.Shape), generator), instance);
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Uniform Uniform(Tensor low, Tensor high, Generator? generator = null) => new(low, high, generator);

            public static Cauchy Cauchy(Tensor loc, Tensor scale, Generator? generator = null) => new(loc, scale, generator);

            public static HalfCauchy HalfCauchy(Tensor scale, Generator? generator = null) => new(scale, generator);

            public static Laplace Laplace(Tensor loc, Tensor scale, Generator? generator = null) => new(loc, scale, generator);

            public static Laplace Laplace(float loc, float scale = 1.0f, Generator? generator = null) => Scoped(() => new Laplace(tensor(loc), tensor(scale), generator));

            public static Laplace Laplace(double loc, double scale = 1.0, Generator? generator = null) => Scoped(() => new Laplace(tensor(loc), tensor(scale), generator));

            /// <summary>The largest of many: minus the logarithm of minus the logarithm of a uniform number, stretched and moved.</summary>
            public static Gumbel Gumbel(Tensor loc, Tensor scale, Generator? generator = null) => Scoped(() =>
            {
                var both = Repro.Torch.Dispatch.Ops.broadcast_tensors.CallList(new[] { loc, scale });
                var uniform = new Uniform(full_like(both[0], FloatType.Tiny(loc.dtype)), full_like(both[0], 1 - FloatType.Epsilon(loc.dtype)), generator);
                var logarithm = new transforms.ExpTransform().inv;
                return new Gumbel(
                    both[0], both[1], uniform, [logarithm, transforms.AffineTransform.Scale(-ones_like(both[1])), logarithm, new transforms.AffineTransform(both[0], -both[1])], generator);
            });
        }
    }
}
