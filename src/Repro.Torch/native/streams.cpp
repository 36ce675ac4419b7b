// Streams of work on a device. c10's own interface to devices is enough: nothing here needs a header of CUDA.

#include "errors.h"
#include "repro_torch.h"

#include <c10/core/Event.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <memory>

using namespace rt;

static c10::Device cuda_device(int32_t index) { return c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index)); }

#pragma GCC visibility push(default)
extern "C" {

// One of libtorch's pool, of the device given (-1: the current one).
int rt_stream_new(int32_t device_index, void** stream) {
    ENTRY_BEGIN
    c10::impl::VirtualGuardImpl guard(c10::DeviceType::CUDA);
    auto device = device_index < 0 ? guard.getDevice() : cuda_device(device_index);
    *stream = new c10::Stream(guard.getStreamFromGlobalPool(device, false));
    ENTRY_END
}

void rt_stream_release(void* stream) noexcept { delete static_cast<c10::Stream*>(stream); }

// Makes it the stream on which this thread's work on its device is queued; *previous is the one before, to be released.
int rt_stream_exchange(void* stream, void** previous) {
    ENTRY_BEGIN
    c10::impl::VirtualGuardImpl guard(c10::DeviceType::CUDA);
    *previous = new c10::Stream(guard.exchangeStream(*static_cast<c10::Stream*>(stream)));
    ENTRY_END
}

int rt_stream_current(int32_t device_index, void** stream) {
    ENTRY_BEGIN
    c10::impl::VirtualGuardImpl guard(c10::DeviceType::CUDA);
    *stream = new c10::Stream(guard.getStream(device_index < 0 ? guard.getDevice() : cuda_device(device_index)));
    ENTRY_END
}

// What is queued on `stream` from here on starts after all that is queued on `other` now.
int rt_stream_wait(void* stream, void* other) {
    ENTRY_BEGIN
    c10::Event event(c10::DeviceType::CUDA);
    event.record(*static_cast<c10::Stream*>(other));
    event.block(*static_cast<c10::Stream*>(stream));
    ENTRY_END
}

// Blocks this thread until all that is queued on the stream is done.
int rt_stream_synchronize(void* stream) {
    ENTRY_BEGIN
    c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).synchronizeStream(*static_cast<c10::Stream*>(stream));
    ENTRY_END
}

// Tells the allocator that the stream uses the tensor's memory, which is then not given to others before the stream has got so far.
int rt_stream_uses(void* stream, void* tensor) {
    ENTRY_BEGIN
    borrow(tensor).record_stream(*static_cast<c10::Stream*>(stream));
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
