// The operators that the shim registers itself (repro::name), beside libtorch's: values, gradients, gradients of gradients, and shapes that are
// refused. Sizes are no multiples of a vector's length, so that a loop's end is run too.

#include "checks.h"

#include <cmath>
#include <functional>
#include <limits>

namespace {

using Inputs = std::vector<Tensor>;
using Function = std::function<Tensor(const Inputs&)>;

Value whole(std::vector<int64_t>& sizes) { return list(TAG_INT_LIST, sizes.data(), static_cast<int32_t>(sizes.size())); }
Tensor random(std::vector<int64_t> sizes) { return tensor_of(op("aten::randn"), {whole(sizes)}); }
Tensor flat(const Tensor& a) {
    std::vector<int64_t> all{-1};
    return tensor_of(op("aten::reshape"), {of(a), whole(all)});
}
Tensor transposed(const Tensor& a) { return tensor_of(op("aten::transpose", "int"), {of(a), of(int64_t{0}), of(int64_t{1})}); }
Tensor joined(const std::vector<Tensor>& parts) {
    std::vector<void*> handles;
    for (auto& part : parts) handles.push_back(part.handle);
    return tensor_of(op("aten::cat"), {list(TAG_TENSOR_LIST, handles.data(), static_cast<int32_t>(handles.size()))});
}
Tensor added(const Tensor& a, const Tensor& b) { return tensor_of(op("aten::add", "Tensor"), {of(a), of(b)}); }
// Beside the largest of the numbers: what cancels to a small one keeps the rounding of the large ones.
bool close(const Tensor& a, const Tensor& b) {
    if (!a.handle || !b.handle) return a.handle == b.handle;
    TensorInfo info;
    WORKS(rt_tensor_info(b.handle, &info));
    const double largest = info.numel == 0 ? 0 : first(tensor_of(op("aten::max"), {of(tensor_of(op("aten::abs"), {of(b)}))}));
    return yes(op("aten::allclose"), {of(a), of(b), of(1e-3), of(1e-4 * (std::isfinite(largest) ? 1 + largest : 1)), truth(true)});
}

bool fails(const char* name, const std::vector<Value>& arguments) {
    Value results[6];
    int32_t produced;
    return call(op(name), arguments, results, &produced) == 1;
}

std::vector<Tensor> gradients_of(const Tensor& output, const Tensor& seed, const std::vector<void*>& inputs, bool create) {
    std::vector<void*> found(inputs.size(), nullptr);
    int failed = rt_grad(&output.handle, &seed.handle, 1, inputs.data(), inputs.size(), create, create, 1, found.data());
    EXPECT(failed == 0);
    std::vector<Tensor> made;
    for (auto each : found) made.emplace_back(each);
    return made;
}

// As `ours`, so `theirs`: without and with a graph, its gradients, and those of the sum of the gradients' squares.
void same(int line, const Inputs& inputs, const Function& ours, const Function& theirs) {
    int before = failures;
    rt_set_grad_mode(0);
    EXPECT(close(ours(inputs), theirs(inputs)));
    rt_set_grad_mode(1);
    std::vector<void*> handles;
    for (auto& input : inputs) {
        WORKS(rt_tensor_set_requires_grad(input.handle, 1));
        handles.push_back(input.handle);
    }
    auto a = ours(inputs), b = theirs(inputs);
    EXPECT(close(a, b));
    auto seed = tensor_of(op("aten::randn_like"), {of(b)});
    WORKS(rt_tensor_set_requires_grad(seed.handle, 1));
    {
        auto da = gradients_of(a, seed, handles, false), db = gradients_of(b, seed, handles, false);
        for (size_t i = 0; i < da.size(); i++) EXPECT(close(da[i], db[i]));
    }
    a = ours(inputs), b = theirs(inputs);
    auto seconds = handles;
    seconds.push_back(seed.handle);
    std::vector<Tensor> found[2];
    for (int side = 0; side < 2; side++) {
        auto firsts = gradients_of(side ? b : a, seed, handles, true);
        Tensor total;
        for (auto& each : firsts)
            if (each.handle) total = total.handle ? added(total, sum(times(each, each))) : sum(times(each, each));
        found[side] = gradients_of(total, filled({}, 1), seconds, false);
    }
    for (size_t i = 0; i < seconds.size(); i++) EXPECT(close(found[0][i], found[1][i]));
    auto loss = sum(ours(inputs));
    WORKS(rt_backward(&loss.handle, nullptr, 1, 1, 0, nullptr, 0));
    WORKS(rt_backward(&loss.handle, nullptr, 1, 0, 0, nullptr, 0));
    WORKS(rt_zero_grad(handles.data(), handles.size(), 1));
    for (auto handle : handles) WORKS(rt_tensor_set_requires_grad(handle, 0));
    if (failures != before) std::fprintf(stderr, "... in the comparison of line %d\n", line);
}
#define SAME(inputs, ours, theirs) same(__LINE__, inputs, ours, theirs)

Inputs make(std::initializer_list<std::vector<int64_t>> sizes) {
    Inputs made;
    for (auto& each : sizes) made.push_back(random(each));
    return made;
}

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

struct Shape {
    int64_t steps, batch, inputs, hidden, layers;
    bool bidirectional, biases, batch_first;
};

Inputs lstm_inputs(const Shape& s) {
    const int64_t directions = s.bidirectional ? 2 : 1;
    auto in = s.batch_first ? make({{s.batch, s.steps, s.inputs}}) : make({{s.steps, s.batch, s.inputs}});
    for (int i = 0; i < 2; i++) in.push_back(random({s.layers * directions, s.batch, s.hidden}));
    for (int64_t layer = 0; layer < s.layers; layer++)
        for (int64_t direction = 0; direction < directions; direction++) {
            in.push_back(random({4 * s.hidden, layer == 0 ? s.inputs : directions * s.hidden}));
            in.push_back(random({4 * s.hidden, s.hidden}));
            if (s.biases)
                for (int i = 0; i < 2; i++) in.push_back(random({4 * s.hidden}));
        }
    return in;
}

int lstm_call(const char* name, const char* overload, const Inputs& in, const Shape& s, Value* results) {
    void* state[] = {in[1].handle, in[2].handle};
    std::vector<void*> parameters;
    for (size_t i = 3; i < in.size(); i++) parameters.push_back(in[i].handle);
    int32_t produced = 0;
    int failed = call(op(name, overload), {of(in[0]), list(TAG_TENSOR_LIST, state, 2), list(TAG_TENSOR_LIST, parameters.data(), static_cast<int32_t>(parameters.size())),
        truth(s.biases), of(s.layers), of(0.0), truth(false), truth(s.bidirectional), truth(s.batch_first)}, results, &produced);
    EXPECT(failed || produced == 3);
    return failed;
}

Function lstm_of(const char* name, const char* overload, Shape s) {
    return [=](const Inputs& in) {
        Value results[6];
        WORKS(lstm_call(name, overload, in, s, results));
        std::vector<Tensor> parts;
        for (int i = 0; i < 3; i++) parts.push_back(flat(Tensor(results[i].pointer)));
        return joined(parts);
    };
}

void lstm() {
    for (Shape s : {Shape{1, 1, 5, 7, 2, true, true, false}, {1, 1, 1, 1, 2, true, false, true}, {3, 3, 17, 19, 2, true, true, true}, {5, 1, 3, 33, 1, false, true, false},
             {4, 70, 11, 37, 1, true, false, false}})
        SAME(lstm_inputs(s), lstm_of("repro::lstm", "", s), lstm_of("aten::lstm", "input", s));
    // One tensor at a time of a wrong shape.
    Shape s{2, 3, 5, 7, 2, true, true, false};
    Value results[6];
    for (size_t wrong = 3; wrong < lstm_inputs(s).size(); wrong++) {
        auto in = lstm_inputs(s);
        in[wrong] = tensor_of(op("aten::slice", "Tensor"), {of(in[wrong]), of(int64_t{0}), of(int64_t{0}), of(int64_t{1})});
        bool bias = (wrong - 3) % 4 >= 2; // one number is as good as 28 alike
        int ours = lstm_call("repro::lstm", "", in, s, results);
        if (!ours)
            for (int i = 0; i < 3; i++) rt_tensor_release(results[i].pointer);
        EXPECT(bias || ours == 1);
    }
    auto in = lstm_inputs(s);
    in[1] = random({4, 2, 7}), in[2] = random({4, 2, 7});
    EXPECT(lstm_call("repro::lstm", "", in, s, results) == 1);
    s.layers = 0;
    in = lstm_inputs(s);
    EXPECT(lstm_call("repro::lstm", "", in, s, results) == 1);
    s = {2, 3, 5, 0, 1, false, true, false}; // no units: libtorch's answer, whichever that is
    in = lstm_inputs(s);
    int ours = lstm_call("repro::lstm", "", in, s, results);
    if (!ours)
        for (int i = 0; i < 3; i++) rt_tensor_release(results[i].pointer);
}

void normalizations() {
    for (bool relu : {false, true})
        for (int residual = 0; residual < 3; residual++) { // none, one of its own, and what x is made of
            auto through = [&](bool own) {
                return [=](const Inputs& in) {
                    const auto& r = in[3];
                    auto x = residual == 2 ? times(r, in[0]) : times(in[0], in[0]);
                    auto extra = residual ? of(r) : none();
                    auto mean = filled({5}, 0), variance = filled({5}, 1);
                    Tensor y;
                    if (own) y = tensor_of(op("repro::batch_norm"), {of(x), of(in[1]), of(in[2]), of(mean), of(variance), extra, of(0.1), of(1e-5), truth(relu)});
                    else {
                        y = tensor_of(op("aten::batch_norm"), {of(x), of(in[1]), of(in[2]), of(mean), of(variance), truth(true), of(0.1), of(1e-5), truth(false)});
                        if (residual) y = added(y, r);
                        if (relu) y = tensor_of(op("aten::relu"), {of(y)});
                    }
                    std::vector<Tensor> parts;
                    parts.push_back(flat(y)), parts.push_back(std::move(mean)), parts.push_back(std::move(variance));
                    return joined(parts);
                };
            };
            for (std::vector<int64_t> sizes : {std::vector<int64_t>{3, 5, 7, 3}, {19, 5}, {2, 5, 1031}}) SAME(make({sizes, {5}, {5}, sizes}), through(true), through(false));
        }
    auto plain = [](const char* name) {
        return [=](const Inputs& in) {
            if (std::strcmp(name, "repro::batch_norm") == 0) return tensor_of(op(name), {of(in[0]), none(), none(), none(), none(), none(), of(0.1), of(1e-5), truth(false)});
            return tensor_of(op(name), {of(in[0]), none(), none(), none(), none(), truth(true), of(0.1), of(1e-5), truth(false)});
        };
    };
    SAME(make({{3, 5, 7}}), plain("repro::batch_norm"), plain("aten::batch_norm"));
    auto x = random({3, 6, 7}), wrong = random({5}), right = random({6}), residual = random({3, 6, 8});
    EXPECT(fails("repro::batch_norm", {of(x), of(wrong), none(), none(), none(), none(), of(0.1), of(1e-5), truth(false)}));
    EXPECT(fails("repro::batch_norm", {of(x), none(), none(), of(wrong), of(wrong), none(), of(0.1), of(1e-5), truth(false)}));
    EXPECT(fails("repro::batch_norm", {of(x), none(), none(), none(), none(), of(residual), of(0.1), of(1e-5), truth(false)}));

    auto group = [](bool own, int64_t groups, bool silu) {
        return [=](const Inputs& in) {
            const auto weight = in.size() > 1 ? of(in[1]) : none(), bias = in.size() > 2 ? of(in[2]) : none(), epsilon = of(0.1); // groups of one: with less only rounding would be compared
            if (own) return tensor_of(op("repro::group_norm"), {of(in[0]), of(groups), weight, bias, epsilon, truth(silu)});
            auto y = tensor_of(op("aten::group_norm"), {of(in[0]), of(groups), weight, bias, epsilon, truth(false)});
            return silu ? tensor_of(op("aten::silu"), {of(y)}) : std::move(y);
        };
    };
    for (int64_t groups : {1, 2, 3, 6})
        for (std::vector<int64_t> sizes : {std::vector<int64_t>{3, 6, 7, 3}, {1, 6, 1031}, {5, 6, 1}}) {
            for (bool silu : {false, true}) {
                SAME(make({sizes, {6}, {6}}), group(true, groups, silu), group(false, groups, silu));
                SAME(make({sizes}), group(true, groups, silu), group(false, groups, silu));
            }
        }
    for (int64_t groups : {4, 0, -1}) EXPECT(fails("repro::group_norm", {of(x), of(groups), of(right), of(right), of(1e-5), truth(false)}));
    EXPECT(fails("repro::group_norm", {of(x), of(int64_t{2}), of(wrong), of(wrong), of(1e-5), truth(false)}));
}

} // namespace

void fused() {
    elementwise();
    linear();
    cross_entropy();
    lstm();
    normalizations();
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
