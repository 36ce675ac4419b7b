using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class distributions
    {
        /// <summary>Random tensors of <see cref="batch_shape"/> independent draws, each of <see cref="event_shape"/>.</summary>
        /// <remarks>
        /// Formulas and the order in which random numbers are taken are PyTorch's: with the same seed the same values come. A distribution holds
        /// its parameters until it is disposed of; the tensors that it was made of stay the caller's, and so does the generator.
        /// </remarks>
        public abstract class Distribution : IDisposable
        {
            protected const double euler_constant = 0.57721566490153286060;

#pragma warning disable CA1051 // TorchSharp has a protected field here.
            /// <summary>Null is the device's default stream.</summary>
            protected Generator? generator;
#pragma warning restore CA1051

            private readonly List<IDisposable> owned = [];

            protected Distribution(Generator? generator, long[]? batch_shape = null, long[]? event_shape = null)
            {
                this.generator = generator;
                (this.batch_shape, this.event_shape) = (batch_shape ?? [], event_shape ?? []);
            }

            protected Distribution(Generator? generator, Size batch_shape, Size? event_shape = null) : this(generator, batch_shape.Shape, event_shape?.Shape)
            {
            }

            public Size batch_shape { get; protected set; }

            public Size event_shape { get; protected set; }

            public abstract Tensor mean { get; }

            /// <exception cref="NotImplementedException">It has none that is known.</exception>
            public virtual Tensor mode => throw Missing(nameof(mode));

            public abstract Tensor variance { get; }

            public virtual Tensor stddev => WrappedTensorDisposeScope(() => variance.sqrt());

            /// <summary>Draws through which no gradient flows, in the shape [sample_shape, batch_shape, event_shape].</summary>
            public virtual Tensor sample(params long[] sample_shape)
            {
                using var grad = no_grad();
                return rsample(sample_shape);
            }

            public Tensor sample(Size sample_shape) => sample(sample_shape.Shape);

            /// <summary>Draws through which gradients flow to the parameters, where the distribution allows it; ordinary draws where not.</summary>
            public abstract Tensor rsample(params long[] sample_shape);

            public Tensor rsample(Size sample_shape) => rsample(sample_shape.Shape);

            /// <summary>The logarithm of the density, or for whole numbers of the probability, one value an event.</summary>
            public abstract Tensor log_prob(Tensor value);

            /// <summary>In nats, one value a member of the batch.</summary>
            public abstract Tensor entropy();

            /// <summary>The same distribution for a larger batch, whose members share memory.</summary>
            /// <param name="instance">Must be null: a distribution is always made anew.</param>
            public abstract Distribution expand(Size batch_shape, Distribution? instance = null);

            public virtual Tensor cdf(Tensor value) => throw Missing(nameof(cdf));

            /// <summary>The value below which a draw falls with the given probability.</summary>
            public virtual Tensor icdf(Tensor value) => throw Missing(nameof(icdf));

            /// <summary>All values that can be drawn, along a new first dimension.</summary>
            /// <param name="expand">In the shape of the batch; otherwise in one that can be broadcast to it.</param>
            public virtual Tensor enumerate_support(bool expand = true) => throw Missing(nameof(enumerate_support));

            public virtual Tensor perplexity() => WrappedTensorDisposeScope(() => entropy().exp());

            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            protected virtual void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                foreach (var each in owned)
                    each.Dispose();
                owned.Clear();
            }

            protected long[] ExtendedShape(params long[] sample_shape) => [.. sample_shape, .. batch_shape, .. event_shape];

            private protected NotImplementedException Missing(string what) => new($"{GetType().Name} has no {what}.");

            /// <summary>Keeps what was made for the distribution until it is disposed of; no dispose scope owns it.</summary>
            private protected T Own<T>(T made) where T : IDisposable
            {
                if (made is Tensor tensor)
                    tensor.DetachFromDisposeScope();
                owned.Add(made);
                return made;
            }

            /// <summary>The tensors in one common shape, which becomes the shape of the batch.</summary>
            private protected Tensor[] OwnBatch(params Tensor[] tensors)
            {
                var common = Array.ConvertAll(Ops.broadcast_tensors.CallList(tensors), Own);
                batch_shape = common[0].shape;
                return common;
            }

            /// <summary>Makes a distribution from tensors that nobody needs but it.</summary>
            private protected static T Fresh<T>(Func<T> make, Distribution? instance = null)
            {
                if (instance is not null)
                    throw new NotSupportedException("expand makes a new distribution; it does not fill one that is given.");
                using var scope = NewDisposeScope();
                return make();
            }

            private protected static Tensor Clamped(Tensor tensor, double low, double high) => Ops.clamp.Call(tensor, (Scalar)low, (Scalar)high);

            private protected static Tensor ClampedProbabilities(Tensor tensor) => Clamped(tensor, FloatType.Epsilon(tensor.dtype), 1 - FloatType.Epsilon(tensor.dtype));

            /// <summary>Numbers between <paramref name="low"/> and <paramref name="high"/> in the type of the parameters.</summary>
            private protected Tensor Uniforms(Tensor like, long[] shape, double low = 0, double high = 1) => empty(shape, like.dtype, like.device).uniform_(low, high, generator);

            private protected Tensor Normals(Tensor like, long[] shape) => empty(shape, like.dtype, like.device).normal_(generator: generator);
        }

        /// <summary>Distributions whose density is the exponential of a product of parameters and statistics.</summary>
        public abstract class ExponentialFamily : Distribution
        {
            protected ExponentialFamily(Generator? generator) : base(generator)
            {
            }

            protected abstract IList<Tensor> NaturalParams { get; }

            protected abstract Tensor MeanCarrierMeasure { get; }

            protected virtual Tensor LogNormalizer(params Tensor[] parameters) => throw Missing(nameof(LogNormalizer));

            /// <summary>From the gradient of the normalizer, the way of Nielsen and Nock (2010); those with a formula of their own use it.</summary>
            public override Tensor entropy() => WrappedTensorDisposeScope(() =>
            {
                using var grad = enable_grad();
                var parameters = NaturalParams.Select(parameter => parameter.detach().requires_grad_()).ToArray();
                var normalizer = LogNormalizer(parameters);
                var gradients = autograd.grad([normalizer.sum()], parameters, create_graph: true);
                return parameters.Zip(gradients).Aggregate(normalizer - MeanCarrierMeasure, (sum, pair) => sum - (pair.First * pair.Second));
            });
        }

        /// <summary>Limits of the floating-point types.</summary>
        internal static class FloatType
        {
            public static double Epsilon(ScalarType type) => type switch
            {
                ScalarType.Float64 => double.BitIncrement(1) - 1,
                ScalarType.Float16 => 1 / 1024.0,
                ScalarType.BFloat16 => 1 / 128.0,
                _ => float.BitIncrement(1) - 1,
            };

            /// <summary>The smallest positive number of full precision.</summary>
            public static double Tiny(ScalarType type) => type switch
            {
                ScalarType.Float64 => 2.2250738585072014e-308,
                ScalarType.Float16 => 6.103515625e-05,
                _ => 1.1754943508222875e-38,
            };

            public static double Lowest(ScalarType type) => type switch
            {
                ScalarType.Float64 => double.MinValue,
                ScalarType.Float16 => -65504,
                ScalarType.BFloat16 => -3.3895313892515355e38,
                _ => float.MinValue,
            };
        }
    }
}
