// What C# takes part in while libtorch works: functions with a backward of their own, hooks on gradients, and tensors over its memory.
//
// An error in a callback travels through libtorch as an exception whose text is its number; C# finds the exception that it kept
// under it. The context of a callback is released when libtorch forgets the function or the hook, on whichever thread that is.

#include "repro_torch.h"
#include "enumerations.h"
#include "errors.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/autograd/custom_function.h>

#include <memory>
#include <mutex>
#include <unordered_map>

namespace rt {

void check_callback(int64_t error) {
    if (error != 0) throw std::runtime_error("managed exception " + std::to_string(error));
}

struct Context {
    void* pointer;
    ContextRelease release;
    Context(void* pointer, ContextRelease release) : pointer(pointer), release(release) {}
    Context(const Context&) = delete;
    Context& operator=(const Context&) = delete;
    ~Context() { release(pointer); }
};

// What the node of a function keeps. The handle of its context must live as long as backward may be called.
struct Callee : torch::CustomClassHolder {
    std::shared_ptr<Context> context;
    BackwardCall backward;
};

// Handles that the receiver owns. Those that were not taken are given back.
struct Handles {
    std::vector<void*> items;
    explicit Handles(size_t n) : items(n, nullptr) {}
    explicit Handles(const std::vector<at::Tensor>& tensors) {
        for (auto& tensor : tensors) items.push_back(release(at::Tensor(tensor)));
    }
    std::vector<at::Tensor> take() {
        std::vector<at::Tensor> tensors;
        for (auto item : items)
            tensors.push_back(item ? at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(static_cast<at::TensorImpl*>(item))) : at::Tensor());
        items.clear();
        return tensors;
    }
};

// libtorch's functions take note of the tensors among their arguments, but not of those in a list: so there is a fixed number of
// arguments, of which most are missing. Their class changed its name between versions.
using OptionalTensor = decltype(std::declval<c10::IValue&>().toOptional<at::Tensor>());
constexpr size_t MOST_INPUTS = 32;
constexpr size_t BEFORE_INPUTS = 3;

struct ManagedFunction : torch::autograd::Function<ManagedFunction> {
    template <class... Inputs>
    static torch::autograd::variable_list forward(
        torch::autograd::AutogradContext* ctx, const std::shared_ptr<Context>& context, ForwardCall call, BackwardCall backward, const Inputs&... inputs) {
        auto callee = c10::make_intrusive<Callee>();
        callee->context = context;
        callee->backward = backward;
        ctx->saved_data["callee"] = c10::IValue::make_capsule(callee);
        ctx->saved_data["inputs"] = (static_cast<int64_t>(inputs.has_value()) + ...);
        Forward result = {};
        check_callback(call(context->pointer, &result));
        ctx->save_for_backward(borrow_all(result.saved, result.saved_n));
        ctx->mark_dirty(borrow_all(result.dirty, result.dirty_n));
        ctx->mark_non_differentiable(borrow_all(result.non_differentiable, result.non_differentiable_n));
        ctx->set_materialize_grads(result.materialize_gradients != 0);
        torch::autograd::variable_list outputs; // libtorch ends the process over one that is missing
        for (int64_t i = 0; i < result.outputs_n; i++) outputs.push_back(borrow(result.outputs[i]));
        return outputs;
    }

    static torch::autograd::variable_list backward(torch::autograd::AutogradContext* ctx, torch::autograd::variable_list gradients) {
        auto callee = c10::static_intrusive_pointer_cast<Callee>(ctx->saved_data["callee"].toCapsule());
        auto kept = ctx->get_saved_variables(); // fails where they were freed: before there are handles for the receiver
        Handles given(gradients), saved(kept), results(ctx->saved_data["inputs"].toInt());
        kept.clear();
        auto error = callee->backward(
            callee->context->pointer, given.items.data(), given.items.size(), saved.items.data(), saved.items.size(), results.items.data(),
            results.items.size());
        auto tensors = results.take();
        check_callback(error);
        tensors.insert(tensors.begin(), BEFORE_INPUTS, at::Tensor());
        tensors.resize(BEFORE_INPUTS + MOST_INPUTS);
        return tensors;
    }

    template <size_t... I>
    static torch::autograd::variable_list apply_to(
        const std::vector<at::Tensor>& inputs, const std::shared_ptr<Context>& context, ForwardCall forward, BackwardCall backward,
        std::index_sequence<I...>) {
        return apply(context, forward, backward, (I < inputs.size() ? OptionalTensor(inputs[I]) : OptionalTensor())...);
    }
};

// A hook on a gradient. libtorch knows one by its place in a list of its tensor, of 32 bits, and later versions begin a new list when the tensor is
// changed in place; here it has a number of its own. Removed, it stays in libtorch's list, without its context.
class Hook {
public:
    Hook(std::shared_ptr<Context> context, HookCall call) : call_(call), context_(std::move(context)) {
        std::lock_guard<std::mutex> lock(all().mutex);
        number_ = ++all().last;
    }

    ~Hook() {
        std::lock_guard<std::mutex> lock(all().mutex);
        all().alive.erase(number_);
    }

    static std::shared_ptr<Hook> make(std::shared_ptr<Context> context, HookCall call) {
        auto made = std::make_shared<Hook>(std::move(context), call);
        std::lock_guard<std::mutex> lock(all().mutex);
        all().alive[made->number_] = made;
        return made;
    }

    // One that is gone already, removed or with its tensor, is nothing to do.
    static void remove(int64_t number) {
        std::shared_ptr<Hook> hook;
        {
            std::lock_guard<std::mutex> lock(all().mutex);
            TORCH_CHECK(number > 0 && number <= all().last, "there never was a hook ", number);
            auto found = all().alive.find(number);
            if (found != all().alive.end()) hook = found->second.lock();
        }
        if (!hook) return;
        std::shared_ptr<Context> released; // after the lock
        std::lock_guard<std::mutex> lock(hook->mutex_);
        released.swap(hook->context_);
    }

    int64_t number() const { return number_; }

    at::Tensor operator()(const at::Tensor& gradient) {
        std::shared_ptr<Context> context; // stays to the end of the call, wherever it is removed meanwhile
        {
            std::lock_guard<std::mutex> lock(mutex_);
            context = context_;
        }
        if (!context) return at::Tensor();
        Handles replacement(1);
        auto error = call_(context->pointer, release(at::Tensor(gradient)), replacement.items.data());
        auto tensors = replacement.take();
        check_callback(error);
        return tensors[0];
    }

private:
    struct All {
        std::mutex mutex;
        int64_t last = 0;
        std::unordered_map<int64_t, std::weak_ptr<Hook>> alive;
    };

    // Never destroyed: a graph may go when the process ends.
    static All& all() {
        static auto& made = *new All;
        return made;
    }

    const HookCall call_;
    int64_t number_;
    std::mutex mutex_;
    std::shared_ptr<Context> context_;
};

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

int rt_function_apply(
    void* context, ForwardCall forward, BackwardCall backward, ContextRelease release_context, void* const* inputs, int64_t n, void*** outputs,
    int64_t* produced) {
    ENTRY_BEGIN
    auto shared = std::make_shared<Context>(context, release_context);
    TORCH_CHECK(n <= static_cast<int64_t>(MOST_INPUTS), "a function takes at most ", MOST_INPUTS, " tensors, not ", n);
    auto results = ManagedFunction::apply_to(borrow_all(inputs, n), shared, forward, backward, std::make_index_sequence<MOST_INPUTS>());
    *produced = static_cast<int64_t>(results.size());
    *outputs = static_cast<void**>(std::malloc(sizeof(void*) * (results.size() + 1))); // for rt_free
    for (size_t i = 0; i < results.size(); i++) (*outputs)[i] = release(std::move(results[i]));
    ENTRY_END
}

int rt_tensor_register_hook(void* handle, void* context, HookCall call, ContextRelease release_context, int64_t* number) {
    ENTRY_BEGIN
    auto hook = Hook::make(std::make_shared<Context>(context, release_context), call);
    borrow(handle).register_hook([hook](const at::Tensor& gradient) { return (*hook)(gradient); });
    *number = hook->number();
    ENTRY_END
}

int rt_hook_remove(int64_t number) {
    ENTRY_BEGIN
    Hook::remove(number);
    ENTRY_END
}

// A vector over memory that the caller owns until the context is released.
int rt_tensor_of_memory(void* data, int64_t count, int32_t scalar_type, void* context, ContextRelease release_context, void** tensor) {
    ENTRY_BEGIN
    auto shared = std::make_shared<Context>(context, release_context);
    TORCH_CHECK(count >= 0, "a tensor over memory has no ", count, " elements");
    auto options = at::TensorOptions().dtype(scalar_type_of(scalar_type));
    *tensor = release(at::from_blob(data, {count}, [shared](void*) mutable { shared.reset(); }, options));
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
