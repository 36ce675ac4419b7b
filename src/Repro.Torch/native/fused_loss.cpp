// Cross-entropy of logits against classes: one pass forward that keeps a number a row, one pass backward.
#include "fused.h"

#include <ATen/ops/cross_entropy_loss.h>

#include <atomic>

namespace rt {
namespace {

constexpr int64_t mean = 1, none = 0;
constexpr int64_t work_of_a_thread = 16384; // elements, exp included

int64_t grain(int64_t width) { return std::max<int64_t>(1, work_of_a_thread / std::max<int64_t>(width, 1)); }

class CrossEntropyBackward final : public FusedNode {
public:
    CrossEntropyBackward(const at::Tensor& logits, const at::Tensor& target, int64_t reduction, int64_t ignored)
        : FusedNode("CrossEntropyBackward", {logits, target},
              [=](const variable_list& in) { return variable_list{at::cross_entropy_loss(in[0], in[1], {}, reduction, ignored)}; }),
          reduction_(reduction), ignored_(ignored) {}

    at::Tensor log_sums; // a number a row
    int64_t counted = 0;

protected:
    void release() override { log_sums.reset(); }

    variable_list backward(const variable_list& inputs, const variable_list& gradients) override {
        variable_list result(2);
        if (!gradients[0].defined() || !task_should_compute_output(0)) return result;
        const auto& logits = inputs[0];
        const auto seed = gradients[0].contiguous();
        result[0] = at::empty_like(logits);
        const int64_t rows = logits.size(0), width = logits.size(1);
        const auto classes = inputs[1].data_ptr<int64_t>();
        float *out = floats(result[0]), *in = floats(logits), *sums = floats(log_sums), *seeds = floats(seed);
        std::atomic<int64_t> outside{-1}; // written into the target's memory since
        const float share = reduction_ == mean ? 1.0f / static_cast<float>(counted) : 1.0f;
        at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
            for (int64_t row = begin; row < end; row++) {
                auto place = out + row * width;
                if (classes[row] == ignored_) {
                    std::fill(place, place + width, 0.0f);
                    continue;
                }
                if (classes[row] < 0 || classes[row] >= width) {
                    outside = row;
                    continue;
                }
                const float factor = share * seeds[reduction_ == none ? row : 0];
                kernels().exp_minus(place, in + row * width, width, sums[row], factor);
                place[classes[row]] -= factor;
            }
        });
        TORCH_CHECK_INDEX(outside < 0, "Target ", classes[std::max<int64_t>(outside, 0)], " is out of bounds.");
        return result;
    }

private:
    int64_t reduction_, ignored_;
};

at::Tensor cross_entropy(const at::Tensor& logits, const at::Tensor& target, int64_t reduction, int64_t ignored) {
    const bool fits = logits.dim() == 2 && target.dim() == 1 && target.scalar_type() == at::kLong && target.is_contiguous() && target.device().is_cpu()
        && logits.size(0) == target.size(0) && logits.numel() > 0 && reduction >= 0 && reduction <= 2;
    if (!fits || !is_ours_whole(logits)) return at::cross_entropy_loss(logits, target, {}, reduction, ignored);
    auto node = is_recorded(logits) ? make_node<CrossEntropyBackward>(logits, target, reduction, ignored) : nullptr;
    const int64_t rows = logits.size(0), width = logits.size(1);
    auto sums = at::empty({rows}, logits.options().requires_grad(false)), losses = at::empty({rows}, sums.options());
    const auto classes = target.data_ptr<int64_t>();
    std::atomic<int64_t> outside{-1};
    at::parallel_for(0, rows, grain(width), [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) {
            const auto place = floats(logits) + row * width;
            floats(losses)[row] = 0;
            floats(sums)[row] = 0;
            if (classes[row] == ignored) continue;
            if (classes[row] < 0 || classes[row] >= width) {
                outside = row;
                continue;
            }
            floats(sums)[row] = kernels().log_sum_exp(place, width);
            floats(losses)[row] = floats(sums)[row] - place[classes[row]];
        }
    });
    TORCH_CHECK_INDEX(outside < 0, "Target ", classes[std::max<int64_t>(outside, 0)], " is out of bounds.");
    int64_t counted = 0;
    double total = 0;
    for (int64_t row = 0; row < rows; row++)
        if (classes[row] != ignored) counted++, total += floats(losses)[row];
    auto result = reduction == none ? losses : at::empty({}, sums.options());
    if (reduction != none) *floats(result) = static_cast<float>(reduction == mean ? total / static_cast<double>(counted) : total);
    if (node) {
        node->log_sums = sums;
        node->counted = counted;
        torch::autograd::set_history(result, node);
    }
    return result;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) { m.def("cross_entropy(Tensor logits, Tensor target, int reduction=1, int ignore_index=-100) -> Tensor", cross_entropy); }

} // namespace rt
