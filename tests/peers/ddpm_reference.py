#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/Ddpm/ddpm-reference.json: what PyTorch computes for a small U-Net of Ho et al. 2020 and for its losses.

Needs Debian's python3-torch. Network and losses are written here a second time, on purpose in another style (functions over a dictionary of
tensors, float64, torch.distributions for every Gaussian), so that a mistake in one of the two is seen as a difference. Numbers come from a
formula that both sides know. Number i (row by row) of the j-th parameter in alphabetical order is (0.5 if it has one dimension else 0.3) *
sin(1.7 i + 0.9 j) (+ 1 for the scale of a group normalization); number i of the noisy images is sin(0.37 i + 0.1 (i mod 5)), of the noise
1.3 cos(0.91 i), of a network's output 0.4 sin(0.53 i + 1); image k of the network is at timestep 37 k + 5. The losses have images of levels
round((levels - 1) / 2 (1 + sin(0.77 i))), image k at timestep 0, 1, 7, 99 of 100.

    /usr/bin/python3 tests/peers/ddpm_reference.py
"""
import json
import math
import pathlib

import torch
import torch.nn.functional as F
from torch.distributions import Normal, kl_divergence

WIDTH, CHANNELS, OUTPUTS, SIZE, MULTIPLIERS, BLOCKS, ATTENTION, GROUPS, IMAGES = 8, 2, 2, 8, (1, 2), 1, 4, 4, 3
T = 100


def numbers(count, formula):
    return torch.tensor([formula(i) for i in range(count)], dtype=torch.float64)


def shapes():
    """Name to shape of every parameter, in no particular order."""
    found = {}

    def conv(name, a, b, k=3):
        found[name + ".weight"], found[name + ".bias"] = (b, a, k, k), (b,)

    def dense(name, a, b):
        found[name + ".weight"], found[name + ".bias"] = (b, a), (b,)

    def norm(name, a):
        found[name + ".weight"] = found[name + ".bias"] = (a,)

    def block(name, a, b):
        norm(name + ".norm1", a), conv(name + ".conv1", a, b), dense(name + ".temb_proj", 4 * WIDTH, b)
        norm(name + ".norm2", b), conv(name + ".conv2", b, b)
        if a != b:
            conv(name + ".nin_shortcut", a, b, 1)

    def attention(name, a):
        norm(name + ".norm", a), conv(name + ".qkv", a, 3 * a, 1), conv(name + ".proj_out", a, a, 1)

    dense("dense0", WIDTH, 4 * WIDTH), dense("dense1", 4 * WIDTH, 4 * WIDTH)
    conv("conv_in", CHANNELS, WIDTH)
    stack, now, size = [WIDTH], WIDTH, SIZE
    for i, m in enumerate(MULTIPLIERS):
        for j in range(BLOCKS):
            block(f"down.{i}.block.{j}", now, m * WIDTH)
            now = m * WIDTH
            if size == ATTENTION:
                attention(f"down.{i}.attn.{j}", now)
            stack.append(now)
        if i + 1 < len(MULTIPLIERS):
            conv(f"down.{i}.downsample", now, now)
            stack.append(now)
            size //= 2
    block("mid_block_1", now, now), attention("mid_attn_1", now), block("mid_block_2", now, now)
    for k, m in enumerate(reversed(MULTIPLIERS)):
        for j in range(BLOCKS + 1):
            block(f"up.{k}.block.{j}", now + stack.pop(), m * WIDTH)
            now = m * WIDTH
            if size == ATTENTION:
                attention(f"up.{k}.attn.{j}", now)
        if k + 1 < len(MULTIPLIERS):
            conv(f"up.{k}.upsample", now, now)
            size *= 2
    norm("norm_out", now), conv("conv_out", now, CHANNELS * OUTPUTS)
    return found


def parameters():
    values = {}
    for j, (name, shape) in enumerate(sorted(shapes().items())):
        scale = 0.5 if len(shape) == 1 else 0.3
        tensor = numbers(math.prod(shape), lambda i: scale * math.sin(1.7 * i + 0.9 * j)).reshape(shape)
        if "norm" in name and name.endswith("weight"):
            tensor = tensor + 1
        values[name] = tensor.requires_grad_()
    return values


def network(p, x, t):
    def norm(name, h):
        return F.group_norm(h, GROUPS, p[name + ".weight"], p[name + ".bias"], eps=1e-6)

    def conv(name, h, **settings):
        return F.conv2d(h, p[name + ".weight"], p[name + ".bias"], **settings)

    def dense(name, h):
        return F.linear(h, p[name + ".weight"], p[name + ".bias"])

    def block(name, h):
        inner = conv(name + ".conv1", F.silu(norm(name + ".norm1", h)), padding=1)
        inner = inner + dense(name + ".temb_proj", F.silu(temb))[:, :, None, None]
        inner = conv(name + ".conv2", F.silu(norm(name + ".norm2", inner)), padding=1)
        return inner + (conv(name + ".nin_shortcut", h) if name + ".nin_shortcut.weight" in p else h)

    def attention(name, h):
        q, k, v = conv(name + ".qkv", norm(name + ".norm", h)).chunk(3, dim=1)
        w = torch.einsum("bchw,bcHW->bhwHW", q, k) / math.sqrt(h.shape[1])
        w = torch.softmax(w.flatten(3), dim=-1).reshape(w.shape)
        return h + conv(name + ".proj_out", torch.einsum("bhwHW,bcHW->bchw", w, v))

    half = WIDTH // 2
    frequencies = [math.exp(-math.log(10000) * i / (half - 1)) for i in range(half)]
    temb = torch.tensor([[f(step * w) for f in (math.sin, math.cos) for w in frequencies] for step in t.tolist()], dtype=torch.float64)
    temb = dense("dense1", F.silu(dense("dense0", temb)))
    stack = [conv("conv_in", x, padding=1)]
    for i in range(len(MULTIPLIERS)):
        for j in range(BLOCKS):
            h = block(f"down.{i}.block.{j}", stack[-1])
            if h.shape[2] == ATTENTION:
                h = attention(f"down.{i}.attn.{j}", h)
            stack.append(h)
        if i + 1 < len(MULTIPLIERS):
            stack.append(conv(f"down.{i}.downsample", F.pad(stack[-1], (0, 1, 0, 1)), stride=2))
    h = block("mid_block_2", attention("mid_attn_1", block("mid_block_1", stack[-1])))
    for k in range(len(MULTIPLIERS)):
        for j in range(BLOCKS + 1):
            h = block(f"up.{k}.block.{j}", torch.cat([h, stack.pop()], dim=1))
            if h.shape[2] == ATTENTION:
                h = attention(f"up.{k}.attn.{j}", h)
        if k + 1 < len(MULTIPLIERS):
            h = conv(f"up.{k}.upsample", h.repeat_interleave(2, 2).repeat_interleave(2, 3), padding=1)
    return conv("conv_out", F.silu(norm("norm_out", h)), padding=1)


def unet():
    p = parameters()
    x = numbers(IMAGES * CHANNELS * SIZE * SIZE, lambda i: math.sin(0.37 * i + 0.1 * (i % 5))).reshape(IMAGES, CHANNELS, SIZE, SIZE)
    noise = numbers(IMAGES * OUTPUTS * CHANNELS * SIZE * SIZE, lambda i: 1.3 * math.cos(0.91 * i)).reshape(IMAGES, -1, SIZE, SIZE)
    out = network(p, x, torch.tensor([37 * k + 5 for k in range(IMAGES)]))
    loss = F.mse_loss(out, noise)
    loss.backward()
    return {
        "parameters": sum(v.numel() for v in p.values()), "loss": loss.item(), "output": out.flatten().tolist(),
        "gradients": {name: v.grad.flatten()[:: max(1, v.numel() // 4)][:4].tolist() for name, v in p.items()},
    }


def losses(levels, mean_kind, variance_kind, loss_kind):
    """Per image: the training loss, and the gradient of their sum to the first numbers of the network's output."""
    n, shape = 4, (4, 2, 3, 3)
    betas = torch.linspace(1e-3, 0.2, T, dtype=torch.float64)
    bars = torch.cumprod(1 - betas, 0)
    half = (levels - 1) / 2
    x0 = numbers(math.prod(shape), lambda i: round(half * (1 + math.sin(0.77 * i))) / half - 1).reshape(shape)
    noise = numbers(math.prod(shape), lambda i: 1.3 * math.cos(0.91 * i)).reshape(shape)
    channels = 2 * shape[1] if variance_kind == "learned" else shape[1]
    output = numbers(math.prod(shape) // shape[1] * channels, lambda i: 0.4 * math.sin(0.53 * i + 1)).reshape(n, channels, 3, 3).requires_grad_()
    values = []
    for k, t in enumerate((0, 1, 7, 99)):
        bar, before, beta = bars[t], bars[t - 1] if t else torch.tensor(1.0, dtype=torch.float64), betas[t]
        xt = bar.sqrt() * x0[k] + (1 - bar).sqrt() * noise[k]
        predicted = output[k, : shape[1]]

        def posterior(start):
            return (before.sqrt() * beta * start + (1 - beta).sqrt() * (1 - before) * xt) / (1 - bar)

        small = beta * (1 - before) / (1 - bar) if t else betas[1] * (1 - bars[0]) / (1 - bars[1])
        if loss_kind == "simple":
            target = {"posterior": posterior(x0[k]), "start": x0[k], "noise": noise[k]}[mean_kind]
            values.append(((predicted - target) ** 2).mean())
            continue
        mean = {
            "posterior": lambda: predicted, "start": lambda: posterior(predicted),
            "noise": lambda: posterior((xt - (1 - bar).sqrt() * predicted) / bar.sqrt()),
        }[mean_kind]()
        variance = {
            "fixed_small": lambda: small * torch.ones_like(xt), "fixed_large": lambda: (beta if t else small) * torch.ones_like(xt),
            "learned": lambda: output[k, shape[1]:].exp(),
        }[variance_kind]()
        model = Normal(mean, variance.sqrt())
        if t:
            bits = kl_divergence(Normal(posterior(x0[k]), small.sqrt() * torch.ones_like(xt)), model)
        else:
            upper = torch.where(x0[k] > 0.999, torch.ones_like(xt), model.cdf(x0[k] + 0.5 / half))
            lower = torch.where(x0[k] < -0.999, torch.zeros_like(xt), model.cdf(x0[k] - 0.5 / half))
            bits = -(upper - lower).clamp(min=1e-12).log()
        values.append(bits.mean() / math.log(2))
    values = torch.stack(values)
    values.sum().backward()
    return {"losses": values.tolist(), "gradient": output.grad.flatten()[::7].tolist()}


def main():
    target = pathlib.Path(__file__).parent.parent / "Repro.Experiments.Tests" / "Ddpm" / "ddpm-reference.json"
    round9 = lambda v: float(f"{v:.9g}") if isinstance(v, float) else v if not isinstance(v, (list, dict)) else (
        [round9(e) for e in v] if isinstance(v, list) else {k: round9(e) for k, e in v.items()})
    cells = {
        f"{levels} {mean} {variance} {loss}": losses(levels, mean, variance, loss)
        for levels in (17, 256) for mean in ("posterior", "start", "noise")
        for variance in ("fixed_small", "fixed_large", "learned") for loss in ("bound", "simple") if (variance, loss) != ("learned", "simple")
    }
    text = json.dumps(round9({"torch": torch.__version__, "unet": unet(), "losses": cells}), separators=(",", ":"))
    target.write_text(text.replace('],"', '],\n"') + "\n")


if __name__ == "__main__":
    main()
