"""Writes special_math.json: goldens for the scalar functions of
src/cpu/math_bessel.ts, math_normal.ts and math_incomplete.ts and for erfcx.

Needs mpmath and torch (2.13 was used). As in make_math_goldens.py, `values` are
correctly rounded results by mpmath, and `special` is what torch's float64
answers for NaN, infinities, signed zeros and poles; accidents of torch are left
out and named below.

    python3 tests/goldens/make_special_goldens.py
"""

import json
import math
import pathlib
import random

import mpmath as mp

mp.mp.dps = 60
INF, NAN = math.inf, math.nan
rng = random.Random(21)
BOTH = (1, -1)
N = 24


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


def m(f):
    return lambda *a: f(*[mp.mpf(x) for x in a])


def ncdf(x):
    return mp.erfc(-x / mp.sqrt(2)) / 2


def ndtri(p):
    if p > 0.5:
        return -ndtri(1 - mp.mpf(p))
    # log(ncdf) bends down, so Newton's steps from the left stay there.
    left = mp.log(p)
    z = -mp.sqrt(-2 * left) - 1
    for _ in range(200):
        c = ncdf(z)
        step = (left - mp.log(c)) * c * mp.sqrt(2 * mp.pi) * mp.exp(z * z / 2)
        z += step
        if abs(step) < mp.mpf(10) ** -50:
            break
    return z


def erfcx(x):
    return mp.exp(x * x) * mp.erfc(x)


def lower(a, x):
    """The power series, all of whose terms are positive."""
    term = total = mp.mpf(1)
    n = 0
    while term > total * mp.mpf(10) ** -mp.mp.dps:
        n += 1
        term *= x / (a + n)
        total += term
    return mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1)) * total


def upper(a, x):
    with mp.workdps(150):
        return 1 - lower(a, x)


POSITIVE = (spread(N, 1e-300, 1) + even(2 * N, 0, 8) + even(2 * N, 8, 60)
            + spread(N, 60, 1e5))
REAL = [x * rng.choice(BOTH) for x in POSITIVE]
BESIDE_ZEROS = [2.404825557695773, 5.520078110286311, 3.8317059702075125,
                7.015586669815619, 0.8935769662791675, 3.957678419314858,
                7.086051060301773, 2.197141326031017, 5.429681040794135]
ZEROS = [z * (1 + t) for z in BESIDE_ZEROS
         for t in (0, 1e-15, -1e-15, 1e-9, -1e-5)]
GAMMA = (pairs(spread(2 * N, 1e-5, 30), spread(2 * N, 1e-5, 60))
         + [[a, a * (1 + t)] for a in spread(2 * N, 1, 1e4)
            for t in even(1, -0.3, 0.3)]
         + [[a, a + t * math.sqrt(a)] for a in spread(N, 1e4, 1e6)
            for t in even(1, -6, 6)])

VALUES = {
    "i0": (m(lambda x: mp.besseli(0, x)), even(4 * N, -700, 700)
           + even(2 * N, -8, 8) + spread(8, 1e-300, 1, BOTH) + [712.5, -713.5]),
    "i0e": (m(lambda x: mp.exp(-abs(x)) * mp.besseli(0, x)), REAL),
    "i1": (m(lambda x: mp.besseli(1, x)), even(4 * N, -700, 700)
           + even(2 * N, -8, 8) + spread(8, 1e-290, 1, BOTH) + [712.5, -713.5]),
    "i1e": (m(lambda x: mp.exp(-abs(x)) * mp.besseli(1, x)),
            [x for x in REAL if abs(x) > 1e-290]),
    "j0": (m(lambda x: mp.besselj(0, x)), REAL + ZEROS),
    "j1": (m(lambda x: mp.besselj(1, x)),
           [x for x in REAL if abs(x) > 1e-290] + ZEROS),
    "y0": (m(lambda x: mp.bessely(0, x)), POSITIVE + ZEROS),
    "y1": (m(lambda x: mp.bessely(1, x)), POSITIVE + ZEROS),
    "k0": (m(lambda x: mp.besselk(0, x)), spread(N, 1e-300, 1)
           + even(3 * N, 0, 10) + even(N, 10, 700)),
    "k1": (m(lambda x: mp.besselk(1, x)), spread(N, 1e-300, 1)
           + even(3 * N, 0, 10) + even(N, 10, 700)),
    "k0e": (m(lambda x: mp.exp(x) * mp.besselk(0, x)), POSITIVE),
    "k1e": (m(lambda x: mp.exp(x) * mp.besselk(1, x)), POSITIVE),
    "sphericalJ0": (m(lambda x: mp.sin(x) / x), REAL),
    "erfcx": (m(erfcx), even(N, -26, 0) + even(2 * N, 0, 30)
              + spread(N, 30, 1e6) + spread(8, 1e-300, 1, BOTH)),
    "ndtr": (m(ncdf), even(2 * N, -37, 0) + even(N, -1, 9)
             + spread(N, 1e-20, 1, BOTH)),
    "logNdtr": (m(lambda x: mp.log1p(-ncdf(-x)) if x > 0 else mp.log(ncdf(x))),
                even(2 * N, -40, 0) + even(N, 0, 37) + spread(N, 40, 1e3, (-1,))
                + spread(8, 1e-20, 1, BOTH)),
    "ndtri": (m(ndtri), spread(2 * N, 1e-300, 0.5) + even(2 * N, 0, 1)
              + [.5 + t for t in spread(N, 1e-12, .3, BOTH)]),
    "gammainc": (m(lower), GAMMA),
    "gammaincc": (m(upper), GAMMA),
}

EDGE = [NAN, INF, -INF, 0.0, -0.0, -1.0, -0.5, 1e308, -1e308, 5e-324, -5e-324]
GAMMA_EDGE = [NAN, INF, -INF, 0.0, -0.0, -1.0, 2.0, 0.5]


def special_rows():
    import torch

    def ask(f, *args):
        result = f(*[torch.tensor(a, dtype=torch.float64) for a in args])
        return float(result.item())

    s = torch.special
    unary = {
        "i0": s.i0, "i0e": s.i0e, "i1": s.i1, "i1e": s.i1e,
        "j0": s.bessel_j0, "j1": s.bessel_j1, "y0": s.bessel_y0,
        "y1": s.bessel_y1, "k0": s.modified_bessel_k0,
        "k1": s.modified_bessel_k1, "k0e": s.scaled_modified_bessel_k0,
        "k1e": s.scaled_modified_bessel_k1,
        "sphericalJ0": s.spherical_bessel_j0, "erfcx": s.erfcx,
        "ndtr": s.ndtr, "logNdtr": s.log_ndtr, "ndtri": s.ndtri,
    }

    def accident(name, x):
        # inf * 0 where the function is infinite
        if name in ("i0", "i1") and abs(x) == INF:
            return True
        # odd functions that forget the sign of zero
        if name in ("i1", "i1e") and x == 0:
            return True
        # half of the least number is that number or 0
        if name == "j1" and abs(x) == 5e-324:
            return True
        # a zero that is -0 because a logarithm of 1 was negated
        return name == "logNdtr" and x > 0

    rows = {}
    for name, f in unary.items():
        rows[name] = [[x, ask(f, x)] for x in EDGE if not accident(name, x)]
    for name, f in (("gammainc", s.gammainc), ("gammaincc", s.gammaincc)):
        rows[name] = [[a, x, ask(f, a, x)]
                      for a in GAMMA_EDGE for x in GAMMA_EDGE
                      # torch looks at the other argument before it sees a NaN
                      if (a == a and x == x) or ask(f, a, x) != ask(f, a, x)]
    # A finite answer that is no integer is torch's rounding, not a rule.
    return {name: [[encode(v) for v in row] for row in list_of
                   if row[-1] != row[-1] or abs(row[-1]) == INF
                   or row[-1] == math.floor(row[-1])]
            for name, list_of in rows.items()}


def encode(value):
    value = float(value)
    if value != value:
        return "nan"
    if value in (INF, -INF):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15 and math.copysign(1, value) > 0:
        return int(value)
    return value


def block(table):
    return ",\n".join(
        json.dumps(name) + ":[\n" + ",\n".join(
            json.dumps(row, separators=(",", ":")) for row in rows) + "]"
        for name, rows in table.items())


def main():
    values = {}
    for name, (oracle, cases) in VALUES.items():
        rows = []
        for case in cases:
            args = case if isinstance(case, list) else [case]
            value = oracle(*args)
            if 0 < abs(value) < mp.mpf("2.3e-308"):
                continue
            rows.append([encode(x) for x in (*args, value)])
        assert len(rows) >= 60, (name, len(rows))
        values[name] = rows
    path = pathlib.Path(__file__).with_name("special_math.json")
    path.write_text('{"values":{\n' + block(values) + '},\n"special":{\n'
                    + block(special_rows()) + "}}\n")


main()
