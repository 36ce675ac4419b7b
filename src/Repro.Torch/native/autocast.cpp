// Autocast: which type matrix products and convolutions compute in, on this thread.

#include "autocast.h"

#include "enumerations.h"
#include "errors.h"
#include "repro_torch.h"

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

int rt_autocast_get(int32_t device_type, int32_t* enabled, int32_t* scalar_type) {
    ENTRY_BEGIN
    auto state = AutocastState::of(device_type_of(device_type));
    *enabled = state.enabled;
    *scalar_type = static_cast<int32_t>(state.type);
    ENTRY_END
}

int rt_autocast_set(int32_t device_type, int32_t enabled, int32_t scalar_type) {
    ENTRY_BEGIN
    AutocastState{device_type_of(device_type), enabled != 0, scalar_type_of(scalar_type)}.apply();
    ENTRY_END
}

int rt_autocast_caches() noexcept { return at::autocast::is_autocast_cache_enabled(); }
void rt_set_autocast_caches(int32_t enabled) noexcept { at::autocast::set_autocast_cache_enabled(enabled != 0); }

// Blocks may stand in each other; what was cast once is kept until the outermost one ends.
int rt_autocast_enter() {
    ENTRY_BEGIN
    at::autocast::increment_nesting();
    ENTRY_END
}

int rt_autocast_leave() {
    ENTRY_BEGIN
    if (at::autocast::decrement_nesting() == 0) at::autocast::clear_cache();
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
