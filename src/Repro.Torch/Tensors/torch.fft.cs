using Repro.Torch.Dispatch;

namespace TorchSharp;

/// <summary>What a Fourier transform is divided by: the inverse by n, the forward by n, or both by the root of n.</summary>
public enum FFTNormType
{
    Backward = 0,
    Forward = 1,
    Ortho = 2,
}

public static partial class torch
{
    // A length other than the input's (n, s) cuts it or fills it up with zeros at the end. rfft keeps the n / 2 + 1 frequencies from 0 up.
    public static partial class fft
    {
        private static readonly long[] LastTwo = [-2, -1];

        /// <param name="n">-1 for the input's length.</param>
        public static Tensor fft_(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_fft.Call(input, Length(n), dim, Word(norm));
        public static Tensor ifft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ifft.Call(input, Length(n), dim, Word(norm));
        public static Tensor rfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_rfft.Call(input, Length(n), dim, Word(norm));

        /// <param name="n">The length of the result; -1 for the even one that the input fits.</param>
        public static Tensor irfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_irfft.Call(input, Length(n), dim, Word(norm));

        /// <summary>The real spectrum of a signal of which one half is given, the other being its conjugate.</summary>
        public static Tensor hfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_hfft.Call(input, Length(n), dim, Word(norm));
        public static Tensor ihfft(Tensor input, long n = -1, long dim = -1, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ihfft.Call(input, Length(n), dim, Word(norm));

        /// <param name="dim">Null is the last two.</param>
        public static Tensor fft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_fft2.Call(input, s, dim ?? LastTwo, Word(norm));
        public static Tensor ifft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ifft2.Call(input, s, dim ?? LastTwo, Word(norm));
        public static Tensor rfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_rfft2.Call(input, s, dim ?? LastTwo, Word(norm));
        public static Tensor irfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_irfft2.Call(input, s, dim ?? LastTwo, Word(norm));
        public static Tensor hfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_hfft2.Call(input, s, dim ?? LastTwo, Word(norm));
        public static Tensor ihfft2(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ihfft2.Call(input, s, dim ?? LastTwo, Word(norm));

        /// <param name="dim">Null is the last ones that <paramref name="s"/> has lengths for, or all.</param>
        public static Tensor fftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_fftn.Call(input, s, dim, Word(norm));
        public static Tensor ifftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ifftn.Call(input, s, dim, Word(norm));
        public static Tensor rfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_rfftn.Call(input, s, dim, Word(norm));
        public static Tensor irfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_irfftn.Call(input, s, dim, Word(norm));
        public static Tensor hfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_hfftn.Call(input, s, dim, Word(norm));
        public static Tensor ihfftn(Tensor input, long[]? s = null, long[]? dim = null, FFTNormType norm = FFTNormType.Backward) => Ops.fft_ihfftn.Call(input, s, dim, Word(norm));

        /// <summary>Frequency 0 to the middle.</summary>
        public static Tensor fftshift(Tensor input, long[]? dim = null) => Ops.fft_fftshift.Call(input, dim);
        public static Tensor ifftshift(Tensor input, long[]? dim = null) => Ops.fft_ifftshift.Call(input, dim);

        /// <summary>The frequencies of a transform of length n, in its order.</summary>
        /// <param name="d">The time between samples.</param>
        public static Tensor fftfreq(long n, double d = 1.0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(Ops.fft_fftfreq.Call(n, d, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

        public static Tensor rfftfreq(long n, double d = 1.0, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            Finish(Ops.fft_rfftfreq.Call(n, d, dtype ?? get_default_dtype(), default(Argument), InitializeDevice(device)), requires_grad);

        private static Argument Length(long n) => n < 0 ? default(Argument) : n;

        private static string Word(FFTNormType norm) => norm switch
        {
            FFTNormType.Forward => "forward",
            FFTNormType.Ortho => "ortho",
            _ => "backward",
        };
    }

    /// <summary>Frames of a signal, transformed: see <see cref="Tensor.stft"/>.</summary>
    public static Tensor stft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, PaddingModes pad_mode = PaddingModes.Reflect,
        bool normalized = false, bool? onesided = null, bool? return_complex = null) =>
        input.stft(n_fft, hop_length, win_length, window, center, pad_mode, normalized, onesided, return_complex);

    public static Tensor istft(
        Tensor input, long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, bool normalized = false, bool? onesided = null,
        long length = -1, bool return_complex = false) =>
        input.istft(n_fft, hop_length, win_length, window, center, normalized, onesided, length, return_complex);

    // Windows. A periodic one is that of len + 1 without its last element.
    public static Tensor bartlett_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Window(Ops.bartlett_window_periodic, dtype, device, requires_grad, len, periodic);

    public static Tensor blackman_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Window(Ops.blackman_window_periodic, dtype, device, requires_grad, len, periodic);

    public static Tensor hamming_window(long len, bool periodic = true, float alpha = 0.54f, float beta = 0.46f, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Window(Ops.hamming_window_periodic_alpha_beta, dtype, device, requires_grad, len, periodic, alpha, beta);

    public static Tensor hann_window(long len, bool periodic = true, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Window(Ops.hann_window_periodic, dtype, device, requires_grad, len, periodic);

    public static Tensor kaiser_window(long len, bool periodic = true, float beta = 12.0f, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Window(Ops.kaiser_window_beta, dtype, device, requires_grad, len, periodic, beta);

    private static Tensor Window(Operator op, ScalarType? dtype, Device? device, bool requiresGrad, params ReadOnlySpan<Argument> shape)
    {
        var type = dtype ?? get_default_dtype();
        if (!is_floating_point(type))
            throw new ArgumentException($"A window has floating-point numbers, not {type}.", nameof(dtype));
        return Finish(op.Call([.. shape, type, default, InitializeDevice(device)]), requiresGrad);
    }
}
