"""Writes init.json: what torch.nn.init gives after manual_seed(0).

Run: python3 tests/goldens/make_init_goldens.py
"""
import json
import os
import warnings

import torch
from torch.nn import init

warnings.simplefilter("ignore")
CASES = []


def case(name, shape, *args, dtype="float32", **options):
    torch.manual_seed(0)
    x = torch.empty(shape, dtype=getattr(torch, dtype)).fill_(7)
    out = getattr(init, name)(x, *args, **options)
    assert out is x
    # The draw afterwards tells how much of the stream was used.
    CASES.append({
        "name": name, "shape": list(shape), "args": list(args),
        "options": options, "dtype": dtype,
        "values": [float(f"{v:.9g}") for v in x.double().flatten().tolist()],
        "next": torch.rand(1, dtype=torch.float64).item(),
    })


for shape in [(3, 4), (5,), (2, 3, 2, 2)]:
    case("uniform_", shape)
    case("uniform_", shape, a=-2.0, b=3.0)
    case("normal_", shape)
    case("normal_", shape, mean=1.0, std=0.5)
    case("constant_", shape, 0.25)
    case("ones_", shape)
    case("zeros_", shape)
    case("trunc_normal_", shape)
    case("trunc_normal_", shape, mean=0.5, std=0.2, a=0.4, b=0.7)
    case("trunc_normal_", shape, mean=0.0, std=1.0, a=1.5, b=3.0)
    case("trunc_normal_", shape, dtype="float64")
for shape in [(3, 4), (4, 3), (2, 3, 2, 2), (5, 5)]:
    case("xavier_uniform_", shape)
    case("xavier_uniform_", shape, gain=2.0)
    case("xavier_normal_", shape)
    case("kaiming_uniform_", shape)
    case("kaiming_uniform_", shape, a=0.5, mode="fan_out")
    case("kaiming_uniform_", shape, nonlinearity="relu")
    case("kaiming_normal_", shape)
    case("kaiming_normal_", shape, mode="fan_out", nonlinearity="tanh")
    case("orthogonal_", shape)
    case("orthogonal_", shape, gain=3.0, dtype="float64")
for shape in [(3, 4), (6, 2)]:
    case("eye_", shape)
    case("sparse_", shape, 0.5)
    case("sparse_", shape, 0.1, std=1.0)
case("dirac_", (3, 2, 3))
case("dirac_", (4, 2, 3, 3), groups=2)
case("dirac_", (2, 2, 3, 3, 2))

GAINS = {f"{n}:{p}": init.calculate_gain(n, p)
         for n in ["linear", "conv2d", "conv_transpose3d", "sigmoid", "tanh",
                   "relu", "leaky_relu", "selu"]
         for p in [None, 0.5]}

path = os.path.join(os.path.dirname(__file__), "init.json")
with open(path, "w") as file:
    json.dump({"cases": CASES, "gains": GAINS}, file, separators=(",", ":"))
print(len(CASES), "cases")
