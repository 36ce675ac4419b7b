// libtorch's generator for the CPU, MT19937 (Matsumoto & Nishimura 1998), many numbers at a time: the same ones in the same order.
#include "kernels.h"

namespace rt::KERNELS {

constexpr int64_t length = 624, middle = 397;

static inline uint32_t mixed(uint32_t high, uint32_t low) {
    const uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
    return (y >> 1) ^ (low & 1u ? 0x9908b0dfu : 0u);
}

// Every number depends on one that lies 227 places back: vectors of any width that there is fit in between.
void mersenne_twist(uint32_t* state) {
#pragma GCC ivdep
    for (int64_t i = 0; i < length - middle; i++) state[i] = state[i + middle] ^ mixed(state[i], state[i + 1]);
#pragma GCC ivdep
    for (int64_t i = length - middle; i < 2 * (length - middle); i++) state[i] = state[i - (length - middle)] ^ mixed(state[i], state[i + 1]);
#pragma GCC ivdep
    for (int64_t i = 2 * (length - middle); i < length - 1; i++) state[i] = state[i - (length - middle)] ^ mixed(state[i], state[i + 1]);
    state[length - 1] = state[middle - 1] ^ mixed(state[length - 1], state[0]);
}

void mersenne_temper(uint32_t* __restrict out, const uint32_t* state, int64_t n) {
    for (int64_t i = 0; i < n; i++) {
        uint32_t y = state[i];
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c5680u;
        y ^= (y << 15) & 0xefc60000u;
        out[i] = y ^ (y >> 18);
    }
}

// Two draws make 53 bits of a number in [0, 1); 1 where that is below threshold / 2^53.
void bernoulli(uint8_t* __restrict out, const uint32_t* draws, int64_t n, uint64_t threshold) {
    for (int64_t i = 0; i < n; i++) {
        const uint64_t number = ((static_cast<uint64_t>(draws[2 * i]) << 32) | draws[2 * i + 1]) & ((1ull << 53) - 1);
        out[i] = number < threshold;
    }
}

void masked_scale(float* __restrict out, const float* x, const uint8_t* mask, int64_t n, float factor) {
    for (int64_t i = 0; i < n; i++) out[i] = x[i] * (mask[i] ? factor : 0.0f);
}

} // namespace rt::KERNELS
