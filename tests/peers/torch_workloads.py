#!/usr/bin/python3
"""The workloads of `./bench torch` in PyTorch, default eager or tuned. Reads a number of steps a line, takes them, and prints one line of
JSON each time: the seconds of every step, and the process's peak resident memory.

    echo 20 | /usr/bin/python3 tests/peers/torch_workloads.py mlp --threads 2 [--tuned]

Tuned is what PyTorch's own performance guide offers for a training step: channels-last convolutions, foreach optimizers, gradients set to
None, in-place activations. `./bench torch` starts it a second time with OPENBLAS_NUM_THREADS=1 and takes the faster.
"""
import argparse
import json
import math
import resource
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

tuned = False


def add(rounds=10_000):
    a, b = torch.randn(32, 32), torch.randn(32, 32)

    def step():
        with torch.no_grad():
            for _ in range(rounds):
                a + b
    return step


def add_backward(rounds=2_000):
    a, b, seed = torch.randn(32, 32, requires_grad=True), torch.randn(32, 32, requires_grad=True), torch.ones(32, 32)

    def step():
        for _ in range(rounds):
            (a + b).backward(seed)
            a.grad = b.grad = None
    return step


def of(model, step):
    """The step says how large its model is, so that two that are compared can be seen to be the same."""
    step.parameters = sum(p.numel() for p in model.parameters())
    return step


def optimized(optimizer, loss):
    def step():
        optimizer.zero_grad(set_to_none=tuned)
        loss().backward()
        optimizer.step()
    return step


def mlp(rounds=100):
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(inplace=tuned), nn.Linear(128, 10))
    x, y = torch.randn(32, 64), torch.randint(0, 10, (32,))
    one = optimized(torch.optim.SGD(model.parameters(), 0.01, foreach=tuned), lambda: F.cross_entropy(model(x), y))

    def step():
        for _ in range(rounds):
            one()
    return step


class Block(nn.Module):
    def __init__(self, channels_in, channels_out, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels_out)
        self.stride, self.extra = stride, channels_out - channels_in

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)), inplace=tuned)
        y = self.bn2(self.conv2(y))
        if self.extra:
            x = F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.extra // 2, self.extra - self.extra // 2))
        return F.relu(y.add_(x) if tuned else y + x, inplace=tuned)


def resnet20():
    layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(inplace=tuned)]
    channels = 16
    for stage, width in enumerate((16, 32, 64)):
        for block in range(3):
            layers.append(Block(channels, width, 2 if stage and not block else 1))
            channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


def adam(rounds=20):
    parameters = list(resnet20().parameters())
    for p in parameters:
        p.grad = torch.randn_like(p)
    optimizer = torch.optim.Adam(parameters, foreach=tuned)

    def step():
        for _ in range(rounds):
            optimizer.step()
    return step


class Augmented(torch.utils.data.Dataset):
    """CIFAR-10's shapes, generated; cropped from 4 pixels of padding and flipped, a sample at a time, as torchvision's transforms do."""

    def __init__(self):
        self.images = torch.randint(0, 256, (10_000, 3, 32, 32), dtype=torch.uint8)
        self.labels = torch.randint(0, 10, (10_000,))
        self.mean = torch.tensor([0.4914, 0.4822, 0.4465]).reshape(3, 1, 1)
        self.scale = torch.tensor([0.2470, 0.2435, 0.2616]).reshape(3, 1, 1)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = F.pad(self.images[index], (4, 4, 4, 4))
        top, left, flip = torch.randint(0, 9, ()).item(), torch.randint(0, 9, ()).item(), torch.rand(()).item() < 0.5
        image = image[:, top:top + 32, left:left + 32]
        if flip:
            image = image.flip(2)
        return image.float().div_(255).sub_(self.mean).div_(self.scale), self.labels[index]


def resnet():
    model = resnet20()
    if tuned:
        model = model.to(memory_format=torch.channels_last)
    loader = torch.utils.data.DataLoader(Augmented(), batch_size=128, shuffle=True, drop_last=True)

    def forever():
        while True:
            yield from loader
    batches = forever()

    def loss():
        x, y = next(batches)
        if tuned:
            x = x.contiguous(memory_format=torch.channels_last)
        return F.cross_entropy(model(x), y)
    return optimized(torch.optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=1e-4, foreach=tuned), loss)


def lstm():
    """Zaremba et al. 2014, small: 2 layers of 200, batch 20, 20 steps, vocabulary 10,000, SGD with the gradient's norm cut at 5."""
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.embedding = nn.Embedding(10_000, 200)
            self.lstm = nn.LSTM(200, 200, 2)
            self.decoder = nn.Linear(200, 10_000)

        def forward(self, x, state):
            y, state = self.lstm(self.embedding(x), state)
            return self.decoder(y), state

    model = Model()
    words = torch.randint(0, 10_000, (21, 20))
    optimizer = torch.optim.SGD(model.parameters(), 1.0, foreach=tuned)
    state = (torch.zeros(2, 20, 200), torch.zeros(2, 20, 200))

    def step():
        nonlocal state
        optimizer.zero_grad(set_to_none=tuned)
        logits, next_state = model(words[:-1], state)
        state = tuple(s.detach() for s in next_state)
        F.cross_entropy(logits.reshape(-1, 10_000), words[1:].reshape(-1)).backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
    return step


class CausalBlock(nn.Module):
    def __init__(self, width, heads, context):
        super().__init__()
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn, self.c_proj = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.fc, self.proj = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        self.heads = heads
        self.register_buffer("mask", torch.ones(context, context).tril().view(1, 1, context, context) == 0)

    def forward(self, x):
        b, t, c = x.shape
        q, k, v = (part.view(b, t, self.heads, c // self.heads).transpose(1, 2) for part in self.c_attn(self.ln_1(x)).split(c, 2))
        scores = (q @ k.transpose(-2, -1)) * (1 / math.sqrt(c // self.heads))
        weights = scores.masked_fill(self.mask, float("-inf")).softmax(-1)
        x = x + self.c_proj((weights @ v).transpose(1, 2).reshape(b, t, c))
        return x + self.proj(F.gelu(self.fc(self.ln_2(x)), approximate="tanh"))


def char_gpt():
    """nanoGPT's setting for a CPU: 4 layers, 4 heads, width 128, context 64, batch 12, no dropout, AdamW."""
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.wte, self.wpe = nn.Embedding(65, 128), nn.Embedding(64, 128)
            self.blocks = nn.ModuleList(CausalBlock(128, 4, 64) for _ in range(4))
            self.ln_f = nn.LayerNorm(128)

        def forward(self, x):
            h = self.wte(x) + self.wpe(torch.arange(x.shape[1]))
            for block in self.blocks:
                h = block(h)
            return F.linear(self.ln_f(h), self.wte.weight)

    model = Model()
    text = torch.randint(0, 65, (12, 65))
    optimizer = torch.optim.AdamW(model.parameters(), 1e-3, betas=(0.9, 0.99), weight_decay=0.1, foreach=tuned)
    return optimized(optimizer, lambda: F.cross_entropy(model(text[:, :-1]).reshape(-1, 65), text[:, 1:].reshape(-1)))


def transformer():
    """Vaswani et al. 2017, base: one encoder layer, width 512, 8 heads, 2048 inside, dropout 0.1; 32 sentences of 100."""
    layer = nn.TransformerEncoderLayer(512, 8, 2048, batch_first=True)
    x = torch.randn(32, 100, 512, requires_grad=True)
    seed = torch.randn(32, 100, 512)

    def step():
        x.grad = None
        layer.zero_grad(set_to_none=tuned)
        layer(x).backward(seed)
    return step


class Residual(nn.Module):
    def __init__(self, channels_in, channels_out, embedding, groups=8):
        super().__init__()
        self.norm1, self.norm2 = nn.GroupNorm(groups, channels_in), nn.GroupNorm(groups, channels_out)
        self.conv1 = nn.Conv2d(channels_in, channels_out, 3, padding=1)
        self.time = nn.Linear(embedding, channels_out)
        self.conv2 = nn.Conv2d(channels_out, channels_out, 3, padding=1)
        self.shortcut = nn.Conv2d(channels_in, channels_out, 1) if channels_in != channels_out else nn.Identity()

    def forward(self, x, t):
        h = self.conv1(F.silu(self.norm1(x), inplace=tuned))
        h = h + self.time(F.silu(t))[:, :, None, None]
        return self.conv2(F.silu(self.norm2(h), inplace=tuned)) + self.shortcut(x)


class UNet(nn.Module):
    """Ho et al. 2020, appendix B, small: residual blocks with group norm, the time's embedding added, a level of down- and upsampling each."""

    def __init__(self, channels, width, levels):
        super().__init__()
        self.width = width
        self.embed1, self.embed2 = nn.Linear(width, 4 * width), nn.Linear(4 * width, 4 * width)
        self.input = nn.Conv2d(channels, width, 3, padding=1)
        widths = [width * (1 + (i > 0)) for i in range(levels)]
        self.down, self.up = nn.ModuleList(), nn.ModuleList()
        self.downsample, self.upsample = nn.ModuleList(), nn.ModuleList()
        c = width
        for i, w in enumerate(widths):
            self.down.append(Residual(c, w, 4 * width))
            c = w
            if i + 1 < levels:
                self.downsample.append(nn.Conv2d(c, c, 3, 2, 1))
        self.middle = Residual(c, c, 4 * width)
        for i, w in reversed(list(enumerate(widths))):
            self.up.append(Residual(c + w, w, 4 * width))
            c = w
            if i:
                self.upsample.append(nn.Conv2d(c, c, 3, padding=1))
        self.norm, self.output = nn.GroupNorm(8, c), nn.Conv2d(c, channels, 3, padding=1)

    def forward(self, x, t):
        half = self.width // 2
        angles = t[:, None] * torch.exp(torch.arange(half) * (-math.log(10_000) / (half - 1)))[None]
        t = self.embed2(F.silu(self.embed1(torch.cat([angles.sin(), angles.cos()], 1))))
        h, skips = self.input(x), []
        for i, block in enumerate(self.down):
            h = block(h, t)
            skips.append(h)
            if i < len(self.downsample):
                h = self.downsample[i](h)
        h = self.middle(h, t)
        for i, block in enumerate(self.up):
            h = block(torch.cat([h, skips.pop()], 1), t)
            if i < len(self.upsample):
                h = self.upsample[i](F.interpolate(h, scale_factor=2))
        return self.output(F.silu(self.norm(h)))


def unet(channels, size, width, levels, batch):
    model = UNet(channels, width, levels)
    x = torch.randn(batch, channels, size, size)
    if tuned:
        model, x = model.to(memory_format=torch.channels_last), x.contiguous(memory_format=torch.channels_last)
    noise, t = torch.randn_like(x), torch.randint(0, 1000, (batch,)).float()
    return optimized(torch.optim.Adam(model.parameters(), 2e-4, foreach=tuned), lambda: F.mse_loss(model(x, t), noise))


WORKLOADS = {
    "add": add, "add_backward": add_backward, "mlp": mlp, "adam": adam, "lstm": lstm, "char_gpt": char_gpt, "transformer": transformer,
    "unet_8": lambda: unet(1, 8, 32, 2, 128), "unet_32": lambda: unet(3, 32, 32, 3, 16), "resnet": resnet,
}


def serve(workloads, description):
    global tuned
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("workload", choices=workloads)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tuned", action="store_true")
    arguments = parser.parse_args()
    tuned = arguments.tuned
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)
    step = workloads[arguments.workload]()
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - start)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(json.dumps({"version": torch.__version__, "seconds": seconds, "peak_mib": peak, "parameters": getattr(step, "parameters", 0)}), flush=True)


if __name__ == "__main__":
    serve(WORKLOADS, __doc__)
