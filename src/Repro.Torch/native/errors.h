// How an entry ends: no exception of C++ crosses into C#. And how a handle becomes a tensor.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace rt {
int fail(const char* message);
at::Tensor borrow(void* handle);
at::Tensor borrow_or_undefined(void* handle); // null gives an undefined tensor
std::vector<at::Tensor> borrow_all(void* const* handles, int64_t n);
void* release(at::Tensor&& tensor);
}

#define ENTRY_BEGIN try {
#define ENTRY_END                                                                    \
    return 0; }                                                                      \
    catch (const c10::Error& error) { return rt::fail(error.what_without_backtrace()); } \
    catch (const std::exception& error) { return rt::fail(error.what()); }           \
    catch (...) { return rt::fail("an unknown native exception"); }
