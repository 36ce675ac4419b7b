#!/usr/bin/python3
"""Reads a safetensors file into tensors, and writes them into another: what the engine saved goes through PyTorch and comes back.

    /usr/bin/python3 tests/peers/safetensors_roundtrip.py IN OUT

Written after the format's description, with nothing but json, struct and torch. Prints the metadata, and a line a tensor: its
name, type, shape and the sum of its bytes.
"""
import json
import struct
import sys

import torch

TYPES = {
    "F64": torch.float64, "F32": torch.float32, "F16": torch.float16, "BF16": torch.bfloat16, "I64": torch.int64,
    "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool,
}


def read(path):
    with open(path, "rb") as file:
        content = file.read()
    length, = struct.unpack("<Q", content[:8])
    header = json.loads(content[8:8 + length])
    metadata = header.pop("__metadata__", {})
    data = content[8 + length:]
    tensors, covered = {}, 0
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        kind = TYPES[entry["dtype"]]
        size = torch.empty(0, dtype=kind).element_size()
        assert (8 + length + begin) % size == 0, f"{name} is not aligned"
        count = 1
        for n in entry["shape"]:
            count *= n
        assert end - begin == count * size, name
        flat = torch.frombuffer(bytearray(data[begin:end]), dtype=kind) if count else torch.empty(0, dtype=kind)
        tensors[name] = flat.reshape(entry["shape"])
        covered += end - begin
    assert covered == len(data), "the tensors do not cover the file"
    return tensors, metadata


def bytes_of(tensor):
    return bytes(tensor.contiguous().flatten().view(torch.uint8).tolist()) if tensor.numel() else b""


def write(path, tensors, metadata):
    names = {kind: name for name, kind in TYPES.items()}
    header, parts, at = {"__metadata__": metadata}, [], 0
    for name, tensor in sorted(tensors.items()):
        part = bytes_of(tensor.reshape(-1))
        header[name] = {"shape": list(tensor.shape), "data_offsets": [at, at + len(part)], "dtype": names[tensor.dtype]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header, ensure_ascii=False).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


if __name__ == "__main__":
    tensors, metadata = read(sys.argv[1])
    print("metadata", json.dumps(metadata, sort_keys=True))
    for name, tensor in sorted(tensors.items()):
        print(name, str(tensor.dtype)[6:], list(tensor.shape), sum(bytes_of(tensor.reshape(-1))))
    write(sys.argv[2], tensors, metadata)
