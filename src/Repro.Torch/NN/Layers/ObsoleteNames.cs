namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Spellings that TorchSharp keeps for old programs.
        public static partial class functional
        {
            [Obsolete("Write hardshrink.")]
            public static Tensor Hardshrink(Tensor x, double lambda = 0.5) => hardshrink(x, lambda);

            [Obsolete("Write hardtanh.")]
            public static Tensor Hardtanh(Tensor x, double min_val = -1.0, double max_val = 1.0, bool inplace = false) => hardtanh(x, min_val, max_val, inplace);

            [Obsolete("Write mish.")]
            public static Tensor Mish(Tensor x) => mish(x);

            [Obsolete("Write silu.")]
            public static Tensor SiLU(Tensor x, bool inplace = false) => silu(x, inplace);

            [Obsolete("Write softshrink.")]
            public static Tensor Softshrink(Tensor x, double lambda = 0.5) => softshrink(x, lambda);

            [Obsolete("Write softsign.")]
            public static Tensor Softsign(Tensor x) => softsign(x);

            [Obsolete("Write tanhshrink.")]
            public static Tensor Tanhshrink(Tensor x) => tanhshrink(x);

            [Obsolete("Write threshold.")]
            public static Tensor Threshold(Tensor x, double threshold, double value, bool inplace = false) => functional.threshold(x, threshold, value, inplace);
        }
    }
}
