#!/usr/bin/python3
"""Writes densities of Optuna's Parzen estimators, which tests/Repro.Studies.Tests/Samplers compares ours with.

    /usr/bin/python3 tests/peers/tpe_reference.py tests/Repro.Studies.Tests/Samplers/tpe-reference.json

Needs Optuna 3.1 (Debian: python3-optuna). Observations of x and y lie in [0, 1] and those of c in {a, b, c}; all weigh the same. A case is the observations, the
points and the densities there: of x alone, of c alone, and of all together in the multivariate estimator.

Optuna 3.1 to 3.4 leave out the factor 1 / sigma in the density of a kernel (optuna #5109, mended by #5110), so SciPy's is put in its place.
"""
import json
import sys

import numpy as np
import optuna
import scipy.stats
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters

optuna.samplers._tpe._truncnorm.logpdf = scipy.stats.truncnorm.logpdf
SPACE = {"x": FloatDistribution(0, 1), "y": FloatDistribution(0, 1), "c": CategoricalDistribution(["a", "b", "c"])}


def densities(observations, points, names, multivariate):
    parameters = _ParzenEstimatorParameters(True, 1.0, True, False, lambda n: np.ones(n), multivariate)
    estimator = _ParzenEstimator({n: observations[n] for n in names}, {n: SPACE[n] for n in names}, parameters)
    return np.exp(estimator.log_pdf({n: points[n] for n in names})).tolist()


def draw(rng, count):
    return {"x": rng.random(count).round(6), "y": rng.beta(2, 5, count).round(6), "c": rng.integers(0, 3, count)}


cases = []
for count in [1, 2, 3, 7, 25, 100, 300]:
    rng = np.random.default_rng(count)
    observations, points = draw(rng, count), draw(rng, 8)
    cases.append({
        "observations": {n: v.tolist() for n, v in observations.items()},
        "points": {n: v.tolist() for n, v in points.items()},
        "x": densities(observations, points, ["x"], False),
        "c": densities(observations, points, ["c"], False),
        "all": densities(observations, points, ["x", "y", "c"], True),
    })
with open(sys.argv[1], "w") as file:
    command = "/usr/bin/python3 tests/peers/tpe_reference.py tests/Repro.Studies.Tests/Samplers/tpe-reference.json"
    lines = [json.dumps(case, separators=(",", ":")) for case in cases]
    file.write(f'{{"optuna": "{optuna.__version__}", "command": "{command}", "cases": [\n' + ",\n".join(lines) + "\n]}\n")
