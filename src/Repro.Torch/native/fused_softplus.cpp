// Softplus in a quarter of the time that libtorch takes for it, most of which goes into a logarithm of 1 + x for any x: here x is exp(-|x|), 1 at most.
#include "fused.h"

#include <ATen/ops/sigmoid.h>
#include <ATen/ops/softplus.h>

namespace rt {
namespace {

constexpr int64_t grain = 16384; // elements that are worth a thread

class SoftplusBackward final : public FusedNode {
public:
    explicit SoftplusBackward(const at::Tensor& x)
        : FusedNode("SoftplusBackward", {x}, [](const variable_list& in) { return variable_list{at::softplus(in[0])}; }) {}

protected:
    variable_list backward(const variable_list& inputs, const variable_list& gradients) override {
        if (!gradients[0].defined()) return {at::Tensor()};
        Unrecorded guard;
        const auto &x = inputs[0], dy = gradients[0].contiguous();
        if (!is_ours(dy)) return {dy * at::sigmoid(x)};
        auto dx = at::empty(x.sizes(), dy.options());
        at::parallel_for(0, x.numel(), grain, [&](int64_t begin, int64_t end) { kernels().softplus_backward(floats(dx) + begin, floats(dy) + begin, floats(x) + begin, end - begin); });
        return {dx};
    }
};

at::Tensor softplus(const at::Tensor& x) {
    if (x.numel() == 0 || !is_ours_whole(x)) return at::softplus(x);
    auto node = is_recorded(x) ? make_node<SoftplusBackward>(x) : nullptr;
    at::Tensor y;
    {
        Unrecorded guard;
        y = at::empty(x.sizes(), x.options().requires_grad(false));
        at::parallel_for(0, x.numel(), grain, [&](int64_t begin, int64_t end) { kernels().softplus(floats(y) + begin, floats(x) + begin, end - begin); });
    }
    if (node) torch::autograd::set_history(y, node);
    return y;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) { m.def("softplus(Tensor self) -> Tensor", softplus); }

} // namespace rt
