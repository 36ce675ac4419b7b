#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/ResNet/resnet-reference.json: what PyTorch computes for small networks of He et al. 2015, section 4.2.

Needs Debian's python3-torch. The networks are written here a second time, on purpose in another style (functions over a dictionary of
tensors, float64), so that a mistake in one of the two is seen as a difference. Parameters and images come from a formula that both sides know:
number i (row by row) of the j-th parameter in alphabetical order is (0.5 if it has one dimension else 0.3) * sin(1.7 i + 0.9 j) (+ 1 for the
scale of a batch normalization); number i of the images is sin(0.37 i + 0.1 i mod 5); image k has the class (3 k + 1) mod 10.

    /usr/bin/python3 tests/peers/resnet_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

N, WIDTH, CHANNELS, CLASSES, SIZE, IMAGES = 1, 4, 3, 10, 8, 6
LEARNING_RATE, MOMENTUM, WEIGHT_DECAY, STEPS = 0.1, 0.9, 1e-2, 3


def shapes():
    """Name to shape of every parameter."""
    found = {"conv1.weight": (WIDTH, CHANNELS, 3, 3), "bn1.weight": (WIDTH,), "bn1.bias": (WIDTH,)}
    before = WIDTH
    for stage, filters in enumerate((WIDTH, 2 * WIDTH, 4 * WIDTH), start=1):
        for block in range(N):
            at = f"stage{stage}.{block}."
            found[at + "conv1.weight"] = (filters, before, 3, 3)
            found[at + "conv2.weight"] = (filters, filters, 3, 3)
            for norm in ("bn1", "bn2"):
                found[at + norm + ".weight"] = found[at + norm + ".bias"] = (filters,)
            before = filters
    found["fc.weight"], found["fc.bias"] = (CLASSES, before), (CLASSES,)
    return found


def parameters():
    values = {}
    for j, (name, shape) in enumerate(sorted(shapes().items())):
        scale = 0.5 if len(shape) == 1 else 0.3
        data = [scale * math.sin(1.7 * i + 0.9 * j) for i in range(math.prod(shape))]
        tensor = torch.tensor(data, dtype=torch.float64).reshape(shape)
        if "bn" in name and name.endswith("weight"):
            tensor = tensor + 1
        values[name] = tensor.requires_grad_()
    return values


def images():
    count = IMAGES * CHANNELS * SIZE * SIZE
    data = [math.sin(0.37 * i + 0.1 * (i % 5)) for i in range(count)]
    return torch.tensor(data, dtype=torch.float64).reshape(IMAGES, CHANNELS, SIZE, SIZE)


def network(p, running, x, residual, training):
    def norm(name, h):
        mean, var = running.setdefault(name, (torch.zeros(h.shape[1], dtype=h.dtype), torch.ones(h.shape[1], dtype=h.dtype)))
        return F.batch_norm(h, mean, var, p[name + ".weight"], p[name + ".bias"], training, momentum=0.1, eps=1e-5)

    h = F.relu(norm("bn1", F.conv2d(x, p["conv1.weight"], padding=1)))
    for stage in (1, 2, 3):
        for block in range(N):
            at = f"stage{stage}.{block}."
            stride = 2 if stage > 1 and block == 0 else 1
            inner = F.relu(norm(at + "bn1", F.conv2d(h, p[at + "conv1.weight"], stride=stride, padding=1)))
            outer = norm(at + "bn2", F.conv2d(inner, p[at + "conv2.weight"], padding=1))
            if residual:
                skip = h
                if stride == 2:
                    skip = F.avg_pool2d(skip, kernel_size=1, stride=2)
                missing = outer.shape[1] - skip.shape[1]
                if missing:
                    skip = torch.cat([skip, skip.new_zeros(skip.shape[0], missing, *skip.shape[2:])], dim=1)
                outer = outer + skip
            h = F.relu(outer)
    return F.linear(F.adaptive_avg_pool2d(h, 1).flatten(1), p["fc.weight"], p["fc.bias"])


def reference(residual):
    p, running, x = parameters(), {}, images()
    labels = torch.tensor([(3 * k + 1) % CLASSES for k in range(IMAGES)])
    velocity, out = {}, {"losses": []}
    for step in range(STEPS):
        logits = network(p, running, x, residual, training=True)
        loss = F.cross_entropy(logits, labels)
        gradients = dict(zip(p, torch.autograd.grad(loss, list(p.values()))))
        out["losses"].append(loss.item())
        if step == 0:
            out["logits"] = logits.flatten().tolist()
            out["gradients"] = {name: g.flatten()[:: max(1, g.numel() // 4)][:4].tolist() for name, g in gradients.items()}
        with torch.no_grad():
            for name, g in gradients.items():
                g = g + WEIGHT_DECAY * p[name]
                velocity[name] = g if step == 0 else MOMENTUM * velocity[name] + g
                p[name] -= LEARNING_RATE * velocity[name]
    out["evaluated_logits"] = network(p, running, x, residual, training=False).flatten().tolist()
    out["parameter_sums"] = {name: t.sum().item() for name, t in p.items()}
    return out


def main():
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "ResNet" / "resnet-reference.json"
    round9 = lambda v: round(v, 9) if isinstance(v, float) else v if not isinstance(v, (list, dict)) else (
        [round9(e) for e in v] if isinstance(v, list) else {k: round9(e) for k, e in v.items()})
    found = {"torch": torch.__version__, "residual": round9(reference(True)), "plain": round9(reference(False))}
    target.write_text(json.dumps(found, indent=None, separators=(",", ":")).replace('],"', '],\n"').replace(',"plain"', ',\n"plain"') + "\n")


if __name__ == "__main__":
    main()
