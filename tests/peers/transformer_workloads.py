"""Transformer (Vaswani et al. 2017), tiny: 4 + 4 layers, width 128, 256 inside, 4 heads, 10,000 shared subwords."""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import of, optimized


class Positions(nn.Module):
    def __init__(self, width, longest=512):
        super().__init__()
        angles = torch.arange(longest)[:, None] * torch.exp(torch.arange(0, width, 2) * (-math.log(10_000) / width))
        self.register_buffer("table", torch.stack([angles.sin(), angles.cos()], -1).reshape(longest, width))

    def forward(self, x, start=0):
        return x + self.table[start:start + x.shape[1]]


class Translator(nn.Module):
    """nn.Transformer between one table of subwords for both languages and the output; no last normalization, as in the paper."""

    def __init__(self, subwords=10_000, width=128, heads=4, layers=4, inside=256, dropout=0.3):
        super().__init__()
        self.width, self.heads = width, heads
        self.embedding, self.positions, self.dropout = nn.Embedding(subwords, width), Positions(width), nn.Dropout(dropout)
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(width, heads, inside, dropout, batch_first=True), layers)
        self.decoder = nn.TransformerDecoder(nn.TransformerDecoderLayer(width, heads, inside, dropout, batch_first=True), layers)
        # Dropout is on embeddings and on what a sublayer adds, as in section 5.4. These layers would have it on attention's weights and inside the feed-forward layers too.
        for layer in [*self.encoder.layers, *self.decoder.layers]:
            layer.dropout.p = layer.self_attn.dropout = 0
        for layer in self.decoder.layers:
            layer.multihead_attn.dropout = 0

    def embed(self, x, start=0):
        return self.dropout(self.positions(self.embedding(x) * math.sqrt(self.width), start))

    def encode(self, source):
        return self.encoder(self.embed(source))

    def decode(self, target, memory):
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        return F.linear(self.decoder(self.embed(target), memory, mask), self.embedding.weight)


def transformer(sentences=512, length=16):
    model = Translator()
    source, target = torch.randint(4, 10_000, (sentences, length)), torch.randint(4, 10_000, (sentences, length + 1))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, betas=(0.9, 0.98), eps=1e-9, foreach=workloads.tuned)

    def loss():
        # All sentences are equally long: neither side masks padding.
        logits = model.decode(target[:, :-1], model.encode(source))
        return F.cross_entropy(logits.reshape(-1, 10_000), target[:, 1:].reshape(-1), ignore_index=0, label_smoothing=0.1)
    return of(model, optimized(optimizer, loss))


class CachedDecoder:
    """The decoder's layers a word at a time: keys and values of the words before are kept, and those of the source are made once."""

    def __init__(self, model, memory):
        self.layers, self.heads = model.decoder.layers, model.heads
        self.own = [None] * len(self.layers)
        self.source = [self.keys_and_values(layer.multihead_attn, memory) for layer in self.layers]

    def split(self, x):
        return x.view(x.shape[0], -1, self.heads, x.shape[-1] // self.heads).transpose(1, 2)

    def keys_and_values(self, attention, x):
        width = x.shape[-1]
        return tuple(self.split(part) for part in F.linear(x, attention.in_proj_weight[width:], attention.in_proj_bias[width:]).chunk(2, -1))

    def attend(self, attention, q, k, v):
        weights = (self.split(q) @ k.transpose(-2, -1) / math.sqrt(k.shape[-1])).softmax(-1)
        return attention.out_proj((weights @ v).transpose(1, 2).reshape(q.shape))

    def step(self, x):
        for i, layer in enumerate(self.layers):
            attention = layer.self_attn
            q, k, v = F.linear(x, attention.in_proj_weight, attention.in_proj_bias).chunk(3, -1)
            k, v = self.split(k), self.split(v)
            if self.own[i] is not None:
                k, v = torch.cat([self.own[i][0], k], 2), torch.cat([self.own[i][1], v], 2)
            self.own[i] = k, v
            x = layer.norm1(x + self.attend(attention, q, k, v))
            attention = layer.multihead_attn
            q = F.linear(x, attention.in_proj_weight[:x.shape[-1]], attention.in_proj_bias[:x.shape[-1]])
            x = layer.norm2(x + self.attend(attention, q, *self.source[i]))
            x = layer.norm3(x + layer.linear2(F.relu(layer.linear1(x))))
        return x

    def reorder(self, rows):
        self.own = [(k.index_select(0, rows), v.index_select(0, rows)) for k, v in self.own]


def beam_search(model, source, length, beam, next_log_probabilities, reorder):
    """The best of `beam` hypotheses a sentence, none of which ends before `length`."""
    n = len(source)
    first = torch.arange(n)[:, None] * beam
    words, scores = torch.ones(n * beam, 1, dtype=torch.long), torch.full((n, beam), -math.inf)
    scores[:, 0] = 0
    for _ in range(length):
        log_probabilities = next_log_probabilities(words)
        subwords = log_probabilities.shape[-1]
        scores, best = (scores[:, :, None] + log_probabilities.view(n, beam, subwords)).view(n, -1).topk(beam)
        rows = (first + torch.div(best, subwords, rounding_mode="floor")).view(-1)
        words = torch.cat([words[rows], (best % subwords).view(-1, 1)], 1)
        reorder(rows)
    return words.view(n, beam, -1)[:, 0]


def transformer_beam(sentences=64, source_length=16, length=21, beam=5):
    model = Translator().eval()
    source = torch.randint(4, 10_000, (sentences, source_length))

    @torch.no_grad()
    def step():
        cache = CachedDecoder(model, model.encode(source).repeat_interleave(beam, 0))

        def following(words):
            return F.linear(cache.step(model.embed(words[:, -1:], words.shape[1] - 1))[:, -1], model.embedding.weight).log_softmax(-1)
        return beam_search(model, source, length, beam, following, cache.reorder)
    return of(model, step)


def transformer_beam_recompute(sentences=64, source_length=16, length=21, beam=5):
    """Without a cache, as nn.Transformer offers it: the decoder goes through all words again for each new one."""
    model = Translator().eval()
    source = torch.randint(4, 10_000, (sentences, source_length))

    @torch.no_grad()
    def step():
        memory = model.encode(source).repeat_interleave(beam, 0)
        return beam_search(model, source, length, beam, lambda words: model.decode(words, memory)[:, -1].log_softmax(-1), lambda rows: None)
    return of(model, step)
