// The steps of the optimizers, and what goes over all parameters in one call.

#include "checks.h"

#include <cmath>

void optimizers() {
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
    // A gradient whose memory holds its negative is taken for what it is.
    for (int64_t length : {1, 7}) {
        auto gradient = tensor_of(op("aten::_neg_view"), {of(filled({length}, -0.5))});
        double norm;
        for (int which = 0; which < 2; which++) {
            auto x = filled({length}, 1);
            WORKS(rt_tensor_set_requires_grad(x.handle, 1));
            WORKS(rt_tensor_set_grad(x.handle, gradient.handle));
            void *momentum = nullptr, *first_average = nullptr, *second_average = nullptr, *largest = nullptr;
            int64_t step = 0;
            if (which == 0) WORKS(rt_sgd_step(&x.handle, &momentum, 1, 0.5, 0, 0, 0, 0, 0));
            else WORKS(rt_adam_step(&x.handle, &first_average, &second_average, &largest, &step, 1, 0.25, 0.9, 0.999, 1e-8, 0, 0, 0, 0));
            EXPECT(std::fabs(first(x) - 0.75) < 1e-6);
            for (auto state : {first_average, second_average})
                if (state) rt_tensor_release(state);
            WORKS(rt_clip_gradient_norm(&x.handle, 1, 1e9, &norm));
            EXPECT(std::fabs(norm - 0.5 * std::sqrt(static_cast<double>(length))) < 1e-5);
        }
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
