// Matrix products of libtorch on ONE pool of threads. Debian's OpenBLAS has threads of its own beside OpenMP's, which spin for a while
// after each parallel loop: on few cores the two fight, and a step of a small LSTM takes three times as long on two threads as on one.
// libtorch looks its sgemm_ up in the group of libraries that this one was loaded with, and so finds the ones below first: they
// cut the product among OpenMP's threads and let oneDNN or, where there is none, OpenBLAS, set to one thread, do the parts: oneDNN's loops are made for this
// machine when it starts, and twice as fast where a core has two units of 512 bits (Zen 5), five times for a single row, for which OpenBLAS packs all of the weights.
// Where the BLAS is another one (MKL, an OpenBLAS built on OpenMP) the call goes on to it as it came.

#include "blas.h"

#include <ATen/Parallel.h>

#include <dlfcn.h>
#include <omp.h>

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
constexpr double worth_sharing = 2e6; // floating-point operations: 10 to 20 us of one core, several times what handing work over takes

bool plain(char trans) { return trans == 'n' || trans == 'N'; }

template <class T, class Product>
void shared(const Product& product, const char* ta, const char* tb, int m, int n, int k, const T* a, int lda, const T* b, int ldb, T* c, int ldc) {
    const bool columns = n >= m;
    const int64_t length = columns ? n : m, parts = std::min<int64_t>(at::get_num_threads(), (length + grain - 1) / grain);
    const int64_t each = ((length + parts - 1) / parts + grain - 1) / grain * grain;
    at::parallel_for(0, parts, 1, [&](int64_t first, int64_t last) {
        for (int64_t part = first; part < last; part++) {
            const int64_t begin = part * each;
            const int size = static_cast<int>(std::min(each, length - begin));
            if (size <= 0) continue;
            if (columns) product(m, size, k, a, b + (plain(*tb) ? begin * ldb : begin), c + begin * ldc);
            else product(size, n, k, a + (plain(*ta) ? begin : begin * lda), b, c + begin);
        }
    });
}

// oneDNN on the caller's thread alone. It packs all of a turned factor at once, which falls out of the cache where that is large and meets few columns.
class OneThread {
public:
    explicit OneThread(DnnlGemm gemm) : gemm_(gemm) { omp_set_num_threads(1); }
    ~OneThread() { omp_set_num_threads(threads_); }
    OneThread(const OneThread&) = delete;
    OneThread& operator=(const OneThread&) = delete;

    void operator()(char ta, char tb, int m, int n, int k, float alpha, const float* a, int lda, const float* b, int ldb, float beta, float* c, int ldc) const {
        constexpr int few = 128, packed = 1 << 17; // columns; numbers: half a MiB
        const int together = !plain(ta) && n <= few ? std::max(64, packed / k / grain * grain) : m;
        for (int64_t begin = 0; begin < m; begin += together)
            gemm_(tb, ta, n, std::min<int64_t>(together, m - begin), k, alpha, b, ldb, a + (plain(ta) ? begin : begin * lda), lda, beta, c + begin, ldc);
    }

private:
    DnnlGemm gemm_;
    int threads_ = omp_get_max_threads();
};

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
    if (!ours || work == 0) {
        gemm(ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
        return;
    }
    const auto part = [&](int rows, int columns, int depth, const float* x, const float* y, float* z) {
        if (dnnl != nullptr) OneThread{dnnl}(*ta, *tb, rows, columns, depth, *alpha, x, *lda, y, *ldb, *beta, z, *ldc);
        else gemm(ta, tb, &rows, &columns, &depth, alpha, x, lda, y, ldb, beta, z, ldc);
    };
    if (work < worth_sharing || at::get_num_threads() == 1 || at::in_parallel_region()) part(*m, *n, *k, a, b, c);
    else shared<float>(part, ta, tb, *m, *n, *k, a, *lda, b, *ldb, c, *ldc);
}

void dgemm_(
    const char* ta, const char* tb, const int* m, const int* n, const int* k, const double* alpha, const double* a, const int* lda, const double* b, const int* ldb,
    const double* beta, double* c, const int* ldc) {
    static const auto gemm = symbol<Gemm<double>>(RTLD_NEXT, "dgemm_");
    static const bool ours = take_over();
    const auto part = [&](int rows, int columns, int depth, const double* x, const double* y, double* z) { gemm(ta, tb, &rows, &columns, &depth, alpha, x, lda, y, ldb, beta, z, ldc); };
    if (!ours || 2.0 * *m * *n * *k < worth_sharing || at::get_num_threads() == 1 || at::in_parallel_region()) part(*m, *n, *k, a, b, c);
    else shared<double>(part, ta, tb, *m, *n, *k, a, *lda, b, *ldb, c, *ldc);
}

} // extern "C"
#pragma GCC visibility pop
