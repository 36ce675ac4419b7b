using Repro.Torch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        /// <summary>The number of a category, from 0; the last dimension of the parameters runs over the categories.</summary>
        public class Categorical : Distribution
        {
            private readonly Odds odds;

            public Categorical(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) : base(generator)
            {
                if ((probs ?? logits)?.dim() < 1)
                    throw new ArgumentException("The parameters must have at least one dimension, that of the categories.");
                odds = Own(new Odds(probs, logits, binary: false));
                batch_shape = param_shape[..^1];
            }

            /// <summary>They add up to one.</summary>
            public Tensor probs => odds.Probabilities;

            /// <summary>Their exponentials add up to one.</summary>
            public Tensor logits => odds.Logits;

            public long[] param_shape => odds.Given.shape;

            public override Tensor mean => full(ExtendedShape(), double.NaN, odds.Given.dtype, odds.Given.device);

            public override Tensor mode => probs.argmax(-1);

            public override Tensor variance => full(ExtendedShape(), double.NaN, odds.Given.dtype, odds.Given.device);

            internal long Categories => param_shape[^1];

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                return probs.reshape(-1, Categories).multinomial(sample_shape.TotalSize(), true, generator).t().reshape(ExtendedShape(sample_shape));
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var both = Repro.Torch.Dispatch.Ops.broadcast_tensors.CallList(new[] { value.to(int64).unsqueeze(-1), logits });
                return both[1].gather(-1, both[0].narrow(-1, 0, 1)).squeeze(-1);
            });

            public override Tensor entropy() => WrappedTensorDisposeScope(() => -(logits.clamp_min(FloatType.Lowest(logits.dtype)) * probs).sum(-1));

            public override Tensor enumerate_support(bool expand = true) => WrappedTensorDisposeScope(() => Bernoulli.Support(Categories, zeros([0], int64, odds.Given.device), batch_shape.Shape, expand));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => odds.Expand([.. batch_shape, Categories]) is var (p, l) ? new Categorical(p, l, generator) : null!, instance);
        }

        /// <summary>A vector of zeros with one 1, at the category.</summary>
        public class OneHotCategorical : Distribution
        {
            private readonly Categorical categorical;

            public OneHotCategorical(Tensor? p = null, Tensor? l = null, Generator? generator = null) : this(new Categorical(p, l, generator), generator)
            {
            }

            private OneHotCategorical(Categorical categorical, Generator? generator) : base(generator)
            {
                this.categorical = Own(categorical);
                (batch_shape, event_shape) = (categorical.batch_shape, new Size(categorical.Categories));
            }

            public Tensor probs => categorical.probs;

            public Tensor logits => categorical.logits;

            public override Tensor mean => probs;

            public override Tensor mode => WrappedTensorDisposeScope(() => OneHot(categorical.mode));

            public override Tensor variance => WrappedTensorDisposeScope(() => probs * (1 - probs));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() => OneHot(categorical.sample(sample_shape)));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() => categorical.log_prob(value.argmax(-1)));

            public override Tensor entropy() => categorical.entropy();

            public override Tensor enumerate_support(bool expand = true) => WrappedTensorDisposeScope(() =>
            {
                var n = event_shape[0];
                var values = eye(n, dtype: probs.dtype, device: probs.device).view([n, .. batch_shape.Select(_ => 1L), n]);
                return expand ? values.expand([n, .. batch_shape, n]) : values;
            });

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new OneHotCategorical((Categorical)categorical.expand(batch_shape), generator), instance);

            private Tensor OneHot(Tensor categories) => nn.functional.one_hot(categories, event_shape[0]).to(probs.dtype);
        }

        /// <summary>How often each category comes up.</summary>
        public class Multinomial : Distribution
        {
            private readonly int total_count;
            private readonly Categorical categorical;

            public Multinomial(int total_count, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) : this(total_count, new Categorical(probs, logits, generator), generator)
            {
            }

            private Multinomial(int total_count, Categorical categorical, Generator? generator) : base(generator)
            {
                ArgumentOutOfRangeException.ThrowIfNegative(total_count);
                this.total_count = total_count;
                this.categorical = Own(categorical);
                (batch_shape, event_shape) = (categorical.batch_shape, new Size(categorical.Categories));
            }

            public Tensor probs => categorical.probs;

            public Tensor logits => categorical.logits;

            public long[] param_shape => categorical.param_shape;

            public override Tensor mean => total_count * probs;

            public override Tensor variance => WrappedTensorDisposeScope(() => total_count * probs * (1 - probs));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                var draws = categorical.sample([total_count, .. sample_shape]).movedim([0L], [-1L]);
                return zeros(ExtendedShape(sample_shape), int64, draws.device).scatter_add_(-1, draws, ones_like(draws)).to(probs.dtype);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var possible = logits.masked_fill(value.eq(0) & logits.eq(double.NegativeInfinity), 0);
                return (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1) + (possible * value).sum(-1);
            });

            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
            {
                using var each = new Binomial(tensor((double)total_count, probs.dtype, probs.device), probs);
                var counts = Bernoulli.Support(total_count + 1, probs, probs.shape, expand: false);
                counts = counts.narrow(0, 1, total_count);
                var expected = (each.log_prob(counts).exp() * (counts + 1).lgamma()).sum([0, -1]);
                return (total_count * categorical.entropy()) - tensor(total_count + 1.0, probs.dtype, probs.device).lgamma() + expected;
            });

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new Multinomial(total_count, (Categorical)categorical.expand(batch_shape), generator), instance);
        }

        /// <summary>The logarithm of a <see cref="RelaxedOneHotCategorical"/> vector.</summary>
        public class ExpRelaxedCategorical : Distribution
        {
            private readonly Categorical categorical;

            internal ExpRelaxedCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) : this(temperature, new Categorical(probs, logits, generator), generator)
            {
            }

            private ExpRelaxedCategorical(Tensor temperature, Categorical categorical, Generator? generator) : base(generator)
            {
                this.temperature = Own(temperature.alias());
                this.categorical = Own(categorical);
                (batch_shape, event_shape) = (categorical.batch_shape, new Size(categorical.Categories));
            }

            public Tensor probs => categorical.probs;

            public Tensor logits => categorical.logits;

            public Tensor temperature { get; }

            public long[] param_shape => categorical.param_shape;

            public override Tensor mean => throw Missing(nameof(mean));

            public override Tensor variance => throw Missing(nameof(variance));

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                var uniforms = ClampedProbabilities(Uniforms(logits, ExtendedShape(sample_shape)));
                var scores = (logits - (-uniforms.log()).log()) / temperature;
                return scores - scores.logsumexp(-1, keepdim: true);
            });

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var scale = full_like(temperature, (double)categorical.Categories).lgamma() + (temperature.log() * (categorical.Categories - 1));
                var score = logits - (value * temperature);
                return (score - score.logsumexp(-1, keepdim: true)).sum(-1) + scale;
            });

            public override Tensor entropy() => throw Missing(nameof(entropy));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new ExpRelaxedCategorical(temperature, (Categorical)categorical.expand(batch_shape), generator), instance);
        }

        /// <summary>A vector on the simplex, near its corners for low temperatures, through which gradients flow: Gumbel-softmax (Jang et al. 2017).</summary>
        public class RelaxedOneHotCategorical : TransformedDistribution
        {
            public RelaxedOneHotCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null)
                : this(new ExpRelaxedCategorical(temperature, probs, logits, generator), generator)
            {
            }

            private RelaxedOneHotCategorical(ExpRelaxedCategorical logarithm, Generator? generator) : base(logarithm, [new transforms.ExpTransform()], generator, owns: true)
            {
            }

            public Tensor probs => Logarithm.probs;

            public Tensor logits => Logarithm.logits;

            public Tensor temperature => Logarithm.temperature;

            private ExpRelaxedCategorical Logarithm => (ExpRelaxedCategorical)Base;

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new RelaxedOneHotCategorical((ExpRelaxedCategorical)Logarithm.expand(batch_shape), generator), instance);
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Categorical Categorical(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(probs, logits, generator);

            /// <summary>Categories that are all alike.</summary>
            public static Categorical Categorical(int categories, Generator? generator = null) => Scoped(() => new Categorical(full([categories], 1.0 / categories), generator: generator));

            public static OneHotCategorical OneHotCategorical(Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(probs, logits, generator);

            public static OneHotCategorical OneHotCategorical(float? probs, float? logits, Generator? generator = null) => Scoped(() => new OneHotCategorical(Maybe(probs), Maybe(logits), generator));

            public static OneHotCategorical OneHotCategorical(double? probs, double? logits, Generator? generator = null) => Scoped(() => new OneHotCategorical(Maybe(probs), Maybe(logits), generator));

            public static Multinomial Multinomial(int total_count, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(total_count, probs, logits, generator);

            public static Multinomial Multinomial(int total_count, int categories, Generator? generator = null) => Scoped(() => new Multinomial(total_count, full([categories], 1.0 / categories), generator: generator));

            public static ExpRelaxedCategorical ExpRelaxedCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(temperature, probs, logits, generator);

            public static ExpRelaxedCategorical ExpRelaxedCategorical(Tensor temperature, float? probs, float? logits, Generator? generator = null) =>
                Scoped(() => new ExpRelaxedCategorical(temperature, Maybe(probs), Maybe(logits), generator));

            public static ExpRelaxedCategorical ExpRelaxedCategorical(Tensor temperature, double? probs, double? logits, Generator? generator = null) =>
                Scoped(() => new ExpRelaxedCategorical(temperature, Maybe(probs), Maybe(logits), generator));

            public static RelaxedOneHotCategorical RelaxedOneHotCategorical(Tensor temperature, Tensor? probs = null, Tensor? logits = null, Generator? generator = null) => new(temperature, probs, logits, generator);

            public static RelaxedOneHotCategorical RelaxedOneHotCategorical(Tensor temperature, float? probs, float? logits, Generator? generator = null) =>
                Scoped(() => new RelaxedOneHotCategorical(temperature, Maybe(probs), Maybe(logits), generator));

            public static RelaxedOneHotCategorical RelaxedOneHotCategorical(Tensor temperature, double? probs, double? logits, Generator? generator = null) =>
                Scoped(() => new RelaxedOneHotCategorical(temperature, Maybe(probs), Maybe(logits), generator));
        }
    }
}
