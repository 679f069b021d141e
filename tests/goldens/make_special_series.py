"""Writes src/cpu/bessel_series.ts, normal_series.ts and
incomplete_series.ts, and the float32 fits of src/gpu/wgsl_special_series.ts: polynomials for the special functions.

Needs mpmath.

    python3 tests/goldens/make_special_series.py           # float64
    python3 tests/goldens/make_special_series.py --float32 # WGSL

Each is an interpolation at Chebyshev nodes of the lowest degree whose error is
below a fourth of the type's half unit, relative to the function.
"""

import pathlib
import sys

import mpmath as mp

mp.mp.dps = 50
ROOT = pathlib.Path(__file__).resolve().parents[2]
FLOAT32 = "--float32" in sys.argv
GOAL = mp.mpf(2) ** -27 if FLOAT32 else mp.mpf(2) ** -56
pi = mp.pi
half = mp.mpf(1) / 2


def interpolate(f, low, high, middle, degree):
    n = degree + 1
    centre, radius = (low + high) / 2, (high - low) / 2
    nodes = [centre + radius * mp.cos(pi * (2 * k + 1) / (2 * n))
             for k in range(n)]
    values = [f(t) for t in nodes]
    # Newton's divided differences, then powers of t - middle.
    table = list(values)
    for j in range(1, n):
        for i in range(n - 1, j - 1, -1):
            table[i] = (table[i] - table[i - 1]) / (nodes[i] - nodes[i - j])
    power = [mp.mpf(0)] * n
    for i in range(n - 1, -1, -1):
        # power = power * (t - nodes[i]) + table[i]
        shift = middle - nodes[i]
        new = [mp.mpf(0)] * n
        for j in range(n):
            new[j] += power[j] * shift
            if j + 1 < n:
                new[j + 1] += power[j]
        new[0] += table[i]
        power = new
    return power


def fit(f, low, high, middle=0):
    low, high, middle = mp.mpf(low), mp.mpf(high), mp.mpf(middle)
    points = [low + (high - low) * (mp.mpf(k) + half) / 67 for k in range(67)]
    points += [high - (high - low) * mp.mpf(10) ** -k for k in (2, 3, 5)]
    points += [low + (high - low) * mp.mpf(10) ** -k for k in (2, 3, 5)]
    exact = [f(t) for t in points]
    size = max(abs(v) for v in exact)
    for degree in range(3, 48):
        power = interpolate(f, low, high, middle, degree)
        worst = mp.mpf(0)
        for t, v in zip(points, exact):
            got = mp.polyval(power[::-1], t - middle)
            # Relative; where the function has a zero, to its size.
            worst = max(worst, abs(got - v) / max(abs(v), size / 64))
        if worst < GOAL:
            break
    print(f"  degree {degree}, error {mp.nstr(worst, 3)}", file=sys.stderr)
    return power


def zero(f, guess):
    return mp.findroot(f, mp.mpf(guess))


def j(n, x):
    return mp.besselj(n, x)


def y(n, x):
    return mp.bessely(n, x)


def phase(n, w, which):
    """P and Q / u of the asymptotic form, w = 1 / x**2."""
    if w == 0:
        w = mp.mpf(10) ** -20
    x = 1 / mp.sqrt(w)
    with mp.workdps(60):
        chi = x - (2 * n + 1) * pi / 4
        c, s = mp.cos(chi), mp.sin(chi)
        a, b = j(n, x), y(n, x)
        scale = mp.sqrt(pi * x / 2)
        if which == "P":
            return scale * (a * c + b * s)
        return scale * (b * c - a * s) * x


def at_least(u):
    return max(u, mp.mpf(10) ** -9)


def scaled(f, sign):
    """exp(sign x) f(x) sqrt(x) of u = 1 / x."""
    def g(u):
        x = 1 / at_least(u)
        return mp.exp(sign * x) * f(x) * mp.sqrt(x)
    return g


def erfinv_factor(w):
    """erfinv(y) / y of w = -log(1 - y * y), near 1."""
    y2 = -mp.expm1(-w)
    left = mp.log(-mp.expm1(mp.log(y2) / 2)) if w < 60 else -w - mp.log(2)
    guess = mp.sqrt(w - mp.log(w) / 2 - half)
    root = mp.findroot(lambda z: mp.log(mp.erfc(z)) - left, guess)
    return root / mp.sqrt(y2)


def erfinv_of_w(w):
    w = at_least(w)
    y = mp.sqrt(-mp.expm1(-w))
    return mp.erfinv(y) / y if w < 3 else erfinv_factor(w)


def zeros():
    return {
        "J0": [zero(lambda x: j(0, x), g) for g in (2.4, 5.5)],
        "J1": [zero(lambda x: j(1, x), g) for g in (3.8, 7.0)],
        "Y0": [zero(lambda x: y(0, x), g) for g in (0.89, 3.96, 7.09)],
        "Y1": [zero(lambda x: y(1, x), g) for g in (2.2, 5.43)],
    }


def bessel_fits(z):
    j0a, j0b = z["J0"]
    j1a, j1b = z["J1"]
    y0a, y0b, y0c = z["Y0"]
    y1a, y1b = z["Y1"]
    i0, i1 = (lambda x: mp.besseli(0, x)), (lambda x: mp.besseli(1, x))
    k0, k1 = (lambda x: mp.besselk(0, x)), (lambda x: mp.besselk(1, x))

    def sq(f):
        return lambda t: f(mp.sqrt(at_least(t)))

    def y0_small(x):
        with mp.workdps(70):
            if abs(x - y0a) < mp.mpf(10) ** -12:
                x += mp.mpf(10) ** -12
            return ((y(0, x) - 2 / pi * mp.log(x / y0a) * j(0, x))
                    / (x * x - y0a * y0a))

    yield "I0_NEAR", "i0(x) of x * x / 4, to |x| = 8", sq(
        lambda s: i0(2 * s)), 0, 16, 0
    yield "I0_FAR", "exp(-x) i0(x) sqrt(x) of 1 / x - 1 / 16, from 8", scaled(
        i0, -1), 0, "0.125", "0.0625"
    yield "I1_NEAR", "i1(x) / x of x * x / 4, to |x| = 8", sq(
        lambda s: i1(2 * s) / (2 * s)), 0, 16, 0
    yield "I1_FAR", "exp(-x) i1(x) sqrt(x) of 1 / x - 1 / 16, from 8", scaled(
        i1, -1), 0, "0.125", "0.0625"
    yield "K0_NEAR", "k0(x) + log(x / 2) i0(x) of x * x, to 1.5", sq(
        lambda x: k0(x) + mp.log(x / 2) * i0(x)), 0, "2.26", 0
    yield ("K0_MIDDLE", "exp(x) k0(x) sqrt(x) of 1 / x - 0.4, from 1.5 to 8",
           scaled(k0, 1), "0.125", "0.6667", "0.4")
    yield "K0_FAR", "exp(x) k0(x) sqrt(x) of 1 / x - 1 / 16, from 8", scaled(
        k0, 1), 0, "0.125", "0.0625"
    yield "K1_NEAR", ("(k1(x) - log(x / 2) i1(x)) / x - 1 / x**2 of x * x, "
                      "to 1.5"), sq(
        lambda x: (k1(x) - mp.log(x / 2) * i1(x) - 1 / x) / x), 0, "2.26", 0
    yield ("K1_MIDDLE", "exp(x) k1(x) sqrt(x) of 1 / x - 0.4, from 1.5 to 8",
           scaled(k1, 1), "0.125", "0.6667", "0.4")
    yield "K1_FAR", "exp(x) k1(x) sqrt(x) of 1 / x - 1 / 16, from 8", scaled(
        k1, 1), 0, "0.125", "0.0625"

    def away(f, at):
        def g(t):
            x = mp.sqrt(at_least(t))
            if abs(x - at) < mp.mpf(10) ** -15:
                x = at + mp.mpf(10) ** -15
            return f(x) / (x * x - at * at)
        return g

    def beside(f, at):
        def g(x):
            if abs(x - at) < mp.mpf(10) ** -15:
                x = at + mp.mpf(10) ** -15
            return f(x) / (x - at)
        return g

    yield "J0_FIRST", "j0(x) / (x * x - zero * zero) of x * x - 8, to 4", away(
        lambda x: j(0, x), j0a), 0, 16, 8
    yield "J0_SECOND", ("j0(x) / (x * x - zero * zero) of x * x - 40, "
                        "from 4 to 8"), away(
        lambda x: j(0, x), j0b), 16, 64, 40
    yield "J1_FIRST", ("j1(x) / x / (x * x - zero * zero) of x * x - 15, "
                       "to 5.4"), away(
        lambda x: j(1, x) / x, j1a), 0, "29.17", 15
    yield "J1_SECOND", ("j1(x) / x / (x * x - zero * zero) of x * x - 46, "
                        "from 5.4 to 8"), away(
        lambda x: j(1, x) / x, j1b), 29, 64, 46
    yield "Y0_FIRST", ("(y0(x) - 2 / pi log(x / zero) j0(x)) / "
                       "(x * x - zero * zero) of x * x, to 2.2"), sq(
        y0_small), 0, "4.85", 0
    yield "Y0_SECOND", "y0(x) / (x - zero) of x - 3.8, from 2.2 to 5.4", beside(
        lambda x: y(0, x), y0b), "2.2", "5.4", "3.8"
    yield "Y0_THIRD", "y0(x) / (x - zero) of x - 6.7, from 5.4 to 8", beside(
        lambda x: y(0, x), y0c), "5.4", "8", "6.7"
    yield "Y1_FIRST", ("(y1(x) - 2 / pi (log(x) j1(x) - 1 / x)) / x of x * x, "
                       "to 1.5"), sq(
        lambda x: (y(1, x) - 2 / pi * (mp.log(x) * j(1, x) - 1 / x)) / x
    ), 0, "2.26", 0
    yield "Y1_SECOND", "y1(x) / (x - zero) of x - 2.75, from 1.5 to 4", beside(
        lambda x: y(1, x), y1a), "1.5", "4", "2.75"
    yield "Y1_THIRD", "y1(x) / (x - zero) of x - 6, from 4 to 8", beside(
        lambda x: y(1, x), y1b), 4, 8, 6
    for n in (0, 1):
        for which in "PQ":
            yield (f"{which}{n}",
                   f"{'P' if which == 'P' else 'Q x'} of order {n} of "
                   "1 / x**2, from 8",
                   (lambda n, which: lambda w: phase(n, w, which))(n, which),
                   0, mp.mpf(1) / 64, 0)


def normal_fits():
    yield "NDTRI_TAIL", ("erfinv(x) / x of sqrt(-log(1 - x * x)) - 8, "
                         "from 5.9 to 10.1"), (
        lambda s: erfinv_factor(s * s)), "5.9", "10.1", "8"
    yield "NDTRI_END", ("erfinv(x) / x of sqrt(-log(1 - x * x)) - 19, "
                        "from 10 to 28"), (
        lambda s: erfinv_factor(s * s)), 10, 28, 19


def temme(orders, count):
    """The power series in eta of C_k of the uniform expansion of the
    incomplete gamma functions (N. M. Temme, SIAM J. Math. Anal. 10, 1979)."""
    n = count + 2 * orders + 3
    # mu mu' = eta (1 + mu), mu = eta + ...
    m = [mp.mpf(0), mp.mpf(1)]
    for k in range(2, n + 2):
        # The coefficient of eta**k of both sides.
        known = sum(m[i] * (k + 1 - i) * m[k + 1 - i] for i in range(2, k))
        m.append((m[k - 1] - known) / (k + 1))
    # eta / mu
    inverse = [mp.mpf(1)]
    for k in range(1, n + 1):
        inverse.append(-sum(m[i + 1] * inverse[k - i] for i in range(1, k + 1)))
    out = [inverse[1:]]
    for _ in range(1, orders):
        last = out[-1]
        # (last' - last[1] eta / mu) / eta has no pole.
        slope = [i * last[i] for i in range(1, len(last))]
        out.append([slope[i] - last[1] * inverse[i]
                    for i in range(1, len(slope))])
    return [row[:count - 3 * k] for k, row in enumerate(out)]


def split(v):
    if FLOAT32:
        import struct
        head = struct.unpack("f", struct.pack("f", float(v)))[0]
        return head, float(v - mp.mpf(head))
    head = float(v)
    return head, float(v - mp.mpf(head))


def write(name, head, zeros_of, fits):
    lines = list(head)
    for key, values in zeros_of.items():
        pairs = ", ".join(f"[{a!r}, {b!r}]" for a, b in map(split, values))
        lines += [f"/** Zeros of {key.lower()}, and what the first number "
                  "lacks. */",
                  f"export const {key}_ZEROS: readonly (readonly [number, "
                  f"number])[] = [{pairs}];", ""]
    for key, text, f, low, high, middle in fits:
        print(key, file=sys.stderr)
        body = ", ".join(repr(float(c)) for c in fit(f, low, high, middle))
        lines += [f"/** {text}. */",
                  f"export const {key}: readonly number[] = [{body}];", ""]
    (ROOT / "src" / "cpu" / name).write_text("\n".join(lines))


def wgsl_name(key):
    head, *rest = key.lower().split("_")
    return head + "".join(word.capitalize() for word in rest)


def literal(v):
    text = "%.9g" % float(v)
    return text if "." in text or "e" in text else text + ".0"


def write_wgsl(z):
    lines = ["// Fitted polynomials for the special functions in WGSL, as many "
             "terms as float32",
             "// needs; written by tests/goldens/make_special_series.py.", "",
             'import { addFunctions } from "./library.ts";', "",
             "addFunctions(`"]
    for key, values in z.items():
        for n, value in enumerate(values):
            head, rest = split(value)
            lines.append(
                f"fn from{key}Zero{n}(x: f32) -> f32 "
                f"{{ return exactly(x - {literal(head)}) - "
                f"({literal(rest)}); }}")
    wide = [("NDTRI_CENTRE", "", erfinv_of_w, 0, "3.7", "1.85"),
            ("LGAMMA_ONE", "", lambda z: mp.loggamma(1 + at_least(z))
             / at_least(z), 0, "0.5", "0.25"),
            ("NDTRI_MIDDLE", "", lambda s: erfinv_factor(s * s), "1.9", "6",
             "4")]
    for key, _, f, low, high, middle in (
            *bessel_fits(z), *wide, *list(normal_fits())[:1]):
        print(key, file=sys.stderr)
        power = fit(f, low, high, middle)
        shift = mp.mpf(middle)
        lines.append(f"fn {wgsl_name(key)}(x: f32) -> f32 {{")
        if shift != 0:
            lines.append(f"  let t = x - {literal(shift)};")
        t = "t" if shift != 0 else "x"
        lines.append(f"  var p = {literal(power[-1])};")
        for c in power[-2::-1]:
            lines.append(f"  p = fma(p, {t}, {literal(c)});")
        lines += ["  return p;", "}"]
    for k, row in enumerate(temme(4, 14)):
        lines.append(f"fn temme{k}(x: f32) -> f32 {{")
        lines.append(f"  var p = {literal(row[-1])};")
        for c in row[-2::-1]:
            lines.append(f"  p = fma(p, x, {literal(c)});")
        lines += ["  return p;", "}"]
    (ROOT / "src" / "gpu" / "wgsl_special_series.ts").write_text(
        "\n".join(lines + ["`);", ""]))


def write_incomplete():
    lines = ["// Power series for the incomplete gamma functions, constant "
             "coefficients first;",
             "// written by tests/goldens/make_special_series.py.", "",
             "/** The functions C of eta in Temme's uniform expansion. */",
             "export const TEMME: readonly (readonly number[])[] = ["]
    for row in temme(5, 21):
        lines.append("[" + ", ".join(repr(float(c)) for c in row) + "],")
    (ROOT / "src" / "cpu" / "incomplete_series.ts").write_text(
        "\n".join(lines + ["];", ""]))


def main():
    z = zeros()
    if FLOAT32:
        write_wgsl(z)
        return
    by = "// by tests/goldens/make_special_series.py."
    fits = list(bessel_fits(z))
    write("bessel_series.ts", [
        "// Fitted polynomials for Bessel functions, constant coefficients "
        "first; written", by, ""], z, [f for f in fits if f[0][0] not in "IK"])
    write("bessel_modified_series.ts", [
        "// Fitted polynomials for modified Bessel functions, constant "
        "coefficients first;", "// written" + by[2:], ""], {},
        [f for f in fits if f[0][0] in "IK"])
    write("normal_series.ts", [
        "// Fitted polynomials for the quantiles of the normal distribution, "
        "constant",
        "// coefficients first; written by "
        "tests/goldens/make_special_series.py.", ""], {}, normal_fits())
    write_incomplete()


main()
