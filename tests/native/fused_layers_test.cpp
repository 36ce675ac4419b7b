// The layers that the shim registers itself, beside libtorch's: LSTM, batch and group normalization.

#include "comparison.h"

namespace {

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

// Channels-last, or as it is.
Tensor ordered(const Tensor& x, bool last) { return tensor_of(op("aten::contiguous"), {of(x), of(int64_t{last ? 2 : 0})}); }

void normalizations() {
    for (bool relu : {false, true})
        for (int residual = 0; residual < 3; residual++) { // none, one of its own, and what x is made of
            auto through = [&](bool own, bool last = false) {
                return [=](const Inputs& in) {
                    const auto& r = in[3];
                    auto x = ordered(residual == 2 ? times(r, in[0]) : times(in[0], in[0]), last);
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
            for (std::vector<int64_t> sizes : {std::vector<int64_t>{3, 5, 7, 3}, {2, 5, 67, 61}}) SAME(make({sizes, {5}, {5}, sizes}), through(true, true), through(false));
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

    auto group = [](bool own, int64_t groups, bool silu, bool last = false) {
        return [=](const Inputs& in) {
            const auto x = ordered(in[0], last);
            const auto weight = in.size() > 1 ? of(in[1]) : none(), bias = in.size() > 2 ? of(in[2]) : none(), epsilon = of(0.1); // groups of one: with less only rounding would be compared
            if (own) return tensor_of(op("repro::group_norm"), {of(x), of(groups), weight, bias, epsilon, truth(silu)});
            auto y = tensor_of(op("aten::group_norm"), {of(x), of(groups), weight, bias, epsilon, truth(false)});
            return silu ? tensor_of(op("aten::silu"), {of(y)}) : std::move(y);
        };
    };
    for (int64_t groups : {1, 2, 3, 6})
        for (std::vector<int64_t> sizes : {std::vector<int64_t>{3, 6, 7, 3}, {1, 6, 1031}, {5, 6, 1}}) {
            for (bool silu : {false, true}) {
                SAME(make({sizes, {6}, {6}}), group(true, groups, silu), group(false, groups, silu));
                SAME(make({sizes}), group(true, groups, silu), group(false, groups, silu));
                if (sizes.size() == 4) SAME(make({sizes, {6}, {6}}), group(true, groups, silu, true), group(false, groups, silu));
            }
        }
    for (int64_t groups : {4, 0, -1}) EXPECT(fails("repro::group_norm", {of(x), of(groups), of(right), of(right), of(1e-5), truth(false)}));
    EXPECT(fails("repro::group_norm", {of(x), of(int64_t{2}), of(wrong), of(wrong), of(1e-5), truth(false)}));
}

} // namespace

void fused_layers() {
    lstm();
    normalizations();
}
