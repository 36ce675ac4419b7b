#!/usr/bin/python3
"""Writes tests/Repro.Torch.Tests/Data/later_schemas.txt: the schemas of a later libtorch, for every operator that 1.13 has too.

    /usr/bin/python3 tests/peers/later_schemas.py native_functions.yaml "libtorch 2.7"
The file named is aten/src/ATen/native/native_functions.yaml of PyTorch's source, of the version named after it. Only the schemas are
taken over, as libtorch's parser prints them. (Of the 1,882 for 2.7 that do not write into given outputs,
1,852 stand in Debian's libtorch_cpu 2.6 too, found there as text, all but stft's the same.)
"""
import hashlib
import pathlib
import re
import sys

import torch

target = pathlib.Path(__file__).resolve().parents[1] / "Repro.Torch.Tests" / "Data" / "later_schemas.txt"


def main(source, version):
    content = pathlib.Path(source).read_bytes()
    blob = hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()
    here = {(schema.name, schema.overload_name) for schema in torch._C._jit_get_all_schemas()}
    lines = []
    for declaration in re.findall(r"^- func: (.*?)\s*$", content.decode(), re.MULTILINE):
        try:
            schema = torch._C.parse_schema("aten::" + declaration)
        except RuntimeError:
            continue  # a type that 1.13 does not know: nothing that was written for it calls this
        if (schema.name, schema.overload_name) in here:
            lines.append(str(schema).strip())
    head = f"# Operator schemas of {version}, from native_functions.yaml (git blob {blob}); written by tests/peers/later_schemas.py.\n"
    target.write_text(head + "\n".join(sorted(lines)) + "\n")
    print(f"{target.name}: {len(lines)} schemas")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
