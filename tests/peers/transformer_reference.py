#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/Transformer/transformer-reference.json: what PyTorch computes for a small encoder-decoder of Vaswani et al. 2017.

Needs Debian's python3-torch. The layers are PyTorch's own (torch.nn.TransformerEncoderLayer and TransformerDecoderLayer, post-norm, ReLU), in float64, without
the final normalizations that torch.nn.Transformer adds and the paper does not have. Embeddings, positions and the tied projection are written here a second time.
Parameters come from a formula that both sides know: number i (row by row) of the j-th parameter in alphabetical order is 0.3 * sin(1.7 i + 0.9 j), + 1 for the
scale of a layer normalization. Names are those of the model here: PyTorch's, with linear1 and linear2 under feed_forward.

    /usr/bin/python3 tests/peers/transformer_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F

SYMBOLS, LAYERS, SIZE, INNER, HEADS = 13, 2, 8, 12, 2
SOURCE = [[5, 7, 4, 2, 0], [8, 2, 0, 0, 0], [9, 4, 10, 11, 2]]
TARGET = [[1, 6, 4, 0], [1, 9, 0, 0], [1, 12, 5, 8]]
EXPECTED = [[6, 4, 2, -100], [9, 2, -100, -100], [12, 5, 8, 2]]
SMOOTHING, RATE, STEPS = 0.1, 0.01, 3


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(SYMBOLS, SIZE)
        kind = dict(d_model=SIZE, nhead=HEADS, dim_feedforward=INNER, dropout=0.0, activation="relu", batch_first=True, norm_first=False)
        self.encoder = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(**kind), LAYERS, norm=None, enable_nested_tensor=False)
        self.decoder = torch.nn.TransformerDecoder(torch.nn.TransformerDecoderLayer(**kind), LAYERS, norm=None)

    def embed(self, symbols):
        place = torch.arange(symbols.shape[1], dtype=torch.float64)[:, None]
        wave = torch.exp(torch.arange(0, SIZE, 2, dtype=torch.float64) * (-math.log(10000.0) / SIZE))
        positions = torch.zeros(symbols.shape[1], SIZE, dtype=torch.float64)
        positions[:, 0::2], positions[:, 1::2] = torch.sin(place * wave), torch.cos(place * wave)
        return self.embedding(symbols) * math.sqrt(SIZE) + positions

    def forward(self, source, target):
        padding = source == 0
        causal = torch.triu(torch.full((target.shape[1],) * 2, float("-inf"), dtype=torch.float64), 1)
        memory = self.encoder(self.embed(source), src_key_padding_mask=padding)
        states = self.decoder(self.embed(target), memory, tgt_mask=causal, memory_key_padding_mask=padding)
        return memory, F.linear(states, self.embedding.weight)


def own_name(name):
    return name.replace(".linear1.", ".feed_forward.linear1.").replace(".linear2.", ".feed_forward.linear2.")


def attention():
    """One torch.nn.MultiheadAttention by itself: output and every head's weights."""
    module = torch.nn.MultiheadAttention(SIZE, HEADS, batch_first=True).double()
    for j, (_, parameter) in enumerate(sorted(module.named_parameters())):
        parameter.data = torch.tensor([0.3 * math.sin(1.7 * i + 0.9 * j) for i in range(parameter.numel())], dtype=torch.float64).reshape(parameter.shape)
    x = torch.tensor([math.sin(0.37 * i) for i in range(2 * 3 * SIZE)], dtype=torch.float64).reshape(2, 3, SIZE)
    memory = torch.tensor([math.cos(0.53 * i) for i in range(2 * 4 * SIZE)], dtype=torch.float64).reshape(2, 4, SIZE)
    own, _ = module(x, x, x, need_weights=False)
    read, weights = module(x, memory, memory, average_attn_weights=False)
    return {"self": own.flatten().tolist(), "read": read.flatten().tolist(), "weights": weights.flatten().tolist()}


def main():
    net = Net().double()
    net.train()
    named = sorted((own_name(name), parameter) for name, parameter in net.named_parameters())
    for j, (name, parameter) in enumerate(named):
        shift = 1.0 if ".norm" in name and name.endswith("weight") else 0.0
        values = [shift + 0.3 * math.sin(1.7 * i + 0.9 * j) for i in range(parameter.numel())]
        parameter.data = torch.tensor(values, dtype=torch.float64).reshape(parameter.shape)
    optimizer = torch.optim.Adam(net.parameters(), lr=RATE, betas=(0.9, 0.98), eps=1e-9)
    source, target, expected = torch.tensor(SOURCE), torch.tensor(TARGET), torch.tensor(EXPECTED)
    found = {"losses": [], "gradients": {}, "attention": attention()}
    for step in range(STEPS):
        optimizer.zero_grad()
        memory, logits = net(source, target)
        loss = F.cross_entropy(logits.flatten(0, 1), expected.flatten(), label_smoothing=SMOOTHING)
        loss.backward()
        found["losses"].append(loss.item())
        if step == 0:
            found["plain"] = F.cross_entropy(logits.flatten(0, 1), expected.flatten()).item()
            found["memory"] = memory[source != 0].flatten().tolist()
            found["logits"] = logits[expected != -100].flatten().tolist()
            for name, parameter in named:
                every = max(1, parameter.numel() // 4)
                found["gradients"][name] = parameter.grad.flatten()[::every][:4].tolist()
        optimizer.step()
    # Keys' biases change no softmax: their gradients are rounding, which Adam makes as large as any other.
    counted = lambda name, parameter: parameter[[*range(SIZE), *range(2 * SIZE, 3 * SIZE)]] if name.endswith("in_proj_bias") else parameter
    found["parameter_sums"] = {name: counted(name, parameter).sum().item() for name, parameter in named}
    place = pathlib.Path(__file__).resolve().parents[1] / "Repro.Experiments.Tests" / "Transformer" / "transformer-reference.json"
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
