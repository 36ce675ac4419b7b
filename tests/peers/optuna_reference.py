#!/usr/bin/python3
"""Writes decisions of Optuna's pruners on recorded sequences, which tests/Repro.Studies.Tests/Pruners compares ours with.

    /usr/bin/python3 tests/peers/optuna_reference.py tests/Repro.Studies.Tests/Pruners/optuna-reference.json

Needs Optuna 3.1 (Debian: python3-optuna). Six trials train at a time and report in a shuffled order; some diverge, some fail, many values are
equal. An event is [trial, step, value, pruned] (value null: NaN) or [trial, "completed" | "failed"]. In Hyperband's cases `brackets` has the bracket that Optuna
gave each trial (0 prunes most), because that depends on the study's name there.
"""
import json
import math
import random
import sys

import optuna
from optuna.trial import TrialState

optuna.logging.set_verbosity(optuna.logging.ERROR)
TRIALS, SLOTS = 40, 6


def record(name, pruner, direction, seed, steps, stride=1, nan_steps=(1,), **settings):
    rng = random.Random(seed)
    study = optuna.create_study(direction=direction, pruner=pruner, study_name=name)
    sign = 1 if direction == "minimize" else -1
    events, running, brackets = [], {}, []
    started = 0
    while started < TRIALS or running:
        while started < TRIALS and len(running) < SLOTS:
            trial = study.ask()
            running[trial.number] = [trial, 0, rng.random(), rng.random() < 0.1, rng.random() < 0.05]
            started += 1
        number = rng.choice(sorted(running))
        state = running[number]
        trial, step, level, diverges, fails = state
        step += stride
        state[1] = step
        if fails and step > steps // 2:
            study.tell(trial, state=TrialState.FAIL)
            events.append([number, "failed"])
            del running[number]
            continue
        value = sign * round(level + 1 / step + 0.1 * rng.random(), 1 if seed % 2 else 4)
        if diverges and step in nan_steps:
            value = math.nan
        trial.report(value, step)
        pruned = bool(trial.should_prune())
        events.append([number, step, None if math.isnan(value) else value, pruned])
        if pruned:
            study.tell(trial, state=TrialState.PRUNED)
            del running[number]
        elif step + stride > steps:
            study.tell(trial, value)
            events.append([number, "completed"])
            del running[number]
    if isinstance(pruner, optuna.pruners.HyperbandPruner):
        brackets = [pruner._get_bracket_id(study, t) for t in study.get_trials(deepcopy=False)]
    return {"name": name, "direction": direction, **settings, "brackets": brackets, "events": events}


def cases():
    for direction in ("minimize", "maximize"):
        median = optuna.pruners.MedianPruner
        # Optuna ignores a NaN among a trial's values and while too few trials have completed; ours prunes at once. So none diverges here.
        yield record(f"median {direction}", median(), direction, 1, 12, nan_steps=(), kind="median", startup=5, warmup=0, interval=1)
        yield record(f"median, warmup and interval {direction}", median(3, 4, 3), direction, 2, 24, stride=2, nan_steps=(),
                     kind="median", startup=3, warmup=4, interval=3)
        halving = optuna.pruners.SuccessiveHalvingPruner
        yield record(f"ASHA, eta 4 {direction}", halving(1, 4, 0), direction, 3, 20, kind="asha", least=1, eta=4, skipped=0)
        yield record(f"ASHA, eta 2, from 2 {direction}", halving(2, 2, 1), direction, 4, 20, nan_steps=(4,), kind="asha", least=2, eta=2, skipped=1)
        yield record(f"ASHA, eta 3, every third step {direction}", halving(1, 3, 0), direction, 5, 30, stride=3, nan_steps=(3,), kind="asha", least=1, eta=3, skipped=0)
        # Optuna decides at R itself too, where our trials are completed; so the curves end one step before.
        hyperband = optuna.pruners.HyperbandPruner
        yield record(f"Hyperband, R 27, eta 3 {direction}", hyperband(1, 27, 3), direction, 6, 26, nan_steps=(), kind="hyperband", most=27, eta=3)
        yield record(f"Hyperband, R 16, eta 2 {direction}", hyperband(1, 16, 2), direction, 7, 15, nan_steps=(), kind="hyperband", most=16, eta=2)


with open(sys.argv[1], "w") as file:
    lines = [json.dumps(case, separators=(",", ":")) for case in cases()]
    head = json.dumps({"optuna": optuna.__version__, "command": "/usr/bin/python3 tests/peers/optuna_reference.py tests/Repro.Studies.Tests/Pruners/optuna-reference.json"})
    file.write(head[:-1] + ', "cases": [\n' + ",\n".join(lines) + "\n]}\n")
