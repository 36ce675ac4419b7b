#!/usr/bin/python3
"""Writes files in TorchSharp's own format, as its users write them in Python, and what is in them; tests/Repro.Torch.Tests loads them.

    /usr/bin/python3 tests/peers/reference/files.py tests/Repro.Torch.Tests/Data/files.safetensors

Each file is a tensor of bytes. A state dictionary is: the number of entries; of each its name (length, UTF-8), the number of its
type, the number of its dimensions, their sizes, the elements. An optimizer's state is: the name of its class, the number of groups,
the number of parameters; the options of each group (the learning rate twice, then the others as they are listed below); the state
of each parameter. Counts and sizes are unsigned LEB128; options are float64 or one byte; steps int64; a tensor that may be missing
follows a byte that says whether it is there.
"""
import struct

import torch

import corrected_nadam
from reference_file import ReferenceFile, weights

file = ReferenceFile(seed=20210407)
TYPES = {torch.uint8: 0, torch.int8: 1, torch.int16: 2, torch.int32: 3, torch.int64: 4, torch.float16: 5, torch.float32: 6, torch.float64: 7, torch.bool: 11}


def number(value):
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(out + bytes([value]))


def text(value):
    return number(len(value.encode())) + value.encode()


def tensor(value):
    return number(TYPES[value.dtype]) + number(value.dim()) + b"".join(map(number, value.shape)) + value.detach().numpy().tobytes()


def option(value):
    return bytes([value]) if isinstance(value, bool) else struct.pack("<d", value)


def maybe(value):
    return b"\0" if value is None else b"\1" + tensor(value)


def save(name, content):
    file.save(name, torch.tensor(list(content), dtype=torch.uint8))


net = torch.nn.Sequential(torch.nn.Linear(3, 130), torch.nn.BatchNorm1d(130), torch.nn.Linear(130, 2, bias=False))
net(torch.randn(5, 3))
state = net.state_dict()


def dictionary(entries):
    return number(len(entries)) + b"".join(text(name) + tensor(value) for name, value in entries)


save("state_dict", dictionary(state.items()))
# TorchSharp itself writes all parameters first, and then the buffers.
save("state_dict.sharp", dictionary([*net.named_parameters(), *net.named_buffers()]))
for name, value in state.items():
    file.save(f"state_dict.{name}", value)
for kind in TYPES:
    value = (torch.randn(2, 3) * 3).to(kind)
    save(f"tensor.{TYPES[kind]}", tensor(value))
    file.save(f"tensor.{TYPES[kind]}.values", value.double())

O = torch.optim
OPTIMIZERS = {
    "SGD": (lambda p: O.SGD(p, 0.05, momentum=0.8, dampening=0.1, weight_decay=0.02),
            "momentum dampening weight_decay nesterov maximize", "momentum_buffer?"),
    "Adam": (lambda p: O.Adam(p, 0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.05, amsgrad=True),
             "beta1 beta2 eps weight_decay amsgrad maximize", "step exp_avg exp_avg_sq max_exp_avg_sq?"),
    "AdamW": (lambda p: O.AdamW(p, 0.02, betas=(0.85, 0.98), eps=1e-7, weight_decay=0.06),
              "beta1 beta2 eps weight_decay amsgrad maximize", "step exp_avg exp_avg_sq max_exp_avg_sq?"),
    "RMSProp": (lambda p: O.RMSprop(p, 0.005, alpha=0.9, eps=1e-6, weight_decay=0.05, momentum=0.8, centered=True),
                "maximize momentum alpha eps weight_decay centered", "step square_avg momentum_buffer? grad_avg?"),
    "Adagrad": (lambda p: O.Adagrad(p, 0.2, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.3, eps=1e-8),
                "lr_decay initial_accumulator_value eps weight_decay", "step sum"),
    "Adadelta": (lambda p: O.Adadelta(p, 2.0, rho=0.8, eps=1e-4, weight_decay=0.1), "rho eps weight_decay maximize", "step square_avg acc_delta"),
    "Adamax": (lambda p: O.Adamax(p, 0.03, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1), "beta1 beta2 eps weight_decay", "step exp_avg exp_inf"),
    "ASGD": (lambda p: O.ASGD(p, 0.05, lambd=1e-2, alpha=0.6, t0=5, weight_decay=0.05), "maximize lambd alpha weight_decay t0", "step eta mu ax"),
    "Rprop": (lambda p: O.Rprop(p, 0.05, etas=(0.4, 1.3), step_sizes=(1e-3, 0.2)), "maximize etaminus etaplus min_step max_step", "step prev step_size"),
    "NAdam": (lambda p: O.NAdam(p, 0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1, momentum_decay=0.02),
              "beta1 beta2 eps weight_decay momentum_decay", "step mu_product exp_avg exp_avg_sq"),
    "RAdam": (lambda p: O.RAdam(p, 0.03, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1), "beta1 beta2 eps weight_decay", "step exp_avg exp_avg_sq"),
}


def options_of(group):
    values = dict(group)
    values["beta1"], values["beta2"] = group.get("betas", (0, 0))
    values["etaminus"], values["etaplus"] = group.get("etas", (0, 0))
    values["min_step"], values["max_step"] = group.get("step_sizes", (0, 0))
    return values


def entry(state, name):
    value = state.get(name.rstrip("?"))
    if name.endswith("?"):
        return maybe(value)
    if name == "step":
        return struct.pack("<q", int(value))
    return struct.pack("<d", float(value)) if name in ("eta", "mu", "mu_product") else tensor(value)


for name, (make, options, entries) in OPTIMIZERS.items():
    parameters = [torch.randn(3, 4, requires_grad=True), torch.randn(2, requires_grad=True)]
    optimizer = make(parameters)

    def step():
        optimizer.zero_grad()
        sum((p.sin() * weights(p) + p ** 2 / 2).sum() for p in parameters).backward()
        optimizer.step()

    for _ in range(8):
        step()
    content = text(name) + number(len(optimizer.param_groups)) + number(len(parameters))
    for group in optimizer.param_groups:
        values = options_of(group)
        content += option(group["lr"]) * 2 + b"".join(option(values[each]) for each in options.split())
    for p in parameters:
        content += b"".join(entry(optimizer.state[p], each) for each in entries.split())
    save(f"{name}", content)
    for i, p in enumerate(parameters):
        file.save(f"{name}.before.{i}", p)
    step()
    step()
    for i, p in enumerate(parameters):
        file.save(f"{name}.after.{i}", p)
    file.count += 1

file.write()
