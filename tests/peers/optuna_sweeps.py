#!/usr/bin/python3
"""Optuna's side of `./bench sweeps`: trials and reported values a second on each of its stores.

Prints one line of JSON. MEASURE is one of
  random STORE N      N random trials of an empty objective: asked, run, told
  tpe memory N        N TPE trials of a quadratic
  values STORE N      N values reported by one trial
STORE is memory, sqlite:PATH or journal:PATH.
"""
import json
import sys
import time
import warnings

import optuna
from optuna.samplers import RandomSampler, TPESampler

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def storage(text):
    kind, _, path = text.partition(":")
    if kind == "memory":
        return None
    if kind == "sqlite":
        return f"sqlite:///{path}"
    return optuna.storages.JournalStorage(optuna.storages.JournalFileStorage(path))


def suggest(trial):
    rate = trial.suggest_float("rate", 1e-4, 1.0, log=True)
    decay = trial.suggest_float("decay", 1e-6, 1e-2, log=True)
    momentum = trial.suggest_float("momentum", 0.0, 0.99)
    depth = trial.suggest_int("depth", 1, 64)
    kind = trial.suggest_categorical("kind", ["a", "b", "c"])
    return rate, decay, momentum, depth, kind


def empty(trial):
    suggest(trial)
    return 0.0


def quadratic(trial):
    rate, _, momentum, depth, kind = suggest(trial)
    return (rate - 0.3) ** 2 + (momentum - 0.9) ** 2 + abs(depth - 20) / 64 + (kind != "b")


def main():
    measure, store, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    sampler = TPESampler(seed=1) if measure == "tpe" else RandomSampler(seed=1)
    study = optuna.create_study(storage=storage(store), sampler=sampler)
    # Both sides are measured warm; what they are warmed on is kept nowhere.
    optuna.create_study(sampler=RandomSampler(seed=1)).optimize(empty, n_trials=50)
    begun = time.perf_counter()
    if measure == "values":
        trial = study.ask()
        for step in range(count):
            trial.report(1.0 / (1 + step), step)
    else:
        study.optimize(quadratic if measure == "tpe" else empty, n_trials=count)
    seconds = time.perf_counter() - begun
    print(json.dumps({"version": optuna.__version__, "seconds": seconds, "count": count}))


main()
