// The default generator of the CPU, taken from in bulk.
#pragma once

#include <ATen/core/Tensor.h>

namespace rt {

// n bytes of 1 with the given probability, else 0: what bernoulli_ of the default generator would draw, which has moved on after it.
at::Tensor draw_mask(int64_t n, double probability);

} // namespace rt
