#!/usr/bin/python3
"""What PyTorch draws after the seed 7, for every way to draw.

    /usr/bin/python3 tests/peers/reference/draws.py tests/Repro.Torch.Tests/Data/draws.safetensors

The same draws stand in RandomTests.cs in C#; see reference_file.py.
"""
import torch

from reference_file import ReferenceFile

file = ReferenceFile(seed=7)
T = torch.tensor
ones = torch.ones
DRAWS = {
    "rand": lambda: torch.rand(20),
    "rand_float64": lambda: torch.rand(5, dtype=torch.float64),
    "randn": lambda: torch.randn(5),
    "randn_long": lambda: torch.randn(40),
    "randn_float64": lambda: torch.randn(20, dtype=torch.float64),
    "randint": lambda: torch.randint(-5, 100, (3, 4)),
    "randint_high": lambda: torch.randint(10, (7,)),
    "randperm": lambda: torch.randperm(12),
    "rand_like": lambda: torch.rand_like(ones(3, 4)),
    "randn_like": lambda: torch.randn_like(ones(3, 4, dtype=torch.float64)),
    "randint_like": lambda: torch.randint_like(ones(6), 3, 9),
    "normal": lambda: torch.normal(2.0, 0.5, (6,)),
    "normal_": lambda: torch.empty(20).normal_(1, 2),
    "uniform_": lambda: torch.empty(9).uniform_(-2, 3),
    "exponential_": lambda: torch.empty(9).exponential_(1.5),
    "geometric_": lambda: torch.empty(9).geometric_(0.3),
    "cauchy_": lambda: torch.empty(9).cauchy_(1, 2),
    "log_normal_": lambda: torch.empty(9).log_normal_(0.5, 0.7),
    "random_": lambda: torch.empty(9).random_(3, 50),
    "bernoulli": lambda: torch.bernoulli(torch.full((12,), 0.4)),
    "bernoulli_": lambda: torch.empty(12).bernoulli_(0.3),
    "bernoulli_tensor": lambda: torch.empty(4).bernoulli_(T([0.1, 0.5, 0.9, 0.5])),
    "multinomial": lambda: torch.multinomial(T([0.1, 0.2, 0.3, 0.4]), 3),
    "multinomial_again": lambda: torch.multinomial(T([[0.1, 0.2, 0.3], [0.6, 0.2, 0.2]]), 5, True),
    "poisson": lambda: torch.poisson(T([0.5, 2.0, 10.0, 40.0])),
    "binomial": lambda: torch.binomial(T([5.0, 20.0, 100.0]), T([0.3, 0.5, 0.9])),
    "standard_gamma": lambda: torch._standard_gamma(T([0.5, 1.0, 5.0])),
    "dirichlet": lambda: torch._sample_dirichlet(T([[0.5, 1.0, 5.0], [1.0, 1.0, 1.0]])),
    "randn_out": lambda: torch.randn(3, 2, out=ones(1)),
    "rand_out": lambda: torch.rand(3, 2, out=ones(1)),
    "randint_out": lambda: torch.randint(9, (3, 2), out=ones(1)),
    "randperm_out": lambda: torch.randperm(5, out=ones(1, dtype=torch.int64)),
    "one_integer": lambda: torch.randint(3, 1000, (1,)),
    "one_number": lambda: torch.rand(1),
    "one_normal": lambda: torch.randn(1),
    "one_truth": lambda: torch.randint(0, 2, (1,)),
}
for name, draw in DRAWS.items():
    torch.manual_seed(7)
    file.save(name, draw())
    file.count += 1
file.write()
