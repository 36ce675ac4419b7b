using Repro.Torch.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    // Functions of mathematical physics. Those with an out write there, and give a further reference to it.
    public static partial class special
    {
        public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);
        public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);
        public static Tensor erf(Tensor input) => input.erf();
        public static Tensor expit(Tensor input) => input.sigmoid();
        public static Tensor airy_ai(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_airy_ai.Call(input) : Ops.special_airy_ai_out.Call(input, @out);
        public static Tensor bessel_j0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_bessel_j0.Call(input) : Ops.special_bessel_j0_out.Call(input, @out);
        public static Tensor bessel_j1(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_bessel_j1.Call(input) : Ops.special_bessel_j1_out.Call(input, @out);
        public static Tensor bessel_y0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_bessel_y0.Call(input) : Ops.special_bessel_y0_out.Call(input, @out);
        public static Tensor bessel_y1(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_bessel_y1.Call(input) : Ops.special_bessel_y1_out.Call(input, @out);
        public static Tensor modified_bessel_i0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_modified_bessel_i0.Call(input) : Ops.special_modified_bessel_i0_out.Call(input, @out);
        public static Tensor modified_bessel_i1(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_modified_bessel_i1.Call(input) : Ops.special_modified_bessel_i1_out.Call(input, @out);
        public static Tensor modified_bessel_k0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_modified_bessel_k0.Call(input) : Ops.special_modified_bessel_k0_out.Call(input, @out);
        public static Tensor modified_bessel_k1(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_modified_bessel_k1.Call(input) : Ops.special_modified_bessel_k1_out.Call(input, @out);
        public static Tensor scaled_modified_bessel_k0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_scaled_modified_bessel_k0.Call(input) : Ops.special_scaled_modified_bessel_k0_out.Call(input, @out);
        public static Tensor scaled_modified_bessel_k1(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_scaled_modified_bessel_k1.Call(input) : Ops.special_scaled_modified_bessel_k1_out.Call(input, @out);
        public static Tensor spherical_bessel_j0(Tensor input, Tensor? @out = null) => @out is null ? Ops.special_spherical_bessel_j0.Call(input) : Ops.special_spherical_bessel_j0_out.Call(input, @out);
        public static Tensor chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_chebyshev_polynomial_t.Call(x, n) : Ops.special_chebyshev_polynomial_t_out.Call(x, n, @out);
        public static Tensor chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_chebyshev_polynomial_u.Call(x, n) : Ops.special_chebyshev_polynomial_u_out.Call(x, n, @out);
        public static Tensor chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_chebyshev_polynomial_v.Call(x, n) : Ops.special_chebyshev_polynomial_v_out.Call(x, n, @out);
        public static Tensor chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_chebyshev_polynomial_w.Call(x, n) : Ops.special_chebyshev_polynomial_w_out.Call(x, n, @out);
        public static Tensor shifted_chebyshev_polynomial_t(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_shifted_chebyshev_polynomial_t.Call(x, n) : Ops.special_shifted_chebyshev_polynomial_t_out.Call(x, n, @out);
        public static Tensor shifted_chebyshev_polynomial_u(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_shifted_chebyshev_polynomial_u.Call(x, n) : Ops.special_shifted_chebyshev_polynomial_u_out.Call(x, n, @out);
        public static Tensor shifted_chebyshev_polynomial_v(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_shifted_chebyshev_polynomial_v.Call(x, n) : Ops.special_shifted_chebyshev_polynomial_v_out.Call(x, n, @out);
        public static Tensor shifted_chebyshev_polynomial_w(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_shifted_chebyshev_polynomial_w.Call(x, n) : Ops.special_shifted_chebyshev_polynomial_w_out.Call(x, n, @out);
        public static Tensor hermite_polynomial_h(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_hermite_polynomial_h.Call(x, n) : Ops.special_hermite_polynomial_h_out.Call(x, n, @out);
        public static Tensor hermite_polynomial_he(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_hermite_polynomial_he.Call(x, n) : Ops.special_hermite_polynomial_he_out.Call(x, n, @out);
        public static Tensor laguerre_polynomial_l(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_laguerre_polynomial_l.Call(x, n) : Ops.special_laguerre_polynomial_l_out.Call(x, n, @out);
        public static Tensor legendre_polynomial_p(Tensor x, Tensor n, Tensor? @out = null) => @out is null ? Ops.special_legendre_polynomial_p.Call(x, n) : Ops.special_legendre_polynomial_p_out.Call(x, n, @out);
        public static Tensor entr(Tensor input) => Ops.special_entr.Call(input);
        public static Tensor erfc(Tensor input) => input.erfc();
        public static Tensor erfcx(Tensor input) => Ops.special_erfcx.Call(input);
        public static Tensor erfinv(Tensor input) => input.erfinv();
        public static Tensor expm1(Tensor input) => input.expm1();
        public static Tensor exp2(Tensor input) => input.exp2();
        public static Tensor gammaln(Tensor input) => input.lgamma();
        public static Tensor gammainc(Tensor input, Tensor other) => input.igamma(other);
        public static Tensor gammaincc(Tensor input, Tensor other) => input.igammac(other);
        public static Tensor polygamma(long n, Tensor input) => input.polygamma(n);
        public static Tensor multigammaln(Tensor input, long p) => Ops.special_multigammaln.Call(input, p);
        public static Tensor digamma(Tensor input) => input.digamma();
        public static Tensor psi(Tensor input) => input.digamma();
        public static Tensor i0(Tensor input) => input.i0();
        public static Tensor i0e(Tensor input) => Ops.special_i0e.Call(input);
        public static Tensor i1(Tensor input) => Ops.special_i1.Call(input);
        public static Tensor i1e(Tensor input) => Ops.special_i1e.Call(input);
        public static Tensor logit(Tensor input) => input.logit();
        public static Tensor ndtr(Tensor input) => Ops.special_ndtr.Call(input);
        public static Tensor ndtri(Tensor input) => Ops.special_ndtri.Call(input);
        public static Tensor sinc(Tensor input) => input.sinc();
        public static Tensor sigmoid(Tensor input) => input.sigmoid();
        public static Tensor sigmoid_(Tensor input) => input.sigmoid_();
        public static Tensor xlog1py(Tensor input, Tensor other) => Ops.special_xlog1py.Call(input, other);
        public static Tensor zeta(Tensor x, Tensor q) => Ops.special_zeta.Call(x, q);
    }
}
