#!/usr/bin/python3
"""The workloads of `./bench experiments` in PyTorch: training steps and generation of the experiments' models, in the experiments' own settings,
written as one writes them in PyTorch, a file a model. Speaks as torch_workloads.py does.

    echo 20 | /usr/bin/python3 tests/peers/experiment_workloads.py gpt_sample --threads 2 [--tuned]

Parameters are PyTorch's own initial ones: no time depends on their values. Nothing ends a sentence early.
"""
from csdi_workloads import csdi_sample
from ddpm_workloads import DIGITS, FASHION, ddpm, ddpm_sample
from gpt_workloads import gpt, gpt_sample, gpt_sample_recompute
from lstm_workloads import lstm, lstm_sample
from nsdiff_workloads import DLinear, nsdiff, nsdiff_sample
from timegrad_workloads import timegrad_sample
from torch_workloads import serve
from transformer_workloads import transformer, transformer_beam, transformer_beam_recompute

WORKLOADS = {
    "lstm": lstm, "lstm_sample": lstm_sample,
    "transformer": transformer, "transformer_beam": transformer_beam, "transformer_beam_recompute": transformer_beam_recompute,
    "transformer_one": lambda: transformer_beam(1), "transformer_one_recompute": lambda: transformer_beam_recompute(1),
    "gpt": gpt, "gpt_sample": gpt_sample, "gpt_sample_recompute": gpt_sample_recompute,
    "ddpm_digits": lambda: ddpm(**DIGITS), "ddpm_digits_sample": lambda: ddpm_sample(**DIGITS),
    "ddpm_fashion": lambda: ddpm(**FASHION), "ddpm_fashion_sample": lambda: ddpm_sample(**FASHION),
    "nsdiff": nsdiff, "nsdiff_sample": nsdiff_sample, "nsdiff_dlinear": lambda: nsdiff(DLinear), "nsdiff_dlinear_sample": lambda: nsdiff_sample(DLinear),
    "csdi_sample": csdi_sample, "timegrad_sample": timegrad_sample,
}

if __name__ == "__main__":
    serve(WORKLOADS, __doc__)
