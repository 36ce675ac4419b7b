using Repro.Torch.Dispatch;

namespace TorchSharp;

// Functions of numbers beyond arithmetic, element by element.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor arctan(Tensor other) => atan2(other);
        public Tensor arctan_(Tensor other) => atan2_(other);
        public Tensor arctan2(Tensor other) => atan2(other);
        public Tensor arctan2_(Tensor other) => atan2_(other);
        public Tensor copysign(Tensor other) => Ops.copysign_Tensor.Call(this, other);
        public Tensor copysign_(Tensor other) => Ops.copysign__Tensor.CallInPlace(this, other);
        public Tensor nextafter(Tensor other) => Ops.nextafter.Call(this, other);
        public Tensor nextafter_(Tensor other) => Ops.nextafter_.CallInPlace(this, other);
        public Tensor heaviside(Tensor other) => Ops.heaviside.Call(this, other);
        public Tensor heaviside_(Tensor other) => Ops.heaviside_.CallInPlace(this, other);
        public Tensor ldexp(Tensor other) => Ops.ldexp_Tensor.Call(this, other);
        public Tensor ldexp_(Tensor other) => Ops.ldexp_.CallInPlace(this, other);

        /// <summary>Parts such that this tensor is mantissa * 2^exponent, the mantissa in [0.5, 1).</summary>
        public (Tensor Mantissa, Tensor Exponent) frexp() => Ops.frexp_Tensor.CallTwo(this);

        /// <summary>Powers in float64, whatever the types.</summary>
        public Tensor float_power(Tensor target) => Ops.float_power_Tensor_Tensor.Call(this, target);
        public Tensor float_power_(Tensor target) => Ops.float_power__Tensor.CallInPlace(this, target);
        public Tensor logaddexp2(Tensor other) => Ops.logaddexp2.Call(this, other);
        public Tensor logit_(double? eps = null) => Ops.logit_.CallInPlace(this, eps);
        public Tensor nan_to_num_(double nan = 0d, double? posinf = null, double? neginf = null) => Ops.nan_to_num_.CallInPlace(this, nan, posinf, neginf);
        public Tensor xlogy_(Tensor y) => Ops.xlogy__Tensor.CallInPlace(this, y);
        public Tensor xlogy(Scalar y) => Ops.xlogy_Scalar_Other.Call(this, y);
        public Tensor xlogy_(Scalar y) => Ops.xlogy__Scalar_Other.CallInPlace(this, y);
        public Tensor fmax(Tensor other) => Ops.fmax.Call(this, other);
        public Tensor fmin(Tensor other) => Ops.fmin.Call(this, other);
        public Tensor gcd(Tensor other) => Ops.gcd.Call(this, other);
        public Tensor gcd_(Tensor other) => Ops.gcd_.CallInPlace(this, other);
        public Tensor lcm(Tensor other) => Ops.lcm.Call(this, other);
        public Tensor lcm_(Tensor other) => Ops.lcm_.CallInPlace(this, other);
        public Tensor bitwise_left_shift(Tensor other) => Ops.bitwise_left_shift_Tensor.Call(this, other);
        public Tensor bitwise_left_shift_(Tensor other) => Ops.bitwise_left_shift__Tensor.CallInPlace(this, other);
        public Tensor bitwise_right_shift(Tensor other) => Ops.bitwise_right_shift_Tensor.Call(this, other);
        public Tensor bitwise_right_shift_(Tensor other) => Ops.bitwise_right_shift__Tensor.CallInPlace(this, other);
        public Tensor i0() => Ops.i0.Call(this);
        public Tensor i0_() => Ops.i0_.CallInPlace(this);
        public Tensor igamma(Tensor other) => Ops.igamma.Call(this, other);
        public Tensor igammac(Tensor other) => Ops.igammac.Call(this, other);
        public Tensor mvlgamma(long p) => Ops.mvlgamma.Call(this, p);
        public Tensor mvlgamma_(long p) => Ops.mvlgamma_.CallInPlace(this, p);

        /// <param name="p">The order of the derivative of digamma: 0 or more.</param>
        public Tensor polygamma(long p) => Ops.polygamma.Call(p, this);
        public Tensor polygamma_(long p) => Ops.polygamma_.CallInPlace(this, p);
        public Tensor isreal() => Ops.isreal.Call(this);
        public Tensor less_equal_(Tensor target) => le_(target);
        public Tensor not_equal_(Tensor target) => ne_(target);

        public Tensor threshold(Scalar threshold, Scalar value) => Ops.threshold.Call(this, threshold, value);
        public Tensor threshold_(Scalar threshold, Scalar value) => Ops.threshold_.CallInPlace(this, threshold, value);

        /// <summary>The evaluation form: slopes are the mean of the bounds. What is random about it belongs to the module.</summary>
        public Tensor rrelu(double lower = 1.0 / 8, double upper = 1.0 / 3) => Ops.rrelu.Call(this, (Scalar)lower, (Scalar)upper);
        public Tensor rrelu_(double lower = 1.0 / 8, double upper = 1.0 / 3) => Ops.rrelu_.CallInPlace(this, (Scalar)lower, (Scalar)upper);
        public Tensor celu() => celu(1.0);
        public Tensor celu_() => celu_(1.0);
        public Tensor celu(Scalar alpha) => Ops.celu.Call(this, alpha);
        public Tensor celu_(Scalar alpha) => Ops.celu_.CallInPlace(this, alpha);
        public Tensor elu_(double alpha = 1) => Ops.elu_.CallInPlace(this, alpha);
        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) => Ops.elu.Call(this, alpha, scale, input_scale);
        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) => Ops.elu_.CallInPlace(this, alpha, scale, input_scale);
        public Tensor glu(long dim = -1) => Ops.glu.Call(this, dim);
        public Tensor prelu(Tensor target) => Ops.prelu.Call(this, target);
        public Tensor channel_shuffle(long groups) => Ops.channel_shuffle.Call(this, groups);
    }
}
