"""Pointwise ops: one operand, several operands, comparison."""

from op_cases_base import (INF, NAN, T, bf16, bl, case, f16, f32, f64, i8, i16,
                           i32, i64, ints, rnd, u8)

SPECIALS = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 2.0, -2.0, 100.0,
            -100.0, 1e-5, -1e-5, 1.5]

# Where the op is differentiable and well conditioned in float32.
DOMAIN = {
    "abs": (-2, 2), "acos": (-0.9, 0.9), "acosh": (1.2, 4), "asin": (-0.9, 0.9),
    "asinh": (-3, 3), "atan": (-3, 3), "atanh": (-0.8, 0.8), "ceil": (-3, 3),
    "cos": (-3, 3), "cosh": (-2, 2), "deg2rad": (-180, 180),
    "digamma": (1.8, 5), "erf": (-2, 2), "erfc": (-1.5, 1.5),
    "erfinv": (-0.8, 0.8), "exp": (-2, 2), "exp2": (-2, 2), "expm1": (-2, 2),
    "floor": (-3, 3), "frac": (-3, 3), "lgamma": (2.2, 5), "log": (0.2, 4),
    "log10": (0.2, 4), "log1p": (-0.5, 3), "log2": (0.2, 4), "neg": (-2, 2),
    "positive": (-2, 2), "rad2deg": (-3, 3), "reciprocal": (0.4, 3),
    "relu": (-2, 2), "round": (-3, 3), "rsqrt": (0.3, 4), "sigmoid": (-3, 3),
    "sign": (-2, 2), "sin": (-3, 3), "sinc": (-2, 2), "sinh": (-2, 2),
    "sqrt": (0.2, 4), "square": (-2, 2), "tan": (-1.2, 1.2), "tanh": (-2, 2),
    "trunc": (-3, 3), "isfinite": (-2, 2), "isinf": (-2, 2), "isnan": (-2, 2),
    "isneginf": (-2, 2), "isposinf": (-2, 2), "logicalNot": (-2, 2),
    "signbit": (-2, 2), "logit": (0.1, 0.9), "nanToNum": (-2, 2),
}
# Where PyTorch's own special values are an accident of its vector code.
NO_SPECIALS = {"digamma", "lgamma", "tan", "sinc", "sin", "cos"}

for op, (lo, hi) in DOMAIN.items():
    case(op, rnd([2, 3], lo, hi))
    case(op, rnd([5], lo, hi, 2, "float64"))
    case(op, rnd([2, 3], lo, hi, 3).via(("transpose", 0, 1)))
    case(op, rnd([], lo, hi, 4))
    case(op, rnd([0, 3], lo, hi))
    case(op, rnd([4], lo, hi, 5).via(("slice", 0, 0, 4, 2)))
    case(op, rnd([3, 1], lo, hi, 6, "float64").via(("expand", [3, 2])))
    case(op, rnd([3], lo, hi, 7, "float16"), grad=False, maybe=True)
    if op not in NO_SPECIALS:
        case(op, f32(SPECIALS), grad=False, zero=True)
        case(op, f64(SPECIALS), grad=False, zero=True)
    case(op, i64([1, 2, 3]), maybe=True)
    case(op, i32([[1, 2], [0, -1]]) if op not in ("digamma", "lgamma")
         else i32([3, 2]), maybe=True)
    case(op, u8([1, 2]), maybe=True)
    case(op, bl([True, False]) if op not in ("digamma", "lgamma")
         else bl([True, True]), maybe=True)

for op in ("sin", "cos"):
    case(op, f32([NAN, INF, 0.0, -0.0, 1.0, -2.0]), grad=False, zero=True)
for op in ("abs", "relu", "sign", "round", "floor", "frac", "square", "sinc",
           "neg", "positive", "nanToNum"):
    case(op, f64([0.0, -0.0, 1.0, -1.0, 2.5]))
case("sinc", f32([0.0, 1.0, -1.0, 0.5, 2.0]))
case("sqrt", f64([0.0, 1.0, 4.0]))
case("log", f64([0.0, 1.0]))
case("rsqrt", f64([0.0, 4.0]))
case("digamma", f64([-0.5, -1.3, 0.0, 1.0, 12.5, 0.25]), grad=False)
case("digamma", f32([-0.5, 0.3, 10.5]), grad=False)
case("lgamma", f64([-0.5, -1.3, 0.0, 1.0, 2.0, 12.5, 0.25, 170.5, INF]),
     grad=False)
case("erfinv", f64([0.0, 1.0, -1.0, 0.99999, -0.5, 1.5, NAN]), grad=False)
case("erf", f64([-6.0, -1.0, -1e-9, 0.3, 3.0, INF, NAN]), grad=False)
case("erfc", f64([-6.0, -1.0, 0.3, 3.0, 8.0, INF, NAN]), grad=False)
case("exp", f64([-745.0, 709.0, 710.0, -1e-300]), grad=False)
case("expm1", f64([1e-12, -1e-12, 1e-5, 40.0]))
case("log1p", f64([1e-12, -1e-12, 1e-5, 40.0]))
case("tan", f64([0.0, 1.5, -1.5, 3.0]), zero=True)
case("tanh", f64([20.0, -20.0, 1e-9]))
case("sigmoid", f64([40.0, -40.0, 0.0]))

for decimals in (0, 1, 2, -1):
    case("round", f64([12.345, -6.789, 0.25, 15.0]), decimals=decimals)
    case("round", f32([12.341, -6.789, 0.5, 1.5, 2.5]), decimals=decimals)
case("round", f32([0.5, 1.5, 2.5, -0.5, -1.5, -2.5]))
case("round", i64([1, 25, -13]))
case("logit", f32([0.0, 0.25, 0.75, 1.0]), eps=0.125)
case("logit", f64([0.2, 0.7, 1.2, -0.3]), eps=0.25)
case("nanToNum", f32([NAN, INF, -INF, 1.5]))
case("nanToNum", f64([NAN, INF, -INF, 1.5]), nan=0.5, posinf=10, neginf=-10)
case("nanToNum", f32([NAN, INF, -INF, 1.5]), posinf=7.5)
case("nanToNum", i64([1, 2]))

for x in (rnd([2, 3]), rnd([4], dtype="float64"), f32([NAN, -INF, INF, 0.25])):
    case("clamp", x, min=-0.5)
    case("clamp", x, max=0.75)
    case("clamp", x, min=-0.5, max=0.75)
    case("clampMax", x, 0.5)
    case("clampMin", x, -0.5)
case("clamp", f64([-1.0, 0.0, 1.0, 2.0]), min=0, max=1)
case("clamp", f64([0.1, 2.0]), min=3, max=1)
case("clamp", rnd([2, 3]), min=rnd([3], -1, 0, 2), max=rnd([2, 1], 0, 1, 3))
case("clamp", rnd([2, 3]), min=rnd([2, 3], -1, 1, 2))
case("clamp", i64([-3, 0, 5]), min=-1, max=2)
case("clamp", i64([-3, 0, 5]), min=-0.5)
case("clamp", i64([-3, 0, 5]), max=f32([0.5, 1.5, 2.5]))
case("clamp", rnd([2, 3]).via(("transpose", 0, 1)), min=-1, max=1)
case("clamp", rnd([]), min=0, max=1)
case("clamp", rnd([0, 2]), min=0)
case("clampMax", rnd([2, 3]), rnd([3], -1, 1, 2))
case("clampMin", rnd([2, 3]), rnd([3], -1, 1, 2))
case("clampMax", i64([1, 5, 9]), 4)
case("clampMin", i64([1, 5, 9]), 4)
case("clampMin", u8([1, 5, 9]), 4)

for x in (i64([0, 5, -3]), i32([1, -1]), u8([0, 255, 7]), i8([-128, 127]),
          bl([True, False]), i16([[5, 6], [7, 8]]).via(("transpose", 0, 1)),
          i64([]), i64(3)):
    case("bitwiseNot", x)

for op in ("softmax", "logSoftmax"):
    case(op, rnd([2, 3]), 1)
    case(op, rnd([2, 3]), 0)
    case(op, rnd([2, 3], dtype="float64"), -1)
    case(op, rnd([2, 3, 2], dtype="float64"), 1)
    case(op, rnd([2, 3]).via(("transpose", 0, 1)), 1)
    case(op, rnd([]), 0)
    case(op, rnd([0, 3]), 1)
    case(op, rnd([0, 3]), 0)
    case(op, f32([[1000.0, 1001.0, 999.0], [-1000.0, 0.0, 1000.0]]), 1)
    case(op, f32([[NAN, 1.0], [INF, 1.0], [-INF, 1.0], [-INF, -INF]]), 1,
         grad=False)
    case(op, rnd([2, 3]), 1, dtype="float64")
    case(op, i64([1, 2, 3]), 0, dtype="float32")
    case(op, rnd([3], dtype="float16"), 0, grad=False)


def promotions(op, lo=-4, hi=4):
    """The mixes of dtypes, each left out where PyTorch refuses it."""
    x = rnd([2, 3], max(lo, 0.2) if lo >= 0 else lo, hi, 5)
    n = ints([2, 3], lo, hi, 6)
    y = rnd([3], max(lo, 0.5), hi, 7)
    m = ints([3], max(lo, 1), hi, 8)
    d = rnd([3], max(lo, 0.5), hi, 9, "float64")
    pairs = [
        (n, m), (n, y), (x, m), (x, d), (d, y), (x, d.to("float64")),
        (x, f64(1.5)), (n, f64(1.5)), (n, f32(1.5)), (x, i64(2)),
        (i64(3), y), (f64(2.5), y), (f64(2.5), m), (i32([1, 2]), i64([2, 3])),
        (i32([1, 2]), i64(3)), (u8([1, 2]), i8([2, 3])),
        (u8([3, 200]), u8([2, 100])), (u8([1, 2]), i64(3)),
        (i16([5, 6]), i8([2, 3])), (bl([True, False]), bl([True, True])),
        (bl([True, False]), i64([2, 3])), (bl([True, False]), f32([2.5, 3.5])),
        (bl(True), i8([2, 3])), (f16([1.5, 2.5]), f32([2.0, 0.5])),
        (f16([1.5, 2.5]), f16([2.0, 0.5])), (f16([1.5, 2.5]), f64(2.25)),
        (f16([1.5, 2.5]), bf16([2.0, 0.5])), (bf16([1.5, 2.5]), i64([2, 3])),
        (n, 2), (n, 2.5), (x, 2), (x, 2.5), (d, 3), (bl([True, False]), 2),
        (bl([True, False]), 0.5), (u8([1, 2]), 3), (f16([1.5, 2.5]), 1.25),
        (bl([True, False]), True), (n, True),
    ]
    for a, b in pairs:
        half = any(isinstance(t, T) and t.dtype in ("float16", "bfloat16")
                   for t in (a, b))
        case(op, a, b, maybe=True, grad=not half)


# Which zero wins between 0 and -0 is an accident of PyTorch's vector code.
EITHER_ZERO = ("maximum", "minimum", "fmax", "fmin")


def shapes(op, lo=-2, hi=2, other=None, specials=True):
    """Broadcasting, views, 0-d, empty and special values."""
    l2, h2 = other or (lo, hi)
    case(op, rnd([2, 3], lo, hi), rnd([2, 3], l2, h2, 2))
    case(op, rnd([2, 3], lo, hi, 3, "float64"), rnd([2, 3], l2, h2, 4, "float64"))
    case(op, rnd([2, 1, 3], lo, hi), rnd([4, 1], l2, h2, 2))
    case(op, rnd([3], lo, hi, 3, "float64"), rnd([2, 1], l2, h2, 4, "float64"))
    case(op, rnd([2, 3], lo, hi).via(("transpose", 0, 1)),
         rnd([3, 2], l2, h2, 2))
    case(op, rnd([3, 2], lo, hi),
         rnd([2, 3], l2, h2, 2).via(("transpose", 0, 1)))
    case(op, rnd([6], lo, hi).via(("slice", 0, 1, 6, 2)),
         rnd([1], l2, h2, 2).via(("expand", [3])))
    case(op, rnd([], lo, hi), rnd([], l2, h2, 2))
    case(op, rnd([2, 2], lo, hi), rnd([], l2, h2, 2))
    case(op, rnd([0, 3], lo, hi), rnd([1, 3], l2, h2, 2))
    if specials:
        a = [NAN, INF, -INF, INF, 0.0, -0.0, 1.0, -1.0, 0.0, 5.5, -5.5, 3.0]
        b = [1.0, INF, INF, -2.0, 0.0, 0.0, 0.0, -0.0, NAN, 2.0, 2.0, INF]
        zero = op not in EITHER_ZERO
        case(op, f32(a), f32(b), grad=False, zero=zero)
        case(op, f64(b), f64(a), grad=False, zero=zero)


for op, domain, other in (
        ("add", (-2, 2), None), ("sub", (-2, 2), None), ("mul", (-2, 2), None),
        ("div", (-2, 2), (0.5, 2)), ("trueDivide", (-2, 2), (0.5, 2)),
        ("floorDivide", (-5, 5), (0.5, 2)), ("fmod", (-5, 5), (0.5, 2)),
        ("remainder", (-5, 5), (0.5, 2)), ("pow", (0.3, 2), (-2, 2)),
        ("floatPower", (0.3, 2), (-2, 2)), ("atan2", (-2, 2), (0.3, 2)),
        ("copysign", (0.3, 2), (-2, 2)), ("hypot", (-2, 2), None),
        ("fmax", (-2, 2), None), ("fmin", (-2, 2), None),
        ("maximum", (-2, 2), None), ("minimum", (-2, 2), None),
        ("heaviside", (-2, 2), None), ("logaddexp", (-2, 2), None),
        ("logaddexp2", (-2, 2), None), ("xlogy", (-2, 2), (0.3, 3)),
        ("rsub", (-2, 2), None), ("ldexp", (-2, 2), (-2, 2))):
    shapes(op, *domain, other, op not in ("logaddexp", "logaddexp2", "ldexp"))
    promotions(op, 0 if op in ("pow", "floatPower", "xlogy") else -4)

for op in ("eq", "ge", "gt", "le", "lt", "ne"):
    shapes(op)
    promotions(op)
    case(op, f32([1.0, 2.0, 2.0, -0.0]), f32([1.0, 1.0, 3.0, 0.0]))
for op in ("logicalAnd", "logicalOr", "logicalXor"):
    case(op, bl([True, True, False, False]), bl([True, False, True, False]))
    case(op, rnd([2, 3]), f32([0.0, 1.0, NAN]))
    case(op, i64([0, 1, -2]), bl([[True], [False]]))
    case(op, f64([0.0, -0.0, INF]), i64([1, 1, 0]))
    case(op, bl([[True, False]]).via(("transpose", 0, 1)), bl(True))
    case(op, bl([]), bl([True]))
for op in ("bitwiseAnd", "bitwiseOr", "bitwiseXor"):
    case(op, i64([5, -3, 12]), i64([3, 6, -1]))
    case(op, i32([[5], [6]]), i32([1, 2, 3]))
    case(op, u8([200, 15]), i8([-1, 7]))
    case(op, bl([True, True, False]), bl([True, False, False]))
    case(op, bl([True, False]), i64([2, 3]))
    case(op, i64([5, -3, 12]), 6)
    case(op, i16([5, -3, 12]), i64(6))
    case(op, bl([True, False]), True)
    case(op, ints([2, 3]).via(("transpose", 0, 1)), ints([3, 2], seed=2))
    case(op, i64([4294967296, 1099511627776]), i64([4294967297, -1]))
    case(op, i64([]), i64([1]))
for op in ("bitwiseLeftShift", "bitwiseRightShift"):
    case(op, i64([5, -3, 12]), i64([3, 1, 2]))
    case(op, i32([[5], [-60]]), i32([1, 2, 3]))
    case(op, u8([200, 15]), u8([1, 4]))
    case(op, i8([100, -100]), i8([1, 1]))
    case(op, i64([5, -3, 12]), 2)
    case(op, i16([5, -3, 12]), i64(3))
    case(op, i64([1, 4294967296]), i64([40, 3]))

for a in (2, -1.5):
    case("add", rnd([2, 3]), rnd([3], seed=2), alpha=a)
    case("sub", rnd([2, 3], dtype="float64"), rnd([3], seed=2, dtype="float64"),
         alpha=a)
    case("rsub", rnd([2, 3]), rnd([3], seed=2), alpha=a)
    case("add", rnd([2, 3]), 1.5, alpha=a)
    case("sub", rnd([2, 3]), 3, alpha=a)
case("add", i64([1, 2]), i64([3, 4]), alpha=3)
case("sub", i32([1, 2]), 4, alpha=3)
case("add", i64([2**52, -(2**52)]), i64([1, -1]))
case("mul", i32([2**30, -7]), i32([4, 3]))
case("mul", i64([2**31, 12345678]), i64([2**20, 87654321]))
case("add", i8([127, -128]), i8([1, -1]))
case("pow", i64([2, 3, -4]), 3)
case("pow", i64([2, -1, 1, -2]), i64([10, 3, 0, 5]))
for e in (0, 1, 2, 3, 0.5, -1, -2, -0.5, 2.5):
    case("pow", rnd([2, 2], 0.3, 2), e)
    case("pow", rnd([2, 2], 0.3, 2, 2, "float64"), e)
for e in (0, 1, 2, 3, -1, 0.5):
    case("pow", f64([-2.0, 0.0, 1.5]), e)
case("pow", f64([0.0, 0.0, -2.0, 2.0]), f64([0.0, 2.0, 3.0, 0.0]))
case("floatPower", rnd([2, 2], 0.3, 2), 2)
case("floatPower", i64([1, 2, 3]), 0.5)
case("floatPower", 2, rnd([3], -1, 2), form="f")
for e in (2, 2.5):
    case("pow", e, rnd([3], -2, 2), form="f")
    case("pow", e, i64([0, 1, 2]), form="f")
for op in ("add", "sub", "mul", "div", "trueDivide", "floorDivide"):
    case(op, 3, rnd([2, 2], 0.5, 2), form="f", maybe=True)
    case(op, 2.5, i64([1, 2]), form="f", maybe=True)
case("remainder", 7, i64([2, 3, -4]), form="f")
case("remainder", 5.5, rnd([3], 1, 3), form="f")
case("xlogy", 2, rnd([3], 0.3, 2), form="f")
for op in ("logicalAnd", "maximum", "eq", "gt"):
    case(op, rnd([2, 2]), 1, form="f", maybe=True)
for mode in ("floor", "trunc"):
    case("div", rnd([2, 3], -5, 5), rnd([3], 0.5, 2, 2), roundingMode=mode)
    case("div", rnd([4], -5, 5, 3, "float64"), -0.75, roundingMode=mode)
    case("div", i64([7, -7, 7, -7]), i64([2, 2, -2, -2]), roundingMode=mode)
    case("div", i64([7, -7]), 2, roundingMode=mode)
    case("div", i64([7, -7]), 1.5, roundingMode=mode)
    case("div", u8([7, 200]), u8([2, 3]), roundingMode=mode)
    case("div", f32([INF, 1.0, -1.0, NAN, 0.0]), f32([2.0, 0.0, INF, 1.0, 0.0]),
         roundingMode=mode, grad=False, zero=True)
case("div", i64([7, -7]), i64([2, 0]), grad=False)
for op in ("fmod", "remainder", "floorDivide"):
    case(op, i64([7, -7, 7, -7]), i64([3, 3, -3, -3]))
    case(op, f64([7.5, -7.5, 7.5, -7.5]), f64([2.0, 2.0, -2.0, -2.0]))
    case(op, i32([7, -7]), -3)
    case(op, f32([5.5, -5.5]), 2)
    case(op, f32([1.0, INF, 3.0]), f32([0.0, 2.0, INF]), grad=False)
case("maximum", f64([1.0, 1.0, 2.0]), f64([1.0, 2.0, 1.0]))
case("minimum", f64([1.0, 1.0, 2.0]), f64([1.0, 2.0, 1.0]))
case("fmax", f64([1.0, NAN, 2.0]), f64([1.0, 2.0, NAN]))
case("fmin", f64([1.0, NAN, 2.0]), f64([1.0, 2.0, NAN]))
case("logaddexp", f64([INF, -INF, 1000.0, -INF]), f64([1.0, -INF, 1000.0, 2.0]),
     grad=False)
case("logaddexp2", f64([INF, -INF, 1000.0]), f64([1.0, -INF, 1000.0]),
     grad=False)
# PyTorch's gradient takes 2**-2 as a power of integers: 0.
case("ldexp", f32([1.5, -2.0]), i64([3, -2]), grad=False)
case("atan2", f64([0.0, -0.0, 0.0, -0.0]), f64([1.0, 1.0, -1.0, -1.0]),
     grad=False, zero=True)
case("xlogy", f64([0.0, 0.0, 1.0]), f64([0.0, NAN, 0.0]), grad=False)

for w in (0.25, 0.75):
    case("lerp", rnd([2, 3]), rnd([2, 3], seed=2), w)
case("lerp", rnd([2, 3]), rnd([3], seed=2), rnd([2, 1], 0, 1, 3))
case("lerp", rnd([3], dtype="float64"), rnd([3], seed=2, dtype="float64"),
     rnd([3], 0, 1, 3, "float64"))
case("lerp", rnd([2, 3]).via(("transpose", 0, 1)), rnd([3, 2], seed=2), 0.5)
case("lerp", rnd([]), rnd([], seed=2), 2)
case("lerp", rnd([0]), rnd([0]), 0.5)
for op in ("addcmul", "addcdiv"):
    args = lambda *s, d="float32": [rnd(s[0], dtype=d),
                                    rnd(s[1], seed=2, dtype=d),
                                    rnd(s[2], 0.5, 2, 3, d)]
    case(op, *args([2, 3], [2, 3], [2, 3]))
    case(op, *args([2, 3], [2, 3], [2, 3]), value=2)
    case(op, *args([2, 3], [3], [2, 1]), value=-0.5)
    case(op, *args([3], [3], [3], d="float64"), value=0.1)
    case(op, *args([3], [2, 1], [], d="float64"))
    case(op, *args([0, 2], [2], [1]))
    a, b, c = args([2, 3], [3, 2], [3, 2])
    case(op, a.via(("transpose", 0, 1)), b, c)
case("addcmul", i64([1, 2]), i64([3, 4]), i64([5, 6]), value=2)
case("addcmul", rnd([2]), i64([3, 4]), i64([5, 6]))

cond = bl([[True, False, True], [False, False, True]])
case("where", cond, rnd([2, 3]), rnd([2, 3], seed=2))
case("where", cond, rnd([3]), rnd([2, 1], seed=2))
case("where", cond, rnd([2, 3], dtype="float64"), rnd([2, 3], seed=2))
case("where", cond, rnd([2, 3]), 0)
case("where", cond, 1.5, rnd([2, 3]))
case("where", cond, ints([2, 3]), 0.5)
case("where", cond, ints([2, 3]), rnd([3]))
case("where", cond, 1, 0)
case("where", cond, 1.5, 0)
case("where", cond.via(("transpose", 0, 1)), rnd([3, 2]), f64(2.5))
case("where", bl(True), rnd([2]), rnd([2], seed=2))
case("where", bl([]), rnd([0]), rnd([1], seed=2))
case("clamp", bl([True, False]), min=0)
case("where", cond)
case("where", f32([[0.0, 2.0], [3.0, 0.0]]).const())
case("where", rnd([2, 3]), cond, rnd([2, 3], seed=2), form="m",
     call=lambda x, c, y: x.where(c, y))
case("where", rnd([2, 3], dtype="float64"), cond, 0, form="m",
     call=lambda x, c, y: x.where(c, y))

a, b = f32([1.0, 2.0, NAN, INF, INF]), f32([1.00001, 2.1, NAN, INF, -INF])
for options in ({}, {"equalNan": True}, {"rtol": 0.1}, {"atol": 0.2, "rtol": 0},
                {"rtol": 0.1, "atol": 0, "equalNan": True}):
    case("isclose", a, b, **options)
    case("allclose", a, b, **options)
case("isclose", i64([1, 2, 3]), i64([1, 2, 4]))
case("isclose", rnd([2, 3], dtype="float64"), rnd([3], dtype="float64"))
case("allclose", f64([1.0, 2.0]), f64([1.0, 2.0 + 1e-9]))
case("allclose", rnd([0]), rnd([0]))
case("allclose", rnd([2, 1]), rnd([2, 1]))
case("equal", rnd([2, 3]), rnd([2, 3]))
case("equal", rnd([2, 3]), rnd([2, 3], seed=2))
case("equal", rnd([2, 3]), rnd([3, 2]))
case("equal", rnd([2, 3]).via(("transpose", 0, 1)), rnd([3, 2]))
case("equal", f32([NAN]), f32([NAN]))
case("equal", f32([0.0]), f32([-0.0]))
case("equal", i64([1, 2]), i64([1, 2]))
case("equal", rnd([0]), rnd([0]))

case("fill", rnd([2, 3]), 2.5)
case("fill", ints([2, 3]), 2)
case("fill", rnd([2, 3]).via(("transpose", 0, 1)), f32(1.5))
case("zero", rnd([2, 3]))
case("zero", ints([4]).via(("slice", 0, 0, 4, 2)))
case("copy", rnd([2, 3]), rnd([3], seed=2))
case("copy", rnd([2, 3]).via(("transpose", 0, 1)), rnd([3, 2], seed=2))
case("copy", ints([3]), f32([1.5, -2.5, 3.9]).const())
case("copy", rnd([3]), i64([1, 2, 3]))
