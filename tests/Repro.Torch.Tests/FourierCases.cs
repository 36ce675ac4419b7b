using System.Numerics;
using TorchSharp;
using static TorchSharp.torch;

namespace Repro.Torch.Tests;

/// <summary>The cases of tests/peers/reference/fourier.py, written in C#.</summary>
internal static class FourierCases
{
    public static readonly Dictionary<string, Func<Tensor[], Tensor>> All = new()
    {
        // Transforms
        ["fft"] = x => R(fft.fft_(Z(x[0], x[1]))),
        ["ifft"] = x => R(fft.ifft(Z(x[0], x[1]))),
        ["fftn"] = x => R(fft.fftn(Z(x[0], x[1]))),
        ["ifftn"] = x => R(fft.ifftn(Z(x[0], x[1]))),
        ["fft2"] = x => R(fft.fft2(Z(x[0], x[1]))),
        ["ifft2"] = x => R(fft.ifft2(Z(x[0], x[1]))),
        ["hfft"] = x => fft.hfft(Z(x[0], x[1])),
        ["irfft"] = x => fft.irfft(Z(x[0], x[1])),
        ["irfft2"] = x => fft.irfft2(Z(x[0], x[1])),
        ["irfftn"] = x => fft.irfftn(Z(x[0], x[1])),
        ["rfft"] = x => R(fft.rfft(x[0])),
        ["rfft2"] = x => R(fft.rfft2(x[0])),
        ["rfftn"] = x => R(fft.rfftn(x[0])),
        ["ihfft"] = x => R(fft.ihfft(x[0])),
        ["hfft2"] = x => fft.hfft2(Z(x[0], x[1])),
        ["hfftn"] = x => fft.hfftn(Z(x[0], x[1])),
        ["ihfft2"] = x => R(fft.ihfft2(x[0])),
        ["ihfftn"] = x => R(fft.ihfftn(x[0])),
        ["fft_length"] = x => R(fft.fft_(x[0], 6, 0, FFTNormType.Ortho)),
        ["rfft_forward"] = x => R(fft.rfft(x[0], norm: FFTNormType.Forward)),
        ["irfft_odd"] = x => fft.irfft(Z(x[0], x[1]), 5),
        ["fftn_sizes"] = x => R(fft.fftn(x[0], [4, 2], [0, 1], FFTNormType.Forward)),
        ["fft2_dims"] = x => R(fft.fft2(x[0], dim: [0, 2])),
        ["fftshift"] = x => fft.fftshift(x[0]),
        ["ifftshift"] = x => fft.ifftshift(x[0], [1]),
        ["fftfreq"] = x => fft.fftfreq(5, 0.5),
        ["rfftfreq"] = x => fft.rfftfreq(6),
        ["stft"] = x => R(stft(x[0], 8, return_complex: true)),
        ["stft_window"] = x => stft(x[0], 8, 4, 6, hann_window(6, dtype: x[0].dtype), normalized: true),
        ["stft_off_center"] = x => R(stft(x[0], 8, center: false, onesided: false, return_complex: true)),
        ["stft_constant"] = x => R(stft(x[0], 8, pad_mode: PaddingModes.Constant, return_complex: true)),
        ["istft"] = x => istft(stft(x[0], 8, 4, window: hann_window(8, dtype: x[0].dtype), return_complex: true) * 2, 8, 4, window: hann_window(8, dtype: x[0].dtype), length: 38),

        // Complex numbers
        ["complex"] = x => R(complex(x[0], x[1])),
        ["polar"] = x => R(polar(x[0], x[1])),
        ["complex_mul"] = x => R(Z(x[0], x[1]) * Z(x[2], x[3])),
        ["complex_div"] = x => R(Z(x[0], x[1]) / Z(x[2], x[3])),
        ["complex_scalar"] = x => R(Z(x[0], x[1]) * new Complex(1, 2)),
        ["complex_scalar_add"] = x => R(Z(x[0], x[1]) + new Complex(0, 3)),
        ["complex_scalar_minus"] = x => R((Scalar)new Complex(1, -1) - Z(x[0], x[1])),
        ["complex_over"] = x => R((Scalar)new Complex(0, 2) / Z(x[0], x[1])),
        ["complex_exp"] = x => R(exp(Z(x[0], x[1]))),
        ["complex_sin"] = x => R(sin(Z(x[0], x[1]))),
        ["complex_cos"] = x => R(cos(Z(x[0], x[1]))),
        ["complex_tanh"] = x => R(tanh(Z(x[0], x[1]))),
        ["complex_sqrt"] = x => R(sqrt(Z(x[0], x[1]))),
        ["complex_square"] = x => R(square(Z(x[0], x[1]))),
        ["complex_reciprocal"] = x => R(reciprocal(Z(x[0], x[1]))),
        ["complex_sgn"] = x => R(sgn(Z(x[0], x[1]))),
        ["complex_neg"] = x => R(neg(Z(x[0], x[1]))),
        ["complex_log"] = x => R(log(Z(x[0], x[1]))),
        ["complex_pow"] = x => R(Z(x[0], x[1]).pow(3)),
        ["abs"] = x => abs(Z(x[0], x[1])),
        ["angle"] = x => angle(Z(x[0], x[1])),
        ["conj"] = x => R(conj(Z(x[0], x[1])).resolve_conj() * new Complex(0, 1)),
        ["conj_physical"] = x => R(conj_physical(Z(x[0], x[1]))),
        ["adjoint"] = x => R(Z(x[0], x[1]).adjoint().matmul(Z(x[0], x[1]))),
        ["mH"] = x => R(Z(x[0], x[1]).mH.resolve_conj()),
        ["H"] = x => R(Z(x[0], x[1]).H.resolve_conj()),
        ["real"] = x => real(Z(x[0], x[1]).pow(2)),
        ["imag"] = x => Z(x[0], x[1]).pow(2).imag,
        ["imag_of_conj"] = x => conj(Z(x[0], x[1])).imag * 2,
        ["view_as_complex"] = x => abs(view_as_complex(x[0])),
        ["isreal"] = x => isreal(Z(x[0], x[1] * (x[1] > 0))),
        ["complex_sum"] = x => R(Z(x[0], x[1]).sum(1L)),
        ["complex_mean"] = x => R(Z(x[0], x[1]).mean()),
        ["complex_prod"] = x => R(Z(x[0], x[1]).prod()),
        ["complex_cumsum"] = x => R(Z(x[0], x[1]).cumsum(1)),
        ["complex_matmul"] = x => R(Z(x[0], x[1]).matmul(Z(x[2], x[2] * 2))),
        ["complex_index"] = x => R(Z(x[0], x[1])[1.., TensorIndex.Slice(step: 2)]),
        ["complex_where"] = x => R(where(x[0] > 0, Z(x[0], x[1]), Z(x[1], x[0]))),
        ["complex_full"] = x => R(full(2, 2, new Complex(1, -2), complex64)),
        ["complex_solve"] = x => R(linalg.solve(Z(x[0], x[1]), Z(x[2], x[2]))),
        ["complex_inv"] = x => R(linalg.inv(Z(x[0], x[1]))),
        ["complex_det"] = x => R(linalg.det(Z(x[0], x[1]))),
        ["complex_eigvals"] = x => linalg.eigvals(x[0]).imag.sort().Values,
        ["complex_eigvalsh"] = x => linalg.eigvalsh(Z(x[0] + x[0].mT, x[1] - x[1].mT)),
        ["complex_svdvals"] = x => linalg.svdvals(Z(x[0], x[1])),
    };

    /// <summary>A complex tensor as pairs.</summary>
    private static Tensor R(Tensor z) => view_as_real(z.resolve_conj());

    private static Tensor Z(Tensor a, Tensor b) => complex(a, b);
}
