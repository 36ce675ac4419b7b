#!/usr/bin/python3
"""Writes tests/Repro.Experiments.Tests/TimeSeriesDiffusion/tmdm-reference.json: what PyTorch computes for TMDM (Li et al. 2024): a loss with given noise, its gradients, and steps back.

Needs Debian's python3-torch. In float64; the Transformer and the formula of the parameters are those of nonstationary_transformer_reference.py, with 1 + 0.3 s in the denoiser's factors. The latent is the
mean of a hundred draws, as released; a step back weighs Y_0, Y_t and f as Han et al. 2022 (CARD, Algorithm 2) write it.

    /usr/bin/python3 tests/peers/tmdm_reference.py
"""
import json
import math

import torch
import torch.nn.functional as F

import nonstationary_transformer_reference as transformer

SHAPE = dict(transformer.SHAPE, size=16)
STEPS, HIDDEN, DRAWS = 100, 128, 100
SEEN, BACK = [57, 3], 57


class Denoiser(torch.nn.Module):
    def __init__(self, channels):
        super().__init__()
        layer = lambda inputs: transformer.named(lin=torch.nn.Linear(inputs, HIDDEN), embed=torch.nn.Embedding(STEPS + 1, HIDDEN))
        self.lin1, self.lin2, self.lin3 = layer(2 * channels), layer(HIDDEN), layer(HIDDEN)
        self.lin4 = torch.nn.Linear(HIDDEN, channels)

    def forward(self, y, f, t):
        x = torch.cat([y, f], -1)
        for layer in (self.lin1, self.lin2, self.lin3):
            x = F.softplus(layer.lin(x) * layer.embed(t)[:, None])
        return self.lin4(x)


class Tmdm(torch.nn.Module):
    def __init__(self):
        super().__init__()
        size = SHAPE["size"]
        two = lambda: torch.nn.Sequential(torch.nn.Linear(size, size), torch.nn.ReLU(), torch.nn.Linear(size, size))
        self.f = transformer.named(transformer=transformer.Forecaster(**SHAPE), z_mean=two(), z_logvar=two(), z_out=two())
        self.denoiser = Denoiser(SHAPE["channels"])

    def condition(self, history, history_marks, future_marks, noise=None):
        """Known and future rows of f, and KL; noise: [draws, B, L, d]."""
        told = {}

        def latent(rows):
            mean, logvar = self.f.z_mean(rows), self.f.z_logvar(rows)
            normal = torch.distributions.Normal(mean, (logvar / 2).exp())
            told["kl"] = torch.distributions.kl_divergence(normal, torch.distributions.Normal(torch.zeros_like(mean), torch.ones_like(mean))).mean()
            z = mean if noise is None else torch.stack([mean + normal.stddev * draw for draw in noise]).mean(0)
            return self.f.z_out(z)

        return self.f.transformer(history, history_marks, future_marks, latent), told["kl"]


def main():
    torch.manual_seed(0)
    net = Tmdm().double()
    ordered = transformer.set_parameters(net)
    history, history_marks, future_marks, future = transformer.windows(**SHAPE)
    known = SHAPE["history"] // 2
    alphas = 1 - torch.linspace(1e-4, 0.02, STEPS, dtype=torch.float64)
    bars = alphas.cumprod(0)

    draws = torch.randn(DRAWS, *history.shape[:2], SHAPE["size"], dtype=torch.float64)
    noise = torch.randn(len(history), known + SHAPE["horizon"], SHAPE["channels"], dtype=torch.float64)
    f, kl = net.condition(history, history_marks, future_marks, draws)
    truth = torch.cat([history[:, -known:], future], 1)
    t = torch.tensor(SEEN)
    bar = bars[t][:, None, None]
    y = bar.sqrt() * truth + (1 - bar.sqrt()) * f + (1 - bar).sqrt() * noise
    noise_loss, mean_loss = (noise - net.denoiser(y, f, t)).square().mean(), (truth - f).square().mean()
    likelihood = -torch.distributions.Normal(f, torch.ones_like(f)).log_prob(truth).mean()
    loss = noise_loss + likelihood - math.log(2 * math.pi) / 2 + 0.01 * kl
    loss.backward()

    with torch.no_grad():
        forecast = net.condition(history, history_marks, future_marks)[0][:, known:]
        now, step_noise = forecast + torch.randn_like(forecast), torch.randn_like(forecast)

        def clean(step):
            predicted = net.denoiser(now, forecast, torch.tensor([step]))
            return (now - (1 - bars[step].sqrt()) * forecast - (1 - bars[step]).sqrt() * predicted) / bars[step].sqrt()

        a, bar, before = alphas[BACK], bars[BACK], bars[BACK - 1]
        weights = ((1 - a) * before.sqrt() / (1 - bar), (1 - before) * a.sqrt() / (1 - bar), 1 + (bar.sqrt() - 1) * (a.sqrt() + before.sqrt()) / (1 - bar))
        back = weights[0] * clean(BACK) + weights[1] * now + weights[2] * forecast + ((1 - before) / (1 - bar) * (1 - a)).sqrt() * step_noise

    flat = lambda tensor: tensor.flatten().tolist()
    found = {
        "history": flat(history), "history_marks": flat(history_marks), "future_marks": flat(future_marks), "future": flat(future), "steps": SEEN, "noise": flat(noise),
        # The mean of a hundred is a tenth as wide as one.
        "latent": flat(draws.mean(0) * math.sqrt(DRAWS)),
        "loss": loss.item(), "noise_loss": noise_loss.item(), "mean_loss": mean_loss.item(), "latent_divergence": kl.item(), "gradients": transformer.gradients(ordered),
        "forecast": flat(forecast), "now": flat(now), "step": BACK, "step_noise": flat(step_noise), "back": flat(back), "start": flat(clean(0)),
    }
    (transformer.PLACE / "tmdm-reference.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
