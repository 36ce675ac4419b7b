using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.distributions;

namespace TorchSharp
{
    namespace Modules
    {
        public class Normal : Distribution
        {
            private readonly Tensor loc;
            private readonly Tensor scale;

            public Normal(Tensor loc, Tensor scale, Generator? generator = null) : base(generator) =>
                (this.loc, this.scale) = OwnBatch(loc, scale) is [var first, var second] ? (first, second) : default;

            public override Tensor mean => loc;

            public override Tensor mode => loc;

            public override Tensor stddev => scale;

            public override Tensor variance => scale.pow(2);

            public override Tensor sample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
            {
                using var grad = no_grad();
                var shape = ExtendedShape(sample_shape);
                return normal(loc.expand(shape), scale.expand(shape), generator);
            });

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() => loc + (Normals(loc, ExtendedShape(sample_shape)) * scale));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
                (-(value - loc).pow(2) / (2 * scale.pow(2))) - scale.log() - Math.Log(Math.Sqrt(2 * Math.PI)));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => 0.5 + (0.5 * Math.Log(2 * Math.PI)) + scale.log());

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => 0.5 * (1 + ((value - loc) * scale.reciprocal() / Math.Sqrt(2)).erf()));

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => loc + (scale * ((2 * value) - 1).erfinv() * Math.Sqrt(2)));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new Normal(loc.expand(batch_shape.Shape), scale.expand(batch_shape.Shape), generator), instance);
        }

        /// <summary>The exponential of a normally distributed number.</summary>
        public class LogNormal : TransformedDistribution
        {
            internal LogNormal(Tensor loc, Tensor scale, Generator? generator = null) : base(new Normal(loc, scale, generator), [new transforms.ExpTransform()], generator, owns: true) =>
                (this.loc, this.scale) = (Base.mean, Base.stddev);

            public Tensor loc { get; }

            public Tensor scale { get; }

            public override Tensor mean => WrappedTensorDisposeScope(() => (loc + (scale.pow(2) / 2)).exp());

            public override Tensor mode => WrappedTensorDisposeScope(() => (loc - scale.square()).exp());

            public override Tensor variance => WrappedTensorDisposeScope(() => (scale.pow(2).exp() - 1) * ((2 * loc) + scale.pow(2)).exp());

            public override Tensor entropy() => WrappedTensorDisposeScope(() => Base.entropy() + loc);

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new LogNormal(loc.expand(batch_shape.Shape), scale.expand(batch_shape.Shape), generator), instance);
        }

        /// <summary>The absolute value of a normally distributed number of mean zero.</summary>
        public class HalfNormal : TransformedDistribution
        {
            internal HalfNormal(Tensor scale, Generator? generator = null)
                : base(Fresh(() => new Normal(zeros_like(scale), scale, generator)), [new transforms.AbsTransform()], generator, owns: true) => this.scale = Base.stddev;

            public Tensor scale { get; }

            public override Tensor mean => scale * Math.Sqrt(2 / Math.PI);

            public override Tensor mode => zeros_like(scale);

            public override Tensor variance => WrappedTensorDisposeScope(() => scale.pow(2) * (1 - (2 / Math.PI)));

            public override Tensor log_prob(Tensor value) => Folded(value);

            public override Tensor cdf(Tensor value) => WrappedTensorDisposeScope(() => (2 * Base.cdf(value)) - 1);

            public override Tensor icdf(Tensor value) => WrappedTensorDisposeScope(() => Base.icdf((value + 1) / 2));

            public override Tensor entropy() => WrappedTensorDisposeScope(() => Base.entropy() - Math.Log(2));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) => Fresh(() => new HalfNormal(scale.expand(batch_shape.Shape), generator), instance);
        }

        public class MultivariateNormal : Distribution
        {
            private readonly Tensor loc;

            // Lower triangular; times its transpose it is the covariance. May have fewer leading dimensions than the batch.
            private readonly Tensor factor;

            /// <summary>One of the three matrices, [..., n, n], must be given for a mean of [..., n].</summary>
            /// <param name="scale_tril">A lower triangular factor of the covariance.</param>
            public MultivariateNormal(Tensor loc, Tensor? covariance_matrix = null, Tensor? precision_matrix = null, Tensor? scale_tril = null, Generator? generator = null) : base(generator)
            {
                if (loc.dim() < 1)
                    throw new ArgumentException("loc must have at least one dimension.", nameof(loc));
                if (new[] { covariance_matrix, precision_matrix, scale_tril }.Count(matrix => matrix is not null) != 1)
                    throw new ArgumentException("Exactly one of covariance_matrix, precision_matrix and scale_tril must be given.");
                var matrix = covariance_matrix ?? precision_matrix ?? scale_tril!;
                if (matrix.dim() < 2)
                    throw new ArgumentException("A matrix must have at least two dimensions.");
                using var scope = NewDisposeScope();
                factor = Own(scale_tril?.alias() ?? (covariance_matrix is not null ? linalg.cholesky(covariance_matrix) : FactorOfInverse(precision_matrix!)));
                this.loc = Own(Repro.Torch.Dispatch.Ops.broadcast_tensors.CallList(new[] { loc, matrix.select(-1, 0) })[0]);
                (batch_shape, event_shape) = (this.loc.shape[..^1], this.loc.shape[^1..]);
            }

            public override Tensor mean => loc;

            public override Tensor mode => loc;

            public override Tensor variance => WrappedTensorDisposeScope(() => factor.pow(2).sum(-1).expand(loc.shape));

            private Tensor HalfLogDeterminant => factor.diagonal(dim1: -2, dim2: -1).log().sum(-1);

            public override Tensor rsample(params long[] sample_shape) => WrappedTensorDisposeScope(() =>
                loc + factor.matmul(Normals(loc, ExtendedShape(sample_shape)).unsqueeze(-1)).squeeze(-1));

            public override Tensor log_prob(Tensor value) => WrappedTensorDisposeScope(() =>
            {
                var standard = SolveLower(factor, (value - loc).unsqueeze(-1)).squeeze(-1);
                return (-0.5 * ((event_shape[0] * Math.Log(2 * Math.PI)) + standard.pow(2).sum(-1))) - HalfLogDeterminant;
            });

            public override Tensor entropy() => WrappedTensorDisposeScope(() => ((0.5 * event_shape[0] * (1 + Math.Log(2 * Math.PI))) + HalfLogDeterminant).expand(batch_shape.Shape));

            public override Distribution expand(Size batch_shape, Distribution? instance = null) =>
                Fresh(() => new MultivariateNormal(loc.expand([.. batch_shape, .. event_shape]), scale_tril: factor, generator: generator), instance);

            private static Tensor SolveLower(Tensor matrix, Tensor right) => Repro.Torch.Dispatch.Ops.linalg_solve_triangular.Call(matrix, right, false);

            // The factor of the inverse of P, from that of P with its rows and columns turned round.
            private static Tensor FactorOfInverse(Tensor precision)
            {
                var turned = linalg.cholesky(precision.flip(-2, -1)).flip(-2, -1).transpose(-2, -1);
                return SolveLower(turned, eye(precision.shape[^1], dtype: precision.dtype, device: precision.device));
            }
        }
    }

    public static partial class torch
    {
        public static partial class distributions
        {
            public static Normal Normal(Tensor loc, Tensor scale, Generator? generator = null) => new(loc, scale, generator);

            public static Normal Normal(float loc, float scale = 1.0f, Generator? generator = null) => Scoped(() => new Normal(tensor(loc), tensor(scale), generator));

            public static Normal Normal(double loc, double scale = 1.0, Generator? generator = null) => Scoped(() => new Normal(tensor(loc), tensor(scale), generator));

            public static LogNormal LogNormal(Tensor loc, Tensor scale, Generator? generator = null) => new(loc, scale, generator);

            public static HalfNormal HalfNormal(Tensor scale, Generator? generator = null) => new(scale, generator);

            /// <inheritdoc cref="Modules.MultivariateNormal(Tensor, Tensor?, Tensor?, Tensor?, Generator?)"/>
            public static MultivariateNormal MultivariateNormal(Tensor loc, Tensor? covariance_matrix = null, Tensor? precision_matrix = null, Tensor? scale_tril = null, Generator? generator = null) =>
                new(loc, covariance_matrix, precision_matrix, scale_tril, generator);

            private static T Scoped<T>(Func<T> make)
            {
                using var scope = NewDisposeScope();
                return make();
            }
        }
    }
}
