using Repro.Torch.Dispatch;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp
{
    public enum EmbeddingBagMode
    {
        Sum = 0,
        Mean = 1,
        Max = 2,
    }

    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Rows of a table by number.</summary>
            /// <param name="padding_idx">A row that starts as zeros and is never trained; negative counts from the end.</param>
            /// <param name="max_norm">Rows that are read are first scaled down, in place, to this p-norm at most (p: norm_type).</param>
            /// <param name="scale_grad_by_freq">Gradients are divided by how often a row was read in the batch.</param>
            /// <param name="sparse">The gradient is a sparse tensor of the rows that were read.</param>
            public static Embedding Embedding(long num_embeddings, long embedding_dims, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null)
            {
                var weight = new Parameter(empty(num_embeddings, embedding_dims, dtype, device));
                init.normal_(weight);
                return new Embedding(weight, padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, clearPadding: true);
            }

            /// <param name="freeze">The table is not trained.</param>
            public static Embedding Embedding_from_pretrained(Tensor embeddings, bool freeze = true, long? padding_idx = null, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, bool sparse = false, Device? device = null, ScalarType? dtype = null) =>
                new(Table(embeddings, freeze, device, dtype), padding_idx, max_norm, norm_type, scale_grad_by_freq, sparse, clearPadding: false);

            /// <summary>Sums, means or maxima of bags of rows, without the rows in between.</summary>
            /// <param name="include_last_offset">The offsets end with the number of indices.</param>
            /// <param name="padding_index">A row that counts for nothing in a bag; -1 for none.</param>
            public static EmbeddingBag EmbeddingBag(long num_embeddings, long embedding_dims, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1, Device? device = null, ScalarType? dtype = null)
            {
                var weight = new Parameter(empty(num_embeddings, embedding_dims, dtype, device));
                init.normal_(weight);
                return new EmbeddingBag(weight, max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_index, clearPadding: true);
            }

            public static EmbeddingBag EmbeddingBag_from_pretrained(Tensor embeddings, bool freeze = true, double? max_norm = null, double norm_type = 2.0, bool scale_grad_by_freq = false, EmbeddingBagMode mode = EmbeddingBagMode.Mean, bool sparse = false, bool include_last_offset = false, long padding_index = -1, Device? device = null, ScalarType? dtype = null) =>
                new(Table(embeddings, freeze, device, dtype), max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset, padding_index, clearPadding: false);

            // The given tensor stays the caller's: the parameter shares its memory where neither type nor device changes.
            private static Parameter Table(Tensor embeddings, bool freeze, Device? device, ScalarType? dtype)
            {
                if (embeddings.dim() != 2)
                    throw new ArgumentException($"Embeddings parameter is expected to be 2-dimensional, not of {embeddings.dim()} dimensions");
                using var moved = embeddings.to(dtype ?? embeddings.dtype, device ?? embeddings.device);
                return new Parameter(moved.detach(), requires_grad: !freeze);
            }
        }
    }
}

namespace TorchSharp.Modules
{
    /// <summary>Weight (rows, size of a row).</summary>
    public sealed class Embedding : nn.Module<Tensor, Tensor>
    {
        private readonly long paddingRow;
        private readonly double? maxNorm;
        private readonly double normType;
        private readonly bool scaleByFrequency;
        private readonly bool sparse;
        private Parameter? ownWeight;

        internal Embedding(Parameter weight, long? padding_idx, double? max_norm, double norm_type, bool scale_grad_by_freq, bool sparse, bool clearPadding)
            : base(nameof(Embedding))
        {
            this.weight = weight;
            paddingRow = EmbeddingRows.Padding(weight, padding_idx, clearPadding);
            (maxNorm, normType, scaleByFrequency, this.sparse) = (max_norm, norm_type, scale_grad_by_freq, sparse);
        }

        public Parameter? weight
        {
            get => ownWeight;
            set => ConditionallyRegisterParameter(nameof(weight), ownWeight = (Parameter?)value?.DetachFromDisposeScope());
        }

        public override Tensor forward(Tensor input)
        {
            EmbeddingRows.Renormalize(ownWeight!, input, maxNorm, normType);
            return Ops.embedding.Call(ownWeight!, input, paddingRow, scaleByFrequency, sparse);
        }
    }

    /// <summary>Weight (rows, size of a row).</summary>
    public sealed class EmbeddingBag : nn.Module<Tensor, Tensor?, Tensor?, Tensor>, nn.IModule<Tensor, Tensor, Tensor>, nn.IModule<Tensor, Tensor?, Tensor?, Tensor>
    {
        private readonly double? maxNorm;
        private readonly double normType;
        private readonly bool scaleByFrequency;
        private readonly EmbeddingBagMode mode;
        private readonly bool sparse;
        private readonly bool includeLastOffset;
        private readonly long? paddingRow;
        private Parameter? ownWeight;

        internal EmbeddingBag(
            Parameter weight, double? max_norm, double norm_type, bool scale_grad_by_freq, EmbeddingBagMode mode, bool sparse, bool include_last_offset,
            long padding_index, bool clearPadding) : base(nameof(EmbeddingBag))
        {
            this.weight = weight;
            (maxNorm, normType, scaleByFrequency, this.mode, this.sparse, includeLastOffset) = (max_norm, norm_type, scale_grad_by_freq, mode, sparse, include_last_offset);
            paddingRow = padding_index < 0 ? null : EmbeddingRows.Padding(weight, padding_index, clearPadding);
        }

        public Parameter? weight
        {
            get => ownWeight;
            set => ConditionallyRegisterParameter(nameof(weight), ownWeight = (Parameter?)value?.DetachFromDisposeScope());
        }

        /// <param name="input">Row numbers: (bags, rows of each), or all in one dimension.</param>
        /// <param name="offsets">Where each bag starts in an input of one dimension; otherwise null.</param>
        /// <param name="perSampleWeights">Factors of the input's shape, for sums only.</param>
        public override Tensor forward(Tensor input, Tensor? offsets, Tensor? perSampleWeights)
        {
            if (!input.is_integral())
                throw new ArgumentException("Embedding input must be an integral tensor.");
            if (offsets is not null && input.dtype != offsets.dtype)
                throw new ArgumentException($"input and offsets must have the same element type, not {input.dtype} and {offsets.dtype}.");
            var dimensions = input.dim();
            if (dimensions == 1 && offsets is null)
                throw new ArgumentException("'offsets' must be non-null for a 1-D input.");
            if (dimensions == 2 && offsets is not null)
                throw new ArgumentException("'offsets' must be null for a 2-D input.");
            EmbeddingRows.Renormalize(ownWeight!, input, maxNorm, normType);
            if (dimensions == 1)
                return Bags(input, offsets!, perSampleWeights);
            using var flat = input.reshape(-1);
            using var starts = arange(0, input.numel(), input.shape[1], input.dtype, input.device);
            using var factors = perSampleWeights?.reshape(-1);
            return Bags(flat, starts, factors);
        }

        private Tensor Bags(Tensor rows, Tensor starts, Tensor? factors) => Ops.embedding_bag_padding_idx.CallFirst(
            ownWeight!, rows, starts, scaleByFrequency, (long)mode, sparse, factors, includeLastOffset, paddingRow);

        public new Tensor call(Tensor input, Tensor? offsets, Tensor? perSampleWeights) => base.call(input, offsets, perSampleWeights);

        public Tensor call(Tensor input, Tensor offsets) => base.call(input, offsets, null);

        public Tensor call(Tensor input) => base.call(input, null, null);
    }

    internal static class EmbeddingRows
    {
        /// <summary>The number of the padding row, which is cleared on request; -1 where there is none.</summary>
        public static long Padding(Parameter weight, long? index, bool clear)
        {
            if (index is not { } given)
                return -1;
            var rows = weight.shape[0];
            if (given >= rows || given < -rows)
                throw new ArgumentException($"padding_idx {given} must be within the {rows} embeddings");
            var row = given < 0 ? given + rows : given;
            if (!clear)
                return row;
            using var grad = no_grad();
            using var padding = weight.select(0, row);
            padding.zero_();
            return row;
        }

        public static void Renormalize(Parameter weight, Tensor input, double? maxNorm, double normType)
        {
            if (maxNorm is not { } most)
                return;
            using var grad = no_grad();
            using var indices = input.contiguous();
            Ops.embedding_renorm_.CallInPlace(weight, indices, most, normType);
        }
    }
}
