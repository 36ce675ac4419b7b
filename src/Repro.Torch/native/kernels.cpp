// Chooses the kernels of the newest instruction set that this machine has.
#include "kernels.h"

#include <cstdlib>
#include <string>

namespace rt {

namespace kernels_base { extern const Kernels table; }
#if defined(__x86_64__)
namespace kernels_avx2 { extern const Kernels table; }
namespace kernels_avx512 { extern const Kernels table; }
#endif

const Kernels& kernels() {
    static const Kernels& chosen = []() -> const Kernels& {
#if defined(__x86_64__)
        __builtin_cpu_init();
        // As libtorch is told, so that one name says which loops both ran.
        const char* told = std::getenv("ATEN_CPU_CAPABILITY");
        const std::string most = told == nullptr ? "" : told;
        if (most == "default") return kernels_base::table;
        const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
        if (avx2 && most != "avx2" && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw"))
            return kernels_avx512::table;
        if (avx2) return kernels_avx2::table;
#endif
        return kernels_base::table;
    }();
    return chosen;
}

} // namespace rt
