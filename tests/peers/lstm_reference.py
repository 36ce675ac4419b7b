#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/Lstm/lstm-reference.json: what PyTorch computes for a small network of Zaremba et al. 2014, section 4.1.

Needs Debian's python3-torch. The network is torch.nn.LSTM with its layers in one module, in float64, and the training loop is written out here a second
time: the text cut into streams, states carried from step to step and zero where a pass through the text begins, the gradient summed over the words of a
step and averaged over the streams, cut to a norm, and SGD whose rate is divided. Parameters and text come from a formula that both sides know: number i
(row by row) of the j-th parameter in alphabetical order is 0.4 * sin(1.7 i + 0.9 j); word i of the text is (i * i + 3 i + i // 5) mod 11.

    /usr/bin/python3 tests/peers/lstm_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

WORDS, UNITS, LAYERS, STREAMS, UNROLL, TEXT, HELD_OUT = 11, 5, 2, 3, 4, 40, 23
RATE, DECAY, CLIP, STEPS = 1.0, 2.0, 0.8, 5


def text(length):
    return [(i * i + 3 * i + i // 5) % WORDS for i in range(length)]


def shapes():
    found = {"members.0.embedding.weight": (WORDS, UNITS), "members.0.decoder.weight": (WORDS, UNITS), "members.0.decoder.bias": (WORDS,)}
    for layer in range(LAYERS):
        at = f"members.0.layers.{layer}."
        found[at + "weight_ih_l0"] = found[at + "weight_hh_l0"] = (4 * UNITS, UNITS)
        found[at + "bias_ih_l0"] = found[at + "bias_hh_l0"] = (4 * UNITS,)
    return found


def network():
    """The LSTM and all parameters by name, the LSTM's own among them."""
    lstm = torch.nn.LSTM(UNITS, UNITS, LAYERS).double()
    p = {}
    for j, (name, shape) in enumerate(sorted(shapes().items())):
        values = torch.tensor([0.4 * math.sin(1.7 * i + 0.9 * j) for i in range(math.prod(shape))], dtype=torch.float64).reshape(shape)
        if ".layers." in name:
            layer, kind = name.split(".")[3:]
            p[name] = getattr(lstm, kind[:-1] + layer)
            with torch.no_grad():
                p[name].copy_(values)
        else:
            p[name] = values.requires_grad_()
    return lstm, p


def logits(lstm, p, words, state):
    h, state = lstm(F.embedding(words, p["members.0.embedding.weight"]), state)
    return F.linear(h, p["members.0.decoder.weight"], p["members.0.decoder.bias"]), state


def main():
    lstm, p = network()
    length = TEXT // STREAMS
    words = torch.tensor(text(TEXT)[: length * STREAMS]).reshape(STREAMS, length).t()
    per_epoch = (length - 1) // UNROLL
    out = {"torch": torch.__version__, "losses": [], "norms": []}
    for step in range(STEPS):
        epoch, at = divmod(step, per_epoch)
        if at == 0:
            state = (torch.zeros(LAYERS, STREAMS, UNITS, dtype=torch.float64),) * 2
        piece, following = words[at * UNROLL:(at + 1) * UNROLL], words[at * UNROLL + 1:(at + 1) * UNROLL + 1]
        y, state = logits(lstm, p, piece, state)
        state = tuple(s.detach() for s in state)
        summed = sum(F.cross_entropy(y[t], following[t]) for t in range(UNROLL))
        gradients = dict(zip(p, torch.autograd.grad(summed, list(p.values()))))
        out["losses"].append(summed.item() / UNROLL)
        out["norms"].append(math.sqrt(sum(g.square().sum().item() for g in gradients.values())))
        if step == 0:
            out["gradients"] = {name: g.flatten()[:: max(1, g.numel() // 4)][:4].tolist() for name, g in gradients.items()}
        shrink = min(1.0, CLIP / out["norms"][-1])
        with torch.no_grad():
            for name, g in gradients.items():
                p[name] -= RATE / DECAY ** epoch * shrink * g
    out["parameter_sums"] = {name: t.sum().item() for name, t in p.items()}
    held_out = torch.tensor(text(HELD_OUT))
    with torch.no_grad():
        y, _ = logits(lstm, p, held_out[:-1].unsqueeze(1), None)
        out["held_out_loss"] = F.cross_entropy(y.squeeze(1), held_out[1:]).item()
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "Lstm" / "lstm-reference.json"
    rounded = json.loads(json.dumps(out), parse_float=lambda v: round(float(v), 10))
    target.write_text(json.dumps(rounded, separators=(",", ":")).replace('],"', '],\n"').replace('},"', '},\n"') + "\n")


if __name__ == "__main__":
    main()
