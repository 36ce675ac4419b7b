// Layer normalization of a row, batch normalization of a plane (the pixels of one channel of one image).
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

void layer_norm(float* __restrict y, const float* x, const float* weight, const float* bias, int64_t n, float epsilon, float* mean, float* deviation) {
    const Moments m = moments(x, n);
    const float inverse = 1.0f / __builtin_sqrtf(m.squares / static_cast<float>(n) + epsilon);
    *mean = m.mean;
    *deviation = inverse;
    if (weight != nullptr && bias != nullptr)
        for (int64_t i = 0; i < n; i++) y[i] = fma_((x[i] - m.mean) * inverse, weight[i], bias[i]);
    else
        for (int64_t i = 0; i < n; i++) y[i] = (x[i] - m.mean) * inverse * (weight ? weight[i] : 1.0f) + (bias ? bias[i] : 0.0f);
}

void layer_norm_backward(
    float* __restrict dx, float* __restrict dweight, float* __restrict dbias, const float* dy, const float* x, const float* weight, int64_t n, float mean, float deviation) {
    float sum = 0, product = 0;
    if (weight != nullptr) {
#pragma omp simd reduction(+ : sum, product)
        for (int64_t i = 0; i < n; i++) {
            const float g = dy[i] * weight[i];
            sum += g;
            product += g * ((x[i] - mean) * deviation);
        }
    } else {
#pragma omp simd reduction(+ : sum, product)
        for (int64_t i = 0; i < n; i++) {
            sum += dy[i];
            product += dy[i] * ((x[i] - mean) * deviation);
        }
    }
    const float average = sum / static_cast<float>(n), slope = product / static_cast<float>(n);
    for (int64_t i = 0; i < n; i++) {
        const float normal = (x[i] - mean) * deviation;
        const float g = weight != nullptr ? dy[i] * weight[i] : dy[i];
        dx[i] = deviation * (g - average - normal * slope);
    }
    if (dweight != nullptr)
        for (int64_t i = 0; i < n; i++) dweight[i] = fma_(dy[i], (x[i] - mean) * deviation, dweight[i]);
    if (dbias != nullptr)
        for (int64_t i = 0; i < n; i++) dbias[i] += dy[i];
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

// sum: of dy; product: of dy * (x - mean). Where y is given, dy counts only where y > 0.
void batch_norm_sums(const float* dy, const float* x, const float* y, int64_t n, float mean, float* sum, float* product) {
    float s = 0, p = 0;
    if (y != nullptr) {
#pragma omp simd reduction(+ : s, p)
        for (int64_t i = 0; i < n; i++) {
            const float g = y[i] > 0 ? dy[i] : 0;
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

void batch_norm_backward(
    float* __restrict dx, float* __restrict dresidual, const float* dy, const float* x, const float* y, int64_t n, float by_dy, float by_x, float constant) {
    if (dresidual != nullptr)
        for (int64_t i = 0; i < n; i++) {
            const float g = y == nullptr || y[i] > 0 ? dy[i] : 0;
            dresidual[i] = g;
            dx[i] = fma_(g, by_dy, fma_(x[i], by_x, constant));
        }
    else if (y != nullptr)
        for (int64_t i = 0; i < n; i++) dx[i] = fma_(y[i] > 0 ? dy[i] : 0, by_dy, fma_(x[i], by_x, constant));
    else
        for (int64_t i = 0; i < n; i++) dx[i] = fma_(dy[i], by_dy, fma_(x[i], by_x, constant));
}

} // namespace rt::KERNELS
