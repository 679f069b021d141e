"""The convolutions of conv_bench.ts in PyTorch: milliseconds, the best and the
median of many runs.

Usage: python3 bench/conv.py [threads]
"""
import sys
import time

import torch

LAYERS = [
    ("3×3", (8, 16, 32, 32), (32, 16, 3, 3), {"padding": 1}),
    ("3×3, unpadded", (8, 16, 32, 32), (32, 16, 3, 3), {}),
    ("1×1", (8, 32, 32, 32), (64, 32, 1, 1), {}),
    ("3×3, stride 2", (8, 32, 32, 32), (64, 32, 3, 3),
     {"padding": 1, "stride": 2}),
    ("3×3, depthwise", (8, 32, 32, 32), (32, 1, 3, 3),
     {"padding": 1, "groups": 32}),
    ("7×7, three channels", (2, 3, 112, 112), (32, 3, 7, 7),
     {"padding": 3, "stride": 2}),
]


def measure(run):
    times, end = [], time.perf_counter() + 0.5
    while time.perf_counter() < end:
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1e3)
    times.sort()
    return times[0], times[len(times) // 2]


def work_on(x, w, options):
    x = torch.randn(x, requires_grad=True)
    w = torch.randn(w, requires_grad=True)
    plain = x.detach(), w.detach()
    out = torch.conv2d(x, w, **options)
    g = torch.randn_like(out)

    def both():
        x.grad = w.grad = None
        torch.conv2d(x, w, **options).backward(g)

    return {
        "forward": lambda: torch.conv2d(*plain, **options),
        "forward and backward": both,
        "gradient of the input": lambda: torch.autograd.grad(
            out, x, g, retain_graph=True),
        "gradient of the weight": lambda: torch.autograd.grad(
            out, w, g, retain_graph=True),
    }


threads = int(sys.argv[1]) if len(sys.argv) > 1 else 1
torch.set_num_threads(threads)
print(f"milliseconds, best and median, {threads} thread(s)")
for name, x, w, options in LAYERS:
    row = []
    for what, run in work_on(x, w, options).items():
        best, median = measure(run)
        row.append(f"{what} {best:.2f} {median:.2f}")
    print(f"{name}: {'; '.join(row)}")
