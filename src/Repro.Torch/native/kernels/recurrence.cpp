// One row of an LSTM's step: input, forget, cell and output gate, n numbers each (Hochreiter & Schmidhuber 1997; Gers et al. 2000).
#include "kernels.h"
#include "math.h"

namespace rt::KERNELS {

void lstm(float* __restrict gates, const float* cell_before, float* __restrict cell, float* __restrict hidden, int64_t n) {
    float *in = gates, *forget = gates + n, *candidate = gates + 2 * n, *out = gates + 3 * n;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const float a = sigmoid_(in[i]), f = sigmoid_(forget[i]), g = tanh_(candidate[i]), o = sigmoid_(out[i]);
        const float c = fma_(f, cell_before[i], a * g);
        in[i] = a;
        forget[i] = f;
        candidate[i] = g;
        out[i] = o;
        cell[i] = c;
        hidden[i] = o * tanh_(c);
    }
}

// gates: what lstm left. dcell: in, the gradient of the cell from the step after; out, that of the cell before.
void lstm_backward(
    float* __restrict dgates, const float* gates, const float* cell_before, const float* cell, const float* dhidden, float* __restrict dcell, int64_t n) {
    const float *in = gates, *forget = gates + n, *candidate = gates + 2 * n, *out = gates + 3 * n;
#pragma omp simd
    for (int64_t i = 0; i < n; i++) {
        const float a = in[i], f = forget[i], g = candidate[i], o = out[i], t = tanh_(cell[i]);
        const float dc = fma_(dhidden[i] * o, 1.0f - t * t, dcell[i]);
        dgates[i] = dc * g * a * (1.0f - a);
        dgates[n + i] = dc * cell_before[i] * f * (1.0f - f);
        dgates[2 * n + i] = dc * a * (1.0f - g * g);
        dgates[3 * n + i] = dhidden[i] * t * o * (1.0f - o);
        dcell[i] = dc * f;
    }
}

} // namespace rt::KERNELS
