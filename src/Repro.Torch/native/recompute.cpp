// Activation checkpointing: a node of the graph that keeps only a function's inputs, and calls the function again in backward.

#include "autocast.h"
#include "errors.h"
#include "repro_torch.h"

#include <ATen/Context.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/engine.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>

#include <cstdlib>
#include <memory>
#include <set>

// Calls the function: takes over the inputs' references, gives one for each output. Not 0: it failed, and *error is its message, to be freed.
using RecomputeCallback = int32_t (*)(void* context, void* const* inputs, int64_t inputs_n, void** outputs, int64_t outputs_n, char** error);
using RecomputeRelease = void (*)(void* context);

namespace rt {

// The default generators of the devices given, as they stand; put back by restore().
struct RandomState {
    std::vector<std::pair<c10::Device, at::Tensor>> states;

    explicit RandomState(const std::set<c10::Device, bool (*)(const c10::Device&, const c10::Device&)>& devices) {
        for (const auto& device : devices) {
            auto generator = at::globalContext().defaultGenerator(device);
            std::lock_guard<std::mutex> lock(generator.mutex());
            states.emplace_back(device, generator.get_state());
        }
    }

    void restore() const {
        for (const auto& entry : states) {
            auto generator = at::globalContext().defaultGenerator(entry.first);
            std::lock_guard<std::mutex> lock(generator.mutex());
            generator.set_state(entry.second);
        }
    }
};

static bool before(const c10::Device& a, const c10::Device& b) {
    return std::make_pair(static_cast<int>(a.type()), a.index()) < std::make_pair(static_cast<int>(b.type()), b.index());
}

struct Recompute : torch::autograd::Node {
    RecomputeCallback callback;
    RecomputeRelease release_context;
    void* context;
    int64_t outputs = 0;
    bool released = false;
    std::vector<torch::autograd::SavedVariable> inputs;
    std::vector<AutocastState> autocast;
    bool keeps_random;
    std::set<c10::Device, bool (*)(const c10::Device&, const c10::Device&)> devices{before};
    std::unique_ptr<RandomState> random;

    Recompute(const std::vector<at::Tensor>& given, bool keep_random, RecomputeCallback callback, RecomputeRelease release_context, void* context)
        : Node(torch::autograd::collect_next_edges(given)), callback(callback), release_context(release_context), context(context), keeps_random(keep_random) {
        devices.insert(c10::Device(c10::DeviceType::CPU));
        for (const auto& input : given) {
            inputs.emplace_back(input, false);
            if (input.is_cuda()) devices.insert(input.device());
        }
        autocast.push_back(AutocastState::of(c10::DeviceType::CPU));
        autocast.push_back(AutocastState::of(c10::DeviceType::CUDA));
        if (keeps_random) random = std::make_unique<RandomState>(devices);
    }

    ~Recompute() override { forget(); }

    std::string name() const override { return "Recompute"; }

    void release_variables() override {
        for (auto& input : inputs) input.reset_data();
        random.reset();
        forget();
    }

    void forget() {
        released = true;
        if (context != nullptr) release_context(context);
        context = nullptr;
    }

    torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
        std::lock_guard<std::mutex> lock(mutex_);
        TORCH_CHECK(!released, "Trying to backward through the graph a second time: the inputs of an activation checkpoint have been freed.");
        TORCH_CHECK(
            torch::autograd::Engine::get_default_engine().is_checkpoint_valid(),
            "an activation checkpoint takes part in backward() of everything only, not in autograd.grad() nor in backward() of chosen inputs");
        TORCH_CHECK(!c10::GradMode::is_enabled(), "an activation checkpoint gives no second derivatives (create_graph)");
        std::vector<at::Tensor> leaves;
        for (auto& input : inputs) {
            auto saved = input.unpack();
            leaves.push_back(saved.detach());
            leaves.back().set_requires_grad(saved.requires_grad());
        }
        auto results = call(leaves);
        std::vector<at::Tensor> roots, seeds;
        for (size_t i = 0; i < results.size(); i++) {
            if (!results[i].requires_grad() || !gradients[i].defined()) continue;
            roots.push_back(results[i]);
            seeds.push_back(gradients[i]);
        }
        if (!roots.empty()) torch::autograd::backward(roots, seeds);
        torch::autograd::variable_list found;
        for (auto& leaf : leaves) found.push_back(leaf.grad());
        return found;
    }

private:
    // The function under the random numbers and the autocast that it first ran under; what is there now comes back afterwards.
    std::vector<at::Tensor> call(const std::vector<at::Tensor>& leaves) {
        std::unique_ptr<RandomState> random_now;
        if (keeps_random) {
            random_now = std::make_unique<RandomState>(devices);
            random->restore();
        }
        std::vector<AutocastState> autocast_now;
        for (const auto& state : autocast) {
            autocast_now.push_back(AutocastState::of(state.device));
            state.apply();
        }
        std::vector<void*> handles, made(outputs, nullptr);
        for (const auto& leaf : leaves) handles.push_back(release(at::Tensor(leaf)));
        char* error = nullptr;
        int32_t failed;
        {
            c10::AutoGradMode recording(true);
            failed = callback(context, handles.data(), static_cast<int64_t>(handles.size()), made.data(), outputs, &error);
        }
        for (const auto& state : autocast_now) state.apply();
        if (random_now) random_now->restore();
        if (failed) {
            std::string message = error != nullptr ? error : "no message";
            std::free(error);
            TORCH_CHECK(false, message);
        }
        std::vector<at::Tensor> results;
        for (auto handle : made)
            results.push_back(at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(static_cast<at::TensorImpl*>(handle))));
        return results;
    }
};

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

// Before the function's first call. The context belongs to the node, whatever this entry's result.
int rt_recompute_begin(
    void* const* inputs, int64_t n, int32_t keep_random, RecomputeCallback callback, RecomputeRelease release_context, void* context, void** node) {
    std::unique_ptr<void, RecomputeRelease> owned(context, release_context);
    ENTRY_BEGIN
    auto made = std::shared_ptr<Recompute>(new Recompute(borrow_all(inputs, n), keep_random != 0, callback, release_context, context), torch::autograd::deleteNode);
    owned.release();
    *node = new std::shared_ptr<Recompute>(std::move(made));
    ENTRY_END
}

// After it: results[i] is outputs[i] with the node as its history.
int rt_recompute_end(void* node, void* const* outputs, int64_t n, void** results) {
    ENTRY_BEGIN
    auto target = *static_cast<std::shared_ptr<Recompute>*>(node);
    target->outputs = n;
    std::vector<at::Tensor> made;
    for (int64_t i = 0; i < n; i++) {
        // Another object over the same memory: an input that the function gave back must not get a second history.
        auto output = borrow(outputs[i]).variable_data();
        if (torch::autograd::isDifferentiableType(output.scalar_type())) torch::autograd::set_history(output, target);
        else target->add_input_metadata(torch::autograd::Node::undefined_input());
        made.push_back(std::move(output));
    }
    for (int64_t i = 0; i < n; i++) results[i] = release(std::move(made[i]));
    ENTRY_END
}

void rt_recompute_drop(void* node) noexcept { delete static_cast<std::shared_ptr<Recompute>*>(node); }

} // extern "C"
#pragma GCC visibility pop
