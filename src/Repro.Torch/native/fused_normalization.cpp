// Batch normalization, with the ReLU and the residual sum that may follow it, and group normalization: contiguous images [N, C, ...], a plane
// (one channel of one image) at a time. Sums of planes are added up in order, in double, so that the result is the same for any number of threads.
#include "fused.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/group_norm.h>
#include <ATen/ops/relu.h>

#include <cmath>

namespace rt {
namespace {

constexpr int64_t work_of_a_thread = 16384; // elements

template <class Work>
void over_planes(int64_t planes, int64_t size, const Work& work) {
    at::parallel_for(0, planes, std::max<int64_t>(1, work_of_a_thread / std::max<int64_t>(size, 1)), [&](int64_t begin, int64_t end) {
        for (int64_t plane = begin; plane < end; plane++) work(plane);
    });
}

struct Planes {
    int64_t images, channels, size;
    explicit Planes(const at::Tensor& x) : images(x.size(0)), channels(x.size(1)), size(x.numel() / std::max<int64_t>(1, x.size(0) * x.size(1))) {}
    int64_t count() const { return images * channels; }
};

// Mean and variance over planes of equal size, from each one's own (Chan et al. 1979).
void merge(const Moments* planes, int64_t count, int64_t step, int64_t size, double& mean, double& variance) {
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < count; i++) sum += planes[i * step].mean;
    mean = sum / static_cast<double>(count);
    for (int64_t i = 0; i < count; i++) {
        const double distance = planes[i * step].mean - mean;
        squares += planes[i * step].squares + static_cast<double>(size) * distance * distance;
    }
    variance = squares / static_cast<double>(count * size);
}

at::Tensor batch_norm_of_libtorch(const variable_list& in, double epsilon, bool relu) {
    auto y = at::batch_norm(in[0], in[1], in[2], {}, {}, true, 0.0, epsilon, false);
    if (in[3].defined()) y = y + in[3];
    return relu ? at::relu(y) : y;
}

// Inputs: x, weight, bias, residual.
class BatchNormBackward final : public FusedNode {
public:
    BatchNormBackward(variable_list inputs, double epsilon, bool relu)
        : FusedNode("BatchNormBackward", inputs, [=](const variable_list& in) { return variable_list{batch_norm_of_libtorch(in, epsilon, relu)}; }), relu_(relu) {}

    std::vector<double> means, deviations; // deviations: 1 / sqrt(variance + epsilon)
    SavedVariable output;                  // where a ReLU follows: it tells what was cut

protected:
    void release() override { output.reset_data(); }

    variable_list backward(const variable_list& in, const variable_list& gradients) override {
        variable_list result(4);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const auto &x = in[0], &weight = in[1], &residual = in[3];
        const auto dy = gradients[0].contiguous();
        const auto y = relu_ ? output.unpack(shared_from_this()) : at::Tensor();
        const Planes planes(x);
        std::vector<float> sums(planes.count()), products(planes.count());
        over_planes(planes.count(), planes.size, [&](int64_t p) {
            const int64_t place = p * planes.size;
            kernels().batch_norm_sums(floats(dy) + place, floats(x) + place, relu_ ? floats(y) + place : nullptr, planes.size,
                static_cast<float>(means[p % planes.channels]), &sums[p], &products[p]);
        });
        auto dweight = at::empty({planes.channels}, x.options().requires_grad(false)), dbias = at::empty_like(dweight);
        std::vector<float> by_dy(planes.channels), by_x(planes.channels), constant(planes.channels);
        for (int64_t c = 0; c < planes.channels; c++) {
            double sum = 0, product = 0;
            for (int64_t n = 0; n < planes.images; n++) sum += sums[n * planes.channels + c], product += products[n * planes.channels + c];
            const double count = static_cast<double>(planes.images * planes.size), factor = (weight.defined() ? floats(weight)[c] : 1.0) * deviations[c];
            const double slope = -factor * deviations[c] * deviations[c] * product / count;
            by_dy[c] = static_cast<float>(factor);
            by_x[c] = static_cast<float>(slope);
            constant[c] = static_cast<float>(-factor * sum / count - slope * means[c]);
            floats(dweight)[c] = static_cast<float>(product * deviations[c]);
            floats(dbias)[c] = static_cast<float>(sum);
        }
        const bool cuts = residual.defined() && relu_ && task_should_compute_output(3);
        auto dx = at::empty_like(x), dresidual = cuts ? at::empty_like(x) : at::Tensor();
        over_planes(planes.count(), planes.size, [&](int64_t p) {
            const int64_t place = p * planes.size, c = p % planes.channels;
            kernels().batch_norm_backward(floats(dx) + place, cuts ? floats(dresidual) + place : nullptr, floats(dy) + place, floats(x) + place,
                relu_ ? floats(y) + place : nullptr, planes.size, by_dy[c], by_x[c], constant[c]);
        });
        result[0] = dx;
        if (weight.defined()) result[1] = dweight;
        if (in[2].defined()) result[2] = dbias;
        if (residual.defined()) result[3] = cuts ? dresidual : dy;
        return result;
    }

private:
    bool relu_;
};

bool spans_channels(const at::Tensor& tensor, int64_t channels) { return !tensor.defined() || (tensor.dim() == 1 && tensor.size(0) == channels); }

// Of a batch in training; the running statistics move by momentum, with the variance of a sample (divided by n - 1).
at::Tensor batch_norm(
    const at::Tensor& x, const OptionalTensor& given_weight, const OptionalTensor& given_bias, const OptionalTensor& given_mean, const OptionalTensor& given_variance,
    const OptionalTensor& given_residual, double momentum, double epsilon, bool relu) {
    const auto weight = given_weight.value_or(at::Tensor()), bias = given_bias.value_or(at::Tensor()), residual = given_residual.value_or(at::Tensor());
    const auto running_mean = given_mean.value_or(at::Tensor()), running_variance = given_variance.value_or(at::Tensor());
    const bool fits = x.dim() >= 2 && x.numel() > 0 && x.size(0) * (x.numel() / std::max<int64_t>(1, x.size(0) * x.size(1))) > 1 && is_ours_whole(x) && is_ours_whole(weight) && is_ours_whole(bias)
        && is_ours_whole(running_mean) && is_ours_whole(running_variance) && is_ours_whole(residual) && spans_channels(weight, x.size(1)) && spans_channels(bias, x.size(1))
        && spans_channels(running_mean, x.size(1)) && spans_channels(running_variance, x.size(1)) && running_mean.defined() == running_variance.defined()
        && (!residual.defined() || residual.sizes() == x.sizes());
    if (!fits) {
        auto y = at::batch_norm(x, given_weight, given_bias, given_mean, given_variance, true, momentum, epsilon, true);
        if (residual.defined()) y = y + residual;
        return relu ? at::relu(y) : y;
    }
    auto node = is_recorded(x, weight, bias, residual) ? make_node<BatchNormBackward>(variable_list{x, weight, bias, residual}, epsilon, relu) : nullptr;
    const Planes planes(x);
    at::Tensor y;
    {
        Unrecorded guard;
        std::vector<Moments> moments(planes.count());
        over_planes(planes.count(), planes.size, [&](int64_t p) { moments[p] = kernels().moments(floats(x) + p * planes.size, planes.size); });
        std::vector<double> means(planes.channels), deviations(planes.channels);
        std::vector<float> factors(planes.channels), shifts(planes.channels);
        const double count = static_cast<double>(planes.images * planes.size);
        for (int64_t c = 0; c < planes.channels; c++) {
            double variance = 0;
            merge(moments.data() + c, planes.images, planes.channels, planes.size, means[c], variance);
            deviations[c] = 1 / std::sqrt(variance + epsilon);
            const double factor = (weight.defined() ? floats(weight)[c] : 1.0) * deviations[c];
            factors[c] = static_cast<float>(factor);
            shifts[c] = static_cast<float>((bias.defined() ? floats(bias)[c] : 0.0) - means[c] * factor);
            if (running_mean.defined()) {
                floats(running_mean)[c] = static_cast<float>((1 - momentum) * floats(running_mean)[c] + momentum * means[c]);
                floats(running_variance)[c] = static_cast<float>((1 - momentum) * floats(running_variance)[c] + momentum * variance * count / (count - 1));
            }
        }
        if (running_mean.defined()) running_mean.unsafeGetTensorImpl()->bump_version(), running_variance.unsafeGetTensorImpl()->bump_version();
        y = at::empty_like(x);
        over_planes(planes.count(), planes.size, [&](int64_t p) {
            const int64_t place = p * planes.size, c = p % planes.channels;
            kernels().batch_norm(floats(y) + place, floats(x) + place, residual.defined() ? floats(residual) + place : nullptr, planes.size, factors[c], shifts[c], relu);
        });
        if (node) node->means = std::move(means), node->deviations = std::move(deviations);
    }
    if (node) {
        torch::autograd::set_history(y, node);
        if (relu) node->output = SavedVariable(y, true);
    }
    return y;
}

// Inputs: x, weight, bias. Statistics are of a group of channels of one image.
class GroupNormBackward final : public FusedNode {
public:
    GroupNormBackward(variable_list inputs, int64_t groups, double epsilon)
        : FusedNode("GroupNormBackward", inputs, [=](const variable_list& in) { return variable_list{at::group_norm(in[0], groups, in[1], in[2], epsilon, false)}; }), groups_(groups) {}

    std::vector<double> means, deviations; // of every group of every image

protected:
    variable_list backward(const variable_list& in, const variable_list& gradients) override {
        variable_list result(3);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const auto &x = in[0], &weight = in[1];
        const auto dy = gradients[0].contiguous();
        const Planes planes(x);
        const int64_t width = planes.channels / groups_;
        auto dx = at::empty_like(x), dweight = at::zeros({planes.channels}, x.options().requires_grad(false)), dbias = at::zeros_like(dweight);
        std::vector<float> sums(planes.count()), products(planes.count());
        over_planes(planes.images * groups_, planes.size * width, [&](int64_t g) {
            double sum = 0, product = 0;
            for (int64_t p = g * width; p < (g + 1) * width; p++) {
                kernels().batch_norm_sums(floats(dy) + p * planes.size, floats(x) + p * planes.size, nullptr, planes.size, static_cast<float>(means[g]), &sums[p], &products[p]);
                const double w = weight.defined() ? floats(weight)[p % planes.channels] : 1.0;
                sum += w * sums[p], product += w * products[p];
            }
            const double count = static_cast<double>(width * planes.size), deviation = deviations[g], slope = -deviation * deviation * deviation * product / count;
            for (int64_t p = g * width; p < (g + 1) * width; p++) {
                const double w = weight.defined() ? floats(weight)[p % planes.channels] : 1.0;
                kernels().batch_norm_backward(floats(dx) + p * planes.size, nullptr, floats(dy) + p * planes.size, floats(x) + p * planes.size, nullptr, planes.size,
                    static_cast<float>(w * deviation), static_cast<float>(slope), static_cast<float>(-deviation * sum / count - slope * means[g]));
            }
        });
        for (int64_t p = 0; p < planes.count(); p++) {
            floats(dweight)[p % planes.channels] += static_cast<float>(products[p] * deviations[p / width]);
            floats(dbias)[p % planes.channels] += sums[p];
        }
        result[0] = dx;
        if (weight.defined()) result[1] = dweight;
        if (in[2].defined()) result[2] = dbias;
        return result;
    }

private:
    int64_t groups_;
};

at::Tensor group_norm(const at::Tensor& x, int64_t groups, const OptionalTensor& given_weight, const OptionalTensor& given_bias, double epsilon) {
    const auto weight = given_weight.value_or(at::Tensor()), bias = given_bias.value_or(at::Tensor());
    const bool fits = x.dim() >= 2 && x.numel() > 0 && groups > 0 && x.size(1) % groups == 0 && is_ours_whole(x) && is_ours_whole(weight) && is_ours_whole(bias)
        && spans_channels(weight, x.size(1)) && spans_channels(bias, x.size(1));
    if (!fits) return at::group_norm(x, groups, given_weight, given_bias, epsilon, true);
    auto node = is_recorded(x, weight, bias) ? make_node<GroupNormBackward>(variable_list{x, weight, bias}, groups, epsilon) : nullptr;
    at::Tensor y;
    {
        Unrecorded guard;
        const Planes planes(x);
        const int64_t width = planes.channels / groups;
        std::vector<double> means(planes.images * groups), deviations(planes.images * groups);
        y = at::empty_like(x);
        over_planes(planes.images * groups, planes.size * width, [&](int64_t g) {
            const auto m = kernels().moments(floats(x) + g * width * planes.size, width * planes.size);
            means[g] = m.mean;
            deviations[g] = 1 / std::sqrt(static_cast<double>(m.squares) / static_cast<double>(width * planes.size) + epsilon);
            for (int64_t p = g * width; p < (g + 1) * width; p++) {
                const int64_t c = p % planes.channels;
                const double factor = (weight.defined() ? floats(weight)[c] : 1.0) * deviations[g];
                kernels().batch_norm(floats(y) + p * planes.size, floats(x) + p * planes.size, nullptr, planes.size, static_cast<float>(factor),
                    static_cast<float>((bias.defined() ? floats(bias)[c] : 0.0) - means[g] * factor), false);
            }
        });
        if (node) node->means = std::move(means), node->deviations = std::move(deviations);
    }
    if (node) torch::autograd::set_history(y, node);
    return y;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!)? running_mean, Tensor(b!)? running_var, Tensor? residual, float momentum, float eps, bool relu) -> Tensor", batch_norm);
    m.def("group_norm(Tensor input, int num_groups, Tensor? weight, Tensor? bias, float eps) -> Tensor", group_norm);
}

} // namespace rt
