#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/nonstationary-transformer-reference.json: what PyTorch computes for the forecaster of the mean (Liu et al. 2022).

Needs Debian's python3-torch. The network is written here a second time from the paper's equations, in float64: a score is (tau q k + delta) / sqrt(e), tau = exp of one network of the raw history and
its deviations, delta another of it and its means; convolutions are PyTorch's with circular padding, attention goes head by head. Parameters come from a formula that both sides know: number i (row by
row) of the j-th parameter in alphabetical order is 1.5 s over the root of what a unit reads, s = sin(0.7 i i + 0.9 j); 0.3 s in biases, 1 + 0.3 s in scales of normalizations.

    /usr/bin/python3 tests/peers/nonstationary_transformer_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

HEADS, INNER, HIDDEN = 8, 1024, 64
# The size of a row's vector is no multiple of the heads: what is left over is in none.
SHAPE = dict(channels=3, history=11, horizon=5, marks=4, size=20)
WINDOWS = 2
PLACE = pathlib.Path(__file__).resolve().parents[1] / "Repro.Experiments.Tests" / "TimeSeriesDiffusion"


def named(**modules):
    """Modules under names of their own, which a Sequential would number."""
    holder = torch.nn.Module()
    for name, module in modules.items():
        holder.add_module(name, module)
    return holder


class Embedding(torch.nn.Module):
    def __init__(self, channels, marks, size):
        super().__init__()
        self.value_embedding = named(tokenConv=torch.nn.Conv1d(channels, size, 3, padding=1, padding_mode="circular", bias=False))
        self.temporal_embedding = named(embed=torch.nn.Linear(marks, size, bias=False))

    def forward(self, values, marks):
        rows, size = values.shape[1], self.temporal_embedding.embed.out_features
        places = torch.zeros(rows, size, dtype=torch.float64)
        for row in range(rows):
            for i in range(0, size, 2):
                angle = row / 10000 ** (i / size)
                places[row, i], places[row, i + 1] = math.sin(angle), math.cos(angle)
        return self.value_embedding.tokenConv(values.mT).mT + places + self.temporal_embedding.embed(marks)


class Attention(torch.nn.Module):
    def __init__(self, size):
        super().__init__()
        self.each = size // HEADS
        self.query_projection, self.key_projection, self.value_projection = (torch.nn.Linear(size, self.each * HEADS) for _ in range(3))
        self.out_projection = torch.nn.Linear(self.each * HEADS, size)

    def forward(self, x, memory, tau, delta, causal=False):
        """tau: [B]; delta: [B, S], or None."""
        q, k, v = self.query_projection(x), self.key_projection(memory), self.value_projection(memory)
        heads = []
        for head in range(HEADS):
            part = slice(head * self.each, (head + 1) * self.each)
            scores = q[..., part] @ k[..., part].mT * tau[:, None, None]
            if delta is not None:
                scores = scores + delta[:, None, :]
            if causal:
                scores = scores.masked_fill(torch.ones_like(scores).triu(1) > 0, -math.inf)
            heads.append(F.softmax(scores / math.sqrt(self.each), -1) @ v[..., part])
        return self.out_projection(torch.cat(heads, -1))


class Layer(torch.nn.Module):
    def __init__(self, size, decodes):
        super().__init__()
        self.decodes = decodes
        if decodes:
            self.self_attention, self.cross_attention, self.norm3 = Attention(size), Attention(size), torch.nn.LayerNorm(size)
        else:
            self.attention = Attention(size)
        self.conv1, self.conv2 = torch.nn.Conv1d(size, INNER, 1), torch.nn.Conv1d(INNER, size, 1)
        self.norm1, self.norm2 = torch.nn.LayerNorm(size), torch.nn.LayerNorm(size)

    def inner(self, x):
        return self.conv2(F.gelu(self.conv1(x.mT))).mT

    def forward(self, x, memory, tau, delta):
        if not self.decodes:
            x = self.norm1(x + self.attention(x, x, tau, delta))
            return self.norm2(x + self.inner(x))
        x = self.norm1(x + self.self_attention(x, x, tau, None, causal=True))
        x = self.norm2(x + self.cross_attention(x, memory, tau, delta))
        return self.norm3(x + self.inner(x))


class Projector(torch.nn.Module):
    def __init__(self, channels, history, outputs):
        super().__init__()
        self.series_conv = torch.nn.Conv1d(history, 1, 3, padding=1, padding_mode="circular", bias=False)
        self.backbone = torch.nn.Sequential(torch.nn.Linear(2 * channels, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, outputs, bias=False))

    def forward(self, history, statistics):
        return self.backbone(torch.cat([self.series_conv(history)[:, 0], statistics[:, 0]], 1))


class Forecaster(torch.nn.Module):
    def __init__(self, channels, history, horizon, marks, size):
        super().__init__()
        self.horizon, self.known = horizon, history // 2
        self.enc_embedding, self.dec_embedding = Embedding(channels, marks, size), Embedding(channels, marks, size)
        self.encoder = named(attn_layers=torch.nn.ModuleList([Layer(size, False), Layer(size, False)]), norm=torch.nn.LayerNorm(size))
        self.decoder = named(layers=torch.nn.ModuleList([Layer(size, True)]), norm=torch.nn.LayerNorm(size), projection=torch.nn.Linear(size, channels))
        self.tau_learner, self.delta_learner = Projector(channels, history, 1), Projector(channels, history, history)

    def forward(self, history, history_marks, future_marks, latent=lambda rows: rows):
        """The known rows and those ahead. latent: what the decoder reads, of the encoder's output."""
        mean = history.mean(1, keepdim=True)
        deviation = (history.var(1, unbiased=False, keepdim=True) + 1e-5).sqrt()
        scaled = (history - mean) / deviation
        tau, delta = self.tau_learner(history, deviation).exp()[:, 0], self.delta_learner(history, mean)
        x = self.enc_embedding(scaled, history_marks)
        for layer in self.encoder.attn_layers:
            x = layer(x, None, tau, delta)
        memory = latent(self.encoder.norm(x))
        last = history.shape[1] - self.known
        rows = torch.cat([scaled[:, last:], torch.zeros(len(history), self.horizon, history.shape[2], dtype=torch.float64)], 1)
        x = self.dec_embedding(rows, torch.cat([history_marks[:, last:], future_marks], 1))
        for layer in self.decoder.layers:
            x = layer(x, memory, tau, delta)
        return self.decoder.projection(self.decoder.norm(x)) * deviation + mean


def set_parameters(net):
    ordered = sorted(net.named_parameters())
    for j, (name, parameter) in enumerate(ordered):
        s = torch.tensor([math.sin(0.7 * i * i + 0.9 * j) for i in range(parameter.numel())], dtype=torch.float64).reshape(parameter.shape)
        if name.endswith("bias"):
            s = 0.3 * s
        elif "norm" in name or name.startswith("denoiser") and ".embed." in name:
            s = 1 + 0.3 * s
        else:
            s = 1.5 * s / math.sqrt(parameter.numel() / len(parameter))
        parameter.data = s
    return ordered


def windows(channels, history, horizon, marks, size):
    """Histories at levels and spreads of their own, marks and what comes."""
    wave = lambda rows, columns, a, b: torch.tensor([[[math.sin(a * row + b * column + window) for column in range(columns)] for row in range(rows)] for window in range(WINDOWS)], dtype=torch.float64)
    values = wave(history + horizon, channels, 0.9, 2.1) * torch.tensor([1.0, 0.4, 1.7]) + torch.tensor([0.3, -1.2, 0.8])
    times = 0.5 * wave(history + horizon, marks, 0.4, 1.3)
    return values[:, :history], times[:, :history], times[:, history:], values[:, history:]


def gradients(ordered):
    """Of each parameter the length of the gradient, and its product with cos(0.3 i i)."""
    def two(gradient):
        return [gradient.norm().item(), sum(g * math.cos(0.3 * i * i) for i, g in enumerate(gradient.flatten().tolist()))]
    return {name: two(parameter.grad) for name, parameter in ordered}


def main():
    net = Forecaster(**SHAPE).double()
    ordered = set_parameters(net)
    history, history_marks, future_marks, future = windows(**SHAPE)
    rows = net(history, history_marks, future_marks)
    loss = (rows[:, net.known:] - future).square().mean()
    loss.backward()
    found = {
        "history": history.flatten().tolist(), "history_marks": history_marks.flatten().tolist(), "future_marks": future_marks.flatten().tolist(), "future": future.flatten().tolist(),
        "forecast": rows[:, net.known:].flatten().tolist(), "loss": loss.item(), "gradients": gradients(ordered),
        # The setting that was released, on ETTh1.
        "released_parameters": sum(parameter.numel() for parameter in Forecaster(7, 168, 192, 4, 512).parameters()),
    }
    PLACE.mkdir(exist_ok=True)
    (PLACE / "nonstationary-transformer-reference.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
