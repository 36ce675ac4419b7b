// CUDA's memory and graphs. REPRO_TORCH_CUDA is set where libtorch_cuda and CUDA's headers are both at hand; REPRO_TORCH_NO_CUDA says
// why it is not set.

#include "errors.h"
#include "repro_torch.h"

#include <c10/util/Exception.h>

#ifdef REPRO_TORCH_CUDA
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAFunctions.h>
#define ENTRY_CUDA_BEGIN ENTRY_BEGIN
#else
#ifndef REPRO_TORCH_NO_CUDA
#define REPRO_TORCH_NO_CUDA "this libtorch is built without CUDA"
#endif
#define ENTRY_CUDA_BEGIN ENTRY_BEGIN TORCH_CHECK(false, REPRO_TORCH_NO_CUDA);
#endif

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

// Null where memory statistics and graphs are compiled in, else why they are not.
const char* rt_cuda_absent() noexcept {
#ifdef REPRO_TORCH_CUDA
    return nullptr;
#else
    return REPRO_TORCH_NO_CUDA;
#endif
}

// bytes: allocated now, allocated at most, reserved now, reserved at most. Device -1 is the current one.
int rt_cuda_memory(int32_t device, int64_t* bytes) {
    ENTRY_CUDA_BEGIN
#ifdef REPRO_TORCH_CUDA
    if (device < 0) device = c10::cuda::current_device();
    auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
    const auto& allocated = stats.allocated_bytes[0]; // 0: of large and small blocks together
    const auto& reserved = stats.reserved_bytes[0];
    bytes[0] = allocated.current;
    bytes[1] = allocated.peak;
    bytes[2] = reserved.current;
    bytes[3] = reserved.peak;
#endif
    ENTRY_END
}

int rt_cuda_reset_peak(int32_t device) {
    ENTRY_CUDA_BEGIN
#ifdef REPRO_TORCH_CUDA
    c10::cuda::CUDACachingAllocator::resetPeakStats(static_cast<c10::DeviceIndex>(device < 0 ? c10::cuda::current_device() : device));
#endif
    ENTRY_END
}

int rt_cuda_empty_cache() {
    ENTRY_CUDA_BEGIN
#ifdef REPRO_TORCH_CUDA
    c10::cuda::CUDACachingAllocator::emptyCache();
#endif
    ENTRY_END
}

int rt_cuda_graph_new(void** graph) {
    ENTRY_CUDA_BEGIN
#ifdef REPRO_TORCH_CUDA
    *graph = new at::cuda::CUDAGraph();
#endif
    ENTRY_END
}

// 0 begin capturing the current stream (not the default one), 1 end it, 2 replay.
int rt_cuda_graph_do(void* graph, int32_t what) {
    ENTRY_CUDA_BEGIN
#ifdef REPRO_TORCH_CUDA
    auto& target = *static_cast<at::cuda::CUDAGraph*>(graph);
    switch (what) {
        case 0: target.capture_begin(); break;
        case 1: target.capture_end(); break;
        case 2: target.replay(); break;
        default: TORCH_CHECK(false, "unknown step of a graph ", what);
    }
#endif
    ENTRY_END
}

// The destructor may report errors of the device; there is nobody to tell.
void rt_cuda_graph_release(void* graph) noexcept {
#ifdef REPRO_TORCH_CUDA
    try {
        delete static_cast<at::cuda::CUDAGraph*>(graph);
    } catch (...) {
    }
#endif
}

} // extern "C"
#pragma GCC visibility pop
