// Random numbers that depend on their place alone, so that the backward pass makes them anew instead of keeping them: Philox4x32-10
// (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
#include "kernels.h"

namespace rt::KERNELS {

constexpr int64_t block = 64; // counters at a time; each gives four numbers

static void philox(uint32_t* __restrict numbers, uint64_t first, uint64_t key) {
    uint32_t c0[block], c1[block], c2[block], c3[block];
    for (int64_t i = 0; i < block; i++) {
        c0[i] = static_cast<uint32_t>(first + i);
        c1[i] = static_cast<uint32_t>((first + i) >> 32);
        c2[i] = c3[i] = 0;
    }
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    for (int round = 0; round < 10; round++) {
#pragma omp simd
        for (int64_t i = 0; i < block; i++) {
            const uint64_t p0 = static_cast<uint64_t>(0xD2511F53u) * c0[i], p1 = static_cast<uint64_t>(0xCD9E8D57u) * c2[i];
            const uint32_t n0 = static_cast<uint32_t>(p1 >> 32) ^ c1[i] ^ k0, n2 = static_cast<uint32_t>(p0 >> 32) ^ c3[i] ^ k1;
            c1[i] = static_cast<uint32_t>(p1);
            c3[i] = static_cast<uint32_t>(p0);
            c0[i] = n0;
            c2[i] = n2;
        }
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    for (int64_t i = 0; i < block; i++) {
        numbers[i] = c0[i];
        numbers[block + i] = c1[i];
        numbers[2 * block + i] = c2[i];
        numbers[3 * block + i] = c3[i];
    }
}

// y = x * factor where the number of the place is not below the threshold, else 0. first: the place of x[0], a multiple of 256.
void dropout(float* y, const float* x, int64_t n, uint64_t first, uint64_t key, uint32_t threshold, float factor) {
    uint32_t numbers[4 * block];
    for (int64_t begin = 0; begin < n; begin += 4 * block) {
        philox(numbers, (first + begin) / 4, key);
        const int64_t length = n - begin < 4 * block ? n - begin : 4 * block;
        for (int64_t i = 0; i < length; i++) y[begin + i] = numbers[i] < threshold ? 0.0f : x[begin + i] * factor;
    }
}

} // namespace rt::KERNELS
