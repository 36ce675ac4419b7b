// One small bridge from C# to libtorch. Every ATen operator is reached by its name through the dispatcher with boxed
// arguments, so no operator has a wrapper. Only what the dispatcher does not offer is written out: handles and tensors here,
// autograd, machine and optimizers in the files beside this one.
//
// Rules: a tensor handle is a TensorImpl* that owns one reference. No exception leaves an entry: one that can fail returns 0, or
// 1 and leaves its message for rt_last_error on the same thread. Those that only read or set a variable, or give memory back,
// have nothing to fail with: they return a value or nothing, and are noexcept.

#include "repro_torch.h"
#include "enumerations.h"
#include "errors.h"
#include "lazy.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <torch/version.h>

#include <cstring>
#include <sstream>
#include <string>
#include <vector>

namespace rt {

thread_local std::string last_error;

// The message of libtorch without the C++ backtrace that it may append.
int fail(const char* message) {
    last_error = message;
    auto trace = last_error.find("\nException raised from");
    if (trace != std::string::npos) last_error.resize(trace);
    while (!last_error.empty() && last_error.back() == '\n') last_error.pop_back();
    return 1;
}

at::Tensor borrow(void* handle) {
    TORCH_CHECK(handle != nullptr, "a null tensor handle was given");
    return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}

at::Tensor borrow_or_undefined(void* handle) { return handle == nullptr ? at::Tensor() : borrow(handle); }

void* release(at::Tensor&& tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

std::vector<at::Tensor> borrow_all(void* const* handles, int64_t n) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(n);
    for (int64_t i = 0; i < n; i++) tensors.push_back(borrow_or_undefined(handles[i]));
    return tensors;
}

// An operator of the dispatcher, with what marshalling needs of its schema.
struct Operator {
    c10::OperatorHandle handle;
    std::vector<c10::TypeKind> kinds;
    std::string schema;

    explicit Operator(c10::OperatorHandle found) : handle(found) {
        for (const auto& argument : handle.schema().arguments()) kinds.push_back(kind_of(argument));
        std::ostringstream text;
        text << handle.schema();
        schema = text.str();
    }
};

c10::IValue unpack(const Value& value) {
    switch (value.tag) {
        case TAG_NONE: return c10::IValue();
        case TAG_TENSOR: return c10::IValue(borrow(value.pointer));
        case TAG_INT: return c10::IValue(value.integer);
        case TAG_DOUBLE: return c10::IValue(value.real);
        case TAG_BOOL: return c10::IValue(value.integer != 0);
        case TAG_INT_LIST: {
            auto items = static_cast<const int64_t*>(value.pointer);
            c10::List<int64_t> list;
            list.reserve(value.count);
            for (int32_t i = 0; i < value.count; i++) list.push_back(items[i]);
            return c10::IValue(std::move(list));
        }
        case TAG_DOUBLE_LIST: {
            auto items = static_cast<const double*>(value.pointer);
            c10::List<double> list;
            list.reserve(value.count);
            for (int32_t i = 0; i < value.count; i++) list.push_back(items[i]);
            return c10::IValue(std::move(list));
        }
        case TAG_BOOL_LIST: {
            auto items = static_cast<const int64_t*>(value.pointer);
            c10::List<bool> list;
            for (int32_t i = 0; i < value.count; i++) list.push_back(items[i] != 0);
            return c10::IValue(std::move(list));
        }
        case TAG_TENSOR_LIST: {
            auto items = static_cast<void* const*>(value.pointer);
            c10::List<at::Tensor> list;
            list.reserve(value.count);
            for (int32_t i = 0; i < value.count; i++) list.push_back(borrow(items[i]));
            return c10::IValue(std::move(list));
        }
        case TAG_OPTIONAL_TENSOR_LIST: {
            auto items = static_cast<void* const*>(value.pointer);
            c10::impl::GenericList list(c10::OptionalType::create(c10::TensorType::get()));
            for (int32_t i = 0; i < value.count; i++) list.push_back(items[i] ? c10::IValue(borrow(items[i])) : c10::IValue());
            return c10::IValue(std::move(list));
        }
        case TAG_STRING: return c10::IValue(std::string(static_cast<const char*>(value.pointer), value.count));
        case TAG_GENERATOR: return c10::IValue(*static_cast<at::Generator*>(value.pointer));
        case TAG_COMPLEX: {
            auto parts = static_cast<const double*>(value.pointer);
            return c10::IValue(c10::complex<double>(parts[0], parts[1]));
        }
        case TAG_DEVICE: return c10::IValue(device_of(value.integer, value.count));
        default: TORCH_CHECK(false, "unknown argument tag ", value.tag); return c10::IValue();
    }
}

void pack(c10::IValue&& item, Value& value) {
    value.count = 0;
    value.pointer = nullptr;
    if (item.isNone()) {
        value.tag = TAG_NONE;
    } else if (item.isTensor()) {
        value.tag = TAG_TENSOR;
        value.pointer = release(std::move(item).toTensor());
    } else if (item.isInt()) {
        value.tag = TAG_INT;
        value.integer = item.toInt();
    } else if (item.isDouble()) {
        value.tag = TAG_DOUBLE;
        value.real = item.toDouble();
    } else if (item.isBool()) {
        value.tag = TAG_BOOL;
        value.integer = item.toBool();
    } else if (item.isComplexDouble()) {
        auto parts = static_cast<double*>(std::malloc(2 * sizeof(double)));
        parts[0] = item.toComplexDouble().real();
        parts[1] = item.toComplexDouble().imag();
        value.tag = TAG_COMPLEX;
        value.pointer = parts;
    } else if (item.isTensorList()) {
        auto tensors = item.toTensorVector();
        auto handles = static_cast<void**>(std::malloc(sizeof(void*) * (tensors.size() + 1)));
        for (size_t i = 0; i < tensors.size(); i++) handles[i] = release(std::move(tensors[i]));
        value.tag = TAG_TENSOR_LIST;
        value.count = static_cast<int32_t>(tensors.size());
        value.pointer = handles;
    } else {
        TORCH_CHECK(false, "a result of kind ", item.tagKind(), " cannot be returned");
    }
}

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

const char* rt_last_error() noexcept { return last_error.c_str(); }

int rt_abi() noexcept { return REPRO_TORCH_ABI; }

// --- operators -------------------------------------------------------------------------------------------------------

int rt_operator(const char* name, const char* overload, void** op) {
    ENTRY_BEGIN
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(found.has_value(), "this libtorch (", TORCH_VERSION, ") has no operator ", name, *overload ? "." : "", overload);
    *op = new Operator(*found); // lives as long as the process, like the dispatcher's own entry
    ENTRY_END
}

const char* rt_operator_schema(void* op) noexcept { return static_cast<Operator*>(op)->schema.c_str(); }

int rt_call(void* op, const Value* arguments, int32_t n, Value* results, int32_t capacity, int32_t* produced) {
    ENTRY_BEGIN
    auto& target = *static_cast<Operator*>(op);
    const auto& declared = target.handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(n) <= declared.size(), n, " arguments were given, but the operator takes ", declared.size());
    torch::jit::Stack stack;
    stack.reserve(std::max<size_t>(declared.size(), 4));
    for (int32_t i = 0; i < n; i++) {
        if (arguments[i].tag == TAG_INT) {
            check_number(target.kinds[i], arguments[i].integer);
            if (target.kinds[i] == c10::TypeKind::FloatType) stack.emplace_back(static_cast<double>(arguments[i].integer)); // widened
            else stack.emplace_back(arguments[i].integer);
        } else if (arguments[i].tag == TAG_DEFAULT) {
            TORCH_CHECK(declared[i].default_value().has_value(), "argument ", declared[i].name(), " has no default");
            stack.push_back(*declared[i].default_value());
        } else
            stack.push_back(unpack(arguments[i]));
    }
    for (size_t i = n; i < declared.size(); i++) {
        TORCH_CHECK(declared[i].default_value().has_value(), "argument ", declared[i].name(), " is missing");
        stack.push_back(*declared[i].default_value());
    }
    target.handle.callBoxed(&stack);
    TORCH_CHECK(static_cast<int32_t>(stack.size()) <= capacity, "the operator returned ", stack.size(), " values");
    *produced = static_cast<int32_t>(stack.size());
    for (size_t i = 0; i < stack.size(); i++) pack(std::move(stack[i]), results[i]);
    ENTRY_END
}

void rt_free(void* memory) noexcept { std::free(memory); }

// --- tensors ---------------------------------------------------------------------------------------------------------

void rt_tensor_release(void* handle) noexcept {
    c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim(static_cast<at::TensorImpl*>(handle));
}

int rt_tensor_share(void* handle, void** copy) {
    ENTRY_BEGIN
    *copy = release(borrow(handle));
    ENTRY_END
}

int rt_tensor_info(void* handle, TensorInfo* info) {
    ENTRY_BEGIN
    auto tensor = borrow(handle);
    info->numel = tensor.numel();
    info->dim = static_cast<int32_t>(tensor.dim());
    info->element_size = static_cast<int32_t>(tensor.element_size());
    info->scalar_type = static_cast<int8_t>(tensor.scalar_type());
    info->device_type = static_cast<int8_t>(tensor.device().type());
    info->device_index = static_cast<int8_t>(tensor.device().index());
    info->flags = (tensor.requires_grad() ? 1 : 0) | (tensor.is_leaf() ? 2 : 0) | (tensor.is_sparse() ? 4 : 0) |
                  (!tensor.is_sparse() && tensor.is_contiguous() ? 8 : 0) | (is_lazy(tensor) ? 16 : 0);
    ENTRY_END
}

int rt_tensor_shape(void* handle, int64_t* sizes, int64_t* strides) {
    ENTRY_BEGIN
    auto tensor = borrow(handle);
    if (sizes) std::memcpy(sizes, tensor.sizes().data(), sizeof(int64_t) * tensor.dim());
    if (strides) std::memcpy(strides, tensor.strides().data(), sizeof(int64_t) * tensor.dim());
    ENTRY_END
}

int rt_tensor_data(void* handle, void** data) {
    ENTRY_BEGIN
    *data = borrow(handle).data_ptr();
    ENTRY_END
}

// The whole memory that the tensor, and its views, are in.
int rt_tensor_storage(void* handle, void** data, int64_t* bytes) {
    ENTRY_BEGIN
    auto tensor = borrow(handle);
    *bytes = static_cast<int64_t>(tensor.storage().nbytes());
    *data = tensor.storage().data_ptr().get();
    ENTRY_END
}

int rt_tensor_storage_offset(void* handle, int64_t* offset) {
    ENTRY_BEGIN
    *offset = borrow(handle).storage_offset();
    ENTRY_END
}

int rt_tensor_set_requires_grad(void* handle, int32_t value) {
    ENTRY_BEGIN
    borrow(handle).set_requires_grad(value != 0);
    ENTRY_END
}

int rt_tensor_retain_grad(void* handle) {
    ENTRY_BEGIN
    borrow(handle).retain_grad();
    ENTRY_END
}

int rt_tensor_grad(void* handle, void** grad) {
    ENTRY_BEGIN
    auto tensor = borrow(handle);
    *grad = tensor.is_leaf() || tensor.retains_grad() ? release(at::Tensor(tensor.grad())) : nullptr;
    ENTRY_END
}

int rt_tensor_set_grad(void* handle, void* grad) {
    ENTRY_BEGIN
    auto tensor = borrow(handle);
    auto value = borrow_or_undefined(grad);
    if (value.defined()) {
        TORCH_CHECK(value.sizes() == tensor.sizes(), "a gradient of shape ", value.sizes(), " was assigned to a tensor of shape ", tensor.sizes());
        TORCH_CHECK(value.scalar_type() == tensor.scalar_type(), "a gradient of type ", value.scalar_type(), " was assigned to a tensor of type ", tensor.scalar_type());
        TORCH_CHECK(value.device() == tensor.device(), "a gradient on ", value.device(), " was assigned to a tensor on ", tensor.device());
    }
    tensor.mutable_grad() = value;
    ENTRY_END
}

// Gives the first tensor's variable the storage and metadata of the second, as `parameter.data = value` does in Python.
int rt_tensor_set_data(void* handle, void* source) {
    ENTRY_BEGIN
    borrow(handle).set_data(borrow(source));
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
