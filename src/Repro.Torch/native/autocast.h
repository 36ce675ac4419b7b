// Autocast's state of this thread, under one name for all versions of libtorch.
#pragma once

#include <ATen/autocast_mode.h>
#include <torch/version.h>

namespace rt {

#define REPRO_TORCH_AT_LEAST(major, minor) (TORCH_VERSION_MAJOR > (major) || (TORCH_VERSION_MAJOR == (major) && TORCH_VERSION_MINOR >= (minor)))

struct AutocastState {
    c10::DeviceType device;
    bool enabled;
    at::ScalarType type;

    static AutocastState of(c10::DeviceType device) {
#if REPRO_TORCH_AT_LEAST(2, 4)
        return {device, at::autocast::is_autocast_enabled(device), at::autocast::get_autocast_dtype(device)};
#else
        if (device == c10::DeviceType::CPU) return {device, at::autocast::is_cpu_enabled(), at::autocast::get_autocast_cpu_dtype()};
        TORCH_CHECK(device == c10::DeviceType::CUDA, "this libtorch has autocast for the CPU and CUDA, not for ", device);
        return {device, at::autocast::is_enabled(), at::autocast::get_autocast_gpu_dtype()};
#endif
    }

    void apply() const {
#if REPRO_TORCH_AT_LEAST(2, 4)
        at::autocast::set_autocast_enabled(device, enabled);
        at::autocast::set_autocast_dtype(device, type);
#else
        if (device == c10::DeviceType::CPU) {
            at::autocast::set_cpu_enabled(enabled);
            at::autocast::set_autocast_cpu_dtype(type);
        } else {
            TORCH_CHECK(device == c10::DeviceType::CUDA, "this libtorch has autocast for the CPU and CUDA, not for ", device);
            at::autocast::set_enabled(enabled);
            at::autocast::set_autocast_gpu_dtype(type);
        }
#endif
    }
};

} // namespace rt
