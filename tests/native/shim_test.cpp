// Drives the entries of the shim through calls that work and calls that fail; run by tests/native/sanitize under sanitizers and valgrind.
// What calls back is in callbacks_test.cpp, operators of our own in fused_test.cpp.

#include "checks.h"

#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <thread>

void callbacks();
void fused();
void fused_dropout();

static void operators() {
    void* add = op("aten::add", "Tensor");
    EXPECT(std::strstr(rt_operator_schema(add), "aten::add.Tensor(Tensor self") != nullptr);
    void* nothing = nullptr;
    FAILS(rt_operator("aten::no_such_thing", "", &nothing), "has no operator aten::no_such_thing");
    auto a = filled({2, 3}, 2), b = filled({2, 3}, 3), odd = filled({4}, 1);
    EXPECT(first(tensor_of(add, {of(a), of(b)})) == 5);
    EXPECT(first(tensor_of(add, {of(a), of(b), of(int64_t{2})})) == 8);
    EXPECT(first(tensor_of(add, {of(a), of(b), standard()})) == 5);
    Value results[6];
    int32_t produced;
    FAILS(call(add, {of(a), of(odd)}, results, &produced), "must match");
    FAILS(call(add, {of(a)}, results, &produced), "argument other is missing");
    FAILS(call(add, {of(a), standard()}, results, &produced), "argument other has no default");
    FAILS(call(add, {of(a), of(Tensor())}, results, &produced), "null tensor handle");
    FAILS(call(add, {of(a), of(b), of(1.0), of(1.0), of(1.0)}, results, &produced), "5 arguments were given");
    FAILS(call(add, {of(a), list(TAG_STRING, "x", 1)}, results, &produced), "");
    Value unknown{99, 0, {}};
    FAILS(call(add, {of(a), unknown}, results, &produced), "unknown argument tag 99");
    FAILS(rt_call(op("aten::topk"), std::vector<Value>{of(a), of(int64_t{1})}.data(), 2, results, 1, &produced), "returned 2 values");

    // Each kind of argument and of result.
    void* both[] = {a.handle, b.handle};
    EXPECT(first(tensor_of(op("aten::cat"), {list(TAG_TENSOR_LIST, both, 2), of(int64_t{0})})) == 2);
    void* half[] = {a.handle, nullptr};
    FAILS(call(op("aten::cat"), {list(TAG_TENSOR_LIST, half, 2)}, results, &produced), "null tensor handle");
    FAILS(call(op("aten::cat"), {list(TAG_TENSOR_LIST, nullptr, 0)}, results, &produced), "");
    auto where = filled({1}, 1, 4);
    void* places[] = {nullptr, where.handle};
    EXPECT(first(tensor_of(op("aten::index", "Tensor"), {of(a), list(TAG_OPTIONAL_TENSOR_LIST, places, 2)})) == 2);
    double scales[] = {2, 2};
    auto image = filled({1, 1, 2, 2}, 1);
    EXPECT(first(tensor_of(op("aten::upsample_nearest2d", "vec"), {of(image), none(), list(TAG_DOUBLE_LIST, scales, 2)})) == 1);
    WORKS(call(op("aten::split", "Tensor"), {of(a), of(int64_t{1}), of(int64_t{1})}, results, &produced));
    EXPECT(produced == 1 && results[0].tag == TAG_TENSOR_LIST && results[0].count == 3);
    for (int i = 0; i < results[0].count; i++) rt_tensor_release(static_cast<void**>(results[0].pointer)[i]);
    rt_free(results[0].pointer);
    WORKS(call(op("aten::equal"), {of(a), of(b)}, results, &produced));
    EXPECT(results[0].tag == TAG_BOOL && results[0].integer == 0);
    auto one = filled({}, 7);
    WORKS(call(op("aten::_local_scalar_dense"), {of(one)}, results, &produced));
    EXPECT(results[0].tag == TAG_DOUBLE && results[0].real == 7);
    auto whole = filled({}, 7, 4);
    WORKS(call(op("aten::_local_scalar_dense"), {of(whole)}, results, &produced));
    EXPECT(results[0].tag == TAG_INT && results[0].integer == 7);
    WORKS(call(op("aten::topk"), {of(a), of(int64_t{1})}, results, &produced));
    EXPECT(produced == 2);
    for (int i = 0; i < produced; i++) rt_tensor_release(results[i].pointer);
    EXPECT(first(tensor_of(op("aten::div", "Tensor_mode"), {of(b), of(a), list(TAG_STRING, "floor", 5)})) == 1);
    int64_t sizes[] = {2};
    Value device{TAG_DEVICE, -1, {}};
    tensor_of(op("aten::empty", "memory_format"), {list(TAG_INT_LIST, sizes, 1), of(int64_t{6}), none(), device});
    int64_t masked[] = {1, 0, 1};
    auto kernel = filled({1, 1, 1, 1}, 1);
    int64_t twos[] = {1, 1}, zeros[] = {0, 0};
    auto pair = [](int64_t* items) { return list(TAG_INT_LIST, items, 2); };
    WORKS(call(op("aten::convolution_backward"),
        {of(image), of(image), of(kernel), none(), pair(twos), pair(zeros), pair(twos), truth(false), pair(zeros), of(int64_t{1}), list(TAG_BOOL_LIST, masked, 3)}, results, &produced));
    EXPECT(produced == 3 && results[1].pointer == nullptr);
    for (int i = 0; i < produced; i++)
        if (results[i].pointer) rt_tensor_release(results[i].pointer);
    int64_t huge[] = {int64_t{1} << 50};
    FAILS(call(op("aten::empty", "memory_format"), {list(TAG_INT_LIST, huge, 1)}, results, &produced), "");

    const char* misfits;
    const char manifest[] = "aten::relu 1 0\naten::no_such_thing 1 0\naten::add.Tensor 9 0";
    WORKS(rt_check_operators(manifest, sizeof manifest - 1, &misfits));
    EXPECT(std::strstr(misfits, "aten::relu\taten::relu(Tensor self)") == misfits && std::strstr(misfits, "\naten::no_such_thing\t\naten::add.Tensor\t"));
    WORKS(rt_check_operators("", 0, &misfits));
    EXPECT(*misfits == 0);
}

static void tensors() {
    auto a = filled({2, 3}, 1);
    TensorInfo info;
    WORKS(rt_tensor_info(a.handle, &info));
    EXPECT(info.numel == 6 && info.dim == 2 && info.element_size == 4 && info.scalar_type == 6 && info.flags == (2 | 8));
    int64_t sizes[2], strides[2], offset;
    WORKS(rt_tensor_shape(a.handle, sizes, strides));
    EXPECT(sizes[0] == 2 && strides[0] == 3);
    WORKS(rt_tensor_shape(a.handle, nullptr, nullptr));
    auto part = tensor_of(op("aten::select", "int"), {of(a), of(int64_t{0}), of(int64_t{1})});
    WORKS(rt_tensor_storage_offset(part.handle, &offset));
    EXPECT(offset == 3);
    void *copy, *data;
    WORKS(rt_tensor_share(a.handle, &copy));
    EXPECT(copy == a.handle);
    rt_tensor_release(copy);
    FAILS(rt_tensor_info(nullptr, &info), "null tensor handle");
    FAILS(rt_tensor_share(nullptr, &copy), "null tensor handle");
    FAILS(rt_tensor_shape(nullptr, sizes, nullptr), "null tensor handle");
    FAILS(rt_tensor_data(nullptr, &data), "null tensor handle");
    FAILS(rt_tensor_storage_offset(nullptr, &offset), "null tensor handle");
    auto sparse = tensor_of(op("aten::to_sparse"), {of(a)});
    WORKS(rt_tensor_info(sparse.handle, &info));
    EXPECT((info.flags & 4) && !(info.flags & 8));
    FAILS(rt_tensor_data(sparse.handle, &data), "");
    auto whole = filled({2}, 1, 4);
    FAILS(rt_tensor_set_requires_grad(whole.handle, 1), "");
    auto b = filled({4}, 5);
    WORKS(rt_tensor_set_data(a.handle, b.handle));
    EXPECT(first(a) == 5);
    FAILS(rt_tensor_set_data(a.handle, nullptr), "null tensor handle");
    FAILS(rt_tensor_set_data(a.handle, sparse.handle), "");
}

static void gradients() {
    auto x = filled({3}, 2);
    WORKS(rt_tensor_set_requires_grad(x.handle, 1));
    void* grad;
    WORKS(rt_tensor_grad(x.handle, &grad));
    EXPECT(grad == nullptr);
    {
        auto square = times(x, x);
        WORKS(rt_tensor_retain_grad(square.handle));
        auto loss = sum(square);
        WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
        WORKS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0));
        FAILS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0), "second time");
        WORKS(rt_tensor_grad(square.handle, &grad));
        EXPECT(first(Tensor(grad)) >= 2);
    }
    WORKS(rt_tensor_grad(x.handle, &grad));
    EXPECT(first(Tensor(grad)) == 8);
    WORKS(rt_zero_grad(&x.handle, 1, 0));
    WORKS(rt_tensor_grad(x.handle, &grad));
    EXPECT(first(Tensor(grad)) == 0);
    WORKS(rt_zero_grad(&x.handle, 1, 1));
    {
        auto square = times(x, x), seed = filled({3}, 0.5), wrong = filled({2}, 1);
        FAILS(rt_backward(&square.handle, nullptr, 1, -1, 0, nullptr, 0), "scalar outputs");
        FAILS(rt_backward(&square.handle, &wrong.handle, 1, -1, 0, nullptr, 0), "");
        WORKS(rt_backward(&square.handle, &seed.handle, 1, 1, 1, &x.handle, 1)); // a gradient with a graph of its own
        WORKS(rt_zero_grad(&x.handle, 1, 0));
        WORKS(rt_zero_grad(&x.handle, 1, 1));
        void* found = nullptr;
        WORKS(rt_grad(&square.handle, &seed.handle, 1, &x.handle, 1, 1, 1, 0, &found));
        EXPECT(first(Tensor(found)) == 2);
        auto other = filled({1}, 1);
        WORKS(rt_tensor_set_requires_grad(other.handle, 1));
        FAILS(rt_grad(&square.handle, &seed.handle, 1, &other.handle, 1, 1, 0, 0, &found), "to not have been used");
        WORKS(rt_grad(&square.handle, &seed.handle, 1, &other.handle, 1, 1, 0, 1, &found));
        EXPECT(found == nullptr);
        Value results[6];
        int32_t produced;
        auto y = tensor_of(op("aten::exp"), {of(x)});
        WORKS(call(op("aten::add_", "Scalar"), {of(y), of(1.0)}, results, &produced));
        rt_tensor_release(results[0].pointer);
        auto loss = sum(y);
        FAILS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0), "modified by an inplace operation");
        FAILS(call(op("aten::add_", "Scalar"), {of(x), of(1.0)}, results, &produced), "leaf Variable that requires grad");
    }
    auto constant = filled({}, 1), wrong = filled({2}, 1), other_type = filled({3}, 1, 7);
    FAILS(rt_backward(&constant.handle, nullptr, 1, -1, 0, nullptr, 0), "does not require grad");
    FAILS(rt_tensor_retain_grad(constant.handle), "");
    FAILS(rt_tensor_set_grad(x.handle, wrong.handle), "gradient of shape");
    FAILS(rt_tensor_set_grad(x.handle, other_type.handle), "gradient of type");
    FAILS(rt_tensor_set_grad(nullptr, wrong.handle), "null tensor handle");
    WORKS(rt_tensor_set_grad(x.handle, nullptr));

    rt_set_grad_mode(0);
    EXPECT(rt_grad_mode() == 0);
    rt_set_grad_mode(1);
    void* mode;
    WORKS(rt_inference_mode_begin(1, &mode));
    EXPECT(rt_is_inference_mode() == 1);
    rt_inference_mode_end(mode);
    EXPECT(rt_is_inference_mode() == 0);
    rt_set_anomaly_mode(1, 0);
    EXPECT(rt_anomaly_mode() == 1 && rt_anomaly_checks_nan() == 0);
    rt_set_anomaly_mode(0, 1);
}

static int calls, releases, wrong_call;

// exp(x0) * x1, and the second input as it is; fails in its wrong_call-th call.
static int32_t recomputed(void*, void* const* inputs, int64_t n, void** outputs, int64_t outputs_n, char** error) {
    Tensor x(inputs[0]), y(inputs[1]);
    EXPECT(n == 2 && outputs_n == 2 && rt_grad_mode() == 1);
    if (++calls == wrong_call) {
        *error = strdup("no second time");
        return 1;
    }
    outputs[0] = times(tensor_of(op("aten::exp"), {of(x)}), y).take();
    outputs[1] = y.take();
    return 0;
}

static std::vector<Tensor> checkpoint(const Tensor& x, const Tensor& y) {
    void* inputs[] = {x.handle, y.handle};
    void* node = nullptr;
    WORKS(rt_recompute_begin(inputs, 2, 1, recomputed, [](void*) { releases++; }, &calls, &node));
    rt_set_grad_mode(0);
    auto product = times(tensor_of(op("aten::exp"), {of(x)}), y);
    rt_set_grad_mode(1);
    void* outputs[] = {product.handle, y.handle};
    void* results[2];
    WORKS(rt_recompute_end(node, outputs, 2, results));
    rt_recompute_drop(node);
    std::vector<Tensor> made;
    made.emplace_back(results[0]);
    made.emplace_back(results[1]);
    return made;
}

static void recomputing() {
    auto x = filled({2}, 0), y = filled({2}, 3);
    WORKS(rt_tensor_set_requires_grad(x.handle, 1));
    WORKS(rt_tensor_set_requires_grad(y.handle, 1));
    void* grad;
    {
        auto z = checkpoint(x, y);
        auto loss = sum(times(z[0], z[1])); // exp(x) y^2
        WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
        WORKS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0));
        FAILS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0), "second time");
        EXPECT(calls == 2 && releases == 1);
    }
    {
        auto z = checkpoint(x, y); // the other order: only the checkpoint's own guard is left to refuse
        auto loss = sum(z[0]);
        WORKS(rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0));
        auto again = sum(z[0]);
        FAILS(rt_backward(&again.handle, nullptr, 1, -1, 0, nullptr, 0), "second time");
    }
    WORKS(rt_tensor_grad(x.handle, &grad));
    EXPECT(first(Tensor(grad)) == 21);
    WORKS(rt_zero_grad(&x.handle, 1, 1));
    {
        auto z = checkpoint(x, y);
        auto loss = sum(z[0]);
        void* found = nullptr;
        FAILS(rt_grad(&loss.handle, nullptr, 1, &x.handle, 1, 1, 0, 0, &found), "not in autograd.grad()");
        FAILS(rt_backward(&loss.handle, nullptr, 1, 1, 1, nullptr, 0), "no second derivatives");
        wrong_call = calls + 1;
        FAILS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0), "no second time");
        WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
        EXPECT(rt_grad_mode() == 1);
    }
    {
        auto z = checkpoint(x, y); // never used
    }
    EXPECT(releases == 4);
    void* node = nullptr;
    FAILS(rt_recompute_begin(nullptr, -1, 1, recomputed, [](void*) { releases++; }, nullptr, &node), "");
    WORKS(rt_recompute_begin(nullptr, 0, 0, recomputed, [](void*) { releases++; }, &calls, &node));
    void* nothing = nullptr;
    FAILS(rt_recompute_end(node, &nothing, 1, &nothing), "null tensor handle");
    rt_recompute_drop(node);
    EXPECT(releases == 5);
}

static void machine() {
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
}

// On a machine without CUDA each entry says so; with it they do a little work.
static void cuda() {
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

static void optimizers() {
    // Odd lengths, so that a kernel's tail is run too; a parameter without a gradient; and a type that the kernels do not take.
    for (int64_t type : {6, 7})
    for (int64_t length : {1, 7, 1031, 40009}) {
        auto x = filled({length}, 1, type), idle = filled({length}, 1, type), gradient = filled({length}, 0.5, type);
        WORKS(rt_tensor_set_requires_grad(x.handle, 1));
        WORKS(rt_tensor_set_grad(x.handle, gradient.handle));
        void *parameters[] = {x.handle, idle.handle}, *momenta[] = {nullptr, nullptr}, *firsts[] = {nullptr, nullptr}, *seconds[] = {nullptr, nullptr}, *largests[] = {nullptr, nullptr};
        for (int step = 0; step < 3; step++)
            for (int flags = 0; flags < 4; flags++) WORKS(rt_sgd_step(parameters, momenta, 2, 0.1, 0.9, 0, 0.01, flags & 1, flags >> 1));
        EXPECT(momenta[0] != nullptr && momenta[1] == nullptr);
        int64_t steps[] = {0, 0};
        for (int step = 0; step < 3; step++)
            for (int flags = 0; flags < 8; flags++)
                WORKS(rt_adam_step(parameters, firsts, seconds, largests, steps, 2, 0.1, 0.9, 0.999, 1e-8, 0.01, flags & 1, (flags >> 1) & 1, flags >> 2));
        for (int flags = 0; flags < 8; flags++) {
            auto square = filled({length}, 0, type), unused = filled({length}, 0, type);
            void *squares[] = {square.handle, unused.handle}, *buffers[] = {nullptr, nullptr}, *means[] = {nullptr, nullptr};
            for (int step = 0; step < 3; step++)
                WORKS(rt_rmsprop_step(parameters, squares, buffers, means, steps, 2, 0.01, 0.99, 1e-8, 0.01, flags & 1 ? 0.9 : 0, (flags >> 1) & 1, flags >> 2));
            EXPECT((buffers[0] != nullptr) == ((flags & 1) != 0) && (means[0] != nullptr) == ((flags & 2) != 0) && buffers[1] == nullptr);
            for (auto state : {buffers[0], means[0]})
                if (state) rt_tensor_release(state);
        }
        auto total = filled({length}, 0, type), other_total = filled({length}, 0, type);
        void* totals[] = {total.handle, other_total.handle};
        steps[0] = 0;
        for (double decay : {0.0, 0.01}) WORKS(rt_adagrad_step(parameters, totals, steps, 2, 0.01, 0.1, 1e-10, decay));
        EXPECT(steps[0] == 2 && steps[1] == 0);
        EXPECT(finite(x));
        double norm;
        WORKS(rt_clip_gradient_norm(parameters, 2, 0.1, &norm));
        EXPECT(std::fabs(norm - 0.5 * std::sqrt(static_cast<double>(length))) < 1e-4 * norm);
        void* targets[] = {idle.handle};
        WORKS(rt_lerp_all(targets, parameters, 1, 0.25));
        auto shorter = filled({length + 1}, 1);
        void* wrong[] = {shorter.handle};
        FAILS(rt_lerp_all(targets, wrong, 1, 0.25), "");
        for (auto state : {momenta, firsts, seconds, largests})
            if (state[0]) rt_tensor_release(state[0]);
    }
    void* null[] = {nullptr};
    int64_t step = 0;
    double norm;
    FAILS(rt_sgd_step(null, null, 1, 0.1, 0, 0, 0, 0, 0), "null tensor handle");
    FAILS(rt_adam_step(null, null, null, null, &step, 1, 0.1, 0.9, 0.999, 1e-8, 0, 0, 0, 0), "null tensor handle");
    FAILS(rt_rmsprop_step(null, null, null, null, &step, 1, 0.1, 0.99, 1e-8, 0, 0, 0, 0), "null tensor handle");
    FAILS(rt_adagrad_step(null, null, &step, 1, 0.1, 0, 1e-10, 0), "null tensor handle");
    auto x = filled({3}, 1), gradient = filled({3}, 1), shorter = filled({2}, 0);
    WORKS(rt_tensor_set_requires_grad(x.handle, 1));
    WORKS(rt_tensor_set_grad(x.handle, gradient.handle));
    void* states[] = {nullptr};
    FAILS(rt_rmsprop_step(&x.handle, null, states, states, &step, 1, 0.1, 0.99, 1e-8, 0, 0, 0, 0), "null tensor handle");
    FAILS(rt_rmsprop_step(&x.handle, &shorter.handle, states, states, &step, 1, 0.1, 0.99, 1e-8, 0, 0, 0, 0), "");
    FAILS(rt_adagrad_step(&x.handle, null, &step, 1, 0.1, 0, 1e-10, 0), "null tensor handle");
    FAILS(rt_adagrad_step(&x.handle, &shorter.handle, &step, 1, 0.1, 0, 1e-10, 0), "");
    FAILS(rt_lerp_all(null, null, 1, 1), "null tensor handle");
    FAILS(rt_clip_gradient_norm(null, 1, 1, &norm), "null tensor handle");
}

int main() {
    operators();
    tensors();
    gradients();
    recomputing();
    machine();
    cuda();
    callbacks();
    optimizers();
    fused();
    fused_dropout();
    // Again on several threads at once: messages and modes are a thread's own, tensors are shared by nobody here.
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; i++)
        threads.emplace_back([] {
            operators();
            tensors();
            gradients();
            callbacks();
            optimizers();
            fused();
        });
    for (auto& thread : threads) thread.join();
    std::printf("%d failed\n", failures.load());
    // The process ends while others still compute, as a program's background threads do.
    for (int i = 0; i < 2; i++)
        std::thread([] {
            for (;;) {
                auto x = filled({16}, 1);
                rt_tensor_set_requires_grad(x.handle, 1);
                auto loss = sum(times(x, x));
                rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0);
            }
        }).detach();
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    rt_ending();
    return failures == 0 ? 0 : 1;
}
