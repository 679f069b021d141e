"""Writes transforms.json: what torch.autograd.functional and torch.func make
of a few functions in real PyTorch. tests/func/ calls the same functions under
the same names.

Run in this folder with PyTorch 2.13 (CPU): python3 make_transform_goldens.py
"""

import json
import pathlib
import warnings

import torch
from torch.autograd import functional as AF
from torch.func import (functional_call, grad, grad_and_value, hessian, jacfwd,
                        jacrev, jvp, stack_module_state, vjp, vmap)

warnings.simplefilter("ignore")
assert torch.__version__.startswith("2.13"), torch.__version__


def encode(x):
    if isinstance(x, torch.Tensor):
        return {"shape": list(x.shape),
                "data": [float(f"{float(v):.10g}")
                         for v in x.detach().reshape(-1).tolist()]}
    if isinstance(x, dict):
        return {k: encode(v) for k, v in x.items()}
    return [encode(v) for v in x]


def numbers(*shape, start=1):
    n = 1
    for s in shape:
        n *= s
    i = torch.arange(start, start + n, dtype=torch.float64)
    return (i * 0.7).sin().reshape(shape)


X, Y, V = numbers(3), numbers(3, start=5), numbers(3, start=9)
M, W, B = numbers(2, 3), numbers(4, 3, start=20), numbers(4, start=40)


# The functions that are transformed.
def smooth(x):
    return (x.sin() * x.exp()).cumsum(0)


def both(x, y):
    return x * y.cos(), (x * x * y).sum()


def scalar(x):
    return (x.sin() * x * x).sum()


def scalar2(x, y):
    return (x * x * y.exp()).sum() + (x * y).prod()


def linear(x):
    return (3 * x).sum()


def constant(x):
    return torch.ones(2, dtype=torch.float64)


def layer(x):
    return torch.tanh(x @ W.t() + B)


def tree(p):
    return {"out": torch.tanh(W @ p["x"] + p["more"][0]),
            "norm": (p["x"] ** 2).sum()}


def error(fn):
    try:
        fn()
    except Exception as e:
        return str(e)
    raise AssertionError("no error")


def transforms():
    p = {"x": X, "more": [B]}
    t = {"x": V, "more": [numbers(4, start=50)]}
    out, vjp_fn = vjp(tree, p)
    outs, tangents = jvp(tree, (p,), (t,))
    return {
        "grad": grad(scalar)(X),
        "grad of grad": grad(lambda x: grad(scalar)(x).prod())(X),
        "grad by both": grad(scalar2, argnums=(0, 1))(X, Y),
        "gradAndValue": grad_and_value(scalar2, argnums=1)(X, Y),
        "vjp": [out, vjp_fn(out)],
        "jvp": [outs, tangents],
        "jvp of jvp": jvp(lambda x: jvp(smooth, (x,), (V,))[1], (X,), (Y,)),
        "grad of jvp": grad(lambda x: jvp(smooth, (x,), (V,))[1].sum())(X),
        "jvp of grad": jvp(grad(scalar), (X,), (V,)),
        "jacrev": jacrev(smooth)(X),
        "jacfwd": jacfwd(smooth)(X),
        "jacrev of both": jacrev(both, argnums=(0, 1))(X, Y),
        "jacfwd of both": jacfwd(both, argnums=(1, 0))(X, Y),
        "jacrev of tree": jacrev(tree)(p),
        "jacfwd of tree": jacfwd(tree)(p),
        "jacrev of matrix": jacrev(layer)(M),
        "hessian": hessian(scalar)(X),
        "hessian by both": hessian(scalar2, argnums=(0, 1))(X, Y),
        "hessian of smooth": hessian(smooth)(X),
        "jacrev of jacrev": jacrev(jacrev(smooth))(X),
        "third": jacfwd(hessian(scalar))(X),
    }


def functional():
    return {
        "jacobian": AF.jacobian(smooth, X),
        "jacobian of both": AF.jacobian(both, (X, Y)),
        "jacobian of a tuple of one": AF.jacobian(smooth, (X,)),
        "jacobian vectorized": AF.jacobian(both, (X, Y), vectorize=True),
        "jacobian forward": AF.jacobian(both, (X, Y), vectorize=True,
                                        strategy="forward-mode"),
        "hessian": AF.hessian(scalar, X),
        "hessian of scalar2": AF.hessian(scalar2, (X, Y)),
        "hessian vectorized": AF.hessian(scalar2, (X, Y), vectorize=True),
        "hessian forward": AF.hessian(scalar2, (X, Y), vectorize=True,
                                      outer_jacobian_strategy="forward-mode"),
        "vjp": AF.vjp(smooth, X, V),
        "vjp of both": AF.vjp(both, (X, Y), (V, torch.tensor(2.0).double())),
        "vjp without v": AF.vjp(scalar, X),
        "jvp": AF.jvp(smooth, X, V),
        "jvp of both": AF.jvp(both, (X, Y), (V, X)),
        "vhp": AF.vhp(scalar2, (X, Y), (V, X)),
        "hvp": AF.hvp(scalar2, (X, Y), (V, X)),
        "jacobian of constant": AF.jacobian(constant, X),
        "hessian of linear": AF.hessian(linear, X),
        "jvp of constant": AF.jvp(constant, X, V),
        "hvp of linear": AF.hvp(linear, X, V),
    }


def functional_errors():
    def strict(name, fn, *args, **options):
        return error(lambda: getattr(AF, name)(fn, *args, strict=True,
                                               **options))
    unused = lambda x, y: x * 2  # noqa: E731
    return {
        "strict jacobian of constant": strict("jacobian", constant, X),
        "strict jacobian of unused": strict("jacobian", unused, (X, Y)),
        "strict vjp of unused": strict("vjp", unused, (X, Y), V),
        "strict jvp of linear": strict("jvp", lambda x: 3 * x, X, V,
                                       create_graph=True),
        "strict vhp of linear": strict("vhp", linear, X, V),
        "strict hvp of linear": strict("hvp", linear, X, V),
        "strict hessian of linear": strict("hessian", linear, X),
        "strict and created": strict("jacobian", lambda x: 3 * x, X,
                                     create_graph=True),
        "strict and vectorized": strict("jacobian", smooth, X,
                                        vectorize=True),
        "vjp without v": error(lambda: AF.vjp(smooth, X)),
        "jvp without v": error(lambda: AF.jvp(smooth, X)),
        "v of another size": error(lambda: AF.vjp(smooth, X, B)),
        "v of another length": error(lambda: AF.vjp(smooth, X, (V, V))),
        "entry of another size": error(
            lambda: AF.jvp(both, (X, Y), (V, B))),
        "hessian of a vector": error(lambda: AF.hessian(smooth, X)),
        "vhp of several": error(lambda: AF.vhp(both, (X, Y), (X, Y))),
    }


R = numbers(3, 4, start=60)
ONES = torch.ones(2, 4)


def seeded(fn, *args, **options):
    torch.manual_seed(0)
    return [vmap(fn, **options)(*args), torch.rand(2)]


def models():
    out = []
    for k in range(3):
        model = torch.nn.Linear(4, 2).double()
        with torch.no_grad():
            model.weight.copy_(numbers(2, 4, start=7 * k))
            model.bias.copy_(numbers(2, start=5 * k))
        out.append(model)
    return out


def loss(w, x, y):
    return ((w @ x).tanh() - y).pow(2).sum()


def mapped():
    w, y = numbers(2, 4), numbers(3, 2, start=30)
    tracked = w.clone().requires_grad_()
    per_sample = vmap(grad(loss), in_dims=(None, 0, 0))
    per_sample(tracked, R, y).pow(2).sum().backward()
    first, *others = models()
    params, _ = stack_module_state([first, *others])
    f = torch.nn.functional
    different = {"randomness": "different"}
    return {
        "per sample": per_sample(w, R, y),
        "gradient of per sample": tracked.grad,
        "in dims": vmap(lambda a, b: a * b.sum(), in_dims=(1, -1))(R, R),
        "out dims": vmap(lambda a: (a, a.sum()), out_dims=(1, 0))(R),
        "nested dims": vmap(lambda d: d["x"] * d["more"][0] + d["more"][1],
                            in_dims=({"x": 0, "more": (1, None)},))(
            {"x": R, "more": (R.t(), R[0])}),
        "dict": vmap(lambda a: {"a": a, "b": [a.sum()]})(R),
        "shared result": vmap(lambda a: torch.ones(2))(R),
        "nested": vmap(vmap(lambda a, b: a * b, in_dims=(None, 0)),
                       in_dims=(0, None))(R[0], R[1]),
        "outer": vmap(vmap(lambda a, b: a.dot(b), (None, 0)), (0, None))(R, R),
        "chunks": vmap(lambda a: a.cumsum(0), chunk_size=2)(R),
        "hessians": vmap(hessian(scalar))(R),
        "jacobian of vmap": jacrev(vmap(scalar))(R),
        "vmap of jvp": vmap(lambda a: jvp(smooth, (a,), (a,))[1])(R),
        "in place": vmap(lambda a, b: a.clone().mul_(b).add_(1),
                         in_dims=(0, None))(R, R[0]),
        "in place in a view": vmap(lambda a: a.clone().index_fill_(
            0, torch.tensor([1]), 5.0))(R),
        "gather": vmap(lambda a, i: a[i])(R, torch.tensor([0, 3, 1])),
        "max": vmap(lambda a: tuple(a.max(0)))(R),
        "matmul": vmap(lambda a: torch.outer(a, a) @ w.t())(R),
        "ensemble": vmap(
            lambda p, x: functional_call(first, p, (x,)),
            in_dims=(0, None))(params, R),
        "rand different": seeded(lambda a: torch.rand(2), ONES, **different),
        "rand same": seeded(lambda a: torch.rand(2), ONES, randomness="same"),
        "randn different": seeded(lambda a: torch.randn(5), ONES, **different),
        "randperm": seeded(lambda a: torch.randperm(4), ONES, **different),
        "dropout different": seeded(lambda a: f.dropout(a), ONES, **different),
        "dropout same": seeded(lambda a: f.dropout(a), ONES,
                               randomness="same"),
        "bernoulli": seeded(lambda a: torch.bernoulli(a / 2), ONES,
                            **different),
        "multinomial": seeded(lambda a: torch.multinomial(a, 2), ONES,
                              **different),
        "normal in place": seeded(lambda a: a.clone().normal_(), ONES,
                                  **different),
        "rand nested": seeded(vmap(lambda a: torch.rand(2), **different),
                              torch.ones(2, 3), **different),
        "rand like same": seeded(lambda a: torch.rand_like(a), ONES,
                                 randomness="same"),
        "chunks same": seeded(lambda a: torch.rand(2), ONES, chunk_size=1,
                              randomness="same"),
    }


def mapped_errors():
    def fails(fn, *args, **options):
        return error(lambda: vmap(fn, **options)(*args))
    one = lambda a: a  # noqa: E731
    two = lambda a, b: a  # noqa: E731
    rand = lambda a: torch.rand(2)  # noqa: E731
    return {
        "item": fails(lambda a: a.sum().item(), R),
        "tolist": fails(lambda a: a.tolist(), R),
        "nonzero": fails(lambda a: a.nonzero(), R),
        "sizes": fails(two, R, M),
        "no inputs": fails(lambda: R),
        "in dims null": fails(one, R, in_dims=None),
        "in dim range": fails(one, R, in_dims=2),
        "in dim of a scalar": fails(one, torch.tensor(1.0)),
        "in dim fraction": fails(one, R, in_dims=(0.5,)),
        "in dims structure": fails(two, R, R, in_dims=(0,)),
        "nothing mapped": fails(one, R, in_dims=(None,)),
        "no tensor": fails(two, R, 3, in_dims=(0, 0)),
        "result is no tensor": fails(lambda a: 3, R),
        "mapped result": fails(one, R, out_dims=None),
        "out dim range": fails(one, R, out_dims=5),
        "out dims structure": fails(lambda a: (a, a), R, out_dims=(0,)),
        "out dims text": fails(one, R, out_dims="a"),
        "random": fails(rand, R),
        "randomness": fails(rand, R, randomness="foo"),
        "same with mapped": fails(torch.bernoulli, ONES, randomness="same"),
        "different in place": fails(lambda a: torch.ones(2).normal_(), R,
                                    randomness="different"),
        "copy in place": fails(lambda a: torch.zeros(4).copy_(a), R),
        "chunk size": fails(one, R, chunk_size=0),
        "backward": fails(lambda a: a.sum().backward(),
                          R.clone().requires_grad_()),
    }


if __name__ == "__main__":
    out = {"transforms": encode(transforms()),
           "functional": encode(functional()),
           "functionalErrors": functional_errors(),
           "mapped": encode(mapped()),
           "mappedErrors": mapped_errors()}
    path = pathlib.Path(__file__).parent / "transforms.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
