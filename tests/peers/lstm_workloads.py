"""LSTM (Zaremba et al. 2014), small: 2 layers of 200, batch 20, 20 steps, 10,000 words."""
import torch
from torch import nn
from torch.nn import functional as F

import torch_workloads as workloads
from torch_workloads import of


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
    return of(model, step)


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
    return of(model, step)
