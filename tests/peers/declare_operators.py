#!/usr/bin/python3
"""Writes src/Repro.Torch/Dispatch/Ops*.cs: a declaration, with libtorch's schema, of every operator that the sources name.

A field is called by the operator's name and overload joined with _: aten::add.Tensor is Ops.add_Tensor. Run it after naming
a new one:   /usr/bin/python3 tests/peers/declare_operators.py
The schemas are those of the libtorch that this Python's torch has (Debian's is 1.13, the oldest supported). Where a later libtorch
(tests/Repro.Torch.Tests/Data/later_schemas.txt, see later_schemas.py) has another for whoever calls it, that stands beside the first.
Ops.Manifest.cs has the same in short, for the check at load: name, number of arguments, hash (native/manifest.cpp forms it likewise).
"""
import pathlib
import re
import sys

import torch

root = pathlib.Path(__file__).resolve().parents[2]
sources = root / "src" / "Repro.Torch"
named = set()
for file in sources.rglob("*.cs"):
    if not file.name.startswith("Ops.") and "obj" not in file.parts:
        named |= set(re.findall(r"\bOps\.(\w+)", file.read_text())) - {"All", "Manifest"}

available = {}
for schema in torch._C._jit_get_all_schemas():
    if schema.name.startswith("aten::"):
        field = schema.name[6:] + ("_" + schema.overload_name if schema.overload_name else "")
        available.setdefault(field, []).append(schema)

missing = sorted(name for name in named if name not in available)
if missing:
    sys.exit("libtorch has no operator for: " + ", ".join(missing))
# Two operators may share a field's name (a.b_c and a_b.c); sources mean the one with the shorter schema name.
chosen = {name: sorted(available[name], key=lambda schema: len(str(schema)))[0] for name in named}

text = (root / "tests" / "Repro.Torch.Tests" / "Data" / "later_schemas.txt").read_text().splitlines()
later_version = re.search(r"schemas of (.*?), from", text[0]).group(1)
later = {schema.split("(")[0]: torch._C.parse_schema(schema) for schema in text[1:]}


def full_name(schema):
    return schema.name + ("." + schema.overload_name if schema.overload_name else "")


def kind(item, outermost=True):
    """As the dispatcher carries it: an integer may be symbolic, and an argument optional, without a difference for a caller."""
    name = item.kind()
    if name == "OptionalType":
        return kind(item.getElementType(), False) if outermost else "OptionalType " + kind(item.getElementType(), False)
    if name == "ListType":
        return "ListType " + kind(item.getElementType(), False)
    return "IntType" if name == "SymIntType" else name


def digest(schema, arguments):
    words = [f"{a.name} {kind(a.type)}" for a in list(schema.arguments)[:arguments]] + ["->"] + [kind(r.type) for r in schema.returns]
    value = 2166136261  # FNV-1a
    for byte in ",".join(words).encode():
        value = (value ^ byte) * 16777619 % 2**32
    return f"{value:08x}"


def same_for_a_caller(first, second):
    """Of the same arguments in the same order, those further on with defaults; exactly what the check at load accepts."""
    count = len(list(first.arguments))
    further = list(second.arguments)[count:]
    return digest(first, count) == digest(second, count) and all(a.has_default_value() for a in further)


def quoted(schema):
    return '"' + str(schema).strip().replace("\\", "\\\\").replace('"', '\\"') + '"'


def lines_of(names):
    for name in names:
        other = later.get(full_name(chosen[name]))
        field = "@" + name if name in ("where", "var", "is", "as") else name
        differs = other is not None and len(list(other.arguments)) != len(list(chosen[name].arguments)) or other is not None and not same_for_a_caller(chosen[name], other)
        beside = f", later: {quoted(other)}" if differs else ""
        yield f"    public static readonly Operator {field} = new({quoted(chosen[name])}{beside});"


def manifest():
    for name in sorted(named, key=lambda name: full_name(chosen[name])):
        schema = chosen[name]
        count = len(list(schema.arguments))
        other = later.get(full_name(schema))
        line = f"{full_name(schema)} {count} {digest(schema, count)}"
        if other is not None and not same_for_a_caller(schema, other):
            line += f" {len(list(other.arguments))} {digest(other, len(list(other.arguments)))}"
        yield line


head = (
    "namespace Repro.Torch.Dispatch;\n\n"
    f"// Written by tests/peers/declare_operators.py from the schemas of libtorch {torch.__version__.split('a')[0]} and {later_version}.\n"
    "#pragma warning disable IDE1006\n"
    "internal static partial class Ops\n{\n")
groups = [("A to L", [n for n in sorted(named) if n.lower().lstrip("_") < "m"]), ("M to Z", [n for n in sorted(named) if n.lower().lstrip("_") >= "m"])]
for title, names in groups:
    file = sources / "Dispatch" / f"Ops.{title.replace(' to ', '-')}.cs"
    file.write_text(head + "\n".join(lines_of(names)) + "\n}\n")
    print(f"{file.name}: {len(names)} operators")
(sources / "Dispatch" / "Ops.Manifest.cs").write_text(
    head + '    public static ReadOnlySpan<byte> Manifest => """\n' + "\n".join(f"        {line}" for line in manifest()) + '\n        """u8;\n}\n')
coped = set(re.findall(r'\["([^"]+)"\] =', (sources / "Dispatch" / "LaterOperators.cs").read_text()))
gone = sorted(full_name(schema) for schema in chosen.values() if full_name(schema) not in later)
changed = sorted(full_name(schema) for schema in chosen.values() if full_name(schema) in later and not same_for_a_caller(schema, later[full_name(schema)]))
for which, names in (("not in", gone), ("different in", changed)):
    if missing := [name for name in names if name not in coped]:
        print(f"{which} {later_version}, to be declared in Dispatch/LaterOperators.cs: " + ", ".join(missing))
