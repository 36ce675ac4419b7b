// What libtorch calls back: functions with a backward of their own, hooks on gradients, and memory that is not libtorch's.

#include "checks.h"

namespace {

// The product of its two inputs.
struct Product {
    void* inputs[2];
    int64_t forward_error = 0, backward_error = 0;
    int backwards = 0, releases = 0;
    bool keeps_null = false;
    Tensor output{};
    void* outputs[2] = {};

    static int64_t forward(void* context, Forward* result) {
        auto& self = *static_cast<Product*>(context);
        if (self.forward_error) return self.forward_error;
        Tensor a(self.inputs[0]), b(self.inputs[1]); // borrowed
        self.output = times(a, b);
        a.take(), b.take();
        self.outputs[0] = self.keeps_null ? nullptr : self.output.handle;
        result->outputs = self.outputs;
        result->outputs_n = 1;
        result->saved = self.inputs;
        result->saved_n = 2;
        result->materialize_gradients = 1;
        return 0;
    }

    static int64_t backward(void* context, void** gradients, int64_t n, void** saved, int64_t saved_n, void** results, int64_t results_n) {
        auto& self = *static_cast<Product*>(context);
        EXPECT(n == 1 && saved_n == 2 && results_n == 2);
        Tensor gradient(gradients[0]), a(saved[0]), b(saved[1]); // owned
        self.backwards++;
        results[0] = times(gradient, b).take(); // given back even where an error follows
        if (self.backward_error) return self.backward_error;
        results[1] = times(gradient, a).take();
        return 0;
    }

    static void release(void* context) { static_cast<Product*>(context)->releases++; }
};

Tensor leaf(std::vector<int64_t> sizes, double value) {
    auto made = filled(std::move(sizes), value);
    WORKS(rt_tensor_set_requires_grad(made.handle, 1));
    return made;
}

Tensor apply(Product& product) {
    void** outputs = nullptr;
    int64_t produced = 0;
    WORKS(rt_function_apply(&product, Product::forward, Product::backward, Product::release, product.inputs, 2, &outputs, &produced));
    EXPECT(produced == 1);
    product.output.reset();
    Tensor made(produced == 1 ? outputs[0] : nullptr);
    rt_free(outputs);
    return made;
}

void functions() {
    auto a = leaf({5}, 2), b = leaf({5}, 3);
    void** outputs = nullptr;
    int64_t produced = 0;
    Product product{{a.handle, b.handle}};
    {
        auto y = apply(product), loss = sum(y);
        EXPECT(first(y) == 6 && product.releases == 0);
        void* found[2] = {};
        void* inputs[] = {a.handle, b.handle};
        WORKS(rt_grad(&loss.handle, nullptr, 1, inputs, 2, 1, 1, 0, found));
        Tensor da(found[0]), db(found[1]);
        EXPECT(first(da) == 3 && first(db) == 2);
        auto again = sum(times(da, db)); // a b: through the backward's own graph
        void* second = nullptr;
        WORKS(rt_grad(&again.handle, nullptr, 1, &a.handle, 1, 1, 0, 0, &second));
        EXPECT(first(Tensor(second)) == 3);
        product.backward_error = 41;
        FAILS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0), "managed exception 41");
        product.backward_error = 0;
        WORKS(rt_backward(&loss.handle, nullptr, 1, 0, 0, nullptr, 0));
        FAILS(rt_backward(&loss.handle, nullptr, 1, 0, 0, nullptr, 0), "second time");
        // A new sum over it: libtorch no longer refuses before it comes to the function itself.
        auto other = sum(y);
        int before = product.backwards;
        FAILS(rt_backward(&other.handle, nullptr, 1, 0, 0, nullptr, 0), "second time");
        EXPECT(product.backwards == before);
    }
    EXPECT(product.releases == 1);
    Product failing{{a.handle, b.handle}, 42};
    FAILS(rt_function_apply(&failing, Product::forward, Product::backward, Product::release, failing.inputs, 2, &outputs, &produced), "managed exception 42");
    EXPECT(failing.releases == 1);
    std::vector<void*> many(33, a.handle);
    FAILS(rt_function_apply(&failing, Product::forward, Product::backward, Product::release, many.data(), 33, &outputs, &produced), "at most 32 tensors, not 33");
    EXPECT(failing.releases == 2);
    FAILS(rt_function_apply(&failing, Product::forward, Product::backward, Product::release, many.data(), -1, &outputs, &produced), "");
    EXPECT(failing.releases == 3);
    Product null{{a.handle, b.handle}};
    null.keeps_null = true;
    FAILS(rt_function_apply(&null, Product::forward, Product::backward, Product::release, null.inputs, 2, &outputs, &produced), "");
    EXPECT(null.releases == 1);
    // Nothing asks for a gradient: no graph holds the context.
    auto constant = filled({5}, 4);
    Product still{{constant.handle, constant.handle}};
    EXPECT(first(apply(still)) == 16 && still.releases == 1);
}

struct Hook {
    int64_t error = 0;
    int calls = 0, releases = 0;
    bool replaces = true;
    static int64_t call(void* context, void* gradient, void** replacement) {
        auto& self = *static_cast<Hook*>(context);
        Tensor given(gradient);
        self.calls++;
        if (self.replaces) *replacement = times(given, given).take();
        return self.error;
    }
    static void release(void* context) { static_cast<Hook*>(context)->releases++; }
};

// Removes itself and adds another while it is called.
struct Changing {
    void* tensor;
    int64_t number = 0;
    int calls = 0, releases = 0;
    Hook other;
    static int64_t call(void* context, void* gradient, void**) {
        auto& self = *static_cast<Changing*>(context);
        Tensor given(gradient);
        WORKS(rt_hook_remove(self.number));
        EXPECT(self.releases == 0); // not before its end
        for (int i = 0; i < 100; i++) WORKS(rt_tensor_register_hook(self.tensor, &self.other, Hook::call, Hook::release, &self.number));
        self.calls++;
        return 0;
    }
    static void release(void* context) { static_cast<Changing*>(context)->releases++; }
};

void changing() {
    auto x = leaf({3}, 5), y = times(x, x), loss = sum(y);
    Changing self{y.handle};
    Hook before, after;
    int64_t first_number, last_number;
    WORKS(rt_tensor_register_hook(y.handle, &before, Hook::call, Hook::release, &first_number));
    WORKS(rt_tensor_register_hook(y.handle, &self, Changing::call, Changing::release, &self.number));
    WORKS(rt_tensor_register_hook(y.handle, &after, Hook::call, Hook::release, &last_number));
    WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
    EXPECT(self.calls == 1 && self.releases == 1 && before.calls == 1 && after.calls == 1);
    // One that is removed takes no other with it, and none comes into its place.
    WORKS(rt_hook_remove(first_number));
    WORKS(rt_tensor_register_hook(y.handle, &self.other, Hook::call, Hook::release, &self.number));
    WORKS(rt_hook_remove(first_number));
    y.reset(); // the graph still has it
    WORKS(rt_hook_remove(last_number));
    EXPECT(before.releases == 1 && after.releases == 1);
    int until_now = self.other.calls;
    WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
    EXPECT(self.calls == 1 && before.calls == 1 && after.calls == 1 && self.other.calls == until_now + 101);
}

void hooks() {
    Hook hook;
    int64_t number = -1;
    void* found = nullptr;
    {
        auto x = leaf({3}, 5), y = times(x, x), loss = sum(y);
        WORKS(rt_tensor_register_hook(x.handle, &hook, Hook::call, Hook::release, &number));
        for (bool replaces : {true, false})
            for (int64_t error : {0, 43}) {
                hook.replaces = replaces;
                hook.error = error;
                WORKS(rt_zero_grad(&x.handle, 1, 1));
                if (error) {
                    FAILS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0), "managed exception 43");
                    continue;
                }
                WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
                WORKS(rt_tensor_grad(x.handle, &found));
                EXPECT(first(Tensor(found)) == (replaces ? 100 : 10));
            }
        EXPECT(hook.calls == 4 && hook.releases == 0);
        for (int64_t never : {int64_t{0}, int64_t{-1}, number + (int64_t{1} << 32)}) FAILS(rt_hook_remove(never), std::to_string(never).c_str());
        for (int again = 0; again < 2; again++) {
            WORKS(rt_hook_remove(number));
            EXPECT(hook.releases == 1);
        }
        Hook kept; // until its tensor goes
        {
            auto z = times(x, x);
            WORKS(rt_tensor_register_hook(z.handle, &kept, Hook::call, Hook::release, &number));
            auto other = sum(z);
            WORKS(rt_backward(&other.handle, nullptr, 1, 0, 0, nullptr, 0));
        }
        EXPECT(kept.calls == 1 && kept.releases == 1);
        WORKS(rt_hook_remove(number)); // gone with its tensor
        EXPECT(kept.releases == 1);
    }
    changing();
    auto constant = filled({3}, 1);
    FAILS(rt_tensor_register_hook(constant.handle, &hook, Hook::call, Hook::release, &number), "");
    EXPECT(hook.releases == 2);
    FAILS(rt_tensor_register_hook(nullptr, &hook, Hook::call, Hook::release, &number), "null tensor handle");
    EXPECT(hook.releases == 3);
}

void memory() {
    static const auto counted = [](void* context) { ++*static_cast<int*>(context); };
    int releases = 0;
    float numbers[] = {1, 2, 3, 4, 5};
    void *made = nullptr, *data = nullptr;
    int64_t bytes = 0;
    {
        WORKS(rt_tensor_of_memory(numbers, 5, 6, &releases, counted, &made));
        Tensor tensor(made);
        auto part = tensor_of(op("aten::slice", "Tensor"), {of(tensor), of(int64_t{0}), of(int64_t{2})});
        WORKS(rt_tensor_storage(part.handle, &data, &bytes));
        EXPECT(data == numbers && bytes == sizeof numbers);
        EXPECT(first(part) == 3);
        auto nothing = tensor_of(op("aten::slice", "Tensor"), {of(tensor), of(int64_t{0}), of(int64_t{3}), of(int64_t{3})});
        WORKS(rt_tensor_storage(nothing.handle, &data, &bytes)); // of no elements, at an offset
        EXPECT(data == numbers && bytes == sizeof numbers);
        EXPECT(releases == 0);
    }
    EXPECT(releases == 1);
    WORKS(rt_tensor_of_memory(nullptr, 0, 6, &releases, counted, &made));
    rt_tensor_release(made);
    EXPECT(releases == 2);
    FAILS(rt_tensor_of_memory(numbers, -5, 6, &releases, counted, &made), "");
    EXPECT(releases == 3);
    FAILS(rt_tensor_of_memory(numbers, 5, 99, &releases, counted, &made), "");
    EXPECT(releases == 4);
    FAILS(rt_tensor_storage(nullptr, &data, &bytes), "null tensor handle");
    auto sparse = tensor_of(op("aten::to_sparse"), {of(filled({2, 2}, 1))});
    FAILS(rt_tensor_storage(sparse.handle, &data, &bytes), "");
}

} // namespace

void callbacks() {
    functions();
    hooks();
    memory();
}
