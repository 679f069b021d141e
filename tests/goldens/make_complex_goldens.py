"""Writes complex.json: the ops on complex numbers in real PyTorch, and
complex_reprs.json: how it prints them.

Run in this folder with PyTorch 2.13 (CPU): python3 make_complex_goldens.py
The cases are those of make_op_goldens.py with complex128 in place of float32,
a few per op. What PyTorch refuses is recorded as refused.
"""

import importlib
import math
import pathlib
import sys

import torch

sys.dont_write_bytecode = True

import op_cases_base as base  # noqa: E402

HERE = pathlib.Path(__file__).parent
GROUPS = tuple(f"op_cases_{name}" for name in (
    "pointwise", "reduce", "shape", "index", "products", "linalg", "rarer",
    "special", "convolution")) + tuple(f"functional_cases_{name}" for name in (
        "activations", "layers", "losses", "norms", "pooling", "sequence"))
PER_KIND, LARGEST = 1, 24

base.DTYPES["complex128"] = torch.complex128
base.NAMES[torch.complex128] = "complex128"
base.FLOATS += ("complex128",)
real_number, real_tensor = base.number, base.encode_tensor


def pairs(values):
    return [part for v in values for part in (v.real, v.imag)]


def encode_tensor(t, operands=()):
    if not t.dtype.is_complex:
        return real_tensor(t, operands)
    t = t.resolve_conj()
    data = pairs(t.detach().reshape(-1).tolist())
    out = {"shape": list(t.shape), "dtype": base.NAMES[t.dtype],
           "data": [real_number(v) for v in data]}
    for x in operands:
        if t is not x and t.numel() > 0 and (
                t.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()):
            out["stride"] = list(t.stride())
    return out


def cotangent(out):
    values = [complex(math.cos(i), math.sin(i)) if out.is_complex()
              else math.cos(i) for i in range(out.numel())]
    return torch.tensor(values, dtype=out.dtype).reshape(out.shape)


base.encode_tensor, base.cotangent = encode_tensor, cotangent


class C(base.T):
    """A complex operand made of a real one."""

    def __init__(self, t):
        super().__init__(t.data, t.shape, "complex128", t.view, t.grad)
        self.data = [complex(v, round(1.5 * math.sin(1.7 * k + len(t.data)), 3))
                     for k, v in enumerate(t.data)]

    def leaf(self, grad, force=None):
        leaf = torch.tensor(self.data, dtype=torch.complex128)
        leaf = leaf.reshape(self.shape).clone()
        return leaf.requires_grad_(bool(grad and self.grad))

    def encode(self, grad):
        out = {"shape": self.shape, "dtype": self.dtype,
               "data": [real_number(v) for v in pairs(self.data)]}
        if self.view:
            out["view"] = self.view
        if grad and self.grad:
            out["requiresGrad"] = True
        return out


def turned(v):
    """A value of a case with complex tensors for those of float32."""
    if isinstance(v, base.T):
        return C(v) if v.dtype == "float32" else v
    if isinstance(v, (list, tuple)):
        return type(v)(turned(e) for e in v)
    return v


def kind(c):
    first = c.tensors()[0]
    if "." in c.op and not c.op.startswith(("linalg", "special")):
        return (c.op, tuple(sorted(c.options)))
    return (c.op, c.form, len(c.tensors()), bool(first.view), len(first.shape),
            tuple(sorted(c.options)))


def fits(c):
    if c.fails or c.form == "p" or not c.tensors():
        return False
    # PyTorch differentiates as if a part that was cast away were there.
    if "dtype" in c.options:
        return False
    # The gradient is NaN, in PyTorch in its real part only.
    if c.op in ("std", "var") and len(c.tensors()[0].data) == 1:
        return False
    floats = [t for t in c.tensors() if t.dtype == "float32"]
    plain = all(math.isfinite(v) for t in floats for v in t.data)
    return bool(floats) and plain and all(
        t.dtype != "float64" and len(t.data) <= LARGEST for t in c.tensors())


def reason(c):
    """PyTorch's sentence; where only the gradient is refused, that one."""
    try:
        out, leaves, *_ = c.run(c.grad)
        base.gradients(out, leaves)
    except Exception as e:
        return base.camel_message(str(e)).split("\n")[0]
    return "?"


def reprs():
    """Complex tensors and what PyTorch prints."""
    nan, inf = math.nan, math.inf
    wide = [complex(math.sin(k), k * k - 3) for k in range(1200)]
    cases = [
        ([1 + 2j, 3 - 4j], [2]), ([1.5 + 2j], []), ([0j, -1j, 1j], [3]),
        ([complex(-0.0, -0.0), 0.25 + 1e-5j, 1e6 + 2j], [3]), ([], [0]),
        ([], [0, 3]), ([complex(nan, inf), complex(-inf, nan), 1j], [3]),
        ([1e10 + 1j, 1 + 1e-10j], [2]), (wide[:12], [3, 4]),
        (wide[:24], [2, 3, 4]), (wide[:40], [40]), (wide, [1200]),
        (wide, [30, 40]), ([123456.789 - 0.001j, 0.5 + 2j], [2]),
    ]
    out = []
    for data, shape in cases:
        for dtype in (torch.complex64, torch.complex128)[len(data) > 99:]:
            x = torch.tensor(data, dtype=dtype).reshape(shape)
            for grad in (False, True) if len(data) < 9 else (False,):
                text = repr(x.clone().requires_grad_(grad))
                out.append({"shape": shape, "dtype": base.NAMES.get(
                    dtype, "complex64"), "requiresGrad": grad,
                    "data": [real_number(v) for v in pairs(data)],
                    "repr": text.replace("dtype=torch.", "dtype=")})
    lines = ",\n".join(base.dumps(line) for line in out)
    (HERE / "complex_reprs.json").write_text(f"[\n{lines}\n]\n")


def main():
    assert torch.__version__.startswith("2.13"), torch.__version__
    lines, seen, refused = [], {}, 0
    for group in GROUPS:
        importlib.import_module(group)
        for c in base.collect():
            if not fits(c) or c.op.startswith("empty"):
                continue
            known = seen.get(kind(c), 0)
            if known >= PER_KIND:
                continue
            seen[kind(c)] = known + 1
            c.args = turned(c.args)
            c.options = {k: turned(v) for k, v in c.options.items()}
            c.maybe = True
            head = base.finish(c, [])
            if head is None:
                head = {"op": c.op, "as": c.form}
                base.encode_call(head, c, False)
                head["refused"] = reason(c)
                refused += 1
            lines.append(base.dumps(head))
    path = HERE / "complex.json"
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    print(f"{len(lines)} cases, {refused} refused, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
    reprs()
