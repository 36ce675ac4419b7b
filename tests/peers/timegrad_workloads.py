"""TimeGrad (Rasul et al. 2021) in its setting of ETTh1: an LSTM of 2 layers of 40 tells the past, and a diffusion of 100 steps draws the next row, all trajectories of
all windows at once.

Default is what the released code does, whose network is that of pytorch-ts: what comes of the step and of the past is computed again at each step. Tuned computes both once.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from nsdiff_workloads import Batches, CHANNELS, HISTORY, MARKS, SAMPLES, WINDOWS
from torch_workloads import of

UNITS, CONDITIONING, VECTOR, CONTEXT, LAGS, STEPS, WIDTH, HIDDEN, BLOCKS, SLOPE = 40, 100, 128, 24, (1, 24, 144), 100, 8, 64, 8, 0.4


class Block(nn.Module):
    def __init__(self, dilation):
        super().__init__()
        self.along = nn.Conv1d(WIDTH, 2 * WIDTH, 3, padding=dilation, dilation=dilation, padding_mode="circular")
        self.step, self.past = nn.Linear(HIDDEN, WIDTH), nn.Conv1d(1, 2 * WIDTH, 1, padding=2, padding_mode="circular")
        self.output = nn.Conv1d(WIDTH, 2 * WIDTH, 1)

    def forward(self, x, past, step):
        y = self.along(x + (step if workloads.tuned else self.step(step).unsqueeze(-1))) + (past if workloads.tuned else self.past(past))
        gate, passed = y.chunk(2, 1)
        residual, skip = F.leaky_relu(self.output(gate.sigmoid() * passed.tanh()), SLOPE).chunk(2, 1)
        return (x + residual) / math.sqrt(2), skip


class Denoiser(nn.Module):
    def __init__(self):
        super().__init__()
        self.step1, self.step2 = nn.Linear(32, HIDDEN), nn.Linear(HIDDEN, HIDDEN)
        self.up1, self.up2 = nn.Linear(CONDITIONING, CHANNELS // 2), nn.Linear(CHANNELS // 2, CHANNELS)
        self.input, self.blocks = nn.Conv1d(1, WIDTH, 1, padding=2, padding_mode="circular"), nn.ModuleList(Block(1 + i % 2) for i in range(BLOCKS))
        self.skip, self.output = nn.Conv1d(WIDTH, WIDTH, 3), nn.Conv1d(WIDTH, 1, 3)
        angles = torch.arange(STEPS)[:, None] * 10 ** (torch.arange(16) * 4 / 16)
        self.register_buffer("table", torch.cat([angles.sin(), angles.cos()], 1))

    def embed(self, t):
        return F.silu(self.step2(F.silu(self.step1(self.table[t]))))

    def pasts(self, condition):
        up = F.leaky_relu(self.up2(F.leaky_relu(self.up1(condition), SLOPE)), SLOPE)
        return [block.past(up) for block in self.blocks] if workloads.tuned else [up] * BLOCKS

    def forward(self, x, pasts, steps):
        """pasts and steps: of each block."""
        h, skips = F.leaky_relu(self.input(x), SLOPE), []
        for block, past, step in zip(self.blocks, pasts, steps):
            h, skip = block(h, past, step)
            skips.append(skip)
        return self.output(F.leaky_relu(self.skip(torch.stack(skips).sum(0) / math.sqrt(BLOCKS)), SLOPE))


class TimeGrad(nn.Module):
    def __init__(self):
        super().__init__()
        self.vectors = nn.Parameter(torch.randn(CHANNELS, VECTOR))
        self.lstm = nn.LSTM(CHANNELS * (len(LAGS) + VECTOR) + MARKS, UNITS, 2, dropout=0.1, batch_first=True)
        self.condition, self.denoiser = nn.Linear(UNITS, CONDITIONING), Denoiser()
        betas = torch.linspace(1e-4, 0.1, STEPS, dtype=torch.float64)
        kept = (1 - betas).cumprod(0)
        before = torch.cat([torch.ones(1, dtype=torch.float64), kept[:-1]])
        # Of x and the noise in x_0; of x_0 and x in the posterior's mean; its standard deviation.
        of_start, of_now = betas * before.sqrt() / (1 - kept), (1 - before) * (1 - betas).sqrt() / (1 - kept)
        self.schedule = torch.stack([(1 / kept).sqrt(), (1 / kept - 1).sqrt(), of_start, of_now, (betas * (1 - before) / (1 - kept)).sqrt()]).float()

    def read(self, rows, marks, count, behind, state=None):
        """Leads the state over `count` rows, of which the last is `behind` rows after the last that is known."""
        end = rows.shape[1] + behind
        lagged = torch.stack([rows[:, end - count - lag:end - lag] for lag in LAGS], -1).flatten(2)
        return self.lstm(torch.cat([lagged, self.vectors.view(1, 1, -1).expand(*lagged.shape[:2], -1), marks], -1), state)

    def draw(self, condition):
        n = len(condition)
        x = torch.randn(n, 1, CHANNELS)
        if workloads.tuned:
            pasts, embedded = self.denoiser.pasts(condition), self.denoiser.embed(torch.arange(STEPS))
            of_steps = [block.step(embedded) for block in self.denoiser.blocks]
        for i in reversed(range(STEPS)):
            if workloads.tuned:
                predicted = self.denoiser(x, pasts, [step[i, :, None] for step in of_steps])
                of_x, of_noise, of_start, of_now, deviation = self.schedule[:, i].tolist()
            else:
                t = torch.full((n,), i)
                predicted = self.denoiser(x, self.denoiser.pasts(condition), [self.denoiser.embed(t)] * BLOCKS)
                of_x, of_noise, of_start, of_now, deviation = (numbers.gather(0, t).view(-1, 1, 1) for numbers in self.schedule)
            x = of_start * (of_x * x - of_noise * predicted) + of_now * x + deviation * torch.randn_like(x)
        return x

    def sample(self, history, history_marks, future_marks):
        _, state = self.read(history, history_marks[:, -CONTEXT:], CONTEXT, 0)
        rows, marks = history.repeat_interleave(SAMPLES, 0), future_marks.repeat_interleave(SAMPLES, 0)
        state = [part.repeat_interleave(SAMPLES, 1) for part in state]
        for row in range(future_marks.shape[1]):
            output, state = self.read(rows, marks[:, row:row + 1], 1, 1, state)
            rows = torch.cat([rows, self.draw(self.condition(output))], 1)
        return rows[:, HISTORY:].view(len(history), SAMPLES, -1, CHANNELS)


def timegrad_sample(rows=4):
    model = TimeGrad().eval()
    history, history_marks, _, future_marks = Batches(horizon=rows).take(WINDOWS)

    @torch.no_grad()
    def step():
        return model.sample(history, history_marks, future_marks)
    return of(model, step)
