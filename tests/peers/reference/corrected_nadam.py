"""Importing this corrects NAdam of PyTorch 1.13, which counts the momentum twice in the product for the next step.

PyTorch 2 does not, nor does the paper, nor TorchSharp.
"""
import importlib
import inspect

nadam = importlib.import_module("torch.optim.nadam")
source = inspect.getsource(nadam._single_tensor_nadam)
assert "mu_product * mu * mu_next" in source
exec(source.replace("mu_product * mu * mu_next", "mu_product * mu_next"), nadam.__dict__)
