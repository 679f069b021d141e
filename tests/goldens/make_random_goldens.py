"""Makes random.json: the streams of real PyTorch (CPU) for generator_test.ts.

Usage: python3 make_random_goldens.py [RECORDED.json] > random.json

RECORDED.json is an optional file with a section "rng" of streams that another
machine recorded; the section is copied as it is. Each stream is a seed and a
list of steps; a step is an operation, its element type, its arguments and
what PyTorch gave. float32 and narrower types are written with 9 digits, which
name them uniquely; integers that a double cannot hold are strings.
"""

import hashlib
import json
import sys

import torch

SEEDS = [0, 42, -1, 1099511627783]
SIZES = [1, 8, 15, 16, 17, 31, 100]
FEW = [3, 17]
FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTS = ["int64", "int32", "int16", "int8", "uint8"]
MAX = {"int64": 2**63 - 1, "int32": 2**31 - 1}


def plain(x):
    if x.dtype == torch.int64:
        return [v if abs(v) < 2**53 else str(v) for v in x.tolist()]
    if x.dtype == torch.float64:
        return x.tolist()
    if x.dtype.is_floating_point:
        return [float(f"{v:.9g}") for v in x.tolist()]
    return [int(v) for v in x.tolist()]


def empty(n, dtype):
    return torch.empty(n, dtype=getattr(torch, dtype))


def weights(rows, columns, dtype):
    w = [(7 * i * i + 3 * i + 1) % 11 + 0.5 for i in range(rows * columns)]
    return torch.tensor(w, dtype=getattr(torch, dtype)).reshape(rows, columns)


def run(op, dtype, n, args):
    if op == "uniform":
        return empty(n, dtype).uniform_(*args)
    if op == "normal":
        return empty(n, dtype).normal_(*args)
    if op == "normalFrom":
        mean, std = args
        mean = mean if isinstance(mean, (int, float)) else torch.tensor(mean)
        std = std if isinstance(std, (int, float)) else torch.tensor(std)
        return torch.normal(mean, std)
    if op == "logNormal":
        return empty(n, dtype).log_normal_(*args)
    if op == "exponential":
        return empty(n, dtype).exponential_(*args)
    if op == "cauchy":
        return empty(n, dtype).cauchy_(*args)
    if op == "geometric":
        return empty(n, dtype).geometric_(*args)
    if op == "bernoulli":
        return empty(n, dtype).bernoulli_(*args)
    if op == "bernoulliFrom":
        p = [5 * i % 17 / 16 for i in range(n)]
        p = torch.tensor(p, dtype=getattr(torch, args[0]))
        return empty(n, dtype).bernoulli_(p)
    if op == "random":
        if len(args) == 0:
            return empty(n, dtype).random_()
        low, high = (v if v is None else int(v) for v in args)
        return empty(n, dtype).random_(low, high)
    if op == "randperm":
        return torch.randperm(n, dtype=getattr(torch, dtype))
    if op == "multinomial":
        rows, columns, replacement = args
        w = weights(rows, columns, dtype)
        return torch.multinomial(w, n, replacement).flatten()
    raise ValueError(op)


def step(op, dtype, n, *args):
    if op == "state":
        state = bytes(torch.get_rng_state().tolist())
        return {"op": op, "out": hashlib.sha256(state).hexdigest()}
    out = plain(run(op, dtype, n, args))
    args = [str(a) if isinstance(a, int) and abs(a) >= 2**53 else a for a in args]
    return {"op": op, "dtype": dtype, "n": n, "args": args, "out": out}


streams = []


def stream(seed, steps):
    torch.manual_seed(seed)
    streams.append({"seed": seed, "steps": [step(*s) for s in steps]})


# Every size of the two that everybody uses, then mixed types.
for seed in SEEDS:
    for dtype in FLOATS:
        sizes = SIZES if dtype != "float64" else SIZES[:-1]
        stream(seed, [("uniform", dtype, n) for n in sizes])
        stream(seed, [("normal", dtype, n) for n in sizes])

for seed in SEEDS[:3]:
    for dtype in FLOATS:
        many = []
        for n in FEW:
            many += [
                ("uniform", dtype, n, -0.3, 1.7),
                ("normal", dtype, n, 0.25, 3.5),
                ("logNormal", dtype, n, 0.1, 0.6),
                ("exponential", dtype, n, 1.5),
                ("cauchy", dtype, n, 0.5, 2.0),
                ("geometric", dtype, n, 0.2),
                ("bernoulli", dtype, n, 0.3),
                ("bernoulliFrom", dtype, n, dtype),
                ("random", dtype, n),
                ("random", dtype, n, -5, 100),
                ("randperm", dtype, n),
                ("multinomial", dtype, 1, 3, 12, False),
                ("multinomial", dtype, 5, 3, 12, False),
                ("multinomial", dtype, 20, 3, 12, True),
                ("state", "", 0),
            ]
        stream(seed, many)
    for dtype in INTS:
        stream(
            seed,
            [
                ("random", dtype, 9),
                ("random", dtype, 9, 0, 10),
                ("random", dtype, 9, 3, None),
                ("randperm", dtype, 20),
                ("bernoulli", dtype, 9, 0.6),
                ("bernoulliFrom", dtype, 9, "float32"),
                ("bernoulliFrom", dtype, 9, "float64"),
                ("geometric", dtype, 9, 0.3),
                ("state", "", 0),
            ],
        )
    for dtype, top in MAX.items():
        stream(
            seed,
            [
                ("random", dtype, 6, -7, 2**28 - 9),
                ("random", dtype, 6, -7, 2**28 - 8),
                ("random", dtype, 6, -7, 2**28 - 7),
                ("random", dtype, 6, 0, 2**31 - 1),
                ("random", dtype, 6, -(2**31), top),
                ("random", dtype, 6, 0, top),
                ("random", dtype, 6, -(top + 1), top),
                ("random", dtype, 6, 5, None),
            ],
        )
    stream(
        seed,
        [
            ("random", "int64", 6, 2**40, 2**40 + 10),
            ("random", "int64", 6, -(2**60), -(2**60) + 10),
            ("random", "int64", 6, 0, 2**32),
            ("random", "int64", 6, 0, 2**32 + 1),
            ("random", "int64", 6, -(2**63), None),
            ("random", "float64", 6, -(2**63), None),
            ("random", "float32", 6, -(2**63), None),
            ("random", "bfloat16", 6, -(2**63), None),
            ("random", "float64", 6, 0, 2**53 + 5),
            ("random", "float32", 6, 2**24 + 1, 2**24 + 100),
            ("random", "float32", 6, -(2**30) + 3, 2**31 + 1),
            ("random", "float16", 6, -2051, 2051),
            ("random", "bool", 9),
            ("random", "bool", 9, 0, 2),
            ("bernoulli", "bool", 9, 0.5),
            ("randperm", "int64", 1),
            ("randperm", "int64", 0),
            ("randperm", "int64", 300),
        ],
    )
    # The cached second sample outlives everything but a seed.
    stream(
        seed,
        [
            ("normal", "float32", 1),
            ("uniform", "float32", 1),
            ("state", "", 0),
            ("normal", "float64", 1),
            ("normal", "float64", 3),
            ("normal", "float32", 16),
            ("random", "int64", 3, 0, 100),
            ("normal", "float32", 2, 5.0, 2.0),
            ("logNormal", "float32", 3),
            ("bernoulli", "float32", 20, 0.5),
            ("normal", "float16", 2),
            ("normalFrom", "float32", 3, [1.0, -2.0, 30.0], [0.5, 0.0, 2.0]),
            ("normalFrom", "float32", 3, [1.0, -2.0, 30.0], 0.5),
            ("normalFrom", "float32", 3, 0.3, [0.5, 0.0, 2.0]),
            ("normalFrom", "float32", 20, [i / 7 for i in range(20)], 0.5),
            ("normalFrom", "float32", 20, 1.1, [i / 7 for i in range(20)]),
            # More than 624 draws.
            ("randperm", "int32", 700),
            ("uniform", "float32", 5),
            ("state", "", 0),
        ],
    )

recorded = {}
if len(sys.argv) > 1:
    with open(sys.argv[1]) as file:
        recorded = json.load(file)["rng"]
print(
    json.dumps(
        {"torch": torch.__version__, "recorded": recorded, "streams": streams},
        separators=(",", ":"),
    ).replace(',{"seed"', ',\n{"seed"')
)
