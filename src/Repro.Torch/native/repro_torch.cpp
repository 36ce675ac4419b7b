// One small bridge from C# to libtorch. Every ATen operator is reached by its name through the dispatcher with boxed
// arguments, so no operator has a wrapper here. Only what the dispatcher does not offer stands below: the handles, autograd's
// engine, thread-local modes, generators, and the optimizer steps written by hand.
//
// Rules: a tensor handle is a TensorImpl* that owns one reference. No exception leaves an entry: each returns 0, or 1 and
// leaves its message for rt_last_error on the same thread.

#include "repro_torch.h"
#include "errors.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>

#if __has_include(<torch/version.h>)
#include <torch/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include <link.h>
#include <malloc.h>

#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace torch {
namespace cuda {
// Declared here because torch/cuda.h needs a folder on the include path that not every installation lists.
size_t TORCH_API device_count();
bool TORCH_API is_available();
void TORCH_API synchronize(int64_t device_index);
}
}

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
    std::vector<bool> wants_double; // an integer given to a float argument is widened
    std::string schema;

    explicit Operator(c10::OperatorHandle found) : handle(found) {
        for (const auto& argument : handle.schema().arguments()) {
            auto type = argument.type();
            if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
            wants_double.push_back(type->kind() == c10::TypeKind::FloatType);
        }
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
        case TAG_DEVICE: return c10::IValue(c10::Device(static_cast<c10::DeviceType>(value.integer), static_cast<c10::DeviceIndex>(value.count)));
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

// The third parameter of autograd::backward is an optional<bool> whose class changed its name between versions.
template <class R, class A, class B, class C, class... Rest>
std::decay_t<C> third_parameter(R (*)(A, B, C, Rest...));
using OptionalBool = decltype(third_parameter(&torch::autograd::backward));

OptionalBool optional_bool(int32_t value) {
    OptionalBool result;
    if (value >= 0) result = value != 0;
    return result;
}

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

const char* rt_last_error() { return last_error.c_str(); }

int rt_abi() { return REPRO_TORCH_ABI; }

const char* rt_version() { return TORCH_VERSION; }

int rt_build_configuration(const char** text) {
    ENTRY_BEGIN
    static const std::string configuration = at::show_config();
    *text = configuration.c_str();
    ENTRY_END
}

// --- operators -------------------------------------------------------------------------------------------------------

int rt_operator(const char* name, const char* overload, void** op) {
    ENTRY_BEGIN
    auto found = c10::Dispatcher::singleton().findSchema({name, overload});
    TORCH_CHECK(found.has_value(), "this libtorch (", TORCH_VERSION, ") has no operator ", name, *overload ? "." : "", overload);
    *op = new Operator(*found); // lives as long as the process, like the dispatcher's own entry
    ENTRY_END
}

const char* rt_operator_schema(void* op) { return static_cast<Operator*>(op)->schema.c_str(); }

int rt_call(void* op, const Value* arguments, int32_t n, Value* results, int32_t capacity, int32_t* produced) {
    ENTRY_BEGIN
    auto& target = *static_cast<Operator*>(op);
    const auto& declared = target.handle.schema().arguments();
    TORCH_CHECK(static_cast<size_t>(n) <= declared.size(), n, " arguments were given, but the operator takes ", declared.size());
    torch::jit::Stack stack;
    stack.reserve(std::max<size_t>(declared.size(), 4));
    for (int32_t i = 0; i < n; i++) {
        if (target.wants_double[i] && arguments[i].tag == TAG_INT)
            stack.emplace_back(static_cast<double>(arguments[i].integer));
        else if (arguments[i].tag == TAG_DEFAULT) {
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

void rt_free(void* memory) { std::free(memory); }

// --- tensors ---------------------------------------------------------------------------------------------------------

void rt_tensor_release(void* handle) {
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
                  (!tensor.is_sparse() && tensor.is_contiguous() ? 8 : 0);
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

// --- autograd --------------------------------------------------------------------------------------------------------

int rt_backward(void* const* tensors, void* const* gradients, int64_t n, int32_t retain_graph, int32_t create_graph, void* const* inputs, int64_t inputs_n) {
    ENTRY_BEGIN
    torch::autograd::backward(
        borrow_all(tensors, n), gradients ? borrow_all(gradients, n) : std::vector<at::Tensor>(), optional_bool(retain_graph),
        create_graph != 0, borrow_all(inputs, inputs_n));
    ENTRY_END
}

int rt_grad(
    void* const* outputs, void* const* gradients, int64_t n, void* const* inputs, int64_t inputs_n, int32_t retain_graph,
    int32_t create_graph, int32_t allow_unused, void** results) {
    ENTRY_BEGIN
    auto found = torch::autograd::grad(
        borrow_all(outputs, n), borrow_all(inputs, inputs_n), gradients ? borrow_all(gradients, n) : std::vector<at::Tensor>(),
        optional_bool(retain_graph), create_graph != 0, allow_unused != 0);
    for (size_t i = 0; i < found.size(); i++) results[i] = release(std::move(found[i]));
    ENTRY_END
}

int rt_zero_grad(void* const* tensors, int64_t n, int32_t set_to_none) {
    ENTRY_BEGIN
    for (int64_t i = 0; i < n; i++) {
        auto tensor = borrow(tensors[i]);
        auto& grad = tensor.mutable_grad();
        if (!grad.defined()) continue;
        if (set_to_none) {
            grad = at::Tensor();
        } else {
            if (grad.grad_fn()) grad.detach_();
            else grad.set_requires_grad(false);
            grad.zero_();
        }
    }
    ENTRY_END
}

int rt_grad_mode() { return c10::GradMode::is_enabled(); }
void rt_set_grad_mode(int32_t enabled) { c10::GradMode::set_enabled(enabled != 0); }
int rt_is_inference_mode() { return c10::InferenceMode::is_enabled(); }
void* rt_inference_mode_begin(int32_t enabled) { return new c10::InferenceMode(enabled != 0); }
void rt_inference_mode_end(void* mode) { delete static_cast<c10::InferenceMode*>(mode); }
int rt_anomaly_mode() { return torch::autograd::AnomalyMode::is_enabled(); }
int rt_anomaly_checks_nan() { return torch::autograd::AnomalyMode::should_check_nan(); }
void rt_set_anomaly_mode(int32_t enabled, int32_t check_nan) { torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0); }

// --- random numbers --------------------------------------------------------------------------------------------------

int rt_manual_seed(uint64_t seed) {
    ENTRY_BEGIN
    at::manual_seed(seed);
    ENTRY_END
}

int rt_generator_default(int32_t device_type, int32_t device_index, void** generator) {
    ENTRY_BEGIN
    *generator = new at::Generator(at::globalContext().defaultGenerator(
        c10::Device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index))));
    ENTRY_END
}

int rt_generator_new(int32_t device_type, int32_t device_index, uint64_t seed, void** generator) {
    ENTRY_BEGIN
    const auto& shared = at::globalContext().defaultGenerator(
        c10::Device(static_cast<c10::DeviceType>(device_type), static_cast<c10::DeviceIndex>(device_index)));
    auto own = std::make_unique<at::Generator>(shared.clone());
    own->set_current_seed(seed);
    *generator = own.release();
    ENTRY_END
}

void rt_generator_release(void* generator) { delete static_cast<at::Generator*>(generator); }

int rt_generator_seed(void* generator, uint64_t* seed) {
    ENTRY_BEGIN
    *seed = static_cast<at::Generator*>(generator)->current_seed();
    ENTRY_END
}

int rt_generator_set_seed(void* generator, uint64_t seed) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    target.set_current_seed(seed);
    ENTRY_END
}

int rt_generator_random_seed(void* generator, uint64_t* seed) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    *seed = target.seed();
    ENTRY_END
}

int rt_generator_state(void* generator, void** state) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    std::lock_guard<std::mutex> lock(target.mutex());
    *state = release(target.get_state());
    ENTRY_END
}

int rt_generator_set_state(void* generator, void* state) {
    ENTRY_BEGIN
    auto& target = *static_cast<at::Generator*>(generator);
    auto value = borrow(state);
    std::lock_guard<std::mutex> lock(target.mutex());
    target.set_state(value);
    ENTRY_END
}

// --- machine ---------------------------------------------------------------------------------------------------------

int rt_num_threads() { return at::get_num_threads(); }

int rt_set_num_threads(int32_t n) {
    ENTRY_BEGIN
    at::set_num_threads(n);
    ENTRY_END
}

int rt_num_interop_threads() { return static_cast<int>(at::get_num_interop_threads()); }

int rt_set_num_interop_threads(int32_t n) {
    ENTRY_BEGIN
    at::set_num_interop_threads(n);
    ENTRY_END
}

int rt_deterministic() { return at::globalContext().deterministicAlgorithms(); }

int rt_set_deterministic(int32_t enabled, int32_t warn_only) {
    ENTRY_BEGIN
    at::globalContext().setDeterministicAlgorithms(enabled != 0, warn_only != 0);
    ENTRY_END
}

int rt_cuda_available() { return torch::cuda::is_available(); }
int rt_cuda_device_count() { return static_cast<int>(torch::cuda::device_count()); }

int rt_cuda_synchronize(int64_t device) {
    ENTRY_BEGIN
    torch::cuda::synchronize(device);
    ENTRY_END
}

int rt_context_get(int32_t flag) {
    auto& context = at::globalContext();
    switch (flag) {
        case 0: return context.userEnabledCuDNN();
        case 1: return context.benchmarkCuDNN();
        case 2: return context.deterministicCuDNN();
        case 3: return context.allowTF32CuDNN();
        case 4: return context.allowTF32CuBLAS();
        default: return -1;
    }
}

int rt_context_set(int32_t flag, int32_t value) {
    ENTRY_BEGIN
    auto& context = at::globalContext();
    switch (flag) {
        case 0: context.setUserEnabledCuDNN(value != 0); break;
        case 1: context.setBenchmarkCuDNN(value != 0); break;
        case 2: context.setDeterministicCuDNN(value != 0); break;
        case 3: context.setAllowTF32CuDNN(value != 0); break;
        case 4: context.setAllowTF32CuBLAS(value != 0); break;
        default: TORCH_CHECK(false, "unknown switch ", flag);
    }
    ENTRY_END
}

// One line for each loaded library: its path, a tab, its build id in hexadecimal (empty where it has none).
int rt_loaded_libraries(const char** text) {
    ENTRY_BEGIN
    thread_local std::string lines;
    lines.clear();
    dl_iterate_phdr(
        [](dl_phdr_info* info, size_t, void* out) {
            auto& target = *static_cast<std::string*>(out);
            if (info->dlpi_name == nullptr || *info->dlpi_name == 0) return 0;
            target += info->dlpi_name;
            target += '\t';
            for (int i = 0; i < info->dlpi_phnum; i++) {
                const auto& header = info->dlpi_phdr[i];
                if (header.p_type != PT_NOTE) continue;
                auto at = reinterpret_cast<const char*>(info->dlpi_addr + header.p_vaddr);
                auto end = at + header.p_memsz;
                while (at + sizeof(ElfW(Nhdr)) <= end) {
                    auto note = reinterpret_cast<const ElfW(Nhdr)*>(at);
                    auto name = at + sizeof(*note);
                    auto bytes = name + ((note->n_namesz + 3) & ~3u);
                    if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 && std::memcmp(name, "GNU", 4) == 0) {
                        static const char digits[] = "0123456789abcdef";
                        for (unsigned b = 0; b < note->n_descsz; b++) {
                            target += digits[static_cast<unsigned char>(bytes[b]) >> 4];
                            target += digits[static_cast<unsigned char>(bytes[b]) & 15];
                        }
                    }
                    at = bytes + ((note->n_descsz + 3) & ~3u);
                }
            }
            target += '\n';
            return 0;
        },
        &lines);
    *text = lines.c_str();
    ENTRY_END
}

// Without this, glibc gives every large block back to the kernel and faults its pages in again at each step.
__attribute__((constructor)) static void keep_pages() {
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 0x7fffffff);
    mallopt(M_TOP_PAD, 64 << 20);
}

} // extern "C"
#pragma GCC visibility pop
