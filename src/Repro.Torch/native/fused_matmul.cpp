// Products of many small matrices, as attention has them. libtorch 1.13 without MKL makes three views of each matrix and an operator's call of each product, and copies
// factors that lie apart; here they are read where they lie, and the products are shared among threads.
#include "fused.h"
#include "blas.h"

#include <ATen/ops/baddbmm.h>
#include <ATen/ops/bmm.h>
#include <ATen/ops/matmul.h>

namespace rt {
namespace {

constexpr double worth_a_thread = 1e6; // floating-point operations

// The matrices of a tensor: where each begins, and how far its rows, or where it lies turned over its columns, are apart.
struct Matrices {
    at::Tensor tensor;
    std::vector<int64_t> begins;
    int64_t step;
    bool turned;

    explicit Matrices(const at::Tensor& given) : tensor(given) {
        if (!lie()) {
            tensor = given.contiguous();
            lie();
        }
        const int64_t leading = tensor.dim() - 2;
        begins.assign(1, 0);
        for (int64_t d = 0; d < leading; d++) {
            std::vector<int64_t> next;
            next.reserve(begins.size() * tensor.size(d));
            for (int64_t begin : begins)
                for (int64_t i = 0; i < tensor.size(d); i++) next.push_back(begin + i * tensor.stride(d));
            begins.swap(next);
        }
    }

    const float* operator[](int64_t i) const { return floats(tensor) + begins[i]; }

private:
    // Whether a BLAS can read them as they are.
    bool lie() {
        const int64_t rows = tensor.size(-2), columns = tensor.size(-1), down = tensor.stride(-2), across = tensor.stride(-1);
        turned = false;
        step = rows == 1 ? std::max<int64_t>(columns, 1) : down;
        if ((across == 1 || columns == 1) && step >= columns) return true;
        turned = true;
        step = columns == 1 ? rows : across;
        return (down == 1 || rows == 1) && step >= rows;
    }
};

// Both have the same dimensions in front, and factors that meet; nothing of it is empty.
bool fits(const at::Tensor& a, const at::Tensor& b) {
    if (a.dim() < 3 || a.dim() != b.dim() || a.numel() == 0 || b.numel() == 0 || !is_ours(a) || !is_ours(b) || !has_gemm()) return false;
    for (int64_t d = 0; d < a.dim() - 2; d++)
        if (a.size(d) != b.size(d)) return false;
    return a.size(-1) == b.size(-2);
}

// out = alpha * a b, or where out holds something already, that and alpha * a b.
void multiply(const at::Tensor& out, const at::Tensor& a, const at::Tensor& b, float alpha, float beta) {
    const Matrices left(a), right(b);
    const int64_t count = static_cast<int64_t>(left.begins.size()), m = a.size(-2), n = b.size(-1), k = a.size(-1);
    auto one = [&](int64_t i) { gemm_shared(left.turned, right.turned, m, n, k, alpha, left[i], left.step, right[i], right.step, beta, floats(out) + i * m * n, n); };
    if (count < at::get_num_threads()) {
        for (int64_t i = 0; i < count; i++) one(i);
        return;
    }
    at::parallel_for(0, count, std::max<int64_t>(1, static_cast<int64_t>(worth_a_thread / (2.0 * m * n * k))), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; i++) one(i);
    });
}

at::Tensor product(const at::Tensor& a, const at::Tensor& b, float alpha) {
    auto sizes = a.sizes().vec();
    sizes.back() = b.size(-1);
    auto out = at::empty(sizes, a.options().requires_grad(false));
    multiply(out, a, b, alpha, 0);
    return out;
}

class MatmulBackward final : public FusedNode {
public:
    MatmulBackward(const at::Tensor& a, const at::Tensor& b, float alpha)
        : FusedNode("MatmulBackward", {a, b}, [=](const variable_list& in) { return variable_list{at::matmul(in[0], in[1]) * alpha}; }, {wants_gradient(b), wants_gradient(a)}),
          alpha_(alpha) {}

protected:
    variable_list backward(const variable_list& inputs, const variable_list& gradients) override {
        variable_list result(2);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const bool ours = is_ours(gradients[0]);
        auto times = [&](const at::Tensor& a, const at::Tensor& b) { return ours ? product(a, b, alpha_) : at::matmul(a, b) * alpha_; };
        if (task_should_compute_output(0)) result[0] = times(gradients[0], inputs[1].transpose(-2, -1));
        if (task_should_compute_output(1)) result[1] = times(inputs[0].transpose(-2, -1), gradients[0]);
        return result;
    }

private:
    float alpha_;
};

at::Tensor scaled(const at::Tensor& a, const at::Tensor& b, const at::Tensor& added, float alpha) {
    auto node = is_recorded(a, b) ? make_node<MatmulBackward>(a, b, alpha) : nullptr;
    at::Tensor y;
    {
        Unrecorded guard;
        if (added.defined()) {
            y = at::empty({a.size(0), a.size(1), b.size(2)}, a.options().requires_grad(false));
            y.copy_(added);
            multiply(y, a, b, alpha, 1);
        } else
            y = product(a, b, alpha);
    }
    if (node) torch::autograd::set_history(y, node);
    return y;
}

at::Tensor matmul(const at::Tensor& a, const at::Tensor& b) { return fits(a, b) ? scaled(a, b, {}, 1) : at::matmul(a, b); }

at::Tensor bmm(const at::Tensor& a, const at::Tensor& b) { return a.dim() == 3 && fits(a, b) ? scaled(a, b, {}, 1) : at::bmm(a, b); }

at::Tensor baddbmm(const at::Tensor& added, const at::Tensor& a, const at::Tensor& b, double beta, double alpha) {
    const bool ours = beta == 1 && a.dim() == 3 && fits(a, b) && is_ours(added) && !is_recorded(added) && added.dim() <= 3;
    bool spreads = ours;
    for (int64_t d = 1; spreads && d <= added.dim(); d++) {
        const int64_t wanted = d == 1 ? b.size(2) : d == 2 ? a.size(1) : a.size(0);
        spreads = added.size(-d) == wanted || added.size(-d) == 1;
    }
    return spreads ? scaled(a, b, added, static_cast<float>(alpha)) : at::baddbmm(added, a, b, beta, alpha);
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("matmul(Tensor self, Tensor other) -> Tensor", matmul);
    m.def("bmm(Tensor self, Tensor mat2) -> Tensor", bmm);
    m.def("baddbmm(Tensor self, Tensor batch1, Tensor batch2, float beta, float alpha) -> Tensor", baddbmm);
}

} // namespace rt
