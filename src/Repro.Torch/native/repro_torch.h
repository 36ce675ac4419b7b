// The types that cross the border between C# and libtorch; Interop/Native.cs mirrors them.
#pragma once

#include <cstdint>

// Raised whenever a signature or a layout below changes; the C# side refuses any other.
#define REPRO_TORCH_ABI 6

enum Tag : int32_t {
    TAG_NONE = 0,
    TAG_TENSOR = 1,
    TAG_INT = 2,
    TAG_DOUBLE = 3,
    TAG_BOOL = 4,
    TAG_INT_LIST = 5,
    TAG_DOUBLE_LIST = 6,
    TAG_BOOL_LIST = 7,
    TAG_TENSOR_LIST = 8,
    TAG_OPTIONAL_TENSOR_LIST = 9,
    TAG_STRING = 10,
    TAG_GENERATOR = 11,
    TAG_DEVICE = 12,
    TAG_DEFAULT = 13, // whatever the schema says
    TAG_COMPLEX = 14, // two doubles behind the pointer, which the caller frees where they are a result
};

// Scalar types, layouts and memory formats are TAG_INT: the dispatcher carries them as integers.
struct Value {
    int32_t tag;
    int32_t count; // length of a list; index of a device
    union {
        int64_t integer;
        double real;
        void* pointer;
    };
};

struct TensorInfo {
    int64_t numel;
    int32_t dim;
    int32_t element_size;
    int8_t scalar_type;
    int8_t device_type;
    int8_t device_index;
    uint8_t flags; // 1 requires_grad, 2 is_leaf, 4 sparse, 8 contiguous, 16 the elements are not in memory as they are: conjugates, negatives, zeros without memory
};

// Calls back into C#. Each returns 0, or a number under which the caller keeps the error; no exception crosses either way.
// A tensor handed over in either direction is a reference that the receiver owns, except for the lists of a Forward.
struct Forward {
    void** outputs;
    void** saved;
    void** dirty;
    void** non_differentiable;
    int64_t outputs_n, saved_n, dirty_n, non_differentiable_n;
    int64_t materialize_gradients;
};
typedef int64_t (*HookCall)(void* context, void* gradient, void** replacement);
typedef int64_t (*ForwardCall)(void* context, Forward* result);
typedef int64_t (*BackwardCall)(void* context, void** gradients, int64_t n, void** saved, int64_t saved_n, void** results, int64_t results_n);
typedef void (*ContextRelease)(void* context);
