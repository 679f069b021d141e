"""Makes autograd.json: random programs of views and changes in place, with
what real PyTorch (2.13) makes of them: values, node names, first and second
derivatives, or the error.

A program is a list of steps over registers. Registers 0 and 1 are leaves x
(3, 4) and w (4,) in float64 that require a gradient, register 2 is a plain
tensor (3, 4), register 3 is x * 1. A step [op, register, ...arguments] appends
its result; an op in place appends its tensor again. A step that begins with
"noGrad" runs the rest of it without recording. Usage, from the repository's
root: python3 tests/goldens/make_autograd_goldens.py
"""

import json
import os
import random

import torch

HERE = os.path.dirname(os.path.abspath(__file__))
SPELLING = [
    ("torch::autograd::", ""),
    ("no_grad mode", "noGrad mode"),
    ("no_grad block", "noGrad block"),
    ("torch.autograd.set_detect_anomaly(True, check_nan=False)",
     "autograd.setDetectAnomaly(true, { checkNan: false })"),
]
# For each op, how to call it.
VIEWS = {
    "select": lambda t, d, i: t.select(d, i),
    "narrow": lambda t, d, s, n: t.narrow(d, s, n),
    "t": lambda t: t.t(),
    "flatten": lambda t: t.view(-1),
    "unsqueeze": lambda t, d: t.unsqueeze(d),
    "diagonal": lambda t: t.diagonal(),
    "expand": lambda t: t.unsqueeze(0).expand(2, *t.shape),
    "unbind": lambda t, d, i: t.unbind(d)[i],
    "split": lambda t, d, i: t.split(1, d)[i],
    "detach": lambda t: t.detach(),
}
UNARY = ["sin", "tanh", "sigmoid", "exp", "relu", "neg", "square"]
BINARY = ["mul", "add", "sub", "div"]


def call(op, t, args, regs):
    if op in VIEWS:
        return VIEWS[op](t, *args)
    args = [regs[a["r"]] if isinstance(a, dict) else a for a in args]
    return getattr(t, op)(*args)


def random_step(rng, regs):
    """A step that fits the shapes; it may still be forbidden."""
    r = rng.choices(range(len(regs)), [1 + 2 * i for i in range(len(regs))])[0]
    t = regs[r]
    kind = rng.random()
    fits = [i for i, u in enumerate(regs)
            if u.shape == t.shape and i not in (0, r)]
    if kind < 0.4:
        ops = ["detach"] if rng.random() < 0.15 else []
        if t.dim() >= 1 and len(ops) == 0:
            d = rng.randrange(t.dim())
            n = t.shape[d]
            start = rng.randrange(n)
            multi = ["unbind", "split"] if rng.random() < 0.25 else []
            op = rng.choice(["select", "narrow", "flatten", "unsqueeze", "t",
                             "diagonal", "expand"] + multi)
            if op in ("t", "diagonal") and t.dim() != 2:
                op = "select"
            if op == "flatten" and not t.is_contiguous():
                op = "select"
            if op == "expand" and t.dim() > 2:
                op = "select"
            args = {"select": [d, start], "unbind": [d, start],
                    "split": [d, start], "unsqueeze": [d],
                    "narrow": [d, start, rng.randint(1, n - start)],
                    }.get(op, [])
            return [op, r, *args]
        return ["detach", r]
    place = "_" if kind < 0.85 else ""
    what = rng.random()
    if place and what < 0.08:
        return [rng.choice(["zero_", "unsqueeze_", "t_"]
                           if t.dim() == 2 else ["zero_", "unsqueeze_"]), r] + []
    if what < 0.4:
        return [rng.choice(UNARY) + place, r]
    if what < 0.6:
        return [rng.choice(BINARY + ["pow"]) + place, r, rng.choice([2, 0.5])]
    if place and what < 0.7:
        # A copy to itself is nothing at all.
        return ["copy_", r, {"r": rng.choice(fits)}] if fits else ["neg_", r]
    fits.append(r)
    return [rng.choice(BINARY) + place, r, {"r": rng.choice(fits)}]


def fill(n, start, step):
    return [start + step * i for i in range(n)]


def leaves():
    x = torch.tensor(fill(12, 0.3, 0.07), dtype=torch.float64).reshape(
        3, 4).clone()
    w = torch.tensor(fill(4, 0.9, -0.13), dtype=torch.float64)
    c = torch.tensor(fill(12, 1.2, -0.05), dtype=torch.float64).reshape(
        3, 4).clone()
    x.requires_grad_(), w.requires_grad_()
    return [x, w, c, x * 1]


def spelled(error):
    text = str(error)
    for python, ours in SPELLING:
        text = text.replace(python, ours)
    return text


def run_step(step, regs):
    if step[0] == "noGrad":
        with torch.no_grad():
            run_step(step[1:], regs)
        return
    op, r, *args = step
    if op == "unsqueeze_":
        args = [0]
    regs.append(call(op, regs[r], args, regs))


def numbers(t):
    return [float(v) for v in t.detach().flatten()]


def loss_of(regs):
    """Every register counts, each element with a weight of its own."""
    total = 0
    for k, t in enumerate(regs[3:]):
        weights = torch.tensor(fill(t.numel(), 0.2 + 0.3 * k, 0.1),
                               dtype=torch.float64).reshape(t.shape)
        total = total + (t * weights).sum()
    return total


def outcome(regs):
    x, w = regs[:2]
    out = {"values": [numbers(t) for t in regs],
           "nodes": [None if t.grad_fn is None else
                     t.grad_fn.name().replace("torch::autograd::", "")
                     for t in regs],
           "versions": [t._version for t in regs]}
    gx, gw = torch.autograd.grad(loss_of(regs), [x, w], create_graph=True,
                                 materialize_grads=True)
    out["first"] = [numbers(gx), numbers(gw)]
    square = (gx * gx).sum() + (gw * gw).sum()
    if square.requires_grad:
        out["second"] = [numbers(g) for g in torch.autograd.grad(
            square, [x, w], materialize_grads=True)]
    return out


def make(rng):
    regs = leaves()
    steps = []
    for _ in range(rng.randint(3, 8)):
        try:
            step = random_step(rng, regs)
        except RuntimeError as error:
            return None
        if rng.random() < 0.08:
            step = ["noGrad", *step]
        steps.append(step)
        try:
            run_step(step, regs)
        except RuntimeError as error:
            return {"steps": steps, "stepError": spelled(error)}
    try:
        with_values = outcome(regs)
    except RuntimeError as error:
        return {"steps": steps, "error": spelled(error)}
    flat = [v for key in ("values", "first", "second")
            for row in with_values.get(key, []) for v in row]
    if any(v != v or abs(v) > 1e6 for v in flat):
        return None
    return {"steps": steps, **with_values}


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.10g}")
    if isinstance(value, list):
        return [rounded(v) for v in value]
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return value


def main():
    rng = random.Random(7)
    good, bad, seen = [], [], {}
    while len(good) < 160 or len(bad) < 70:
        program = make(rng)
        if program is None:
            continue
        # Programs without a change in place say little.
        if not any(str(s[0] if s[0] != "noGrad" else s[1]).endswith("_")
                   for s in program["steps"]):
            continue
        if "values" in program:
            if len(good) < 160:
                good.append(rounded(program))
            continue
        # No more than ten of an error, so that rare ones find room.
        start = (program.get("error") or program["stepError"])[:75]
        if "invalid gradient" in start:  # PyTorch's own mistake with t_()
            continue
        seen[start] = seen.get(start, 0) + 1
        if len(bad) < 70 and seen[start] <= (40 if "error" in program else 10):
            bad.append(rounded(program))
    with open(os.path.join(HERE, "autograd.json"), "w") as file:
        lines = ",\n".join(json.dumps(p, separators=(",", ":"))
                           for p in good + bad)
        file.write(f"[\n{lines}\n]\n")


main()
