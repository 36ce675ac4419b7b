using Repro.Torch.Dispatch;

namespace TorchSharp;

// Elementwise functions. A name ending in _ changes the tensor itself and gives it back.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor abs() => Ops.abs.Call(this);
        public Tensor abs_() => Ops.abs_.CallInPlace(this);
        public Tensor acos() => Ops.acos.Call(this);
        public Tensor acos_() => Ops.acos_.CallInPlace(this);
        public Tensor arccosh() => Ops.arccosh.Call(this);
        public Tensor arccosh_() => Ops.arccosh_.CallInPlace(this);
        public Tensor arcsinh() => Ops.arcsinh.Call(this);
        public Tensor arcsinh_() => Ops.arcsinh_.CallInPlace(this);
        public Tensor arctanh() => Ops.arctanh.Call(this);
        public Tensor arctanh_() => Ops.arctanh_.CallInPlace(this);
        public Tensor asin() => Ops.asin.Call(this);
        public Tensor asin_() => Ops.asin_.CallInPlace(this);
        public Tensor atan() => Ops.atan.Call(this);
        public Tensor atan_() => Ops.atan_.CallInPlace(this);
        public Tensor ceil() => Ops.ceil.Call(this);
        public Tensor ceil_() => Ops.ceil_.CallInPlace(this);
        public Tensor cos() => Ops.cos.Call(this);
        public Tensor cos_() => Ops.cos_.CallInPlace(this);
        public Tensor cosh() => Ops.cosh.Call(this);
        public Tensor cosh_() => Ops.cosh_.CallInPlace(this);
        public Tensor deg2rad() => Ops.deg2rad.Call(this);
        public Tensor deg2rad_() => Ops.deg2rad_.CallInPlace(this);
        public Tensor digamma() => Ops.digamma.Call(this);
        public Tensor digamma_() => Ops.digamma_.CallInPlace(this);
        public Tensor erf() => Ops.erf.Call(this);
        public Tensor erf_() => Ops.erf_.CallInPlace(this);
        public Tensor erfc() => Ops.erfc.Call(this);
        public Tensor erfc_() => Ops.erfc_.CallInPlace(this);
        public Tensor erfinv() => Ops.erfinv.Call(this);
        public Tensor erfinv_() => Ops.erfinv_.CallInPlace(this);
        public Tensor exp() => Ops.exp.Call(this);
        public Tensor exp_() => Ops.exp_.CallInPlace(this);
        public Tensor exp2() => Ops.exp2.Call(this);
        public Tensor exp2_() => Ops.exp2_.CallInPlace(this);
        public Tensor expm1() => Ops.expm1.Call(this);
        public Tensor expm1_() => Ops.expm1_.CallInPlace(this);
        public Tensor floor() => Ops.floor.Call(this);
        public Tensor floor_() => Ops.floor_.CallInPlace(this);
        public Tensor frac() => Ops.frac.Call(this);
        public Tensor frac_() => Ops.frac_.CallInPlace(this);
        public Tensor lgamma() => Ops.lgamma.Call(this);
        public Tensor lgamma_() => Ops.lgamma_.CallInPlace(this);
        public Tensor log() => Ops.log.Call(this);
        public Tensor log_() => Ops.log_.CallInPlace(this);
        public Tensor log10() => Ops.log10.Call(this);
        public Tensor log10_() => Ops.log10_.CallInPlace(this);
        public Tensor log1p() => Ops.log1p.Call(this);
        public Tensor log1p_() => Ops.log1p_.CallInPlace(this);
        public Tensor log2() => Ops.log2.Call(this);
        public Tensor log2_() => Ops.log2_.CallInPlace(this);
        public Tensor logical_not() => Ops.logical_not.Call(this);
        public Tensor logical_not_() => Ops.logical_not_.CallInPlace(this);
        public Tensor neg() => Ops.neg.Call(this);
        public Tensor neg_() => Ops.neg_.CallInPlace(this);
        public Tensor rad2deg() => Ops.rad2deg.Call(this);
        public Tensor rad2deg_() => Ops.rad2deg_.CallInPlace(this);
        public Tensor reciprocal() => Ops.reciprocal.Call(this);
        public Tensor reciprocal_() => Ops.reciprocal_.CallInPlace(this);
        public Tensor relu() => Ops.relu.Call(this);
        public Tensor relu_() => Ops.relu_.CallInPlace(this);
        public Tensor relu6() => Ops.relu6.Call(this);
        public Tensor relu6_() => Ops.relu6_.CallInPlace(this);
        public Tensor rsqrt() => Ops.rsqrt.Call(this);
        public Tensor rsqrt_() => Ops.rsqrt_.CallInPlace(this);
        public Tensor sgn() => Ops.sgn.Call(this);
        public Tensor sgn_() => Ops.sgn_.CallInPlace(this);
        public Tensor sigmoid() => Ops.sigmoid.Call(this);
        public Tensor sigmoid_() => Ops.sigmoid_.CallInPlace(this);
        public Tensor sign() => Ops.sign.Call(this);
        public Tensor sign_() => Ops.sign_.CallInPlace(this);
        public Tensor sin() => Ops.sin.Call(this);
        public Tensor sin_() => Ops.sin_.CallInPlace(this);
        public Tensor sinc() => Ops.sinc.Call(this);
        public Tensor sinc_() => Ops.sinc_.CallInPlace(this);
        public Tensor sinh() => Ops.sinh.Call(this);
        public Tensor sinh_() => Ops.sinh_.CallInPlace(this);
        public Tensor sqrt() => Ops.sqrt.Call(this);
        public Tensor sqrt_() => Ops.sqrt_.CallInPlace(this);
        public Tensor tan() => Ops.tan.Call(this);
        public Tensor tan_() => Ops.tan_.CallInPlace(this);
        public Tensor tanh() => Ops.tanh.Call(this);
        public Tensor tanh_() => Ops.tanh_.CallInPlace(this);
        public Tensor trunc() => Ops.trunc.Call(this);
        public Tensor trunc_() => Ops.trunc_.CallInPlace(this);
        public Tensor selu() => Ops.selu.Call(this);
        public Tensor selu_() => Ops.selu_.CallInPlace(this);
        public Tensor silu() => Ops.silu.Call(this);
        public Tensor silu_() => Ops.silu_.CallInPlace(this);
        public Tensor hardswish() => Ops.hardswish.Call(this);
        public Tensor hardswish_() => Ops.hardswish_.CallInPlace(this);
        public Tensor hardsigmoid() => Ops.hardsigmoid.Call(this);
        public Tensor hardsigmoid_() => Ops.hardsigmoid_.CallInPlace(this);
        public Tensor bitwise_not() => Ops.bitwise_not.Call(this);
        public Tensor bitwise_not_() => Ops.bitwise_not_.CallInPlace(this);
        public Tensor isfinite() => Ops.isfinite.Call(this);
        public Tensor isinf() => Ops.isinf.Call(this);
        public Tensor isnan() => Ops.isnan.Call(this);
        public Tensor isneginf() => Ops.isneginf.Call(this);
        public Tensor isposinf() => Ops.isposinf.Call(this);
        public Tensor signbit() => Ops.signbit.Call(this);
        public Tensor log_sigmoid() => Ops.log_sigmoid.Call(this);
        public Tensor positive() => dtype == ScalarType.Bool ? throw new ArgumentException("Boolean tensor") : Ops.positive.Call(this);
        public Tensor square() => Ops.square.Call(this);
        public Tensor angle() => Ops.angle.Call(this);

        public Tensor absolute() => abs();
        public Tensor absolute_() => abs_();
        public Tensor negative() => neg();
        public Tensor negative_() => neg_();
        public Tensor arccos() => acos();
        public Tensor arccos_() => acos_();
        public Tensor arcsin() => asin();
        public Tensor arcsin_() => asin_();
        public Tensor arctan() => atan();
        public Tensor arctan_() => atan_();
        public Tensor acosh() => arccosh();
        public Tensor acosh_() => arccosh_();
        public Tensor asinh() => arcsinh();
        public Tensor asinh_() => arcsinh_();
        public Tensor atanh() => arctanh();
        public Tensor atanh_() => arctanh_();
        public Tensor fix() => trunc();
        public Tensor fix_() => trunc_();

        public Tensor add(Tensor target) => FusedOps.add.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => Ops.add_Tensor.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => Ops.add_Scalar.Call(this, scalar);
        public Tensor add(Scalar scalar, Scalar alpha) => Ops.add_Scalar.Call(this, scalar, alpha);
        public Tensor add_(Tensor target) => Ops.add__Tensor.CallInPlace(this, target);
        public Tensor add_(Tensor target, Scalar alpha) => Ops.add__Tensor.CallInPlace(this, target, alpha);
        public Tensor add_(Scalar scalar) => Ops.add__Scalar.CallInPlace(this, scalar);
        public Tensor add_(Scalar scalar, Scalar alpha) => Ops.add__Scalar.CallInPlace(this, scalar, alpha);
        public Tensor sub(Tensor target) => FusedOps.sub.Call(this, target);
        public Tensor sub(Scalar target) => Ops.sub_Scalar.Call(this, target);
        public Tensor sub_(Tensor target) => Ops.sub__Tensor.CallInPlace(this, target);
        public Tensor sub_(Scalar target) => Ops.sub__Scalar.CallInPlace(this, target);
        public Tensor subtract(Tensor target) => sub(target);
        public Tensor subtract(Scalar target) => sub(target);
        public Tensor subtract_(Tensor target) => sub_(target);
        public Tensor subtract_(Scalar target) => sub_(target);
        public Tensor mul(Tensor target) => FusedOps.mul.Call(this, target);
        public Tensor mul(Scalar target) => Ops.mul_Scalar.Call(this, target);
        public Tensor mul_(Tensor target) => Ops.mul__Tensor.CallInPlace(this, target);
        public Tensor mul_(Scalar target) => Ops.mul__Scalar.CallInPlace(this, target);
        public Tensor multiply(Tensor target) => mul(target);
        public Tensor multiply(Scalar target) => mul(target);
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None ? Ops.div_Tensor.Call(this, target) : Ops.div_Tensor_mode.Call(this, target, Word(rounding_mode));
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None ? Ops.div_Scalar.Call(this, target) : Ops.div_Scalar_mode.Call(this, target, Word(rounding_mode));
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None ? Ops.div__Tensor.CallInPlace(this, target) : Ops.div__Tensor_mode.CallInPlace(this, target, Word(rounding_mode));
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => rounding_mode == RoundingMode.None ? Ops.div__Scalar.CallInPlace(this, target) : Ops.div__Scalar_mode.CallInPlace(this, target, Word(rounding_mode));
        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);
        public Tensor true_divide(Tensor other) => div(other);
        public Tensor true_divide(Scalar other) => div(other);
        public Tensor true_divide_(Tensor other) => div_(other);
        public Tensor true_divide_(Scalar other) => div_(other);
        public Tensor floor_divide(Tensor other) => Ops.floor_divide.Call(this, other);
        public Tensor floor_divide(Scalar other) => Ops.floor_divide_Scalar.Call(this, other);
        public Tensor floor_divide_(Tensor other) => Ops.floor_divide__Tensor.CallInPlace(this, other);
        public Tensor floor_divide_(Scalar other) => Ops.floor_divide__Scalar.CallInPlace(this, other);
        public Tensor remainder(Tensor target) => Ops.remainder_Tensor.Call(this, target);
        public Tensor remainder(Scalar scalar) => Ops.remainder_Scalar.Call(this, scalar);
        public Tensor remainder_(Tensor target) => Ops.remainder__Tensor.CallInPlace(this, target);
        public Tensor remainder_(Scalar scalar) => Ops.remainder__Scalar.CallInPlace(this, scalar);
        public Tensor fmod(Tensor target) => Ops.fmod_Tensor.Call(this, target);
        public Tensor fmod(Scalar scalar) => Ops.fmod_Scalar.Call(this, scalar);
        public Tensor fmod_(Tensor target) => Ops.fmod__Tensor.CallInPlace(this, target);
        public Tensor fmod_(Scalar scalar) => Ops.fmod__Scalar.CallInPlace(this, scalar);
        public Tensor pow(Tensor exponent) => Ops.pow_Tensor_Tensor.Call(this, exponent);
        public Tensor pow(Scalar exponent) => Ops.pow_Tensor_Scalar.Call(this, exponent);
        public Tensor pow_(Tensor exponent) => Ops.pow__Tensor.CallInPlace(this, exponent);
        public Tensor pow_(Scalar exponent) => Ops.pow__Scalar.CallInPlace(this, exponent);
        public Tensor round(long decimals = 0L) => Ops.round_decimals.Call(this, decimals);
        public Tensor round_(long decimals = 0L) => Ops.round__decimals.CallInPlace(this, decimals);
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul.Call(this, tensor1, tensor2, value);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcmul_.CallInPlace(this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv.Call(this, tensor1, tensor2, value);
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Ops.addcdiv.Call(this, tensor1, tensor2);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Ops.addcdiv_.CallInPlace(this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Ops.addcdiv_.CallInPlace(this, tensor1, tensor2);
        public Tensor lerp(Tensor end, Tensor weight) => Ops.lerp_Tensor.Call(this, end, weight);
        public Tensor lerp_(Tensor end, Tensor weight) => Ops.lerp__Tensor.CallInPlace(this, end, weight);
        public Tensor atan2(Tensor other) => Ops.atan2.Call(this, other);
        public Tensor atan2_(Tensor other) => Ops.atan2_.CallInPlace(this, other);
        public Tensor logaddexp(Tensor other) => Ops.logaddexp.Call(this, other);
        public Tensor hypot(Tensor other) => Ops.hypot.Call(this, other);
        public Tensor xlogy(Tensor y) => Ops.xlogy_Tensor.Call(this, y);
        public Tensor logit(double? eps = null) => Ops.logit.Call(this, eps);
        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) => Ops.nan_to_num.Call(this, nan, posinf, neginf);
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Ops.clamp.Call(this, min, max);
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Ops.clamp_Tensor.Call(this, min, max);
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Ops.clamp_.CallInPlace(this, min, max);
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Ops.clamp__Tensor.CallInPlace(this, min, max);
        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);
        public Tensor clamp_max(Scalar max) => Ops.clamp_max.Call(this, max);
        public Tensor clamp_max_(Scalar max) => Ops.clamp_max_.CallInPlace(this, max);
        public Tensor clamp_min(Scalar min) => Ops.clamp_min.Call(this, min);
        public Tensor clamp_min_(Scalar min) => Ops.clamp_min_.CallInPlace(this, min);
        public Tensor gelu() => gelu(Modules.GELU.Approximate.none);
        public Tensor gelu(Modules.GELU.Approximate approximate) => WithGradientInOrder(Ops.gelu.Call(this, Word(approximate)));
        public Tensor gelu_() => Ops.gelu_.CallInPlace(this);
        public Tensor gelu_(Modules.GELU.Approximate approximate) => Ops.gelu_.CallInPlace(this, Word(approximate));
        public Tensor leaky_relu(Scalar negative_slope) => Ops.leaky_relu.Call(this, negative_slope);
        public Tensor leaky_relu_(Scalar negative_slope) => Ops.leaky_relu_.CallInPlace(this, negative_slope);
        public Tensor elu(double alpha = 1) => Ops.elu.Call(this, alpha);
        public Tensor softplus(double beta = 1, double threshold = 20) => (beta, threshold) == (1, 20) ? FusedOps.softplus.Call(this) : Ops.softplus.Call(this, beta, threshold);
        public Tensor hardtanh(Scalar min, Scalar max) => Ops.hardtanh.Call(this, min, max);
        public Tensor hardtanh_(Scalar min, Scalar max) => Ops.hardtanh_.CallInPlace(this, min, max);
        public Tensor softmax(long dim, ScalarType? dtype = null) => Ops.softmax_int.Call(this, dim, dtype);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Ops.log_softmax_int.Call(this, dim, dtype);

        // libtorch 1.13 on the CPU reads the gradient that comes into the exact GELU as if it lay in memory as the argument does: in another order
        // it gives wrong numbers. Through a flat view the gradient comes back in order; where it is already, both views cost nothing.
        private static Tensor WithGradientInOrder(Tensor result)
        {
            if (!result.requires_grad || result.device_type != DeviceType.CPU || result.dim() < 2 || !result.is_contiguous()) return result;
            using (result)
            using (var flat = result.view(-1))
                return flat.view(result.shape);
        }

        internal static string? Word(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();

        internal static string Word(Modules.GELU.Approximate approximate) => approximate.ToString();
    }

    /// <summary>How a division rounds: not at all, toward zero, or down.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }
}
