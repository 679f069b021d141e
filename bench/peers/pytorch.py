"""The work of the comparison in PyTorch, with as many threads as asked for:
pytorch.py [threads] [--only=parts of names, separated by |]"""
import json
import math
import statistics
import sys
import time

import numpy
import torch
import torch.nn.functional as F

from measure import THREADS, median, wanted

torch.set_num_threads(THREADS)


def tensor(seed, *shape):
    """The numbers of inputs.ts."""
    count = math.prod(shape)
    modulus, factor = 2147483647, 48271
    states = numpy.array([seed * factor * factor % modulus], dtype=numpy.uint64)
    while len(states) < count:
        jump = numpy.uint64(pow(factor, len(states), modulus))
        states = numpy.concatenate([states, states * jump % modulus])
    out = states[:count].astype(numpy.float64) / modulus - 0.5
    return torch.from_numpy(out.astype(numpy.float32)).reshape(shape)


def total(value):
    return value.detach().double().abs().sum().item()


N = 1000
small, graph = tensor(1, 3), tensor(1, 3).requires_grad_()


def tiny_graph():
    graph.grad = None
    y = graph + 2
    (y * y * 2).mean().backward()
    return graph.grad


ROWS = {
    "add, 3 elements": lambda: small + small,
    "(x+2)²·2, mean, backward, 3 elements": tiny_graph,
}
for exponent in range(3, 8):
    x, y = tensor(1, 10**exponent), tensor(2, 10**exponent)
    ROWS[f"add, 1e{exponent}"] = lambda x=x, y=y: x + y
    ROWS[f"exp, 1e{exponent}"] = lambda x=x: x.exp()
a, b, c = (tensor(seed, N * N) for seed in (1, 2, 3))
wide, other = a.double(), b.double()
matrix, line, column = a.reshape(N, N), tensor(2, N), tensor(2, N, 1)
classes, picked = torch.arange(N), (torch.arange(N) * 617 + 5) % N
ROWS |= {
    "a*b+c, 1e6": lambda: a * b + c,
    "tanh, 1e6": lambda: a.tanh(),
    "sigmoid, 1e6": lambda: a.sigmoid(),
    "sin, 1e6": lambda: a.sin(),
    "add, 1e6, float64": lambda: wide + other,
    "exp, 1e6, float64": lambda: wide.exp(),
    "sum(), 1e6, float64": lambda: wide.sum(),
    "sum(), 1000×1000": lambda: matrix.sum(),
    "sum(0), 1000×1000": lambda: matrix.sum(0),
    "sum(1), 1000×1000": lambda: matrix.sum(1),
    "amax(1), 1000×1000": lambda: matrix.amax(1),
    "softmax(1), 1000×1000": lambda: matrix.softmax(1),
    "layer norm, 1000×1000": lambda: F.layer_norm(matrix, (N,)),
    "cross entropy, 1000×1000": lambda: F.cross_entropy(matrix, classes),
    "matrix + row, 1000×1000": lambda: matrix + line,
    "matrix + column, 1000×1000": lambda: matrix + column,
    "transposed copy, 1000×1000": lambda: matrix.t().contiguous(),
    "rows by index, 1000×1000": lambda: matrix.index_select(0, picked),
    "sort, 1e6": lambda: a.sort().values,
}
for n in (16, 32, 64, 128, 256, 512, 1024, 2048):
    x, y = tensor(1, n, n), tensor(2, n, n)
    ROWS[f"matmul {n}"] = lambda x=x, y=y: x @ y
    if n >= 512:
        ROWS[f"matmul {n}, left transposed"] = lambda x=x, y=y: x.t() @ y
        ROWS[f"matmul {n}, right transposed"] = lambda x=x, y=y: x @ y.t()
        ROWS[f"matmul {n}, both transposed"] = lambda x=x, y=y: x.t() @ y.t()
p, q = tensor(1, 512, 512).double(), tensor(2, 512, 512).double()
ROWS["matmul 512, float64"] = lambda: p @ q

images, filters = tensor(1, 8, 16, 32, 32), tensor(2, 32, 16, 3, 3)
learnt, learning = images.clone().requires_grad_(), filters.clone().requires_grad_()


def convolve():
    learnt.grad = learning.grad = None
    F.conv2d(learnt, learning, padding=1).sum().backward()
    return learning.grad


ROWS["conv2d [8, 16, 32, 32] ∗ [32, 16, 3, 3]"] = lambda: F.conv2d(images, filters, padding=1)
ROWS["conv2d, forward and backward"] = convolve


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


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096 / 2**20


def endure(step, steps=2000, part=100):
    """The same as in measure.ts."""
    def run():
        start = time.perf_counter()
        for _ in range(part):
            step()
        return (time.perf_counter() - start) / part * 1e3

    run()
    times, before = [run()], resident()
    most = before
    while len(times) < steps // part - 1:
        times.append(run())
        most = max(most, resident())
    return {"steps": steps, "growth": most - before,
            "first": statistics.median(times[:3]),
            "last": statistics.median(times[-3:])}


results = {
    name: {"milliseconds": median(run), "check": total(run())}
    for name, run in ROWS.items() if wanted(name)
}
if wanted("MLP training step"):
    fresh = mlp()
    for _ in range(5):
        loss = fresh()
    results["MLP training step"] = {
        "milliseconds": median(mlp()), "check": loss.item()}
if wanted("polynomial fit, 2000 steps"):
    results["polynomial fit, 2000 steps"] = {
        "milliseconds": median(lambda: fit(2000)), "check": fit(2000)}
lasts = wanted("memory, 2000 MLP steps") and sys.platform == "linux"
print(json.dumps({
    "rows": results,
    "endurance": endure(mlp()) if lasts else None,
    "failures": {},
}))
