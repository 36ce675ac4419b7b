"""CSDI (Tashiro et al. 2021) as it forecasts ETTh1: 4 residual layers of 64 numbers a value, attention along time and along channels that costs as much as a sequence is long.

Default is what the released code does: one trajectory at a time, and what place, channel and mask add projected again in every layer at each step. Tuned computes that once, and
takes some trajectories at once, no more than the caches hold.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from nsdiff_workloads import Batches, CHANNELS, HISTORY, HORIZON, SAMPLES
from torch_workloads import of

ROWS, SIZE, HEADS, LAYERS, TIME, FEATURE, STEP, TOGETHER = HISTORY + HORIZON, 64, 8, 4, 128, 16, 128, 5


class LinearAttention(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(SIZE), nn.LayerNorm(SIZE)
        self.query, self.key, self.value = (nn.Linear(SIZE, SIZE, bias=False) for _ in range(3))
        self.out, self.wide, self.narrow = nn.Linear(SIZE, SIZE), nn.Linear(SIZE, 4 * SIZE), nn.Linear(4 * SIZE, SIZE)

    def forward(self, x):
        """Sequences, (n, length, SIZE)."""
        normed = self.norm1(x)
        q, k, v = (layer(normed).view(*x.shape[:2], HEADS, -1).transpose(1, 2) for layer in (self.query, self.key, self.value))
        q, k = q.softmax(-1) * q.shape[-1] ** -0.5, k.softmax(-2)
        x = x + self.out((q @ (k.transpose(-2, -1) @ v)).transpose(1, 2).reshape(x.shape))
        return x + self.narrow(F.gelu(self.wide(self.norm2(x))))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.step, self.side = nn.Linear(STEP, SIZE), nn.Conv1d(TIME + FEATURE + 1, 2 * SIZE, 1)
        self.middle, self.output = nn.Conv1d(SIZE, 2 * SIZE, 1), nn.Conv1d(SIZE, 2 * SIZE, 1)
        self.over_time, self.over_channels = LinearAttention(), LinearAttention()

    def forward(self, x, side, step):
        """x: (n, SIZE, CHANNELS, ROWS); side: as that, or what the projection has made of it."""
        n = len(x)
        y = x + self.step(step)[:, :, None, None]
        y = self.over_time(y.permute(0, 2, 3, 1).reshape(n * CHANNELS, ROWS, SIZE)).view(n, CHANNELS, ROWS, SIZE)
        y = self.over_channels(y.transpose(1, 2).reshape(n * ROWS, CHANNELS, SIZE)).view(n, ROWS, CHANNELS, SIZE)
        y = self.middle(y.permute(0, 3, 2, 1).reshape(n, SIZE, -1)) + (side if workloads.tuned else self.side(side))
        gate, passed = y.chunk(2, 1)
        residual, skip = self.output(gate.sigmoid() * passed.tanh()).chunk(2, 1)
        return (x + residual.view(x.shape)) / math.sqrt(2), skip


class Csdi(nn.Module):
    def __init__(self, steps):
        super().__init__()
        self.embedding1, self.embedding2, self.channels = nn.Linear(STEP, STEP), nn.Linear(STEP, STEP), nn.Embedding(CHANNELS, FEATURE)
        self.input, self.blocks = nn.Conv1d(2, SIZE, 1), nn.ModuleList(Block() for _ in range(LAYERS))
        self.output1, self.output2 = nn.Conv1d(SIZE, SIZE, 1), nn.Conv1d(SIZE, 1, 1)
        angles = torch.arange(steps)[:, None] * 10 ** (torch.arange(STEP // 2) / (STEP // 2 - 1) * 4)
        self.register_buffer("steps", torch.cat([angles.sin(), angles.cos()], 1))
        betas = torch.linspace(1e-4 ** 0.5, 0.5 ** 0.5, steps, dtype=torch.float64) ** 2
        self.betas, self.kept = betas.tolist(), (1 - betas).cumprod(0).tolist()

    def sides(self):
        """Of one window: (1, TIME + FEATURE + 1, CHANNELS * ROWS)."""
        angles = torch.arange(ROWS)[:, None] / 10_000 ** (torch.arange(0, TIME, 2) / TIME)
        time = torch.stack([angles.sin(), angles.cos()], -1).view(1, ROWS, TIME).expand(CHANNELS, -1, -1)
        known = (torch.arange(ROWS) < HISTORY).float()[None, :, None].expand(CHANNELS, -1, -1)
        side = torch.cat([time, self.channels.weight[:, None].expand(-1, ROWS, -1), known], -1)
        return side.permute(2, 0, 1).reshape(1, -1, CHANNELS * ROWS)

    def forward(self, x, sides, t):
        """The noise in (n, 2, CHANNELS, ROWS)."""
        n = len(x)
        step = F.silu(self.embedding2(F.silu(self.embedding1(self.steps[t]))))
        x, skips = F.relu(self.input(x.view(n, 2, -1))).view(n, SIZE, CHANNELS, ROWS), []
        for block, side in zip(self.blocks, sides):
            x, skip = block(x, side, step)
            skips.append(skip)
        x = torch.stack(skips).sum(0) / math.sqrt(LAYERS)
        return self.output2(F.relu(self.output1(x))).view(n, CHANNELS, ROWS)

    def sample(self, history, count):
        """Some trajectories of one window, from noise."""
        known = torch.zeros(count, CHANNELS, ROWS)
        known[:, :, :HISTORY] = 1
        given = F.pad(history.T, (0, HORIZON)).expand(count, -1, -1)
        side = self.sides()
        sides = [block.side(side) for block in self.blocks] if workloads.tuned else [side.repeat_interleave(count, 0)] * LAYERS
        x = torch.randn(count, CHANNELS, ROWS)
        for t in reversed(range(len(self.betas))):
            predicted = self(torch.stack([known * given, (1 - known) * x], 1), sides, torch.tensor([t]))
            x = (x - self.betas[t] / (1 - self.kept[t]) ** 0.5 * predicted) / (1 - self.betas[t]) ** 0.5
            if t:
                x += ((1 - self.kept[t - 1]) / (1 - self.kept[t]) * self.betas[t]) ** 0.5 * torch.randn_like(x)
        return x[:, :, HISTORY:].transpose(1, 2)


def csdi_sample(steps=2):
    model = Csdi(steps).eval()
    history = Batches().take(1)[0][0]
    together = TOGETHER if workloads.tuned else 1

    @torch.no_grad()
    def step():
        return torch.cat([model.sample(history, together) for _ in range(SAMPLES // together)])
    return of(model, step)
