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
MADE = set()


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
    return float(f"{value:.8g}")


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
         lengths=None):
    """One module: made after a seed, called once, differentiated once."""
    call = call or {}
    torch.manual_seed(seed)
    module = getattr(nn, kind)(*args, **python(options))
    module.train(train)
    head = {"kind": kind, "args": args, "options": options, "seed": seed,
            "train": train, "repr": str(module)}
    state = module.state_dict()
    head["keys"] = {k: list(v.shape) for k, v in state.items()}
    # The same weights need not be listed again.
    made = json.dumps([kind, args, options, seed])
    if made not in MADE:
        MADE.add(made)
        head["weights"] = {k: encode(v) for k, v in state.items()}
    # What is given twice is one tensor, and no case sees another's gradients.
    own = {}
    def fresh(x):
        if isinstance(x, torch.Tensor):
            return own.setdefault(id(x), x.detach().clone())
        return [fresh(v) for v in x] if isinstance(x, (list, tuple)) else x
    inputs = fresh(inputs)
    call = {k: fresh(v) for k, v in call.items()}
    # Transformers drop masks that they find to be causal, and their gradients.
    masks = [] if kind == "MultiheadAttention" else [
        x for k, x in call.items() if k.endswith("Mask")]
    leaves = [x for x in own.values() if x.is_floating_point()
              and not any(x is y for y in masks)]
    first = [next(k for k, y in enumerate(inputs) if y is x) for x in inputs]
    head["inputs"] = [encode(x) if k == at else {"same": at}
                      for k, (x, at) in enumerate(zip(inputs, first))]
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


def attention():
    mha = "MultiheadAttention"
    q, k, v = rnd(3, 2, 4), rnd(5, 2, 4, seed=2), rnd(5, 2, 4, seed=3)
    padding = torch.tensor([[False, False, True, False, True],
                            [False, True, False, False, False]])
    mask = torch.tensor([[False, True, False, False, False]] * 3)
    causal = nn.Transformer.generate_square_subsequent_mask(3)
    for options in ({}, {"bias": False}, {"kdim": 3, "vdim": 6},
                    {"addBiasKv": True, "addZeroAttn": True},
                    {"dropout": 0.4}):
        kk = rnd(5, 2, options.get("kdim", 4), seed=2)
        vv = rnd(5, 2, options.get("vdim", 4), seed=3)
        for call in ({}, {"needWeights": False},
                     {"keyPaddingMask": padding, "attnMask": mask,
                      "averageAttnWeights": False},
                     {"keyPaddingMask": padding, "needWeights": False}):
            case(mha, [4, 2], options, [q, kk, vv], dict(call))
    case(mha, [4, 2], {}, [q, q, q], {"attnMask": causal})
    case(mha, [4, 2], {}, [q, q, q],
         {"attnMask": causal, "isCausal": True, "needWeights": False})
    case(mha, [4, 2], {}, [q, k, v], {"attnMask": rnd(4, 3, 5, seed=5)})
    case(mha, [4, 2], {}, [q, k, v],
         {"attnMask": rnd(4, 3, 5, seed=5), "needWeights": False})
    case(mha, [4, 2], {}, [rnd(3, 4), rnd(5, 4), rnd(5, 4)])
    case(mha, [4, 2], {"batchFirst": True}, [rnd(2, 3, 4)] * 3)
    case(mha, [4, 2], {"batchFirst": True, "dropout": 0.5},
         [rnd(2, 3, 4), rnd(2, 5, 4), rnd(2, 5, 4)], train=False)


def transformers():
    encoder, decoder = "TransformerEncoderLayer", "TransformerDecoderLayer"
    src, tgt = rnd(5, 2, 4), rnd(3, 2, 4, seed=2)
    padding = torch.tensor([[False, False, True, False, True],
                            [False, True, False, False, False]])
    causal = nn.Transformer.generate_square_subsequent_mask(5)
    small = {"dimFeedforward": 6, "dropout": 0}
    case(encoder, [4, 2], small, [src])
    case(encoder, [4, 2], {"dimFeedforward": 6}, [src])
    case(encoder, [4, 2], {**small, "activation": "gelu", "normFirst": True,
                           "batchFirst": True, "layerNormEps": 1e-3},
         [rnd(2, 5, 4)], {"srcKeyPaddingMask": padding, "srcMask": causal})
    case(encoder, [4, 2], {**small, "bias": False}, [rnd(5, 4)],
         {"srcMask": causal, "isCausal": True})
    case(encoder, [4, 2], {"dimFeedforward": 6, "batchFirst": True},
         [rnd(2, 5, 4)], train=False)
    case(decoder, [4, 2], small, [tgt, src])
    case(decoder, [4, 2], {"dimFeedforward": 6, "normFirst": True},
         [tgt, src])
    case(decoder, [4, 2], {**small, "activation": "gelu", "batchFirst": True},
         [rnd(2, 3, 4), rnd(2, 5, 4)], {"memoryKeyPaddingMask": padding})
    model = {"dModel": 4, "nhead": 2, "numEncoderLayers": 2,
             "numDecoderLayers": 2, "dimFeedforward": 6}
    masks = {"srcMask": causal, "srcKeyPaddingMask": padding,
             "tgtMask": nn.Transformer.generate_square_subsequent_mask(3),
             "memoryKeyPaddingMask": padding}
    case("Transformer", [], {**model, "dropout": 0}, [src, tgt], masks)
    case("Transformer", [], model, [src, tgt], seed=3)
    case("Transformer", [], {**model, "batchFirst": True, "normFirst": True,
                             "activation": "gelu", "bias": False},
         [rnd(2, 5, 4), rnd(2, 3, 4)], train=False)


def main():
    recurrent()
    attention()
    transformers()
    path = pathlib.Path(__file__).with_name("recurrent.json")
    lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES)
    path.write_text(f"[\n{lines}\n]\n")
    print(len(CASES), "cases,", path.stat().st_size, "bytes")


main()
