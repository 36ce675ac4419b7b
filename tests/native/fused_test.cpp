// The operators that the shim registers itself (repro::name), beside libtorch's, and shapes that are refused; LSTM and normalizations are in
// fused_layers_test.cpp. Sizes are no multiples of a vector's length, so that a loop's end is run too.

#include "comparison.h"

#include <limits>

namespace {

void elementwise() {
    for (const char* name : {"add", "sub", "mul"}) {
        auto ours = [&](const Inputs& in) { return tensor_of(op((std::string("repro::") + name).c_str()), {of(in[0]), of(in[1])}); };
        auto theirs = [&](const Inputs& in) { return tensor_of(op((std::string("aten::") + name).c_str(), "Tensor"), {of(in[0]), of(in[1])}); };
        for (std::vector<int64_t> sizes : {std::vector<int64_t>{}, {1}, {3, 7}, {1031}, {20011}, {0}, {2, 0, 3}}) SAME(make({sizes, sizes}), ours, theirs);
        SAME(make({{3, 1}, {3, 7}}), ours, theirs);
        auto turned = [](const Function& then) {
            return [=](const Inputs& in) {
                Inputs two;
                two.push_back(transposed(in[0])), two.push_back(added(in[1], in[1]));
                return then(two);
            };
        };
        SAME(make({{5, 3}, {3, 5}}), turned(ours), turned(theirs));
        auto a = random({2, 3}), b = random({2, 4});
        EXPECT(fails((std::string("repro::") + name).c_str(), {of(a), of(b)}));
    }
}

void linear() {
    auto through = [](const char* name) {
        return [=](const Inputs& in) { return tensor_of(op(name), {of(in[0]), of(in[1]), in.size() > 2 ? of(in[2]) : none()}); };
    };
    auto ours = through("repro::linear"), theirs = through("aten::linear");
    SAME(make({{1, 1}, {1, 1}, {1}}), ours, theirs);
    SAME(make({{5, 7}, {13, 7}, {13}}), ours, theirs);
    SAME(make({{5, 7}, {13, 7}}), ours, theirs);
    SAME(make({{2, 3, 7}, {13, 7}, {13}}), ours, theirs);
    SAME(make({{1, 1, 3, 7}, {1, 7}}), ours, theirs);
    SAME(make({{130, 101}, {259, 101}, {259}}), ours, theirs); // enough to be shared among threads
    SAME(make({{130, 101}, {259, 101}, {1}}), ours, theirs);
    SAME(make({{7}, {13, 7}, {13}}), ours, theirs);
    SAME(make({{0, 7}, {13, 7}, {13}}), ours, theirs);
    auto x = random({5, 7}), w = random({13, 8}), fits = random({13, 7}), b = random({12});
    EXPECT(fails("repro::linear", {of(x), of(w)}));
    EXPECT(fails("repro::linear", {of(x), of(fits), of(b)}));
}

Tensor classes(std::vector<int64_t> values) {
    auto made = filled({static_cast<int64_t>(values.size())}, 0, 4);
    void* data = nullptr;
    WORKS(rt_tensor_data(made.handle, &data));
    std::copy(values.begin(), values.end(), static_cast<int64_t*>(data));
    return made;
}

void cross_entropy() {
    std::vector<int64_t> many(1000);
    for (size_t i = 0; i < many.size(); i++) many[i] = i % 5 == 0 ? -100 : static_cast<int64_t>(i % 37);
    auto few = classes({0, 12, -100, 5, 5}), more = classes(many), all_ignored = classes({-100, -100});
    for (int64_t reduction : {0, 1, 2}) {
        auto check = [&](std::vector<int64_t> sizes, const Tensor& target) {
            SAME(make({sizes}), [&](const Inputs& in) { return tensor_of(op("repro::cross_entropy"), {of(in[0]), of(target), of(reduction)}); },
                [&](const Inputs& in) { return tensor_of(op("aten::cross_entropy_loss"), {of(in[0]), of(target), none(), of(reduction)}); });
        };
        check({5, 13}, few);
        check({1000, 37}, more);
        check({2, 1}, all_ignored);
    }
    auto logits = random({2, 3});
    for (std::vector<int64_t> outside : {std::vector<int64_t>{0, 3}, {-1, 0}}) {
        auto wrong = classes(outside);
        EXPECT(fails("repro::cross_entropy", {of(logits), of(wrong)}));
    }
    auto long_target = classes({0, 1, 2});
    EXPECT(fails("repro::cross_entropy", {of(logits), of(long_target)}));
    // What is not finite goes through as it does in libtorch.
    const float infinity = std::numeric_limits<float>::infinity(), nan = std::nanf("");
    for (float odd : {infinity, -infinity, nan, -nan, 1e30f, -1e30f}) {
        auto x = random({2, 19});
        void* data = nullptr;
        WORKS(rt_tensor_data(x.handle, &data));
        static_cast<float*>(data)[4] = odd;
        WORKS(rt_tensor_set_requires_grad(x.handle, 1));
        auto target = classes({1, 2});
        auto a = tensor_of(op("repro::cross_entropy"), {of(x), of(target), of(int64_t{0})});
        auto b = tensor_of(op("aten::cross_entropy_loss"), {of(x), of(target), none(), of(int64_t{0})});
        EXPECT(close(a, b));
        auto seed = filled({2}, 1);
        EXPECT(close(gradients_of(a, seed, {x.handle}, false)[0], gradients_of(b, seed, {x.handle}, false)[0]));
    }
}

void softplus() {
    auto ours = [](const Inputs& in) { return tensor_of(op("repro::softplus"), {of(in[0])}); };
    auto theirs = [](const Inputs& in) { return tensor_of(op("aten::softplus"), {of(in[0])}); };
    for (std::vector<int64_t> sizes : {std::vector<int64_t>{}, {1}, {3, 7}, {1031}, {40009}, {0}, {2, 0, 3}}) SAME(make({sizes}), ours, theirs);
    SAME(make({{5, 3}}), [&](const Inputs& in) { Inputs one; one.push_back(transposed(in[0])); return ours(one); },
        [&](const Inputs& in) { Inputs one; one.push_back(transposed(in[0])); return theirs(one); });
}

} // namespace

void fused() {
    elementwise();
    softplus();
    linear();
    cross_entropy();
}

// Not on several threads at once: they share the generator, whose numbers are compared here.
void fused_dropout() {
    auto through = [](const char* name, double p, bool train) {
        return [=](const Inputs& in) {
            WORKS(rt_manual_seed(3));
            random({7}); // a number of draws that is no whole state
            return tensor_of(op(name), {of(in[0]), of(p), truth(train)});
        };
    };
    for (double p : {0.0, 0.1, 0.5, 1.0})
        for (std::vector<int64_t> sizes : {std::vector<int64_t>{1}, {3, 7}, {313}, {5003}, {40009}}) SAME(make({sizes}), through("repro::dropout", p, true), through("aten::dropout", p, true));
    SAME(make({{3, 7}}), through("repro::dropout", 0.5, false), through("aten::dropout", 0.5, false));
    auto x = random({3});
    for (double p : {-0.1, 1.1}) EXPECT(fails("repro::dropout", {of(x), of(p), truth(true)}));
}
