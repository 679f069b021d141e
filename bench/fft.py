"""The calls of fft_bench.ts in PyTorch and in NumPy, on one thread: best of
many, microseconds; then the errors of both and of dinograd, beside long
doubles."""

import pathlib
import subprocess
import time

import numpy
import torch

torch.set_num_threads(1)


def best(run):
    least, start, times = float("inf"), time.perf_counter(), 1
    while time.perf_counter() - start < 0.25:
        begin = time.perf_counter()
        for _ in range(times):
            run()
        took = time.perf_counter() - begin
        least = min(least, took / times)
        if took < 1e-3:
            times *= 2
    return least * 1e6


def show(name, torch_run, numpy_run):
    print(f"{name}: {best(torch_run):.1f} {best(numpy_run):.1f}", flush=True)


for dtype in (torch.float32, torch.float64):
    kind = str(dtype)[6:]
    for shape in ([64], [1000], [1024], [1009], [4096], [65536], [65537],
                  [1000000], [256, 1000], [512, 512]):
        n = shape[-1]
        x = torch.randn(shape, dtype=dtype)
        z = torch.complex(x, torch.randn(shape, dtype=dtype))
        half = torch.fft.rfft(x)
        a, b, c = x.numpy(), z.numpy(), half.numpy()
        name = f"of {shape}, {kind}"
        show("fft " + name, lambda: torch.fft.fft(z), lambda: numpy.fft.fft(b))
        show("rfft " + name, lambda: torch.fft.rfft(x),
             lambda: numpy.fft.rfft(a))
        show("irfft " + name, lambda: torch.fft.irfft(half, n),
             lambda: numpy.fft.irfft(c, n))
        if shape == [512, 512]:
            show("fft along 0 " + name, lambda: torch.fft.fft(z, dim=0),
                 lambda: numpy.fft.fft(b, axis=0))
            show("fft2 " + name, lambda: torch.fft.fft2(z),
                 lambda: numpy.fft.fft2(b))
            show("rfft2 " + name, lambda: torch.fft.rfft2(x),
                 lambda: numpy.fft.rfft2(a))

# dinograd takes one line by itself and several lines different ways.
HERE = pathlib.Path(__file__).parent
for lines, n in ((1, 64), (1, 1000), (1, 1009), (1, 1024), (1, 65536),
                 (1, 1000000), (4, 64), (4, 1000), (4, 1024)):
    parts = numpy.sin(12.9898 * (numpy.arange(2 * n * lines) + 1)) * 2
    for kind in ("complex64", "complex128"):
        z = (parts[0::2] + 1j * parts[1::2]).astype(kind).reshape(lines, n)
        exact = numpy.fft.fft(z.astype(numpy.clongdouble))
        ours = subprocess.run(
            ["deno", "run", "-A", HERE / "fft_once.ts", kind, str(lines)],
            input=z.tobytes(), capture_output=True, check=True).stdout
        results = (torch.fft.fft(torch.from_numpy(z)).numpy(),
                   numpy.fft.fft(z),
                   numpy.frombuffer(ours, dtype=kind).reshape(lines, n))
        size = numpy.linalg.norm(exact.astype("complex128"))
        errors = [f"{numpy.linalg.norm((y - exact).astype('complex128')) / size:.1e}"
                  for y in results]
        print(f"errors of [{lines}, {n}], {kind}:", *errors, flush=True)
