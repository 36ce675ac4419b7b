// Batch and group normalization of images whose channels lie side by side (channels-last): a row is one pixel's channels, each a sum of its own.
#include "kernels.h"
#include "math.h"

namespace rt::KERNELS {

void moments_of_rows(float* __restrict mean, float* __restrict squares, const float* x, int64_t rows, int64_t width) {
    for (int64_t c = 0; c < width; c++) mean[c] = squares[c] = 0;
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        const float* at = x + row * width;
        for (int64_t c = 0; c < width; c++) mean[c] += (at[c] + at[width + c]) + (at[2 * width + c] + at[3 * width + c]);
    }
    for (; row < rows; row++)
        for (int64_t c = 0; c < width; c++) mean[c] += x[row * width + c];
    const float share = 1.0f / static_cast<float>(rows);
    for (int64_t c = 0; c < width; c++) mean[c] *= share;
    for (row = 0; row + 2 <= rows; row += 2) {
        const float* at = x + row * width;
        for (int64_t c = 0; c < width; c++) {
            const float a = at[c] - mean[c], b = at[width + c] - mean[c];
            squares[c] += a * a + b * b;
        }
    }
    for (; row < rows; row++)
        for (int64_t c = 0; c < width; c++) squares[c] += (x[row * width + c] - mean[c]) * (x[row * width + c] - mean[c]);
}

void batch_norm_rows(
    float* __restrict y, const float* x, const float* residual, int64_t rows, int64_t width, const float* __restrict factor, const float* __restrict shift, bool relu) {
    for (int64_t row = 0; row < rows; row++) {
        const int64_t at = row * width;
        if (residual != nullptr)
            for (int64_t c = 0; c < width; c++) {
                const float value = fma_(x[at + c], factor[c], shift[c]) + residual[at + c];
                y[at + c] = relu && value < 0 ? 0 : value;
            }
        else
            for (int64_t c = 0; c < width; c++) {
                const float value = fma_(x[at + c], factor[c], shift[c]);
                y[at + c] = relu && value < 0 ? 0 : value;
            }
    }
}

// Four rows at a time: a sum that is written and read again for each row would be waited for.
template <class Gradient>
static inline void sums_of_rows(float* __restrict sum, float* __restrict product, const float* x, int64_t rows, int64_t width, const float* __restrict mean, const Gradient& gradient) {
    for (int64_t c = 0; c < width; c++) sum[c] = product[c] = 0;
    int64_t row = 0;
    for (; row + 4 <= rows; row += 4) {
        const int64_t at = row * width;
#pragma omp simd
        for (int64_t c = 0; c < width; c++) {
            const int64_t i = at + c, j = i + width, k = j + width, l = k + width;
            const float g = gradient(i, c), h = gradient(j, c), m = gradient(k, c), n = gradient(l, c);
            sum[c] += (g + h) + (m + n);
            product[c] += fma_(g, x[i] - mean[c], h * (x[j] - mean[c])) + fma_(m, x[k] - mean[c], n * (x[l] - mean[c]));
        }
    }
    for (; row < rows; row++)
        for (int64_t c = 0; c < width; c++) {
            const float g = gradient(row * width + c, c);
            sum[c] += g;
            product[c] = fma_(g, x[row * width + c] - mean[c], product[c]);
        }
}

void batch_norm_sums_of_rows(
    float* __restrict sum, float* __restrict product, const float* dy, const float* x, Cut cut, int64_t rows, int64_t width, const float* __restrict mean) {
    const float *__restrict factor = cut.factor, *__restrict shift = cut.shift;
    if (cut.y != nullptr)
        sums_of_rows(sum, product, x, rows, width, mean, [=](int64_t i, int64_t) { return cut.y[i] <= 0 ? 0 : dy[i]; });
    else if (factor != nullptr)
        sums_of_rows(sum, product, x, rows, width, mean, [=](int64_t i, int64_t c) { return fma_(x[i], factor[c], shift[c]) <= 0 ? 0 : dy[i]; });
    else
        sums_of_rows(sum, product, x, rows, width, mean, [=](int64_t i, int64_t) { return dy[i]; });
}

// dx or dresidual may be where dy is: each element is read before it is written.
void batch_norm_backward_rows(
    float* dx, float* dresidual, const float* dy, const float* x, Cut cut, int64_t rows, int64_t width, const float* __restrict by_dy,
    const float* __restrict by_x, const float* __restrict constant) {
    const float *__restrict factor = cut.factor, *__restrict shift = cut.shift;
    for (int64_t row = 0; row < rows; row++) {
        const int64_t at = row * width;
        if (dresidual != nullptr)
#pragma omp simd
            for (int64_t c = 0; c < width; c++) {
                const float g = cut.y[at + c] <= 0 ? 0 : dy[at + c];
                dresidual[at + c] = g;
                dx[at + c] = fma_(g, by_dy[c], fma_(x[at + c], by_x[c], constant[c]));
            }
        else if (cut.y != nullptr)
#pragma omp simd
            for (int64_t c = 0; c < width; c++) dx[at + c] = fma_(cut.y[at + c] <= 0 ? 0 : dy[at + c], by_dy[c], fma_(x[at + c], by_x[c], constant[c]));
        else if (factor != nullptr)
#pragma omp simd
            for (int64_t c = 0; c < width; c++)
                dx[at + c] = fma_(fma_(x[at + c], factor[c], shift[c]) <= 0 ? 0 : dy[at + c], by_dy[c], fma_(x[at + c], by_x[c], constant[c]));
        else
#pragma omp simd
            for (int64_t c = 0; c < width; c++) dx[at + c] = fma_(dy[at + c], by_dy[c], fma_(x[at + c], by_x[c], constant[c]));
    }
}

void norm_silu_rows(float* __restrict y, const float* x, int64_t rows, int64_t width, const float* __restrict factor, const float* __restrict shift) {
    for (int64_t row = 0; row < rows; row++)
        for (int64_t c = 0; c < width; c++) y[row * width + c] = silu_(fma_(x[row * width + c], factor[c], shift[c]));
}

void norm_silu_backward_rows(
    float* g, const float* dy, const float* x, int64_t rows, int64_t width, const float* __restrict factor, const float* __restrict shift) {
    for (int64_t row = 0; row < rows; row++)
#pragma omp simd
        for (int64_t c = 0; c < width; c++) g[row * width + c] = dy[row * width + c] * silu_slope_(fma_(x[row * width + c], factor[c], shift[c]));
}

} // namespace rt::KERNELS
