"""Writes training.json: loss curves of small models, all drawn from seeds.

Run: python3 tests/goldens/make_training_goldens.py
Data, first weights and dropout come from the generator, so that a test can
repeat everything from the seed alone.
"""
import json
import os

import torch
from torch import nn


def mlp():
    return nn.Sequential(
        nn.Linear(20, 32), nn.LayerNorm(32), nn.GELU(), nn.Dropout(0.1),
        nn.Linear(32, 16), nn.Tanh(), nn.Linear(16, 4)), (64, 20)


def cnn():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, bias=False), nn.BatchNorm2d(4), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(4, 8, 3), nn.LeakyReLU(0.1),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.25),
        nn.Linear(8, 4)), (32, 1, 8, 8)


def curve(make):
    torch.manual_seed(0)
    model, shape = make()
    x = torch.randn(shape)
    target = torch.randint(4, shape[:1])
    loss_of = nn.CrossEntropyLoss(label_smoothing=0.1)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    losses = []
    for _ in range(20):
        optimizer.zero_grad()
        loss = loss_of(model(x), target)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    model.eval()
    return {"losses": losses, "evaluation": loss_of(model(x), target).item()}


path = os.path.join(os.path.dirname(__file__), "training.json")
with open(path, "w") as file:
    json.dump({"mlp": curve(mlp), "cnn": curve(cnn)}, file, indent=1)
