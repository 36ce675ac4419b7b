// An LSTM's layer as one node: the inputs of all steps in one product, a step's gates in one pass, and backward the gradients of both weights
// in one product each over all steps. libtorch records a dozen nodes a step and adds up the weights' gradients step by step.
#include "fused.h"
#include "blas.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/lstm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

namespace rt {
namespace {

constexpr int64_t work_of_a_thread = 2048; // cells

// Rows of a step, shared where there are many.
template <class Work>
void over_rows(int64_t batch, int64_t hidden, const Work& work) {
    at::parallel_for(0, batch, std::max<int64_t>(1, work_of_a_thread / hidden), [&](int64_t begin, int64_t end) {
        for (int64_t row = begin; row < end; row++) work(row);
    });
}

// One direction of one layer. Inputs: x [T, B, I], h0 and c0 [B, H], weights [4H, I] and [4H, H], biases [4H] or none.
struct Layer {
    int64_t steps, batch, inputs, hidden;
    bool reversed;
    int64_t at(int64_t step) const { return reversed ? steps - 1 - step : step; }
    int64_t before(int64_t step) const { return reversed ? at(step) + 1 : at(step) - 1; }
};

class LstmBackward final : public FusedNode {
public:
    LstmBackward(variable_list inputs, Layer layer)
        : FusedNode("LstmBackward", inputs, [=](const variable_list& in) { return through_libtorch(in, layer.reversed); }), layer_(layer) {}

    at::Tensor gates, cells; // [T, B, 4H], [T, B, H]
    SavedVariable outputs;   // [T, B, H]

    static variable_list through_libtorch(const variable_list& in, bool reversed) {
        std::vector<at::Tensor> parameters{in[3], in[4]};
        if (in[5].defined()) parameters.push_back(in[5]), parameters.push_back(in[6]);
        auto [y, h, c] = at::lstm(reversed ? in[0].flip(0) : in[0], {in[1].unsqueeze(0), in[2].unsqueeze(0)}, parameters, in[5].defined(), 1, 0.0, false, false, false);
        return {reversed ? y.flip(0) : y, h.squeeze(0), c.squeeze(0)};
    }

protected:
    void release() override { gates.reset(), cells.reset(), outputs.reset_data(); }

    variable_list backward(const variable_list& in, const variable_list& gradients) override {
        Unrecorded guard;
        const auto [steps, batch, inputs, hidden, reversed] = layer_;
        const auto &x = in[0], &h0 = in[1], &c0 = in[2], &w_ih = in[3], &w_hh = in[4];
        const int64_t width = batch * hidden;
        const auto y = outputs.unpack(shared_from_this());
        auto options = x.options().requires_grad(false);
        const auto dy = gradients[0].defined() ? gradients[0].contiguous() : at::Tensor();
        auto dh = gradients[1].defined() ? gradients[1].contiguous().clone() : at::zeros({batch, hidden}, options);
        auto dc = gradients[2].defined() ? gradients[2].contiguous().clone() : at::zeros({batch, hidden}, options);
        auto dgates = at::empty({steps, batch, 4 * hidden}, options);
        for (int64_t step = steps - 1; step >= 0; step--) {
            const int64_t now = layer_.at(step);
            const float* cell_before = step == 0 ? floats(c0) : floats(cells) + layer_.before(step) * width;
            if (dy.defined()) kernels().add_to(floats(dh), floats(dy) + now * width, width);
            float* place = floats(dgates) + now * 4 * width;
            over_rows(batch, hidden, [&](int64_t row) {
                kernels().lstm_backward(place + row * 4 * hidden, floats(gates) + (now * batch + row) * 4 * hidden, cell_before + row * hidden,
                    floats(cells) + now * width + row * hidden, floats(dh) + row * hidden, floats(dc) + row * hidden, hidden);
            });
            gemm_shared(false, false, batch, hidden, 4 * hidden, 1, place, 4 * hidden, floats(w_hh), hidden, 0, floats(dh), hidden);
        }
        variable_list result(7);
        const int64_t rows = steps * batch;
        if (task_should_compute_output(0)) {
            result[0] = at::empty_like(x);
            gemm_shared(false, false, rows, inputs, 4 * hidden, 1, floats(dgates), 4 * hidden, floats(w_ih), inputs, 0, floats(result[0]), inputs);
        }
        if (task_should_compute_output(1)) result[1] = dh;
        if (task_should_compute_output(2)) result[2] = dc;
        if (task_should_compute_output(3)) {
            result[3] = at::empty_like(w_ih);
            gemm_shared(true, false, 4 * hidden, inputs, rows, 1, floats(dgates), 4 * hidden, floats(x), inputs, 0, floats(result[3]), inputs);
        }
        if (task_should_compute_output(4)) {
            // All states before a step: those after it, one step over, and h0 at the end they begin from.
            result[4] = at::empty_like(w_hh);
            const float* later = floats(dgates) + (reversed ? 0 : 4 * width);
            const float* earlier = floats(y) + (reversed ? width : 0);
            gemm_shared(true, false, 4 * hidden, hidden, rows - batch, 1, later, 4 * hidden, earlier, hidden, 0, floats(result[4]), hidden);
            gemm_shared(true, false, 4 * hidden, hidden, batch, 1, floats(dgates) + layer_.at(0) * 4 * width, 4 * hidden, floats(h0), hidden, 1, floats(result[4]), hidden);
        }
        if (in[5].defined() && (task_should_compute_output(5) || task_should_compute_output(6))) {
            auto sum = at::zeros({4 * hidden}, options);
            for (int64_t row = 0; row < rows; row++) kernels().add_to(floats(sum), floats(dgates) + row * 4 * hidden, 4 * hidden);
            if (task_should_compute_output(5)) result[5] = sum;
            if (task_should_compute_output(6)) result[6] = task_should_compute_output(5) ? sum.clone() : sum;
        }
        return result;
    }

private:
    Layer layer_;
};

// The layer's outputs [T, B, H] and its last states [B, H].
std::tuple<at::Tensor, at::Tensor, at::Tensor> run(const variable_list& in, bool reversed) {
    const auto &x = in[0], &h0 = in[1], &c0 = in[2], &w_ih = in[3], &w_hh = in[4], &b_ih = in[5], &b_hh = in[6];
    const Layer layer{x.size(0), x.size(1), x.size(2), w_hh.size(1), reversed};
    const int64_t rows = layer.steps * layer.batch, hidden = layer.hidden, width = layer.batch * hidden;
    bool recorded = false;
    for (const auto& each : in) recorded |= is_recorded(each);
    auto node = recorded ? make_node<LstmBackward>(in, layer) : nullptr;
    at::Tensor y, h, c;
    {
        Unrecorded guard;
        auto options = x.options().requires_grad(false);
        auto gates = at::empty({layer.steps, layer.batch, 4 * hidden}, options), cells = at::empty({layer.steps, layer.batch, hidden}, options);
        y = at::empty({layer.steps, layer.batch, hidden}, options);
        const float beta = b_ih.defined() ? 1.0f : 0.0f;
        if (b_ih.defined()) {
            auto bias = b_ih + b_hh;
            at::parallel_for(0, rows, 64, [&](int64_t begin, int64_t end) {
                for (int64_t row = begin; row < end; row++) std::copy(floats(bias), floats(bias) + 4 * hidden, floats(gates) + row * 4 * hidden);
            });
        }
        gemm_shared(false, true, rows, 4 * hidden, layer.inputs, 1, floats(x), layer.inputs, floats(w_ih), layer.inputs, beta, floats(gates), 4 * hidden);
        for (int64_t step = 0; step < layer.steps; step++) {
            const int64_t now = layer.at(step);
            const float* hidden_before = step == 0 ? floats(h0) : floats(y) + layer.before(step) * width;
            const float* cell_before = step == 0 ? floats(c0) : floats(cells) + layer.before(step) * width;
            float* place = floats(gates) + now * 4 * width;
            gemm_shared(false, true, layer.batch, 4 * hidden, hidden, 1, hidden_before, hidden, floats(w_hh), hidden, 1, place, 4 * hidden);
            over_rows(layer.batch, hidden, [&](int64_t row) {
                kernels().lstm(place + row * 4 * hidden, cell_before + row * hidden, floats(cells) + now * width + row * hidden, floats(y) + now * width + row * hidden, hidden);
            });
        }
        h = y.select(0, layer.at(layer.steps - 1)).clone();
        c = cells.select(0, layer.at(layer.steps - 1)).clone();
        if (node) {
            node->gates = gates;
            node->cells = cells;
        }
    }
    if (node) {
        torch::autograd::set_history(std::vector<at::Tensor>{y, h, c}, node);
        node->outputs = SavedVariable(y, true);
    }
    return {y, h, c};
}

std::tuple<at::Tensor, at::Tensor, at::Tensor> lstm(
    const at::Tensor& input, at::TensorList state, at::TensorList parameters, bool has_biases, int64_t layers, double dropout, bool train, bool bidirectional, bool batch_first) {
    const int64_t directions = bidirectional ? 2 : 1, each = has_biases ? 4 : 2;
    bool fits = has_gemm() && layers > 0 && input.dim() == 3 && input.numel() > 0 && is_ours(input) && state.size() == 2 && static_cast<int64_t>(parameters.size()) == layers * directions * each;
    for (const auto& tensor : parameters) fits = fits && is_ours_whole(tensor);
    for (const auto& tensor : state) fits = fits && is_ours(tensor) && tensor.dim() == 3;
    if (fits) {
        const int64_t hidden = state[0].size(2), gates = 4 * hidden;
        const auto shape = std::vector<int64_t>{layers * directions, input.size(batch_first ? 0 : 1), hidden};
        fits = hidden > 0 && state[0].sizes() == shape && state[1].sizes() == shape;
        for (int64_t i = 0; i < static_cast<int64_t>(parameters.size()); i++) {
            const int64_t width = i / (directions * each) == 0 ? input.size(2) : directions * hidden;
            const auto expected = i % each == 0 ? std::vector<int64_t>{gates, width} : i % each == 1 ? std::vector<int64_t>{gates, hidden} : std::vector<int64_t>{gates};
            fits = fits && parameters[i].sizes() == expected;
        }
    }
    if (!fits) return at::lstm(input, state, parameters, has_biases, layers, dropout, train, bidirectional, batch_first);
    auto x = (batch_first ? input.transpose(0, 1) : input).contiguous();
    std::vector<at::Tensor> hiddens, cells;
    for (int64_t layer = 0; layer < layers; layer++) {
        std::vector<at::Tensor> sides;
        for (int64_t direction = 0; direction < directions; direction++) {
            const int64_t place = layer * directions + direction, first = place * each;
            auto [y, h, c] = run({x, state[0].select(0, place).contiguous(), state[1].select(0, place).contiguous(), parameters[first], parameters[first + 1],
                has_biases ? parameters[first + 2] : at::Tensor(), has_biases ? parameters[first + 3] : at::Tensor()}, direction == 1);
            sides.push_back(y), hiddens.push_back(h), cells.push_back(c);
        }
        x = directions == 1 ? sides[0] : at::cat(sides, 2);
        if (layer + 1 < layers && dropout > 0 && train) x = at::dropout(x, dropout, true);
    }
    return {batch_first ? x.transpose(0, 1) : x, at::stack(hiddens), at::stack(cells)};
}

} // namespace

TORCH_LIBRARY_FRAGMENT(repro, m) {
    m.def("lstm(Tensor input, Tensor[] hx, Tensor[] params, bool has_biases, int num_layers, float dropout, bool train, bool bidirectional, bool batch_first) -> (Tensor, Tensor, Tensor)", lstm);
}

} // namespace rt
