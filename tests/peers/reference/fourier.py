#!/usr/bin/python3
"""Fourier transforms, windows over time, and complex numbers (as pairs of real ones).

    /usr/bin/python3 tests/peers/reference/fourier.py tests/Repro.Torch.Tests/Data/fourier.safetensors

The same cases stand in FourierCases.cs in C#; see reference_file.py.
"""
import torch

from reference_file import POSITIVE, ReferenceFile

file = ReferenceFile(seed=20260505)


def R(z):
    """A complex tensor as pairs."""
    return torch.view_as_real(z.resolve_conj())


Z = torch.complex
CASES = {
    # transforms
    **{name: (lambda a, b, name=name: R(getattr(torch.fft, name)(Z(a, b))), [(3, 4), (3, 4)]) for name in
       "fft ifft fftn ifftn fft2 ifft2".split()},
    **{name: (lambda a, b, name=name: getattr(torch.fft, name)(Z(a, b)), [(3, 4), (3, 4)]) for name in
       "hfft irfft irfft2 irfftn".split()},
    **{name: (lambda a, name=name: R(getattr(torch.fft, name)(a)), [(3, 4)]) for name in
       "rfft rfft2 rfftn ihfft".split()},
    "hfft2": (lambda a, b: torch.fft.hfft2(Z(a, b)), [(3, 4), (3, 4)]),
    "hfftn": (lambda a, b: torch.fft.hfftn(Z(a, b)), [(3, 4), (3, 4)]),
    "ihfft2": (lambda a: R(torch.fft.ihfft2(a)), [(3, 4)]),
    "ihfftn": (lambda a: R(torch.fft.ihfftn(a)), [(3, 4)]),
    "fft_length": (lambda a: R(torch.fft.fft(a, 6, 0, "ortho")), [(3, 4)]),
    "rfft_forward": (lambda a: R(torch.fft.rfft(a, norm="forward")), [(3, 4)]),
    "irfft_odd": (lambda a, b: torch.fft.irfft(Z(a, b), 5), [(3, 4), (3, 4)]),
    "fftn_sizes": (lambda a: R(torch.fft.fftn(a, [4, 2], [0, 1], "forward")), [(3, 4)]),
    "fft2_dims": (lambda a: R(torch.fft.fft2(a, dim=[0, 2])), [(2, 3, 4)]),
    "fftshift": (lambda a: torch.fft.fftshift(a), [(5,)]),
    "ifftshift": (lambda a: torch.fft.ifftshift(a, [1]), [(3, 4)]),
    "fftfreq": (lambda a: torch.fft.fftfreq(5, 0.5), [(1,)]),
    "rfftfreq": (lambda a: torch.fft.rfftfreq(6), [(1,)]),
    "stft": (lambda a: R(torch.stft(a, 8, return_complex=True)), [(40,)]),
    "stft_window": (lambda a: torch.stft(a, 8, 4, 6, torch.hann_window(6, dtype=a.dtype), normalized=True, return_complex=False), [(2, 40)]),
    "stft_off_center": (lambda a: R(torch.stft(a, 8, center=False, onesided=False, return_complex=True)), [(40,)]),
    "stft_constant": (lambda a: R(torch.stft(a, 8, pad_mode="constant", return_complex=True)), [(40,)]),
    "istft": (lambda a: torch.istft(torch.stft(a, 8, 4, window=torch.hann_window(8, dtype=a.dtype), return_complex=True) * 2, 8, 4, window=torch.hann_window(8, dtype=a.dtype), length=38), [(40,)]),
    # complex numbers
    "complex": (lambda a, b: R(torch.complex(a, b)), [(3, 4), (3, 4)]),
    "polar": (lambda a, b: R(torch.polar(a, b)), [POSITIVE, (3, 4)]),
    "complex_mul": (lambda a, b, c, d: R(Z(a, b) * Z(c, d)), [(3, 4), (3, 4), (3, 4), (3, 4)]),
    "complex_div": (lambda a, b, c, d: R(Z(a, b) / Z(c, d)), [(3, 4), (3, 4), (3, 4), (3, 4)]),
    "complex_scalar": (lambda a, b: R(Z(a, b) * (1 + 2j)), [(3, 4), (3, 4)]),
    "complex_scalar_add": (lambda a, b: R(Z(a, b) + 3j), [(3, 4), (3, 4)]),
    "complex_scalar_minus": (lambda a, b: R((1 - 1j) - Z(a, b)), [(3, 4), (3, 4)]),
    "complex_over": (lambda a, b: R(2j / Z(a, b)), [(3, 4), (3, 4)]),
    **{"complex_" + name: (lambda a, b, name=name: R(getattr(torch, name)(Z(a, b))), [(3, 4), (3, 4)]) for name in
       "exp sin cos tanh sqrt square reciprocal sgn neg".split()},
    "complex_log": (lambda a, b: R(torch.log(Z(a, b))), [(3, 4), (3, 4)]),
    "complex_pow": (lambda a, b: R(Z(a, b) ** 3), [(3, 4), (3, 4)]),
    "abs": (lambda a, b: torch.abs(Z(a, b)), [(3, 4), (3, 4)]),
    "angle": (lambda a, b: torch.angle(Z(a, b)), [(3, 4), (3, 4)]),
    "conj": (lambda a, b: R(torch.conj(Z(a, b)).resolve_conj() * 1j), [(3, 4), (3, 4)]),
    "conj_physical": (lambda a, b: R(torch.conj_physical(Z(a, b))), [(3, 4), (3, 4)]),
    "adjoint": (lambda a, b: R(Z(a, b).adjoint() @ Z(a, b)), [(3, 4), (3, 4)]),
    "mH": (lambda a, b: R(Z(a, b).mH.resolve_conj()), [(3, 4), (3, 4)]),
    "H": (lambda a, b: R(Z(a, b).H.resolve_conj()), [(3, 4), (3, 4)]),
    "real": (lambda a, b: torch.real(Z(a, b) ** 2), [(3, 4), (3, 4)]),
    "imag": (lambda a, b: torch.imag(Z(a, b) ** 2), [(3, 4), (3, 4)]),
    "imag_of_conj": (lambda a, b: torch.conj(Z(a, b)).imag * 2, [(3, 4), (3, 4)]),
    "view_as_complex": (lambda a: torch.abs(torch.view_as_complex(a)), [(3, 2)]),
    "isreal": (lambda a, b: torch.isreal(Z(a, b * (b > 0))), [(3, 4), (3, 4)]),
    "complex_sum": (lambda a, b: R(Z(a, b).sum(1)), [(3, 4), (3, 4)]),
    "complex_mean": (lambda a, b: R(Z(a, b).mean()), [(3, 4), (3, 4)]),
    "complex_prod": (lambda a, b: R(Z(a, b).prod()), [(3, 4), (3, 4)]),
    "complex_cumsum": (lambda a, b: R(Z(a, b).cumsum(1)), [(3, 4), (3, 4)]),
    "complex_matmul": (lambda a, b, c: R(Z(a, b) @ Z(c, c * 2)), [(3, 4), (3, 4), (4, 2)]),
    "complex_index": (lambda a, b: R(Z(a, b)[1:, ::2]), [(3, 4), (3, 4)]),
    "complex_where": (lambda a, b: R(torch.where(a > 0, Z(a, b), Z(b, a))), [(3, 4), (3, 4)]),
    "complex_full": (lambda a: R(torch.full((2, 2), 1 - 2j)), [(1,)]),
    "complex_solve": (lambda a, b, c: R(torch.linalg.solve(Z(a, b), Z(c, c))), [(3, 3), (3, 3), (3, 1)]),
    "complex_inv": (lambda a, b: R(torch.linalg.inv(Z(a, b))), [(3, 3), (3, 3)]),
    "complex_det": (lambda a, b: R(torch.linalg.det(Z(a, b))), [(3, 3), (3, 3)]),
    "complex_eigvals": (lambda a: torch.linalg.eigvals(a).imag.sort()[0], [(3, 3)]),
    "complex_eigvalsh": (lambda a, b: torch.linalg.eigvalsh(Z(a + a.mT, b - b.mT)), [(3, 3), (3, 3)]),
    "complex_svdvals": (lambda a, b: torch.linalg.svdvals(Z(a, b)), [(3, 3), (3, 3)]),
}

file.cases(CASES)
file.write()
