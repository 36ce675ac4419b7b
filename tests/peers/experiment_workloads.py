#!/usr/bin/python3
"""The workloads of `./bench experiments` in PyTorch: training steps and generation of the experiments' models, in the experiments' own settings,
written as one writes them in PyTorch. Speaks as torch_workloads.py does.

    echo 20 | /usr/bin/python3 tests/peers/experiment_workloads.py gpt_sample --threads 2 [--tuned]

Parameters are PyTorch's own initial ones: no time depends on their values. Nothing ends a sentence early.
"""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import optimized, serve


# --- LSTM (Zaremba et al. 2014), small: 2 layers of 200, batch 20, 20 steps, 10,000 words -------------------------------------------------------

class WordModel(nn.Module):
    def __init__(self, words=10_000, width=200):
        super().__init__()
        self.embedding, self.lstm, self.decoder = nn.Embedding(words, width), nn.LSTM(width, width, 2), nn.Linear(width, words)

    def forward(self, x, state):
        y, state = self.lstm(self.embedding(x), state)
        return self.decoder(y), state


def lstm(batch=20, steps=20):
    """The gradient is summed over the steps and averaged over the batch; its norm is cut at 5; the state is carried over."""
    model = WordModel()
    words = torch.randint(0, 10_000, (1_000 * steps + 1, batch))
    optimizer = torch.optim.SGD(model.parameters(), 1.0, foreach=workloads.tuned)
    state, place = (torch.zeros(2, batch, 200), torch.zeros(2, batch, 200)), 0

    def step():
        nonlocal state, place
        x, y = words[place:place + steps], words[place + 1:place + steps + 1]
        place = (place + steps) % (len(words) - 1)
        optimizer.zero_grad(set_to_none=workloads.tuned)
        logits, state = model(x, tuple(s.detach() for s in state))
        (F.cross_entropy(logits.reshape(-1, 10_000), y.reshape(-1)) * steps).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
    return step


def lstm_sample(words=100, count=1):
    model = WordModel().eval()

    @torch.no_grad()
    def step():
        word, state = torch.zeros(1, count, dtype=torch.long), (torch.zeros(2, count, 200), torch.zeros(2, count, 200))
        text = []
        for _ in range(words):
            logits, state = model(word, state)
            word = torch.multinomial((logits[-1] / 0.8).softmax(-1), 1).t()
            text.append(word)
        return torch.cat(text)
    return step


# --- Transformer (Vaswani et al. 2017), tiny: 4 + 4 layers, width 128, 256 inside, 4 heads, 10,000 shared subwords -------------------------------

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

    def embed(self, x, start=0):
        return self.dropout(self.positions(self.embedding(x) * math.sqrt(self.width), start))

    def encode(self, source, padding=None):
        return self.encoder(self.embed(source), src_key_padding_mask=padding)

    def decode(self, target, memory, padding=None):
        mask = nn.Transformer.generate_square_subsequent_mask(target.shape[1])
        return F.linear(self.decoder(self.embed(target), memory, mask, memory_key_padding_mask=padding), self.embedding.weight)


def transformer(sentences=512, length=16):
    model = Translator()
    source, target = torch.randint(4, 10_000, (sentences, length)), torch.randint(4, 10_000, (sentences, length + 1))
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, betas=(0.9, 0.98), eps=1e-9, foreach=workloads.tuned)

    def loss():
        padding = source == 0
        logits = model.decode(target[:, :-1], model.encode(source, padding), padding)
        return F.cross_entropy(logits.reshape(-1, 10_000), target[:, 1:].reshape(-1), ignore_index=0, label_smoothing=0.1)
    return optimized(optimizer, loss)


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
    return step


def transformer_beam_recompute(sentences=64, source_length=16, length=21, beam=5):
    """Without a cache, as nn.Transformer offers it: the decoder goes through all words again for each new one."""
    model = Translator().eval()
    source = torch.randint(4, 10_000, (sentences, source_length))

    @torch.no_grad()
    def step():
        memory = model.encode(source).repeat_interleave(beam, 0)
        return beam_search(model, source, length, beam, lambda words: model.decode(words, memory)[:, -1].log_softmax(-1), lambda rows: None)
    return step


# --- Decoder-only, nanoGPT's setting for a CPU: 4 layers, 4 heads, width 128, context 64, batch 12, no dropout, no biases --------------------------

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
    return step


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
    return step


def gpt_sample_recompute(length=64, count=1):
    """As nanoGPT generates: the whole context again for each character."""
    model = Gpt().eval()

    @torch.no_grad()
    def step():
        text = torch.zeros(count, 1, dtype=torch.long)
        for _ in range(length):
            text = torch.cat([text, drawn(model(text[:, -model.context:])[0])], 1)
        return text
    return step


# --- DDPM (Ho et al. 2020): the U-Net of the reference code, at the size of digits -----------------------------------------------------------------

class UNetBlock(nn.Module):
    def __init__(self, channels_in, channels_out, embedding, groups, dropout):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(groups, channels_in, eps=1e-6), nn.GroupNorm(groups, channels_out, eps=1e-6)
        self.conv1, self.conv2 = nn.Conv2d(channels_in, channels_out, 3, padding=1), nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.temb_proj, self.dropout = nn.Linear(embedding, channels_out), nn.Dropout(dropout)
        self.nin_shortcut = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()

    def forward(self, x, temb):
        h = self.conv1(F.silu(self.norm1(x)))
        h = h + self.temb_proj(F.silu(temb))[:, :, None, None]
        return self.nin_shortcut(x) + self.conv2(self.dropout(F.silu(self.norm2(h))))


class UNetAttention(nn.Module):
    def __init__(self, channels, groups):
        super().__init__()
        self.norm, self.qkv, self.proj_out = nn.GroupNorm(groups, channels, eps=1e-6), nn.Conv2d(channels, 3 * channels, 1), nn.Conv2d(channels, channels, 1)

    def forward(self, x):
        n, c, height, width = x.shape
        q, k, v = self.qkv(self.norm(x)).reshape(n, 3, c, height * width).unbind(1)
        weights = (torch.bmm(q.transpose(1, 2), k) * c ** -0.5).softmax(2)
        return x + self.proj_out(torch.bmm(v, weights.transpose(1, 2)).reshape(n, c, height, width))


class UNet(nn.Module):
    def __init__(self, size, channels=1, width=32, multipliers=(1, 2), blocks=2, attention=4, groups=8, dropout=0.1):
        super().__init__()
        self.width, embedding = width, 4 * width
        self.dense0, self.dense1 = nn.Linear(width, embedding), nn.Linear(embedding, embedding)
        self.conv_in = nn.Conv2d(channels, width, 3, padding=1)
        skips, c = [width], width
        self.down, self.up = nn.ModuleList(), nn.ModuleList()

        def level(inputs, out):
            return nn.ModuleDict({
                "block": nn.ModuleList(UNetBlock(i, out, embedding, groups, dropout) for i in inputs),
                "attn": nn.ModuleList(UNetAttention(out, groups) if size == attention else nn.Identity() for _ in inputs)})
        for i, m in enumerate(multipliers):
            self.down.append(level([c] + [width * m] * (blocks - 1), width * m))
            c = width * m
            skips += [c] * blocks
            if i + 1 < len(multipliers):
                self.down[-1]["downsample"] = nn.Conv2d(c, c, 3, stride=2)
                skips.append(c)
                size //= 2
        self.mid = nn.ModuleList([UNetBlock(c, c, embedding, groups, dropout), UNetAttention(c, groups), UNetBlock(c, c, embedding, groups, dropout)])
        for i, m in reversed(list(enumerate(multipliers))):
            taken = [skips.pop() for _ in range(blocks + 1)]
            self.up.append(level([(c if j == 0 else width * m) + skip for j, skip in enumerate(taken)], width * m))
            c = width * m
            if i:
                self.up[-1]["upsample"] = nn.Conv2d(c, c, 3, padding=1)
                size *= 2
        self.norm_out, self.conv_out = nn.GroupNorm(groups, c, eps=1e-6), nn.Conv2d(c, channels, 3, padding=1)

    def forward(self, x, t):
        half = self.width // 2
        angles = t.float()[:, None] * torch.exp(torch.arange(half) * (-math.log(10_000) / (half - 1)))[None]
        temb = self.dense1(F.silu(self.dense0(torch.cat([angles.sin(), angles.cos()], 1))))
        skips = [self.conv_in(x)]
        for level in self.down:
            for block, attn in zip(level["block"], level["attn"]):
                skips.append(attn(block(skips[-1], temb)))
            if "downsample" in level:
                skips.append(level["downsample"](F.pad(skips[-1], (0, 1, 0, 1))))
        h = self.mid[2](self.mid[1](self.mid[0](skips[-1], temb)), temb)
        for level in self.up:
            for block, attn in zip(level["block"], level["attn"]):
                h = attn(block(torch.cat([h, skips.pop()], 1), temb))
            if "upsample" in level:
                h = level["upsample"](F.interpolate(h, scale_factor=2))
        return self.conv_out(F.silu(self.norm_out(h)))


class Diffusion:
    """Noise is predicted, and the variance of the reverse process is beta."""

    def __init__(self, steps, first, last):
        betas = torch.linspace(first, last, steps, dtype=torch.float64)
        kept = (1 - betas).cumprod(0)
        before = torch.cat([torch.ones(1, dtype=torch.float64), kept[:-1]])
        posterior = betas * (1 - before) / (1 - kept)
        self.steps = steps
        self.signal, self.noise = kept.sqrt().float(), (1 - kept).sqrt().float()
        self.scale, self.removed = (1 / kept).sqrt().float(), (1 / kept - 1).sqrt().float()
        self.of_start, self.of_x = (betas * before.sqrt() / (1 - kept)).float(), ((1 - before) * (1 - betas).sqrt() / (1 - kept)).float()
        self.log_variance = torch.cat([posterior[1:2], betas[1:]]).log().float()

    @staticmethod
    def at(values, t):
        return values[t][:, None, None, None]

    def loss(self, model, start):
        t, noise = torch.randint(self.steps, (len(start),)), torch.randn_like(start)
        return F.mse_loss(model(self.at(self.signal, t) * start + self.at(self.noise, t) * noise, t), noise)

    def sample(self, model, x):
        for i in reversed(range(self.steps)):
            t = torch.full((len(x),), i)
            start = (self.at(self.scale, t) * x - self.at(self.removed, t) * model(x, t)).clamp(-1, 1)
            mean = self.at(self.of_start, t) * start + self.at(self.of_x, t) * x
            x = mean + (0.5 * self.at(self.log_variance, t)).exp() * torch.randn_like(x) if i else mean
        return x


def unet(**shape):
    model = UNet(**shape)
    return model.to(memory_format=torch.channels_last) if workloads.tuned else model


def ordered(images):
    return images.contiguous(memory_format=torch.channels_last) if workloads.tuned else images


def ddpm(process, batch=64, **shape):
    model, diffusion = unet(**shape), Diffusion(*process)
    images = torch.randn(10_000, 1, shape["size"], shape["size"]).clamp(-1, 1)
    optimizer = torch.optim.Adam(model.parameters(), 1e-3, foreach=workloads.tuned)
    averages = [p.detach().clone() for p in model.parameters()]

    def step():
        start = ordered(images[torch.randint(len(images), (batch,))])
        optimizer.zero_grad(set_to_none=workloads.tuned)
        diffusion.loss(model, start).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        with torch.no_grad():
            if workloads.tuned:
                torch._foreach_mul_(averages, 0.995)
                torch._foreach_add_(averages, list(model.parameters()), alpha=0.005)
            else:
                for average, p in zip(averages, model.parameters()):
                    average.mul_(0.995).add_(p, alpha=0.005)
    return step


def ddpm_sample(process, count=64, **shape):
    model, diffusion = unet(**shape).eval(), Diffusion(*process)

    @torch.no_grad()
    def step():
        return diffusion.sample(model, ordered(torch.randn(count, 1, shape["size"], shape["size"])))
    return step


DIGITS, FASHION = {"size": 8, "attention": 4, "process": (100, 1e-3, 0.2)}, {"size": 14, "attention": 7, "process": (200, 5e-4, 0.1)}

WORKLOADS = {
    "lstm": lstm, "lstm_sample": lstm_sample,
    "transformer": transformer, "transformer_beam": transformer_beam, "transformer_beam_recompute": transformer_beam_recompute,
    "transformer_one": lambda: transformer_beam(1), "transformer_one_recompute": lambda: transformer_beam_recompute(1),
    "gpt": gpt, "gpt_sample": gpt_sample, "gpt_sample_recompute": gpt_sample_recompute,
    "ddpm_digits": lambda: ddpm(**DIGITS), "ddpm_digits_sample": lambda: ddpm_sample(**DIGITS),
    "ddpm_fashion": lambda: ddpm(**FASHION), "ddpm_fashion_sample": lambda: ddpm_sample(**FASHION),
}

if __name__ == "__main__":
    serve(WORKLOADS, __doc__)
