// x W^T + b as one node: libtorch makes a view of W, a product and, for more than two dimensions, two more views, each with a node of its own.
#include "fused.h"
#include "blas.h"

#include <ATen/ops/mm.h>

namespace rt {
namespace {

at::Tensor rows_of(const at::Tensor& tensor) { return tensor.dim() == 2 ? tensor : tensor.view({-1, tensor.size(-1)}); }

at::Tensor sum_of_rows(const at::Tensor& rows) {
    auto sum = at::zeros({rows.size(1)}, rows.options());
    const int64_t width = rows.size(1), count = rows.size(0);
    // Columns are shared among threads, so that every sum runs in the same order for any number of them.
    at::parallel_for(0, (width + 255) / 256, std::max<int64_t>(1, 32768 / (256 * std::max<int64_t>(count, 1))), [&](int64_t first, int64_t last) {
        const int64_t begin = first * 256, length = std::min(last * 256, width) - begin;
        for (int64_t row = 0; row < count; row++) kernels().add_to(floats(sum) + begin, floats(rows) + row * width + begin, length);
    });
    return sum;
}

// x W^T + b of whole rows: what addmm does, without its views and checks, which take longer than a few rows' product.
at::Tensor forward(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
    const int64_t rows = x.numel() / x.size(-1), outputs = weight.size(0), inputs = weight.size(1);
    auto shape = x.sizes().vec();
    shape.back() = outputs;
    auto y = at::empty(shape, x.options().requires_grad(false));
    if (bias.defined())
        at::parallel_for(0, rows, std::max<int64_t>(1, 65536 / outputs), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; row++) std::copy(floats(bias), floats(bias) + outputs, floats(y) + row * outputs);
        });
    gemm_shared(false, true, rows, outputs, inputs, 1, floats(x), inputs, floats(weight), inputs, bias.defined() ? 1.0f : 0.0f, floats(y), outputs);
    return y;
}

class LinearBackward final : public FusedNode {
public:
    LinearBackward(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias)
        : FusedNode("LinearBackward", {x, weight, bias}, [](const variable_list& in) { return variable_list{at::linear(in[0], in[1], in[2])}; },
              {wants_gradient(weight), wants_gradient(x), false}) {}

protected:
    variable_list backward(const variable_list& inputs, const variable_list& gradients) override {
        variable_list result(3);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const auto x = rows_of(inputs[0]), dy = rows_of(gradients[0].contiguous());
        const bool ours = is_ours(dy);
        const int64_t rows = dy.size(0), out = dy.size(1), in = inputs[1].size(1);
        if (task_should_compute_output(0)) {
            if (ours) {
                result[0] = at::empty(inputs[0].sizes(), dy.options());
                gemm_shared(false, false, rows, in, out, 1, floats(dy), out, floats(inputs[1]), in, 0, floats(result[0]), in);
            } else
                result[0] = at::mm(dy, inputs[1]).view(inputs[0].sizes());
        }
        if (task_should_compute_output(1)) {
            if (ours) {
                result[1] = at::empty({out, in}, dy.options());
                gemm_shared(true, false, out, in, rows, 1, floats(dy), out, floats(x), in, 0, floats(result[1]), in);
            } else
                result[1] = at::mm(dy.t(), x);
        }
        if (inputs[2].defined() && task_should_compute_output(2)) result[2] = ours ? sum_of_rows(dy) : dy.sum(0);
        return result;
    }
};

at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const OptionalTensor& given) {
    const auto bias = given.value_or(at::Tensor());
    const bool fits = x.dim() >= 2 && weight.dim() == 2 && x.size(-1) == weight.size(1) && x.numel() > 0 && weight.numel() > 0
        && (!bias.defined() || (bias.dim() == 1 && bias.size(0) == weight.size(0)));
    if (!fits || !has_gemm() || !is_ours_whole(x) || !is_ours_whole(weight) || !is_ours_whole(bias)) return at::linear(x, weight, given);
    auto node = is_recorded(x, weight, bias) ? make_node<LinearBackward>(x, weight, bias) : nullptr;
    at::Tensor y;
    {
        Unrecorded guard;
        y = forward(x, weight, bias);
    }
    if (node) torch::autograd::set_history(y, node);
    return y;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) { m.def("linear(Tensor input, Tensor weight, Tensor? bias=None) -> Tensor", linear); }

} // namespace rt
