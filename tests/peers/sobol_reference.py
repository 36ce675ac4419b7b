#!/usr/bin/python3
"""Writes points of SciPy's unscrambled Sobol sequence, which tests/Repro.Studies.Tests/Samplers compares ours with.

    /usr/bin/python3 tests/peers/sobol_reference.py tests/Repro.Studies.Tests/Samplers/sobol-reference.json

Needs SciPy (Debian: python3-scipy). A point is its index and 128 coordinates, each times 2^30.
"""
import json
import sys

import scipy
from scipy.stats import qmc

DIMENSIONS = 128
INDICES = [0, 1, 2, 3, 5, 100, 1023, 4095, 65535, 1000000]

points = {}
for index in INDICES:
    sequence = qmc.Sobol(DIMENSIONS, scramble=False)
    if index:
        sequence.fast_forward(index)
    points[index] = [int(u * 2**30) for u in sequence.random(1)[0]]
with open(sys.argv[1], "w") as file:
    command = "/usr/bin/python3 tests/peers/sobol_reference.py tests/Repro.Studies.Tests/Samplers/sobol-reference.json"
    lines = [f'"{index}": {json.dumps(point, separators=(",", ":"))}' for index, point in points.items()]
    file.write(f'{{"scipy": "{scipy.__version__}", "command": "{command}", "points": {{\n' + ",\n".join(lines) + "\n}}\n")
