"""Decoder-only, nanoGPT's setting for a CPU: 4 layers, 4 heads, width 128, context 64, batch 12, no dropout, no biases."""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import of


class LayerNorm(nn.Module):
    """Without a bias, which nn.LayerNorm has no switch for in 1.13."""

    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x):
        return F.layer_norm(x, self.weight.shape, self.weight, None, 1e-5)


class Attention(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.heads = heads
        self.register_buffer("mask", torch.ones(context, context).tril().view(1, 1, context, context))

    def forward(self, x, past=None):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(x).split(c, 2))
        if past is not None:
            k, v = torch.cat([past[0], k], 2), torch.cat([past[1], v], 2)
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(k.shape[-1]))
        if t > 1:
            scores = scores.masked_fill(self.mask[:, :, :t, :t] == 0, float("-inf"))
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, c)
        return self.c_proj(y), (k, v)


class CausalBlock(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.ln_1, self.attn, self.ln_2 = LayerNorm(width), Attention(width, heads, context), LayerNorm(width)
        self.fc, self.proj = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x, past=None):
        y, past = self.attn(self.ln_1(x), past)
        x = x + y
        return x + self.proj(F.gelu(self.fc(self.ln_2(x)))), past


class Gpt(nn.Module):
    def __init__(self, symbols=65, context=64, width=128, heads=4, layers=4):
        super().__init__()
        self.context = context
        self.wte, self.wpe = nn.Embedding(symbols, width), nn.Embedding(context, width)
        self.blocks = nn.ModuleList(CausalBlock(width, heads, context) for _ in range(layers))
        self.ln_f = LayerNorm(width)

    def forward(self, x, past=None):
        start = 0 if past is None else past[0][0].shape[2]
        h = self.wte(x) + self.wpe(torch.arange(start, start + x.shape[1]))
        now = []
        for i, block in enumerate(self.blocks):
            h, kept = block(h, None if past is None else past[i])
            now.append(kept)
        return F.linear(self.ln_f(h), self.wte.weight), now


def gpt(batch=12, context=64):
    model = Gpt()
    text = torch.randint(0, 65, (1_000_000,))
    matrices, vectors = [p for p in model.parameters() if p.dim() >= 2], [p for p in model.parameters() if p.dim() < 2]
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, 1e-3, betas=(0.9, 0.99), foreach=workloads.tuned)

    def step():
        places = torch.randint(len(text) - context, (batch,))
        x, y = torch.stack([text[i:i + context] for i in places]), torch.stack([text[i + 1:i + 1 + context] for i in places])
        F.cross_entropy(model(x)[0].view(-1, 65), y.view(-1)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
    return of(model, step)


def drawn(logits, temperature=0.8):
    return torch.multinomial((logits[:, -1] / temperature).softmax(-1), 1)


def gpt_sample(length=64, count=1):
    model = Gpt().eval()

    @torch.no_grad()
    def step():
        text, past = [torch.zeros(count, 1, dtype=torch.long)], None
        for _ in range(length):
            logits, past = model(text[-1], past)
            text.append(drawn(logits))
        return torch.cat(text, 1)
    return of(model, step)


def gpt_sample_recompute(length=64, count=1):
    """As nanoGPT generates: the whole context again for each character."""
    model = Gpt().eval()

    @torch.no_grad()
    def step():
        text = torch.zeros(count, 1, dtype=torch.long)
        for _ in range(length):
            text = torch.cat([text, drawn(model(text[:, -model.context:])[0])], 1)
        return text
    return of(model, step)
