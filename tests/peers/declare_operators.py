#!/usr/bin/python3
"""Writes src/Repro.Torch/Dispatch/Ops*.cs: a declaration, with libtorch's schema, of every operator that the sources name.

A field is called by the operator's name and overload joined with _: aten::add.Tensor is Ops.add_Tensor. Run it after naming
a new one:   /usr/bin/python3 tests/peers/declare_operators.py
The schemas are those of the libtorch that this Python's torch has (Debian's is 1.13, the oldest supported).
"""
import pathlib
import re
import sys

import torch

sources = pathlib.Path(__file__).resolve().parents[2] / "src" / "Repro.Torch"
named = set()
for file in sources.rglob("*.cs"):
    if not file.name.startswith("Ops.") and "obj" not in file.parts:
        named |= set(re.findall(r"\bOps\.(\w+)", file.read_text())) - {"All"}

available = {}
for schema in torch._C._jit_get_all_schemas():
    if schema.name.startswith("aten::"):
        field = schema.name[6:] + ("_" + schema.overload_name if schema.overload_name else "")
        available.setdefault(field, []).append(str(schema))

missing = sorted(name for name in named if name not in available)
if missing:
    sys.exit("libtorch has no operator for: " + ", ".join(missing))


def lines_of(names):
    for name in names:
        # Two operators may share a field's name (a.b_c and a_b.c); sources mean the one with the shorter schema name.
        schema = sorted(available[name], key=len)[0].replace("\\", "\\\\").replace('"', '\\"')
        field = "@" + name if name in ("where", "var", "is", "as") else name
        yield f'    public static readonly Operator {field} = new("{schema}");'


groups = [("A to L", [n for n in sorted(named) if n.lower().lstrip("_") < "m"]), ("M to Z", [n for n in sorted(named) if n.lower().lstrip("_") >= "m"])]
for title, names in groups:
    file = sources / "Dispatch" / f"Ops.{title.replace(' to ', '-')}.cs"
    file.write_text(
        "namespace Repro.Torch.Dispatch;\n\n"
        "// Written by tests/peers/declare_operators.py from the schemas of libtorch " + torch.__version__.split("a")[0] + ".\n"
        "#pragma warning disable IDE1006\n"
        "internal static partial class Ops\n{\n" + "\n".join(lines_of(names)) + "\n}\n")
    print(f"{file.name}: {len(names)} operators")
