// Rows of numbers: sums, cross-entropy and softplus.
#include "kernels.h"
#include "math.h"

namespace rt::KERNELS {

void add(float* __restrict out, const float* a, const float* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] + b[i];
}

void sub(float* __restrict out, const float* a, const float* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

void mul(float* __restrict out, const float* a, const float* b, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] = a[i] * b[i];
}

void add_to(float* __restrict out, const float* a, int64_t n) {
    for (int64_t i = 0; i < n; i++) out[i] += a[i];
}

static float largest_of(const float* x, int64_t n) {
    float largest = -__builtin_inff();
#pragma omp simd reduction(max : largest)
    for (int64_t i = 0; i < n; i++) largest = x[i] > largest ? x[i] : largest;
    return largest;
}

float log_sum_exp(const float* x, int64_t n) {
    const float largest = largest_of(x, n);
    // Where the largest is infinite the difference is NaN, and so is the result: libtorch's log_softmax gives NaN there, too.
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += exp_(x[i] - largest);
    return largest + __builtin_logf(sum);
}

void exp_minus(float* __restrict out, const float* x, int64_t n, float subtrahend, float factor) {
    for (int64_t i = 0; i < n; i++) out[i] = factor * exp_(x[i] - subtrahend);
}

void softplus(float* __restrict y, const float* x, int64_t n) {
    for (int64_t i = 0; i < n; i++) y[i] = softplus_(x[i]);
}

void softplus_backward(float* __restrict dx, const float* dy, const float* x, int64_t n) {
    for (int64_t i = 0; i < n; i++) dx[i] = dy[i] * sigmoid_(x[i]);
}

} // namespace rt::KERNELS
