// Matrix products of libtorch on ONE pool of threads. Debian's OpenBLAS has threads of its own beside OpenMP's, which spin for a while
// after each parallel loop: on few cores the two fight, and a step of a small LSTM takes three times as long on two threads as on one.
// libtorch looks its sgemm_ up in the group of libraries that this one was loaded with, and so finds the ones below first: they
// cut the product among OpenMP's threads and let OpenBLAS, set to one thread, or oneDNN, where that is faster, do the parts.
// Where the BLAS is another one (MKL, an OpenBLAS built on OpenMP) the call goes on to it as it came.

#include "blas.h"

#include <ATen/Parallel.h>

#include <dlfcn.h>

#include <algorithm>
#include <cstdint>

namespace {

template <class T>
using Gemm = void (*)(const char*, const char*, const int*, const int*, const int*, const T*, const T*, const int*, const T*, const int*, const T*, T*, const int*);
// Row-major, which is the column-major product with the factors exchanged.
using DnnlGemm = int (*)(char, char, int64_t, int64_t, int64_t, float, const float*, int64_t, const float*, int64_t, float, float*, int64_t);

template <class F>
F symbol(void* library, const char* name) { return reinterpret_cast<F>(dlsym(library, name)); }

// Whether the BLAS has a pool of its own, which is then told to keep to the caller's thread.
bool take_over() {
    constexpr int own_threads = 1;
    auto kind = symbol<int (*)()>(RTLD_DEFAULT, "openblas_get_parallel");
    auto set = symbol<void (*)(int)>(RTLD_DEFAULT, "openblas_set_num_threads");
    if (kind == nullptr) kind = symbol<int (*)()>(RTLD_NEXT, "openblas_get_parallel"), set = symbol<void (*)(int)>(RTLD_NEXT, "openblas_set_num_threads");
    if (kind == nullptr || set == nullptr || kind() != own_threads) return false;
    set(1);
    return true;
}

// In units of whole vectors, so that no part ends in the middle of one but the last.
constexpr int grain = 16;
constexpr double worth_sharing = 2e6; // floating-point operations: 20 us of one core, several times what handing work over takes

template <class T>
void shared(Gemm<T> gemm, const char* ta, const char* tb, int m, int n, int k, const T* alpha, const T* a, int lda, const T* b, int ldb, const T* beta, T* c, int ldc) {
    const bool columns = n >= m;
    const int64_t length = columns ? n : m, parts = std::min<int64_t>(at::get_num_threads(), (length + grain - 1) / grain);
    const int64_t each = ((length + parts - 1) / parts + grain - 1) / grain * grain;
    at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
        for (int64_t part = first; part < last; part++) {
            const int64_t begin = part * each;
            const int size = static_cast<int>(std::min(each, length - begin));
            if (size <= 0) continue;
            if (columns) gemm(ta, tb, &m, &size, &k, alpha, a, &lda, b + (*tb == 'n' || *tb == 'N' ? begin * ldb : begin), &ldb, beta, c + begin * ldc, &ldc);
            else gemm(ta, tb, &size, &n, &k, alpha, a + (*ta == 'n' || *ta == 'N' ? begin : begin * lda), &lda, b, &ldb, beta, c + begin, &ldc);
        }
    });
}

bool plain(char trans) { return trans == 'n' || trans == 'N'; }

Gemm<float> next_sgemm() {
    static const auto gemm = symbol<Gemm<float>>(RTLD_NEXT, "sgemm_");
    return gemm;
}

} // namespace

extern "C" void sgemm_(const char*, const char*, const int*, const int*, const int*, const float*, const float*, const int*, const float*, const int*, const float*, float*, const int*);

namespace rt {

bool has_gemm() { return next_sgemm() != nullptr; }

// A row-major product is the column-major one with the factors exchanged.
void gemm_shared(bool ta, bool tb, int64_t m, int64_t n, int64_t k, float alpha, const float* a, int64_t lda, const float* b, int64_t ldb, float beta, float* c, int64_t ldc) {
    const int rows = static_cast<int>(n), columns = static_cast<int>(m), depth = static_cast<int>(k), steps[] = {static_cast<int>(ldb), static_cast<int>(lda), static_cast<int>(ldc)};
    sgemm_(tb ? "t" : "n", ta ? "t" : "n", &rows, &columns, &depth, &alpha, b, &steps[0], a, &steps[1], &beta, c, &steps[2]);
}

} // namespace rt

#pragma GCC visibility push(default)
extern "C" {

void sgemm_(
    const char* ta, const char* tb, const int* m, const int* n, const int* k, const float* alpha, const float* a, const int* lda, const float* b, const int* ldb,
    const float* beta, float* c, const int* ldc) {
    static const auto gemm = next_sgemm();
    static const bool ours = take_over();
    static const auto dnnl = ours ? symbol<DnnlGemm>(RTLD_NEXT, "dnnl_sgemm") : nullptr;
    const double work = 2.0 * *m * *n * *k;
    if (!ours || work < worth_sharing || at::get_num_threads() == 1 || at::in_parallel_region()) {
        gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    // oneDNN is faster by a tenth but for few rows of a transposed factor, and for little work (measured on AVX-512).
    if (dnnl != nullptr && work > 5e6 && (plain(*ta) || *m >= 256) && dnnl(*tb, *ta, *n, *m, *k, *alpha, b, *ldb, a, *lda, *beta, c, *ldc) == 0) return;
    shared(gemm, ta, tb, *m, *n, *k, alpha, a, *lda, b, *ldb, beta, c, *ldc);
}

void dgemm_(
    const char* ta, const char* tb, const int* m, const int* n, const int* k, const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
    const double* beta, double* c, const int* ldc) {
    static const auto gemm = symbol<Gemm<double>>(RTLD_NEXT, "dgemm_");
    static const bool ours = take_over();
    if (!ours || 2.0 * *m * *n * *k < worth_sharing || at::get_num_threads() == 1 || at::in_parallel_region()) gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    else shared(gemm, ta, tb, *m, *n, *k, alpha, a, *lda, b, *ldb, beta, c, *ldc);
}

} // extern "C"
#pragma GCC visibility pop
