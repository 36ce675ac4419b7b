#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/deepar-reference.json: what PyTorch computes for a small DeepAR with a normal distribution.

Needs Debian's python3-torch. Two windows of two channels, 50 known rows and 3 to be forecast, in float64, series by series and row by row. Numbers come from
formulas that both sides know: number i (row by row) of the j-th parameter in alphabetical order is 0.3 sin(1.7 i + 0.9 j); of the values of both windows,
history and future in one, 2 sin(0.37 i) + 0.02 i; of their marks 0.5 cos(0.23 i); of the normal numbers asked for in the k-th row 1.3 cos(0.91 i + 0.37 k).

    /usr/bin/python3 tests/peers/deepar_reference.py
"""
import json
import math
import pathlib

import torch

WINDOWS, SAMPLES, KNOWN, AHEAD, CHANNELS, MARKS, UNITS, CONTEXT, LAGS = 2, 2, 50, 3, 2, 2, 40, 24, (1, 24)
VECTOR = (CHANNELS + 1) // 2
INPUTS = len(LAGS) + MARKS + VECTOR + 1
LEAST = 1e-3


def numbers(shape, formula):
    return formula(torch.arange(math.prod(shape), dtype=torch.float64)).reshape(shape)


def parameters():
    shapes = {"embedding.weight": (CHANNELS, VECTOR), "mean.weight": (1, UNITS), "mean.bias": (1,), "deviation.weight": (1, UNITS), "deviation.bias": (1,)}
    for layer, inputs in enumerate((INPUTS, UNITS)):
        shapes[f"lstm.weight_ih_l{layer}"], shapes[f"lstm.weight_hh_l{layer}"] = (4 * UNITS, inputs), (4 * UNITS, UNITS)
        shapes[f"lstm.bias_ih_l{layer}"] = shapes[f"lstm.bias_hh_l{layer}"] = (4 * UNITS,)
    return {name: numbers(shape, lambda i: 0.3 * torch.sin(1.7 * i + 0.9 * j)).requires_grad_() for j, (name, shape) in enumerate(sorted(shapes.items()))}


class Reader:
    """The LSTM of one series, a row at a time."""

    def __init__(self, p, channel, scale):
        self.p, self.state = p, [(torch.zeros(UNITS, dtype=torch.float64),) * 2 for _ in range(2)]
        self.fixed = torch.cat([p["embedding.weight"][channel], scale.log().reshape(1)])

    def read(self, lagged, marks):
        p, x = self.p, torch.cat([torch.stack(lagged), marks, self.fixed])
        for layer in range(2):
            h, c = self.state[layer]
            gates = p[f"lstm.weight_ih_l{layer}"] @ x + p[f"lstm.bias_ih_l{layer}"] + p[f"lstm.weight_hh_l{layer}"] @ h + p[f"lstm.bias_hh_l{layer}"]
            i, f, g, o = gates.reshape(4, UNITS)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            x = o.sigmoid() * c.tanh()
            self.state[layer] = (x, c)
        mean = p["mean.weight"][0] @ x + p["mean.bias"][0]
        return mean, torch.log1p(torch.exp(p["deviation.weight"][0] @ x + p["deviation.bias"][0])) + LEAST


def main():
    p = parameters()
    values = numbers((WINDOWS, KNOWN + AHEAD, CHANNELS), lambda i: 2 * torch.sin(0.37 * i) + 0.02 * i)
    marks = numbers((WINDOWS, KNOWN + AHEAD, MARKS), lambda i: 0.5 * torch.cos(0.23 * i))
    losses, samples = [], torch.zeros(WINDOWS, SAMPLES, AHEAD, CHANNELS, dtype=torch.float64)
    for w in range(WINDOWS):
        for c in range(CHANNELS):
            known = values[w, :KNOWN, c]
            location, scale = known.mean(), ((known - known.mean()).square().mean() + 1e-5).sqrt()
            series = [(v - location) / scale for v in values[w, :, c]]
            reader = Reader(p, c, scale)
            for row in range(KNOWN - CONTEXT, KNOWN + AHEAD):
                mean, deviation = reader.read([series[row - lag] for lag in LAGS], marks[w, row])
                losses.append(-torch.distributions.Normal(location + scale * mean, scale * deviation).log_prob(values[w, row, c]))
            with torch.no_grad():
                for s in range(SAMPLES):
                    path, reader = series[:KNOWN], Reader(p, c, scale)
                    for row in range(KNOWN - CONTEXT, KNOWN + AHEAD):
                        mean, deviation = reader.read([path[row - lag] for lag in LAGS], marks[w, row])
                        if row >= KNOWN:
                            i, k = (w * SAMPLES + s) * CHANNELS + c, row - KNOWN
                            path.append(mean + deviation * 1.3 * math.cos(0.91 * i + 0.37 * k))
                            samples[w, s, k, c] = location + scale * path[-1]
    loss = torch.stack(losses).mean()
    loss.backward()
    out = {
        "torch": torch.__version__, "loss": loss.item(), "samples": samples.flatten().tolist(),
        "gradients": {name: v.grad.flatten()[:: max(1, v.numel() // 4)][:4].tolist() for name, v in p.items()},
    }
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "TimeSeriesDiffusion" / "deepar-reference.json"
    rounded = json.loads(json.dumps(out), parse_float=lambda v: float(f"{float(v):.9g}"))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
