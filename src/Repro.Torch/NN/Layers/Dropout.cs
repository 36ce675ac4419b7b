using Repro.Torch;
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
            /// <param name="p">Probability that an element becomes zero; the others are scaled by 1 / (1 - p). Nothing happens in evaluation.</param>
            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            /// <summary>Drops whole channels of (N, C, L) or (C, L).</summary>
            public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);

            /// <summary>Drops whole channels of (N, C, H, W).</summary>
            public static Dropout2d Dropout2d(double p = 0.5, bool inplace = false) => new(p, inplace);

            /// <summary>Drops whole channels of (N, C, D, H, W).</summary>
            public static Dropout3d Dropout3d(double p = 0.5, bool inplace = false) => new(p, inplace);

            /// <summary>Keeps mean and variance of what a SELU gives (Klambauer et al. 2017).</summary>
            public static AlphaDropout AlphaDropout(double p = 0.5, bool inplace = false) => new(p, inplace);

            public static FeatureAlphaDropout FeatureAlphaDropout(double p, bool inplace) => new(p, inplace);

            public static FeatureAlphaDropout FeatureAlphaDropout(double p = 0.5) => new(p, false);
            public static partial class functional
            {
                public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Drop(FusedOps.dropout, Ops.dropout_, input, p, training, inplace);

                public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false)
                {
                    if (input.dim() != 2)
                        return Drop(Ops.feature_dropout, Ops.feature_dropout_, input, p, training, inplace);
                    using var batch = input.unsqueeze(0);
                    if (inplace)
                    {
                        Ops.feature_dropout_.CallInPlace(batch, p, training);
                        return input.alias();
                    }
                    using var dropped = Ops.feature_dropout.Call(batch, p, training);
                    return dropped.squeeze(0);
                }

                public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Drop(Ops.feature_dropout, Ops.feature_dropout_, input, p, training, inplace);

                public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) => Drop(Ops.feature_dropout, Ops.feature_dropout_, input, p, training, inplace);

                public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) => Drop(Ops.alpha_dropout, Ops.alpha_dropout_, input, p, training, inplace);

                public static Tensor feature_alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                    Drop(Ops.feature_alpha_dropout, Ops.feature_alpha_dropout_, input, p, training, inplace);

                private static Tensor Drop(Operator drop, Operator dropInPlace, Tensor input, double p, bool training, bool inplace) =>
                    inplace ? dropInPlace.Call(input, p, training) : drop.Call(input, p, training);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    public sealed class Dropout : DropoutModule
    {
        internal Dropout(double p, bool inplace) : base(nameof(Dropout), p, inplace)
        {
        }

        public override Tensor forward(Tensor tensor) => F.dropout(tensor, p, training, inplace);
    }

    public sealed class Dropout1d : DropoutModule
    {
        internal Dropout1d(double p, bool inplace) : base(nameof(Dropout1d), p, inplace)
        {
        }

        public override Tensor forward(Tensor tensor) => F.dropout1d(tensor, p, training, inplace);
    }

    public sealed class Dropout2d : DropoutModule
    {
        internal Dropout2d(double p, bool inplace) : base(nameof(Dropout2d), p, inplace)
        {
        }

        public override Tensor forward(Tensor input) => F.dropout2d(input, p, training, inplace);
    }

    public sealed class Dropout3d : DropoutModule
    {
        internal Dropout3d(double p, bool inplace) : base(nameof(Dropout3d), p, inplace)
        {
        }

        public override Tensor forward(Tensor input) => F.dropout3d(input, p, training, inplace);
    }

    public sealed class AlphaDropout : DropoutModule
    {
        internal AlphaDropout(double p, bool inplace) : base(nameof(AlphaDropout), p, inplace)
        {
        }

        public override Tensor forward(Tensor tensor) => F.alpha_dropout(tensor, p, training, inplace);
    }

    public sealed class FeatureAlphaDropout : DropoutModule
    {
        internal FeatureAlphaDropout(double p, bool inplace) : base(nameof(FeatureAlphaDropout), p, inplace)
        {
        }

        public override Tensor forward(Tensor input) => F.feature_alpha_dropout(input, p, training, inplace);
    }
}

namespace Repro.Torch
{
    /// <summary>What the kinds of dropout have in common.</summary>
    public abstract class DropoutModule : ParameterLessModule<Tensor, Tensor>
    {
        private protected DropoutModule(string name, double p, bool inplace) : base(name) => (this.p, this.inplace) = (p, inplace);

        public double p { get; set; }

        public bool inplace { get; set; }
    }
}
