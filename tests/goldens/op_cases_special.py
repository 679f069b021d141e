"""Special functions: torch.special, and what torch itself has of it."""

from op_cases_base import (INF, NAN, bl, case, error, f16, f32, f64, i64, rnd,
                           u8)

A = rnd([2, 3], lo=-4, hi=4, seed=201)
A64 = rnd([2, 3], lo=-4, hi=4, seed=202, dtype="float64")
FAR = f64([-30.5, -12.25, 9.5, 21.0, 33.5])
TURNED = rnd([3, 2], lo=-4, hi=4, seed=203).via(("transpose", 0, 1))
POSITIVE = rnd([2, 3], lo=0.1, hi=6, seed=204)
POSITIVE64 = rnd([2, 3], lo=0.1, hi=6, seed=205, dtype="float64")
SHARE = rnd([2, 3], lo=0.02, hi=0.98, seed=206)
SHARE64 = rnd([2, 3], lo=0.02, hi=0.98, seed=207, dtype="float64")

for op in ("besselJ0", "besselJ1", "erf", "erfc", "erfcx", "exp2", "expit",
           "expm1", "i0", "i0e", "i1", "i1e", "logNdtr", "modifiedBesselI0",
           "modifiedBesselI1", "ndtr", "sinc", "sphericalBesselJ0"):
    name = "special." + op
    case(name, A)
    case(name, A64)
    case(name, FAR if op not in ("erfcx", "exp2", "expm1") else
         f64([-3.5, 9.5, 30.5]))
    case(name, TURNED)
    case(name, i64([1, 0, -2]))
    case(name, bl([True]))
    case(name, rnd([0]))
    case(name, f32(0.5))
for op in ("besselY0", "besselY1", "digamma", "entr", "gammaln", "log1p",
           "modifiedBesselK0", "modifiedBesselK1", "psi",
           "scaledModifiedBesselK0", "scaledModifiedBesselK1"):
    name = "special." + op
    case(name, POSITIVE)
    case(name, POSITIVE64)
    case(name, f64([9.5, 21.0, 33.5]))
    case(name, i64([1, 2]))
for op in ("erfinv", "ndtri"):
    case("special." + op, SHARE)
    case("special." + op, SHARE64)
    case("special." + op, i64([0, 1]), grad=False)
case("special.ndtri", f64([1e-300, 1e-20, 1e-5, 0.99999]))
case("special.entr", f64([-1.0, 0.0, 1.0, NAN, INF]), grad=False)
case("special.erfcx", f64([-INF, INF, NAN, 0.0, -27.5]), grad=False)
case("special.ndtr", f64([-INF, INF, NAN, 0.0]), grad=False)
case("special.ndtri", f64([-0.5, 1.5, NAN, 0.0, 1.0]), grad=False)
for op in ("besselY0", "besselY1", "modifiedBesselK0", "modifiedBesselK1",
           "scaledModifiedBesselK0", "scaledModifiedBesselK1"):
    case("special." + op, f64([0.0, -1.0, NAN]), grad=False)
for op in ("i0", "i0e", "i1", "i1e", "entr", "ndtr"):
    case("special." + op, f16([0.5, 2.0]), grad=False)
for op in ("besselJ0", "modifiedBesselK0", "erfcx", "logNdtr", "ndtri",
           "sphericalBesselJ0", "scaledModifiedBesselK1"):
    error("special." + op, f16([0.5]).const())
case("i0", A)
case("i0", POSITIVE64)
case("special.i1", f64([0.0, 1e-3]))
case("special.i1e", f64([0.0, 1e-3]))

for a, x in ((POSITIVE64, rnd([2, 3], lo=0.1, hi=9, seed=208,
                              dtype="float64")),
             (POSITIVE, rnd([3], lo=0.1, hi=9, seed=209)),
             (f64([0.3, 30.0, 300.0, 30000.0]),
              f64([2.0, 25.0, 320.0, 30100.0]).const()),
             (f64([0.3, 8.0, 12.5]), f64([2.0, 6.5, 14.0])),
             (f32(2.5), f32([0.5, 3.0])),
             (f64([1.0, 0.0, 2.0, INF, 1.0]).const(),
              f64([0.0, 2.0, INF, 2.0, NAN]).const())):
    for op in ("special.gammainc", "special.gammaincc", "igamma", "igammac"):
        case(op, a.const(), x)
        case(op, a.const(), x.const())
error("igamma", i64([1]), i64([1]))
error("igammac", bl([True]), bl([True]))
for s, q in ((rnd([2, 3], lo=1.1, hi=8, seed=210, dtype="float64"), POSITIVE64),
             (f32([2.0, 3.0]), f32([[1.0], [2.5]])),
             (f64([3.0, 4.0, 2.0]), f64([-1.5, -2.25, 30.0])),
             (i64([2]), i64([3]))):
    case("special.zeta", s.const(), q)
case("special.zeta", 2, POSITIVE64)
case("special.zeta", POSITIVE64.const(), 2)
error("special.zeta", f16([2.0]).const(), f16([2.0]).const())
for x, y in ((A64, POSITIVE64), (A, rnd([3], lo=-0.9, hi=4, seed=211)),
             (f64([0.0, 0.0, 2.0]), f64([-1.0, NAN, -1.0])),
             (f64([0.0, 0.0]), f64([-1.0, 3.0])), (i64([1, 0]), i64([2, -1]))):
    case("special.xlog1py", x, y)
for op in ("special.xlog1py", "special.xlogy"):
    case(op, A64, POSITIVE64)
    case(op, 2, POSITIVE64)
    case(op, A64, 2)
case("special.logit", SHARE)
case("special.logit", A64, eps=0.25)
case("special.logsumexp", A64, 1)
case("special.logSoftmax", A64, 1)
case("special.softmax", A64, 0)
case("special.multigammaln", f64([3.5, 4.0]), 3)
case("special.polygamma", 1, POSITIVE64)
case("special.round", A, decimals=1)
case("special.gammaln", u8([3]))
for n in (0, 1, 2, 6, 7):
    case("kaiserWindow", n, dtype="float64")
    case("kaiserWindow", n, periodic=False, dtype="float32")
case("kaiserWindow", 6, periodic=False, beta=3, dtype="float64")
