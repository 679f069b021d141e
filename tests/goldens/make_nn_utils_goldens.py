"""Writes nn_utils.json: what torch.nn.utils does to gradients and modules in
real PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_nn_utils_goldens.py
"""

import json
import pathlib
import warnings

import torch
from torch import nn
from torch.nn import utils
from torch.nn.utils import prune

warnings.simplefilter("ignore")
assert torch.__version__.startswith("2.13"), torch.__version__


def encode(x):
    return {"shape": list(x.shape), "dtype": str(x.dtype)[6:],
            "data": [float(f"{float(v):.8g}")
                     for v in x.detach().reshape(-1).tolist()]}


def state(module):
    return {k: encode(v) for k, v in module.state_dict().items()}


def grads(module):
    return {k: encode(p.grad) for k, p in module.named_parameters()
            if p.grad is not None}


def weighted(y):
    return (y * torch.arange(y.numel(), dtype=y.dtype).cos()
            .reshape(y.shape)).sum()


def clipping():
    out = []
    for norm_type in (2.0, 1.0, float("inf"), 3.0):
        for bound in (1.0, 100.0):
            a, b = torch.ones(2, 2), torch.ones(3)
            a.grad = torch.tensor([[1.0, -2.0], [3.0, 0.5]])
            b.grad = torch.tensor([4.0, -1.0, 0.0])
            norm = utils.clip_grad_norm_([a, b], bound, norm_type)
            out.append({
                "normType": "inf" if norm_type == float("inf") else norm_type,
                "bound": bound, "norm": encode(norm),
                "grads": [encode(a.grad), encode(b.grad)]})
    return out


def run(make, change, x, steps=2):
    """Changes a module, calls it a few times, and differentiates."""
    torch.manual_seed(3)
    module = make()
    change(module)
    start = state(module)
    outs = [module(x) for _ in range(steps)]
    weighted(outs[-1]).backward()
    found = grads(module)
    module.eval()
    last = module(x)
    return {"start": start, "outs": [encode(y) for y in outs],
            "grads": found, "eval": encode(last), "end": state(module)}, module


def norms():
    x = torch.linspace(-1, 1, 12).reshape(4, 3)
    image = torch.linspace(-1, 1, 32).reshape(1, 2, 4, 4)
    cases = {}
    for name, dim in (("rows", 0), ("columns", 1), ("whole", None)):
        case, module = run(lambda: nn.Linear(3, 2),
                           lambda m: utils.weight_norm(m, "weight", dim), x)
        utils.remove_weight_norm(module)
        cases[f"weight {name}"] = {**case, "removed": state(module)}
    for name, make, value, iterations in (
            ("linear", lambda: nn.Linear(3, 2), x, 1),
            ("linear3", lambda: nn.Linear(3, 2), x, 3),
            ("conv", lambda: nn.Conv2d(2, 3, 2), image, 1),
            ("transposed", lambda: nn.ConvTranspose2d(2, 3, 2), image, 1)):
        case, module = run(
            make, lambda m: utils.spectral_norm(
                m, n_power_iterations=iterations), value)
        utils.remove_spectral_norm(module)
        cases[f"spectral {name}"] = {**case, "removed": state(module)}
    return cases


def pruning():
    cases = {}
    x = torch.linspace(-1, 1, 12).reshape(2, 6)
    methods = {
        "l1": [lambda m: prune.l1_unstructured(m, "weight", 0.3)],
        "l1 twice": [lambda m: prune.l1_unstructured(m, "weight", 4),
                     lambda m: prune.l1_unstructured(m, "weight", 0.5)],
        "random": [lambda m: prune.random_unstructured(m, "weight", 0.4)],
        "bias": [lambda m: prune.l1_unstructured(m, "bias", 2)],
        "channels": [lambda m: prune.random_structured(m, "weight", 2, 0)],
        "ln": [lambda m: prune.ln_structured(m, "weight", 0.5, 2, 1)],
        "ln after l1": [lambda m: prune.l1_unstructured(m, "weight", 5),
                        lambda m: prune.ln_structured(m, "weight", 1, 1, -1)],
        "identity": [lambda m: prune.identity(m, "weight")],
    }
    for name, steps in methods.items():
        def change(m):
            for step in steps:
                step(m)
        case, module = run(lambda: nn.Linear(6, 4), change, x, steps=1)
        prune.remove(module, "bias" if name == "bias" else "weight")
        cases[name] = {**case, "removed": state(module)}
    torch.manual_seed(3)
    a, b = nn.Linear(3, 2), nn.Linear(2, 4)
    prune.l1_unstructured(a, "weight", 1)
    prune.global_unstructured(
        [(a, "weight"), (b, "weight")], prune.L1Unstructured, amount=0.4)
    return cases, [state(a), state(b)]


def main():
    cases, together = pruning()
    data = {"clipping": clipping(), "norms": norms(), "pruning": cases,
            "global": together}
    path = pathlib.Path(__file__).with_name("nn_utils.json")
    path.write_text(json.dumps(data, separators=(",", ":")) + "\n")
    print(path.stat().st_size, "bytes")


main()
