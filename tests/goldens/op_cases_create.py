"""Creation and casts. Numbers make float32 on our side and int64 in Python, so
creation names its dtype."""

import torch

from op_cases_base import (DTYPES, INF, NAN, bf16, bl, case, f16, f32, f64,
                           i32, i64, ints, rnd, u8)

A = rnd([2, 3], seed=51)
TURNED = rnd([2, 3], seed=52).via(("transpose", 0, 1))
N = ints([2, 3], seed=53)
NUMERIC = ("float32", "float64", "int64", "int32", "int16", "int8", "uint8")

for op in ("zeros", "ones"):
    for dtype in DTYPES:
        case(op, [2, 2], dtype=dtype)
    case(op, 3, dtype="float32")
    case(op, [], dtype="float64")
    case(op, [0, 3], dtype="int64")
case("empty", [2, 3], dtype="float32", call=lambda n, **k: torch.zeros(n, **k))
for dtype in NUMERIC:
    case("full", [2, 2], 3, dtype=dtype)
    case("eye", 2, dtype=dtype)
    case("arange", 4, dtype=dtype)
    case("arange", 1, 8, 3, dtype=dtype)
    case("linspace", 0, 10, 5, dtype=dtype)
    case("logspace", 0, 3, 4, dtype=dtype, maybe=True) if dtype not in (
        "int8", "uint8") else None
case("full", 3, 2.5, dtype="float32",
     call=lambda n, v, **k: torch.full((n,), v, **k))
case("full", [], -INF, dtype="float64")
case("full", [2], True, dtype="bool")
case("full", [2], 0.1, dtype="float32")
case("eye", 3, dtype="bool")
case("eye", 2, 3, dtype="float32")
case("eye", 3, 2, dtype="float64")
case("eye", 0, dtype="float32")
case("arange", 1, 5, dtype="float32")
case("arange", 5, 1, -2, dtype="float32")
case("arange", 0, 1, 0.25, dtype="float64")
case("arange", 0, 1, 0.3, dtype="float32")
case("arange", 0.5, 4.5, dtype="float32")
case("arange", 0, dtype="float32")
case("arange", 5, -1, -1, dtype="int32")
for dtype in ("float32", "float64"):
    case("linspace", -1, 1, 7, dtype=dtype)
    case("linspace", 0.1, 0.7, 11, dtype=dtype)
    case("linspace", -3.141592653589793, 3.141592653589793, 13, dtype=dtype)
    case("linspace", 2, 5, 1, dtype=dtype)
    case("linspace", 2, 5, 0, dtype=dtype)
    case("linspace", 5, -5, 4, dtype=dtype)
    case("logspace", -1, 1, 5, dtype=dtype)
    case("logspace", 0, 4, 5, base=2, dtype=dtype)
    case("logspace", 1, 3, 1, dtype=dtype)
for op in ("zerosLike", "onesLike", "emptyLike"):
    for x in (A, N, TURNED, rnd([]), rnd([0, 2]), u8([1, 2])):
        case(op, x)
    case(op, A, dtype="int64")
    case(op, N, dtype="float32")
case("fullLike", A, 2.5)
case("fullLike", N, 3)
case("fullLike", N, 2.5, dtype="float64")
case("fullLike", TURNED, -1)

for dtype in DTYPES:
    case("tensor", [[0, 1, 2], [3, 0, 5]], dtype=dtype)
case("tensor", [0.5, -1.25], dtype="float32")
case("tensor", [0.1, 1.7, -1.7], dtype="int64")
case("tensor", [True, False], dtype="bool")
case("tensor", [True, False], dtype="float32")
case("tensor", 7, dtype="int32")
case("tensor", [], dtype="float32")
case("tensor", [[], []], dtype="float64")
case("tensor", [1, NAN, INF], dtype="float32")
case("asTensor", [[1, 2], [3, 4]], dtype="float64",
     call=lambda v, dtype: torch.as_tensor(v, dtype=dtype))
case("asTensor", N, dtype="float32")
case("asTensor", A, dtype="float64")

for indexing in ("ij", "xy"):
    case("meshgrid", [rnd([2]), rnd([3], seed=2)], indexing=indexing)
    case("meshgrid", [i64([1, 2]), i64([3, 4, 5])], indexing=indexing)
    case("meshgrid", [rnd([2]), rnd([3], seed=2), rnd([2], seed=3)],
         indexing=indexing)
case("meshgrid", [rnd([2]), rnd([], seed=2)], indexing="ij")
case("meshgrid", [rnd([2], dtype="float64")], indexing="ij")
case("cartesianProd", [rnd([2]), rnd([3], seed=2)])
case("cartesianProd", [rnd([2], dtype="float64")])
case("cartesianProd", [i64([1, 2]), i64([3]), i64([4, 5])])
case("combinations", rnd([4]))
case("combinations", i64([1, 2, 3]), r=2, withReplacement=True)
case("combinations", i64([1, 2, 3, 4]), r=3)
case("combinations", rnd([3], dtype="float64"), r=1)
case("combinations", rnd([3]), r=2, withReplacement=True)
case("vander", rnd([3]))
case("vander", rnd([3], dtype="float64"), N=4)
case("vander", rnd([3], dtype="float64"), N=2, increasing=True)
case("vander", i64([1, 2, 3]))
case("vander", i64([1, 2, 3]), N=4, increasing=True)
case("oneHot", i64([0, 2, 1]))
case("oneHot", i64([0, 2, 1]), numClasses=4)
case("oneHot", i64([[0, 1], [2, 0]]), numClasses=3)
case("oneHot", i64(1), numClasses=2)
case("oneHot", i64([]), numClasses=2)

SOURCES = (f32([1.5, -2.7, 0.0, 100.25]), f64([0.1, 1e300, -1e-300, 3.0]),
           i64([0, 1, -1, 300]), i32([5, -5]), u8([0, 255]),
           bl([True, False]), f16([0.1, 65504.0, 1e-7]).const(),
           bf16([0.1, 3.0]).const())
# What is out of range for an integer type is undefined in C and so in PyTorch.
UNSAFE = {("float64", "int64"), ("float64", "int32"), ("float64", "int16"),
          ("float64", "int8"), ("float64", "uint8"), ("float32", "uint8"),
          ("float16", "int16"), ("float16", "int8"), ("float16", "uint8")}
for x in SOURCES:
    for dtype in DTYPES:
        if (x.dtype, dtype) not in UNSAFE:
            case("to", x, dtype, grad=dtype not in ("float16", "bfloat16"))
    case("type", x, "float64")
    case("type", x, "bool")
    for op in ("float", "double", "bool"):
        case(op, x)
    if x.dtype != "float64":
        for op in ("int", "long"):
            case(op, x)
        case("half", x, grad=False)
case("to", TURNED, "float64")
case("to", N.via(("transpose", 0, 1)), "float32")
case("to", f32([NAN, INF, -INF, -0.0]), "float64", grad=False)
case("to", f64([NAN, INF, -INF, -0.0, 1e39, 0.1]), "float32", grad=False)
case("to", f32([NAN, INF, -0.0]), "bool")
case("to", f32([0.33325195, 2049.0, 2051.0, 65519.0, 65520.0, 6e-8, 3e-8]),
     "float16", grad=False)
case("to", f32([1.00390625, 1.01171875, 3.3895314e38, NAN]), "bfloat16",
     grad=False)
case("to", f64([1.9, -1.9, 100.5]), "int8")
case("to", i64([300, -1, 128]), "int8")
case("to", i64([300, -1, 65536]), "uint8")
case("to", i64([2**31, -(2**33) + 5]), "int32")
case("to", rnd([]), "int64")
case("to", rnd([0, 2]), "int32")
