"""Writes fft.json: Fourier transforms, their gradients and errors in real
PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_fft_goldens.py

Complex numbers are written as pairs, so that data of a complex tensor are twice
as many numbers as it has elements. A gradient is that of the sum of the results
times `weight(i)`, the real and the imaginary part counted apart.
"""

import json
import math
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
CAMEL = {"torch.float32": "float32", "torch.float64": "float64",
         "torch.complex64": "complex64", "torch.complex128": "complex128",
         "torch.int64": "int64", "torch.bool": "bool"}
PARTS = {"complex64": torch.float32, "complex128": torch.float64}
cases = []


def number(i, seed):
    """Numbers without pattern that three digits write exactly enough."""
    return round(math.sin(12.9898 * (i + 1) + 78.233 * seed) * 2, 3)


def weight(i):
    return ((i * 7) % 5 - 2) / 2


def flat(x):
    """The numbers of a tensor."""
    x = x.detach().resolve_conj()
    if x.is_complex():
        x = torch.view_as_real(x)
    digits = 17 if x.dtype == torch.float64 else 9
    return [float(f"{v:.{digits}g}") if isinstance(v, float) else v
            for v in x.flatten().tolist()]


def made(shape, dtype, seed=1):
    count = math.prod(shape)
    if dtype in ("int64", "bool"):
        data = [i * 3 % 7 for i in range(count)]
        return torch.tensor(data).reshape(shape).to(getattr(torch, dtype))
    if dtype in PARTS:
        data = [number(i, seed) for i in range(2 * count)]
        pairs = torch.tensor(data, dtype=PARTS[dtype]).reshape([*shape, 2])
        return torch.view_as_complex(pairs)
    data = [number(i, seed) for i in range(count)]
    return torch.tensor(data, dtype=getattr(torch, dtype)).reshape(shape)


def shown(x):
    return {"shape": list(x.shape), "dtype": CAMEL[str(x.dtype)],
            "data": flat(x)}


def seen(x, view):
    """What `x` is through a view."""
    if view == "transpose":
        return x.transpose(0, 1)
    if view == "step":
        return x[..., ::2]
    if view == "expand":
        return x.expand(3, *x.shape[1:])
    return x


def weights(out):
    parts = (torch.view_as_real(out.detach().resolve_conj())
             if out.is_complex() else out)
    data = [weight(i) for i in range(parts.numel())]
    g = torch.tensor(data, dtype=parts.dtype).reshape(parts.shape)
    return torch.view_as_complex(g) if out.is_complex() else g


def chain(x):
    names = []
    node = x.grad_fn
    while node is not None and "AccumulateGrad" not in node.name():
        names.append(node.name())
        below = [f for f, _ in node.next_functions if f is not None]
        node = below[0] if below else None
    return names


def case(op, x, dim=None, view=None, **options):
    """One call; PyTorch's error in place of a result where it refuses."""
    leaf = x.clone()
    head = {"op": op, "x": shown(leaf)}
    if view is not None:
        head["view"] = view
    if dim is not None:
        head["dim"] = dim
    if options:
        head["options"] = dict(options)
    tracked = leaf.is_floating_point() or leaf.is_complex()
    if tracked:
        leaf.requires_grad_()
    call = dict(options)
    if dim is not None:
        call["dim"] = dim
    try:
        out = getattr(torch.fft, op)(seen(leaf, view), **call)
    except (RuntimeError, IndexError) as error:
        head["error"] = {"class": type(error).__name__,
                         "message": str(error).split("\n")[0]}
        cases.append(head)
        return
    head["out"] = shown(out)
    if tracked and view is None:
        head["nodes"] = chain(out)
    if tracked:
        out.backward(weights(out))
        head["grad"] = flat(leaf.grad)
    cases.append(head)


ONE = ("fft", "ifft", "rfft", "irfft", "hfft", "ihfft")
SEVERAL = ("fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn")
TWO = ("fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2")
NORMS = ("backward", "forward", "ortho")


def kinds(op):
    """Types that an op takes, real before complex."""
    real = op.startswith("rfft") or op.startswith("ihfft")
    return ("float32", "float64") if real else (
        "float32", "float64", "complex64", "complex128")


for op in ONE:
    for dtype in kinds(op):
        for length in (2, 3, 8, 17):
            case(op, made([length], dtype))
        case(op, made([3, 4], dtype), dim=0)
        case(op, made([2, 5, 3], dtype), dim=-2)
    dtype = kinds(op)[-1]
    case(op, made([20, 6], kinds(op)[0]))
    for norm in NORMS:
        case(op, made([2, 6], dtype), norm=norm)
        case(op, made([5], dtype), norm=norm, n=7)
    for n in (1, 2, 3, 5, 8, 13, 16):
        case(op, made([2, 5], dtype), n=n)
        case(op, made([5, 2], dtype), dim=0, n=n)
    case(op, made([1], dtype), n=1)
    case(op, made([4, 3], dtype), view="transpose")
    case(op, made([2, 9], dtype), view="step")
    case(op, made([1, 6], dtype), view="expand")
    case(op, made([6], "int64"))
    case(op, made([6], "bool"), norm="ortho")
    # Errors.
    case(op, made([], "float32"))
    case(op, made([4], "float32"), dim=1)
    case(op, made([4], "float32"), n=0)
    case(op, made([4], "float32"), n=-3)
    case(op, made([4], "float32"), norm="sideways")
    case(op, made([2, 0], "float32"))
    case(op, made([2, 1], "float32"))
    case(op, made([4], "complex64"))

for op in SEVERAL + TWO:
    for dtype in kinds(op):
        case(op, made([3, 4], dtype))
        case(op, made([2, 3, 5], dtype), dim=[0, 2])
    dtype = kinds(op)[-1]
    case(op, made([2, 4, 3], dtype))
    case(op, made([2, 4, 3], dtype), dim=[2, 0])
    case(op, made([2, 4, 3], dtype), dim=[-2])
    for norm in NORMS:
        case(op, made([3, 4], dtype), norm=norm)
        case(op, made([3, 4], dtype), norm=norm, s=[5, 3])
    case(op, made([3, 4], dtype), s=[2, -1])
    case(op, made([2, 3, 4], dtype), s=[4, 6])
    case(op, made([2, 3, 4], dtype), s=[3, 2], dim=[1, 0])
    case(op, made([3, 4], dtype), view="transpose")
    case(op, made([2, 3, 8], dtype), view="step")
    case(op, made([2, 3], "int64"))
    # Errors.
    case(op, made([3], "float32"))
    case(op, made([], "float32"))
    case(op, made([3, 4], "float32"), dim=[])
    case(op, made([3, 4], "float32"), dim=[0, 0])
    case(op, made([3, 4], "float32"), dim=[0, -2])
    case(op, made([3, 4], "float32"), dim=[0, 2])
    case(op, made([3, 4], "float32"), s=[2], dim=[0, 1])
    case(op, made([3, 4], "float32"), s=[2, 3, 4])
    case(op, made([3, 4], "float32"), s=[0, 3])
    case(op, made([3, 4], "float32"), s=[-2, 3])
    case(op, made([3, 1], "float32"))
    case(op, made([3, 4], "float32"), norm="")
    case(op, made([3, 4], "complex64"))

for op in ("fftshift", "ifftshift"):
    for dtype in ("float32", "complex64", "int64"):
        case(op, made([5], dtype))
        case(op, made([2, 3], dtype))
        case(op, made([3, 4], dtype), dim=1)
        case(op, made([3, 4], dtype), dim=[-1, 0])
    case(op, made([], "float32"))
    case(op, made([3], "float32"), dim=1)
    case(op, made([3], "float32"), dim=[])

for op in ("fftfreq", "rfftfreq"):
    for n in (0, 1, 2, 5, 8):
        for options in ({}, {"d": 0.3}, {"dtype": "float64", "d": 7.0}):
            call = dict(options)
            if "dtype" in call:
                call["dtype"] = getattr(torch, call["dtype"])
            out = getattr(torch.fft, op)(n, **call)
            if not bool(out.isfinite().all()):
                continue
            cases.append({"op": op, "n": n, "options": options,
                          "out": shown(out)})

assert torch.__version__.startswith("2.13"), torch.__version__
text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
path = HERE / "fft.json"
path.write_text("[\n" + text + "\n]\n")
print(len(cases), "cases,", path.stat().st_size, "bytes")
