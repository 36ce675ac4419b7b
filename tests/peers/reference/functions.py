#!/usr/bin/python3
"""Arithmetic and functions, element by element; torch.special; quantized numbers.

    /usr/bin/python3 tests/peers/reference/functions.py tests/Repro.Torch.Tests/Data/functions.safetensors

The same cases stand in FunctionCases.cs in C#; see reference_file.py.
"""
import torch
import torch.nn.functional as F

from reference_file import POSITIVE, ReferenceFile

file = ReferenceFile(seed=20260501)
T = torch.tensor
CASES = {
    # arithmetic
    "add_alpha_scalar": (lambda a: a.add(1.5, alpha=0.3), [(3, 4)]),
    "sub_": (lambda a, b: a.clone().sub_(b), [(3, 4), (3, 4)]),
    "multiply": (lambda a, b: torch.multiply(a, b), [(3, 4), (3, 4)]),
    "div_floor": (lambda a, b: torch.div(a, b, rounding_mode="floor"), [(3, 4), POSITIVE]),
    "div_trunc": (lambda a, b: torch.div(a, b, rounding_mode="trunc"), [(3, 4), POSITIVE]),
    "floor_divide": (lambda a, b: torch.floor_divide(a.detach(), b.detach()), [(3, 4), POSITIVE]),
    "true_divide": (lambda a, b: torch.true_divide(a, b), [(3, 4), POSITIVE]),
    "fmod": (lambda a: torch.fmod(a, 0.7), [(3, 4)]),
    "fmod_tensor": (lambda a, b: torch.fmod(a, b), [(3, 4), POSITIVE]),
    "remainder_tensor": (lambda a, b: torch.remainder(a, b), [(3, 4), POSITIVE]),
    "float_power": (lambda a, b: torch.float_power(a, b), [POSITIVE, (3, 4)]),
    "pow_scalar_base": (lambda a: 2.0 ** a, [POSITIVE]),
    "rsub": (lambda a: 3 - a, [(3, 4)]),
    "square": (lambda a: a.square(), [(3, 4)]),
    "frac": (lambda a: torch.frac(a), [(3, 4)]),
    "ldexp": (lambda a: torch.ldexp(a, T([1, 2, 0, -1])), [(3, 4)]),
    "frexp_mantissa": (lambda a: torch.frexp(a)[0], [(3, 4)]),
    "frexp_exponent": (lambda a: torch.frexp(a)[1], [(3, 4)]),
    "copysign": (lambda a, b: torch.copysign(a, b), [(3, 4), (3, 4)]),
    "nextafter": (lambda a, b: torch.nextafter(a.detach(), b.detach()) - a.detach(), [(3, 4), (3, 4)]),
    "heaviside": (lambda a, b: torch.heaviside(a.detach().round(), b.detach()), [(3, 4), (3, 4)]),
    "hypot": (lambda a, b: torch.hypot(a, b), [(3, 4), (3, 4)]),
    "atan2": (lambda a, b: torch.atan2(a, b), [(3, 4), (3, 4)]),
    "arctan2": (lambda a, b: torch.arctan2(a, b), [(3, 4), (3, 4)]),
    "logaddexp": (lambda a, b: torch.logaddexp(a, b), [(3, 4), (3, 4)]),
    "logaddexp2": (lambda a, b: torch.logaddexp2(a, b), [(3, 4), (3, 4)]),
    "xlogy": (lambda a, b: torch.xlogy(a, b), [(3, 4), POSITIVE]),
    "xlogy_scalar": (lambda a: torch.xlogy(a, 2.5), [(3, 4)]),
    "xlogy_": (lambda a, b: a.clone().xlogy_(b), [(3, 4), POSITIVE]),
    "maximum": (lambda a, b: torch.maximum(a, b), [(3, 4), (3, 4)]),
    "minimum": (lambda a, b: torch.minimum(a, b), [(3, 4), (3, 4)]),
    "fmax": (lambda a, b: torch.fmax(a, b), [(3, 4), (3, 4)]),
    "fmin": (lambda a, b: torch.fmin(a, b), [(3, 4), (3, 4)]),
    "clamp_tensors": (lambda a, b: a.clamp(b - 1, b + 0.3), [(3, 4), (3, 4)]),
    "clip": (lambda a: a.clip(-0.4, 0.6), [(3, 4)]),
    "clamp_max": (lambda a: torch.clamp_max(a, 0.3), [(3, 4)]),
    "lerp_scalar_weight": (lambda a, b, c: torch.lerp(a, b, c), [(3, 4), (3, 4), (3, 4)]),
    "addcmul_": (lambda a, b, c: a.clone().addcmul_(b, c, value=0.5), [(3, 4), (3, 4), (3, 4)]),
    "gcd": (lambda a: torch.gcd((a.detach() * 20).long(), (a.detach() * 7).long()), [(3, 4)]),
    "lcm": (lambda a: torch.lcm((a.detach() * 20).long(), (a.detach() * 7).long()), [(3, 4)]),
    "bitwise_left_shift": (lambda a: torch.bitwise_left_shift((a.detach() * 20).long(), T(2)), [(3, 4)]),
    "bitwise_right_shift": (lambda a: torch.bitwise_right_shift((a.detach() * 20).long(), T(1)), [(3, 4)]),
    "bitwise_and": (lambda a: (a.detach() * 20).long() & 7, [(3, 4)]),
    "bitwise_xor": (lambda a: (a.detach() * 20).long() ^ 7, [(3, 4)]),
    "bitwise_or": (lambda a: (a.detach() * 20).long() | 8, [(3, 4)]),
    "bitwise_not": (lambda a: ~(a.detach() * 20).long(), [(3, 4)]),
    "logical_and": (lambda a, b: torch.logical_and(a > 0, b > 0), [(3, 4), (3, 4)]),
    "logical_or": (lambda a, b: torch.logical_or(a > 0, b > 0), [(3, 4), (3, 4)]),
    "logical_xor": (lambda a, b: torch.logical_xor(a > 0, b > 0), [(3, 4), (3, 4)]),
    "logical_not": (lambda a: torch.logical_not(a > 0), [(3, 4)]),
    # functions of one number
    **{name: (lambda a, name=name: getattr(torch, name)(a), [(3, 4)]) for name in
       "sinc sinh cosh asinh erf erfc exp2 deg2rad rad2deg sgn atan sigmoid trunc positive".split()},
    **{name: (lambda a, name=name: getattr(torch, name)(a * 0.2), [(3, 4)]) for name in
       "acos asin atanh erfinv".split()},
    **{name: (lambda a, name=name: getattr(torch, name)(a), [POSITIVE]) for name in
       "lgamma digamma log10 i0 rsqrt".split()},
    "acosh": (lambda a: torch.acosh(a + 1), [POSITIVE]),
    "logit": (lambda a: torch.logit(a * 0.4), [POSITIVE]),
    "logit_eps": (lambda a: torch.logit(a, 0.1), [(3, 4)]),
    "polygamma": (lambda a: torch.polygamma(2, a), [POSITIVE]),
    "mvlgamma": (lambda a: torch.mvlgamma(a + 2, 3), [POSITIVE]),
    "igamma": (lambda a, b: torch.igamma(a.detach(), b), [POSITIVE, POSITIVE]),
    "igammac": (lambda a, b: torch.igammac(a.detach(), b), [POSITIVE, POSITIVE]),
    "nan_to_num": (lambda a: torch.nan_to_num(torch.log(a.detach()), 0.5), [(3, 4)]),
    "nan_to_num_infinite": (lambda a: torch.nan_to_num(a.detach().relu().log(), nan=0, posinf=3, neginf=-7), [(3, 4)]),
    "angle": (lambda a: torch.angle(a), [(3, 4)]),
    "signbit": (lambda a: torch.signbit(a), [(3, 4)]),
    "isneginf": (lambda a: torch.isneginf(a.relu().log()), [(3, 4)]),
    "isposinf": (lambda a: torch.isposinf(1 / a.relu()), [(3, 4)]),
    "isreal": (lambda a: torch.isreal(a), [(3, 4)]),
    "round_decimals": (lambda a: torch.round(a, decimals=2), [(3, 4)]),
    # activations
    "threshold": (lambda a: F.threshold(a, 0.2, 7), [(3, 4)]),
    "rrelu": (lambda a: F.rrelu(a), [(3, 4)]),
    "celu": (lambda a: F.celu(a, 0.7), [(3, 4)]),
    "elu_three": (lambda a: torch._C._nn.elu(a, 0.7, 1.2, 0.5), [(3, 4)]),
    "glu": (lambda a: F.glu(a, 1), [(3, 4)]),
    "prelu": (lambda a: F.prelu(a, T([0.1, 0.2, 0.3, 0.4], dtype=a.dtype)), [(3, 4)]),
    "hardtanh": (lambda a: F.hardtanh(a, -0.5, 0.7), [(3, 4)]),
    "relu6": (lambda a: F.relu6(3 * a), [(3, 4)]),
    "hardswish": (lambda a: F.hardswish(a), [(3, 4)]),
    "hardsigmoid": (lambda a: F.hardsigmoid(a), [(3, 4)]),
    "selu": (lambda a: F.selu(a), [(3, 4)]),
    "log_sigmoid": (lambda a: F.logsigmoid(a), [(3, 4)]),
    "channel_shuffle": (lambda a: F.channel_shuffle(a.detach(), 2), [(1, 4, 2, 2)]),
    # torch.special
    **{"special_" + name: (lambda a, name=name: getattr(torch.special, name)(a), [POSITIVE]) for name in
       "entr erfcx exp2 gammaln digamma psi i0 i0e i1 i1e ndtr sinc expit erf erfc expm1".split()},
    "special_erfinv": (lambda a: torch.special.erfinv(a * 0.4), [POSITIVE]),
    "special_logit": (lambda a: torch.special.logit(a * 0.4), [POSITIVE]),
    "special_ndtri": (lambda a: torch.special.ndtri(a * 0.4), [POSITIVE]),
    "special_sigmoid": (lambda a: torch.sigmoid(a), [(3, 4)]),
    "special_softmax": (lambda a: torch.special.softmax(a, 1), [(3, 4)]),
    "special_log_softmax": (lambda a: torch.special.log_softmax(a, 1), [(3, 4)]),
    "special_polygamma": (lambda a: torch.special.polygamma(1, a), [POSITIVE]),
    "special_multigammaln": (lambda a: torch.special.multigammaln(a + 2, 2), [POSITIVE]),
    "special_gammainc": (lambda a, b: torch.special.gammainc(a.detach(), b), [POSITIVE, POSITIVE]),
    "special_gammaincc": (lambda a, b: torch.special.gammaincc(a.detach(), b), [POSITIVE, POSITIVE]),
    "special_xlog1py": (lambda a, b: torch.special.xlog1py(a, b), [(3, 4), POSITIVE]),
    "special_zeta": (lambda a, b: torch.special.zeta(a.detach() + 2, b), [POSITIVE, POSITIVE]),
    **{"special_" + name: (lambda a, name=name: getattr(torch.special, name)(a.detach()), [POSITIVE]) for name in
       "airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1 scaled_modified_bessel_k0 scaled_modified_bessel_k1 spherical_bessel_j0".split()},
    **{"special_" + name: (lambda a, name=name: getattr(torch.special, name)(a.detach(), T([0, 1, 2, 5])), [(3, 4)]) for name in
       "chebyshev_polynomial_t chebyshev_polynomial_u chebyshev_polynomial_v chebyshev_polynomial_w shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v shifted_chebyshev_polynomial_w hermite_polynomial_h hermite_polynomial_he laguerre_polynomial_l legendre_polynomial_p".split()},
    # quantized
    "fake_quantize": (lambda a: torch.fake_quantize_per_tensor_affine(a, T(0.1, dtype=torch.float32), T(1, dtype=torch.int32), -8, 7), [(3, 4)]),
    "quantize_per_tensor": (lambda a: torch.quantize_per_tensor(a.detach(), 0.1, 3, torch.qint8).dequantize(), [(3, 4)]),
    "int_repr": (lambda a: torch.quantize_per_tensor(a.detach(), 0.1, 3, torch.qint8).int_repr(), [(3, 4)]),
}

file.cases(CASES)
file.write()
