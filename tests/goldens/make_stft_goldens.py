"""Writes stft.json: short-time Fourier transforms, their gradients and errors
in real PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_stft_goldens.py

Complex numbers are written as pairs. A gradient is that of the sum of the
results times `weight(i)`, the real and the imaginary part counted apart.
"""

import json
import math
import pathlib
import re
import warnings

import torch

warnings.simplefilter("ignore")
HERE = pathlib.Path(__file__).parent
cases = []


def number(i, seed):
    return round(math.sin(12.9898 * (i + 1) + 78.233 * seed) * 2, 3)


def weight(i):
    return ((i * 7) % 5 - 2) / 2


def parts(x):
    x = x.detach().resolve_conj()
    return torch.view_as_real(x) if x.is_complex() else x


def flat(x):
    digits = 17 if parts(x).dtype == torch.float64 else 9
    return [float(f"{v:.{digits}g}") for v in parts(x).flatten().tolist()]


def made(shape, dtype="float64", seed=1):
    if dtype.startswith("complex"):
        real = "float64" if dtype == "complex128" else "float32"
        return torch.view_as_complex(made([*shape, 2], real, seed))
    data = [number(i, seed) for i in range(math.prod(shape))]
    return torch.tensor(data, dtype=getattr(torch, dtype)).reshape(shape)


def shown(x):
    return {"shape": list(x.shape), "dtype": str(x.dtype)[6:], "data": flat(x)}


def camel(text):
    return re.sub(r"_([a-z])", lambda m: m[1].upper(), text)


def chain(x):
    names = []
    node = x.grad_fn
    while node is not None and "AccumulateGrad" not in node.name():
        names.append(node.name())
        below = [f for f, _ in node.next_functions if f is not None]
        node = below[0] if below else None
    return names


def case(op, x, n_fft, window=None, **options):
    head = {"op": op, "x": shown(x), "nFft": n_fft,
            "options": {camel(k): v for k, v in options.items()}}
    if window is not None:
        head["window"] = shown(window)
    x = x.clone().requires_grad_()
    try:
        out = getattr(torch, op)(x, n_fft, window=window, **options)
    except (RuntimeError, IndexError) as error:
        first = camel(str(error).split("\n")[0]).replace("return_c", "returnC")
        head["error"] = {"class": type(error).__name__, "message": first}
        cases.append(head)
        return
    head["out"] = shown(out)
    head["nodes"] = chain(out)
    g = [weight(i) for i in range(parts(out).numel())]
    g = torch.tensor(g, dtype=parts(out).dtype).reshape(parts(out).shape)
    out.backward(torch.view_as_complex(g) if out.is_complex() else g)
    head["grad"] = flat(x.grad)
    cases.append(head)


hann = torch.hann_window(8, dtype=torch.float64)
signal = made([30])
for options in ({}, {"normalized": True}, {"onesided": False},
                {"center": False}, {"hop_length": 3}, {"pad_mode": "constant"},
                {"pad_mode": "replicate", "hop_length": 5}):
    case("stft", signal, 8, hann, return_complex=True, **options)
    case("stft", made([2, 21]), 8, return_complex=True, **options)
for n in (7, 8):
    case("stft", made([20], "float32"), n, return_complex=True)
    case("stft", made([20], "float32"), n, return_complex=False)
    case("stft", made([20], "complex128"), n)
    case("stft", signal, n, hann[1:6], win_length=5, return_complex=True)
    case("stft", signal, n, win_length=4, return_complex=True)
case("stft", signal, 8, hann.to(torch.complex128))
case("stft", signal, 8, hann[1:5], win_length=4, center=False,
     align_to_window=True, return_complex=True)
case("stft", made([2, 30]), 8, hann[1:3], win_length=2, center=False,
     align_to_window=True, return_complex=True, hop_length=1)
case("stft", signal, 8, center=False, align_to_window=False,
     return_complex=True)
case("stft", signal, 8, align_to_window=False, return_complex=True)
case("stft", signal, 8)
for options in ({"win_length": 9}, {"win_length": 0}, {"hop_length": 0},
                {"win_length": 5}):
    case("stft", signal, 8, hann, return_complex=True, **options)
case("stft", signal, 40, center=False, return_complex=True)
case("stft", signal, 0, return_complex=True)
case("stft", made([2, 2, 20]), 8, return_complex=True)
case("stft", made([3]), 8, return_complex=True)
case("stft", made([20], "complex128"), 8, onesided=True)

spectra = made([5, 9], "complex128")
both = made([2, 5, 9], "complex128")
whole = made([8, 6], "complex128")
ones = torch.ones(8, dtype=torch.float64)
for options in ({}, {"normalized": True}, {"length": 10}, {"length": 50},
                {"hop_length": 3}):
    case("istft", spectra, 8, hann, **options)
    case("istft", both, 8, ones, **options)
for options in ({}, {"onesided": False, "return_complex": True},
                {"return_complex": True, "length": 12}):
    case("istft", whole, 8, hann, **options)
case("istft", spectra, 8, ones, center=False)
case("istft", spectra, 8, hann[1:7], win_length=6)
case("istft", made([4, 9], "complex128"), 7, hop_length=2)
case("istft", made([5, 9], "complex64"), 8)
case("istft", spectra, 8, hann, center=False)
case("istft", spectra, 10)
case("istft", whole, 8, hann, onesided=True)
for options in ({"hop_length": 9}, {"hop_length": 0}, {"win_length": 20},
                {"win_length": 6}, {"return_complex": True},
                {"hop_length": 8}):
    case("istft", spectra, 8, hann, **options)
case("istft", made([5, 9]), 8)
case("istft", made([9], "complex128"), 8)
case("istft", made([1, 2, 5, 9], "complex128"), 8)
case("istft", made([2, 5, 0], "complex128"), 8)
case("istft", spectra, 8, hann.to(torch.complex128))

assert torch.__version__.startswith("2.13"), torch.__version__
text = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
path = HERE / "stft.json"
path.write_text("[\n" + text + "\n]\n")
print(len(cases), "cases,", path.stat().st_size, "bytes")
