#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/nsdiff-reference.json: what PyTorch computes for a small NsDiff with DLinear as f (Ye et al. 2025).

Needs Debian's python3-torch. Networks, losses and the step back are written here a second time, on purpose in another way: functions over a dictionary of tensors in
float64, moving averages and local variances row by row, the posterior by adding precisions, its divergence by torch.distributions, and the true variance that a
predicted one tells by bisection. Numbers come from a formula that both sides know. Number i (row by row) of the j-th parameter in alphabetical order is sin(1.7 i + 0.9 j),
divided by the root of the last size (a parameter of one dimension: times 0.1, less 6 of the variance's head; an embedding: 0.5 + 0.5 of it). Number i of the history is sin(0.37 i + 0.1 (i mod 5)), of
the future 0.8 cos(0.53 i), of the noise 1.3 cos(0.91 i), of what a step goes back from 0.7 sin(0.41 i + 2), and of the noise of that step cos(0.77 i).

    /usr/bin/python3 tests/peers/nsdiff_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

B, L, H, C, ROLLING, AVERAGE, LEAST = 3, 12, 5, 2, 4, 25, 1e-7
T, FIRST, LAST = 20, 1e-4, 0.01
STEPS = [0, 7, 19]


def numbers(shape, formula):
    return torch.tensor([formula(i) for i in range(math.prod(shape))], dtype=torch.float64).reshape(shape)


def parameters():
    shapes = {"f.Linear_Seasonal": (H, L), "f.Linear_Trend": (H, L), "g.mlp.0": (512, L - ROLLING), "g.mlp.2": (512, 512), "g.mlp.4": (H, 512)}
    shapes |= {"denoiser.lin1": (128, 3 * C), "denoiser.lin2": (128, 128), "denoiser.lin3": (128, 128), "denoiser.lin4": (C, 128), "denoiser.sigma_lin": (C, 128)}
    every = {name + ".weight": shape for name, shape in shapes.items()} | {name + ".bias": shape[:1] for name, shape in shapes.items()}
    every |= {f"denoiser.embed{i}.weight": (T + 1, 128) for i in (1, 2, 3)}

    def number(name, shape, i, j):
        value = math.sin(1.7 * i + 0.9 * j)
        return 0.5 + 0.5 * value if "embed" in name else value / math.sqrt(shape[-1]) if len(shape) > 1 else 0.1 * value - (6 if "sigma" in name else 0)

    return {name: numbers(every[name], lambda i, j=j, name=name: number(name, every[name], i, j)) for j, name in enumerate(sorted(every))}


P = parameters()


def linear(x, name):
    return x @ P[name + ".weight"].T + P[name + ".bias"]


def mean_of(history):
    half = AVERAGE // 2
    trend = torch.stack([history[:, [min(max(k, 0), L - 1) for k in range(row - half, row + half + 1)]].mean(1) for row in range(L)], 1)
    return (linear((history - trend).mT, "f.Linear_Seasonal") + linear(trend.mT, "f.Linear_Trend")).mT


def local(rows):
    """Variance of each row with those before it, from the row on that has so many."""
    return torch.stack([rows[:, row - ROLLING + 1:row + 1].var(1, unbiased=False) for row in range(ROLLING - 1, rows.shape[1])], 1)


def variance_of(history):
    x = (local(history)[:, -(L - ROLLING):] + LEAST).mT
    return F.softplus(linear(F.relu(linear(F.relu(linear(x, "g.mlp.0")), "g.mlp.2")), "g.mlp.4")).mT


def denoiser(y, f, g, t):
    x = torch.cat([y, f, g], -1)
    for i in (1, 2, 3):
        x = F.softplus(linear(x, f"denoiser.lin{i}") * P[f"denoiser.embed{i}.weight"][t][:, None])
    return linear(x, "denoiser.lin4"), F.softplus(linear(F.softplus(x), "denoiser.sigma_lin"))


def marginals():
    """Of Y_t given Y_0, for t = 0 .. T: abar_t, and the weights of g and s0 in its variance."""
    found = [(1.0, 0.0, 0.0)]
    for t in range(T):
        beta = FIRST + (LAST - FIRST) * t / (T - 1)
        bar, g, s = found[-1]
        found.append((bar * (1 - beta), (1 - beta) * g + beta ** 2, (1 - beta) * s + beta * (1 - beta)))
    return found


MARGINALS = marginals()


def variances(t, g, s0):
    """a, the variance of step t, and that of Y_{t-1} given Y_0; before the first step the latter is s0, as in the released code."""
    beta = FIRST + (LAST - FIRST) * t / (T - 1)
    _, of_g, of_s = MARGINALS[t] if t > 0 else (1, 0, 1)
    return 1 - beta, beta ** 2 * g + (1 - beta) * beta * s0, of_g * g + of_s * s0


def posterior(t, g, s0):
    a, s1, s2 = variances(t, g, s0)
    return 1 / (1 / s2 + a / s1)


def losses(history, future, noise, kind):
    f, g = mean_of(history), variance_of(history) + LEAST
    truth = local(torch.cat([history, future], 1))[:, -H:] + LEAST
    g0 = torch.ones_like(g) if kind == "no_scale" else g
    s0 = truth if kind == "full" else g0
    noise_loss, divergence = 0, 0
    for b, t in enumerate(STEPS):
        bar, of_g, of_s = MARGINALS[t + 1]
        y = math.sqrt(bar) * future[b] + (1 - math.sqrt(bar)) * f[b] + (of_g * g0[b] + of_s * s0[b]).sqrt() * noise[b]
        predicted, scale = denoiser(y[None], f[b:b + 1], g0[b:b + 1], torch.tensor([t]))
        noise_loss = noise_loss + (noise[b] - predicted[0]).square().mean() / B
        wanted = Normal(torch.zeros(()), posterior(t, g0[b], s0[b]).sqrt())
        divergence = divergence + kl_divergence(wanted, Normal(torch.zeros(()), (scale[0] + LEAST).sqrt())).mean() / B
    parts = {"noise_loss": noise_loss, "scale_loss": 2 * divergence + 1, "mean_loss": (f - future).square().mean(), "variance_loss": (g.sqrt() - truth.sqrt()).square().mean()}
    return {name: value.item() for name, value in (parts | {"loss": sum(parts.values())}).items()}


def true_variance(t, g, scale):
    low, high = torch.zeros_like(g), torch.full_like(g, 1e9)
    for _ in range(200):
        middle = (low + high) / 2
        above = posterior(t, g, middle) > scale
        low, high = torch.where(above, low, middle), torch.where(above, middle, high)
    return (low + high) / 2


def back(history, y, noise, t, kind, released):
    f, g = mean_of(history), variance_of(history)
    if kind == "no_scale":
        g = torch.ones_like(g)
    predicted, scale = denoiser(y, f, g, torch.full((B,), t))
    s0 = true_variance(t, g, scale) if kind == "full" else g
    bar, of_g, of_s = MARGINALS[t + 1]
    start = (y - (1 - math.sqrt(bar)) * f - (of_g * g + of_s * s0).sqrt() * predicted) / math.sqrt(bar)
    if t == 0:
        return start
    a, s1, s2 = variances(t, g, s0)
    before = math.sqrt(MARGINALS[t][0])
    prior = before * start + (1 - before) * f
    mean = posterior(t, g, s0) * (prior / s2 + math.sqrt(a) * (y - (1 - math.sqrt(a)) * f) / s1)
    if released:
        mean = mean + (math.sqrt(a) * (a - 1) - math.sqrt(a) * (math.sqrt(a) - 1)) * s2 / (a * s2 + s1) * f
    return mean + scale.sqrt() * noise


history, future = numbers((B, L, C), lambda i: math.sin(0.37 * i + 0.1 * (i % 5))), numbers((B, H, C), lambda i: 0.8 * math.cos(0.53 * i))
noise, y, fresh = numbers((B, H, C), lambda i: 1.3 * math.cos(0.91 * i)), numbers((B, H, C), lambda i: 0.7 * math.sin(0.41 * i + 2)), numbers((B, H, C), lambda i: math.cos(0.77 * i))
written = {
    "command": "/usr/bin/python3 tests/peers/nsdiff_reference.py",
    "torch": torch.__version__,
    "mean": mean_of(history).flatten().tolist(),
    "variance": variance_of(history).flatten().tolist(),
    "losses": {kind: losses(history, future, noise, kind) for kind in ("full", "no_schedule", "no_scale")},
    "back": [
        {"step": t, "noise": kind, "variant": variant, "values": back(history, y, fresh, t, kind, variant == "as_released").flatten().tolist()}
        for t in (0, 1, 8, 19) for kind in ("full", "no_schedule", "no_scale") for variant in ("corrected", "as_released")
    ],
}
path = pathlib.Path(__file__).resolve().parents[1] / "Repro.Experiments.Tests/TimeSeriesDiffusion/nsdiff-reference.json"
path.write_text(json.dumps(written, indent=1) + "\n")
