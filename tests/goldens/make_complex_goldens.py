"""Writes complex.json: the ops on complex numbers in real PyTorch.

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
GROUPS = ("pointwise", "reduce", "shape", "index", "products", "linalg",
          "rarer", "special", "convolution")
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


def main():
    assert torch.__version__.startswith("2.13"), torch.__version__
    lines, seen, refused = [], {}, 0
    for group in GROUPS:
        importlib.import_module(f"op_cases_{group}")
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
