"""Reductions and scans."""

from op_cases_base import (INF, NAN, bl, case, f16, f32, f64, i16, i32, i64,
                           ints, rnd, u8)

A = rnd([2, 3], seed=11)
B = rnd([2, 3, 2], seed=12, dtype="float64")
TURNED = rnd([2, 3], seed=13).via(("transpose", 0, 1))
STEP = rnd([3, 4], seed=14, dtype="float64").via(("slice", 1, 0, 4, 2))
WIDE = rnd([3, 1], seed=15).via(("expand", [3, 2]))
N = ints([2, 3], seed=16)
ODD = f32([[NAN, 1.0, -1.0], [INF, -INF, 2.0]])
BITS = bl([[True, False, True], [True, True, True]])

# Ops that take no dim, one dim or several, with keepdim.
for op in ("sum", "mean", "nansum", "nanmean", "amax", "amin", "std", "var",
           "norm", "all", "any", "countNonzero"):
    keep = {} if op == "countNonzero" else {"keepdim": True}
    if op not in ("amax", "amin"):
        case(op, A)
        case(op, B)
        case(op, TURNED)
        case(op, rnd([]))
        case(op, rnd([0]), maybe=True)
        case(op, rnd([0, 3]), maybe=True)
        case(op, N, maybe=True)
    else:
        case(op, A)
        case(op, B)
        case(op, f64([1.0, 3.0, 3.0, 1.0]))
        case(op, f64([[1.0, 3.0], [3.0, 3.0]]), 1)
    for dim in (0, 1, -1):
        case(op, A, dim)
        case(op, A, dim, **keep)
        case(op, B, dim)
    case(op, B, [0, 2])
    case(op, B, [0, 2], **keep)
    case(op, B, [-1, 1])
    case(op, TURNED, 1)
    case(op, STEP, 0)
    case(op, WIDE, 1)
    case(op, rnd([3, 0]), 1, maybe=True)
    case(op, rnd([3, 0]), 0, maybe=True)
    case(op, rnd([]), 0, maybe=True)
    case(op, ODD, grad=False)
    case(op, ODD, 1, grad=False)
    case(op, N, 1, maybe=True)
    for x in (i32([[1, 2], [0, 4]]), u8([200, 100]), BITS, i16([5, -6])):
        case(op, x, maybe=True)
        case(op, x, 0, maybe=True)
    case(op, f16([[1.5, 2.5], [0.25, -3.0]]), 1, grad=False)

for op in ("sum", "mean", "nansum", "nanmean", "prod"):
    case(op, A, dtype="float64")
    case(op, N, dtype="float32", maybe=True)
    case(op, A, 1, dtype="float64", keepdim=True)
    case(op, BITS, 1, dtype="float32", maybe=True)
case("sum", A.const(), dtype="int64")
case("sum", i64([2**52, -(2**52), 7]))
case("sum", rnd([2, 3], dtype="float64"), [])
case("sum", f64([1e16, 1.0, -1e16, 1.0]).const(), dtype="float64")
case("nansum", f64([NAN, 1.0, 2.0]))
case("nanmean", f64([[NAN, 1.0, 2.0], [3.0, 4.0, NAN]]), 1)
case("nanmean", f32([NAN, NAN]), grad=False)
for op in ("all", "any"):
    case(op, bl([]))
    case(op, bl([[], []]), 1)
    case(op, bl([[True, False], [False, False]]), 1, keepdim=True)
    case(op, bl([[True, False], [True, True]]), [0, 1])
    case(op, f32([0.0, NAN]).const())
    case(op, u8([0, 2]))

for op in ("std", "var", "stdMean", "varMean"):
    for correction in (0, 1, 2):
        case(op, A, correction=correction, grad=correction < 2)
        case(op, B, 1, correction=correction, keepdim=True)
    case(op, A, 1, correction=0, keepdim=True)
    case(op, B, [0, 2], correction=0)
    case(op, TURNED, 0)
    case(op, f32([1.5]), grad=False)
    case(op, f64([2.0, 2.0, 2.0]), grad=False)
for op in ("stdMean", "varMean"):
    case(op, A)
    case(op, B)
    case(op, A, 0)
    case(op, A, -1, keepdim=True)
    case(op, B, [0, 2])
    case(op, rnd([0]), grad=False)

for p in (0, 1, 2, 3, 0.5, -1, INF, -INF, 1.5):
    case("norm", A, p=p)
    case("norm", B, 1, p=p)
    case("norm", A, 1, p=p, keepdim=True)
case("norm", f64([3.0, 4.0]))
case("norm", f64([0.0, 0.0]))
case("norm", f64([0.0, 0.0]), p=1)
case("norm", A, [0, 1])
case("norm", A, p="fro")
case("norm", A, 0, dtype="float64")
case("norm", rnd([3], dtype="float64"), p=3)
for p in (0, 1, 2, 3, INF, -INF, 0.5):
    case("dist", A, rnd([2, 3], seed=22), p=p, grad=p != 0)
    case("dist", rnd([2, 3], dtype="float64"),
         rnd([3], seed=22, dtype="float64"), p=p, grad=p != 0)
case("dist", A, rnd([2, 3], seed=22))
case("dist", TURNED, rnd([3, 2], seed=22))

# One dim or none.
for op in ("prod", "argmax", "argmin", "aminmax"):
    for x in (A, B, TURNED, N, rnd([]), WIDE, STEP, i32([[3, 1], [2, 7]]),
              BITS):
        case(op, x, maybe=True)
        case(op, x, 0, maybe=True)
        case(op, x, -1, keepdim=True, maybe=True)
    case(op, ODD, grad=False)
    case(op, ODD, 1, grad=False)
    case(op, rnd([0]), maybe=True)
    case(op, rnd([0, 3]), 0, maybe=True)
    case(op, rnd([0, 3]), 1, maybe=True)
case("prod", f64([2.0, 0.0, 3.0]))
case("prod", f64([0.0, 0.0, 3.0]))
case("prod", f64([[2.0, 0.0], [3.0, 4.0]]), 0)
case("prod", u8([200, 2]))
case("argmax", f32([1.0, 3.0, 3.0]))
case("argmin", i64([1, 1, 3]))
case("argmax", A, None, keepdim=True, maybe=True)
case("aminmax", f64([1.0, 3.0, 3.0, 1.0]))

for op in ("max", "min"):
    for x in (A, B, TURNED, STEP, WIDE, N, rnd([]), BITS, u8([3, 200])):
        case(op, x)
        case(op, x, 0)
        case(op, x, -1, keepdim=True)
    case(op, f64([1.0, 3.0, 3.0, 1.0]))
    case(op, f64([[1.0, 3.0], [3.0, 3.0]]), 1)
    case(op, f64([[3.0, 1.0], [3.0, 1.0]]), 0)
    case(op, i64([[3, 1, 3], [1, 1, 2]]), 1)
    case(op, ODD, grad=False)
    case(op, ODD, 1, grad=False)
    case(op, rnd([0, 3]), 1)
    case(op, A, rnd([3], seed=23))
    case(op, N, rnd([3], seed=23))
    case(op, N, i32([1, 2, 3]))

for op in ("median", "nanmedian", "mode"):
    for x in (A, B, TURNED, STEP, N, rnd([]), rnd([5], dtype="float64"),
              i32([[3, 1], [2, 7]])):
        if op != "mode":
            case(op, x)
        if x.shape:
            case(op, x, 0)
        case(op, x, -1, keepdim=True)
for op in ("median", "nanmedian"):
    case(op, f32([1.0, NAN, 3.0, 2.0]))
    case(op, f32([[1.0, NAN, 3.0], [2.0, 5.0, 4.0]]), 1)
    case(op, f32([NAN, NAN]), grad=False)
    case(op, rnd([0]), grad=False)
    case(op, f64([1.0, 2.0, 3.0, 4.0]))
case("mode", f64([1.0, 2.0, 2.0, 3.0, 3.0]))
case("mode", i64([[5, 1, 5], [2, 2, 7]]))
case("mode", bl([True, False, True]), maybe=True)

for interpolation in ("linear", "lower", "higher", "midpoint", "nearest"):
    case("quantile", rnd([5]), 0.4, interpolation=interpolation)
    case("quantile", B, 0.3, 1, interpolation=interpolation)
case("quantile", A, 0.5)
case("quantile", A, 0, 1)
case("quantile", A, 1, 1, keepdim=True)
case("quantile", A, f32([0.25, 0.5, 0.9]).const(), 1)
case("quantile", A, f32([0.25, 0.5, 0.9]).const(), 0, keepdim=True)
case("quantile", TURNED, 0.75, 0)
case("quantile", rnd([4], dtype="float64"), f64([0.1, 0.6]).const())
case("quantile", f32([[1.0, NAN, 2.0], [3.0, 1.0, 2.0]]), 0.5, 1, grad=False)

for op in ("logsumexp", "logcumsumexp", "cumsum", "cumprod", "cummax",
           "cummin"):
    for x in (A, B, TURNED, STEP, WIDE):
        case(op, x, 0)
        case(op, x, -1)
    case(op, rnd([]), 0)
    case(op, rnd([0]), 0)
    case(op, rnd([0, 3]), 1)
    case(op, rnd([3, 0]), 0, maybe=True)
    case(op, ODD, 1, grad=False)
    case(op, N, 1, maybe=True)
    case(op, i32([3, 1, 2]), 0, maybe=True)
    case(op, BITS, 1, maybe=True)
    case(op, u8([200, 100, 3]), 0, maybe=True)
case("logsumexp", A, 1, keepdim=True)
case("logsumexp", B, [0, 1])
case("logsumexp", B, [0, 1], keepdim=True)
case("logsumexp", f32([1000.0, 1000.0, 999.0]), 0)
case("logsumexp", f32([-INF, -INF]), 0, grad=False)
case("logsumexp", f64([INF, 1.0]), 0, grad=False)
case("logcumsumexp", f64([-INF, -INF, 1.0, 2.0]), 0, grad=False)
case("logcumsumexp", f32([1000.0, 1000.0, 999.0]), 0)
for op in ("cumsum", "cumprod"):
    case(op, A, 1, dtype="float64")
    case(op, N, 0, dtype="float32")
    case(op, BITS, 1, dtype="float32")
case("cumprod", f64([2.0, 0.0, 3.0, 4.0]), 0)
case("cumprod", f64([0.0, 2.0, 0.0, 4.0]), 0)
case("cummax", f64([1.0, 3.0, 3.0, 2.0]), 0)
case("cummin", f64([3.0, 1.0, 1.0, 2.0]), 0)
case("cummax", i64([[3, 1], [3, 4]]), 0)

case("diff", A)
case("diff", A, 0)
case("diff", B, 1)
case("diff", B, 1, n=2)
case("diff", rnd([5], dtype="float64"), -1, n=2)
case("diff", A, 1, prepend=rnd([2, 1], seed=24))
case("diff", A, 1, append=rnd([2, 2], seed=24))
case("diff", A, 0, prepend=rnd([1, 3], seed=24), append=rnd([1, 3], seed=25))
case("diff", N)
case("diff", BITS)
case("diff", rnd([1]))
case("diff", rnd([3]), -1, n=5)
case("diff", TURNED, 0)
case("diff", A, 1, n=0)

case("trapezoid", A)
case("trapezoid", A, 0)
case("trapezoid", B, 1)
case("trapezoid", A, -1, dx=0.5)
case("trapezoid", A, 1, x=f32([0.0, 0.5, 2.0]))
case("trapezoid", A, 0, x=f32([0.0, 1.5]))
case("trapezoid", A, 1, x=rnd([2, 3], seed=26))
case("trapezoid", TURNED)
case("trapezoid", i64([1, 2, 4]))
case("trapezoid", rnd([1]))
case("trapezoid", rnd([4], dtype="float64"))
