// What the process has: versions, libraries, generators, threads, switches, autocast, CUDA.

#include "checks.h"

void machine() {
    EXPECT(rt_abi() == REPRO_TORCH_ABI && std::strlen(rt_version()) > 3);
    const char* text;
    WORKS(rt_build_configuration(&text));
    EXPECT(std::strlen(text) > 10);
    WORKS(rt_loaded_libraries(&text));
    EXPECT(std::strstr(text, "librepro_torch.so") != nullptr);
    WORKS(rt_manual_seed(7));
    void *shared, *own, *state;
    uint64_t seed;
    WORKS(rt_generator_default(0, -1, &shared));
    WORKS(rt_generator_seed(shared, &seed));
    EXPECT(seed == 7);
    WORKS(rt_generator_new(0, -1, 3, &own));
    FAILS(rt_generator_new(1, 0, 3, &state), "");
    FAILS(rt_generator_default(8, 0, &state), "");
    FAILS(rt_generator_default(99, 0, &state), "unknown device type 99");
    FAILS(rt_generator_new(0, 300, 3, &state), "no device has the index 300");
    WORKS(rt_generator_state(own, &state));
    int64_t two[] = {2};
    Value generator{TAG_GENERATOR, 0, {}};
    generator.pointer = own;
    auto once = tensor_of(op("aten::rand", "generator"), {list(TAG_INT_LIST, two, 1), generator});
    WORKS(rt_generator_set_state(own, state));
    auto twice = tensor_of(op("aten::rand", "generator"), {list(TAG_INT_LIST, two, 1), generator});
    EXPECT(first(once) == first(twice));
    FAILS(rt_generator_set_state(own, once.handle), "");
    FAILS(rt_generator_set_state(own, nullptr), "null tensor handle");
    rt_tensor_release(state);
    WORKS(rt_generator_set_seed(own, 9));
    WORKS(rt_generator_random_seed(own, &seed));
    rt_generator_release(own);
    rt_generator_release(shared);

    int threads = rt_num_threads();
    EXPECT(threads >= 1 && rt_num_interop_threads() >= 1);
    WORKS(rt_set_num_threads(1));
    WORKS(rt_set_num_threads(threads));
    FAILS(rt_set_num_threads(0), "positive");
    FAILS(rt_set_num_interop_threads(0), "positive");
    WORKS(rt_set_deterministic(1, 0));
    EXPECT(rt_deterministic() == 1);
    WORKS(rt_set_deterministic(0, 0));
    int32_t value;
    for (int flag = 0; flag < 5; flag++) {
        WORKS(rt_context_get(flag, &value));
        WORKS(rt_context_set(flag, value));
    }
    FAILS(rt_context_get(99, &value), "unknown switch 99");
    FAILS(rt_context_set(99, 1), "unknown switch 99");
    WORKS(rt_cuda_available(&value));
    WORKS(rt_cuda_device_count(&value));

    int32_t enabled, type;
    WORKS(rt_autocast_get(0, &enabled, &type));
    EXPECT(enabled == 0);
    int caches = rt_autocast_caches();
    WORKS(rt_autocast_enter());
    WORKS(rt_autocast_set(0, 1, 15));
    rt_set_autocast_caches(1);
    auto a = filled({2, 2}, 1);
    TensorInfo info;
    WORKS(rt_tensor_info(tensor_of(op("aten::mm"), {of(a), of(a)}).handle, &info));
    EXPECT(info.scalar_type == 15);
    WORKS(rt_autocast_set(0, 0, type));
    rt_set_autocast_caches(caches);
    WORKS(rt_autocast_leave());
    FAILS(rt_autocast_get(11, &enabled, &type), "");
    FAILS(rt_autocast_set(11, 1, 15), "");
    FAILS(rt_autocast_get(-3, &enabled, &type), "unknown device type -3");
    FAILS(rt_autocast_set(0, 1, 99), "unknown scalar type 99");
}

// On a machine without CUDA each entry says so; with it they do a little work.
void cuda() {
    int32_t devices = 0;
    WORKS(rt_cuda_device_count(&devices));
    void *stream = nullptr, *other = nullptr, *graph = nullptr;
    int64_t bytes[4];
    if (devices == 0) {
        FAILS(rt_cuda_synchronize(0), "");
        FAILS(rt_stream_new(-1, &stream), "");
        FAILS(rt_stream_current(-1, &stream), "");
        FAILS(rt_stream_exchange(nullptr, &other), "");
        FAILS(rt_stream_wait(nullptr, nullptr), "");
        FAILS(rt_stream_synchronize(nullptr), "");
        FAILS(rt_stream_uses(nullptr, nullptr), "null tensor handle");
        rt_stream_release(nullptr);
    } else {
        WORKS(rt_stream_new(-1, &stream));
        WORKS(rt_stream_exchange(stream, &other));
        WORKS(rt_stream_wait(stream, other));
        rt_stream_release(stream);
        WORKS(rt_stream_current(-1, &stream));
        WORKS(rt_stream_synchronize(stream));
        WORKS(rt_stream_exchange(other, &graph));
        rt_stream_release(graph);
        rt_stream_release(stream);
        rt_stream_release(other);
        WORKS(rt_cuda_synchronize(0));
    }
    if (rt_cuda_absent() != nullptr) {
        FAILS(rt_cuda_memory(-1, bytes), rt_cuda_absent());
        FAILS(rt_cuda_reset_peak(-1), rt_cuda_absent());
        FAILS(rt_cuda_empty_cache(), rt_cuda_absent());
        FAILS(rt_cuda_graph_new(&graph), rt_cuda_absent());
        FAILS(rt_cuda_graph_do(nullptr, 2), rt_cuda_absent());
        rt_cuda_graph_release(nullptr);
    } else if (devices > 0) {
        WORKS(rt_cuda_memory(-1, bytes));
        WORKS(rt_cuda_reset_peak(-1));
        WORKS(rt_cuda_empty_cache());
        WORKS(rt_cuda_graph_new(&graph));
        FAILS(rt_cuda_graph_do(graph, 9), "unknown step of a graph 9");
        FAILS(rt_cuda_graph_do(graph, 2), "");
        rt_cuda_graph_release(graph);
    }
}
