"""Notebook 003 in PyTorch: the peer of polynomial_fit_bench.ts.

Usage: python3 bench/polynomial_fit.py [threads]
"""
import math
import statistics
import sys
import time

import torch

torch.set_num_threads(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
x = torch.linspace(-math.pi, math.pi, 2000)
y = torch.sin(x)


def fit(steps):
    weights = [torch.tensor(v, requires_grad=True) for v in (0.5, 0.56, 2.06, -0.05)]
    a, b, c, d = weights
    for t in range(steps):
        y_pred = a + b * x + c * x**2 + d * x**3
        loss = (y_pred - y).pow(2).sum()
        if t % 100 == 99:
            last = loss.item()
        loss.backward()
        with torch.no_grad():
            for w in weights:
                w -= 1e-6 * w.grad
                w.grad = None
    return last


fit(100)
times = []
for _ in range(5):
    start = time.perf_counter()
    fit(2000)
    times.append((time.perf_counter() - start) * 1e3)
print(f"torch {torch.__version__}, {torch.get_num_threads()} thread(s): "
      f"median {statistics.median(times):.0f} ms of {[round(t) for t in times]}")
