// The check of every operator's schema when the engine is loaded: a hash each, formed as tests/peers/declare_operators.py does.

#include "repro_torch.h"
#include "errors.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string>

namespace rt {

struct Fnv {
    uint32_t value = 2166136261u;
    void add(const char* text) {
        for (; *text; text++) value = (value ^ static_cast<unsigned char>(*text)) * 16777619u;
    }
    void add(const std::string& text) { add(text.c_str()); }
};

// Symbolic or not is one to a caller; so is an optional argument.
static void add_kind(Fnv& hash, const c10::Type& type, bool outermost) {
    switch (type.kind()) {
        case c10::TypeKind::OptionalType:
            if (!outermost) hash.add("OptionalType ");
            return add_kind(hash, *type.containedType(0), false);
        case c10::TypeKind::ListType:
            hash.add("ListType ");
            return add_kind(hash, *type.containedType(0), false);
        case c10::TypeKind::SymIntType: return hash.add("IntType");
        default: return hash.add(c10::typeKindToString(type.kind()));
    }
}

static uint32_t digest(const c10::FunctionSchema& schema, size_t arguments) {
    Fnv hash;
    for (size_t i = 0; i < arguments; i++) {
        hash.add(schema.arguments()[i].name());
        hash.add(" ");
        add_kind(hash, *schema.arguments()[i].type(), true);
        hash.add(",");
    }
    hash.add("->");
    for (const auto& result : schema.returns()) {
        hash.add(",");
        add_kind(hash, *result.type(), true);
    }
    return hash.value;
}

static bool fits(const c10::FunctionSchema& schema, size_t arguments, uint32_t expected) {
    if (schema.arguments().size() < arguments) return false;
    for (size_t i = arguments; i < schema.arguments().size(); i++)
        if (!schema.arguments()[i].default_value().has_value()) return false;
    return digest(schema, arguments) == expected;
}

} // namespace rt

using namespace rt;

#pragma GCC visibility push(default)
extern "C" {

// A line of the manifest: full name, then pairs of argument count and hash, any of which may fit. *misfits becomes a line for each
// operator that none fits: its name, a tab, this libtorch's schema (empty where it has no such operator). Valid until the thread's next call.
int rt_check_operators(const char* manifest, int64_t length, const char** misfits) {
    ENTRY_BEGIN
    thread_local std::string lines;
    lines.clear();
    auto& dispatcher = c10::Dispatcher::singleton();
    std::string name, overload;
    for (auto at = manifest, end = manifest + length; at < end;) {
        auto stop = static_cast<const char*>(memchr(at, '\n', end - at));
        if (stop == nullptr) stop = end;
        auto word = at;
        while (word < stop && *word != ' ') word++;
        name.assign(at, word);
        auto dot = name.find('.');
        overload = dot == std::string::npos ? "" : name.substr(dot + 1);
        auto found = dispatcher.findSchema({name.substr(0, dot), overload});
        auto fine = false;
        while (found.has_value() && !fine && word < stop) {
            char* next;
            auto arguments = std::strtoull(word, &next, 10);
            auto expected = static_cast<uint32_t>(std::strtoul(next, &next, 16));
            word = next;
            fine = fits(found->schema(), arguments, expected);
        }
        if (!fine) {
            std::ostringstream text;
            if (found.has_value()) text << found->schema();
            lines += name + '\t' + text.str() + '\n';
        }
        at = stop + 1;
    }
    *misfits = lines.c_str();
    ENTRY_END
}

} // extern "C"
#pragma GCC visibility pop
