// An operator of the shim beside libtorch's: values, gradients, gradients of gradients.
#pragma once

#include "checks.h"

#include <cmath>
#include <functional>

using Inputs = std::vector<Tensor>;
using Function = std::function<Tensor(const Inputs&)>;

inline Value whole(std::vector<int64_t>& sizes) { return list(TAG_INT_LIST, sizes.data(), static_cast<int32_t>(sizes.size())); }
inline Tensor random(std::vector<int64_t> sizes) { return tensor_of(op("aten::randn"), {whole(sizes)}); }
inline Tensor flat(const Tensor& a) {
    std::vector<int64_t> all{-1};
    return tensor_of(op("aten::reshape"), {of(a), whole(all)});
}
inline Tensor transposed(const Tensor& a) { return tensor_of(op("aten::transpose", "int"), {of(a), of(int64_t{0}), of(int64_t{1})}); }
inline Tensor joined(const std::vector<Tensor>& parts) {
    std::vector<void*> handles;
    for (auto& part : parts) handles.push_back(part.handle);
    return tensor_of(op("aten::cat"), {list(TAG_TENSOR_LIST, handles.data(), static_cast<int32_t>(handles.size()))});
}
inline Tensor added(const Tensor& a, const Tensor& b) { return tensor_of(op("aten::add", "Tensor"), {of(a), of(b)}); }
// Beside the largest of the numbers: what cancels to a small one keeps the rounding of the large ones.
inline bool close(const Tensor& a, const Tensor& b) {
    if (!a.handle || !b.handle) return a.handle == b.handle;
    TensorInfo info;
    WORKS(rt_tensor_info(b.handle, &info));
    const double largest = info.numel == 0 ? 0 : first(tensor_of(op("aten::max"), {of(tensor_of(op("aten::abs"), {of(b)}))}));
    return yes(op("aten::allclose"), {of(a), of(b), of(1e-3), of(1e-4 * (std::isfinite(largest) ? 1 + largest : 1)), truth(true)});
}

inline bool fails(const char* name, const std::vector<Value>& arguments) {
    Value results[6];
    int32_t produced;
    return call(op(name), arguments, results, &produced) == 1;
}

inline std::vector<Tensor> gradients_of(const Tensor& output, const Tensor& seed, const std::vector<void*>& inputs, bool create) {
    std::vector<void*> found(inputs.size(), nullptr);
    int failed = rt_grad(&output.handle, &seed.handle, 1, inputs.data(), inputs.size(), create, create, 1, found.data());
    EXPECT(failed == 0);
    std::vector<Tensor> made;
    for (auto each : found) made.emplace_back(each);
    return made;
}

inline Tensor lazy_zeros(const Tensor& like) {
    TensorInfo info;
    WORKS(rt_tensor_info(like.handle, &info));
    std::vector<int64_t> sizes(info.dim);
    WORKS(rt_tensor_shape(like.handle, sizes.data(), nullptr));
    return tensor_of(op("aten::_efficientzerotensor"), {whole(sizes), of(int64_t{6})});
}

// As `ours`, so `theirs`: without and with a graph, its gradients, and those of the sum of the gradients' squares.
inline void same(int line, const Inputs& inputs, const Function& ours, const Function& theirs) {
    int before = failures;
    rt_set_grad_mode(0);
    EXPECT(close(ours(inputs), theirs(inputs)));
    rt_set_grad_mode(1);
    std::vector<void*> handles;
    for (auto& input : inputs) {
        WORKS(rt_tensor_set_requires_grad(input.handle, 1));
        handles.push_back(input.handle);
    }
    auto a = ours(inputs), b = theirs(inputs);
    EXPECT(close(a, b));
    auto seed = tensor_of(op("aten::randn_like"), {of(b)});
    WORKS(rt_tensor_set_requires_grad(seed.handle, 1));
    {
        auto da = gradients_of(a, seed, handles, false), db = gradients_of(b, seed, handles, false);
        for (size_t i = 0; i < da.size(); i++) EXPECT(close(da[i], db[i]));
    }
    // The same gradient, whose memory holds its negative; and zeros without memory.
    for (bool negative : {true, false}) {
        a = ours(inputs), b = theirs(inputs);
        auto lazy = negative ? tensor_of(op("aten::_neg_view"), {of(tensor_of(op("aten::neg"), {of(seed)}))}) : lazy_zeros(seed);
        auto plain = negative ? tensor_of(op("aten::detach"), {of(seed)}) : tensor_of(op("aten::zeros_like"), {of(seed)});
        auto da = gradients_of(a, lazy, handles, false), db = gradients_of(b, plain, handles, false);
        for (size_t i = 0; i < da.size(); i++) EXPECT(close(da[i], db[i]));
    }
    a = ours(inputs), b = theirs(inputs);
    auto seconds = handles;
    seconds.push_back(seed.handle);
    std::vector<Tensor> found[2];
    for (int side = 0; side < 2; side++) {
        auto firsts = gradients_of(side ? b : a, seed, handles, true);
        Tensor total;
        for (auto& each : firsts)
            if (each.handle) total = total.handle ? added(total, sum(times(each, each))) : sum(times(each, each));
        found[side] = gradients_of(total, filled({}, 1), seconds, false);
    }
    for (size_t i = 0; i < seconds.size(); i++) EXPECT(close(found[0][i], found[1][i]));
    auto loss = sum(ours(inputs));
    WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
    WORKS(rt_backward(&loss.handle, nullptr, 1, 0, 0, nullptr, 0));
    WORKS(rt_zero_grad(handles.data(), handles.size(), 1));
    for (auto handle : handles) WORKS(rt_tensor_set_requires_grad(handle, 0));
    if (failures != before) std::fprintf(stderr, "... in the comparison of line %d\n", line);
}
#define SAME(inputs, ours, theirs) same(__LINE__, inputs, ours, theirs)

inline Inputs make(std::initializer_list<std::vector<int64_t>> sizes) {
    Inputs made;
    for (auto& each : sizes) made.push_back(random(each));
    return made;
}
