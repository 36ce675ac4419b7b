#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/timegrad-reference.json: what PyTorch computes for a small TimeGrad (Rasul et al. 2021).

Needs Debian's python3-torch. Two windows of five channels, 50 known rows and 2 to be forecast, a diffusion of 4 steps from 1e-4 to 0.1, in float64; the LSTM is
torch.nn.LSTM, the convolutions are written out with rolled rings. Numbers come from formulas that both sides know: number i (row by row) of the j-th parameter
in alphabetical order is 0.3 sin(1.7 i + 0.9 j); of the values of both windows, history and future in one, 2 sin(0.37 i) + 0.02 i; of their marks 0.5 cos(0.23 i);
row i of the loss is at step i mod 4, number i of its noise 1.2 sin(0.53 i); number i of the normal numbers that sampling asks for the k-th time is
1.3 cos(0.91 i + 0.37 k).

    /usr/bin/python3 tests/peers/timegrad_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

WINDOWS, SAMPLES, KNOWN, AHEAD, CHANNELS, MARKS, UNITS, CONTEXT, LAGS, T = 2, 2, 50, 2, 5, 2, 40, 24, (1, 24), 4
BLOCKS, WIDTH, HIDDEN, CONDITIONING, VECTOR = 8, 8, 64, 100, 128
INPUTS = CHANNELS * (len(LAGS) + VECTOR) + MARKS
RING = CHANNELS + 4
betas = torch.linspace(1e-4, 0.1, T, dtype=torch.float64)
bars = torch.cumprod(1 - betas, 0)


def numbers(shape, formula):
    return formula(torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape)


def parameters():
    shapes = {"covariate_static_embed": (CHANNELS, VECTOR), "dist_args_proj.weight": (CONDITIONING, UNITS), "dist_args_proj.bias": (CONDITIONING,)}

    def layer(name, *shape):
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = shape, shape[:1]

    for at, inputs in enumerate((INPUTS, UNITS)):
        shapes[f"rnn.weight_ih_l{at}"], shapes[f"rnn.weight_hh_l{at}"] = (4 * UNITS, inputs), (4 * UNITS, UNITS)
        shapes[f"rnn.bias_ih_l{at}"] = shapes[f"rnn.bias_hh_l{at}"] = (4 * UNITS,)
    d = "denoise_fn."
    layer(d + "input_projection", WIDTH, 1, 1), layer(d + "skip_projection", WIDTH, WIDTH, 3), layer(d + "output_projection", 1, WIDTH, 3)
    layer(d + "projection1", HIDDEN, 32), layer(d + "projection2", HIDDEN, HIDDEN)
    layer(d + "linear1", CHANNELS // 2, CONDITIONING), layer(d + "linear2", CHANNELS, CHANNELS // 2)
    for b in range(BLOCKS):
        at = f"{d}residual_layers.{b}."
        layer(at + "dilated_conv", 2 * WIDTH, WIDTH, 3), layer(at + "diffusion_projection", WIDTH, HIDDEN)
        layer(at + "conditioner_projection", 2 * WIDTH, 1, 1), layer(at + "output_projection", 2 * WIDTH, WIDTH, 1)
    return {name: numbers(shape, lambda i: 0.3 * torch.sin(1.7 * i + 0.9 * j)).requires_grad_() for j, (name, shape) in enumerate(sorted(shapes.items()))}


def ring_of(row):
    """(N, 1, C) to (N, 1, C + 4): the last two in front, the first two behind."""
    return torch.stack([row[..., (place - 2) % CHANNELS] for place in range(RING)], -1)


def denoise(p, x, t, condition):
    def dense(name, v):
        return F.linear(v, p[f"denoise_fn.{name}.weight"], p[f"denoise_fn.{name}.bias"])

    def along(name, v, dilation):
        """A convolution over a ring, tap by tap."""
        w, taps = p[f"denoise_fn.{name}.weight"], p[f"denoise_fn.{name}.weight"].shape[2]
        out = p[f"denoise_fn.{name}.bias"][None, :, None]
        for tap in range(taps):
            out = out + torch.einsum("oi,nip->nop", w[:, :, tap], torch.roll(v, -(tap - taps // 2) * dilation, 2))
        return out

    angles = torch.tensor([[step * 10 ** (i * 4 / 16) for i in range(16)] for step in t.tolist()], dtype=torch.float64)
    step = F.silu(dense("projection2", F.silu(dense("projection1", torch.cat([angles.sin(), angles.cos()], 1)))))
    past = ring_of(F.leaky_relu(dense("linear2", F.leaky_relu(dense("linear1", condition), 0.4)), 0.4))
    h = F.leaky_relu(along("input_projection", ring_of(x), 1), 0.4)
    skips = 0
    for b in range(BLOCKS):
        at = f"residual_layers.{b}."
        y = along(at + "dilated_conv", h + dense(at + "diffusion_projection", step)[:, :, None], 2 ** (b % 2)) + along(at + "conditioner_projection", past, 1)
        y = F.leaky_relu(along(at + "output_projection", y[:, :WIDTH].sigmoid() * y[:, WIDTH:].tanh(), 1), 0.4)
        h, skips = (h + y[:, :WIDTH]) / math.sqrt(2), skips + y[:, WIDTH:]
    h = F.leaky_relu(F.conv1d(skips / math.sqrt(BLOCKS), p["denoise_fn.skip_projection.weight"], p["denoise_fn.skip_projection.bias"]), 0.4)
    return F.conv1d(h, p["denoise_fn.output_projection.weight"], p["denoise_fn.output_projection.bias"])


def read(p, rnn, rows, marks, first, count, state):
    """Conditions of rows whose lagged values are in rows, and the state behind them."""
    inputs = []
    for row in range(first, first + count):
        lagged = torch.stack([rows[:, row - lag] for lag in LAGS], -1).flatten(1)
        inputs.append(torch.cat([lagged, p["covariate_static_embed"].flatten().expand(len(rows), -1), marks[:, row - first]], 1))
    out, state = rnn(torch.stack(inputs, 1), state)
    return F.linear(out, p["dist_args_proj.weight"], p["dist_args_proj.bias"]), state


def main():
    p = parameters()
    rnn = torch.nn.LSTM(INPUTS, UNITS, 2, batch_first=True).double()
    for name in list(p):
        if name.startswith("rnn."):
            with torch.no_grad():
                getattr(rnn, name[4:]).copy_(p[name])
            p[name] = getattr(rnn, name[4:])
    values = numbers((WINDOWS, KNOWN + AHEAD, CHANNELS), lambda i: 2 * torch.sin(0.37 * i) + 0.02 * i)
    marks = numbers((WINDOWS, KNOWN + AHEAD, MARKS), lambda i: 0.5 * torch.cos(0.23 * i))
    first, out = KNOWN - CONTEXT, {"torch": torch.__version__}
    for variant in ("as_released", "corrected"):
        scale = values[:, :KNOWN].abs().mean(1, keepdim=True) if variant == "corrected" else torch.ones(WINDOWS, 1, CHANNELS, dtype=torch.float64)
        rows, count = values / scale, CONTEXT + AHEAD
        condition, _ = read(p, rnn, rows, marks[:, first:], first, count, None)
        t = torch.arange(WINDOWS * count) % T
        noise = numbers((WINDOWS * count, 1, CHANNELS), lambda i: 1.2 * torch.sin(0.53 * i))
        x = bars[t].sqrt()[:, None, None] * rows[:, first:].reshape(-1, 1, CHANNELS) + (1 - bars[t]).sqrt()[:, None, None] * noise
        loss = (denoise(p, x, t, condition.reshape(-1, 1, CONDITIONING)) - noise).square().mean()
        gradients = torch.autograd.grad(loss, list(p.values()))

        calls = 0

        def normal():
            nonlocal calls
            calls += 1
            return numbers((WINDOWS * SAMPLES, 1, CHANNELS), lambda i: 1.3 * torch.cos(0.91 * i + 0.37 * (calls - 1)))

        with torch.no_grad():
            _, state = read(p, rnn, rows, marks[:, first:], first, CONTEXT, None)
            state = tuple(s.repeat_interleave(SAMPLES, 1) for s in state)
            paths, ahead = rows[:, :KNOWN].repeat_interleave(SAMPLES, 0), marks.repeat_interleave(SAMPLES, 0)
            for row in range(KNOWN, KNOWN + AHEAD):
                condition, state = read(p, rnn, paths, ahead[:, row:], row, 1, state)
                x = normal()
                for step in reversed(range(T)):
                    before = bars[step - 1] if step else torch.tensor(1.0, dtype=torch.float64)
                    predicted = denoise(p, x, torch.full((len(x),), step), condition)
                    start = (x - (1 - bars[step]).sqrt() * predicted) / bars[step].sqrt()
                    x = (before.sqrt() * betas[step] * start + (1 - betas[step]).sqrt() * (1 - before) * x) / (1 - bars[step])
                    if step:
                        x = x + (betas[step] * (1 - before) / (1 - bars[step])).sqrt() * normal()
                paths = torch.cat([paths, x], 1)
            samples = paths[:, KNOWN:].reshape(WINDOWS, SAMPLES, AHEAD, CHANNELS) * scale[:, None]
        out[variant] = {
            "loss": loss.item(), "samples": samples.flatten().tolist(),
            "gradients": {name: g.flatten()[:: max(1, g.numel() // 4)][:4].tolist() for name, g in zip(p, gradients)},
        }
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "TimeSeriesDiffusion" / "timegrad-reference.json"
    rounded = json.loads(json.dumps(out), parse_float=lambda v: float(f"{float(v):.9g}"))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
