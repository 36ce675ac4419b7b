#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/Transformer/gpt-reference.json: what PyTorch computes for small decoder-only Transformers of nanoGPT's kind.

Needs Debian's python3-torch. The network is written here a second time, on purpose in another style (functions over a dictionary of tensors, float64, attention with a loop over heads), so that
a mistake in one of the two is seen as a difference. Parameters and characters come from a formula that both sides know: number i (row by row) of the j-th parameter in alphabetical order is
0.3 * sin(1.7 i + 0.9 j), plus 1 for the gain of a normalization; character t of piece b is (3 t + 5 b + t b mod 4) mod 7, and the targets are the characters one further on.

    /usr/bin/python3 tests/peers/gpt_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

CHARACTERS, LAYERS, HEADS, WIDTH, CONTEXT, PIECES, LENGTH = 7, 2, 2, 8, 6, 3, 5
RATE, BETA1, BETA2, DECAY, CLIP, STEPS = 1e-2, 0.9, 0.99, 0.1, 1.0, 3
CASES = {
    "nanogpt": dict(bias=False, places=True, tied=True),
    "gpt2": dict(bias=True, places=True, tied=True),
    "untied": dict(bias=False, places=True, tied=False),
    "no_places": dict(bias=False, places=False, tied=True),
}


def shapes(bias, places, tied):
    """Name to shape of every parameter."""
    found = {"wte.weight": (CHARACTERS, WIDTH)}
    if places:
        found["wpe.weight"] = (CONTEXT, WIDTH)
    if not tied:
        found["lm_head.weight"] = (CHARACTERS, WIDTH)
    for layer in range(LAYERS):
        at = f"h.{layer}."
        for name, rows, columns in (("attn.c_attn", 3 * WIDTH, WIDTH), ("attn.c_proj", WIDTH, WIDTH), ("mlp.c_fc", 4 * WIDTH, WIDTH), ("mlp.c_proj", WIDTH, 4 * WIDTH)):
            found[at + name + ".weight"] = (rows, columns)
            if bias:
                found[at + name + ".bias"] = (rows,)
        for name in ("ln_1", "ln_2"):
            found[at + name + ".weight"] = (WIDTH,)
            if bias:
                found[at + name + ".bias"] = (WIDTH,)
    found["ln_f.weight"] = (WIDTH,)
    if bias:
        found["ln_f.bias"] = (WIDTH,)
    return found


def parameters(found):
    values = {}
    for j, (name, shape) in enumerate(sorted(found.items())):
        numbers = [0.3 * math.sin(1.7 * i + 0.9 * j) + (1 if "ln_" in name and name.endswith("weight") else 0) for i in range(math.prod(shape))]
        values[name] = torch.tensor(numbers, dtype=torch.float64).reshape(shape).requires_grad_()
    return values


def normalized(x, p, name):
    centred = x - x.mean(-1, keepdim=True)
    y = centred / torch.sqrt((centred ** 2).mean(-1, keepdim=True) + 1e-5) * p[name + ".weight"]
    return y + p[name + ".bias"] if name + ".bias" in p else y


def layer(x, p, name):
    y = x @ p[name + ".weight"].T
    return y + p[name + ".bias"] if name + ".bias" in p else y


def logits(p, text, tied):
    x = p["wte.weight"][text]
    if "wpe.weight" in p:
        x = x + p["wpe.weight"][: text.shape[1]]
    size = WIDTH // HEADS
    for i in range(LAYERS):
        at = f"h.{i}."
        q, k, v = layer(normalized(x, p, at + "ln_1"), p, at + "attn.c_attn").split(WIDTH, -1)
        seen = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            scores = q[..., part] @ k[..., part].transpose(1, 2) / math.sqrt(size)
            future = torch.arange(text.shape[1])[None, :] > torch.arange(text.shape[1])[:, None]
            scores[:, future] = -torch.inf
            seen.append(torch.softmax(scores, -1) @ v[..., part])
        x = x + layer(torch.cat(seen, -1), p, at + "attn.c_proj")
        wide = layer(normalized(x, p, at + "ln_2"), p, at + "mlp.c_fc")
        x = x + layer(wide * 0.5 * (1 + torch.erf(wide / math.sqrt(2))), p, at + "mlp.c_proj")
    return normalized(x, p, "ln_f") @ (p["wte.weight"] if tied else p["lm_head.weight"]).T


def case(bias, places, tied):
    p = parameters(shapes(bias, places, tied))
    whole = torch.tensor([[(3 * t + 5 * b + (t * b) % 4) % 7 for t in range(LENGTH + 1)] for b in range(PIECES)])
    text, targets = whole[:, :-1], whole[:, 1:]
    ordered = [p[name] for name in sorted(p)]
    optimizer = torch.optim.AdamW(
        [{"params": [v for v in ordered if v.dim() >= 2], "weight_decay": DECAY}, {"params": [v for v in ordered if v.dim() < 2], "weight_decay": 0.0}], lr=RATE, betas=(BETA1, BETA2))
    result = {"losses": []}
    for step in range(STEPS):
        optimizer.zero_grad()
        out = logits(p, text, tied)
        loss = F.cross_entropy(out.reshape(-1, CHARACTERS), targets.reshape(-1))
        loss.backward()
        result["losses"].append(loss.item())
        if step == 0:
            result["logits"] = out.detach().reshape(-1).tolist()
            result["gradients"] = {name: v.grad.reshape(-1)[:: max(1, v.numel() // 4)][:4].tolist() for name, v in sorted(p.items())}
        result.setdefault("norms", []).append(torch.nn.utils.clip_grad_norm_(ordered, CLIP).item())
        optimizer.step()
    # Without the keys' biases: they move all scores of a query alike, so they have no gradient, and Adam makes steps of what rounding leaves.
    result["parameter_sums"] = {name: (v.reshape(3, -1)[[0, 2]] if name.endswith("c_attn.bias") else v).sum().item() for name, v in sorted(p.items())}
    result["count"] = sum(v.numel() for v in ordered)
    return result


target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests/Transformer/gpt-reference.json"
target.write_text(json.dumps({name: case(**kind) for name, kind in CASES.items()}, indent=1) + "\n")
