// Backward, its modes, and blocks that are computed again in it.

#include "checks.h"

void gradients() {
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

void recomputing() {
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
