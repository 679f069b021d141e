"""Writes parametrize.json: what torch.nn.utils.parametrizations makes of layers.

Run: python3 tests/goldens/make_parametrize_goldens.py
Each case is built after manual_seed(0). Options are PyTorch's, which the test
writes in camelCase.
"""
import json
import os

import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize

CASES = []


def packed(x):
    values = x.detach().double().flatten().tolist()
    return {"shape": list(x.shape), "values": [float(f"{v:.9g}") for v in values]}


def state_of(layer):
    return {k: packed(v) for k, v in layer.state_dict().items()}


def case(kind, layer, args, size, evaluation=False, **options):
    torch.manual_seed(0)
    module = getattr(nn, layer)(*args)
    getattr(parametrizations, kind)(module, **options)
    record = {"kind": kind, "layer": layer, "args": args, "options": options,
              "repr": repr(module), "state": state_of(module)}
    if evaluation:
        module.eval()
        record["evaluation"] = True
    torch.manual_seed(1)
    # What is trained begins at a place where maps are simple: move on.
    with torch.no_grad():
        for p in module.parametrizations.parameters():
            p.add_(torch.randn_like(p), alpha=0.1)
    x = torch.randn(size)
    record["input"] = packed(x)
    y = module(x)
    record["output"] = packed(y)
    y.backward(torch.arange(y.numel(), dtype=torch.float32).cos().reshape(y.shape))
    record["gradients"] = {k: packed(p.grad) for k, p in module.named_parameters()}
    module.weight = torch.randn_like(module.weight)
    record["assigned"] = packed(module.weight)
    parametrize.remove_parametrizations(module, "weight")
    record["reprAfter"] = repr(module)
    record["stateAfter"] = state_of(module)
    CASES.append(record)


def main():
    for kind in ["weight_norm", "spectral_norm", "orthogonal"]:
        case(kind, "Linear", [4, 3], (2, 4))
        case(kind, "Linear", [3, 3], (2, 3))
        case(kind, "Linear", [3, 5], (2, 3), evaluation=True)
    for kind in ["weight_norm", "spectral_norm"]:
        case(kind, "Conv2d", [2, 3, 2], (1, 2, 4, 4))
        case(kind, "ConvTranspose1d", [2, 3, 2], (1, 2, 4))
    case("weight_norm", "Linear", [4, 3], (2, 4), dim=1)
    case("weight_norm", "Linear", [4, 3], (2, 4), dim=None)
    case("weight_norm", "Conv2d", [2, 3, 2], (1, 2, 4, 4), dim=-2)
    case("spectral_norm", "Linear", [4, 3], (2, 4), n_power_iterations=3, dim=-1,
         eps=1e-6)
    for name in ["matrix_exp", "cayley", "householder"]:
        case("orthogonal", "Linear", [4, 3], (2, 4), orthogonal_map=name)
        case("orthogonal", "Linear", [3, 3], (2, 3), orthogonal_map=name)
    path = os.path.join(os.path.dirname(__file__), "parametrize.json")
    with open(path, "w") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
        file.write("\n]\n")
    print(len(CASES), "cases")


main()
