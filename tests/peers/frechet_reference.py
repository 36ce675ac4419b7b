#!/usr/bin/python3
"""Writes tests/Repro.Training.Tests/Metrics/frechet-reference.json: Frechet distances by SciPy's sqrtm, which takes the root of S1 S2 itself.

Needs Debian's python3-scipy. The features come from a formula that both sides know: feature j of example i of a set is
scale * sin(a i + b j + c i j) + shift * j, and where a set is singular, its last feature repeats its first.

    /usr/bin/python3 tests/peers/frechet_reference.py
"""
import json
import pathlib

import numpy as np
import scipy
from scipy.linalg import sqrtm

# name: (examples, features, (scale, a, b, c, shift) of one set, of the other, singular)
CASES = {
    "two features": (40, 2, (1.0, 0.7, 0.3, 0.11, 0.0), (1.5, 0.9, 0.2, 0.07, 0.4), False),
    "sixteen features": (200, 16, (1.0, 0.7, 0.3, 0.11, 0.0), (0.8, 0.57, 0.41, 0.13, 0.05), False),
    "far from zero": (200, 8, (1.0, 0.7, 0.3, 0.11, 1000.0), (1.1, 0.57, 0.41, 0.13, 1000.1), False),
    "singular on both sides": (60, 5, (1.0, 0.7, 0.3, 0.11, 0.0), (1.5, 0.9, 0.2, 0.07, 0.1), True),
    "many features": (500, 64, (1.0, 0.7, 0.3, 0.11, 0.0), (1.0, 0.71, 0.31, 0.113, 0.01), False),
}


def features(examples, count, formula, singular):
    scale, a, b, c, shift = formula
    i, j = np.meshgrid(np.arange(examples), np.arange(count), indexing="ij")
    values = scale * np.sin(a * i + b * j + c * i * j) + shift * j
    if singular:
        values[:, -1] = values[:, 0]
    return values


def distance(x, y):
    (m1, s1), (m2, s2) = ((v.mean(0), np.cov(v, rowvar=False)) for v in (x, y))
    root = sqrtm(s1 @ s2)
    return float((m1 - m2) @ (m1 - m2) + np.trace(s1) + np.trace(s2) - 2 * np.trace(root.real))


written = {
    "command": "/usr/bin/python3 tests/peers/frechet_reference.py",
    "scipy": scipy.__version__,
    "cases": [
        {"name": name, "examples": n, "features": d, "one": one, "other": other, "singular": singular,
         "distance": distance(features(n, d, one, singular), features(n, d, other, singular))}
        for name, (n, d, one, other, singular) in CASES.items()
    ],
}
path = pathlib.Path(__file__).resolve().parents[1] / "Repro.Training.Tests/Metrics/frechet-reference.json"
path.write_text(json.dumps(written, indent=1) + "\n")
