namespace TorchSharp
{
    public enum PaddingModes
    {
        Zeros = 0,
        Reflect = 1,
        Replicate = 2,
        Circular = 3,
        Constant = 4,
    }

    public enum Padding
    {
        Valid = 0,
        Same = 1,
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What convolutions of all dimensions share. Weight (out, in / groups, kernel...), bias (out).</summary>
    public abstract class Convolution : torch.nn.Module<torch.Tensor, torch.Tensor>
    {
        private Parameter? ownWeight;
        private Parameter? ownBias;
        private protected long[] ReversedPadding = [];

        protected Convolution(
            string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation,
            bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, torch.Device? device = null, torch.ScalarType? dtype = null) : base(name)
        {
            this.in_channels = in_channels;
            this.out_channels = out_channels;
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.dilation = dilation;
            this.transposed = transposed;
            this.output_padding = output_padding;
            this.groups = groups;
            this.padding_mode = padding_mode;
            if (groups <= 0 || in_channels % groups != 0 || out_channels % groups != 0)
                throw new ArgumentException($"in_channels ({in_channels}) and out_channels ({out_channels}) must be divisible by groups ({groups})");
            if (padding_type is { } type)
                SetPadding(type);
            else
                SetPadding(padding ?? new long[kernel_size.Length]);
            long[] sizes = transposed ? [in_channels, out_channels / groups, .. kernel_size] : [out_channels, in_channels / groups, .. kernel_size];
            weight = new Parameter(torch.empty(sizes, dtype, device));
            if (bias)
                this.bias = new Parameter(torch.empty(out_channels, dtype, device));
            reset_parameters();
        }

        public long in_channels { get; }

        public long out_channels { get; }

        public bool transposed { get; }

        public Padding? padding_type { get; private set; }

        public long[]? padding { get; private set; }

        public PaddingModes padding_mode { get; set; }

        public long groups { get; set; }

        public long[] kernel_size { get; set; }

        public long[] stride { get; set; }

        public long[] dilation { get; set; }

        public long[] output_padding { get; set; }

        public Parameter weight
        {
            get => ownWeight!;
            set => ConditionallyRegisterParameter(nameof(weight), ownWeight = Own(value));
        }

        public Parameter? bias
        {
            get => ownBias;
            set => ConditionallyRegisterParameter(nameof(bias), ownBias = Own(value));
        }

        /// <summary>Uniform in +-1/sqrt(fan in), as PyTorch has it.</summary>
        public void reset_parameters()
        {
            torch.nn.init.kaiming_uniform_(weight, Math.Sqrt(5));
            if (bias is null)
                return;
            var bound = 1 / Math.Sqrt(torch.nn.init.CalculateFanInAndFanOut(weight).fanIn);
            torch.nn.init.uniform_(bias, -bound, bound);
        }

        public void SetPadding(long[] padding)
        {
            padding_type = null;
            this.padding = padding;
            ReversedPadding = [.. padding.Reverse().SelectMany(n => new[] { n, n })];
        }

        public void SetPadding(Padding padding)
        {
            if (transposed)
                throw new ArgumentException("Cannot set padding type on ConvTransposeND");
            if (padding == Padding.Same && stride.Any(n => n != 1))
                throw new ArgumentException("padding='same' is not supported for strided convolutions");
            this.padding = null;
            padding_type = padding;
            ReversedPadding = new long[2 * kernel_size.Length];
            if (padding != Padding.Same)
                return;
            for (var i = 0; i < kernel_size.Length; i++)
            {
                var total = dilation[i] * (kernel_size[i] - 1);
                var at = 2 * (kernel_size.Length - 1 - i);
                ReversedPadding[at] = total / 2;
                ReversedPadding[at + 1] = total - (total / 2);
            }
        }

        /// <summary>The input padded as <see cref="padding_mode"/> has it, for a convolution that then pads nothing.</summary>
        private protected torch.Tensor Padded(torch.Tensor input) => torch.nn.functional.pad(input, ReversedPadding, padding_mode);

        /// <summary>Whether libtorch's own padding, with zeros, is the wanted one.</summary>
        private protected bool PadsWithZeros => padding_mode is PaddingModes.Zeros or PaddingModes.Constant;

        /// <summary>Whether the input is a batch, or one example, of so many spatial dimensions.</summary>
        protected bool ValidateShape(torch.Tensor input, long dimensions) => input.dim() - dimensions is 1 or 2 && kernel_size.Length == dimensions;

        private static T? Own<T>(T? tensor) where T : torch.Tensor => (T?)tensor?.DetachFromDisposeScope();
    }
}
