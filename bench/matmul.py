"""The products of matmul_bench.ts in PyTorch: GFLOP/s, the best of many runs.

Usage: python3 bench/matmul.py [threads]
"""
import math
import sys
import time

import torch

SIZES = [(n, n, n) for n in (16, 32, 64, 128, 256, 512, 1024, 2048)] + [
    (128, 256, 784),
    (128, 10, 256),
    (784, 256, 128),
    (1024, 8, 1024),
    (8, 1024, 1024),
    (1024, 1, 1024),
    (1, 1024, 1024),
    (1, 1, 1000000),
]


def matrix(rows, columns, layout):
    return torch.randn(rows, columns) if layout == "N" else torch.randn(columns, rows).t()


def measure(size, layout, seconds):
    m, n, k = size
    x, y = matrix(m, k, layout[0]), matrix(k, n, layout[1])
    work = 2 * m * n * k
    times = math.ceil(2e6 / work)
    best, runs, end = math.inf, 0, time.perf_counter() + seconds
    while runs < 5 or time.perf_counter() < end:
        start = time.perf_counter()
        for _ in range(times):
            torch.mm(x, y)
        best = min(best, (time.perf_counter() - start) / times)
        runs += 1
    return work / best / 1e9


threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
print(f"torch {torch.__version__}: GFLOP/s, {threads} thread(s)")
for size in SIZES:
    row = [f"{layout} {measure(size, layout, 0.4):6.1f}" for layout in ("NN", "NT", "TN", "TT")]
    print(" × ".join(map(str, size)).ljust(20), "  ".join(row))
