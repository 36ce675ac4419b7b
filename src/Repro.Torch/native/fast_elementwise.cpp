// Sums, differences and products of two small tensors of one shape: the work is shorter than libtorch's way to it.
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
    return a.defined() && b.defined() && a.numel() <= small && is_ours_whole(a) && is_ours_whole(b) && a.sizes() == b.sizes();
}

// A sum's gradient is that of its result, for both; nothing has to be kept.
class SumBackward final : public torch::autograd::Node {
public:
    SumBackward(const at::Tensor& a, const at::Tensor& b) {
        for (const auto& input : {a, b}) add_next_edge(torch::autograd::impl::gradient_edge(input));
    }

    std::string name() const override { return "SumBackward"; }

    variable_list apply(variable_list&& gradients) override {
        return {task_should_compute_output(0) ? gradients[0] : at::Tensor(), task_should_compute_output(1) ? gradients[0] : at::Tensor()};
    }
};

at::Tensor apply(Kernel kernel, const at::Tensor& a, const at::Tensor& b) {
    at::Tensor out(at::detail::empty_cpu(a.sizes(), at::kFloat));
    kernel(floats(out), floats(a), floats(b), a.numel());
    return out;
}

at::Tensor add(const at::Tensor& a, const at::Tensor& b) {
    if (!takes(a, b)) return at::add(a, b);
    auto sum = apply(kernels().add, a, b);
    if (is_recorded(a, b)) torch::autograd::set_history(sum, make_node<SumBackward>(a, b));
    return sum;
}

at::Tensor sub(const at::Tensor& a, const at::Tensor& b) { return takes(a, b) && !is_recorded(a, b) ? apply(kernels().sub, a, b) : at::sub(a, b); }
at::Tensor mul(const at::Tensor& a, const at::Tensor& b) { return takes(a, b) && !is_recorded(a, b) ? apply(kernels().mul, a, b) : at::mul(a, b); }

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("add(Tensor self, Tensor other) -> Tensor", add);
    m.def("sub(Tensor self, Tensor other) -> Tensor", sub);
    m.def("mul(Tensor self, Tensor other) -> Tensor", mul);
}

} // namespace rt
