// Tensors whose elements are not in memory as they are: conjugates, negatives, and zeros without any memory. Gradients may be such.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/zeros.h>

namespace rt {

inline bool is_lazy(const at::Tensor& tensor) { return tensor.defined() && (tensor.is_neg() || tensor.is_conj() || tensor._is_zerotensor()); }

inline at::Tensor in_memory(const at::Tensor& tensor) {
    if (!is_lazy(tensor)) return tensor;
    return tensor._is_zerotensor() ? at::zeros(tensor.sizes(), tensor.options()) : tensor.resolve_conj().resolve_neg();
}

} // namespace rt
