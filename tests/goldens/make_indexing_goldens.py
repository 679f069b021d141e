"""Writes indexing.json: x[index] and x[index] = value by PyTorch (2.13 was used).

Every tensor holds 0, 1, 2, … so that a case is little more than its index.
Indices are drawn at random from everything that the library's `at` takes; what
PyTorch refuses is kept with its message. Gradients are those of
sum(result * (1, 2, 3, …)).

    python3 tests/goldens/make_indexing_goldens.py
"""

import json
import pathlib
import random
import warnings

import torch

warnings.filterwarnings("ignore")
rng = random.Random(7)

SHAPES = [[], [3], [1], [2, 3], [3, 1], [2, 3, 4], [3, 2, 2], [2, 1, 3, 2],
          [0], [2, 0, 3]]
VIEWS = ["none", "none", "transpose", "slice"]


def count(shape):
    n = 1
    for d in shape:
        n *= d
    return n


def tensor_index(shape, low, high):
    """A tensor of indices between low and high, which is left out."""
    data = [rng.randrange(low, high) for _ in range(count(shape))]
    kind = rng.choice(["int64", "int64", "int32"])
    return {"dtype": kind, "shape": shape, "data": data}


def mask_index(shape):
    data = [rng.random() < 0.6 for _ in range(count(shape))]
    return {"dtype": "bool", "shape": shape, "data": data}


def slice_text(n):
    def part():
        return rng.choice(["", str(rng.randrange(-n - 1, n + 2))])

    text = f"{part()}:{part()}"
    if rng.random() < 0.4:
        text += f":{rng.choice(['', '1', '2', '3'])}"
    return text


def draw(shape):
    """An index for a tensor of this shape, now and then one that does not fit."""
    items, d, rank = [], 0, len(shape)
    if rng.random() < 0.25 and rank > 1:
        d = rng.randrange(1, rank)
        items.append("...")
    common = rng.choice([[2], [1], [3], [2, 1], [2, 2], []])
    while d < rank and rng.random() < 0.85:
        n = shape[d]
        kind = rng.choice("iiistttmMn" + "lf")
        step = 1
        if kind == "i" and n > 0:
            wild = 1 if rng.random() < 0.04 else 0
            items.append(rng.randrange(-n - wild, n + wild))
        elif kind == "t" and n > 0:
            wild = 1 if rng.random() < 0.03 else 0
            own = common if rng.random() < 0.8 else rng.choice([[1], [2], []])
            items.append(tensor_index(own, -n - wild, n))
        elif kind == "m":
            m = n + 1 if rng.random() < 0.04 else n
            items.append(mask_index([m]))
        elif kind == "M" and d + 1 < rank:
            items.append(mask_index(shape[d:d + 2]))
            step = 2
        elif kind == "n":
            items.append(None)
            step = 0
        elif kind == "l" and n > 0:
            length = rng.choice([1, 2, count(common)])
            items.append([rng.randrange(-n, n) for _ in range(length)])
        elif kind == "f" and rng.random() < 0.4:
            items.append(rng.random() < 0.7)
            step = 0
        else:
            items.append(slice_text(n))
        d += step
    if rng.random() < 0.03:
        items.append(0)
    return items or [rng.choice(["...", None])]


def decode(item):
    if isinstance(item, dict):
        dtype = getattr(torch, item["dtype"])
        return torch.tensor(item["data"], dtype=dtype).reshape(item["shape"])
    if item == "...":
        return Ellipsis
    if isinstance(item, str):
        parts = [int(p) if p else None for p in item.split(":")]
        return slice(*parts)
    return item


def index_of(items):
    index = tuple(decode(item) for item in items)
    return index[0] if len(index) == 1 else index


def base_of(shape, view):
    """A leaf and the same seen through a view with the wanted shape."""
    if view == "slice" and shape:
        wide = shape[:-1] + [shape[-1] * 2]
    elif view == "transpose" and len(shape) > 1:
        wide = [shape[1], shape[0]] + shape[2:]
    else:
        wide = shape
    leaf = torch.arange(count(wide), dtype=torch.float64).reshape(wide)
    return leaf.requires_grad_(), wide


def look(x, shape, view):
    if view == "slice" and shape:
        return x[..., ::2]
    if view == "transpose" and len(shape) > 1:
        return x.transpose(0, 1)
    return x


def weights(x):
    return torch.arange(1, x.numel() + 1, dtype=torch.float64).reshape(x.shape)


def node_name(x):
    """The library's names have no C++ namespace."""
    return x.grad_fn.name().removeprefix("torch::autograd::")


def numbers(x):
    return [int(v) for v in x.reshape(-1).tolist()]


def failure(e):
    return {"class": type(e).__name__, "message": str(e).split("\n")[0]}


def read_case(shape, view, items):
    leaf, wide = base_of(shape, view)
    out = {"op": "at", "shape": wide, "view": view, "index": items}
    try:
        x = look(leaf, shape, view)
        y = x[index_of(items)]
    except Exception as e:
        out["error"] = failure(e)
        return out
    grad, = torch.autograd.grad((y * weights(y)).sum(), leaf)
    out.update(result=list(y.shape), data=numbers(y), grad=numbers(grad),
               gradFn=node_name(y), shares=y._is_view())
    if y.numel() > 0 and y._is_view():
        out["stride"] = list(y.stride())
    return out


def value_for(shape):
    """Something that broadcasts to a shape, or nearly."""
    if rng.random() < 0.35:
        return rng.choice([7, -3])
    own = [n if rng.random() < 0.75 else 1 for n in shape]
    own = own[rng.randrange(0, len(own) + 1):] if rng.random() < 0.4 else own
    if rng.random() < 0.1:
        own = [1] + own
    if rng.random() < 0.05 and own:
        own[-1] += 1
    data = [100 + i for i in range(count(own))]
    return {"dtype": "float64", "shape": own, "data": data}


def repeats(x, index):
    """Whether an index names an element twice: who wins is nobody's promise."""
    marks = torch.arange(x.numel()).reshape(x.shape)[index].reshape(-1)
    return len(set(marks.tolist())) < marks.numel()


def write_case(shape, view, items):
    leaf, wide = base_of(shape, view)
    out = {"op": "setAt", "shape": wide, "view": view, "index": items}
    index = index_of(items)
    try:
        picked = torch.zeros(shape)[index]
        if repeats(torch.zeros(shape), index):
            return None
        out["value"] = value_for(list(picked.shape))
    except Exception:
        out["value"] = 7
    leaves = [leaf]
    value = out["value"]
    if isinstance(value, dict):
        value = decode(value).requires_grad_()
        leaves.append(value)
    try:
        base = leaf.clone()
        x = look(base, shape, view)
        x[index] = value
    except Exception as e:
        out["error"] = failure(e)
        return out
    total = (base * weights(base)).sum()
    grads = torch.autograd.grad(total, leaves, allow_unused=True)
    grads = [torch.zeros_like(x) if g is None else g
             for g, x in zip(grads, leaves)]
    out.update(data=numbers(base), grad=numbers(grads[0]),
               gradFn=node_name(base))
    if len(leaves) > 1:
        out["valueGrad"] = numbers(grads[1])
    return out


def main():
    cases, seen, failed = [], set(), 0
    while len(cases) < 420:
        shape, view = rng.choice(SHAPES), rng.choice(VIEWS)
        items = draw(shape)
        make = read_case if rng.random() < 0.55 else write_case
        case = make(shape, view, items)
        text = json.dumps(case)
        if case is None or text in seen:
            continue
        # A few refusals are enough.
        if "error" in case:
            failed += 1
            if failed > 60:
                continue
        seen.add(text)
        cases.append(case)
    path = pathlib.Path(__file__).with_name("indexing.json")
    lines = ",\n".join(json.dumps(case) for case in cases)
    path.write_text(f"[\n{lines}\n]\n")
    print(len(cases), "cases,", sum("error" in c for c in cases), "refusals")


main()
