// Numbers that stand for one of libtorch's names: types, layouts, memory formats, devices. libtorch takes them as they are, and over one that it does not
// know it reads beyond its tables or ends the process; so they are looked at here.
#pragma once

#include <ATen/core/function_schema.h>
#include <c10/core/Device.h>
#include <c10/core/Layout.h>
#include <c10/core/MemoryFormat.h>
#include <c10/core/ScalarType.h>

#include <limits>

namespace rt {

inline at::ScalarType scalar_type_of(int64_t number) {
    TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(at::ScalarType::Undefined), "unknown scalar type ", number);
    return static_cast<at::ScalarType>(number);
}

inline c10::DeviceType device_type_of(int64_t number) {
    const bool fits = number >= 0 && number <= std::numeric_limits<int8_t>::max();
    TORCH_CHECK(fits && c10::isValidDeviceType(static_cast<c10::DeviceType>(number)), "unknown device type ", number);
    return static_cast<c10::DeviceType>(number);
}

inline c10::Device device_of(int64_t type, int64_t index) {
    TORCH_CHECK(index >= -1 && index <= std::numeric_limits<int8_t>::max(), "no device has the index ", index);
    return c10::Device(device_type_of(type), static_cast<c10::DeviceIndex>(index));
}

// What an argument is in the schema's words, where its value travels as an integer: ScalarType, not int.
inline c10::TypeKind kind_of(const c10::Argument& argument) {
    auto type = argument.real_type();
    if (auto optional = type->cast<c10::OptionalType>()) type = optional->getElementType();
    return type->kind();
}

inline void check_number(c10::TypeKind kind, int64_t number) {
    switch (kind) {
        case c10::TypeKind::ScalarTypeType: scalar_type_of(number); break;
        case c10::TypeKind::LayoutType: TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(c10::Layout::NumOptions), "unknown layout ", number); break;
        case c10::TypeKind::MemoryFormatType: TORCH_CHECK(number >= 0 && number < static_cast<int64_t>(c10::MemoryFormat::NumOptions), "unknown memory format ", number); break;
        default: break;
    }
}

} // namespace rt
