#!/usr/bin/python3
"""Writes what SciPy computes of recorded numbers, which tests/Repro.Studies.Tests/Statistics compares ours with.

    /usr/bin/python3 tests/peers/statistics_reference.py tests/Repro.Studies.Tests/Statistics/scipy-reference.json

Needs SciPy (Debian: python3-scipy). The numbers are rounded draws of a fixed seed; "runs" are test errors in per cent.
"""
import json
import math
import sys

import numpy as np
import scipy
import scipy.integrate
import scipy.optimize
from scipy import stats

rng = np.random.default_rng(20151210)
SAMPLES = [
    [8.75, 8.61, 8.92],
    [84.51, 84.50, 87.46, 85.60, 84.20, 86.61, 86.20],
    [round(x, 4) for x in rng.normal(7.0, 0.3, 10)],
    [round(x, 4) for x in rng.lognormal(0, 1, 30)],
    [1e-9 * round(x, 3) for x in rng.normal(0, 1, 5)],
]
LEVELS = [0.5, 0.9, 0.95, 0.99]


def one(values, level):
    n, mean, s = len(values), np.mean(values), np.std(values, ddof=1)
    low, high = stats.t.interval(level, n - 1, mean, stats.sem(values))
    predicted = {}
    for m in (1, 5):
        reach = stats.t.ppf((1 + level) / 2, n - 1) * s * math.sqrt(1 / n + 1 / m)
        predicted[m] = [mean - reach, mean + reach]
    return {"values": values, "level": level, "mean": [low, high], "p": stats.ttest_1samp(values, 0).pvalue, "prediction": predicted}


def two(a, b, level):
    test = stats.ttest_ind(a, b, equal_var=False)
    # SciPy 1.10 has no interval of Welch's test: the p-value of a difference at the interval's end must be 1 - level, which the root finder solves for.
    def end(sign):
        spread = abs(np.mean(a) - np.mean(b)) + 100 * (np.std(a) + np.std(b))
        f = lambda d: stats.ttest_ind(np.array(a) - d, b, equal_var=False).pvalue - (1 - level)
        center = np.mean(a) - np.mean(b)
        return scipy.optimize.brentq(f, center, center + sign * spread, xtol=1e-14 * max(1e-9, spread), rtol=1e-14)
    return {"a": a, "b": b, "level": level, "p": test.pvalue, "interval": [end(-1), end(1)]}


def tost(a, b, delta):
    # Two one-sided Welch tests, each SciPy's own.
    upper = stats.ttest_ind(np.array(a) - delta, b, equal_var=False, alternative="less").pvalue
    lower = stats.ttest_ind(np.array(a) + delta, b, equal_var=False, alternative="greater").pvalue
    return {"a": a, "b": b, "delta": delta, "p": max(upper, lower)}


def power_difference(effect, degrees, alpha):
    return {"effect": effect, "degrees": degrees, "alpha": alpha, "power": stats.nct.sf(stats.t.ppf(1 - alpha, degrees), degrees, effect)}


def power_equivalence(margin, degrees, alpha, effect):
    # P(|X + effect| + t S <= margin) with S^2 ~ chi^2_v / v, by adaptive quadrature over the quantiles of S.
    t = stats.t.ppf(1 - alpha, degrees)
    def inner(s):
        return max(0.0, stats.norm.cdf(margin - t * s - effect) - stats.norm.cdf(t * s - margin - effect))
    density = lambda s: stats.chi.pdf(s * math.sqrt(degrees), degrees) * math.sqrt(degrees)
    value, _ = scipy.integrate.quad(lambda s: inner(s) * density(s), 0, margin / t, epsabs=1e-13, epsrel=1e-12, limit=500,
                                    points=[p for p in (1 - 2 / math.sqrt(degrees), 1.0, 1 + 2 / math.sqrt(degrees)) if 0 < p < margin / t] or None)
    return {"margin": margin, "degrees": degrees, "alpha": alpha, "effect": effect, "power": value}


pairs = [(SAMPLES[0], SAMPLES[2]), (SAMPLES[2], SAMPLES[3]), (SAMPLES[1], SAMPLES[2])]
lists = [SAMPLES[2], SAMPLES[3], [1.0, 2, 2, 3, 5, 8, 9], list(range(1, 5))]
uneven = [([1.0, 2, 2, 3], [2.0, 2, 4, 4, 1]), (SAMPLES[0], SAMPLES[2]), (SAMPLES[2], SAMPLES[3])]
reference = {
    "one": [one(v, level) for v in SAMPLES for level in LEVELS],
    "two": [two(a, b, level) for a, b in pairs for level in LEVELS],
    "tost": [tost(a, b, delta) for a, b in pairs for delta in (0.1, 1.0, 2.0, 100.0)],
    "trim_mean": [{"values": v, "mean": stats.trim_mean(v, 0.25)} for v in lists],
    "mann_whitney": [{"a": a, "b": b, "share": stats.mannwhitneyu(a, b).statistic / (len(a) * len(b))} for a, b in uneven],
    "power_difference": [power_difference(e, v, a) for e in (0.0, 0.5, 1.0, 2.5, 5.0, 12.0) for v in (1, 2, 4, 9, 29, 198, 1998) for a in (0.05, 0.025, 0.001)],
    "power_equivalence": [power_equivalence(m, v, 0.05, e) for m in (0.5, 2.0, 3.0, 5.0) for v in (1, 2, 4, 9, 29, 198, 1998) for e in (0.0, 1.0)],
    "upper_deviation": [{"count": n, "confidence": c, "factor": math.sqrt((n - 1) / stats.chi2.ppf(1 - c, n - 1))} for n in (2, 3, 5, 10, 100) for c in (0.5, 0.8, 0.95)],
    "obrien_fleming": [{"share": t, "alpha": a, "spent": 2 * stats.norm.sf(stats.norm.isf(a / 2) / math.sqrt(t))} for t in (0.1, 0.25, 0.5, 0.9, 1.0) for a in (0.05, 0.1)],
}
with open(sys.argv[1], "w") as file:
    command = "/usr/bin/python3 tests/peers/statistics_reference.py tests/Repro.Studies.Tests/Statistics/scipy-reference.json"
    sections = [f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows) + "\n]" for name, rows in reference.items()]
    file.write(f'{{"scipy": "{scipy.__version__}", "command": "{command}",\n' + ",\n".join(sections) + "\n}\n")
