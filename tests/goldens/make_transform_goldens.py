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
from torch.func import (grad, grad_and_value, hessian, jacfwd, jacrev, jvp,
                        vjp)

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


if __name__ == "__main__":
    out = {"transforms": encode(transforms()),
           "functional": encode(functional()),
           "functionalErrors": functional_errors()}
    path = pathlib.Path(__file__).parent / "transforms.json"
    path.write_text(json.dumps(out, separators=(",", ":")) + "\n")
