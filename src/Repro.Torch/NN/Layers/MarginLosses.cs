using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>max(0, margin - target * (input1 - input2)), targets +-1.</summary>
            public static MarginRankingLoss MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            /// <summary>The input where the target is 1, max(0, margin - input) where it is -1.</summary>
            public static HingeEmbeddingLoss HingeEmbeddingLoss(double margin = 1.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            /// <summary>1 - cosine where the target is 1, max(0, cosine - margin) where it is -1.</summary>
            public static CosineEmbeddingLoss CosineEmbeddingLoss(double margin = 0.0, Reduction reduction = Reduction.Mean) => new(margin, reduction);

            /// <summary>max(0, margin + distance to the positive - distance to the negative).</summary>
            /// <param name="swap">The negative's distance to the positive counts where it is the lesser (Balntas et al. 2016).</param>
            public static TripletMarginLoss TripletMarginLoss(double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) => new(margin, p, eps, swap, reduction);

            /// <param name="distance">Null for the Euclidean distance.</param>
            public static TripletMarginWithDistanceLoss TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean) =>
                new(distance, margin, swap, reduction);

            public static partial class functional
            {
                public static Tensor margin_ranking_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                    Ops.margin_ranking_loss.Call(input1, input2, target, margin, (long)reduction);

                public static Tensor hinge_embedding_loss(Tensor input, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                    Ops.hinge_embedding_loss.Call(input, target, margin, (long)reduction);

                public static Tensor cosine_embedding_loss(Tensor input1, Tensor input2, Tensor target, double margin = 0.0, Reduction reduction = Reduction.Mean) =>
                    Ops.cosine_embedding_loss.Call(input1, input2, target, margin, (long)reduction);

                public static Tensor triplet_margin_loss(Tensor anchor, Tensor positive, Tensor negative, double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, Reduction reduction = Reduction.Mean) =>
                    Ops.triplet_margin_loss.Call(anchor, positive, negative, margin, (double)p, eps, swap, (long)reduction);

                public static Tensor triplet_margin_with_distance_loss(Tensor anchor, Tensor positive, Tensor negative, Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, Reduction reduction = Reduction.Mean)
                {
                    distance ??= static (a, b) => pairwise_distance(a, b);
                    using var near = distance(anchor, positive);
                    using var far = distance(anchor, negative);
                    using var across = swap ? distance(positive, negative) : null;
                    using var nearer = across is null ? far.alias() : minimum(far, across);
                    using var difference = near.sub(nearer);
                    using var loss = difference.add(margin);
                    return Reduce(loss.clamp_min(0), reduction);
                }
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class MarginRankingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        public MarginRankingLoss(double margin = 0.0, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.margin = margin;

        public double margin { get; }

        public override Tensor forward(Tensor input1, Tensor input2, Tensor target) =>
            F.margin_ranking_loss(input1, input2, target, margin, reduction);
    }

    public sealed class HingeEmbeddingLoss : Loss<Tensor, Tensor, Tensor>
    {
        public HingeEmbeddingLoss(double margin = 0.0, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.margin = margin;

        public double margin { get; }

        public override Tensor forward(Tensor input, Tensor target) =>
            F.hinge_embedding_loss(input, target, margin, reduction);
    }

    public sealed class CosineEmbeddingLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        public CosineEmbeddingLoss(double margin = 0.0, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) => this.margin = margin;

        public double margin { get; }

        public override Tensor forward(Tensor input1, Tensor input2, Tensor target) =>
            F.cosine_embedding_loss(input1, input2, target, margin, reduction);
    }

    public sealed class TripletMarginLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        public TripletMarginLoss(double margin = 1.0, long p = 2, double eps = 1e-06, bool swap = false, nn.Reduction reduction = nn.Reduction.Mean) : base(reduction) =>
            (this.margin, this.p, this.eps, this.swap) = (margin, p, eps, swap);

        public double margin { get; }

        public long p { get; }

        public double eps { get; }

        public bool swap { get; }

        public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) =>
            F.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap, reduction);
    }

    public sealed class TripletMarginWithDistanceLoss : Loss<Tensor, Tensor, Tensor, Tensor>
    {
        private readonly Func<Tensor, Tensor, Tensor>? distance;
        private readonly bool swap;

        public TripletMarginWithDistanceLoss(Func<Tensor, Tensor, Tensor>? distance = null, double margin = 1.0, bool swap = false, nn.Reduction reduction = nn.Reduction.Mean)
            : base(reduction) =>
            (this.distance, this.margin, this.swap) = (distance, margin, swap);

        public double margin { get; }

        public override Tensor forward(Tensor anchor, Tensor positive, Tensor negative) =>
            F.triplet_margin_with_distance_loss(anchor, positive, negative, distance, margin, swap, reduction);
    }
}
