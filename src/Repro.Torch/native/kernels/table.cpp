// The kernels of this instruction set under one name.
#include "kernels.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

namespace rt::KERNELS {

#define KERNEL_DECLARATION(result, name, arguments) result name arguments;
KERNEL_LIST(KERNEL_DECLARATION)

extern const Kernels table;
const Kernels table = {
    TEXT(KERNELS),
#define KERNEL_ENTRY(result, name, arguments) name,
    KERNEL_LIST(KERNEL_ENTRY)
};

} // namespace rt::KERNELS
