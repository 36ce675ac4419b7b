#!/usr/bin/python3
"""Reads a state dictionary in TorchSharp's format, checks every byte of its layout, and writes the tensors as a safetensors file.

    /usr/bin/python3 tests/peers/torchsharp_files.py IN OUT

The format: the number of entries; of each its name (length in UTF-8 bytes, text), the number of its type, the number of its
dimensions, their sizes, and the elements, little-endian and row-major. All numbers before the elements are unsigned LEB128.
"""
import sys

import torch

from safetensors_roundtrip import write

TYPES = {0: torch.uint8, 1: torch.int8, 2: torch.int16, 3: torch.int32, 4: torch.int64, 5: torch.float16, 6: torch.float32, 7: torch.float64, 11: torch.bool, 15: torch.bfloat16}


class Reader:
    def __init__(self, content):
        self.content, self.at = content, 0

    def take(self, count):
        part = self.content[self.at:self.at + count]
        assert len(part) == count, f"the file ends at byte {len(self.content)}, inside what begins at {self.at}"
        self.at += count
        return part

    def number(self):
        value, shift, start = 0, 0, self.at
        while True:
            byte = self.take(1)[0]
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                assert byte or self.at == start + 1, f"the number at byte {start} is longer than it need be"
                return value

    def tensor(self):
        kind = TYPES[self.number()]
        shape = [self.number() for _ in range(self.number())]
        count = 1
        for size in shape:
            count *= size
        part = self.take(count * torch.empty(0, dtype=kind).element_size())
        return (torch.frombuffer(bytearray(part), dtype=kind) if count else torch.empty(0, dtype=kind)).reshape(shape)


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as file:
        reader = Reader(file.read())
    tensors = {}
    for _ in range(reader.number()):
        name = reader.take(reader.number()).decode()
        assert name not in tensors, name
        tensors[name] = reader.tensor()
    assert reader.at == len(reader.content), f"{len(reader.content) - reader.at} bytes are left over"
    write(sys.argv[2], tensors, {})
    print(len(tensors), "tensors")
