// Rows of numbers: sums, softmax, cross-entropy.
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

void softmax(float* x, int64_t n, float factor) {
    float largest = -__builtin_inff();
#pragma omp simd reduction(max : largest)
    for (int64_t i = 0; i < n; i++) {
        const float value = x[i] * factor;
        largest = value > largest ? value : largest;
    }
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) {
        const float value = exp_(fma_(x[i], factor, -largest));
        x[i] = value;
        sum += value;
    }
    const float inverse = 1.0f / sum;
    for (int64_t i = 0; i < n; i++) x[i] *= inverse;
}

void softmax_backward(float* gradient, const float* __restrict y, int64_t n, float factor) {
    float dot = 0;
#pragma omp simd reduction(+ : dot)
    for (int64_t i = 0; i < n; i++) dot += gradient[i] * y[i];
    for (int64_t i = 0; i < n; i++) gradient[i] = y[i] * (gradient[i] - dot) * factor;
}

} // namespace rt::KERNELS
