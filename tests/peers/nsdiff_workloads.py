"""NsDiff (Ye et al. 2025) in its setting of ETTh1: f by the non-stationary Transformer (Liu et al. 2022) or by DLinear (Zeng et al. 2023), g, and the denoiser.

Default is what the code released with the paper does: convolutions over one row for the Transformer's feed-forward layers, local variances of unfolded windows, the schedule looked
up step by step, and one trajectory at a time of all windows of the batch. Its embedding of the history, which the denoiser is given and drops, is left out here as it is there in
ours; so is the gradient that it may record while it samples. Tuned samples window by window, all trajectories at once, with what they share computed once.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import of, optimized

CHANNELS, HISTORY, HORIZON, MARKS, ROLLING, AVERAGE, LEAST = 7, 168, 192, 5, 96, 25, 1e-7
STEPS, FIRST_BETA, LAST_BETA, SAMPLES, WINDOWS = 20, 1e-4, 0.01, 100, 8


class Batches:
    """Windows of a series of random numbers."""

    def __init__(self, history=HISTORY, horizon=HORIZON, rows=8640):
        self.history, self.horizon = history, horizon
        self.values, self.marks = torch.randn(rows, CHANNELS), torch.rand(rows, MARKS) - 0.5

    def take(self, windows):
        """History, its marks, future, its marks."""
        first = torch.randint(len(self.values) - self.history - self.horizon + 1, (windows,))
        rows = first[:, None] + torch.arange(self.history + self.horizon)
        values, marks = self.values[rows], self.marks[rows]
        return values[:, :self.history], marks[:, :self.history], values[:, self.history:], marks[:, self.history:]


class DLinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.seasonal, self.trend = nn.Linear(HISTORY, HORIZON), nn.Linear(HISTORY, HORIZON)

    def forward(self, history, history_marks, future_marks):
        rows = history.transpose(1, 2)
        trend = F.avg_pool1d(F.pad(rows, (AVERAGE // 2, AVERAGE // 2), mode="replicate"), AVERAGE, 1)
        return (self.seasonal(rows - trend) + self.trend(trend)).transpose(1, 2)


class RowEmbedding(nn.Module):
    def __init__(self, d, dropout, longest=512):
        super().__init__()
        self.values = nn.Conv1d(CHANNELS, d, 3, padding=1, padding_mode="circular", bias=False)
        self.marks, self.dropout = nn.Linear(MARKS, d, bias=False), nn.Dropout(dropout)
        angles = torch.arange(longest)[:, None] * torch.exp(torch.arange(0, d, 2) * (-math.log(10_000) / d))
        self.register_buffer("places", torch.stack([angles.sin(), angles.cos()], -1).reshape(longest, d))

    def forward(self, values, marks):
        return self.dropout(self.values(values.transpose(1, 2)).transpose(1, 2) + self.marks(marks) + self.places[:values.shape[1]])


class Attention(nn.Module):
    def __init__(self, d, heads, dropout):
        super().__init__()
        self.heads, self.dropout = heads, nn.Dropout(dropout)
        self.query, self.key, self.value, self.out = (nn.Linear(d, d) for _ in range(4))

    def forward(self, x, memory, tau, delta=None, mask=None):
        b, t, d = x.shape
        q, k, v = (layer(rows).view(b, -1, self.heads, d // self.heads).transpose(1, 2) for layer, rows in ((self.query, x), (self.key, memory), (self.value, memory)))
        scores = q @ k.transpose(-2, -1) * tau[:, None, None]
        if delta is not None:
            scores = scores + delta[:, None, None]
        if mask is not None:
            scores.masked_fill_(mask, -math.inf)
        weights = self.dropout((scores / math.sqrt(d // self.heads)).softmax(-1))
        return self.out((weights @ v).transpose(1, 2).reshape(b, t, d))


class Layer(nn.Module):
    def __init__(self, d, heads, inside, dropout, decodes):
        super().__init__()
        self.attentions = nn.ModuleList(Attention(d, heads, dropout) for _ in range(1 + decodes))
        self.conv1, self.conv2 = nn.Conv1d(d, inside, 1), nn.Conv1d(inside, d, 1)
        self.norms, self.dropout = nn.ModuleList(nn.LayerNorm(d) for _ in range(2 + decodes)), nn.Dropout(dropout)

    def inner(self, x):
        if workloads.tuned:
            y = self.dropout(F.gelu(F.linear(x, self.conv1.weight.squeeze(-1), self.conv1.bias)))
            return self.dropout(F.linear(y, self.conv2.weight.squeeze(-1), self.conv2.bias))
        y = self.dropout(F.gelu(self.conv1(x.transpose(1, 2))))
        return self.dropout(self.conv2(y).transpose(1, 2))

    def forward(self, x, asked):
        for attention, norm, (memory, *how) in zip(self.attentions, self.norms, asked):
            x = norm(x + self.dropout(attention(x, x if memory is None else memory, *how)))
        return self.norms[-1](x + self.inner(x))


class Projector(nn.Module):
    def __init__(self, outputs, hidden=64):
        super().__init__()
        self.conv = nn.Conv1d(HISTORY, 1, 3, padding=1, padding_mode="circular", bias=False)
        self.network = nn.Sequential(nn.Linear(2 * CHANNELS, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs, bias=False))

    def forward(self, history, statistics):
        return self.network(torch.cat([self.conv(history), statistics], 1).flatten(1))


class Transformer(nn.Module):
    def __init__(self, d=512, heads=8, inside=1024, dropout=0.05):
        super().__init__()
        self.known = HISTORY // 2
        self.encoder_embedding, self.decoder_embedding = RowEmbedding(d, dropout), RowEmbedding(d, dropout)
        self.encoder, self.encoder_norm = nn.ModuleList(Layer(d, heads, inside, dropout, False) for _ in range(2)), nn.LayerNorm(d)
        self.decoder, self.decoder_norm, self.projection = Layer(d, heads, inside, dropout, True), nn.LayerNorm(d), nn.Linear(d, CHANNELS)
        self.tau, self.delta = Projector(1), Projector(HISTORY)

    def forward(self, history, history_marks, future_marks):
        mean = history.mean(1, keepdim=True)
        deviation = (history.var(1, keepdim=True, unbiased=False) + 1e-5).sqrt()
        scaled = (history - mean) / deviation
        tau, delta = self.tau(history, deviation).exp(), self.delta(history, mean)
        x = self.encoder_embedding(scaled, history_marks)
        for layer in self.encoder:
            x = layer(x, [(None, tau, delta)])
        memory = self.encoder_norm(x)
        rows = torch.cat([scaled[:, -self.known:], torch.zeros(len(history), HORIZON, CHANNELS)], 1)
        x = self.decoder_embedding(rows, torch.cat([history_marks[:, -self.known:], future_marks], 1))
        mask = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        x = self.decoder(x, [(None, tau, None, mask), (memory, tau, delta)])
        return (self.projection(self.decoder_norm(x)) * deviation + mean)[:, -HORIZON:]


def local_variances(rows):
    if not workloads.tuned:
        return rows.unfold(1, ROLLING, 1).var(3, unbiased=False)
    rows = rows.double()
    first, second = (F.pad(moment.cumsum(1), (0, 0, 1, 0)) for moment in (rows, rows.square()))
    mean, square = ((sums[:, ROLLING:] - sums[:, :-ROLLING]) / ROLLING for sums in (first, second))
    return (square - mean.square()).clamp_min_(0).float()


class Denoiser(nn.Module):
    def __init__(self, hidden=128):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(inputs, hidden) for inputs in (3 * CHANNELS, hidden, hidden))
        self.factors = nn.ModuleList(nn.Embedding(STEPS + 1, hidden) for _ in range(3))
        self.noise, self.variance = nn.Linear(hidden, CHANNELS), nn.Linear(hidden, CHANNELS)

    def forward(self, y, mean, variance, t):
        x = torch.cat([y, mean, variance], -1)
        for layer, factor in zip(self.layers, self.factors):
            x = F.softplus(factor(t)[:, None] * layer(x))
        return self.noise(x), F.softplus(self.variance(F.softplus(x)))

    def fixed(self, mean, variance):
        return F.linear(torch.cat([mean, variance], -1), self.layers[0].weight[:, CHANNELS:], self.layers[0].bias)

    def at(self, y, fixed, t):
        factors = [factor.weight[t] for factor in self.factors]
        x = F.softplus(F.linear(y, self.layers[0].weight[:, :CHANNELS]).add_(fixed).mul_(factors[0]))
        for layer, factor in zip(self.layers[1:], factors[1:]):
            x = F.softplus(layer(x).mul_(factor))
        return self.noise(x), F.softplus(self.variance(F.softplus(x)))


class NsDiff(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        self.f = backbone()
        self.g = nn.Sequential(nn.Linear(HISTORY - ROLLING, 512), nn.ReLU(), nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, HORIZON))
        self.denoiser = Denoiser()
        rows, (kept, expected, local) = [], (1.0, 0.0, 0.0)
        for t in range(STEPS):
            beta = FIRST_BETA + (LAST_BETA - FIRST_BETA) * t / (STEPS - 1)
            # Share of Y_0, and those of g and of the true variance, before the step (its first as released) and after it.
            before = (kept, expected, local if t else 1.0)
            kept, expected, local = kept * (1 - beta), (1 - beta) * expected + beta ** 2, (1 - beta) * (local + beta)
            rows.append((1 - beta, *before, kept, expected, local))
        self.numbers = rows
        self.schedule = torch.tensor(rows).T.contiguous()

    def variance(self, history):
        x = local_variances(history)[:, 1:] + LEAST
        return F.softplus(self.g(x.transpose(1, 2))).transpose(1, 2)

    def at(self, t):
        """Every number of the schedule at the steps."""
        return [numbers.gather(0, t).view(-1, 1, 1) for numbers in self.schedule]

    def loss(self, history, history_marks, future, future_marks):
        truth = local_variances(torch.cat([history, future], 1))[:, -HORIZON:] + LEAST
        t = torch.randint(STEPS, (len(history) // 2 + 1,))
        t = torch.cat([t, STEPS - 1 - t])[:len(history)]
        mean, g = self.f(history, history_marks, future_marks), self.variance(history) + LEAST
        noise = torch.randn_like(future)
        a, _, expected_before, local_before, kept, expected, local = self.at(t)
        y = kept.sqrt() * future + (1 - kept.sqrt()) * mean + noise * (expected * g + local * truth).sqrt()
        first, second = (1 - a) ** 2 * g + a * (1 - a) * truth, expected_before * g + local_before * truth
        wanted = first * second / (a * second + first)
        predicted, scale = self.denoiser(y, mean, g, t)
        ratio = wanted / (scale + LEAST)
        return (noise - predicted).square().mean() + ratio.mean() - ratio.log().mean() + (mean - future).square().mean() + (g.sqrt() - truth.sqrt()).square().mean()

    def back(self, y, mean, g, predicted, scale, numbers, last):
        a, kept_before, expected_before, local_before, kept, expected, local = numbers
        b, root, root_before = 1 - a, kept ** 0.5, kept_before ** 0.5
        of_two = a * b * local_before
        of_one = (b ** 2 * local_before + a * b * expected_before) * g - scale * (a * local_before + a * b)
        of_none = g ** 2 * b ** 2 * expected_before - scale * g * (a * expected_before + b ** 2)
        truth = (-of_one + (of_one ** 2 - 4 * of_two * of_none).sqrt()) / (2 * of_two)
        start = 1 / root * (y - (1 - root) * mean - predicted * (expected * g + local * truth).sqrt())
        if last:
            return start
        first, second = b ** 2 * g + a * b * truth, expected_before * g + local_before * truth
        total = a * second + first
        weights = root_before * first / total, a ** 0.5 * second / total, (a ** 0.5 * (a - 1) * second + (1 - root_before) * first) / total
        return weights[0] * start + weights[1] * y + weights[2] * mean + scale.sqrt() * torch.randn_like(y)

    def sample_released(self, history, history_marks, future_marks):
        mean, g = self.f(history, history_marks, future_marks), self.variance(history)
        forecasts = []
        for _ in range(SAMPLES):
            repeated_mean, repeated_g = (of_all.repeat(1, 1, 1, 1).transpose(0, 1).flatten(0, 1) for of_all in (mean, g))
            chain = [repeated_g.sqrt() * torch.randn_like(repeated_mean) + repeated_mean]
            for i in reversed(range(STEPS)):
                t = torch.tensor([i])
                predicted, scale = self.denoiser(chain[-1], repeated_mean, repeated_g, t)
                chain.append(self.back(chain[-1], repeated_mean, repeated_g, predicted, scale, self.at(t), last=i == 0))
            forecasts.append(chain[-1].reshape(len(history), 1, HORIZON, CHANNELS))
        return torch.cat(forecasts, 1)

    def sample_tuned(self, history, history_marks, future_marks):
        forecasts = []
        for mean, g in zip(self.f(history, history_marks, future_marks), self.variance(history)):
            fixed = self.denoiser.fixed(mean, g)
            y = g.sqrt() * torch.randn(SAMPLES, HORIZON, CHANNELS) + mean
            for i in reversed(range(STEPS)):
                y = self.back(y, mean, g, *self.denoiser.at(y, fixed, i), self.numbers[i], last=i == 0)
            forecasts.append(y)
        return torch.stack(forecasts)


def nsdiff(backbone=Transformer, windows=32):
    model, batches = NsDiff(backbone), Batches()

    def loss():
        history, history_marks, future, future_marks = batches.take(windows)
        return model.loss(history, history_marks, future, future_marks)
    return of(model, optimized(torch.optim.Adam(model.parameters(), 1e-3, foreach=workloads.tuned), loss))


def nsdiff_sample(backbone=Transformer):
    model = NsDiff(backbone).eval()
    history, history_marks, _, future_marks = Batches().take(WINDOWS)

    @torch.no_grad()
    def step():
        return (model.sample_tuned if workloads.tuned else model.sample_released)(history, history_marks, future_marks)
    return of(model, step)
