"""The training steps of bench/training_bench.ts in PyTorch, on the same weights
and the same data: training.py [threads] [--only=parts of names, separated by |]"""
import json

import torch
from torch import nn
from torch.nn import functional as F

from measure import THREADS, median, wanted


def mlp():
    model = nn.Sequential(
        nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU(),
        nn.Linear(256, 10))
    x, y = torch.randn(128, 784), torch.randint(10, (128,))
    return model, lambda: F.cross_entropy(model(x), y)


def cnn():
    model = nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1), nn.BatchNorm2d(16), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1), nn.BatchNorm2d(32), nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 7 * 7, 10))
    x, y = torch.randn(32, 1, 28, 28), torch.randint(10, (32,))
    return model, lambda: F.cross_entropy(model(x), y)


class CharLstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(64, 32)
        self.lstm = nn.LSTM(32, 192)
        self.head = nn.Linear(192, 64)

    def forward(self, x):
        output, _ = self.lstm(self.embedding(x))
        return self.head(output).flatten(0, 1)


def lstm():
    model = CharLstm()
    x, y = torch.randint(64, (48, 32)), torch.randint(64, (48 * 32,))
    return model, lambda: F.cross_entropy(model(x), y)


class TinyGpt(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = nn.Embedding(64, 64)
        self.places = nn.Embedding(64, 64)
        layer = nn.TransformerEncoderLayer(
            64, 4, dim_feedforward=256, dropout=0, activation="gelu",
            batch_first=True, norm_first=True)
        self.blocks = nn.TransformerEncoder(
            layer, 2, norm=nn.LayerNorm(64), enable_nested_tensor=False)
        self.head = nn.Linear(64, 64)

    def forward(self, x):
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1])
        embedded = self.tokens(x) + self.places.weight
        out = self.blocks(embedded, mask=mask, is_causal=True)
        return self.head(out).flatten(0, 1)


def transformer():
    model = TinyGpt()
    x, y = torch.randint(64, (16, 64)), torch.randint(64, (16 * 64,))
    return model, lambda: F.cross_entropy(model(x), y)


NETWORKS = {
    "MLP 784-256-256-10, batch 128": mlp,
    "CNN 28×28, batch 32": cnn,
    "LSTM 192, 48 letters, batch 32": lstm,
    "transformer 64, 64 places, batch 16": transformer,
}


def step_of(make):
    torch.manual_seed(0)
    model, loss = make()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad()
        value = loss()
        value.backward()
        optimizer.step()
        return value

    return step


def result(make):
    """The time of a step, and the loss of the fifth."""
    fresh = step_of(make)
    for _ in range(5):
        loss = fresh()
    milliseconds = median(step_of(make), warm_up=1, measure=1)
    return {"milliseconds": milliseconds, "check": loss.item()}


torch.set_num_threads(THREADS)
print(json.dumps({
    "rows": {
        name: result(make) for name, make in NETWORKS.items() if wanted(name)},
    "endurance": None,
    "failures": {},
}))
