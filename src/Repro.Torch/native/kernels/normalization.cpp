// Batch and group normalization of a plane: the pixels of one channel of one image.
#include "kernels.h"
#include "math.h"

namespace rt::KERNELS {

// Two passes over what lies in the cache after the first: no cancellation however far the mean is from zero.
Moments moments(const float* x, int64_t n) {
    float sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int64_t i = 0; i < n; i++) sum += x[i];
    const float mean = sum / static_cast<float>(n);
    float squares = 0;
#pragma omp simd reduction(+ : squares)
    for (int64_t i = 0; i < n; i++) squares += (x[i] - mean) * (x[i] - mean);
    return {mean, squares};
}

void batch_norm(float* __restrict y, const float* x, const float* residual, int64_t n, float factor, float shift, bool relu) {
    // A NaN passes the ReLU, as it does in libtorch.
    if (residual != nullptr && relu)
        for (int64_t i = 0; i < n; i++) {
            const float value = fma_(x[i], factor, shift) + residual[i];
            y[i] = value < 0 ? 0 : value;
        }
    else if (residual != nullptr)
        for (int64_t i = 0; i < n; i++) y[i] = fma_(x[i], factor, shift) + residual[i];
    else if (relu)
        for (int64_t i = 0; i < n; i++) {
            const float value = fma_(x[i], factor, shift);
            y[i] = value < 0 ? 0 : value;
        }
    else
        for (int64_t i = 0; i < n; i++) y[i] = fma_(x[i], factor, shift);
}

// sum: of dy; product: of dy * (x - mean); both of what the ReLU let through.
void batch_norm_sums(const float* dy, const float* x, Cut cut, int64_t n, float mean, float* sum, float* product) {
    float s = 0, p = 0;
    if (cut.y != nullptr) {
#pragma omp simd reduction(+ : s, p)
        for (int64_t i = 0; i < n; i++) {
            const float g = cut.y[i] <= 0 ? 0 : dy[i];
            s += g;
            p += g * (x[i] - mean);
        }
    } else if (cut.factor != nullptr) {
        const float factor = *cut.factor, shift = *cut.shift;
#pragma omp simd reduction(+ : s, p)
        for (int64_t i = 0; i < n; i++) {
            const float g = fma_(x[i], factor, shift) <= 0 ? 0 : dy[i];
            s += g;
            p += g * (x[i] - mean);
        }
    } else {
#pragma omp simd reduction(+ : s, p)
        for (int64_t i = 0; i < n; i++) {
            s += dy[i];
            p += dy[i] * (x[i] - mean);
        }
    }
    *sum = s;
    *product = p;
}

// dx or dresidual may be where dy is: each element is read before it is written.
void batch_norm_backward(
    float* dx, float* dresidual, const float* dy, const float* x, Cut cut, int64_t n, float by_dy, float by_x, float constant) {
    if (dresidual != nullptr)
#pragma omp simd
        for (int64_t i = 0; i < n; i++) {
            const float g = cut.y[i] <= 0 ? 0 : dy[i];
            dresidual[i] = g;
            dx[i] = fma_(g, by_dy, fma_(x[i], by_x, constant));
        }
    else if (cut.y != nullptr)
#pragma omp simd
        for (int64_t i = 0; i < n; i++) dx[i] = fma_(cut.y[i] <= 0 ? 0 : dy[i], by_dy, fma_(x[i], by_x, constant));
    else if (cut.factor != nullptr) {
        const float factor = *cut.factor, shift = *cut.shift;
#pragma omp simd
        for (int64_t i = 0; i < n; i++) dx[i] = fma_(fma_(x[i], factor, shift) <= 0 ? 0 : dy[i], by_dy, fma_(x[i], by_x, constant));
    } else
#pragma omp simd
        for (int64_t i = 0; i < n; i++) dx[i] = fma_(dy[i], by_dy, fma_(x[i], by_x, constant));
}

void norm_silu(float* __restrict y, const float* x, int64_t n, float factor, float shift) {
    for (int64_t i = 0; i < n; i++) y[i] = silu_(fma_(x[i], factor, shift));
}

void norm_silu_backward(float* g, const float* dy, const float* x, int64_t n, float factor, float shift) {
#pragma omp simd
    for (int64_t i = 0; i < n; i++) g[i] = dy[i] * silu_slope_(fma_(x[i], factor, shift));
}

} // namespace rt::KERNELS
