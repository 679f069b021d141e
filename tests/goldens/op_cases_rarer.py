"""Ops that programs call more rarely: distances, covariances, membership,
histograms, slopes, divisors, parts of numbers, writing through views."""

from op_cases_base import (DTYPES, INF, NAN, bl, case, error, f16, f32, f64,
                           i8, i16, i32, i64, ints, rnd, u8)

A = rnd([3, 4], seed=61)
B = rnd([5, 4], seed=62)
A64 = rnd([3, 4], seed=63, dtype="float64")
B64 = rnd([5, 4], seed=64, dtype="float64")
TURNED = rnd([4, 3], seed=65).via(("transpose", 0, 1))
V = f32([1.0, 2.0, 4.0, 7.0, 11.0])

# Types.
for a in DTYPES:
    for b in DTYPES:
        case("promoteTypes", a, b)
        case("canCast", a, b)
for x in (f32([1.0]), i32([1]), i64(1), u8([1]), f16(1.0), bl([True]),
          f64(1.0)):
    for y in (2, 2.5, True, i64([1]), f64(1.0), i8([1]), f16([1.0]), bl(True)):
        case("resultType", x.const() if hasattr(x, "const") else x, y,
             grad=False)
case("resultType", 1, 2.5)
case("resultType", 1, True)
case("resultType", 2.5, i64([1]))

# Distances.
for p in (0, 1, 2, 3, 0.5, 1.5, INF):
    case("cdist", A, B, p=p)
    case("cdist", A64, B64, p=p)
    case("cdist", TURNED, B, p=p)
    case("pdist", A, p=p)
    case("pdist", A64, p=p)
case("cdist", A, B)
case("cdist", rnd([2, 3, 4], seed=66), rnd([5, 4], seed=67))
case("cdist", rnd([2, 1, 3, 2], seed=68, dtype="float64"),
     rnd([3, 2, 2], seed=69, dtype="float64"), p=1)
case("cdist", f64([[1.0, 2.0], [3.0, 4.0]]), f64([[1.0, 2.0], [5.0, 4.0]]))
case("cdist", f64([[1.0, 2.0], [3.0, 4.0]]), f64([[1.0, 2.0], [5.0, 4.0]]),
     p=3)
case("cdist", f64([[1.0, 2.0], [3.0, 4.0]]), f64([[1.0, 2.0], [5.0, 6.0]]),
     p=INF)
case("cdist", rnd([27, 3], seed=70, dtype="float64"),
     rnd([2, 3], seed=71, dtype="float64"))
case("cdist", A64, B64, computeMode="use_mm_for_euclid_dist")
case("cdist", A64, B64, computeMode="donot_use_mm_for_euclid_dist")
case("cdist", rnd([2, 3, 4], seed=66, dtype="float64"), B64,
     computeMode="use_mm_for_euclid_dist")
case("cdist", rnd([0, 4]).const(), B.const())
case("cdist", rnd([3, 0]).const(), rnd([2, 0]).const())
case("cdist", rnd([3, 0]).const(), rnd([2, 0]).const(), p=INF)
case("pdist", rnd([1, 3]))
case("pdist", f64([[1.0, 2.0], [1.0, 2.0], [0.0, 3.0]]))
error("cdist", A, rnd([5, 3]))
error("cdist", A, rnd([4]))
error("cdist", rnd([4]), A)
error("cdist", A, B, p=-1)
error("cdist", ints([2, 2]), ints([2, 2]))
error("cdist", A, ints([2, 4]))
error("cdist", A, B, computeMode="zz")
error("cdist", rnd([2, 3, 4]), rnd([3, 3, 4]))
error("pdist", rnd([3]))
error("pdist", A, p=-1)
error("pdist", ints([2, 2]))

# Covariances.
for x in (A, A64, TURNED, rnd([4], seed=72), rnd([1, 4], seed=73),
          ints([2, 5], seed=74), u8([[1, 2], [4, 0]])):
    case("cov", x)
    case("corrcoef", x)
    case("cov", x, correction=0)
case("cov", A, correction=2)
case("cov", A, fweights=i64([1, 2, 0, 3]))
case("cov", A64, aweights=f64([0.5, 1.25, 2.0, 1.0]).const())
case("cov", A64, aweights=f64([0.5, 1.25, 2.0, 1.0]))
case("cov", A64, aweights=f64([0.5, 1.25, 2.0, 1.0]).const(), correction=0)
case("cov", A64, aweights=f64([0.5, 1.25, 2.0, 1.0]).const(),
     fweights=i64([1, 2, 1, 3]))
case("cov", rnd([2, 1]), grad=False)
case("cov", f32(3.0), grad=False)
case("corrcoef", f64([[1.0, 1.0], [1.0, 2.0]]), grad=False)
error("cov", rnd([2, 2, 2]))
error("corrcoef", rnd([2, 2, 2]))
error("cov", bl([[True, False]]))
error("cov", A, fweights=f32([1.0, 2.0, 0.0, 3.0]).const())
error("cov", A, fweights=i64([1, 2, 0]))
error("cov", A, fweights=i64([[1, 2, 0, 1]]))
error("cov", A, fweights=i64([1, 2, 0, -1]))
error("cov", A, aweights=i64([1, 2, 0, 1]))
error("cov", A, aweights=f32([1.0, 2.0, 0.0]).const())
error("cov", A, aweights=f32([[1.0, 2.0, 0.0, 1.0]]).const())
error("cov", A, aweights=f32([1.0, 2.0, 0.0, -1.0]).const())
error("cov", A, aweights=f32([0.0, 0.0, 0.0, 0.0]).const())

# Membership.
for x, y in ((i64([[1, 2], [3, 4]]), i64([4, 2, 2])),
             (f32([1.0, NAN, 0.0, INF]).const(),
              f32([NAN, -0.0, INF, 3.0]).const()),
             (i32([1, 2]), f32([1.0, 2.5]).const()),
             (u8([1, 200]), i8([1, -56])),
             (ints([4, 5], 0, 40, seed=75), ints([30], 0, 40, seed=76)),
             (f64(2.0).const(), f64([1.0, 2.0]).const()),
             (f64([1.0, 2.0]).const(), f64(2.0).const()),
             (f32([1.0, 2.0]).const(), rnd([0]).const()),
             (rnd([0]).const(), f32([1.0, 2.0]).const()),
             (f16([1.0, 2.5]).const(), f32([2.5, 2.0]).const()),
             (i64([1, 2]), 2), (i64([1, 2]), 1.5), (2, i64([1, 2])),
             (2.5, f32([1.0, 2.5]).const())):
    case("isin", x, y)
    case("isin", x, y, invert=True)
case("isin", i64([1, 2]), i64([2, 3]), assumeUnique=True)
error("isin", bl([True]), f32([1.0]).const())
error("isin", f32([1.0]).const(), bl([True]))

# Histograms.
H = f32([1.0, 2.0, 1.0, 4.0, 3.5]).const()
case("histogram", H, 3)
case("histogram", H, 4, range=[0, 4])
case("histogram", H, 2, range=[1.5, 2.5])
case("histogram", H, 4, range=[0, 4], density=True)
case("histogram", H, 4, weight=f32([1.0, 2.0, 3.0, 4.0, 0.5]).const())
case("histogram", H, 4, weight=f32([1.0, 2.0, 3.0, 4.0, 0.5]).const(),
     density=True)
case("histogram", H, f32([0.0, 1.0, 3.5]).const())
case("histogram", rnd([4, 6], seed=77, dtype="float64").const(), 7)
case("histogram", rnd([4, 6], seed=77, dtype="float64").const(),
     f64([-2.0, -0.5, 0.25, 2.0]).const(), density=True)
case("histogram", f32([1.0, 1.0]).const(), 3)
case("histogram", f32([1.0, NAN, INF]).const(), 3, range=[0, 2])
case("histogram", rnd([0]).const(), 3)
error("histogram", i64([1, 2]), 3)
error("histogram", H, 0)
error("histogram", H, 3, range=[4, 1])
error("histogram", H, 3, weight=f32([1.0, 2.0]).const())
error("histogram", H, 3, weight=rnd([5], dtype="float64").const())
error("histogram", f32([1.0, NAN]).const(), 3)
error("histogram", H, f64([1.0, 2.0]).const())
error("histogram", H, f32([[1.0, 2.0]]).const())

# Slopes.
case("gradient", V)
case("gradient", V, spacing=2)
case("gradient", V, spacing=0.25, edgeOrder=2)
case("gradient", V, edgeOrder=2)
case("gradient", V, 0, spacing=[f32([0.0, 1.0, 3.0, 4.0, 6.0]).const()])
case("gradient", V, 0, spacing=[f32([0.0, 1.0, 3.0, 4.0, 6.0]).const()],
     edgeOrder=2)
case("gradient", A64)
case("gradient", A64, 1)
case("gradient", A64, [1, 0])
case("gradient", A64, -1, spacing=2, edgeOrder=2)
case("gradient", A64, [0, 1], spacing=[0.5, 2.5])
case("gradient", A64, spacing=[0.5, 2.5])
case("gradient", A64, [0, 1],
     spacing=[f64([0.0, 1.0, 3.0]).const(), f64([0.0, 0.5, 2.0, 5.0]).const()])
case("gradient", i64([1, 2, 4]))
case("gradient", f64([1.0, 4.0]))
error("gradient", V, edgeOrder=3)
error("gradient", f32([1.0]).const())
error("gradient", f32([1.0, 2.0]).const(), edgeOrder=2)
error("gradient", A64, [0, 0])
error("gradient", A64, spacing=[1.5, 2.5, 3.5])
error("gradient", A64, 0, spacing=[1.5, 2.5])

# Divisors, parts of numbers.
for dtype in ("int64", "int32", "int16", "int8"):
    case("gcd", ints([3, 4], -30, 30, seed=78, dtype=dtype),
         ints([4], -30, 30, seed=79, dtype=dtype))
    case("lcm", ints([3, 4], -9, 9, seed=80, dtype=dtype),
         ints([4], -9, 9, seed=81, dtype=dtype))
case("gcd", i64([0, 0, 2**40, -(2**40)]), i64([0, 5, 6, 2**41]))
case("lcm", i64([0, 0, 2**40]), i64([0, 5, 6]))
case("gcd", u8([200, 12]), u8([150, 18]))
case("gcd", i32([12]), i64([18]))
for op in ("gcd", "lcm"):
    error(op, f32([1.0]).const(), f32([1.0]).const())
    error(op, bl([True]), bl([True]))
ODD = [1.0, -3.0, 0.0, -0.0, INF, -INF, NAN, 0.1]
case("frexp", f32(ODD))
case("frexp", f64(ODD))
case("frexp", f16([1.0, 0.1, -5.0]))
case("frexp", f32([1e-45, 1e-40, 3e38]).const())
case("frexp", f64([5e-324, 1e-310, 1.7e308, 2.0**-1022]).const())
case("frexp", A)
error("frexp", i64([1]))
case("nextafter", f32(ODD), f32([2.0, INF, 1.0, -1.0, 1.0, 0.0, 1.0, NAN]),
     grad=False)
case("nextafter", f64(ODD), f64([0.0, -INF, -1.0, 0.0, 1.0, 0.0, 1.0, 0.1]),
     grad=False)
case("nextafter", f32([1e-45, -1e-45, 3.4028235e38]), f32([0.0, 0.0, INF]),
     grad=False, zero=True)
case("nextafter", f64([1.0, 2.0]), f64(3.0), grad=False)
error("nextafter", i64([1]), i64([2]))

# Writing through views.
for x, y in ((A, rnd([4], seed=82)), (A64, rnd([4], seed=83, dtype="float64"))):
    case("selectScatter", x, y, 0, 1)
    case("selectScatter", x, y, 0, -1)
case("selectScatter", TURNED, rnd([3], seed=84), 1, 2)
case("diagonalScatter", A, rnd([3], seed=85))
case("diagonalScatter", A, rnd([2], seed=86), offset=-1)
case("diagonalScatter", rnd([2, 3, 2], seed=87), rnd([3, 2], seed=88), dim1=0,
     dim2=2)
case("sliceScatter", A, rnd([3, 4], seed=89))
case("sliceScatter", A, rnd([2, 4], seed=90), 0, start=1)
case("sliceScatter", A, rnd([3, 2], seed=91), 1, start=0, end=3, step=2)
case("sliceScatter", A, rnd([3, 2], seed=91), -1, start=-2, end=100)
case("sliceScatter", TURNED, rnd([2, 4], seed=91), 0, end=-1)
case("selectScatter", i64([1, 2]), i64(7), 0, 1)
error("selectScatter", A, rnd([3]), 0, 0)
error("selectScatter", A, rnd([4]), 0, 5)
error("diagonalScatter", A, rnd([4]))
error("sliceScatter", A, rnd([3, 3]), 1, start=0, end=2)
error("sliceScatter", A, A, 0, step=0)
error("sliceScatter", f32(1.0).const(), f32(1.0).const())
case("fillDiagonal", A, 5)
case("fillDiagonal", A64, 1.5)
case("fillDiagonal", TURNED, -2)
case("fillDiagonal", rnd([7, 3], seed=92), 3)
case("fillDiagonal", rnd([7, 3], seed=92), 3, wrap=True)
case("fillDiagonal", rnd([3, 7], seed=93), 3, wrap=True)
case("fillDiagonal", rnd([2, 2, 2], seed=94), 9)
case("fillDiagonal", ints([3, 3], seed=95), 9)
error("fillDiagonal", V.const(), 1)
error("fillDiagonal", rnd([2, 3, 2]).const(), 1)

# Joining, bounding, questions.
case("blockDiag", [A, rnd([2], seed=96), f32(3.0)])
case("blockDiag", [A64, i64([[1], [2]])])
case("blockDiag", [bl([[True]]), i64([2])])
error("blockDiag", [A, rnd([2, 2, 2])])
for p in (1, 2, 3, INF):
    case("renorm", A, p, 0, 2, grad=p != INF)
    case("renorm", A64, p, 1, 3.5)
    case("renorm", rnd([2, 3, 2], seed=97), p, -2, 2.5, grad=p != INF)
error("renorm", V, 2, 0, 1)
error("renorm", A, -2, 0, 1)
error("renorm", A, 2, 0, -1)
error("renorm", A, 2, 2, 1)
case("isNonzero", f32([2.0]).const())
case("isNonzero", i64(0))
error("isNonzero", f32([2.0, 1.0]).const())
error("isNonzero", rnd([0]).const())
case("unravelIndex", i64([[5, 7], [0, 11]]), [3, 4])
case("unravelIndex", i64(13), [3, 4])
case("unravelIndex", i64([-1, -5]), [2, 3, 2])
case("unravelIndex", i32([5]), 12)
error("unravelIndex", f32([1.0]).const(), [2])
error("unravelIndex", bl([True]), [2])
error("unravelIndex", i64([1]), [2, -2])

# Windows.
for op in ("bartlettWindow", "blackmanWindow", "hammingWindow", "hannWindow"):
    for n in (0, 1, 2, 5, 6):
        case(op, n, dtype="float64")
        case(op, n, periodic=False, dtype="float32")
case("hammingWindow", 5, alpha=0.5, beta=0.25, dtype="float64")

# Which of equal elements, by PyTorch's own search.
TIES = ints([6, 11], 0, 3, seed=98)
for k in range(1, 12):
    case("kthvalue", TIES, k)
    case("kthvalue", TIES.to("float32"), k, 1, keepdim=True)
for k in (1, 3, 6):
    case("kthvalue", TIES, k, 0)
    case("kthvalue", TIES.via(("transpose", 0, 1)), k)
    case("kthvalue", rnd([9, 2], seed=99, dtype="float64"), k, 0)
case("kthvalue", f32([NAN, 1.0, NAN, 1.0, 2.0, NAN]).const(), 5)
case("kthvalue", f16([3.0, 1.0, 1.0, 2.0]).const(), 2)
case("kthvalue", ints([40], 0, 5, seed=100), 20)
case("kthvalue", f32(2.0), 1)
