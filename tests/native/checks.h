// What the tests of the shim share: counting what is not so, and calls of operators in one expression.
#pragma once

#include "entries.h"

#include <atomic>
#include <cstdio>
#include <cstring>
#include <map>
#include <mutex>

inline std::atomic<int> failures{0};

#define EXPECT(condition)                                                             \
    do {                                                                              \
        if (!(condition)) {                                                           \
            failures++;                                                               \
            std::fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, rt_last_error()); \
        }                                                                             \
    } while (0)
#define WORKS(call) EXPECT((call) == 0)
// Fails, with a message that contains the text and no native backtrace.
#define FAILS(call, text) EXPECT((call) == 1 && std::strstr(rt_last_error(), text) != nullptr && std::strstr(rt_last_error(), "Exception raised from") == nullptr)

// Looked up once: the shim keeps each for as long as the process lives.
inline void* op(const char* name, const char* overload = "") {
    static std::mutex mutex;
    static std::map<std::pair<std::string, std::string>, void*> known;
    std::lock_guard<std::mutex> lock(mutex);
    auto& found = known[{name, overload}];
    if (!found) WORKS(rt_operator(name, overload, &found));
    return found;
}

inline int call(void* target, const std::vector<Value>& arguments, Value* results, int32_t* produced) {
    return rt_call(target, arguments.data(), static_cast<int32_t>(arguments.size()), results, 6, produced);
}

inline Tensor tensor_of(void* target, const std::vector<Value>& arguments) {
    Value results[6];
    int32_t produced = 0;
    WORKS(call(target, arguments, results, &produced));
    EXPECT(produced == 1 && results[0].tag == TAG_TENSOR);
    return Tensor(produced == 1 ? results[0].pointer : nullptr);
}

inline Tensor filled(std::vector<int64_t> sizes, double value, int64_t type = 6) {
    return tensor_of(op("aten::full"), {list(TAG_INT_LIST, sizes.data(), static_cast<int32_t>(sizes.size())), of(value), of(type)});
}

inline float first(const Tensor& tensor) {
    void* data = nullptr;
    WORKS(rt_tensor_data(tensor.handle, &data));
    return *static_cast<float*>(data);
}

inline Tensor times(const Tensor& a, const Tensor& b) { return tensor_of(op("aten::mul", "Tensor"), {of(a), of(b)}); }
inline bool yes(void* target, const std::vector<Value>& arguments) {
    Value results[6];
    int32_t produced = 0;
    WORKS(call(target, arguments, results, &produced));
    return produced == 1 && results[0].tag == TAG_BOOL && results[0].integer != 0;
}
inline bool finite(const Tensor& a) { return yes(op("aten::allclose"), {of(a), of(a)}); } // NaN is close to nothing
inline Tensor sum(const Tensor& a) { return tensor_of(op("aten::sum"), {of(a)}); }
