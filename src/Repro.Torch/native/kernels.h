// Loops over contiguous float32, compiled once for each instruction set (build: kernels/*.cpp) and chosen when the library is loaded. Files
// in kernels/ use no template of the standard library: the linker would keep one copy of it, perhaps one with instructions that this machine
// does not have.
#pragma once

#include <cstdint>

namespace rt {

struct SgdSetting {
    float negative_rate, momentum, one_minus_dampening, weight_decay;
    bool nesterov, maximize;
};

struct AdamSetting {
    float one_minus_rate_decay, weight_decay, beta1, one_minus_beta1, beta2, one_minus_beta2, epsilon;
    bool decoupled, amsgrad, maximize;
};

struct RmspropSetting {
    float negative_rate, alpha, one_minus_alpha, epsilon, weight_decay, momentum;
    bool maximize;
};

// Sums that leave the inner loop of a row.
struct Moments {
    float mean, squares; // squares: the sum of squared distances from the mean
};

// What a ReLU behind a normalization let through: where its result y is positive, or, y not kept, x * factor + shift (a number for each channel). All null:
// there was no ReLU.
struct Cut {
    const float *y, *factor, *shift;
};

#define KERNEL_LIST(X)                                                                                                                       \
    X(void, sgd, (float* parameter, const float* gradient, float* buffer, int64_t n, SgdSetting s, bool first))                              \
    X(void, adam, (float* parameter, const float* gradient, float* m, float* v, float* largest, int64_t n, AdamSetting s, float negative_step, float root_correction)) \
    X(void, rmsprop, (float* parameter, const float* gradient, float* square, float* buffer, float* mean, int64_t n, RmspropSetting s))      \
    X(void, adagrad, (float* parameter, const float* gradient, float* sum, int64_t n, float negative_rate, float epsilon, float weight_decay)) \
    X(void, lerp, (float* target, const float* source, int64_t n, float weight))                                                             \
    X(double, sum_of_squares, (const float* values, int64_t n))                                                                              \
    X(void, scale, (float* values, int64_t n, float factor))                                                                                 \
    X(void, add, (float* out, const float* a, const float* b, int64_t n))                                                                    \
    X(void, sub, (float* out, const float* a, const float* b, int64_t n))                                                                    \
    X(void, mul, (float* out, const float* a, const float* b, int64_t n))                                                                    \
    X(void, add_to, (float* out, const float* a, int64_t n)) /* out += a */                                                                  \
    X(float, log_sum_exp, (const float* x, int64_t n))                                                                                       \
    X(void, exp_minus, (float* out, const float* x, int64_t n, float subtrahend, float factor)) /* factor * exp(x - subtrahend) */           \
    X(void, softplus, (float* y, const float* x, int64_t n))                                                                                 \
    X(void, softplus_backward, (float* dx, const float* dy, const float* x, int64_t n))                                                      \
    X(Moments, moments, (const float* x, int64_t n))                                                                                         \
    X(void, batch_norm, (float* y, const float* x, const float* residual, int64_t n, float factor, float shift, bool relu))                  \
    X(void, batch_norm_sums, (const float* dy, const float* x, Cut cut, int64_t n, float mean, float* sum, float* product))                  \
    X(void, batch_norm_backward, (float* dx, float* dresidual, const float* dy, const float* x, Cut cut, int64_t n, float by_dy, float by_x, float constant)) \
    X(void, moments_of_rows, (float* mean, float* squares, const float* x, int64_t rows, int64_t width))                                     \
    X(void, batch_norm_rows, (float* y, const float* x, const float* residual, int64_t rows, int64_t width, const float* factor, const float* shift, bool relu)) \
    X(void, batch_norm_sums_of_rows, (float* sum, float* product, const float* dy, const float* x, Cut cut, int64_t rows, int64_t width, const float* mean)) \
    X(void, batch_norm_backward_rows, (float* dx, float* dresidual, const float* dy, const float* x, Cut cut, int64_t rows, int64_t width, const float* by_dy, const float* by_x, const float* constant)) \
    X(void, norm_silu, (float* y, const float* x, int64_t n, float factor, float shift))                                                     \
    X(void, norm_silu_backward, (float* g, const float* dy, const float* x, int64_t n, float factor, float shift))                           \
    X(void, norm_silu_rows, (float* y, const float* x, int64_t rows, int64_t width, const float* factor, const float* shift))                \
    X(void, norm_silu_backward_rows, (float* g, const float* dy, const float* x, int64_t rows, int64_t width, const float* factor, const float* shift)) \
    X(void, lstm, (float* gates, const float* cell_before, float* cell, float* hidden, int64_t n))                                           \
    X(void, lstm_backward, (float* dgates, const float* gates, const float* cell_before, const float* cell, const float* dhidden, float* dcell, int64_t n)) \
    X(void, mersenne_twist, (uint32_t* state))                                                                                               \
    X(void, mersenne_temper, (uint32_t* out, const uint32_t* state, int64_t n))                                                              \
    X(void, bernoulli, (uint8_t* out, const uint32_t* draws, int64_t n, uint64_t threshold))                                                 \
    X(void, masked_scale, (float* out, const float* x, const uint8_t* mask, int64_t n, float factor))

struct Kernels {
#define KERNEL_FIELD(result, name, arguments) result(*name) arguments;
    KERNEL_LIST(KERNEL_FIELD)
#undef KERNEL_FIELD
};

// Those for this machine.
const Kernels& kernels();

} // namespace rt
