"""DDPM (Ho et al. 2020): the U-Net of the reference code, at the size of digits and of Fashion-MNIST."""
import math

import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import of


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
    return of(model, step)


def ddpm_sample(process, count=64, **shape):
    model, diffusion = unet(**shape).eval(), Diffusion(*process)

    @torch.no_grad()
    def step():
        return diffusion.sample(model, ordered(torch.randn(count, 1, shape["size"], shape["size"])))
    return of(model, step)


DIGITS, FASHION = {"size": 8, "blocks": 1, "attention": 4, "process": (100, 1e-3, 0.2)}, {"size": 14, "attention": 7, "process": (200, 5e-4, 0.1)}
