#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/diffusion-ts-reference.json: what PyTorch computes for a small network of Diffusion-TS (Yuan and Qiao 2024).

Needs Debian's python3-torch. Everything is written here a second time, on purpose in another style: one series at a time, one head at a time, convolutions as sums of
shifted products, the season by amplitudes, phases and cosines, the loss by the Fourier transform itself, the guidance by torch.optim.Adagrad over a batch; in float64.
Numbers come from formulas that both sides know. Number i (row by row) of the j-th parameter in alphabetical order is s * sin(0.7 i^2 + 1.7 i + 0.9 j + 0.5) (+ 1 for the scale
of a normalization), where s is 0.1 for combine_s, whose inputs are large, 0.5 if it has one dimension, else the root of 3 over its inputs; number i of the windows is
sin(0.37 i + 0.1 (i mod 5)), of the noise 1.3 cos(0.91 i), of a noisy series 0.8 sin(0.61 i + 2), of a series whose season is asked for sin(0.37 i) + cos(1.9 i) (i mod 7).

    /usr/bin/python3 tests/peers/diffusion_ts_reference.py
"""
import json
import math
import pathlib

import torch

CHANNELS, HISTORY, HORIZON, STEPS, WINDOWS = 2, 12, 8, 40, 2
ENCODERS, DECODERS, SIZE, HEADS = 1, 2, 8, 2
ROWS = HISTORY + HORIZON


def numbers(shape, formula):
    return torch.tensor([formula(i) for i in range(math.prod(shape))], dtype=torch.float64).reshape(shape)


def shapes():
    found = {"pos_enc": (1, ROWS, SIZE), "pos_dec": (1, ROWS, SIZE), "combine_s.weight": (CHANNELS, SIZE), "combine_m.weight": (1, DECODERS)}

    def dense(name, a, b, *kernel):
        found[name + ".weight"], found[name + ".bias"] = (b, a, *kernel), (b,)

    def block(at, attentions, norms):
        for name in attentions:
            for part in ("key", "query", "value", "proj"):
                dense(f"{at}{name}.{part}", SIZE, SIZE)
        for name in norms:
            dense(f"{at}{name}.linear", SIZE, 2 * SIZE)
        found[at + "ln2.weight"] = found[at + "ln2.bias"] = (SIZE,)
        dense(at + "mlp.0", SIZE, 4 * SIZE), dense(at + "mlp.2", 4 * SIZE, SIZE)

    dense("emb", CHANNELS, SIZE, 3), dense("inverse", SIZE, CHANNELS, 3)
    for i in range(ENCODERS):
        block(f"encoder.{i}.", ("attn",), ("ln1",))
    for i in range(DECODERS):
        at = f"decoder.{i}."
        block(at, ("attn1", "attn2"), ("ln1", "ln1_1"))
        dense(at + "proj", ROWS, 2 * ROWS, 1), dense(at + "trend1", ROWS, 3, 3), dense(at + "trend2", SIZE, CHANNELS, 3), dense(at + "linear", SIZE, CHANNELS)
    return {"model." + name: shape for name, shape in found.items()}


def parameters():
    p = {}
    for j, (name, shape) in enumerate(sorted(shapes().items())):
        scale = 0.1 if "combine_s" in name else 0.5 if len(shape) == 1 else math.sqrt(3 * shape[0] / math.prod(shape))
        value = numbers(shape, lambda i: scale * math.sin(0.7 * i * i + 1.7 * i + 0.9 * j + 0.5))
        if name.endswith("ln2.weight"):
            value = value + 1
        p[name] = value.requires_grad_()
    return p


def gelu(x):
    return 0.5 * x * (1 + torch.erf(x / math.sqrt(2)))


def normalized(x):
    centred = x - x.mean(-1, keepdim=True)
    return centred / ((centred ** 2).mean(-1, keepdim=True) + 1e-5).sqrt()


def season(x):
    """[rows, units]: of each unit the largest frequencies, as cosines."""
    rows = x.shape[0]
    spectrum = torch.fft.rfft(x, dim=0)
    last = len(spectrum) - 1 if rows % 2 == 0 else len(spectrum)
    time, columns = torch.arange(rows, dtype=torch.float64), []
    for unit in range(x.shape[1]):
        order = sorted(range(1, last), key=lambda f: -spectrum[f, unit].abs().item())[: int(math.log(last - 1))]
        column = torch.zeros(rows, dtype=torch.float64)
        for f in order:
            amplitude, phase = spectrum[f, unit].abs(), spectrum[f, unit].angle()
            column = column + amplitude * torch.cos(2 * math.pi * f / rows * time + phase) + amplitude * torch.cos(-2 * math.pi * f / rows * time - phase)
        columns.append(column)
    return torch.stack(columns, 1)


class Network:
    def __init__(self, p):
        self.p = p

    def dense(self, name, x):
        y = x @ self.p[f"model.{name}.weight"].T
        return y + self.p[f"model.{name}.bias"] if f"model.{name}.bias" in self.p else y

    def conv(self, name, x):
        """[inputs, length] to [outputs, length], with zeros beyond the ends."""
        weight = self.p[f"model.{name}.weight"]
        reach = weight.shape[2] // 2
        padded = torch.cat([torch.zeros(x.shape[0], reach, dtype=x.dtype), x, torch.zeros(x.shape[0], reach, dtype=x.dtype)], 1)
        return sum(weight[:, :, k] @ padded[:, k:k + x.shape[1]] for k in range(weight.shape[2])) + self.p[f"model.{name}.bias"][:, None]

    def norm(self, name, x, time):
        scale, shift = self.dense(name + ".linear", time).chunk(2)
        return normalized(x) * (1 + scale) + shift

    def attention(self, name, x, memory):
        q, k, v = self.dense(name + ".query", x), self.dense(name + ".key", memory), self.dense(name + ".value", memory)
        each = SIZE // HEADS
        parts = [slice(h * each, (h + 1) * each) for h in range(HEADS)]
        return self.dense(name + ".proj", torch.cat([torch.softmax(q[:, s] @ k[:, s].T / math.sqrt(each), 1) @ v[:, s] for s in parts], 1))

    def mlp(self, at, x):
        n = normalized(x) * self.p[f"model.{at}ln2.weight"] + self.p[f"model.{at}ln2.bias"]
        return self.dense(at + "mlp.2", gelu(self.dense(at + "mlp.0", n)))

    def predict(self, x, t):
        """One series [ROWS, CHANNELS] at one step: trend + season, as the paper has them, each with its part of what is left."""
        half = SIZE // 2
        angles = [t * math.exp(-math.log(10000) * i / (half - 1)) for i in range(half)]
        time = torch.tensor([math.sin(a) for a in angles] + [math.cos(a) for a in angles], dtype=torch.float64)
        time = time * torch.sigmoid(time)
        emb = self.conv("emb", x.T).T
        memory = emb + self.p["model.pos_enc"][0]
        for i in range(ENCODERS):
            at = f"encoder.{i}."
            n = self.norm(at + "ln1", memory, time)
            memory = memory + self.attention(at + "attn", n, n)
            memory = memory + self.mlp(at, memory)
        now = emb + self.p["model.pos_dec"][0]
        seasons, trends, means = 0, 0, []
        for i in range(DECODERS):
            at = f"decoder.{i}."
            n = self.norm(at + "ln1", now, time)
            now = now + self.attention(at + "attn1", n, n)
            now = now + self.attention(at + "attn2", self.norm(at + "ln1_1", now, time), memory)
            both = self.p[f"model.{at}proj.weight"][:, :, 0] @ now + self.p[f"model.{at}proj.bias"][:, None]
            polynomial = self.conv(at + "trend2", gelu(self.conv(at + "trend1", both[:ROWS])).T)
            axis = torch.arange(1, ROWS + 1, dtype=torch.float64) / (ROWS + 1)
            trends = trends + sum(polynomial[:, k:k + 1] * axis ** (k + 1) for k in range(3)).T
            seasons = seasons + season(both[ROWS:])
            now = now + self.mlp(at, now)
            mean = now.mean(0, keepdim=True)
            means.append(self.dense(at + "linear", mean))
            now = now - mean
        left = self.conv("inverse", now.T).T
        level = left.mean(0, keepdim=True)
        trend = sum(w * m for w, m in zip(self.p["model.combine_m.weight"][0], means)) + level + trends
        return trend + self.dense("combine_s", seasons) + left - level

    def batch(self, x, t):
        return torch.stack([self.predict(series, step) for series, step in zip(x, t)])


def schedule():
    bar = [math.cos((t / STEPS + 0.008) / 1.008 * math.pi / 2) ** 2 for t in range(STEPS + 1)]
    betas = torch.tensor([min(0.999, 1 - bar[t + 1] / bar[t]) for t in range(STEPS)], dtype=torch.float64)
    return betas, torch.cumprod(1 - betas, 0)


def training():
    p = parameters()
    network, (betas, bars) = Network(p), schedule()
    windows = numbers((WINDOWS, ROWS, CHANNELS), lambda i: math.sin(0.37 * i + 0.1 * (i % 5)))
    noise = numbers((WINDOWS, ROWS, CHANNELS), lambda i: 1.3 * math.cos(0.91 * i))
    t = torch.tensor([3, 25])
    bar = bars[t][:, None, None]
    out = network.batch(bar.sqrt() * windows + (1 - bar).sqrt() * noise, t.tolist())
    weights = (1 - betas).sqrt() * (1 - bars).sqrt() / betas / 100
    transform = lambda x: torch.fft.fft(x.transpose(1, 2), norm="forward").transpose(1, 2)
    difference = transform(out) - transform(windows)
    squared = ((out - windows) ** 2).mean((1, 2)) * weights[t]
    fourier = math.sqrt(ROWS) / 5 * (difference.real ** 2 + difference.imag ** 2).mean((1, 2)) * weights[t]
    loss = (squared + fourier).mean()
    loss.backward()
    return {
        "loss": loss.item(), "squared": squared.mean().item(), "fourier": fourier.mean().item(), "output": out.flatten().tolist(),
        "gradients": {name: v.grad.flatten()[:: max(1, v.numel() // 4)][:4].tolist() for name, v in p.items()},
    }


def guided(network, sample, mean, history, t):
    times, rate = (0, 0.0) if t < STEPS * 0.05 else (3, 0.05) if t > STEPS * 0.9 else (2, 0.025) if t > STEPS * 0.75 else (1, 0.0125)
    point = sample.clone()
    for _ in range(times):
        point = point.detach().requires_grad_()
        optimizer = torch.optim.Adagrad([point], lr=rate)
        out = network.batch(point, [t] * len(point))
        loss = 0.1 * ((mean - point) ** 2).mean(0).sum() + ((out[:, :HISTORY] - history) ** 2).mean()
        loss.backward()
        optimizer.step()
    return point.detach()


def step(cut, t):
    p = parameters()
    network, (_, bars) = Network(p), schedule()
    windows = numbers((WINDOWS, ROWS, CHANNELS), lambda i: math.sin(0.37 * i + 0.1 * (i % 5)))
    history = windows[:, :HISTORY]
    x = numbers((WINDOWS, ROWS, CHANNELS), lambda i: 0.8 * math.sin(0.61 * i + 2))
    noise = numbers((WINDOWS, HISTORY, CHANNELS), lambda i: 1.3 * math.cos(0.91 * i))
    with torch.no_grad():
        start = network.batch(x, [t] * WINDOWS)
    if cut:
        start = start.clamp(-1, 1)
    epsilon = ((1 / bars[t]).sqrt() * x - start) / (1 / bars[t] - 1).sqrt()
    mean = bars[t - 1].sqrt() * start + (1 - bars[t - 1]).sqrt() * epsilon
    after = guided(network, mean, mean, history, t)
    after[:, :HISTORY] = bars[t].sqrt() * history + (1 - bars[t]).sqrt() * noise
    # What the guidance's backward passes leave in the parameters, which no optimizer has zeroed.
    left = {name: (torch.zeros_like(v) if v.grad is None else v.grad).flatten()[:: max(1, v.numel() // 4)][:4].tolist() for name, v in p.items()}
    return {"t": t, "after": after.flatten().tolist(), "left": left}


def mixture(windows, samples, together=10):
    """What a window is handed in NsDiff's copy: number 1000 w + s is sample s of window w."""
    batch, parts = torch.arange(windows), []
    for part in range(samples // together):
        rows = batch.repeat(together) * 1000 + torch.arange(together).repeat_interleave(windows) + part * together
        parts.append(rows.reshape(windows, together))
    return torch.cat(parts, 1).flatten().tolist()


def main():
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "TimeSeriesDiffusion" / "diffusion-ts-reference.json"
    result = {"torch": torch.__version__, "training": training(), "mixture": mixture(3, 20)}
    for name, cut in (("released", True), ("corrected", False)):
        result[name] = [step(cut, t) for t in (38, 32, 20, 1)]
    result["seasons"] = {
        str(rows): season(numbers((rows, 3), lambda i: math.sin(0.37 * i) + math.cos(1.9 * i) * (i % 7))).flatten().tolist() for rows in (20, 21)}
    rounded = json.loads(json.dumps(result), parse_float=lambda v: float(f"{float(v):.9g}"))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
