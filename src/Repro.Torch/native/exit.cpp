// The end of the process. When main is over, or somebody called exit(), the C library runs libtorch's static destructors while background
// threads of .NET still compute and its finalizers may still free tensors: measured, one such exit in four ended in a crash. Nothing that these
// destructors do is needed by a process that is gone, so they are not run: this handler, registered after libtorch's, comes before them.
// REPRO_TORCH_FULL_EXIT=1 runs them all the same, for a profiler that writes its file there.

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

static void end_now(int status, void*) {
    std::fflush(nullptr);
    _exit(status);
}

static void register_end() {
    if (std::getenv("REPRO_TORCH_FULL_EXIT") == nullptr) on_exit(end_now, nullptr);
}

__attribute__((constructor)) static void at_load() { register_end(); }

#pragma GCC visibility push(default)
// Again, when .NET begins to end: what libtorch first made while it worked has registered its destructors since, and those would come first.
extern "C" void rt_ending() noexcept { register_end(); }
#pragma GCC visibility pop
