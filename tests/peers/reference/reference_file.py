"""Cases computed by PyTorch and written as a safetensors file, for the scripts beside this one.

Debian's python3-torch has the same libtorch as the engine. A case is a name, a function and the shapes of its inputs; the same
name stands in C# with the same function. Gradients are those of (output * weights).sum(), where weights are cos(0), cos(1), ...
in the output's order.
"""
import json
import struct
import sys

import torch

POSITIVE = "positive"
KINDS = {torch.float32: "F32", torch.float64: "F64", torch.int64: "I64", torch.uint8: "U8"}


def weights(tensor):
    return torch.cos(torch.arange(tensor.numel(), dtype=tensor.dtype)).reshape(tensor.shape)


class ReferenceFile:
    def __init__(self, seed):
        torch.manual_seed(seed)
        torch.set_num_threads(1)
        self.entries, self.count = {}, 0

    def save(self, name, tensor):
        self.entries[name] = tensor.detach().contiguous().clone()

    def cases(self, cases, dtype=torch.float32, suffix=""):
        for name, (function, shapes) in cases.items():
            name += suffix
            inputs = []
            for shape in shapes:
                value = torch.rand(3, 4, dtype=dtype) + 0.5 if shape == POSITIVE else torch.randn(shape, dtype=dtype)
                inputs.append(value.requires_grad_())
            output = function(*inputs)
            self.save(f"{name}.out", output.double() if not output.is_floating_point() else output)
            for i, value in enumerate(inputs):
                self.save(f"{name}.in.{i}", value)
            if output.requires_grad:
                gradients = torch.autograd.grad((output * weights(output)).sum(), inputs, allow_unused=True)
                for i, gradient in enumerate(gradients):
                    if gradient is not None:
                        self.save(f"{name}.grad.{i}", gradient)
            self.count += 1

    def write(self):
        """To the path on the command line."""
        header, at = {}, 0
        for name, tensor in self.entries.items():
            size = tensor.numel() * tensor.element_size()
            header[name] = {"dtype": KINDS[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [at, at + size]}
            at += size
        text = json.dumps(header, separators=(",", ":")).encode()
        text += b" " * (-len(text) % 8)
        with open(sys.argv[1], "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            for tensor in self.entries.values():
                out.write(tensor.numpy().tobytes())
        print(f"{self.count} cases, {len(self.entries)} tensors, {8 + len(text) + at} bytes, PyTorch {torch.__version__}")
