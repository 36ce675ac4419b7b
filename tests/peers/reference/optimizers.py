#!/usr/bin/python3
"""Writes the trajectories that tests/Repro.Torch.Tests compares optimizers and schedules of the learning rate with, computed by PyTorch.

    /usr/bin/python3 tests/peers/reference/optimizers.py tests/Repro.Torch.Tests/Data/optimizers.safetensors

The same names stand in OptimizerCases.cs and SchedulerCases.cs in C#.
"""
import torch
from torch.optim import lr_scheduler as S

import corrected_nadam
from reference_file import ReferenceFile, weights

file = ReferenceFile(seed=20180910)
save = file.save

O = torch.optim
OPTIMIZERS = {
    "sgd": lambda p: O.SGD(p, 0.05),
    "sgd_momentum": lambda p: O.SGD(p, 0.02, momentum=0.9),
    "sgd_decay_nesterov": lambda p: O.SGD(p, 0.02, momentum=0.9, weight_decay=0.01, nesterov=True),
    "sgd_dampening": lambda p: O.SGD(p, 0.05, momentum=0.8, dampening=0.3, weight_decay=0.1),
    "sgd_maximize": lambda p: O.SGD(p, 0.001, momentum=0.5, weight_decay=0.01, maximize=True),
    "sgd_groups": lambda p: O.SGD([{"params": [p[0]], "lr": 0.03, "momentum": 0.5}, {"params": [p[1]], "weight_decay": 0.2}], 0.02, momentum=0.9),
    "adam": lambda p: O.Adam(p, 0.01),
    "adam_amsgrad_decay": lambda p: O.Adam(p, 0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.05, amsgrad=True),
    "adam_maximize": lambda p: O.Adam(p, 0.001, maximize=True),
    "adamw": lambda p: O.AdamW(p, 0.01, weight_decay=0.1),
    "adamw_amsgrad_maximize": lambda p: O.AdamW(p, 0.002, betas=(0.85, 0.98), weight_decay=0.05, amsgrad=True, maximize=True),
    "rmsprop": lambda p: O.RMSprop(p, 0.01),
    "rmsprop_momentum_decay": lambda p: O.RMSprop(p, 0.005, alpha=0.9, eps=1e-6, weight_decay=0.05, momentum=0.8),
    "rmsprop_centered": lambda p: O.RMSprop(p, 0.005, centered=True),
    "rmsprop_centered_momentum_maximize": lambda p: O.RMSprop(p, 0.0005, alpha=0.95, momentum=0.6, centered=True, maximize=True),
    "rmsprop_groups": lambda p: O.RMSprop([{"params": [p[0]], "lr": 0.003, "momentum": 0.5}, {"params": [p[1]], "centered": True}], 0.01),
    "adagrad": lambda p: O.Adagrad(p, 0.1),
    "adagrad_decays": lambda p: O.Adagrad(p, 0.2, lr_decay=0.05, weight_decay=0.1, initial_accumulator_value=0.3, eps=1e-8),
    "adadelta": lambda p: O.Adadelta(p, 1.0),
    "adadelta_decay": lambda p: O.Adadelta(p, 2.0, rho=0.8, eps=1e-4, weight_decay=0.1),
    "adadelta_maximize": lambda p: O.Adadelta(p, 0.5, maximize=True),
    "adamax": lambda p: O.Adamax(p, 0.02),
    "adamax_decay": lambda p: O.Adamax(p, 0.03, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.1),
    "asgd": lambda p: O.ASGD(p, 0.05),
    "asgd_averaging": lambda p: O.ASGD(p, 0.05, lambd=1e-2, alpha=0.6, t0=5, weight_decay=0.05),
    "asgd_maximize": lambda p: O.ASGD(p, 0.001, t0=10, maximize=True),
    "rprop": lambda p: O.Rprop(p, 0.01),
    "rprop_steps": lambda p: O.Rprop(p, 0.05, etas=(0.4, 1.3), step_sizes=(1e-3, 0.2)),
    "rprop_maximize": lambda p: O.Rprop(p, 0.0001, etas=(0.5, 1.05), maximize=True),
    "nadam": lambda p: O.NAdam(p, 0.01),
    "nadam_decay": lambda p: O.NAdam(p, 0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.1, momentum_decay=0.02),
    "radam": lambda p: O.RAdam(p, 0.02),
    "radam_decay": lambda p: O.RAdam(p, 0.03, betas=(0.8, 0.9), eps=1e-6, weight_decay=0.1),
    "lbfgs": lambda p: O.LBFGS(p, 0.05, max_iter=2, tolerance_grad=1e-5),
    "lbfgs_short_history": lambda p: O.LBFGS(p, 0.03, max_iter=3, max_eval=3, tolerance_grad=1e-5, history_size=2),
}


def objective(p):
    return (p.sin() * weights(p) + p ** 2 / 2 + p ** 4 / 8).sum()


starts = [torch.randn(5, 7), torch.randn(3)]
for i, start in enumerate(starts):
    save(f"start.{i}", start)
for dtype in (torch.float32, torch.float64):
    # Some optimizers keep numbers in tensors of the default type; in float64 they shall not round to float32.
    torch.set_default_dtype(dtype)
    for name, make in OPTIMIZERS.items():
        parameters = [start.to(dtype).clone().requires_grad_() for start in starts]
        optimizer = make(parameters)

        def closure():
            optimizer.zero_grad()
            loss = sum(objective(p) for p in parameters)
            loss.backward()
            return loss

        for step in range(1, 51):
            optimizer.step(closure)
            if step in (1, 2, 10, 50):
                for i, p in enumerate(parameters):
                    save(f"{name}.{str(dtype)[6:]}.{step}.{i}", p)
        if name.startswith("asgd"):
            save(f"{name}.{str(dtype)[6:]}.average", optimizer.state[parameters[0]]["ax"])
        file.count += 1
torch.set_default_dtype(torch.float32)

# Schedules: the rates (and where it moves, the momentum) of two groups before each of 50 steps.
SCHEDULERS = {
    "lambda": lambda o: S.LambdaLR(o, lambda epoch: 0.95 ** epoch + 0.01 * epoch),
    "lambda_each": lambda o: S.LambdaLR(o, [lambda epoch: 0.9 ** epoch, lambda epoch: 1 / (epoch + 1)]),
    "multiplicative": lambda o: S.MultiplicativeLR(o, lambda epoch: 0.9 + 0.001 * epoch),
    "step": lambda o: S.StepLR(o, 7, 0.3),
    "multi_step": lambda o: S.MultiStepLR(o, [3, 8, 8, 30], 0.2),
    "constant": lambda o: S.ConstantLR(o, 0.3, 6),
    "linear": lambda o: S.LinearLR(o, 0.2, 0.9, 11),
    "exponential": lambda o: S.ExponentialLR(o, 0.93),
    "polynomial": lambda o: S.PolynomialLR(o, 30, 1.7),
    "polynomial_linear": lambda o: S.PolynomialLR(o, 9),
    "cosine": lambda o: S.CosineAnnealingLR(o, 17, 0.001),
    "cosine_once": lambda o: S.CosineAnnealingLR(o, 50),
    "cyclic": lambda o: S.CyclicLR(o, 0.01, 0.2, 4, 7),
    "cyclic_halving": lambda o: S.CyclicLR(o, [0.01, 0.02], [0.2, 0.3], 5, mode="triangular2", base_momentum=0.7, max_momentum=0.95),
    "cyclic_shrinking": lambda o: S.CyclicLR(o, 0.01, 0.2, 6, mode="exp_range", gamma=0.97, cycle_momentum=False),
    "cyclic_own_scale": lambda o: S.CyclicLR(o, 0.01, 0.2, 6, scale_fn=lambda x: 1 / (1 + x), scale_mode="iterations"),
    "one_cycle": lambda o: S.OneCycleLR(o, 0.3, total_steps=60),
    "one_cycle_linear": lambda o: S.OneCycleLR(o, [0.3, 0.1], epochs=5, steps_per_epoch=11, pct_start=0.25, anneal_strategy="linear", div_factor=10, final_div_factor=100),
    "one_cycle_three_phases": lambda o: S.OneCycleLR(o, 0.2, total_steps=50, three_phase=True, base_momentum=0.8, max_momentum=0.9),
    "sequential": lambda o: S.SequentialLR(o, [S.ConstantLR(o, 0.1, 3), S.ExponentialLR(o, 0.9), S.StepLR(o, 4, 0.5)], [5, 20]),
    "chained": lambda o: S.ChainedScheduler([S.LinearLR(o, 0.1, 1.0, 8), S.ExponentialLR(o, 0.95)]),
    "plateau": lambda o: S.ReduceLROnPlateau(o, factor=0.5, patience=2, cooldown=1),
    "plateau_maximize": lambda o: S.ReduceLROnPlateau(o, mode="max", factor=0.3, patience=1, threshold=0.05, threshold_mode="abs", min_lr=[0.001, 0.0002]),
}


def result(epoch):
    return 1 / (1 + epoch) + 0.3 * ((epoch * 7) % 5)


for name, make in SCHEDULERS.items():
    for kind in ("sgd", "adam"):
        if kind == "adam" and (name.startswith("cyclic") and name != "cyclic_shrinking"):
            continue
        groups = [{"params": [torch.zeros(1, requires_grad=True)]}, {"params": [torch.zeros(1, requires_grad=True)], "lr": 0.03}]
        optimizer = O.SGD(groups, 0.1, momentum=0.6) if kind == "sgd" else O.Adam(groups, 0.1)
        scheduler = make(optimizer)
        rates, momenta = [], []
        for epoch in range(51):
            rates.append([group["lr"] for group in optimizer.param_groups])
            momenta.append([group["momentum"] if kind == "sgd" else group["betas"][0] for group in optimizer.param_groups])
            optimizer.step()
            if epoch == 50 or (name == "one_cycle_three_phases" and epoch == 49):
                break
            scheduler.step(result(epoch)) if name.startswith("plateau") else scheduler.step()
        save(f"schedule.{name}.{kind}", torch.tensor(rates, dtype=torch.float64))
        save(f"schedule.{name}.{kind}.momentum", torch.tensor(momenta, dtype=torch.float64))
        file.count += 1

# Jumps: schedules have another formula for an epoch that is given.
for name in ("step", "multi_step", "constant", "linear", "exponential", "polynomial", "cosine"):
    optimizer = O.SGD([torch.zeros(1, requires_grad=True)], 0.1)
    scheduler = SCHEDULERS[name](optimizer)
    optimizer.step()
    rates = []
    for epoch in (4, 25, 8):
        scheduler.step(epoch)
        rates.append(optimizer.param_groups[0]["lr"])
    save(f"jump.{name}", torch.tensor(rates, dtype=torch.float64))

file.write()
