using Repro.Torch.Dispatch;

namespace TorchSharp;

// Complex numbers. Conjugates and negatives may be pending: the memory holds the originals until something needs the elements.
public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>A view of the real parts; the tensor itself where it is real.</summary>
        public Tensor real => Ops.real.Call(this);

        /// <summary>A view of the imaginary parts.</summary>
        public Tensor imag => Ops.imag.Call(this);

        public Tensor conj() => Ops.conj.Call(this);
        public Tensor conj_physical() => Ops.conj_physical.Call(this);
        public Tensor conj_physical_() => Ops.conj_physical_.CallInPlace(this);
        public bool is_conj() => Ops.is_conj.CallScalar(this).ToBoolean();
        public Tensor resolve_conj() => Ops.resolve_conj.Call(this);
        public bool is_neg() => Ops.is_neg.CallScalar(this).ToBoolean();
        public Tensor resolve_neg() => Ops.resolve_neg.Call(this);

        /// <summary>The transposed conjugate of matrices.</summary>
        public Tensor adjoint() => Ops.adjoint.Call(this);
        public Tensor H => Ops.matrix_H.Call(this);
        public Tensor mH => Ops.mH.Call(this);

        /// <summary>Of shape [..., 2]: real and imaginary parts side by side, in the same memory.</summary>
        public Tensor view_as_real() => Ops.view_as_real.Call(this);
        public Tensor view_as_complex() => Ops.view_as_complex.Call(this);
        public Tensor cfloat() => to_type(ScalarType.ComplexFloat32);
        public Tensor cdouble() => to_type(ScalarType.ComplexFloat64);

        /// <param name="hop_length">Samples between frames; -1 for a quarter of <paramref name="n_fft"/>.</param>
        /// <param name="center">Whether frame t is centred at t * hop_length, the signal being padded at both ends.</param>
        /// <param name="return_complex">Null stands for true of complex signals; otherwise real and imaginary parts are a last dimension of 2.</param>
        public Tensor stft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, PaddingModes pad_mode = PaddingModes.Reflect,
            bool normalized = false, bool? onesided = null, bool? return_complex = null) =>
            Ops.stft_center.Call(
                this, n_fft, Given(hop_length), Given(win_length), window, center, Word(pad_mode), normalized, Maybe(onesided), return_complex ?? is_complex());

        /// <param name="length">Samples of the result; -1 for as many as the frames cover.</param>
        public Tensor istft(
            long n_fft, long hop_length = -1, long win_length = -1, Tensor? window = null, bool center = true, bool normalized = false, bool? onesided = null,
            long length = -1, bool return_complex = false) =>
            Ops.istft.Call(this, n_fft, Given(hop_length), Given(win_length), window, center, normalized, Maybe(onesided), Given(length), return_complex);

        private static Argument Given(long value) => value < 0 ? default(Argument) : value;

        private static Argument Maybe(bool? value) => value is { } given ? given : default(Argument);

        private static string Word(PaddingModes mode) => mode switch
        {
            PaddingModes.Constant or PaddingModes.Zeros => "constant",
            PaddingModes.Reflect => "reflect",
            PaddingModes.Replicate => "replicate",
            _ => "circular",
        };
    }
}
