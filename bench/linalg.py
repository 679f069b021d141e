"""The calls of linalg_bench.ts in PyTorch, on one thread: best of many, ms."""

import time

import torch

torch.set_num_threads(1)
L = torch.linalg


def best(run):
    least, start = float("inf"), time.perf_counter()
    while time.perf_counter() - start < 0.3:
        begin = time.perf_counter()
        run()
        least = min(least, time.perf_counter() - begin)
    return f"{least * 1e3:.3f}"


for n in (8, 64, 256, 512):
    torch.manual_seed(n)
    ones = torch.eye(n, dtype=torch.float64)
    a = torch.randn(n, n, dtype=torch.float64) + 3 * ones
    b = torch.randn(n, n, dtype=torch.float64)
    definite = a @ a.mT + ones
    cases = {
        "luFactorEx": lambda: L.lu_factor_ex(a),
        "inv": lambda: L.inv(a),
        "solve": lambda: L.solve(a, b),
        "cholesky": lambda: L.cholesky(definite),
        "solveTriangular": lambda: L.solve_triangular(a, b, upper=False),
        "qr": lambda: L.qr(a),
        "eigh": lambda: L.eigh(definite),
        "eigvalsh": lambda: L.eigvalsh(definite),
        "eig": lambda: L.eig(a),
        "eigvals": lambda: L.eigvals(a),
        "svd": lambda: L.svd(a),
        "svdvals": lambda: L.svdvals(a),
        "det": lambda: L.det(a),
        "matrixExp": lambda: L.matrix_exp(b),
    }
    for name, run in cases.items():
        print(f"{name} of {n} by {n}: {best(run)}")
