// Group normalization, with the SiLU that may follow it: a group of channels of an image at a time, or, where the channels lie side by side, an image.
#include "image_blocks.h"

#include <ATen/ops/group_norm.h>
#include <ATen/ops/silu.h>

#include <cmath>

namespace rt {
namespace {

class Groups {
public:
    Groups(const at::Tensor& x, int64_t groups) : planes_(x), groups_(groups), rows_(is_channels_last(x)) {}

    const Planes& planes() const { return planes_; }

    int64_t count() const { return planes_.images * groups_; }

    int64_t width() const { return planes_.channels / groups_; } // channels of a group

    // Work gets a block that holds whole groups: where it begins in memory, and the first of its channels, counted over all images.
    template <class Work>
    void each(const Work& work) const {
        const int64_t channels = rows_ ? planes_.channels : width();
        in_parallel(planes_.images * planes_.channels / channels, planes_.size * channels, [&](int64_t part) {
            work(Block{rows_, planes_.size, channels}, part * planes_.size * channels, part * channels);
        });
    }

private:
    Planes planes_;
    int64_t groups_;
    bool rows_;
};

float of_channel(const at::Tensor& tensor, int64_t c, float otherwise) { return tensor.defined() ? floats(tensor)[c] : otherwise; }

// For each channel of the block: factor and shift that normalize it and apply weight and bias.
void fill_factors(
    const Groups& groups, int64_t first, int64_t channels, const at::Tensor& weight, const at::Tensor& bias, const std::vector<double>& means, const std::vector<double>& deviations,
    float* factor, float* shift) {
    for (int64_t i = 0; i < channels; i++) {
        const int64_t c = (first + i) % groups.planes().channels, group = (first + i) / groups.width();
        const double by = of_channel(weight, c, 1) * deviations[group];
        factor[i] = static_cast<float>(by);
        shift[i] = static_cast<float>(of_channel(bias, c, 0) - means[group] * by);
    }
}

// Inputs: x, weight, bias. Statistics are of a group of channels of one image.
class GroupNormBackward final : public FusedNode {
public:
    GroupNormBackward(variable_list inputs, int64_t groups, double epsilon, bool silu)
        : FusedNode("GroupNormBackward", inputs, [=](const variable_list& in) {
              const auto y = at::group_norm(in[0], groups, in[1], in[2], epsilon, false);
              return variable_list{silu ? at::silu(y) : y};
          }), groups_(groups), silu_(silu) {}

    std::vector<double> means, deviations; // of every group of every image

protected:
    variable_list backward(const variable_list& in, const variable_list& gradients) override {
        variable_list result(3);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const auto &x = in[0], &weight = in[1], &bias = in[2];
        const bool spare = is_spare(gradients[0]);
        const auto dy = as_laid_out(gradients[0], x);
        const Groups groups(x, groups_);
        const int64_t channels = groups.planes().channels, all = groups.planes().images * channels;
        auto dx = spare || !dy.is_same(gradients[0]) ? dy : at::empty_like(x), dweight = at::zeros({channels}, x.options().requires_grad(false)), dbias = at::zeros_like(dweight);
        std::vector<double> sums(all), products(all);
        std::vector<float> by_dy(all), by_x(all), constant(all), centre(all);
        groups.each([&](const Block& block, int64_t begin, int64_t first) {
            const float* g = floats(dy) + begin;
            if (silu_) {
                fill_factors(groups, first, block.channels, weight, bias, means, deviations, &by_dy[first], &constant[first]);
                block.differentiate_silu(floats(dx) + begin, g, floats(x) + begin, &by_dy[first], &constant[first]);
                g = floats(dx) + begin;
            }
            for (int64_t i = first; i < first + block.channels; i++) centre[i] = static_cast<float>(means[i / groups.width()]);
            block.sums(g, floats(x) + begin, {}, &centre[first], &sums[first], &products[first]);
            for (int64_t i = first; i < first + block.channels; i += groups.width()) {
                const int64_t group = i / groups.width();
                double sum = 0, product = 0;
                for (int64_t j = i; j < i + groups.width(); j++) {
                    const double w = of_channel(weight, j % channels, 1);
                    sum += w * sums[j], product += w * products[j];
                }
                const double count = static_cast<double>(groups.width() * block.pixels), deviation = deviations[group], slope = -deviation * deviation * deviation * product / count;
                for (int64_t j = i; j < i + groups.width(); j++) {
                    by_dy[j] = static_cast<float>(of_channel(weight, j % channels, 1) * deviation);
                    by_x[j] = static_cast<float>(slope);
                    constant[j] = static_cast<float>(-deviation * sum / count - slope * means[group]);
                }
            }
            block.differentiate(floats(dx) + begin, nullptr, g, floats(x) + begin, {}, &by_dy[first], &by_x[first], &constant[first]);
        });
        for (int64_t i = 0; i < all; i++) {
            floats(dweight)[i % channels] += static_cast<float>(products[i] * deviations[i / groups.width()]);
            floats(dbias)[i % channels] += static_cast<float>(sums[i]);
        }
        result[0] = dx;
        if (weight.defined()) result[1] = dweight;
        if (bias.defined()) result[2] = dbias;
        return result;
    }

private:
    int64_t groups_;
    bool silu_;
};

at::Tensor group_norm(const at::Tensor& x, int64_t number, const OptionalTensor& given_weight, const OptionalTensor& given_bias, double epsilon, bool silu) {
    const auto weight = given_weight.value_or(at::Tensor()), bias = given_bias.value_or(at::Tensor());
    const bool fits = x.dim() >= 2 && x.numel() > 0 && number > 0 && x.size(1) % number == 0 && is_block_wise(x) && is_ours_whole(weight) && is_ours_whole(bias)
        && spans_channels(weight, x.size(1)) && spans_channels(bias, x.size(1));
    if (!fits) {
        const auto y = at::group_norm(x, number, given_weight, given_bias, epsilon, true);
        return silu ? at::silu(y) : y;
    }
    auto node = is_recorded(x, weight, bias) ? make_node<GroupNormBackward>(variable_list{x, weight, bias}, number, epsilon, silu) : nullptr;
    at::Tensor y;
    {
        Unrecorded guard;
        const Groups groups(x, number);
        std::vector<double> means(groups.count()), deviations(groups.count());
        y = at::empty_like(x);
        groups.each([&](const Block& block, int64_t begin, int64_t first) {
            std::vector<double> a(block.channels), b(block.channels);
            block.moments(floats(x) + begin, a.data(), b.data());
            for (int64_t i = 0; i < block.channels; i += groups.width()) { // Chan et al. 1979
                double mean = 0, squares = 0;
                for (int64_t j = i; j < i + groups.width(); j++) mean += a[j] / static_cast<double>(groups.width());
                for (int64_t j = i; j < i + groups.width(); j++) squares += b[j] + static_cast<double>(block.pixels) * (a[j] - mean) * (a[j] - mean);
                means[(first + i) / groups.width()] = mean;
                deviations[(first + i) / groups.width()] = 1 / std::sqrt(squares / static_cast<double>(groups.width() * block.pixels) + epsilon);
            }
            std::vector<float> factor(block.channels), shift(block.channels);
            fill_factors(groups, first, block.channels, weight, bias, means, deviations, factor.data(), shift.data());
            if (silu)
                block.normalize_silu(floats(y) + begin, floats(x) + begin, factor.data(), shift.data());
            else
                block.normalize(floats(y) + begin, floats(x) + begin, nullptr, factor.data(), shift.data(), false);
        });
        if (node) node->means = std::move(means), node->deviations = std::move(deviations);
    }
    if (node) torch::autograd::set_history(y, node);
    return y;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("group_norm(Tensor input, int num_groups, Tensor? weight, Tensor? bias, float eps, bool silu) -> Tensor", group_norm);
}

} // namespace rt
