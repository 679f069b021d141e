"""The work of the comparison in PyTorch. Usage: python3 pytorch.py [threads]"""
import json
import math
import statistics
import sys
import time

import numpy
import torch
import torch.nn.functional as F

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
WARM_UP, MEASURE, LEAST_SAMPLE = 0.4, 0.8, 0.2e-3


def tensor(seed, *shape):
    """The numbers of inputs.ts."""
    count = math.prod(shape)
    out = numpy.empty(count)
    state = seed * 48271 % 2147483647
    for i in range(count):
        state = state * 48271 % 2147483647
        out[i] = state / 2147483647 - 0.5
    return torch.from_numpy(out.astype(numpy.float32)).reshape(shape)


def median(run):
    start, count = time.perf_counter(), 0
    while True:
        run()
        count += 1
        if time.perf_counter() - start >= WARM_UP:
            break
    once = (time.perf_counter() - start) / count
    batch = max(1, math.ceil(LEAST_SAMPLE / once))
    samples, begin = [], time.perf_counter()
    while time.perf_counter() - begin < MEASURE or len(samples) < 5:
        start = time.perf_counter()
        for _ in range(batch):
            run()
        samples.append((time.perf_counter() - start) / batch)
    return statistics.median(samples) * 1e3


def total(value):
    return value.detach().double().abs().sum().item()


N = 1000
small, graph = tensor(1, 3), tensor(1, 3).requires_grad_()
a, b, c = (tensor(seed, N * N) for seed in (1, 2, 3))
matrix, line, column = a.reshape(N, N), tensor(2, N), tensor(2, N, 1)


def tiny_graph():
    graph.grad = None
    y = graph + 2
    (y * y * 2).mean().backward()
    return graph.grad


ROWS = {
    "add, 3 elements": lambda: small + small,
    "(x+2)²·2, mean, backward, 3 elements": tiny_graph,
    "a*b+c, 1e6": lambda: a * b + c,
    "exp, 1e6": lambda: a.exp(),
    "tanh, 1e6": lambda: a.tanh(),
    "sigmoid, 1e6": lambda: a.sigmoid(),
    "sin, 1e6": lambda: a.sin(),
    "sum(), 1000×1000": lambda: matrix.sum(),
    "sum(0), 1000×1000": lambda: matrix.sum(0),
    "sum(1), 1000×1000": lambda: matrix.sum(1),
    "softmax(1), 1000×1000": lambda: matrix.softmax(1),
    "matrix + row, 1000×1000": lambda: matrix + line,
    "matrix + column, 1000×1000": lambda: matrix + column,
    "transposed copy, 1000×1000": lambda: matrix.t().contiguous(),
}
for n in (16, 64, 256, 512, 1024):
    x, y = tensor(1, n, n), tensor(2, n, n)
    ROWS[f"matmul {n}"] = lambda x=x, y=y: x @ y
x, y = tensor(1, 512, 512), tensor(2, 512, 512)
ROWS["matmul 512, both transposed"] = lambda: x.t() @ y.t()

images = tensor(1, 8, 16, 32, 32).requires_grad_()
filters = tensor(2, 32, 16, 3, 3).requires_grad_()


def convolve():
    return F.conv2d(images.detach(), filters.detach(), padding=1)


def convolve_back():
    images.grad = filters.grad = None
    F.conv2d(images, filters, padding=1).sum().backward()
    return filters.grad


ROWS["conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]"] = convolve
ROWS["conv2d, forward and backward"] = convolve_back


def mlp():
    batch, inputs, hidden, classes = 128, 784, 256, 10
    data, target = tensor(1, batch, inputs), torch.arange(batch) % classes
    weights = [
        tensor(2, inputs, hidden).mul_(0.1), torch.zeros(hidden),
        tensor(3, hidden, classes).mul_(0.1), torch.zeros(classes),
    ]
    w1, b1, w2, b2 = (w.requires_grad_() for w in weights)

    def step():
        scores = torch.addmm(b2, torch.addmm(b1, data, w1).relu(), w2)
        loss = F.cross_entropy(scores, target)
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w.sub_(w.grad, alpha=0.01)
                w.grad = None
        return loss

    return step


def fit(steps):
    points = torch.linspace(-math.pi, math.pi, 2000)
    values = torch.sin(points)
    weights = [torch.tensor(v, requires_grad=True) for v in (0.5, 0.56, 2.06, -0.05)]
    p, q, r, s = weights
    for t in range(steps):
        predicted = p + q * points + r * points**2 + s * points**3
        loss = (predicted - values).pow(2).sum()
        if t % 100 == 99:
            last = loss.item()
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= 1e-6 * w.grad
                w.grad = None
    return last


results = {
    name: {"milliseconds": median(run), "check": total(run())}
    for name, run in ROWS.items()
}
fresh = mlp()
for _ in range(5):
    loss = fresh()
results["MLP training step"] = {"milliseconds": median(mlp()), "check": loss.item()}
results["polynomial fit, 2000 steps"] = {
    "milliseconds": median(lambda: fit(2000)), "check": fit(2000)}
print(json.dumps(results))
