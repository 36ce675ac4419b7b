#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/csdi-reference.json: what PyTorch computes for a small network of CSDI (Tashiro et al. 2021).

Needs Debian's python3-torch. Everything is written here a second time, on purpose in another style: one sequence at a time, one head at a time, with the attention's
weights written out, in float64. Numbers come from formulas that both sides know. Number i (row by row) of the j-th parameter in alphabetical order is
s * sin(0.7 i^2 + 1.7 i + 0.9 j + 0.5) (+ 1 for the scale of a normalization), where s is 0.5 if it has one dimension, else the root of 3 over its inputs; number i of the
windows is sin(0.37 i + 0.1 (i mod 5)), of the noise 1.3 cos(0.91 i), of the marks 0.5 sin(2.3 i), of a noisy future 0.8 sin(0.61 i + 2).

    /usr/bin/python3 tests/peers/csdi_reference.py
"""
import json
import math
import pathlib

import torch

CHANNELS, HISTORY, HORIZON, STEPS, WINDOWS, MARKS = 3, 5, 4, 6, 2, 2
LAYERS, SIZE, HEADS, TIME, FEATURE, STEP = 2, 8, 2, 8, 4, 6
ROWS = HISTORY + HORIZON


def numbers(shape, formula):
    return torch.tensor([formula(i) for i in range(math.prod(shape))], dtype=torch.float64).reshape(shape)


def shapes():
    found = {"diffmodel.embed_layer.weight": (CHANNELS, FEATURE)}

    def dense(name, a, b, bias=True):
        found[f"diffmodel.{name}.weight"] = (b, a)
        if bias:
            found[f"diffmodel.{name}.bias"] = (b,)

    dense("projection1", STEP, STEP), dense("projection2", STEP, STEP)
    dense("input_projection", 2, SIZE), dense("output_projection1", SIZE, SIZE), dense("output_projection2", SIZE, 1)
    for i in range(LAYERS):
        at = f"residual_layers.{i}."
        dense(at + "diffusion_projection", STEP, SIZE), dense(at + "cond_projection", TIME + FEATURE + 1, 2 * SIZE)
        dense(at + "mid_projection", SIZE, 2 * SIZE), dense(at + "output_projection", SIZE, 2 * SIZE)
        for kind in ("time_layer.", "feature_layer."):
            for name in ("to_q", "to_k", "to_v"):
                dense(at + kind + name, SIZE, SIZE, bias=False)
            dense(at + kind + "to_out", SIZE, SIZE), dense(at + kind + "w1", SIZE, 4 * SIZE), dense(at + kind + "w2", 4 * SIZE, SIZE)
            for norm in ("norm1", "norm2"):
                found[f"diffmodel.{at}{kind}{norm}.weight"] = found[f"diffmodel.{at}{kind}{norm}.bias"] = (SIZE,)
    return found


def parameters():
    p = {}
    for j, (name, shape) in enumerate(sorted(shapes().items())):
        scale = 0.5 if len(shape) == 1 else math.sqrt(3 * shape[0] / math.prod(shape))
        value = numbers(shape, lambda i: scale * math.sin(0.7 * i * i + 1.7 * i + 0.9 * j + 0.5))
        if "norm" in name and name.endswith("weight"):
            value = value + 1
        p[name] = value.requires_grad_()
    return p


class Network:
    def __init__(self, p):
        self.p = p

    def dense(self, name, x):
        y = x @ self.p[f"diffmodel.{name}.weight"].T
        return y + self.p[f"diffmodel.{name}.bias"] if f"diffmodel.{name}.bias" in self.p else y

    def norm(self, name, x):
        centred = x - x.mean(-1, keepdim=True)
        return centred / ((centred ** 2).mean(-1, keepdim=True) + 1e-5).sqrt() * self.p[f"diffmodel.{name}.weight"] + self.p[f"diffmodel.{name}.bias"]

    def transformer(self, name, sequence):
        """One sequence, [length, SIZE]."""
        n = self.norm(name + "norm1", sequence)
        q, k, v = (self.dense(name + "to_" + c, n) for c in "qkv")
        each, outputs = SIZE // HEADS, []
        for h in range(HEADS):
            part = slice(h * each, (h + 1) * each)
            weights = torch.softmax(q[:, part], 1) @ torch.softmax(k[:, part], 0).T / math.sqrt(each)
            outputs.append(weights @ v[:, part])
        y = sequence + self.dense(name + "to_out", torch.cat(outputs, 1))
        wide = self.dense(name + "w1", self.norm(name + "norm2", y))
        return y + self.dense(name + "w2", 0.5 * wide * (1 + torch.erf(wide / math.sqrt(2))))

    def predict(self, given, noisy, mask, positions, t):
        """One window: given and noisy values and their mask [CHANNELS, ROWS], positions [ROWS], one step t."""
        half = STEP // 2
        angles = [t * 10 ** (4 * i / (half - 1)) for i in range(half)]
        step = torch.tensor([math.sin(a) for a in angles] + [math.cos(a) for a in angles], dtype=torch.float64)
        silu = lambda x: x * torch.sigmoid(x)
        step = silu(self.dense("projection2", silu(self.dense("projection1", step))))
        side = torch.stack([
            torch.stack([
                torch.cat([
                    torch.tensor([f(positions[n].item() / 10000 ** (2 * i / TIME)) for i in range(TIME // 2) for f in (math.sin, math.cos)], dtype=torch.float64),
                    self.p["diffmodel.embed_layer.weight"][c], mask[c, n].reshape(1)]) for n in range(ROWS)]) for c in range(CHANNELS)])
        x = torch.relu(self.dense("input_projection", torch.stack([given, noisy], -1)))
        skips = []
        for i in range(LAYERS):
            at = f"residual_layers.{i}."
            y = x + self.dense(at + "diffusion_projection", step)
            y = torch.stack([self.transformer(at + "time_layer.", y[c]) for c in range(CHANNELS)])
            y = torch.stack([self.transformer(at + "feature_layer.", y[:, n]) for n in range(ROWS)], 1)
            y = self.dense(at + "mid_projection", y) + self.dense(at + "cond_projection", side)
            y = self.dense(at + "output_projection", torch.sigmoid(y[..., :SIZE]) * torch.tanh(y[..., SIZE:]))
            x, skip = (x + y[..., :SIZE]) / math.sqrt(2), y[..., SIZE:]
            skips.append(skip)
        y = torch.relu(self.dense("output_projection1", sum(skips) / math.sqrt(LAYERS)))
        return self.dense("output_projection2", y).squeeze(-1)


def schedule():
    betas = torch.linspace(1e-4 ** 0.5, 0.5 ** 0.5, STEPS, dtype=torch.float64) ** 2
    return betas, torch.cumprod(1 - betas, 0)


def places(variant, marks, w):
    if variant == "corrected":
        return torch.arange(ROWS, dtype=torch.float64)
    return marks[w, :, 0]


def case(variant):
    p = parameters()
    network, (betas, bars) = Network(p), schedule()
    windows = numbers((WINDOWS, ROWS, CHANNELS), lambda i: math.sin(0.37 * i + 0.1 * (i % 5)))
    noise = numbers((WINDOWS, ROWS, CHANNELS), lambda i: 1.3 * math.cos(0.91 * i))
    marks = numbers((WINDOWS, ROWS, MARKS), lambda i: 0.5 * math.sin(2.3 * i))
    mask = torch.zeros(CHANNELS, ROWS, dtype=torch.float64)
    if variant == "released":
        mask[:, HISTORY:] = 1
    else:
        mask[:, :HISTORY] = 1
    predictions, errors = [], []
    for w, t in enumerate((1, 4)):
        noisy = bars[t].sqrt() * windows[w].T + (1 - bars[t]).sqrt() * noise[w].T
        predictions.append(network.predict(mask * windows[w].T, (1 - mask) * noisy, mask, places(variant, marks, w), t))
        errors.append((noise[w].T - predictions[-1]) ** 2)
    errors = torch.stack(errors)
    missing, given = errors[:, mask == 0].mean(), errors[:, mask == 1].mean()
    loss = errors.mean() if variant == "released" else missing
    loss.backward()
    result = {
        "loss": loss.item(), "missing": missing.item(), "given": given.item(), "predictions": torch.stack(predictions).flatten().tolist(),
        "gradients": {name: v.grad.flatten()[:: max(1, v.numel() // 4)][:4].tolist() for name, v in p.items()}, "steps": [],
    }
    # One step back of the first window, as sampling has it: the history is given in both variants.
    mask[:] = 0
    mask[:, :HISTORY] = 1
    future = numbers((CHANNELS, HORIZON), lambda i: 0.8 * math.sin(0.61 * i + 2))
    fresh = numbers((CHANNELS, HORIZON), lambda i: 1.3 * math.cos(0.91 * i))
    noisy = torch.cat([torch.zeros(CHANNELS, HISTORY, dtype=torch.float64), future], 1)
    for t in (3, 0):
        with torch.no_grad():
            predicted = network.predict(mask * windows[0].T, noisy, mask, places(variant, marks, 0), t)[:, HISTORY:]
        after = (future - betas[t] / (1 - bars[t]).sqrt() * predicted) / (1 - betas[t]).sqrt()
        if t > 0:
            after = after + ((1 - bars[t - 1]) / (1 - bars[t]) * betas[t]).sqrt() * fresh
        result["steps"].append({"t": t, "predicted": predicted.flatten().tolist(), "after": after.flatten().tolist()})
    return result


def main():
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "TimeSeriesDiffusion" / "csdi-reference.json"
    rounded = json.loads(json.dumps({"torch": torch.__version__, "released": case("released"), "corrected": case("corrected")}), parse_float=lambda v: float(f"{float(v):.9g}"))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
