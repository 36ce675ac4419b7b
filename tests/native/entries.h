// The shim's entries, as C# sees them, and small helpers to call them from a test.
#pragma once

#include "../../src/Repro.Torch/native/repro_torch.h"

#include <cstdint>
#include <string>
#include <vector>

extern "C" {
const char* rt_last_error();
int rt_abi();
void rt_ending();
int rt_operator(const char* name, const char* overload, void** op);
const char* rt_operator_schema(void* op);
int rt_call(void* op, const Value* arguments, int32_t n, Value* results, int32_t capacity, int32_t* produced);
void rt_free(void* memory);
int rt_check_operators(const char* manifest, int64_t length, const char** misfits);
void rt_tensor_release(void* handle);
int rt_tensor_share(void* handle, void** copy);
int rt_tensor_info(void* handle, TensorInfo* info);
int rt_tensor_shape(void* handle, int64_t* sizes, int64_t* strides);
int rt_tensor_data(void* handle, void** data);
int rt_tensor_storage(void* handle, void** data, int64_t* bytes);
int rt_tensor_storage_offset(void* handle, int64_t* offset);
int rt_tensor_set_requires_grad(void* handle, int32_t value);
int rt_tensor_retain_grad(void* handle);
int rt_tensor_grad(void* handle, void** grad);
int rt_tensor_set_grad(void* handle, void* grad);
int rt_tensor_set_data(void* handle, void* source);
int rt_function_apply(
    void* context, ForwardCall forward, BackwardCall backward, ContextRelease release, void* const* inputs, int64_t n, void*** outputs, int64_t* produced);
int rt_tensor_register_hook(void* handle, void* context, HookCall call, ContextRelease release, int64_t* number);
int rt_hook_remove(int64_t number);
int rt_tensor_of_memory(void* data, int64_t count, int32_t scalar_type, void* context, ContextRelease release, void** tensor);
int rt_backward(void* const* tensors, void* const* gradients, int64_t n, int32_t retain, int32_t create, void* const* inputs, int64_t inputs_n);
int rt_grad(
    void* const* outputs, void* const* gradients, int64_t n, void* const* inputs, int64_t inputs_n, int32_t retain, int32_t create, int32_t unused,
    void** results);
int rt_zero_grad(void* const* tensors, int64_t n, int32_t set_to_none);
int rt_grad_mode();
void rt_set_grad_mode(int32_t enabled);
int rt_is_inference_mode();
int rt_inference_mode_begin(int32_t enabled, void** mode);
void rt_inference_mode_end(void* mode);
int rt_anomaly_mode();
int rt_anomaly_checks_nan();
void rt_set_anomaly_mode(int32_t enabled, int32_t check_nan);
const char* rt_version();
int rt_build_configuration(const char** text);
int rt_manual_seed(uint64_t seed);
int rt_generator_default(int32_t device_type, int32_t device_index, void** generator);
int rt_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, void** generator);
void rt_generator_release(void* generator);
int rt_generator_seed(void* generator, uint64_t* seed);
int rt_generator_set_seed(void* generator, uint64_t seed);
int rt_generator_random_seed(void* generator, uint64_t* seed);
int rt_generator_state(void* generator, void** state);
int rt_generator_set_state(void* generator, void* state);
int rt_num_threads();
int rt_set_num_threads(int32_t n);
int rt_num_interop_threads();
int rt_set_num_interop_threads(int32_t n);
int rt_deterministic();
int rt_set_deterministic(int32_t enabled, int32_t warn_only);
int rt_cuda_available(int32_t* available);
int rt_cuda_device_count(int32_t* count);
int rt_cuda_synchronize(int64_t device);
int rt_context_get(int32_t flag, int32_t* value);
int rt_context_set(int32_t flag, int32_t value);
int rt_loaded_libraries(const char** text);
int rt_sgd_step(
    void* const* parameters, void** momenta, int64_t n, double rate, double momentum, double dampening, double decay, int32_t nesterov, int32_t maximize);
int rt_adam_step(
    void* const* parameters, void** firsts, void** seconds, void** largests, int64_t* steps, int64_t n, double rate, double beta1, double beta2,
    double epsilon, double decay, int32_t decoupled, int32_t amsgrad, int32_t maximize);
int rt_rmsprop_step(
    void* const* parameters, void* const* squares, void** momenta, void** means, int64_t* steps, int64_t n, double rate, double alpha, double epsilon,
    double decay, double momentum, int32_t centered, int32_t maximize);
int rt_adagrad_step(
    void* const* parameters, void* const* sums, int64_t* steps, int64_t n, double rate, double rate_decay, double epsilon, double decay);
int rt_lerp_all(void* const* targets, void* const* sources, int64_t n, double weight);
int rt_clip_gradient_norm(void* const* parameters, int64_t n, double limit, double* norm);
int rt_autocast_get(int32_t device_type, int32_t* enabled, int32_t* scalar_type);
int rt_autocast_set(int32_t device_type, int32_t enabled, int32_t scalar_type);
int rt_autocast_caches();
void rt_set_autocast_caches(int32_t enabled);
int rt_autocast_enter();
int rt_autocast_leave();
using RecomputeCallback = int32_t (*)(void*, void* const*, int64_t, void**, int64_t, char**);
int rt_recompute_begin(void* const* inputs, int64_t n, int32_t keep_random, RecomputeCallback callback, void (*release)(void*), void* context, void** node);
int rt_recompute_end(void* node, void* const* outputs, int64_t n, void** results);
void rt_recompute_drop(void* node);
int rt_stream_new(int32_t device_index, void** stream);
int rt_stream_current(int32_t device_index, void** stream);
void rt_stream_release(void* stream);
int rt_stream_exchange(void* stream, void** previous);
int rt_stream_wait(void* stream, void* other);
int rt_stream_synchronize(void* stream);
int rt_stream_uses(void* stream, void* tensor);
const char* rt_cuda_absent();
int rt_cuda_memory(int32_t device, int64_t* bytes);
int rt_cuda_reset_peak(int32_t device);
int rt_cuda_empty_cache();
int rt_cuda_graph_new(void** graph);
int rt_cuda_graph_do(void* graph, int32_t what);
void rt_cuda_graph_release(void* graph);
}

// A handle that is given back at the end of its block.
class Tensor {
public:
    explicit Tensor(void* handle = nullptr) : handle(handle) {}
    Tensor(Tensor&& other) noexcept : handle(other.take()) {}
    Tensor& operator=(Tensor&& other) noexcept {
        reset();
        handle = other.take();
        return *this;
    }
    ~Tensor() { reset(); }
    void reset() {
        if (handle) rt_tensor_release(take());
    }
    void* take() {
        auto taken = handle;
        handle = nullptr;
        return taken;
    }
    void* handle;
};

inline Value of(const Tensor& tensor) {
    Value value{TAG_TENSOR, 0, {}};
    value.pointer = tensor.handle;
    return value;
}
inline Value of(int64_t number) {
    Value value{TAG_INT, 0, {}};
    value.integer = number;
    return value;
}
inline Value of(double number) {
    Value value{TAG_DOUBLE, 0, {}};
    value.real = number;
    return value;
}
inline Value truth(bool given) {
    Value value{TAG_BOOL, 0, {}};
    value.integer = given;
    return value;
}
inline Value list(Tag tag, const void* items, int32_t count) {
    Value value{tag, count, {}};
    value.pointer = const_cast<void*>(items);
    return value;
}
inline Value none() { return Value{TAG_NONE, 0, {}}; }
inline Value standard() { return Value{TAG_DEFAULT, 0, {}}; }
