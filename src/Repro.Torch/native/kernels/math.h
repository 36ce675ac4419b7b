// Functions of one number that the compiler turns into vector code: no branch, no call.
#pragma once

namespace rt::KERNELS {

static inline float fma_(float a, float b, float c) {
#if defined(__FMA__) || defined(__aarch64__)
    return __builtin_fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

static inline float power_of_two_(int exponent) { // of -126 to 127
    union { unsigned bits; float real; } power = {static_cast<unsigned>(exponent + 127) << 23}; // unsigned: of a NaN these are no exponents
    return power.real;
}

// exp(x) = result * 2^exponent for x in [-88, 89]. Cody and Waite's reduction, Cephes' polynomial (Moshier, expf).
static inline float exp_scaled_(float x, int* exponent) {
    const float shifted = fma_(x, 1.44269504088896341f, 12582912.0f); // 1.5 * 2^23: rounds to an integer, kept in the low bits
    const float n = shifted - 12582912.0f;
    const float r = fma_(n, 2.12194440e-4f, fma_(n, -0.693359375f, x));
    float p = 1.9875691500e-4f;
    p = fma_(p, r, 1.3981999507e-3f);
    p = fma_(p, r, 8.3334519073e-3f);
    p = fma_(p, r, 4.1665795894e-2f);
    p = fma_(p, r, 1.6666665459e-1f);
    p = fma_(p, r, 5.0000001201e-1f);
    union { float real; int bits; } whole = {shifted};
    *exponent = whole.bits - 0x4b400000;
    return fma_(p, r * r, r) + 1.0f;
}

// Within 2 units in the last place on [-87, 88]; 0 and infinity beyond.
static inline float exp_(float x) {
    int exponent;
    const float y = exp_scaled_(x < -87.33654f ? -87.33654f : x > 88.72283f ? 88.72283f : x, &exponent);
    const int half = exponent >> 1; // in two factors, since 2^128 is no float
    const float result = y * power_of_two_(half) * power_of_two_(exponent - half);
    return x != x ? x : x < -87.33654f ? 0.0f : x > 88.72283f ? __builtin_inff() : result;
}

// 0 below -87, 1 above 87.
static inline float sigmoid_(float x) {
    int exponent;
    const float y = exp_scaled_(x < -87.0f ? 87.0f : x > 87.0f ? -87.0f : -x, &exponent);
    return x < -87.0f ? 0.0f : 1.0f / fma_(y, power_of_two_(exponent), 1.0f);
}

static inline float silu_(float x) { return x * sigmoid_(x); }

static inline float silu_slope_(float x) {
    const float s = sigmoid_(x);
    return s * fma_(x, 1.0f - s, 1.0f);
}

// log(1 + exp(x)): 0 below -87, x above 20. With e = exp(-|x|), log(1 + e) = 2 atanh(s) for s = e / (2 + e) of 0 to 1/3, whose series ends where s^14 / 15 is less than a unit in the last place.
static inline float softplus_(float x) {
    const float e = exp_(x < 0 ? x : -x);
    const float s = e / (2.0f + e), z = s * s;
    float p = 1.0f / 13;
    p = fma_(p, z, 1.0f / 11);
    p = fma_(p, z, 1.0f / 9);
    p = fma_(p, z, 1.0f / 7);
    p = fma_(p, z, 1.0f / 5);
    p = fma_(p, z, 1.0f / 3);
    return (x > 0 ? x : 0.0f) + 2.0f * fma_(p * z, s, s);
}

// Cephes' tanhf: a polynomial near zero, 1 - 2 / (exp(2x) + 1) elsewhere.
static inline float tanh_(float x) {
    const float z = x * x;
    float p = -5.70498872745e-3f;
    p = fma_(p, z, 2.06390887954e-2f);
    p = fma_(p, z, -5.37397155531e-2f);
    p = fma_(p, z, 1.33314422036e-1f);
    p = fma_(p, z, -3.33332819422e-1f);
    const float near = fma_(p * z, x, x);
    const float magnitude = x < 0 ? -x : x;
    const float far = 1.0f - 2.0f / (exp_(2.0f * magnitude) + 1.0f);
    return magnitude < 0.625f ? near : x < 0 ? -far : far;
}

} // namespace rt::KERNELS
