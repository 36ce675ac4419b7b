// Drives the entries of the shim through calls that work and calls that fail; run by tests/native/sanitize under sanitizers and valgrind.
// Here operators and tensors; the rest of the entries by topic in the files beside this one.

#include "checks.h"

#include <thread>

void callbacks();
void cuda();
void fused();
void fused_dropout();
void fused_layers();
void gradients();
void machine();
void optimizers();
void recomputing();

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

    // What libtorch would look up in its tables, or end the process over.
    auto empty = [&](Value type, Value layout, Value where, Value format) {
        return call(op("aten::empty", "memory_format"), {list(TAG_INT_LIST, sizes, 1), type, layout, where, none(), format}, results, &produced);
    };
    for (int64_t odd : {int64_t{-1}, int64_t{18}, int64_t{99}, int64_t{200}, int64_t{1} << 40}) {
        FAILS(empty(of(odd), none(), none(), none()), ("unknown scalar type " + std::to_string(odd)).c_str());
        FAILS(empty(none(), of(odd), none(), none()), ("unknown layout " + std::to_string(odd)).c_str());
        FAILS(empty(none(), none(), none(), of(odd)), ("unknown memory format " + std::to_string(odd)).c_str());
        FAILS(call(op("aten::sum"), {of(a), of(odd)}, results, &produced), ("unknown scalar type " + std::to_string(odd)).c_str());
    }
    for (int64_t odd : {int64_t{-1}, int64_t{99}, int64_t{1} << 40}) {
        device.integer = odd, device.count = -1;
        FAILS(empty(none(), none(), device, none()), ("unknown device type " + std::to_string(odd)).c_str());
    }
    for (int32_t odd : {-2, 128, 256}) {
        device.integer = 0, device.count = odd;
        FAILS(empty(none(), none(), device, none()), ("no device has the index " + std::to_string(odd)).c_str());
    }

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
    fused_layers();
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
            fused_layers();
        });
    for (auto& thread : threads) thread.join();
    std::printf("%d failed\n", failures.load());
    // The process ends while others still compute, as a program's background threads do.
    static std::atomic<int> steps{0}; // beyond the end of main
    for (int i = 0; i < 2; i++)
        std::thread([] {
            for (;; steps++) {
                auto x = filled({16}, 1);
                rt_tensor_set_requires_grad(x.handle, 1);
                auto loss = sum(times(x, x));
                rt_backward(&loss.handle, nullptr, 1, -1, 0, nullptr, 0);
            }
        }).detach();
    while (steps < 100) std::this_thread::yield();
    rt_ending();
    return failures == 0 ? 0 : 1;
}
