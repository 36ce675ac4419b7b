// Operators of our own with gradients of their own: where autograd's bookkeeping or memory traffic between small operators would cost more than
// the work. They are registered as repro::name and called like libtorch's. Each falls back on libtorch's operators for what
// its kernels do not take (other types, devices, layouts, autocast, a second derivative).
#pragma once

#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/functions/utils.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/library.h>

#include "kernels.h"
#include "lazy.h"

#include <functional>
#include <memory>

namespace rt {

using torch::autograd::SavedVariable;
using torch::autograd::variable_list;

// Whose class changed its name between versions.
template <class R, class A, class B, class C>
std::decay_t<C> type_of_third(R (*)(A, B, C));
using OptionalTensor = decltype(type_of_third(&at::linear));

// float32 on the CPU with nothing in between that an operator of libtorch would have to see: no autocast, transform or subclass.
inline bool is_ours(const at::Tensor& tensor) {
    if (!tensor.defined()) return true;
    static const auto known = c10::DispatchKeySet({c10::DispatchKey::CPU, c10::DispatchKey::ADInplaceOrView, c10::DispatchKey::AutogradCPU, c10::DispatchKey::BackendSelect}).raw_repr();
    const auto thread = c10::impl::tls_local_dispatch_key_set();
    auto active = (tensor.key_set() | thread.included_) - thread.excluded_;
    return (active.raw_repr() & ~known) == 0 && tensor.scalar_type() == at::kFloat && !tensor.is_conj() && !tensor.is_neg();
}

inline bool is_ours_whole(const at::Tensor& tensor) { return !tensor.defined() || (is_ours(tensor) && tensor.is_contiguous()); }

inline float* floats(const at::Tensor& tensor) { return tensor.defined() ? static_cast<float*>(tensor.data_ptr()) : nullptr; }

inline bool wants_gradient(const at::Tensor& tensor) { return tensor.defined() && tensor.requires_grad(); }

// Whether nobody but the caller, who holds one reference, sees the memory of this gradient, so that a result may be written over it.
inline bool is_spare(const at::Tensor& gradient) {
    return gradient.defined() && gradient.use_count() == 1 && gradient.has_storage() && gradient.storage().use_count() == 1
        && gradient.storage().allocator() != nullptr
        && gradient.storage().resizable(); // otherwise the memory is somebody else's: an array, or a file
}

template <class... Tensors>
bool is_recorded(const Tensors&... tensors) { return c10::GradMode::is_enabled() && (wants_gradient(tensors) || ...); }

// An input of a node. One whose values the derivatives do not depend on is not kept: it may be freed, or written over, before backward.
class Input {
public:
    Input(const at::Tensor& tensor, bool keep) : keep_(keep || !tensor.defined()) {
        if (keep_)
            kept_ = SavedVariable(tensor, false);
        else
            sizes_ = tensor.sizes().vec(), options_ = tensor.options().requires_grad(false), wants_ = wants_gradient(tensor);
    }

    at::Tensor unpack() const { return keep_ ? kept_.unpack() : at::zeros({}, options_).expand(sizes_).set_requires_grad(wants_); }

    void release() { kept_.reset_data(); }

private:
    bool keep_, wants_ = false;
    SavedVariable kept_;
    std::vector<int64_t> sizes_;
    at::TensorOptions options_;
};

// A node of the graph with its inputs. A second derivative goes through the same function made of libtorch's operators.
class FusedNode : public torch::autograd::Node {
public:
    using Composite = std::function<variable_list(const variable_list&)>;

    // kept: for each input whether its values are; all are where nothing is said.
    FusedNode(const char* name, const variable_list& inputs, Composite composite, std::initializer_list<bool> kept = {}) : name_(name), composite_(std::move(composite)) {
        for (size_t i = 0; i < inputs.size(); i++) {
            add_next_edge(inputs[i].defined() ? torch::autograd::impl::gradient_edge(inputs[i]) : torch::autograd::Edge());
            inputs_.emplace_back(inputs[i], kept.size() == 0 || kept.begin()[i]);
        }
    }

    std::string name() const override { return name_; }

    void release_variables() override {
        std::lock_guard<std::mutex> lock(mutex_);
        released_ = true;
        for (auto& input : inputs_) input.release();
        composite_ = nullptr; // and what it holds
        release();
    }

    variable_list apply(variable_list&& gradients) override {
        std::lock_guard<std::mutex> lock(mutex_);
        TORCH_CHECK(!released_, "Trying to backward through the graph a second time: the saved values of ", name_, " were freed by the first. Give retain_graph to it.");
        variable_list inputs;
        inputs.reserve(inputs_.size());
        for (auto& input : inputs_) inputs.push_back(input.unpack());
        if (c10::GradMode::is_enabled()) return through_composite(inputs, gradients);
        for (auto& gradient : gradients)
            if (is_lazy(gradient)) gradient = in_memory(gradient);
        return backward(inputs, gradients);
    }

protected:
    // The gradients' elements are in memory as they are: no lazy negatives or zeros.
    virtual variable_list backward(const variable_list& inputs, const variable_list& gradients) = 0;
    virtual void release() {}

private:
    variable_list through_composite(variable_list& inputs, const variable_list& gradients) {
        variable_list wanted, outputs, seeds, result(inputs.size());
        std::vector<size_t> places;
        // A view of each: one input may be made of another (a residual), whose gradient must not come by way of the first here as well.
        for (size_t i = 0; i < inputs.size(); i++)
            if (wants_gradient(inputs[i]) && task_should_compute_output(i)) {
                inputs[i] = inputs[i].view_as(inputs[i]);
                wanted.push_back(inputs[i]), places.push_back(i);
            }
        auto all = composite_(inputs);
        for (size_t i = 0; i < all.size(); i++)
            if (i < gradients.size() && gradients[i].defined()) outputs.push_back(all[i]), seeds.push_back(gradients[i]);
        if (wanted.empty() || outputs.empty()) return result;
        auto found = torch::autograd::grad(outputs, wanted, seeds, true, true, true);
        for (size_t i = 0; i < places.size(); i++) result[places[i]] = found[i];
        return result;
    }

    const char* name_;
    Composite composite_;
    std::vector<Input> inputs_;
    bool released_ = false;
};

template <class Node, class... Arguments>
std::shared_ptr<Node> make_node(Arguments&&... arguments) {
    return std::shared_ptr<Node>(new Node(std::forward<Arguments>(arguments)...), torch::autograd::deleteNode);
}

// For results of libtorch's operators that are computed under a node of ours.
using Unrecorded = at::AutoDispatchBelowADInplaceOrView;

} // namespace rt
