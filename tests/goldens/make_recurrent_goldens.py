"""Writes recurrent.json: recurrent layers, attention and transformers in real
PyTorch: initial weights for a seed, state dict keys, reprs, outputs and
gradients.

Run in this folder with PyTorch 2.13 (CPU): python3 make_recurrent_goldens.py
"""

import json
import pathlib
import re

import torch
from torch import nn
from torch.nn.utils import rnn

assert torch.__version__.startswith("2.13"), torch.__version__
CASES = []


def snake(name):
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", name).lower()


def number(value):
    if isinstance(value, bool):
        return value
    value = float(value)
    if value != value:
        return "nan"
    if value in (float("inf"), float("-inf")):
        return "inf" if value > 0 else "-inf"
    return float(f"{value:.9g}")


def encode(x):
    """A tensor, or a nest of tensors and plain values, as JSON."""
    if isinstance(x, torch.Tensor):
        return {"shape": list(x.shape), "dtype": str(x.dtype)[6:],
                "data": [number(v) for v in x.detach().reshape(-1).tolist()]}
    if isinstance(x, rnn.PackedSequence):
        return {"packed": encode(x.data), "sizes": x.batch_sizes.tolist()}
    if isinstance(x, (list, tuple)):
        return [encode(v) for v in x]
    return x


def tensors(x):
    if isinstance(x, torch.Tensor):
        return [x]
    if isinstance(x, rnn.PackedSequence):
        return [x.data]
    if isinstance(x, (list, tuple)):
        return [t for v in x for t in tensors(v)]
    return []


def loss_of(out):
    """The sum of all outputs, weighted by cosines."""
    total = 0
    for y in tensors(out):
        if y.requires_grad:
            flat = y.reshape(-1)
            weights = torch.arange(flat.numel(), dtype=y.dtype).cos()
            total = total + (flat * weights).sum()
    return total


def python(options):
    out = {}
    for key, value in options.items():
        out[snake(key)] = value
    return out


def case(kind, args, options, inputs, call=None, train=True, seed=0,
         lengths=None, weights=True):
    """One module: made after a seed, called once, differentiated once."""
    call = call or {}
    torch.manual_seed(seed)
    module = getattr(nn, kind)(*args, **python(options))
    module.train(train)
    head = {"kind": kind, "args": args, "options": options, "seed": seed,
            "train": train, "repr": str(module)}
    state = module.state_dict()
    head["keys"] = {k: list(v.shape) for k, v in state.items()}
    if weights:
        head["weights"] = {k: encode(v) for k, v in state.items()}
    leaves = [x for x in tensors([inputs, list(call.values())])
              if x.is_floating_point()]
    head["inputs"] = encode(inputs)
    head["call"] = {k: encode(v) for k, v in call.items()}
    for x in leaves:
        x.requires_grad_()
    given = list(inputs)
    if lengths is not None:
        head["lengths"] = lengths
        given[0] = rnn.pack_padded_sequence(
            given[0], lengths, enforce_sorted=False,
            batch_first=options.get("batchFirst", False))
    torch.manual_seed(seed + 1)
    out = module(*given, **python(call))
    head["out"] = encode(out)
    if train:
        loss_of(out).backward()
        head["inputGrads"] = [None if x.grad is None else encode(x.grad)
                              for x in leaves]
        head["grads"] = {k: None if p.grad is None else encode(p.grad)
                         for k, p in module.named_parameters()}
    CASES.append(head)


def rnd(*shape, seed=1):
    generator = torch.Generator().manual_seed(seed)
    return (torch.randn(*shape, generator=generator) * 100).round() / 100


def recurrent():
    for kind in ("RNN", "GRU", "LSTM"):
        case(kind, [3, 4], {}, [rnd(5, 2, 3)])
        states = 2 if kind == "LSTM" else 1
        def hx(*shape):
            out = [rnd(*shape, seed=7 + k) for k in range(states)]
            return {"hx": out if states == 2 else out[0]}
        case(kind, [3, 4], {}, [rnd(5, 2, 3)], hx(1, 2, 4))
        case(kind, [3, 4], {"numLayers": 2, "bidirectional": True,
                            "batchFirst": True},
             [rnd(2, 5, 3)], hx(4, 2, 4))
        case(kind, [3, 4], {"bias": False}, [rnd(5, 3)], hx(1, 4))
        case(kind, [3, 4], {"numLayers": 3, "dropout": 0.5}, [rnd(5, 2, 3)])
        case(kind, [2, 3], {"numLayers": 2, "bidirectional": True},
             [rnd(4, 3, 2)], lengths=[2, 4, 1])
        case(kind, [2, 3], {"batchFirst": True, "bidirectional": True},
             [rnd(3, 4, 2)], hx(2, 3, 3), lengths=[3, 1, 4])
        case(kind, [3, 4], {}, [rnd(5, 2, 3)], train=False)
        case(kind + "Cell", [3, 4], {}, [rnd(2, 3)])
        case(kind + "Cell", [3, 4], {"bias": False}, [rnd(2, 3)], hx(2, 4))
        case(kind + "Cell", [3, 4], {}, [rnd(3)], hx(4))
    case("RNN", [3, 4], {"nonlinearity": "relu", "numLayers": 2},
         [rnd(5, 2, 3)])
    case("RNNCell", [3, 4], {"nonlinearity": "relu"}, [rnd(2, 3)])
    case("LSTM", [3, 5], {"projSize": 2, "numLayers": 2,
                          "bidirectional": True}, [rnd(4, 2, 3)])
    case("LSTM", [3, 5], {"projSize": 2}, [rnd(4, 2, 3)], lengths=[2, 4])


def main():
    recurrent()
    path = pathlib.Path(__file__).with_name("recurrent.json")
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES)
    path.write_text(f"[\n{lines}\n]\n")
    print(len(CASES), "cases,", path.stat().st_size, "bytes")


main()
