// The product of matrices that libtorch's own go through (blas.cpp), for loops written here.
#pragma once

#include <cstdint>

namespace rt {

// Whether there is a BLAS to call; without one nothing below may be called.
bool has_gemm();

// Row-major: c (m x n) = alpha * op(a) * op(b) + beta * c, where op transposes if told to; the steps are from row to row as they lie in memory.
// Shared among OpenMP's threads where it is worth it.
void gemm_shared(bool transpose_a, bool transpose_b, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t step_a, const float* b, int64_t step_b, float beta, float* c, int64_t step_c);

} // namespace rt
