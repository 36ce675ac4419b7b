using Repro.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>1 with a probability, else 0.</summary>
        public class Bernoulli : Distribution
        {
            private readonly Odds odds;

            public Bernoulli(Tensor? p = null, Tensor? l = null, Generator? generator = null) : base(generator)
            {
                odds = Own(new Odds(p, l, binary: true));
                batch_shape = odds.Given.shape;
            }

            public Tensor probs => odds.Probabilities;

            public Tensor logits => odds.Logits;

            public override Tensor mean => probs;

            public override Tensor mode => WrappedTensorDisposeScope(() => probs.ge(0.5).to(probs.dtype).masked_fill(probs.eq(0.5), double.NaN));

            public override Tensor variance => WrappedTensorDisposeScope(() => probs * (1 - probs));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                return probs.expand(ExtendedShape(sample_shape)).bernoulli(generator);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => -CrossEntropy(logits, value));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => CrossEntropy(logits, probs));

            public override Tensor enumerate_support(bool expand = true) => WrappedTensorDisposeScope(() => Support(2, odds.Given, batch_shape.Shape, expand));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand(batch_shape.Shape) is var (p, l) ? new Bernoulli(p, l, generator) : null!, instance);

            internal static Tensor CrossEntropy(Tensor logits, Tensor target)
            {
                var both = Repro.Torch.Dispatch.Ops.broadcast_tensors.CallList(new[] { logits, target });
                return nn.functional.binary_cross_entropy_with_logits(both[0], both[1], reduction: nn.Reduction.None);
            }

            /// <summary>0, 1, ... along a new first dimension.</summary>
            internal static Tensor Support(long count, Tensor like, long[] batch, bool expand)
            {
                var values = arange(count, like.dtype, like.device).view([-1, .. batch.Select(_ => 1L)]);
                return expand ? values.expand([-1, .. batch]) : values;
            }
        }

        /// <summary>Failures before the first success.</summary>
        public class Geometric : Distribution
        {
            private readonly Odds odds;

            public Geometric(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) : base(generator)
            {
                odds = Own(new Odds(probs, logits, binary: true));
                batch_shape = odds.Given.shape;
            }

            public Tensor probs => odds.Probabilities;

            public Tensor logits => odds.Logits;

            public override Tensor mean => WrappedTensorDisposeScope(() => (1 / probs) - 1);

            public override Tensor mode => zeros_like(probs);

            public override Tensor variance => WrappedTensorDisposeScope(() => ((1 / probs) - 1) / probs);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                return (Uniforms(probs, ExtendedShape(sample_shape), FloatType.Tiny(probs.dtype)).log() / (-probs).log1p()).floor();
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
                (value * (-probs.masked_fill(probs.eq(1) & value.eq(0), 0)).log1p()) + probs.log());

            public override Tensor entropy() => WrappedTensorDisposeScope(() => Bernoulli.CrossEntropy(logits, probs) / probs);

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand(batch_shape.Shape) is var (p, l) ? new Geometric(p, l, generator) : null!, instance);
        }

        /// <summary>The logit of a <see cref="RelaxedBernoulli"/> number.</summary>
        public class LogitRelaxedBernoulli : Distribution
        {
            private readonly Odds odds;
            private readonly Tensor temperature;

            public LogitRelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) : base(generator)
            {
                odds = Own(new Odds(probs, logits, binary: true));
                this.temperature = Own(temperature.alias());
                batch_shape = odds.Given.shape;
            }

            public Tensor probs => odds.Probabilities;

            public Tensor logits => odds.Logits;

            public override Tensor mean => throw Missing(nameof(mean));

            public override Tensor variance => throw Missing(nameof(variance));

            internal Tensor Temperature => temperature;

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var shape = ExtendedShape(sample_shape);
                var inside = ClampedProbabilities(probs.expand(shape));
                var uniforms = ClampedProbabilities(Uniforms(inside, shape));
                return (uniforms.log() - (-uniforms).log1p() + inside.log() - (-inside).log1p()) / temperature;
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var difference = logits - (value * temperature);
                return temperature.log() + difference - (2 * difference.exp().log1p());
            });

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand(batch_shape.Shape) is var (p, l) ? new LogitRelaxedBernoulli(temperature, p, l, generator) : null!, instance);
        }

        /// <summary>A number between 0 and 1, near the ends for low temperatures, through which gradients flow (Maddison et al. 2017).</summary>
        public class RelaxedBernoulli : TransformedDistribution
        {
            public RelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null)
                : this(new LogitRelaxedBernoulli(temperature, probs, logits, generator), generator)
            {
            }

            private RelaxedBernoulli(LogitRelaxedBernoulli logit, Generator? generator) : base(logit, [new transforms.SigmoidTransform()], generator, owns: true)
            {
            }

            public Tensor probs => Logit.probs;

            public Tensor logits => Logit.logits;

            public Tensor temperature => Logit.Temperature;

            private LogitRelaxedBernoulli Logit => (LogitRelaxedBernoulli)Base;

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new RelaxedBernoulli((LogitRelaxedBernoulli)Logit.expand(batch_shape), generator), instance);
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Bernoulli Bernoulli(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(probs, logits, generator);

            public static Bernoulli Bernoulli(float? probs, float? logits, Generator? generator = null) => Scoped(() => new Bernoulli(Maybe(probs), Maybe(logits), generator));

            public static Bernoulli Bernoulli(double? probs, double? logits, Generator? generator = null) => Scoped(() => new Bernoulli(Maybe(probs), Maybe(logits), generator));

            public static Geometric Geometric(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(probs, logits, generator);

            public static LogitRelaxedBernoulli LogitRelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(temperature, probs, logits, generator);

            public static LogitRelaxedBernoulli LogitRelaxedBernoulli(Tensor temperature, float? probs, float? logits, Generator? generator = null) =>
                Scoped(() => new LogitRelaxedBernoulli(temperature, Maybe(probs), Maybe(logits), generator));

            public static LogitRelaxedBernoulli LogitRelaxedBernoulli(Tensor temperature, double? probs, double? logits, Generator? generator = null) =>
                Scoped(() => new LogitRelaxedBernoulli(temperature, Maybe(probs), Maybe(logits), generator));

            public static RelaxedBernoulli RelaxedBernoulli(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(temperature, probs, logits, generator);

            public static RelaxedBernoulli RelaxedBernoulli(Tensor temperature, float? probs, float? logits, Generator? generator = null) =>
                Scoped(() => new RelaxedBernoulli(temperature, Maybe(probs), Maybe(logits), generator));

            public static RelaxedBernoulli RelaxedBernoulli(Tensor temperature, double? probs, double? logits, Generator? generator = null) =>
                Scoped(() => new RelaxedBernoulli(temperature, Maybe(probs), Maybe(logits), generator));

            private static Tensor? Maybe(float? number) => number is { } given ? tensor(given) : null;

            private static Tensor? Maybe(double? number) => number is { } given ? tensor(given) : null;
        }
    }
}
