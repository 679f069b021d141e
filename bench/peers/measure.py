"""How PyTorch's work is timed: the same as in measure.ts."""
import math
import statistics
import sys
import time

THREADS = int(sys.argv[1]) if len(sys.argv) > 1 else 1
ONLY = next((a[7:] for a in sys.argv if a.startswith("--only=")), "").split("|")
LEAST_SAMPLE, LEAST_SAMPLES = 0.2e-3, 3


def wanted(name):
    return any(part in name for part in ONLY)


def median(run, warm_up=0.15, measure=0.3):
    """Milliseconds of a run."""
    start, count = time.perf_counter(), 0
    while True:
        run()
        count += 1
        if time.perf_counter() - start >= warm_up:
            break
    once = (time.perf_counter() - start) / count
    batch = max(1, math.ceil(LEAST_SAMPLE / once))
    samples, begin = [], time.perf_counter()
    while time.perf_counter() - begin < measure or len(samples) < LEAST_SAMPLES:
        start = time.perf_counter()
        for _ in range(batch):
            run()
        samples.append((time.perf_counter() - start) / batch)
    return statistics.median(samples) * 1e3
