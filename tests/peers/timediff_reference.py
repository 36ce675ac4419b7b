#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/timediff-reference.json: what PyTorch computes for a small TimeDiff (Shen and Kwok 2023).

Needs Debian's python3-torch. Two windows of two channels, 7 known rows and 6 to be forecast, 8 channels inside (6 for the history), a cosine diffusion of 10
steps, in float64 and in evaluation mode; sampled by DPM-Solver++(2M) in 20 steps with the coefficients of its authors' code. Numbers come from formulas that
both sides know: number i (row by row) of the j-th parameter in alphabetical order is 0.3 sin(1.7 i + 0.9 j), 1 more where it scales a batch normalization, whose
running means are 0.1 sin(i) and variances 1 + 0.5 sin(i); of the values of both windows, history and future in one, 2 sin(0.37 i) + 0.02 i; the windows of the
loss are at steps 3 and 8; number i of their noise is 1.2 sin(0.53 i), of the mixup (1 + sin(0.71 i)) / 2, of the noise at which samples begin 1.3 cos(0.91 i).

    /usr/bin/python3 tests/peers/timediff_reference.py
"""
import json
import math
import pathlib

import numpy as np
import torch
import torch.nn.functional as F

WINDOWS, SAMPLES, KNOWN, AHEAD, CHANNELS, WIDTH, CONDITION_WIDTH, LAYERS, T, SOLVER = 2, 3, 7, 6, 2, 8, 6, 5, 10, 20
RECENT = AHEAD // 2
STACKS = {
    "cnn_cond_projections": (CHANNELS, CONDITION_WIDTH, AHEAD), "input_projection": (CHANNELS, WIDTH, WIDTH), "enc_conv": (2 * WIDTH, WIDTH, WIDTH),
    "combine_conv": (WIDTH + 2 * CHANNELS, WIDTH, CHANNELS),
}
angle = np.cos((np.arange(T + 1) / T + 0.008) / 1.008 * np.pi / 2) ** 2
bars = np.cumprod(1 - np.clip(1 - angle[1:] / angle[:-1], 0, 0.999))


def numbers(shape, formula):
    return formula(torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape)


def parameters(recent):
    shapes = {"dlinear_model.weight": (AHEAD, recent), "dlinear_model.bias": (AHEAD,)}
    n = "network."
    shapes[n + "cond_projections_weight"], shapes[n + "cond_projections_bias"] = (CHANNELS, AHEAD, KNOWN), (CHANNELS, AHEAD)
    for name, outputs, inputs in (("cnn_linear", CHANNELS, KNOWN), ("projection1", WIDTH, WIDTH), ("projection2", WIDTH, WIDTH)):
        shapes[f"{n}{name}.weight"], shapes[f"{n}{name}.bias"] = (outputs, inputs), (outputs,)
    for name, (inputs, width, outputs) in STACKS.items():
        for layer in range(LAYERS):
            a, b = inputs if layer == 0 else width, outputs if layer == LAYERS - 1 else width
            shapes[f"{n}{name}.convolutions.{layer}.weight"], shapes[f"{n}{name}.convolutions.{layer}.bias"] = (b, a, 3), (b,)
            if layer:
                shapes[f"{n}{name}.norms.{layer - 1}.weight"] = shapes[f"{n}{name}.norms.{layer - 1}.bias"] = (width,)
    values = {}
    for j, (name, shape) in enumerate(sorted(shapes.items())):
        more = 1 if ".norms." in name and name.endswith("weight") else 0
        values[name] = numbers(shape, lambda i: 0.3 * torch.sin(1.7 * i + 0.9 * j) + more).requires_grad_()
    return values


def stack(p, name, x):
    def convolve(layer, v):
        """Tap by tap over rows that have a zero at each end."""
        w, padded, length = p[f"network.{name}.convolutions.{layer}.weight"], F.pad(v, (1, 1)), v.shape[2]
        taps = sum(torch.einsum("oi,nit->not", w[:, :, tap], padded[:, :, tap:tap + length]) for tap in range(3))
        return taps + p[f"network.{name}.convolutions.{layer}.bias"][None, :, None]

    x = convolve(0, x)
    for layer in range(1, LAYERS):
        at = f"network.{name}.norms.{layer - 1}."
        i = torch.arange(x.shape[1], dtype=torch.float64)
        x = (x - (0.1 * i.sin())[None, :, None]) / (1 + 0.5 * i.sin() + 1e-5).sqrt()[None, :, None] * p[at + "weight"][None, :, None] + p[at + "bias"][None, :, None]
        x = convolve(layer, torch.where(x > 0, x, 0.1 * x))
    return x


def dense(p, name, x):
    return x @ p[name + ".weight"].t() + p[name + ".bias"]


def read(p, history):
    """(B, C, L) to (B, C, H)."""
    maps = torch.stack([history[:, c] @ p["network.cond_projections_weight"][c].t() + p["network.cond_projections_bias"][c] for c in range(CHANNELS)], 1)
    return maps + dense(p, "network.cnn_linear", stack(p, "cnn_cond_projections", history)).transpose(1, 2)


def predict(p, y, t, condition):
    frequencies = [10 ** (4 * i / (WIDTH // 2 - 1)) for i in range(WIDTH // 2)]
    e = torch.tensor([[f(step * w) for f in (math.sin, math.cos) for w in frequencies] for step in t], dtype=torch.float64)
    e = F.silu(F.silu(dense(p, "network.projection2", F.silu(dense(p, "network.projection1", e)))))
    z = stack(p, "enc_conv", torch.cat([e[:, :, None].expand(-1, -1, AHEAD), stack(p, "input_projection", y)], 1))
    return stack(p, "combine_conv", torch.cat([z, condition], 1))


def solve(p, x, condition):
    grid, log_alphas = (np.arange(T) + 1) / T, np.log(bars) / 2
    times = np.linspace(1, 1 / T, SOLVER + 1)
    logs = np.interp(times, grid, log_alphas)
    alphas, sigmas = np.exp(logs), np.sqrt(1 - np.exp(2 * logs))
    lambdas = logs - np.log(sigmas)
    models = []
    for i in range(SOLVER):
        told = int(np.floor((times[i] - 1 / T) * T + 1e-9))
        models.append(predict(p, x, [told] * len(x), condition))
        h = lambdas[i + 1] - lambdas[i]
        factor = alphas[i + 1] * (math.exp(-h) - 1)
        x = sigmas[i + 1] / sigmas[i] * x - factor * models[i]
        if i:
            r0 = (lambdas[i] - lambdas[i - 1]) / h
            x = x - 0.5 * factor * (models[i] - models[i - 1]) / r0
    return x


def computed(recent, detached):
    """With a linear forecast that reads so many rows, and learns nothing from the denoising loss where it is detached: its gradients are zeros then."""
    p = parameters(recent)
    values = numbers((WINDOWS, KNOWN + AHEAD, CHANNELS), lambda i: 2 * torch.sin(0.37 * i) + 0.02 * i).transpose(1, 2)
    known, future = values[:, :, :KNOWN], values[:, :, KNOWN:]
    mean = known[:, :, -RECENT:].mean(2, keepdim=True)
    t, shape = [3, 8], (WINDOWS, CHANNELS, AHEAD)
    noise = numbers(shape, lambda i: 1.2 * torch.sin(0.53 * i))
    mixup = numbers(shape, lambda i: (1 + torch.sin(0.71 * i)) / 2)
    linear = dense(p, "dlinear_model", known[:, :, -recent:])
    linear = linear.detach() if detached else linear
    start = future - mean
    bar = torch.tensor(bars[t])[:, None, None]
    mixed = mixup * read(p, known - mean) + (1 - mixup) * start
    loss = (predict(p, bar.sqrt() * start + (1 - bar).sqrt() * noise, t, torch.cat([mixed, linear - mean], 1)) - start).square().mean()
    reached = torch.autograd.grad(loss, list(p.values()), allow_unused=True)
    gradients = [torch.zeros_like(v) if g is None else g for v, g in zip(p.values(), reached)]
    linear_loss = (dense(p, "dlinear_model", known[:, :, -recent:]) - future).square().mean()
    linear_gradient = torch.autograd.grad(linear_loss, p["dlinear_model.weight"])[0]
    with torch.no_grad():
        condition = torch.cat([read(p, known - mean), linear - mean], 1).repeat_interleave(SAMPLES, 0)
        x = solve(p, numbers((WINDOWS * SAMPLES, CHANNELS, AHEAD), lambda i: 1.3 * torch.cos(0.91 * i)), condition)
        samples = (x.reshape(WINDOWS, SAMPLES, CHANNELS, AHEAD) + mean[:, None]).transpose(2, 3)
    return {
        "loss": loss.item(), "linear_loss": linear_loss.item(), "linear_gradient": linear_gradient.flatten().tolist(),
        "samples": samples.flatten().tolist(), "gradients": {name: g.flatten()[:: max(1, g.numel() // 4)][:4].tolist() for name, g in zip(p, gradients)},
    }


def main():
    out = {"torch": torch.__version__, "alpha_bar": bars.tolist(), "as_released": computed(RECENT, detached=False), "corrected": computed(KNOWN, detached=True)}
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "TimeSeriesDiffusion" / "timediff-reference.json"
    rounded = json.loads(json.dumps(out), parse_float=lambda v: float(f"{float(v):.9g}"))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
