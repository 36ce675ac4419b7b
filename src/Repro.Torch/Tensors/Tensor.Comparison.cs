using Repro.Torch.Dispatch;

namespace TorchSharp;

// Comparisons and logic; results are bool tensors.
public static partial class torch
{
    public partial class Tensor
    {
        public Tensor eq(Tensor target) => Ops.eq_Tensor.Call(this, target);
        public Tensor eq(Scalar target) => Ops.eq_Scalar.Call(this, target);
        public Tensor eq_(Tensor target) => Ops.eq__Tensor.CallInPlace(this, target);
        public Tensor eq_(Scalar target) => Ops.eq__Scalar.CallInPlace(this, target);
        public Tensor ne(Tensor target) => Ops.ne_Tensor.Call(this, target);
        public Tensor ne(Scalar target) => Ops.ne_Scalar.Call(this, target);
        public Tensor ne_(Tensor target) => Ops.ne__Tensor.CallInPlace(this, target);
        public Tensor ne_(Scalar target) => Ops.ne__Scalar.CallInPlace(this, target);
        public Tensor not_equal(Tensor target) => ne(target);
        public Tensor lt(Tensor target) => Ops.lt_Tensor.Call(this, target);
        public Tensor lt(Scalar target) => Ops.lt_Scalar.Call(this, target);
        public Tensor lt_(Tensor target) => Ops.lt__Tensor.CallInPlace(this, target);
        public Tensor lt_(Scalar target) => Ops.lt__Scalar.CallInPlace(this, target);
        public Tensor less(Tensor target) => lt(target);
        public Tensor le(Tensor target) => Ops.le_Tensor.Call(this, target);
        public Tensor le(Scalar target) => Ops.le_Scalar.Call(this, target);
        public Tensor le_(Tensor target) => Ops.le__Tensor.CallInPlace(this, target);
        public Tensor le_(Scalar target) => Ops.le__Scalar.CallInPlace(this, target);
        public Tensor less_equal(Tensor target) => le(target);
        public Tensor gt(Tensor target) => Ops.gt_Tensor.Call(this, target);
        public Tensor gt(Scalar target) => Ops.gt_Scalar.Call(this, target);
        public Tensor gt_(Tensor target) => Ops.gt__Tensor.CallInPlace(this, target);
        public Tensor gt_(Scalar target) => Ops.gt__Scalar.CallInPlace(this, target);
        public Tensor greater(Tensor target) => gt(target);
        public Tensor ge(Tensor target) => Ops.ge_Tensor.Call(this, target);
        public Tensor ge(Scalar target) => Ops.ge_Scalar.Call(this, target);
        public Tensor ge_(Tensor target) => Ops.ge__Tensor.CallInPlace(this, target);
        public Tensor ge_(Scalar target) => Ops.ge__Scalar.CallInPlace(this, target);
        public Tensor greater_equal(Tensor target) => ge(target);
        public Tensor equal(Tensor target) => eq(target);

        public Tensor logical_and(Tensor other) => Ops.logical_and.Call(this, other);
        public Tensor logical_and_(Tensor other) => Ops.logical_and_.CallInPlace(this, other);
        public Tensor logical_or(Tensor other) => Ops.logical_or.Call(this, other);
        public Tensor logical_or_(Tensor other) => Ops.logical_or_.CallInPlace(this, other);
        public Tensor logical_xor(Tensor other) => Ops.logical_xor.Call(this, other);
        public Tensor logical_xor_(Tensor other) => Ops.logical_xor_.CallInPlace(this, other);
        public Tensor bitwise_and(Tensor other) => Ops.bitwise_and_Tensor.Call(this, other);
        public Tensor bitwise_and_(Tensor other) => Ops.bitwise_and__Tensor.CallInPlace(this, other);
        public Tensor bitwise_or(Tensor other) => Ops.bitwise_or_Tensor.Call(this, other);
        public Tensor bitwise_or_(Tensor other) => Ops.bitwise_or__Tensor.CallInPlace(this, other);
        public Tensor bitwise_xor(Tensor other) => Ops.bitwise_xor_Tensor.Call(this, other);
        public Tensor bitwise_xor_(Tensor other) => Ops.bitwise_xor__Tensor.CallInPlace(this, other);
        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) => Ops.isclose.Call(this, other, rtol, atol, nanEqual);
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) => Ops.allclose.CallScalar(this, target, rtol, atol, equal_nan).ToBoolean();
        public Tensor maximum(Tensor other) => Ops.maximum.Call(this, other);
        public Tensor minimum(Tensor other) => Ops.minimum.Call(this, other);
        public Tensor where(Tensor condition, Tensor y) => Ops.where_self.Call(condition, this, y);
        public Tensor masked_fill(Tensor mask, Scalar value) => Ops.masked_fill_Scalar.Call(this, mask, value);
        public Tensor masked_fill_(Tensor mask, Scalar value) => Ops.masked_fill__Scalar.CallInPlace(this, mask, value);
        public Tensor masked_select(Tensor mask) => Ops.masked_select.Call(this, mask);
        public Tensor nonzero() => Ops.nonzero.Call(this);
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) => Ops.isin_Tensor_Tensor.Call(this, test_elements, assumeUnique, invert);
    }
}
