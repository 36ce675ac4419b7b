// Optimizer steps, elementwise in one pass over memory. Rounding follows PyTorch's kernels: a product that PyTorch rounds is rounded, its
// fused multiply-adds are fused, so that every instruction set gives the same bits.

#include "kernels.h"

namespace rt::KERNELS {

template <bool Decay, bool Momentum, bool First>
static inline void sgd_loop(float* __restrict parameter, const float* __restrict gradient, float* __restrict buffer, int64_t n, SgdSetting s) {
    for (int64_t i = 0; i < n; i++) {
        float g = s.maximize ? -gradient[i] : gradient[i];
        if (Decay) g = __builtin_fmaf(parameter[i], s.weight_decay, g);
        if (Momentum) {
            float b = First ? g : __builtin_fmaf(g, s.one_minus_dampening, buffer[i] * s.momentum);
            buffer[i] = b;
            g = s.nesterov ? __builtin_fmaf(b, s.momentum, g) : b;
        }
        parameter[i] = __builtin_fmaf(g, s.negative_rate, parameter[i]);
    }
}

void sgd(float* parameter, const float* gradient, float* buffer, int64_t n, SgdSetting s, bool first) {
    const bool decay = s.weight_decay != 0;
    if (buffer == nullptr) {
        if (decay) sgd_loop<true, false, false>(parameter, gradient, buffer, n, s);
        else sgd_loop<false, false, false>(parameter, gradient, buffer, n, s);
    } else if (first) {
        if (decay) sgd_loop<true, true, true>(parameter, gradient, buffer, n, s);
        else sgd_loop<false, true, true>(parameter, gradient, buffer, n, s);
    } else {
        if (decay) sgd_loop<true, true, false>(parameter, gradient, buffer, n, s);
        else sgd_loop<false, true, false>(parameter, gradient, buffer, n, s);
    }
}

template <bool Decoupled, bool Decay, bool Amsgrad>
static inline void adam_loop(
    float* __restrict parameter, const float* __restrict gradient, float* __restrict m, float* __restrict v, float* __restrict largest, int64_t n, AdamSetting s, float negative_step, float root_correction) {
    const float sign = s.maximize ? -1.0f : 1.0f;
    for (int64_t i = 0; i < n; i++) {
        float g = sign * gradient[i];
        float p = parameter[i];
        if (Decoupled) p *= s.one_minus_rate_decay;
        else if (Decay) g = __builtin_fmaf(p, s.weight_decay, g);
        const float first = __builtin_fmaf(g, s.one_minus_beta1, m[i] * s.beta1);
        float second = v[i] * s.beta2 + s.one_minus_beta2 * g * g;
        m[i] = first;
        v[i] = second;
        if (Amsgrad) {
            second = second > largest[i] ? second : largest[i];
            largest[i] = second;
        }
        parameter[i] = p + negative_step * first / (__builtin_sqrtf(second) / root_correction + s.epsilon);
    }
}

void adam(float* parameter, const float* gradient, float* m, float* v, float* largest, int64_t n, AdamSetting s, float negative_step, float root_correction) {
    const bool decay = s.weight_decay != 0;
    if (s.amsgrad) {
        if (s.decoupled) adam_loop<true, false, true>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
        else if (decay) adam_loop<false, true, true>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
        else adam_loop<false, false, true>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
    } else {
        if (s.decoupled) adam_loop<true, false, false>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
        else if (decay) adam_loop<false, true, false>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
        else adam_loop<false, false, false>(parameter, gradient, m, v, largest, n, s, negative_step, root_correction);
    }
}

template <bool Centered, bool Momentum>
static inline void rmsprop_loop(float* __restrict parameter, const float* __restrict gradient, float* __restrict square, float* __restrict buffer, float* __restrict mean, int64_t n, RmspropSetting s) {
    for (int64_t i = 0; i < n; i++) {
        float g = s.maximize ? -gradient[i] : gradient[i];
        float p = parameter[i];
        if (s.weight_decay != 0) g = __builtin_fmaf(p, s.weight_decay, g);
        float v = square[i] * s.alpha + s.one_minus_alpha * g * g;
        square[i] = v;
        if (Centered) {
            float m = __builtin_fmaf(g, s.one_minus_alpha, mean[i] * s.alpha);
            mean[i] = m;
            v = v - m * m;
        }
        float deviation = __builtin_sqrtf(v) + s.epsilon;
        if (Momentum) {
            float b = buffer[i] * s.momentum + g / deviation;
            buffer[i] = b;
            parameter[i] = __builtin_fmaf(b, s.negative_rate, p);
        } else {
            parameter[i] = p + s.negative_rate * g / deviation;
        }
    }
}

void rmsprop(float* parameter, const float* gradient, float* square, float* buffer, float* mean, int64_t n, RmspropSetting s) {
    if (mean != nullptr) {
        if (buffer != nullptr) rmsprop_loop<true, true>(parameter, gradient, square, buffer, mean, n, s);
        else rmsprop_loop<true, false>(parameter, gradient, square, buffer, mean, n, s);
    } else {
        if (buffer != nullptr) rmsprop_loop<false, true>(parameter, gradient, square, buffer, mean, n, s);
        else rmsprop_loop<false, false>(parameter, gradient, square, buffer, mean, n, s);
    }
}

void adagrad(float* __restrict parameter, const float* __restrict gradient, float* __restrict sum, int64_t n, float negative_rate, float epsilon, float weight_decay) {
    for (int64_t i = 0; i < n; i++) {
        float g = gradient[i], p = parameter[i];
        if (weight_decay != 0) g = __builtin_fmaf(p, weight_decay, g);
        float total = sum[i] + g * g;
        sum[i] = total;
        parameter[i] = p + negative_rate * g / (__builtin_sqrtf(total) + epsilon);
    }
}

void lerp(float* __restrict target, const float* source, int64_t n, float weight) {
    if (weight < 0.5f)
        for (int64_t i = 0; i < n; i++) target[i] = target[i] + weight * (source[i] - target[i]);
    else
        for (int64_t i = 0; i < n; i++) target[i] = source[i] - (source[i] - target[i]) * (1 - weight);
}

double sum_of_squares(const float* values, int64_t n) {
    double lanes[8] = {};
    int64_t i = 0;
    for (; i + 8 <= n; i += 8)
        for (int lane = 0; lane < 8; lane++) lanes[lane] = __builtin_fma(static_cast<double>(values[i + lane]), static_cast<double>(values[i + lane]), lanes[lane]);
    for (; i < n; i++) lanes[0] = __builtin_fma(static_cast<double>(values[i]), static_cast<double>(values[i]), lanes[0]);
    return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

void scale(float* values, int64_t n, float factor) {
    for (int64_t i = 0; i < n; i++) values[i] *= factor;
}

} // namespace rt::KERNELS
