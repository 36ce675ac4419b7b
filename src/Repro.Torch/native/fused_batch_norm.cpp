// Batch normalization, with the ReLU and the residual sum that may follow it. Sums of blocks are added up in order, in double, so that the result is
// the same for any number of threads.
#include "image_blocks.h"

#include <ATen/ops/batch_norm.h>
#include <ATen/ops/relu.h>

#include <cmath>

namespace rt {
namespace {

// The elements of all images in parts whose sums are made apart and then added up in order: planes, or stretches of rows where the channels lie
// side by side.
class Parts {
public:
    explicit Parts(const at::Tensor& x) : planes_(x), rows_(is_channels_last(x)) {
        count = planes_.images * planes_.size;
        stretch_ = std::max<int64_t>(1, work_of_a_thread / planes_.channels);
    }

    int64_t count; // elements of a channel

    int64_t channels() const { return planes_.channels; }

    // Mean and variance of each channel (Chan et al. 1979).
    void statistics(const at::Tensor& x, std::vector<double>& means, std::vector<double>& variances) const {
        const int64_t parts = number();
        std::vector<double> mean(parts * channels()), squares(parts * channels());
        each([&](int64_t part, int64_t begin, const Block& block) { block.moments(floats(x) + begin, &mean[part * channels()], &squares[part * channels()]); });
        means.assign(channels(), 0), variances.assign(channels(), 0);
        for (int64_t part = 0; part < parts; part++)
            for (int64_t c = 0; c < channels(); c++) means[c] += share(part) * mean[part * channels() + c];
        for (int64_t part = 0; part < parts; part++)
            for (int64_t c = 0; c < channels(); c++) {
                const double distance = mean[part * channels() + c] - means[c];
                variances[c] += squares[part * channels() + c] / static_cast<double>(count) + share(part) * distance * distance;
            }
    }

    void normalize(const at::Tensor& y, const at::Tensor& x, const at::Tensor& residual, const std::vector<float>& factors, const std::vector<float>& shifts, bool relu) const {
        each([&](int64_t, int64_t begin, const Block& block) { block.normalize(floats(y) + begin, floats(x) + begin, at(residual, begin), factors.data(), shifts.data(), relu); });
    }

    // Of dy, and of dy (x - mean), as far as the ReLU let it through.
    void sums(const at::Tensor& dy, const at::Tensor& x, Cut cut, const std::vector<double>& means, std::vector<double>& sums, std::vector<double>& products) const {
        const int64_t parts = number();
        std::vector<double> sum(parts * channels()), product(parts * channels());
        const std::vector<float> centre(means.begin(), means.end());
        each([&](int64_t part, int64_t begin, const Block& block) {
            block.sums(floats(dy) + begin, floats(x) + begin, from(cut, begin), centre.data(), &sum[part * channels()], &product[part * channels()]);
        });
        sums.assign(channels(), 0), products.assign(channels(), 0);
        for (int64_t part = 0; part < parts; part++)
            for (int64_t c = 0; c < channels(); c++) sums[c] += sum[part * channels() + c], products[c] += product[part * channels() + c];
    }

    void differentiate(
        const at::Tensor& dx, const at::Tensor& dresidual, const at::Tensor& dy, const at::Tensor& x, Cut cut, const std::vector<float>& by_dy, const std::vector<float>& by_x,
        const std::vector<float>& constant) const {
        each([&](int64_t, int64_t begin, const Block& block) {
            block.differentiate(floats(dx) + begin, at(dresidual, begin), floats(dy) + begin, floats(x) + begin, from(cut, begin), by_dy.data(), by_x.data(), constant.data());
        });
    }

private:
    static float* at(const at::Tensor& tensor, int64_t begin) { return tensor.defined() ? floats(tensor) + begin : nullptr; }

    static Cut from(Cut cut, int64_t begin) { return {cut.y ? cut.y + begin : nullptr, cut.factor, cut.shift}; }

    // Images, or stretches of rows of all images.
    int64_t number() const { return rows_ ? (count + stretch_ - 1) / stretch_ : planes_.images; }

    int64_t rows_of(int64_t part) const { return rows_ ? std::min(stretch_, count - part * stretch_) : planes_.size; }

    double share(int64_t part) const { return static_cast<double>(rows_of(part)) / static_cast<double>(count); }

    template <class Work>
    void each(const Work& work) const {
        const int64_t rows = rows_ ? stretch_ : planes_.size;
        in_parallel(number(), rows * channels(), [&](int64_t part) { work(part, part * rows * channels(), Block{rows_, rows_of(part), channels()}); });
    }

    Planes planes_;
    bool rows_;
    int64_t stretch_;
};

at::Tensor batch_norm_of_libtorch(const variable_list& in, double epsilon, bool relu) {
    auto y = at::batch_norm(in[0], in[1], in[2], {}, {}, true, 0.0, epsilon, false);
    if (in[3].defined()) y = y + in[3];
    return relu ? at::relu(y) : y;
}

void fill_factors(
    const at::Tensor& weight, const at::Tensor& bias, const std::vector<double>& means, const std::vector<double>& deviations, std::vector<float>& factors, std::vector<float>& shifts) {
    factors.resize(means.size()), shifts.resize(means.size());
    for (size_t c = 0; c < means.size(); c++) {
        const double factor = (weight.defined() ? floats(weight)[c] : 1.0) * deviations[c];
        factors[c] = static_cast<float>(factor);
        shifts[c] = static_cast<float>((bias.defined() ? floats(bias)[c] : 0.0) - means[c] * factor);
    }
}

// Inputs: x, weight, bias, residual.
class BatchNormBackward final : public FusedNode {
public:
    BatchNormBackward(variable_list inputs, double epsilon, bool relu)
        : FusedNode("BatchNormBackward", inputs, [=](const variable_list& in) { return variable_list{batch_norm_of_libtorch(in, epsilon, relu)}; }, {true, true, relu, relu}), relu_(relu) {}

    std::vector<double> means, deviations; // deviations: 1 / sqrt(variance + epsilon)
    SavedVariable output;                  // where a sum and a ReLU follow: it tells what was cut

protected:
    void release() override { output.reset_data(); }

    variable_list backward(const variable_list& in, const variable_list& gradients) override {
        variable_list result(4);
        if (!gradients[0].defined()) return result;
        Unrecorded guard;
        const auto &x = in[0], &weight = in[1], &residual = in[3];
        const bool spare = is_spare(gradients[0]);
        const auto dy = as_laid_out(gradients[0], x);
        const bool over = spare || !dy.is_same(gradients[0]); // results may be written over dy
        const Parts parts(x);
        const auto y = relu_ && residual.defined() ? output.unpack(shared_from_this()) : at::Tensor();
        std::vector<float> factors, shifts;
        if (relu_ && !y.defined()) fill_factors(weight, in[2], means, deviations, factors, shifts);
        const Cut cut{floats(y), factors.empty() ? nullptr : factors.data(), factors.empty() ? nullptr : shifts.data()};
        std::vector<double> sums, products;
        parts.sums(dy, x, cut, means, sums, products);
        auto dweight = at::empty({parts.channels()}, x.options().requires_grad(false)), dbias = at::empty_like(dweight);
        std::vector<float> by_dy(parts.channels()), by_x(parts.channels()), constant(parts.channels());
        for (int64_t c = 0; c < parts.channels(); c++) {
            const double count = static_cast<double>(parts.count), factor = (weight.defined() ? floats(weight)[c] : 1.0) * deviations[c];
            const double slope = -factor * deviations[c] * deviations[c] * products[c] / count;
            by_dy[c] = static_cast<float>(factor);
            by_x[c] = static_cast<float>(slope);
            constant[c] = static_cast<float>(-factor * sums[c] / count - slope * means[c]);
            floats(dweight)[c] = static_cast<float>(products[c] * deviations[c]);
            floats(dbias)[c] = static_cast<float>(sums[c]);
        }
        const bool cuts = residual.defined() && relu_ && task_should_compute_output(3);
        auto dx = over && !residual.defined() ? dy : at::empty_like(x), dresidual = !cuts ? at::Tensor() : over ? dy : at::empty_like(x);
        parts.differentiate(dx, dresidual, dy, x, cut, by_dy, by_x, constant);
        result[0] = dx;
        if (weight.defined()) result[1] = dweight;
        if (in[2].defined()) result[2] = dbias;
        if (residual.defined()) result[3] = cuts ? dresidual : dy;
        return result;
    }

private:
    bool relu_;
};

// Of a batch in training; the running statistics move by momentum, with the variance of a sample (divided by n - 1).
at::Tensor batch_norm(
    const at::Tensor& x, const OptionalTensor& given_weight, const OptionalTensor& given_bias, const OptionalTensor& given_mean, const OptionalTensor& given_variance,
    const OptionalTensor& given_residual, double momentum, double epsilon, bool relu) {
    const auto weight = given_weight.value_or(at::Tensor()), bias = given_bias.value_or(at::Tensor()), residual = given_residual.value_or(at::Tensor());
    const auto running_mean = given_mean.value_or(at::Tensor()), running_variance = given_variance.value_or(at::Tensor());
    const bool fits = x.dim() >= 2 && x.numel() > 0 && x.size(0) * (x.numel() / std::max<int64_t>(1, x.size(0) * x.size(1))) > 1 && is_ours(x) && (x.is_contiguous() || is_channels_last(x)) && is_ours_whole(weight)
        && is_ours_whole(bias) && is_ours_whole(running_mean) && is_ours_whole(running_variance) && is_ours(residual) && spans_channels(weight, x.size(1)) && spans_channels(bias, x.size(1))
        && spans_channels(running_mean, x.size(1)) && spans_channels(running_variance, x.size(1)) && running_mean.defined() == running_variance.defined()
        && (!residual.defined() || residual.sizes() == x.sizes());
    if (!fits) {
        auto y = at::batch_norm(x, given_weight, given_bias, given_mean, given_variance, true, momentum, epsilon, true);
        if (residual.defined()) y = y + residual;
        return relu ? at::relu(y) : y;
    }
    auto node = is_recorded(x, weight, bias, residual) ? make_node<BatchNormBackward>(variable_list{x, weight, bias, residual}, epsilon, relu) : nullptr;
    const Parts parts(x);
    at::Tensor y;
    {
        Unrecorded guard;
        std::vector<double> means, deviations;
        parts.statistics(x, means, deviations);
        const double count = static_cast<double>(parts.count);
        for (int64_t c = 0; c < parts.channels(); c++) {
            const double variance = deviations[c];
            deviations[c] = 1 / std::sqrt(variance + epsilon);
            if (running_mean.defined()) {
                floats(running_mean)[c] = static_cast<float>((1 - momentum) * floats(running_mean)[c] + momentum * means[c]);
                floats(running_variance)[c] = static_cast<float>((1 - momentum) * floats(running_variance)[c] + momentum * variance * count / (count - 1));
            }
        }
        if (running_mean.defined()) running_mean.unsafeGetTensorImpl()->bump_version(), running_variance.unsafeGetTensorImpl()->bump_version();
        std::vector<float> factors, shifts;
        fill_factors(weight, bias, means, deviations, factors, shifts);
        y = at::empty_like(x);
        parts.normalize(y, x, as_laid_out(residual, x), factors, shifts, relu);
        if (node) node->means = std::move(means), node->deviations = std::move(deviations);
    }
    if (node) {
        torch::autograd::set_history(y, node);
        if (relu && residual.defined()) node->output = SavedVariable(y, true);
    }
    return y;
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("batch_norm(Tensor input, Tensor? weight, Tensor? bias, Tensor(a!)? running_mean, Tensor(b!)? running_var, Tensor? residual, float momentum, float eps, bool relu) -> Tensor", batch_norm);
}

} // namespace rt
