// How an entry ends: no exception of C++ crosses into C#. And how a handle becomes a tensor.
#pragma once

#include <ATen/core/Tensor.h>

namespace rt {
int fail(const char* message);
at::Tensor borrow(void* handle);
void* release(at::Tensor&& tensor);
}

#define ENTRY_BEGIN try {
#define ENTRY_END                                                                    \
    return 0; }                                                                      \
    catch (const c10::Error& error) { return rt::fail(error.what_without_backtrace()); } \
    catch (const std::exception& error) { return rt::fail(error.what()); }           \
    catch (...) { return rt::fail("an unknown native exception"); }
