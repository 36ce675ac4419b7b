using Repro.Torch;
using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>Successes among a number of tries.</summary>
        public class Binomial : Distribution
        {
            private readonly Odds odds;
            private readonly Tensor total_count;

            public Binomial(Tensor total_count, Tensor? p = null, Tensor? l = null, Generator? generator = null) : base(generator) =>
                (odds, this.total_count) = Fresh(() =>
                {
                    var both = Ops.broadcast_tensors.CallList(new[] { total_count, p ?? l ?? total_count });
                    batch_shape = both[0].shape;
                    return (Own(new Odds(p is null ? null : both[1], l is null ? null : both[1], binary: true)), Own(both[0].to(both[1].dtype).alias()));
                });

            public Tensor probs => odds.Probabilities;

            public Tensor logits => odds.Logits;

            public override Tensor mean => total_count * probs;

            public override Tensor mode => WrappedTensorDisposeScope(() => ((total_count + 1) * probs).floor().minimum(total_count));

            public override Tensor variance => WrappedTensorDisposeScope(() => total_count * probs * (1 - probs));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                var shape = ExtendedShape(sample_shape);
                return Ops.binomial.Call(total_count.expand(shape), probs.expand(shape), generator);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                // The positive part of the logit, with the gradient 1/2 at zero.
                var positive = (logits.clamp_min(0) + logits - logits.clamp_max(0)) / 2;
                var normalizer = (total_count * positive) + (total_count * (-logits.abs()).exp().log1p()) - (total_count + 1).lgamma();
                return (value * logits) - (value + 1).lgamma() - (total_count - value + 1).lgamma() - normalizer;
            });

            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
            {
                var logarithm = log_prob(enumerate_support(expand: false));
                return -(logarithm.exp() * logarithm).sum([0L]);
            });

            /// <exception cref="NotImplementedException">The members of the batch have different numbers of tries.</exception>
            public override Tensor enumerate_support(bool expand = true) => WrappedTensorDisposeScope(() =>
            {
                var most = total_count.max().ToDouble();
                if (total_count.min().ToDouble() != most)
                    throw new NotImplementedException("Binomial has no support in common for different numbers of tries.");
                return Bernoulli.Support((long)most + 1, odds.Given, batch_shape.Shape, expand);
            });

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand(batch_shape.Shape) is var (p, l) ? new Binomial(total_count.expand(batch_shape.Shape), p, l, generator) : null!, instance);
        }

        /// <summary>Successes before a number of failures, which need not be whole.</summary>
        public class NegativeBinomial : Distribution
        {
            private readonly Odds odds;
            private readonly Tensor total_count;

            public NegativeBinomial(Tensor total_count, Tensor? p = null, Tensor? l = null, Generator? generator = null) : base(generator) =>
                (odds, this.total_count) = Fresh(() =>
                {
                    var both = Ops.broadcast_tensors.CallList(new[] { total_count, p ?? l ?? total_count });
                    batch_shape = both[0].shape;
                    return (Own(new Odds(p is null ? null : both[1], l is null ? null : both[1], binary: true)), Own(both[0].to(both[1].dtype).alias()));
                });

            public Tensor probs => odds.Probabilities;

            public Tensor logits => odds.Logits;

            public override Tensor mean => WrappedTensorDisposeScope(() => total_count * logits.exp());

            public override Tensor mode => WrappedTensorDisposeScope(() => ((total_count - 1) * logits.exp()).floor().clamp_min(0));

            public override Tensor variance => WrappedTensorDisposeScope(() => total_count * logits.exp() / (-logits).sigmoid());

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                using var rates = new Gamma(total_count, (-logits).exp(), generator);
                return Ops.poisson.Call(rates.sample(sample_shape), generator);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var likelihood = (total_count * (-logits).log_sigmoid()) + (value * logits.log_sigmoid());
                var normalizer = (1 + value).lgamma() + total_count.lgamma() - (total_count + value).lgamma();
                return likelihood - normalizer.masked_fill((total_count + value).eq(0), 0);
            });

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand(batch_shape.Shape) is var (p, l) ? new NegativeBinomial(total_count.expand(batch_shape.Shape), p, l, generator) : null!, instance);
        }

        public class Poisson : ExponentialFamily
        {
            private readonly Tensor rate;

            public Poisson(Tensor rate, Generator? generator = null) : base(generator) => this.rate = OwnBatch(rate)[0];

            public override Tensor mean => rate;

            public override Tensor mode => rate.floor();

            public override Tensor variance => rate;

            protected override IList<Tensor> NaturalParams => [rate.log()];

            protected override Tensor MeanCarrierMeasure => throw Missing(nameof(MeanCarrierMeasure));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                return Ops.poisson.Call(rate.expand(ExtendedShape(sample_shape)), generator);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => value.xlogy(rate) - rate - (value + 1).lgamma());

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => Ops.special_gammaincc.Call((value.floor() + 1).clamp_min(0), rate.expand(Widest(rate, value))));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new Poisson(rate.expand(batch_shape.Shape), generator), instance);

            protected override Tensor LogNormalizer(params Tensor[] parameters) => parameters[0].exp();

            private static long[] Widest(Tensor left, Tensor right) => Ops.broadcast_tensors.CallList(new[] { left, right })[0].shape;
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Binomial Binomial(Tensor total_count, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(total_count, probs, logits, generator);

            public static Binomial Binomial(int total_count, float? probs, float? logits, Generator? generator = null) => Scoped(() => new Binomial(tensor(total_count), Maybe(probs), Maybe(logits), generator));

            public static Binomial Binomial(int total_count, double? probs, double? logits, Generator? generator = null) => Scoped(() => new Binomial(tensor(total_count), Maybe(probs), Maybe(logits), generator));

            public static NegativeBinomial NegativeBinomial(Tensor total_count, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(total_count, probs, logits, generator);

            public static NegativeBinomial NegativeBinomial(int total_count, float? probs, float? logits, Generator? generator = null) =>
                Scoped(() => new NegativeBinomial(tensor(total_count), Maybe(probs), Maybe(logits), generator));

            public static NegativeBinomial NegativeBinomial(int total_count, double? probs, double? logits, Generator? generator = null) =>
                Scoped(() => new NegativeBinomial(tensor(total_count), Maybe(probs), Maybe(logits), generator));

            public static Poisson Poisson(Tensor rate, Generator? generator = null) => new(rate, generator);

            public static Poisson Poisson(float rate, Generator? generator = null) => Scoped(() => new Poisson(tensor(rate), generator));

            public static Poisson Poisson(double rate, Generator? generator = null) => Scoped(() => new Poisson(tensor(rate), generator));
        }
    }
}
