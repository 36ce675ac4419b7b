// The kernels of this instruction set under one name.
#include "kernels.h"

namespace rt::KERNELS {

#define KERNEL_DECLARATION(result, name, arguments) result name arguments;
KERNEL_LIST(KERNEL_DECLARATION)

extern const Kernels table;
const Kernels table = {
#define KERNEL_ENTRY(result, name, arguments) name,
    KERNEL_LIST(KERNEL_ENTRY)
};

} // namespace rt::KERNELS
