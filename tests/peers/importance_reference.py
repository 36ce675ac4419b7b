#!/usr/bin/python3
"""Writes random trials and what Optuna's fANOVA says of them, which tests/Repro.Studies.Tests/Statistics compares ours with.

    /usr/bin/python3 tests/peers/importance_reference.py tests/Repro.Studies.Tests/Statistics/fanova-reference.json

Needs Optuna and scikit-learn (Debian: python3-optuna, python3-sklearn). Optuna's importances are of single hyperparameters and add up to 1.
"""
import json
import math
import sys

import numpy as np
import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.importance import FanovaImportanceEvaluator

optuna.logging.set_verbosity(optuna.logging.ERROR)
rng = np.random.default_rng(7)
space = {
    "learning_rate": FloatDistribution(0, 1), "weight_decay": FloatDistribution(0, 1), "momentum": FloatDistribution(0, 1),
    "dropout": FloatDistribution(0, 1), "optimizer": CategoricalDistribution(["a", "b", "c", "d"]),
}


def loss(x):
    optimizer = [0.0, 0.6, 0.1, 0.5][x["optimizer"]]
    return 4 * (x["learning_rate"] - 0.4) ** 2 + 0.8 * math.sin(3 * x["weight_decay"]) + optimizer + 0.8 * x["learning_rate"] * x["momentum"]


rows, values = [], []
study = optuna.create_study()
for _ in range(400):
    x = {name: round(float(rng.random()), 6) for name in ("learning_rate", "weight_decay", "momentum", "dropout")}
    x["optimizer"] = int(rng.integers(4))
    value = round(loss(x) + float(rng.normal(0, 0.1)), 6)
    rows.append(list(x.values()))
    values.append(value)
    study.add_trial(optuna.trial.create_trial(params={**x, "optimizer": "abcd"[x["optimizer"]]}, distributions=space, value=value))
each = [FanovaImportanceEvaluator(seed=seed).evaluate(study) for seed in range(5)]
importances = {name: float(np.mean([one[name] for one in each])) for name in space}
# The variance of each mean effect of the noiseless loss, over the whole space rather than the 400 trials.
grid = (np.arange(10000) + 0.5) / 10000
truth = {
    "learning_rate": np.var(4 * (grid - 0.4) ** 2 + 0.4 * grid), "weight_decay": np.var(0.8 * np.sin(3 * grid)), "momentum": np.var(0.4 * grid), "dropout": 0.0,
    "optimizer": np.var([0.0, 0.6, 0.1, 0.5]),
}
truth = {name: float(variance / sum(truth.values())) for name, variance in truth.items()}
with open(sys.argv[1], "w") as file:
    command = "/usr/bin/python3 tests/peers/importance_reference.py tests/Repro.Studies.Tests/Statistics/fanova-reference.json"
    trials = ",\n".join(json.dumps(row + [value]) for row, value in zip(rows, values))
    file.write(f'{{"optuna": "{optuna.__version__}", "command": "{command}",\n"importances": {json.dumps(importances)},\n"truth": {json.dumps(truth)},\n"trials": [\n{trials}\n]}}\n')
