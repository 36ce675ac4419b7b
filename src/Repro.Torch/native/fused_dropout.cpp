// Dropout that draws the numbers libtorch would draw, in vectors, and keeps a byte for each instead of a float.
#include "fused.h"
#include "random_stream.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/empty_strided.h>

#include <cmath>

namespace rt {
namespace {

constexpr int64_t grain = 32768;

class Draws {
public:
    Draws() : generator_(at::get_generator_or_default<at::CPUGeneratorImpl>(at::detail::getDefaultCPUGenerator(), at::detail::getDefaultCPUGenerator())), lock_(generator_->mutex_) {
        state_ = generator_->engine().data();
    }

    ~Draws() {
        at::mt19937 engine;
        engine.set_data(state_);
        generator_->set_engine(engine);
    }

    void take(uint32_t* out, int64_t n) {
        while (n > 0) {
            if (state_.left_ == 1) {
                kernels().mersenne_twist(state_.state_.data());
                state_.left_ = at::MERSENNE_STATE_N + 1;
                state_.next_ = 0;
            }
            const int64_t length = std::min<int64_t>(n, state_.left_ - 1);
            kernels().mersenne_temper(out, state_.state_.data() + state_.next_, length);
            state_.left_ -= static_cast<int>(length);
            state_.next_ += static_cast<uint32_t>(length);
            out += length;
            n -= length;
        }
    }

private:
    at::CPUGeneratorImpl* generator_;
    std::lock_guard<std::mutex> lock_;
    at::mt19937_data_pod state_;
};

at::Tensor scaled(const at::Tensor& x, const at::Tensor& mask, float factor) {
    auto y = at::empty_like(x);
    at::parallel_for(0, x.numel(), grain, [&](int64_t begin, int64_t end) {
        kernels().masked_scale(floats(y) + begin, floats(x) + begin, mask.data_ptr<uint8_t>() + begin, end - begin, factor);
    });
    return y;
}

class DropoutBackward final : public FusedNode {
public:
    DropoutBackward(const at::Tensor& x, at::Tensor mask, float factor)
        : FusedNode("DropoutBackward", {x}, [=](const variable_list& in) { return variable_list{in[0] * mask.to(in[0].scalar_type()).mul_(factor)}; }, {false}),
          mask_(std::move(mask)), factor_(factor) {}

protected:
    void release() override { mask_.reset(); }

    variable_list backward(const variable_list&, const variable_list& gradients) override {
        if (!gradients[0].defined()) return {at::Tensor()};
        const auto dy = gradients[0].strides() == mask_.strides() ? gradients[0] : at::empty_strided(mask_.sizes(), mask_.strides(), gradients[0].options()).copy_(gradients[0]);
        return {is_ours(dy) ? scaled(dy, mask_, factor_) : dy * mask_.to(dy.scalar_type()).mul_(factor_)};
    }

private:
    at::Tensor mask_;
    float factor_;
};

at::Tensor dropout(const at::Tensor& x, double p, bool train) {
    if (!train || p <= 0 || p >= 1 || x.numel() == 0 || !is_ours(x) || !x.is_non_overlapping_and_dense()) return at::dropout(x, p, train);
    Unrecorded guard;
    auto mask = draw_mask(x.numel(), 1 - p).view(x.sizes());
    // libtorch draws in the order of the indices, however the numbers lie.
    if (!x.is_contiguous()) mask = at::empty_strided(x.sizes(), x.strides(), mask.options()).copy_(mask);
    const float factor = 1.0f / static_cast<float>(1 - p);
    auto y = scaled(x, mask, factor);
    if (is_recorded(x)) torch::autograd::set_history(y, make_node<DropoutBackward>(x, mask, factor));
    return y;
}

} // namespace

at::Tensor draw_mask(int64_t n, double probability) {
    constexpr int64_t block = 1024;
    // number < probability, both in units of 2^-53, for integers.
    const auto threshold = static_cast<uint64_t>(std::ceil(std::ldexp(probability, 53)));
    auto mask = at::empty({n}, at::TensorOptions().dtype(at::kByte));
    uint32_t numbers[2 * block];
    Draws draws;
    for (int64_t begin = 0; begin < n; begin += block) {
        const int64_t length = std::min(block, n - begin);
        draws.take(numbers, 2 * length);
        kernels().bernoulli(mask.data_ptr<uint8_t>() + begin, numbers, length, threshold);
    }
    return mask;
}

TORCH_LIBRARY_FRAGMENT(repro, m) { m.def("dropout(Tensor input, float p, bool train) -> Tensor", dropout); }

} // namespace rt
