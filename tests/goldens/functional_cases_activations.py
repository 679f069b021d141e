"""Cases of activations for make_functional_goldens.py."""

from make_functional_goldens import (FUNCTIONAL as F, INF, NAN, case, error,
                                     f32, f64, ints, rnd)

POINTS = [-200.0, -4.0, -3.0, -2.5, -1.0, -0.5, -0.25, 0.0, 0.1, 0.5, 1.0, 2.0,
          3.0, 5.5, 6.0, 30.0]
CALLS = {
    "silu": [{}], "mish": [{}], "gelu": [{}, {"approximate": "tanh"}],
    "softplus": [{}, {"beta": 2.5}, {"beta": -1.5, "threshold": 1}],
    "logsigmoid": [{}], "elu": [{}, {"alpha": 1.5}, {"alpha": -0.5}],
    "celu": [{}, {"alpha": 2}, {"alpha": 0.5}], "selu": [{}],
    "leakyRelu": [{}, {"negativeSlope": 0.3}, {"negativeSlope": -2}],
    "hardtanh": [{}, {"minVal": -2, "maxVal": 0.5}], "relu6": [{}],
    "softshrink": [{}, {"lambd": 0}, {"lambd": 1}],
    "hardshrink": [{}, {"lambd": 1}], "hardsigmoid": [{}], "hardswish": [{}],
    "softsign": [{}], "tanhshrink": [{}],
}
for name, calls in CALLS.items():
    for options in calls:
        case(name, f32(POINTS), **options)
        case(name, f64(POINTS), **options)
        case(name, rnd([2, 3]).via(("transpose", 0, 1)), **options)
    case(name, rnd([3, 0]))
    case(name, f32([NAN]))
    if name != "gelu":
        case(name, f32([INF, -INF]), **calls[-1])
    for dtype in ("float16", "bfloat16"):
        case(name, rnd([4], dtype=dtype).const())
    if name in ("hardtanh", "relu6"):
        case(name, ints([5], -9, 9))
    elif name not in ("softsign", "tanhshrink"):
        error(name, ints([3]))
for points in (f32(POINTS), f64(POINTS), f32([NAN, INF, -INF])):
    case("threshold", points, 0.5, 9)
    case("threshold", points, -1, -2.5)
case("threshold", ints([5], -9, 9), 2, 7)
case("prelu", rnd([2, 3, 2]), rnd([3], seed=2))
case("prelu", rnd([2, 3, 2]), rnd([1], seed=2))
case("prelu", rnd([2, 3, 2]), rnd([], seed=2))
case("prelu", rnd([3]), rnd([1], seed=2))
case("prelu", rnd([]), rnd([1], seed=2))
case("prelu", f32([[-1, 0, 2, NAN]]), f32([0.5, -1, 2, 3]))
for dim in (0, -1, 1):
    case("glu", rnd([4, 2, 6]), dim)
    case("softmin", rnd([2, 3]), dim)
case("glu", rnd([4]))
error("glu", rnd([3]).const())
error("glu", rnd([]).const())
error("prelu", rnd([2, 3]).const(), rnd([2]).const())
error("prelu", rnd([2, 3]).const(), rnd([3], dtype="float64").const())
error("prelu", rnd([2, 3]).const(), rnd([1, 3]).const())
error("softshrink", rnd([2]).const(), lambd=-1)
error("gelu", rnd([2]).const(), approximate="foo")
