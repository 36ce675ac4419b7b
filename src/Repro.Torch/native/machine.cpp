// What belongs to the process and the machine: versions, generators, threads, CUDA, switches, and the allocator's settings.

#include "repro_torch.h"
#include "enumerations.h"
#include "errors.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <link.h>
#include <malloc.h>

#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>

namespace torch {
namespace cuda {
// Declared here because torch/cuda.h needs a folder on the include path that not every installation lists.
size_t TORCH_API device_count();
bool TORCH_API is_available();
void TORCH_API synchronize(int64_t device_index);
}
}

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

const char* rt_version() noexcept { return TORCH_VERSION; }

int rt_build_configuration(const char** text) {
    ENTRY_BEGIN
    static const std::string configuration = at::show_config();
    *text = configuration.c_str();
    ENTRY_END
}

// --- random numbers --------------------------------------------------------------------------------------------------

int rt_manual_seed(uint64_t seed) {
    ENTRY_BEGIN
    at::manual_seed(seed);
    ENTRY_END
}

int rt_generator_default(int32_t device_type, int32_t device_index, void** generator) {
    ENTRY_BEGIN
    *generator = new at::Generator(at::globalContext().defaultGenerator(device_of(device_type, device_index)));
    ENTRY_END
}

int rt_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, void** generator) {
    ENTRY_BEGIN
    const auto device = device_of(device_type, device_index);
    // libtorch's clone is never freed (its memory is counted one weak reference short), so it is left to devices that offer nothing else.
    auto own = std::make_unique<at::Generator>(device.is_cpu() ? at::detail::createCPUGenerator(seed) : at::globalContext().defaultGenerator(device).clone());
    own->set_current_seed(seed);
    *generator = own.release();
    ENTRY_END
}

void rt_generator_release(void* generator) noexcept { delete static_cast<at::Generator*>(generator); }

int rt_generator_seed(void* generator, uint64_t* seed) {
    ENTRY_BEGIN
    *seed = static_cast<at::Generator*>(generator)->current_seed();
    ENTRY_END
}

int rt_generator_set_seed(void* generator, uint64_t seed) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    target.set_current_seed(seed);
    ENTRY_END
}

int rt_generator_random_seed(void* generator, uint64_t* seed) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    *seed = target.seed();
    ENTRY_END
}

int rt_generator_state(void* generator, void** state) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    *state = release(target.get_state());
    ENTRY_END
}

int rt_generator_set_state(void* generator, void* state) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    auto value = borrow(state);
    std::lock_guard<std::mutex> lock(target.mutex());
    target.set_state(value);
    ENTRY_END
}

// --- machine ---------------------------------------------------------------------------------------------------------

int rt_num_threads() noexcept { return at::get_num_threads(); }

int rt_set_num_threads(int32_t n) {
    ENTRY_BEGIN
    at::set_num_threads(n);
    ENTRY_END
}

int rt_num_interop_threads() noexcept { return static_cast<int>(at::get_num_interop_threads()); }

int rt_set_num_interop_threads(int32_t n) {
    ENTRY_BEGIN
    at::set_num_interop_threads(n);
    ENTRY_END
}

int rt_deterministic() noexcept { return at::globalContext().deterministicAlgorithms(); }

int rt_set_deterministic(int32_t enabled, int32_t warn_only) {
    ENTRY_BEGIN
    at::globalContext().setDeterministicAlgorithms(enabled != 0, warn_only != 0);
    ENTRY_END
}

int rt_cuda_available(int32_t* available) {
    ENTRY_BEGIN
    *available = torch::cuda::is_available();
    ENTRY_END
}

int rt_cuda_device_count(int32_t* count) {
    ENTRY_BEGIN
    *count = static_cast<int32_t>(torch::cuda::device_count());
    ENTRY_END
}

int rt_cuda_synchronize(int64_t device) {
    ENTRY_BEGIN
    torch::cuda::synchronize(device);
    ENTRY_END
}

// libtorch 2.9 and later throw here where the two ways that it has to set TF32 were mixed.
int rt_context_get(int32_t flag, int32_t* value) {
    ENTRY_BEGIN
    auto& context = at::globalContext();
    switch (flag) {
        case 0: *value = context.userEnabledCuDNN(); break;
        case 1: *value = context.benchmarkCuDNN(); break;
        case 2: *value = context.deterministicCuDNN(); break;
        case 3: *value = context.allowTF32CuDNN(); break;
        case 4: *value = context.allowTF32CuBLAS(); break;
        default: TORCH_CHECK(false, "unknown switch ", flag);
    }
    ENTRY_END
}

int rt_context_set(int32_t flag, int32_t value) {
    ENTRY_BEGIN
    auto& context = at::globalContext();
    switch (flag) {
        case 0: context.setUserEnabledCuDNN(value != 0); break;
        case 1: context.setBenchmarkCuDNN(value != 0); break;
        case 2: context.setDeterministicCuDNN(value != 0); break;
        case 3: context.setAllowTF32CuDNN(value != 0); break;
        case 4: context.setAllowTF32CuBLAS(value != 0); break;
        default: TORCH_CHECK(false, "unknown switch ", flag);
    }
    ENTRY_END
}

// One line for each loaded library: its path, a tab, its build id in hexadecimal (empty where it has none).
int rt_loaded_libraries(const char** text) {
    ENTRY_BEGIN
    thread_local std::string lines;
    lines.clear();
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* out) {
            auto& target = *static_cast<std::string*>(out);
            if (info->dlpi_name == nullptr || *info->dlpi_name == 0) return 0;
            target += info->dlpi_name;
            target += '\t';
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const auto& header = info->dlpi_phdr[i];
                if (header.p_type != PT_NOTE) continue;
                auto at = reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr);
                auto end = at + header.p_memsz;
                while (at + sizeof(ElfW(Nhdr)) <= end) {
                    auto note = reinterpret_cast<const ElfW(Nhdr)*>(at);
                    auto name = at + sizeof(*note);
                    auto bytes = name + ((note->n_namesz + 3) & ~3u);
                    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
                        static const char digits[] = "0123456789abcdef";
                        for (unsigned b = 0; b < note->n_descsz; b++) {
                            target += digits[static_cast<unsigned char>(bytes[b]) >> 4];
                            target += digits[static_cast<unsigned char>(bytes[b]) & 15];
                        }
                    }
                    at = bytes + ((note->n_descsz + 3) & ~3u);
                }
            }
            target += '\n';
            return 0;
        },
        &lines);
    *text = lines.c_str();
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop

// A training step allocates and frees the same large blocks again and again. Left alone, glibc gives them back to the kernel and faults their
// pages in anew (measured: 38,000 faults a step of a small residual net, none with this). What the environment says of malloc comes first.
__attribute__((constructor)) static void keep_pages() {
    const char* tunables = std::getenv("GLIBC_TUNABLES");
    if (tunables != nullptr && std::strstr(tunables, "glibc.malloc.") != nullptr) return;
    auto settled = [](int setting, int value, const char* variable) { return std::getenv(variable) != nullptr || mallopt(setting, value) == 1; };
    // 32 MiB is the most that glibc takes on 64 bits. Where it is refused the others stay out too: setting any of them ends the growth of
    // the first by itself, which would leave it at 128 KiB, worse than untouched.
    if (!settled(M_MMAP_THRESHOLD, 32 << 20, "MALLOC_MMAP_THRESHOLD_")) return;
    if (!settled(M_TRIM_THRESHOLD, 0x7fffffff, "MALLOC_TRIM_THRESHOLD_")) return;
    settled(M_TOP_PAD, 64 << 20, "MALLOC_TOP_PAD_");
}
