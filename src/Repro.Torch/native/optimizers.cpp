// Optimizer steps over all parameters in one call. Parameters on the CPU in contiguous float32 go through loops written here,
// one pass over memory, elementwise and therefore bit-identical for any number of threads; all others through libtorch's
// operators. Rounding follows PyTorch's kernels: a product that PyTorch rounds is rounded, its fused
// multiply-adds are fused.

#include "repro_torch.h"
#include "errors.h"
#include "lazy.h"
#include "kernels.h"

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_neg.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/maximum.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <vector>

namespace rt {

using Tensors = std::vector<at::Tensor>;

// A stretch of one parameter, short enough that threads share the work evenly.
struct Stretch {
    int64_t parameter, begin, end;
};

constexpr int64_t stretch_length = 16384;

std::vector<Stretch> stretches_of(const Tensors& parameters) {
    std::vector<Stretch> all;
    for (size_t p = 0; p < parameters.size(); p++)
        for (int64_t begin = 0, n = parameters[p].numel(); begin < n; begin += stretch_length)
            all.push_back({static_cast<int64_t>(p), begin, std::min(begin + stretch_length, n)});
    return all;
}

// Every thread gets neighbouring stretches of about as many elements: parameters differ much in size.
template <class Work>
void over(const std::vector<Stretch>& all, const Work& work) {
    int64_t total = 0;
    for (const auto& s : all) total += s.end - s.begin;
    const int64_t parts = total < 2 * stretch_length ? 1 : at::get_num_threads();
    auto share = [&](int64_t part) {
        int64_t before = 0;
        for (size_t i = 0; i < all.size(); before += all[i].end - all[i].begin, i++)
            if (before * parts / std::max<int64_t>(total, 1) == part) work(static_cast<int64_t>(i), all[i]);
    };
    at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
        for (int64_t part = begin; part < end; part++) share(part);
    });
}

template <class Work>
void over(const Tensors& parameters, const Work& work) {
    over(stretches_of(parameters), [&](int64_t, const Stretch& s) { work(s); });
}

bool is_plain(const at::Tensor& tensor) {
    return tensor.device().is_cpu() && tensor.scalar_type() == at::kFloat && tensor.layout() == at::kStrided && tensor.is_non_overlapping_and_dense() && !is_lazy(tensor);
}

bool alike(const at::Tensor& a, const at::Tensor& b) { return is_plain(b) && a.sizes() == b.sizes() && a.strides() == b.strides(); }

// The running state of a parameter: what the caller holds, or a new tensor whose ownership passes to the caller.
at::Tensor state(void*& handle, const at::Tensor& like, bool zero) {
    if (handle != nullptr) return borrow(handle);
    auto made = zero ? at::zeros_like(like) : at::empty_like(like);
    handle = release(at::Tensor(made));
    return made;
}

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

// momenta: one handle a parameter, null before the first step; filled in where momentum is used.
int rt_sgd_step(
    void* const* parameters, void** momenta, int64_t n, double rate, double momentum, double dampening, double weight_decay,
    int32_t nesterov, int32_t maximize) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    SgdSetting setting{static_cast<float>(-rate), static_cast<float>(momentum), static_cast<float>(1 - dampening),
                       static_cast<float>(weight_decay), nesterov != 0, maximize != 0};
    Tensors plain, plain_gradients, plain_buffers, others, gradients, buffers;
    std::vector<bool> plain_first, first;
    for (int64_t i = 0; i < n; i++) {
        auto parameter = borrow(parameters[i]);
        const auto gradient = parameter.grad();
        if (!gradient.defined()) continue;
        TORCH_CHECK(!gradient.is_sparse(), "SGD over sparse gradients is not offered");
        bool fresh = momentum != 0 && momenta[i] == nullptr;
        auto buffer = momentum != 0 ? state(momenta[i], parameter, false) : at::Tensor();
        if (is_plain(parameter) && alike(parameter, gradient) && (!buffer.defined() || alike(parameter, buffer))) {
            plain.push_back(parameter), plain_gradients.push_back(gradient), plain_buffers.push_back(buffer), plain_first.push_back(fresh);
        } else {
            others.push_back(parameter), gradients.push_back(gradient), first.push_back(fresh);
            if (buffer.defined()) buffers.push_back(buffer);
        }
    }
    over(plain, [&](const Stretch& s) {
        auto at = [&](const at::Tensor& tensor) { return static_cast<float*>(tensor.data_ptr()) + s.begin; };
        kernels().sgd(at(plain[s.parameter]), at(plain_gradients[s.parameter]),
                  plain_buffers[s.parameter].defined() ? at(plain_buffers[s.parameter]) : nullptr, s.end - s.begin, setting, plain_first[s.parameter]);
    });
    for (auto& parameter : plain) parameter.unsafeGetTensorImpl()->bump_version();
    if (!others.empty()) {
        if (maximize) gradients = at::_foreach_neg(gradients);
        if (weight_decay != 0) gradients = at::_foreach_add(gradients, others, weight_decay);
        if (momentum != 0) {
            Tensors going, going_gradients;
            for (size_t i = 0; i < others.size(); i++) {
                if (first[i]) buffers[i].copy_(gradients[i]);
                else going.push_back(buffers[i]), going_gradients.push_back(gradients[i]);
            }
            if (!going.empty()) {
                at::_foreach_mul_(going, momentum);
                at::_foreach_add_(going, going_gradients, 1 - dampening);
            }
            gradients = nesterov ? at::_foreach_add(gradients, buffers, momentum) : buffers;
        }
        at::_foreach_add_(others, gradients, -rate);
    }
    ENTRY_END
}

// steps: the number of steps taken for each parameter, counted up here. largest is used with amsgrad only.
int rt_adam_step(
    void* const* parameters, void** firsts, void** seconds, void** largests, int64_t* steps, int64_t n, double rate, double beta1,
    double beta2, double epsilon, double weight_decay, int32_t decoupled, int32_t amsgrad, int32_t maximize) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    AdamSetting setting{static_cast<float>(1 - rate * weight_decay), static_cast<float>(weight_decay), static_cast<float>(beta1),
                        static_cast<float>(1 - beta1), static_cast<float>(beta2), static_cast<float>(1 - beta2),
                        static_cast<float>(epsilon), decoupled != 0, amsgrad != 0, maximize != 0};
    Tensors plain, plain_gradients, ms, vs, ls;
    std::vector<float> negative_steps, roots;
    for (int64_t i = 0; i < n; i++) {
        auto parameter = borrow(parameters[i]);
        auto gradient = at::Tensor(parameter.grad());
        if (!gradient.defined()) continue;
        TORCH_CHECK(!gradient.is_sparse(), "Adam over sparse gradients is not offered");
        auto m = state(firsts[i], parameter, true), v = state(seconds[i], parameter, true);
        auto l = amsgrad ? state(largests[i], parameter, true) : at::Tensor();
        double t = static_cast<double>(++steps[i]);
        double step = rate / (1 - std::pow(beta1, t)), root = std::sqrt(1 - std::pow(beta2, t));
        if (is_plain(parameter) && alike(parameter, gradient) && alike(parameter, m) && alike(parameter, v) && (!amsgrad || alike(parameter, l))) {
            plain.push_back(parameter), plain_gradients.push_back(gradient), ms.push_back(m), vs.push_back(v), ls.push_back(l);
            negative_steps.push_back(static_cast<float>(-step)), roots.push_back(static_cast<float>(root));
        } else {
            if (maximize) gradient = -gradient;
            if (decoupled) parameter.mul_(1 - rate * weight_decay);
            else if (weight_decay != 0) gradient = gradient.add(parameter, weight_decay);
            m.mul_(beta1).add_(gradient, 1 - beta1);
            v.mul_(beta2).addcmul_(gradient, gradient, 1 - beta2);
            if (amsgrad) l.copy_(at::maximum(l, v));
            parameter.addcdiv_(m, (amsgrad ? l : v).sqrt().div_(root).add_(epsilon), -step);
        }
    }
    over(plain, [&](const Stretch& s) {
        auto at = [&](const at::Tensor& tensor) { return tensor.defined() ? static_cast<float*>(tensor.data_ptr()) + s.begin : nullptr; };
        kernels().adam(at(plain[s.parameter]), at(plain_gradients[s.parameter]), at(ms[s.parameter]), at(vs[s.parameter]), at(ls[s.parameter]),
                   s.end - s.begin, setting, negative_steps[s.parameter], roots[s.parameter]);
    });
    for (auto& parameter : plain) parameter.unsafeGetTensorImpl()->bump_version();
    ENTRY_END
}

// momenta and means: null before the first step; filled in where momentum is used, or the setting is centered.
int rt_rmsprop_step(
    void* const* parameters, void* const* squares, void** momenta, void** means, int64_t* steps, int64_t n, double rate, double alpha,
    double epsilon, double weight_decay, double momentum, int32_t centered, int32_t maximize) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    RmspropSetting setting{static_cast<float>(-rate), static_cast<float>(alpha), static_cast<float>(1 - alpha), static_cast<float>(epsilon),
                           static_cast<float>(weight_decay), static_cast<float>(momentum), maximize != 0};
    Tensors plain, plain_gradients, vs, buffers, ms;
    for (int64_t i = 0; i < n; i++) {
        auto parameter = borrow(parameters[i]);
        auto gradient = at::Tensor(parameter.grad());
        if (!gradient.defined()) continue;
        TORCH_CHECK(!gradient.is_sparse(), "RMSprop over sparse gradients is not offered");
        auto v = borrow(squares[i]);
        auto b = momentum > 0 ? state(momenta[i], parameter, true) : at::Tensor();
        auto m = centered ? state(means[i], parameter, true) : at::Tensor();
        steps[i]++;
        if (is_plain(parameter) && alike(parameter, gradient) && alike(parameter, v) && (!b.defined() || alike(parameter, b)) && (!m.defined() || alike(parameter, m))) {
            plain.push_back(parameter), plain_gradients.push_back(gradient), vs.push_back(v), buffers.push_back(b), ms.push_back(m);
        } else {
            if (maximize) gradient = -gradient;
            if (weight_decay != 0) gradient = gradient.add(parameter, weight_decay);
            v.mul_(alpha).addcmul_(gradient, gradient, 1 - alpha);
            if (centered) m.mul_(alpha).add_(gradient, 1 - alpha);
            auto deviation = (centered ? v.addcmul(m, m, -1).sqrt_() : v.sqrt()).add_(epsilon);
            if (momentum > 0) parameter.add_(b.mul_(momentum).addcdiv_(gradient, deviation), -rate);
            else parameter.addcdiv_(gradient, deviation, -rate);
        }
    }
    over(plain, [&](const Stretch& s) {
        auto at = [&](const at::Tensor& tensor) { return tensor.defined() ? static_cast<float*>(tensor.data_ptr()) + s.begin : nullptr; };
        kernels().rmsprop(at(plain[s.parameter]), at(plain_gradients[s.parameter]), at(vs[s.parameter]), at(buffers[s.parameter]), at(ms[s.parameter]),
                      s.end - s.begin, setting);
    });
    for (auto& parameter : plain) parameter.unsafeGetTensorImpl()->bump_version();
    ENTRY_END
}

int rt_adagrad_step(
    void* const* parameters, void* const* sums, int64_t* steps, int64_t n, double rate, double rate_decay, double epsilon, double weight_decay) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    Tensors plain, plain_gradients, totals;
    std::vector<float> negative_rates;
    for (int64_t i = 0; i < n; i++) {
        auto parameter = borrow(parameters[i]);
        auto gradient = at::Tensor(parameter.grad());
        if (!gradient.defined()) continue;
        TORCH_CHECK(!gradient.is_sparse(), "Adagrad over sparse gradients is not offered");
        auto sum = borrow(sums[i]);
        double step = rate / (1 + static_cast<double>(steps[i]++) * rate_decay);
        if (is_plain(parameter) && alike(parameter, gradient) && alike(parameter, sum)) {
            plain.push_back(parameter), plain_gradients.push_back(gradient), totals.push_back(sum), negative_rates.push_back(static_cast<float>(-step));
        } else {
            if (weight_decay != 0) gradient = gradient.add(parameter, weight_decay);
            sum.addcmul_(gradient, gradient);
            parameter.addcdiv_(gradient, sum.sqrt().add_(epsilon), -step);
        }
    }
    over(plain, [&](const Stretch& s) {
        auto at = [&](const at::Tensor& tensor) { return static_cast<float*>(tensor.data_ptr()) + s.begin; };
        kernels().adagrad(at(plain[s.parameter]), at(plain_gradients[s.parameter]), at(totals[s.parameter]), s.end - s.begin,
                      negative_rates[s.parameter], static_cast<float>(epsilon), static_cast<float>(weight_decay));
    });
    for (auto& parameter : plain) parameter.unsafeGetTensorImpl()->bump_version();
    ENTRY_END
}

// target += weight * (source - target) for each pair: an exponential moving average of parameters.
int rt_lerp_all(void* const* targets, void* const* sources, int64_t n, double weight) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    Tensors plain, plain_sources;
    for (int64_t i = 0; i < n; i++) {
        auto target = borrow(targets[i]), source = borrow(sources[i]);
        if (is_plain(target) && alike(target, source)) plain.push_back(target), plain_sources.push_back(source);
        else if (target.is_floating_point()) target.lerp_(source, weight);
        else target.copy_(source);
    }
    over(plain, [&](const Stretch& s) {
        kernels().lerp(static_cast<float*>(plain[s.parameter].data_ptr()) + s.begin,
                   static_cast<const float*>(plain_sources[s.parameter].data_ptr()) + s.begin, s.end - s.begin, static_cast<float>(weight));
    });
    for (auto& target : plain) target.unsafeGetTensorImpl()->bump_version();
    ENTRY_END
}

// The 2-norm of all gradients together, and where it is above the limit, every gradient scaled by limit / (norm + 1e-6).
// On the CPU sums run in double over fixed stretches, added in order: the same bits for any number of threads.
int rt_clip_gradient_norm(void* const* parameters, int64_t n, double limit, double* norm) {
    ENTRY_BEGIN
    c10::AutoGradMode no_grad(false);
    Tensors plain, others;
    for (int64_t i = 0; i < n; i++) {
        const auto gradient = borrow(parameters[i]).grad();
        if (gradient.defined()) (is_plain(gradient) ? plain : others).push_back(gradient);
    }
    auto all = stretches_of(plain);
    std::vector<double> sums(all.size());
    over(all, [&](int64_t i, const Stretch& s) { sums[i] = kernels().sum_of_squares(static_cast<const float*>(plain[s.parameter].data_ptr()) + s.begin, s.end - s.begin); });
    double total = 0;
    for (double sum : sums) total += sum;
    if (!others.empty()) {
        auto norms = at::_foreach_norm(others, 2);
        for (auto& each : norms) {
            double value = each.item().toDouble();
            total += value * value;
        }
    }
    *norm = std::sqrt(total);
    double factor = limit / (*norm + 1e-6);
    if (!(factor >= 1)) { // NaN included, as in PyTorch
        over(plain, [&](const Stretch& s) {
            kernels().scale(static_cast<float*>(plain[s.parameter].data_ptr()) + s.begin, s.end - s.begin, static_cast<float>(factor));
        });
        if (!others.empty()) at::_foreach_mul_(others, factor);
        for (const auto& gradient : plain) gradient.unsafeGetTensorImpl()->bump_version();
    }
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
