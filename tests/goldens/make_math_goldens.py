"""Writes math.json: goldens for the scalar functions of src/cpu/math_*.ts.

Needs mpmath and torch (2.13 was used). Two kinds of rows, [arguments...,
value] with "nan", "inf" and "-inf" for what JSON lacks:

- values: the correctly rounded result, by mpmath with 60 digits;
- special: what torch's float64 answers for NaN, infinities, signed zeros,
  poles. Answers of torch that are accidents are left out and named below.

    python3 tests/goldens/make_math_goldens.py
    python3 tests/goldens/make_math_goldens.py --coefficients

The second form prints the fitted polynomials of gamma_series.ts, erf_series.ts
and vector_wide_gamma.ts instead.
"""

import json
import math
import pathlib
import random
import sys

import mpmath as mp

mp.mp.dps = 60
INF, NAN = math.inf, math.nan


def fit(f, half, degree, middle=0):
    """Interpolates f on middle + [-half, half] at Chebyshev nodes."""
    n = degree + 1
    nodes = [middle + half * mp.cos(mp.pi * (2 * k + 1) / (2 * n))
             for k in range(n)]
    powers = mp.matrix(n, n)
    values = mp.matrix(n, 1)
    for i, t in enumerate(nodes):
        for j in range(n):
            powers[i, j] = t**j
        values[i] = f(t)
    return [float(c) for c in mp.lu_solve(powers, values)]


def print_coefficients():
    root = mp.findroot(mp.digamma, 1.4616321449683623)
    half = mp.mpf(1) / 2
    print("root", float(root), float(root - mp.mpf(float(root))))
    for name, f, h, degree in [
        ("digammaNearTwo", lambda z: mp.digamma(2 + z), half, 20),
        ("digammaNearRoot", lambda z: mp.digamma(root + z) / z,
         mp.mpf(3) / 10, 17),
    ]:
        print(name, *fit(f, h, degree)[::-1], sep="\n  ")

    def lgamma_near(t):
        y = mp.mpf(7) / 4 + t
        return mp.loggamma(y) / ((y - 1) * (y - 2))

    def erfc_factor(t):
        a = 4 * (1 + t) / (1 - t)
        return (1 + 2 * a) * mp.exp(a * a) * mp.erfc(a)

    def erfinv_factor(w):
        y = mp.sqrt(-mp.expm1(-w))
        if w < mp.mpf(10) ** -6:
            series = 1 + mp.pi / 12 * y**2 + 7 * mp.pi**2 / 480 * y**4
            return mp.sqrt(mp.pi) / 2 * series
        if w < 3:
            return mp.erfinv(y) / y
        left = mp.log(1 - y)
        return mp.findroot(
            lambda z: mp.log(mp.erfc(z)) - left, mp.sqrt(w) - 0.3) / y

    def erfinv_of_root(middle):
        return lambda s: erfinv_factor((s + middle) ** 2)

    # Constant coefficients first, as they stand in the sources.
    for name, f, h, degree, middle in [
        ("lgammaNear", lgamma_near, "0.75", 23, 0),
        ("lgammaNear for float32", lgamma_near, "0.75", 12, 0),
        ("erfcTail", erfc_factor, "0.78", 21, "-0.02"),
        ("erfinv", lambda w: erfinv_factor(w + mp.mpf("3.125")), "3.125", 24,
         0),
        ("erfinv, root from 2.5", erfinv_of_root(mp.mpf("3.25")), "0.75", 19,
         0),
        ("erfinv, root from 4", erfinv_of_root(5), "1.005", 18, "0.005"),
        ("sinOfTurn", lambda t: mp.sin(mp.pi * mp.sqrt(t)) / mp.sqrt(t),
         "0.125", 8, "0.125"),
    ]:
        coefficients = fit(f, mp.mpf(h), degree, mp.mpf(middle))
        print(name, *coefficients, sep="\n  ")


rng = random.Random(20)


def spread(count, low, high, signs=(1,)):
    """Numbers whose logarithm is uniform between those of low and high."""
    return [
        rng.choice(signs) * math.exp(rng.uniform(math.log(low), math.log(high)))
        for _ in range(count)
    ]


def even(count, low, high):
    return [rng.uniform(low, high) for _ in range(count)]


def pairs(first, second):
    return [list(p) for p in zip(first, second)]


BOTH = (1, -1)
N = 24  # a third of the arguments of a function
ANY = (spread(N, 1e-300, 1e300, BOTH) + spread(2 * N, 1e-3, 1e3, BOTH))


def shuffled(values):
    values = list(values)
    rng.shuffle(values)
    return values


def m(f):
    return lambda *a: f(*[mp.mpf(x) for x in a])


def relative(f):
    """mpmath bounds the absolute error of these, and 1e-60 can be the value."""
    def precise(*args):
        with mp.workdps(500):
            return f(*args)
    return precise


def scaled_round(x, decimals):
    # torch's own two roundings, in exact decimal scales.
    scale = float("1e%d" % abs(decimals))
    if decimals < 0:
        return round(x / scale) * scale
    return round(x * scale) / scale


def sinc(x):
    angle = mp.mpf(math.pi * x)  # the rounded product is part of the definition
    return mp.sin(angle) / angle


def lerp(a, b, w):
    return mp.mpf(a) + mp.mpf(w) * (mp.mpf(b) - mp.mpf(a))


# name -> (oracle, argument lists)
VALUES = {
    "erf": (m(mp.erf), spread(N, 1e-300, 1, BOTH) + even(2 * N, -6, 6)),
    "erfc": (m(mp.erfc), spread(N, 1e-20, 1, BOTH) + even(N, -6, 6)
             + even(N, 4, 27.2) + [.46875, .46876, 4.0, 4.001, 25.999, 26.0, 26.6, 27.0, 27.2]),
    "erfinv": (m(mp.erfinv), spread(N, 1e-300, 1, BOTH) + even(N, -1, 1)
               + [s * (1 - t) for s in BOTH for t in spread(N // 2, 1e-16, .2)]
               + [.85, .8500001, 1 - 2**-53]),
    "lgamma": (m(lambda x: mp.re(mp.loggamma(x))),
               spread(N, 1e-300, 1e300) + even(N, 0, 12) + even(N, -12, 0)
               + [1 + t for t in spread(6, 1e-15, .1, BOTH)]
               + [2 + t for t in spread(6, 1e-15, .1, BOTH)]
               + spread(6, 1e-300, .1, (-1,)) + [-100.5, -1000.25]
               + [.4999, .5, 1.4999, 1.5, 2.5, 2.5001, 7.999, 8.0, -.5]),
    "digamma": (m(mp.digamma),
                spread(N, 1e-300, 1e300) + even(N, 0, 12) + even(N, -12, 0)
                + [1.4616321449683622 + t for t in spread(6, 1e-15, .1, BOTH)]
                + spread(6, 1e-300, .1, (-1,)) + [-100.5, -1000.25]
                + [.5, 1.2, 1.2001, 1.75, 1.7501, 2.5, 2.5001, 10.0, -.5]),
    "trigamma": (m(lambda x: mp.psi(1, x)),
                 spread(N, 1e-150, 1e300) + even(N, 0, 12) + even(N, -12, 0)
                 + spread(6, 1e-150, .1, (-1,))),
    "polygamma": (relative(lambda n, x: mp.psi(n, mp.mpf(x))),
                  [[n, x] for n in (0, 1, 2, 3, 4, 5, 9, 16)
                   for x in spread(6, 1e-8, 1e6) + even(4, .5, 12)
                   + even(3, -6, 0)]),
    "zeta": (relative(lambda s, q: mp.zeta(mp.mpf(s), mp.mpf(q))),
             pairs(even(N, 1.01, 20), spread(N, 1e-6, 1e6))
             + pairs(even(N, 1.5, 60), even(N, 0, 40))
             + [[rng.randint(2, 12), x] for x in even(N, -20, 0)]
             + [[1.0001, 3.0], [1.05, 1e300], [40.5, 1e7], [150.5, 90.0]]),
    "exp2": (m(lambda x: mp.power(2, x)),
             spread(N, 1e-20, 1e-1, BOTH) + even(2 * N, -1074, 1023.9)),
    "pow": (m(mp.power), pairs(spread(N, 1e-3, 1e3), even(N, -40, 40))
            + pairs(even(N, .9, 1.1), even(N, -2000, 2000))
            + pairs(spread(N, 1e-20, 1e20, (-1,)),
                    [float(rng.randint(-9, 9)) for _ in range(N)])),
    "logaddexp": (m(lambda a, b: mp.log(mp.exp(a) + mp.exp(b))),
                  pairs(even(2 * N, -30, 30), even(2 * N, -30, 30))
                  + pairs(spread(N, 1, 1e4, BOTH), spread(N, 1, 1e4, BOTH))),
    "logaddexp2": (m(lambda a, b: mp.log(mp.power(2, a) + mp.power(2, b), 2)),
                   pairs(even(2 * N, -30, 30), even(2 * N, -30, 30))
                   + pairs(spread(N, 1, 1e4, BOTH), spread(N, 1, 1e4, BOTH))),
    "xlogy": (m(lambda x, y: x * mp.log(y)),
              pairs(shuffled(ANY), spread(3 * N, 1e-300, 1e300))),
    "sinc": (sinc, spread(N, 1e-300, 1e5, BOTH) + even(2 * N, -9, 9)),
    "hypot": (m(mp.hypot), pairs(ANY, shuffled(ANY))
              + [[3e200, 4e200], [3e-200, 4e-200], [5e-324, 5e-324],
                 [1e308, 1e308], [1e-160, 1e-158], [1e149, 1e150]]),
    "atan2": (m(mp.atan2), pairs(shuffled(ANY), shuffled(ANY))),
    "fmod": (m(lambda a, b: mp.mpf(math.fmod(a, b))),
             pairs(spread(3 * N, 1e-9, 1e9, BOTH),
                   spread(3 * N, 1e-9, 1e9, BOTH))),
    "remainder": (m(lambda a, b: a - b * mp.floor(a / b)),
                  pairs(spread(3 * N, 1e-3, 1e9, BOTH),
                        spread(3 * N, 1e-3, 1e3, BOTH))),
    "floorDiv": (m(lambda a, b: mp.floor(a / b)),
                 pairs(spread(2 * N, 1e-3, 1e9, BOTH),
                       spread(2 * N, 1e-3, 1e3, BOTH))
                 + [[s * k * .1, .1 * t] for k in range(1, 7)
                    for s in BOTH for t in BOTH]),
    "roundHalfEven": (lambda x: mp.mpf(round(x)),
                      [k + .5 for k in range(-20, 20) if k != -1]
                      + even(N, .6, 99) + even(N, -99, -.6)
                      + [1.4999999999999998, 4503599627370497.5, 1e300]),
    "roundDecimals": (lambda x, d: mp.mpf(scaled_round(x, d)),
                      [[x, d] for d in (-2, 1, 2, 3, 10)
                       for x in even(12, 60, 5e4) + [-2.675e3, 1000.285]]),
    "lerp": (lerp, [[a, b, w] for a, b, w in
                    zip(even(3 * N, -9, 9), even(3 * N, -9, 9),
                        even(3 * N, -2, 3))]),
    "sigmoid": (m(lambda x: 1 / (1 + mp.exp(-x))),
                spread(N, 1e-20, 1, BOTH) + even(2 * N, -740, 40)),
    "logit": (m(lambda x: mp.log(x / (1 - x))),
              spread(N, 1e-300, 1) + even(N, 0, 1)
              + [.5 + t for t in spread(N, 1e-12, .3, BOTH)]),
    "softplus": (lambda x, b, t: mp.mpf(x) if x * b > t else
                 mp.log1p(mp.exp(mp.mpf(x) * b)) / b,
                 [[x, b, t] for x in spread(8, 1e-9, 1, BOTH)
                  + even(16, -100, 40) for b, t in
                  ((1.0, 20.0), (.5, 20.0), (2.0, 5.0))]),
}

EDGE = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0, 2.5, -0.5]
WIDE = EDGE + [0.5, 2.0, -2.0, -3.0, 1e308, -1e308, 5e-324, -5e-324, -1e300]


def special_rows():
    import torch

    def ask(f, *args):
        result = f(*[torch.tensor(a, dtype=torch.float64) for a in args])
        return float(result.item())

    unary = {
        "erf": torch.erf, "erfc": torch.erfc, "erfinv": torch.erfinv,
        "lgamma": torch.lgamma, "digamma": torch.digamma,
        "trigamma": lambda x: torch.polygamma(1, x), "exp2": torch.exp2,
        "sinc": torch.sinc, "sign": torch.sign, "signbit": torch.signbit,
        "sigmoid": torch.sigmoid, "logit": torch.logit,
        "softplus": torch.nn.functional.softplus,
        "roundHalfEven": torch.round,
    }
    binary = {
        "logaddexp": torch.logaddexp, "logaddexp2": torch.logaddexp2,
        "xlogy": torch.xlogy, "hypot": torch.hypot, "atan2": torch.atan2,
        "copysign": torch.copysign, "fmod": torch.fmod,
        "remainder": torch.remainder, "floorDiv": torch.floor_divide,
        "heaviside": torch.heaviside, "pow": torch.pow,
        "maximum": torch.maximum, "minimum": torch.minimum,
        "fmax": torch.fmax, "fmin": torch.fmin,
    }

    def accident(name, *a):
        if name == "trigamma":  # 1e32 at the poles, digits lost to sin(pi x)
            return a[0] <= -1 and a[0] > -INF
        if name in ("maximum", "minimum", "fmax", "fmin"):
            # which zero comes out depends on torch's vector length
            return a[0] == 0 and a[1] == 0
        if name == "logaddexp2":  # 1 / log(2) is rounded: -4.8e-17 for 0
            return a == (-1, -1)
        return False

    exact = lambda v: v != v or v in (INF, -INF) or v == math.floor(v)
    rows = {}
    for name, f in unary.items():
        rows[name] = [[x, ask(f, x)] for x in WIDE if not accident(name, x)]
    for name, f in binary.items():
        rows[name] = [[x, y, ask(f, x, y)] for x in EDGE for y in EDGE
                      if not accident(name, x, y)]
    rows["polygamma"] = [
        [n, x, float(torch.polygamma(
            n, torch.tensor(x, dtype=torch.float64)).item())]
        for n in (0, 2, 3) for x in WIDE]
    rows["zeta"] = [
        [s, q, ask(torch.special.zeta, s, q)]
        for s in (NAN, INF, -INF, 1.0, .5, 2.0, 2.5, 300.0)
        for q in (NAN, INF, -INF, 0.0, -0.0, -1.0, -1.5, .5, 1.0, 2.0)]
    rows["ldexp"] = [[x, n, ask(torch.ldexp, x, n)] for x, n in (
        (1.0, 10.0), (1.0, -1074.0), (1e-300, 1100.0), (3.0, -1075.0),
        (0.0, INF), (INF, -INF), (-3.0, 2.0), (-0.0, 5.0))]
    rows["roundDecimals"] = [
        [x, d, float(torch.round(torch.tensor(x, dtype=torch.float64),
                                 decimals=d).item())]
        for x in EDGE + [2.675, -2.675, .285, 1234.5, 1e300, 1e-320, .15, 25.0]
        for d in (0, 1, 2, -1, -2, 400, -400)]
    rows["nanToNum"] = [
        [x, 7.0, 8.0, -9.0, float(torch.nan_to_num(
            torch.tensor(x, dtype=torch.float64), 7.0, 8.0, -9.0).item())]
        for x in EDGE]
    rows["lerp"] = [
        [a, b, w, ask(torch.lerp, a, b, w)]
        for a in (0.0, 1.0, INF, NAN) for b in (0.0, 2.0, -INF, NAN)
        for w in (0.0, 0.5, 1.0, INF)]
    # float32: the tie of a product that float64 does not see
    rows["roundDecimals32"] = [
        [float(t.item()), d, float(torch.round(t, decimals=d).item())]
        for x in [1.015, 0.285, 1.005, 2.675, -8.125, 1e30, INF, NAN, -0.0]
        + [k + .015 for k in range(2, 20)]
        for d in (0, 1, 2, 3, -1)
        for t in [torch.tensor(x, dtype=torch.float32)]]
    # through float32, as a cast of a float64 tensor does it
    halfway = [1 + 2**-8, 1 + 3 * 2**-8, 1 + 2**-8 + 2**-30, -1 - 2**-8,
               1 + 2**-8 - 2**-30, 3.3895e38, 3.4e38, -1e39, 1e-40, 9.2e-41,
               4.6e-41, 1e-45, 1e-50, math.pi, 65504.0]
    rows["floatToBfloat16Bits"] = [
        [x, torch.tensor(x, dtype=torch.float64).to(torch.bfloat16)
         .view(torch.int16).item() & 0xffff]
        for x in EDGE + halfway + spread(48, 1e-39, 1e38, BOTH)]
    rows["bfloat16BitsToFloat"] = [
        [b, torch.tensor(b - 65536 * (b > 32767), dtype=torch.int16)
         .view(torch.bfloat16).double().item()]
        for b in range(0, 65536, 701)]
    return rows, exact


def encode(value):
    value = float(value)
    if value != value:
        return "nan"
    if value in (INF, -INF):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15 and math.copysign(1, value) > 0:
        return int(value)
    return value


def main():
    values = {}
    for name, (oracle, cases) in VALUES.items():
        rows = []
        for case in cases:
            args = case if isinstance(case, list) else [case]
            rows.append([encode(x) for x in (*args, oracle(*args))])
        assert len(rows) >= 60, (name, len(rows))
        values[name] = rows
    special, exact = special_rows()
    kept = {}
    for name, rows in special.items():
        # A finite answer that is no integer is torch's rounding, not a rule.
        keep = name.startswith(("round", "bfloat", "float", "copysign",
                                "fmod", "remainder", "floorDiv", "fm",
                                "maximum", "minimum", "heaviside", "nan"))
        kept[name] = [[encode(x) for x in row] for row in rows
                      if keep or exact(row[-1])]
    path = pathlib.Path(__file__).with_name("math.json")

    def block(table):
        return ",\n".join(
            json.dumps(name) + ":[\n" + ",\n".join(
                json.dumps(row, separators=(",", ":")) for row in rows) + "]"
            for name, rows in table.items())

    path.write_text('{"values":{\n' + block(values) + '},\n"special":{\n'
                    + block(kept) + "}}\n")


if __name__ == "__main__":
    if "--coefficients" in sys.argv:
        print_coefficients()
    else:
        main()
