"""Writes reprs.json: what real PyTorch prints for several hundred tensors.

    python3 tests/goldens/make_repr_goldens.py

Made with torch 2.13.0 (CPU). Each case holds what rebuilds the tensor exactly
and the text that torch printed, with "torch." removed from its dtype:

    d  dtype, float32 where absent
    s  shape
    v  values in row-major order; "nan", "inf", "-inf", "-0" and integers
       beyond 2^53 are strings
    c  values that repeat until the tensor is full, in place of v
    a  [start, step]: element i is start + i * step computed in float64 and
       then rounded to the dtype, in place of v
    p  print options, on top of the profile "default"
    f  default dtype, float32 where absent
    r  1 if requires_grad
    g  name of grad_fn
    e  the expected text
"""

import json
import math
import pathlib
import random

import torch
import torch.nn.functional as F

INF = math.inf
NAN = math.nan
SCI = {"sciMode": "sci_mode"}
FLOATS = ["float32", "float64", "float16", "bfloat16"]
INTS = ["int64", "int32", "int16", "int8", "uint8"]

cases = []
seen = set()


def plain(value):
    """A value as JSON can hold it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if abs(value) <= 2**53 else str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == 0 and math.copysign(1, value) < 0:
        return "-0"
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def record(tensor, p=None, f=None, data=None):
    """Prints a tensor under the given options and stores the case."""
    options = p or {}
    torch.set_default_dtype(getattr(torch, f or "float32"))
    torch.set_printoptions(profile="default")
    torch.set_printoptions(**{SCI.get(k, k): v for k, v in options.items()})
    try:
        expected = repr(tensor)
    finally:
        torch.set_printoptions(profile="default")
        torch.set_default_dtype(torch.float32)
    case = {}
    dtype = str(tensor.dtype).removeprefix("torch.")
    if dtype != "float32":
        case["d"] = dtype
    case["s"] = list(tensor.shape)
    case.update(data or {"v": [plain(x) for x in tensor.reshape(-1).tolist()]})
    if options:
        # JSON has no infinity.
        case["p"] = {k: "inf" if v == INF else v for k, v in options.items()}
    if f:
        case["f"] = f
    if tensor.grad_fn is not None:
        case["g"] = tensor.grad_fn.name().rsplit("::", 1)[-1]
    elif tensor.requires_grad:
        case["r"] = 1
    case["e"] = expected.replace("dtype=torch.", "dtype=")
    key = json.dumps(case)
    if key not in seen:
        seen.add(key)
        cases.append(case)


def values(data, d="float32", shape=None, p=None, f=None, r=False):
    """A tensor of the given values."""
    tensor = torch.tensor(data, dtype=getattr(torch, d))
    if shape is not None:
        tensor = tensor.reshape(shape)
    record(tensor.requires_grad_(r), p, f)


def cycle(data, shape, d="float32", p=None, f=None, r=False):
    """A tensor filled with repeating values."""
    size = math.prod(shape)
    full = (data * (size // len(data) + 1))[:size]
    tensor = torch.tensor(full, dtype=getattr(torch, d)).reshape(shape)
    kept = torch.tensor(data, dtype=getattr(torch, d)).tolist()
    record(tensor.requires_grad_(r), p, f, {"c": [plain(x) for x in kept]})


def ramp(start, step, shape, d="float32", p=None, f=None, r=False):
    """A tensor of equidistant values."""
    full = [start + i * step for i in range(math.prod(shape))]
    if d in INTS:
        full = [int(x) for x in full]
    tensor = torch.tensor(full, dtype=getattr(torch, d)).reshape(shape)
    record(tensor.requires_grad_(r), p, f, {"a": [start, step]})


# The expressions whose printed form was collected before the printer existed.
nan, inf = NAN, INF
for expression in """
torch.tensor(1.)
torch.tensor(8.4)
torch.tensor(3)
torch.tensor(True)
torch.tensor([1.,2.])
torch.tensor([1.,2.5])
torch.tensor([1e-5,1.])
torch.tensor([1.,1000.])
torch.tensor([1.,1001.])
torch.tensor([1.5,1001.])
torch.tensor([1.5,1500.])
torch.tensor([1.5,1501.])
torch.tensor(1e8)
torch.tensor(2e8)
torch.tensor(123456789.)
torch.tensor(0.00009)
torch.tensor(0.0001)
torch.tensor(0.00015)
torch.tensor([0.,0.])
torch.tensor([0.,1.5])
torch.tensor([-1.,2.])
torch.tensor([nan,1.])
torch.tensor([inf,-inf,1.])
torch.tensor([inf,1.5])
torch.tensor([nan])
torch.tensor([-0.0])
torch.tensor([])
torch.zeros(2,0)
torch.zeros(0,3)
torch.tensor([True,False])
torch.tensor([1,-20,300])
torch.tensor([[1,2],[3,4]])
torch.ones(2,2,2)
torch.arange(24.).reshape(2,3,4)
torch.arange(30.)/7
torch.ones(2,dtype=torch.float64)
torch.ones(2,dtype=torch.int32)
torch.ones(2,dtype=torch.float16)
torch.ones(2,dtype=torch.uint8)
torch.ones(30,requires_grad=True)
torch.ones(12,requires_grad=True)+0.5
torch.tensor([204.8,2048.,0.2048])
torch.tensor([102.4,1024.,0.1024])
torch.tensor([3.0,4.0],requires_grad=True)*2
torch.tensor(1.,requires_grad=True).exp()
torch.tensor([1.23456789,-9.87654321e3])
torch.tensor([1e10,1.])
torch.tensor([1e-10])
torch.ones(2,requires_grad=True)
torch.tensor([1e38*10,1.])
torch.tensor([12345.678, 0.5])
torch.tensor([99999.5,100.25])
torch.tensor([0.99995])
torch.tensor([0.00005,0.04])
torch.tensor(3.14159)
torch.tensor([0.03125,1.5])
torch.tensor([0.09375,1.5])
torch.tensor([-0.03125,1.5])
torch.tensor([0.15625,1.5])
torch.tensor([3.14,-0.0])
torch.tensor([0.0,-0.0])
torch.tensor(-0.0)
torch.tensor([1e8,1.])
torch.tensor([[1.5,-2.25],[1e3,7.]])
torch.tensor([-4e-05,1.5])
""".strip().splitlines():
    record(eval(expression))
ramp(0, 1, [1001], "int64")
ramp(0, 1, [1001])
ramp(0, 1, [40, 50])

# Every dtype: 0-d, 1-d, 2-d, the extremes.
for d in FLOATS:
    info = torch.finfo(getattr(torch, d))
    for x in [0.0, 1.0, -2.5, 1e-3, 300.0]:
        values(x, d)
    values([0.5, -1.25, 100.0], d)
    values([[1.0, 2.0], [3.0, -4.0]], d)
    values([info.max, 1.0], d)
    values([info.max], d)
    values([info.tiny], d)
    values([info.eps, 1.0], d)
    values([info.smallest_normal / 4, 0.5], d)
    values([0.1, 0.2, 0.3], d, r=True)
    values([0.1, 1e4], d)
    values([NAN, INF, -INF, -0.0, 2.0], d)
    values([NAN, INF, -INF, -0.0, 2.5], d)
for d in INTS:
    info = torch.iinfo(getattr(torch, d))
    values(7, d)
    values([0, 1, 2], d)
    values([info.min, info.max, 0], d)
    values([[1, 20], [120, 4]], d)
values([-(2**63), 2**53 + 1, 2**63 - 1, -1], "int64")
values([[-1, 10], [100, -1000]], "int16")
values(False, "bool")
values([True], "bool")
values([[True, False], [False, True]], "bool")
values([False, False], "bool")
cycle([True, False, False], [25], "bool")

# Empty tensors.
for shape in [[0], [0, 0], [0, 3], [3, 0], [1, 0, 2], [2, 3, 0], [0, 1, 1, 1]]:
    values([], shape=shape)
    values([], "int64", shape)
for d in FLOATS[1:] + INTS[1:] + ["bool"]:
    values([], d)
    values([], d, [2, 0])
values([], "float64", f="float64")
values([], "float32", f="float64")
values([], r=True)
values([], "float64", [0, 2], r=True)
values([], shape=[0], p={"edgeitems": 0})
values([], "float16", [1, 2, 0, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], r=True)

# Zeros, infinities and NaNs in every combination, with and without fractions.
special = [NAN, INF, -INF, -0.0, 0.0]
for mask in range(1, 32):
    chosen = [x for bit, x in enumerate(special) if mask >> bit & 1]
    values(chosen)
    values(chosen + [3.0])
    values(chosen + [-0.5])
for chosen in [[NAN, 1e-6], [INF, 1e9], [-INF, 1e9, 1.5], [NAN, -1e-7], [-0.0, 1e-9]]:
    values(chosen)
for x in special:
    values(x)
    values([x] * 30)

# When scientific notation starts, and how wide it is.
for data in [
    [1e8, 1e8 + 8], [1e8 + 8], [99999999.0, 1e5], [1e-4], [9.9999e-5], [1e-4, 0.1],
    [1e-4, 0.10001], [0.001, 1.0], [0.001, 1.001], [2.0, 2000.0], [2.0, 2002.0],
    [-1.0, -1001.0], [-1e-5], [1e20, 1e21], [1.0, 1e21], [1e-45], [3e38, 1e-38],
    [123456.0, 123457.0], [1234567.5, 1234568.5], [0.0, 1e-5], [0.0, 0.0, 1e9],
    [1e5, 99.0], [1e5, 101.0], [5.0, 4999.5], [5.0, 5000.5], [9.9995, 1e5],
    [99995.0, 1.0], [0.99999, 1e-4], [1e-12, -1e-12], [16777216.0, 16777217.5],
]:
    values(data)
for data in [
    [1e300, 1.0], [1e300], [1e-300], [1e100, 1e101], [1e22, 1e21], [1.5, 1e15],
    [5e-324], [1.7976931348623157e308], [1e99, 1e-99], [123456789012.0, 1.0],
    [1e21], [1e22, 3e22], [-1e25, 1.0],
]:
    values(data, "float64")
    values(data, "float64", p={"sciMode": False, "precision": 3})
    values(data, "float64", p={"sciMode": True})
values([1e21, 1.2e21, -123456789e14], "float64", p={"sciMode": False})
values([1e21, 0.5], "float64", p={"sciMode": False})

# Ties: the exact binary value lies midway between two decimals.
ties = [k / 32 for k in range(1, 16, 2)] + [k / 32 for k in range(33, 44, 2)]
values(ties)
values([-x for x in ties])
values([x + 1000 for x in ties])
for precision in range(0, 8):
    unit = 2.0 ** -(precision + 1)
    values([k * unit for k in (1, 3, 5, 7, 9, -1, -3, 63)], "float64",
           p={"precision": precision, "sciMode": False})
    values([2.0**-20 * k for k in (1, 3, 5)] + [0.5], "float64",
           p={"precision": precision})
values([0.5, 1.5, 2.5, 3.5, -0.5, -2.5], p={"precision": 0})
values([100005.0, 100015.0, 100025.0, 1.0], "float64")
values([1000050.0, 1000150.0, 10000500.0, 0.5], "float64")
values([1.00005, 1.00015, 1.00025, 1e9], "float64")
values([1.5, 2.5, 3.5, 1e6], p={"precision": 0})
values([25.0, 35.0, 45.0, 1e6], p={"precision": 0})
values([9.5, 99.5, 1e6, 0.095], p={"precision": 0})
values([1.0000499999999999, 1.00005, 1.0000500000000001], "float64")
values([0.00005, 0.00015, 0.00025], "float64")
values([99999.99995, 99999.99994], "float64")
values([0.99995, 0.99994999], "float64")
values([2.0**53 + 2, 2.0**60, 2.0**70], "float64", p={"sciMode": True})
values([2**60 + 2**8, 1.0], "float64", p={"sciMode": True, "precision": 10})
values([-0.00001, 0.00001, 1.5], p={"sciMode": False})
values([-0.00001, -0.4, 0.4], p={"sciMode": False, "precision": 0})

# Lines.
for n in [1, 5, 9, 10, 17, 18, 19, 24, 25, 26, 40]:
    ramp(0, 1, [n])
    ramp(0.25, 0.5, [n])
for n in [22, 23, 24, 25, 50]:
    ramp(0, 1, [n], "int64")
    cycle([0.0], [n])
ramp(-1000, 77, [60], "int32")
ramp(1e-3, 0.37, [30], "float64")
ramp(-3, 0.125, [2, 20])
ramp(-3, 0.125, [2, 2, 12])
ramp(0, 100, [3, 1, 17])
ramp(0, 1, [2, 1, 2, 3])
ramp(0, 1, [1, 2, 1, 2, 2], "int64")
ramp(0, 0.5, [2, 1, 1, 1, 1, 2])
ramp(0, 1, [1, 1, 1, 1, 1, 1, 1, 1])
for linewidth in [1, 8, 20, 40, 41, 60, 100, 120, 200]:
    ramp(-2, 0.3, [24], p={"linewidth": linewidth})
    ramp(0, 3, [2, 15], "int64", p={"linewidth": linewidth})
    values([1.5, 2.5, 3.5], "float64", p={"linewidth": linewidth}, r=True)

# Summaries, around the threshold and around twice edgeitems.
for n in [999, 1000, 1001, 2000]:
    if n > 1000:
        ramp(0, 1, [n])
        ramp(0, 0.001, [n])
        ramp(-n, 2, [n], "int32")
    cycle([1.5, -2.0, 1e5], [n], p={"threshold": n - 1})
for shape in [
    [6, 200], [7, 200], [200, 6], [200, 7], [1, 1001], [1001, 1], [2, 501], [40, 26],
    [11, 10, 10], [3, 20, 20], [20, 3, 20], [20, 20, 3], [1, 1, 1001], [2, 3, 200],
    [7, 7, 7, 7], [2, 2, 20, 20], [501, 2], [7, 1, 150], [1, 7, 150],
]:
    ramp(0, 1, shape, "int64")
    ramp(-5, 0.01, shape)
for n in [1, 2, 3, 4, 5, 6, 7, 8, 9]:
    ramp(0, 1, [n], p={"threshold": 0})
    ramp(0.5, 1, [n], p={"threshold": 2, "edgeitems": 2})
    ramp(0, 1, [n, n], "int64", p={"threshold": 5, "edgeitems": 1})
ramp(0, 1, [30], "int64", p={"threshold": 5})
ramp(0, 1, [3, 30], "int64", p={"threshold": 5})
ramp(0, 1, [30, 3], "int64", p={"threshold": 5})
ramp(0, 1, [5, 5, 5], p={"threshold": 5, "edgeitems": 2})
ramp(0, 1, [5, 5, 5], p={"threshold": 5, "edgeitems": 1}, r=True)
cycle([1.0, 2.0, 3.0, 4e9, 5.0, 6.0, 7.0, 8.0], [8], p={"threshold": 5})
cycle([True, False], [1500], "bool")
cycle([NAN, INF, 1.5], [1500])
for edgeitems in [0, 1, 2, 3, 5, 10]:
    ramp(0, 1, [1100], p={"edgeitems": edgeitems})
    ramp(0, 0.1, [40, 30], p={"edgeitems": edgeitems})
    ramp(0, 1, [3], "int64", p={"edgeitems": edgeitems})
ramp(0, 1, [11, 11, 11], "int32", p={"edgeitems": 0})
values(1.5, p={"edgeitems": 0})
values(4, "int8", p={"edgeitems": 0}, r=False)

# Precision, notation, profiles.
mixed = [3.14159265358979, -2.71828182845905, 0.000123456789, 42.0]
for precision in range(0, 11):
    values(mixed[:2] + [42.0], p={"precision": precision})
    values(mixed, "float64", p={"precision": precision})
    values([1.0, 2.0], p={"precision": precision})
    values(mixed[0], "float64", p={"precision": precision, "sciMode": True})
for sci in [True, False]:
    for data in [[0.0], [1.0, 2.0], [1.5, 2.0], [1e-6, 1.5], [1e9, 1.0], [NAN, 1.0], [INF], mixed]:
        values(data, p={"sciMode": sci})
    values([1, 2], "int64", p={"sciMode": sci})
    ramp(0, 100, [40, 30], p={"sciMode": sci})
for profile in ["default", "short", "full"]:
    values(mixed, p={"profile": profile})
    ramp(0, 0.5, [1200], "float64", p={"profile": profile}) if profile != "full" else None
    ramp(0, 1, [40, 30], "int64", p={"profile": profile}) if profile != "full" else None
    values([1.0, 2.25], p={"profile": profile, "precision": 3})
cycle([7], [1100], "uint8", p={"profile": "full"})
values([1.25, 2.0], p={"profile": "short", "edgeitems": 1, "threshold": 1})
ramp(0, 1, [1100], "int64", p={"threshold": INF, "linewidth": 200})

# Another default dtype.
for f in ["float64", "float16", "bfloat16"]:
    values([1.5, 2.0], "float64", f=f)
    values([1.5, 2.0], "float32", f=f)
    values([1.5, 2.0], "float16", f=f, r=True)
    values([1, 2], "int64", f=f)
    values([True], "bool", f=f)
    values(2.5, "bfloat16", f=f)

# Suffixes that do and do not fit.
for n in range(1, 19):
    ramp(1, 1, [n], r=True)
    ramp(1, 1, [n], "float64", r=True)
for n in [4, 5, 6, 7, 8, 9, 10]:
    ramp(0.5, 1, [2, n], "float64", r=True)
    x = torch.ones(n, requires_grad=True)
    record(x * 1.5)
    record(x.double() / 3)
for n in [14, 15, 16, 17, 18, 19]:
    cycle([5], [n], "int16")


def leaf(*shape):
    size = math.prod(shape)
    data = torch.arange(1.0, size + 1).reshape(shape) / 4
    return data.requires_grad_()


target = torch.tensor([0, 1])
for result in [
    leaf(3) + 1, leaf(3) - 1, leaf(3) * leaf(3), leaf(3) / 2, leaf(3) ** 2, -leaf(3),
    leaf(3).sum(), leaf(2, 3).sum(0), leaf(3).mean(), leaf(2, 3).mean(1), leaf(3).norm(),
    leaf(2, 3).max(1)[0], leaf(3).max(), leaf(2, 3).t(), leaf(2, 3).transpose(0, 1),
    leaf(2, 3).view(3, 2), leaf(2, 3).reshape(-1), leaf(2, 3)[0], leaf(2, 3)[:, 1:],
    leaf(2, 3) @ leaf(3, 2), leaf(2, 3) @ leaf(3), leaf(3) @ leaf(3), leaf(3).unsqueeze(0),
    leaf(3).expand(2, 3), torch.cat([leaf(2), leaf(3)]), torch.stack([leaf(2), leaf(2)]),
    leaf(3).clone(), leaf(3).exp(), leaf(3).log(), leaf(3).sqrt(), leaf(3).relu(),
    leaf(2, 3).softmax(1), leaf(2, 3).log_softmax(1), leaf(3).double(), leaf(3).half(),
    leaf(3).bfloat16(), F.mse_loss(leaf(3), torch.zeros(3)), F.nll_loss(leaf(2, 3), target),
    F.cross_entropy(leaf(2, 3), target), F.layer_norm(leaf(2, 4), [4]),
    F.binary_cross_entropy_with_logits(leaf(3), torch.ones(3)), F.gelu(leaf(3)),
    F.linear(leaf(2, 3), leaf(4, 3), leaf(4)), F.leaky_relu(leaf(8)), F.hardswish(leaf(9)),
    leaf(2, 5).index_select(1, target), leaf(2, 3)[target], leaf(5).masked_fill(torch.ones(5) > 0, 2.0),
    leaf(5).cumsum(0), leaf(5).sort()[0], leaf(5).topk(2)[0], leaf(12).clamp(1, 2), leaf(13).atan2(leaf(13)),
    torch.where(leaf(3) > 0.3, leaf(3), 0.0), leaf(14).sigmoid(), leaf(15).tanh(), leaf(40) * 1,
    leaf(1200) * 1, leaf(40, 30) * 1,
]:
    big = result.numel() > 100
    record(result, data={"a": [0.25, 0.25]} if big else None)
for n in range(5, 10):
    record(F.binary_cross_entropy_with_logits(leaf(n), torch.ones(n), reduction="none"))
    record(F.layer_norm(leaf(2, n).double(), [n]))

# Random magnitudes.
rng = random.Random(2024)
for round_ in range(60):
    d = FLOATS[round_ % 4] if round_ % 3 == 0 else "float32"
    n = rng.randrange(1, 12)
    spread = rng.choice([0.5, 1, 2, 4])
    centre = rng.uniform(-4, 4)
    data = [
        rng.choice([-1, 1]) * rng.uniform(1, 10) * 10 ** rng.uniform(centre - spread, centre + spread)
        for _ in range(n)
    ]
    if round_ % 5 == 0:
        data = [round(x) for x in data]
    if round_ % 7 == 0:
        data[0] = rng.choice(special)
    options = {} if round_ % 4 else {"precision": rng.randrange(0, 9)}
    values([float(x) for x in data], d, [n, 1] if round_ % 11 == 0 else None, options, r=round_ % 6 == 0)

path = pathlib.Path(__file__).with_name("reprs.json")
lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
path.write_text(f'{{"torch":"{torch.__version__}","cases":[\n{lines}\n]}}\n')
print(len(cases), "cases,", path.stat().st_size, "bytes")
