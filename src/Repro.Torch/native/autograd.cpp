// Autograd's engine, gradients of leaves, and the modes of the thread.

#include "repro_torch.h"
#include "errors.h"

#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>

namespace rt {

// The third parameter of autograd::backward is an optional<bool> whose class changed its name between versions.
template <class R, class A, class B, class C, class... Rest>
std::decay_t<C> third_parameter(R (*)(A, B, C, Rest...));
using OptionalBool = decltype(third_parameter(&torch::autograd::backward));

OptionalBool optional_bool(int32_t value) {
    OptionalBool result;
    if (value >= 0) result = value != 0;
    return result;
}

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

int rt_backward(void* const* tensors, void* const* gradients, int64_t n, int32_t retain_graph, int32_t create_graph, void* const* inputs, int64_t inputs_n) {
    ENTRY_BEGIN
    torch::autograd::backward(
        borrow_all(tensors, n), gradients ? borrow_all(gradients, n) : std::vector<at::Tensor>(), optional_bool(retain_graph),
        create_graph != 0, borrow_all(inputs, inputs_n));
    ENTRY_END
}

int rt_grad(
    void* const* outputs, void* const* gradients, int64_t n, void* const* inputs, int64_t inputs_n, int32_t retain_graph,
    int32_t create_graph, int32_t allow_unused, void** results) {
    ENTRY_BEGIN
    auto found = torch::autograd::grad(
        borrow_all(outputs, n), borrow_all(inputs, inputs_n), gradients ? borrow_all(gradients, n) : std::vector<at::Tensor>(),
        optional_bool(retain_graph), create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++) results[i] = release(std::move(found[i]));
    ENTRY_END
}

int rt_zero_grad(void* const* tensors, int64_t n, int32_t set_to_none) {
    ENTRY_BEGIN
    for (int64_t i = 0; i < n; i++) {
        auto tensor = borrow(tensors[i]);
        auto& grad = tensor.mutable_grad();
        if (!grad.defined()) continue;
        if (set_to_none) {
            grad = at::Tensor();
        } else {
            if (grad.grad_fn()) grad.detach_();
            else grad.set_requires_grad(false);
            grad.zero_();
        }
    }
    ENTRY_END
}

int rt_grad_mode() noexcept { return c10::GradMode::is_enabled(); }
void rt_set_grad_mode(int32_t enabled) noexcept { c10::GradMode::set_enabled(enabled != 0); }
int rt_is_inference_mode() noexcept { return c10::InferenceMode::is_enabled(); }
int rt_inference_mode_begin(int32_t enabled, void** mode) {
    ENTRY_BEGIN
    *mode = new c10::InferenceMode(enabled != 0);
    ENTRY_END
}
void rt_inference_mode_end(void* mode) noexcept { delete static_cast<c10::InferenceMode*>(mode); }
int rt_anomaly_mode() noexcept { return torch::autograd::AnomalyMode::is_enabled(); }
int rt_anomaly_checks_nan() noexcept { return torch::autograd::AnomalyMode::should_check_nan(); }
void rt_set_anomaly_mode(int32_t enabled, int32_t check_nan) noexcept { torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0); }

} // extern "C"
#pragma GCC visibility pop
