// Sums, differences and products of two small tensors of one shape that no gradient is wanted for: the work is shorter than libtorch's way to it.
#include "fused.h"

#include <ATen/EmptyTensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sub.h>

namespace rt {
namespace {

constexpr int64_t small = 16384; // elements; beyond, libtorch shares the work among threads

using Kernel = void (*)(float*, const float*, const float*, int64_t);

bool takes(const at::Tensor& a, const at::Tensor& b) {
    return is_ours_whole(a) && is_ours_whole(b) && a.numel() <= small && a.sizes() == b.sizes() && !is_recorded(a, b) && a.defined() && b.defined();
}

at::Tensor apply(Kernel kernel, const at::Tensor& a, const at::Tensor& b) {
    at::Tensor out(at::detail::empty_cpu(a.sizes(), at::kFloat));
    kernel(floats(out), floats(a), floats(b), a.numel());
    return out;
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) { return takes(a, b) ? apply(kernels().add, a, b) : at::add(a, b); }
at::Tensor sub(const at::Tensor& a, const at::Tensor& b) { return takes(a, b) ? apply(kernels().sub, a, b) : at::sub(a, b); }
at::Tensor mul(const at::Tensor& a, const at::Tensor& b) { return takes(a, b) ? apply(kernels().mul, a, b) : at::mul(a, b); }

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("add(Tensor self, Tensor other) -> Tensor", add);
    m.def("sub(Tensor self, Tensor other) -> Tensor", sub);
    m.def("mul(Tensor self, Tensor other) -> Tensor", mul);
}

} // namespace rt
