#!/usr/bin/python3
"""Writes tests/Repro.Training.Tests/Metrics/forecast-scores-reference.json: scores of sampled forecasts in plain NumPy, all pairs of samples written out.

The numbers come from a formula that both sides know, in float32: sample i at place h of channel c of window w is
(1 + c / 2) * sin(0.37 i + 0.9 h + 1.3 c + 2.1 w + 0.05 i w) + 0.1 * h, and the observation (1 + c / 2) * sin(1.7 h + 0.6 c + 0.8 w) + 0.1 * h.

    /usr/bin/python3 tests/peers/forecast_scores_reference.py
"""
import json
import pathlib

import numpy as np

# name: (windows, horizon, channels, samples)
CASES = {"one point": (1, 1, 1, 4), "two samples": (3, 2, 2, 2), "a few windows": (5, 6, 3, 20), "a hundred samples": (12, 8, 2, 100), "an odd number": (7, 3, 1, 33)}


def numbers(windows, horizon, channels, samples):
    w, i, h, c = np.meshgrid(np.arange(windows), np.arange(samples), np.arange(horizon), np.arange(channels), indexing="ij")
    x = (1 + c / 2) * np.sin(0.37 * i + 0.9 * h + 1.3 * c + 2.1 * w + 0.05 * i * w) + 0.1 * h
    w, h, c = np.meshgrid(np.arange(windows), np.arange(horizon), np.arange(channels), indexing="ij")
    y = (1 + c / 2) * np.sin(1.7 * h + 0.6 * c + 0.8 * w) + 0.1 * h
    return x.astype(np.float32).astype(np.float64), y.astype(np.float32).astype(np.float64)


def scores(x, y):
    m = x.shape[1]
    apart = np.abs(x - y[:, None]).mean(1)
    pairs = np.abs(x[:, :, None] - x[:, None, :]).sum((1, 2))
    crps = apart - pairs / (2 * m * m)
    edges = np.percentile(x, np.arange(11) * 10, axis=1)
    counts = np.bincount(np.clip((y > edges).sum(0) - 1, 0, 9).ravel(), minlength=10)
    low, high = np.percentile(x, [5, 95], axis=1)
    flat, seen = x.reshape(len(x), m, -1), y.reshape(len(y), -1)
    energy = [np.linalg.norm(f - s, axis=1).mean() - np.linalg.norm(f[:, None] - f[None], axis=2).sum() / (2 * m * m) for f, s in zip(flat, seen)]
    return {
        "crps": crps.mean(), "fair_crps": (apart - pairs / (2 * m * (m - 1))).mean(), "crps_by_horizon": crps.mean((0, 2)).tolist(),
        "bins": (counts / counts.sum()).tolist(), "qice": 100 * np.abs(0.1 - counts / counts.sum()).mean(), "coverage": 100 * ((y >= low) & (y <= high)).mean(), "sharpness": (high - low).mean(),
        "energy": np.mean(energy) / np.sqrt(seen.shape[1]), "squared_error": ((x.mean(1) - y) ** 2).mean(),
    }


written = {
    "command": "/usr/bin/python3 tests/peers/forecast_scores_reference.py",
    "numpy": np.__version__,
    "cases": [{"name": name, "windows": w, "horizon": h, "channels": c, "samples": m} | scores(*numbers(w, h, c, m)) for name, (w, h, c, m) in CASES.items()],
}
path = pathlib.Path(__file__).resolve().parents[1] / "Repro.Training.Tests/Metrics/forecast-scores-reference.json"
path.write_text(json.dumps(written, indent=1) + "\n")
