"""Linear algebra. Signs of eigenvectors and singular vectors are nobody's
choice, so those are tested by what they must satisfy, not here."""

from op_cases_base import NAN, case, error, f32, f64, i32, i64, ints, rnd

D = "float64"


def m(*shape, seed=1, d="float32"):
    """Matrices that are not near a singular one."""
    return rnd(list(shape), seed=seed, dtype=d)


def square(n, d="float32", lead=(), seed=1):
    """Square matrices with a heavy diagonal."""
    x = rnd([*lead, n, n], seed=seed, dtype=d)
    for k in range(len(x.data)):
        i, j = divmod(k % (n * n), n)
        if i == j:
            x.data[k] = round(x.data[k] + (3 if x.data[k] > 0 else -3), 3)
    return x


def definite(n, d="float32", lead=(), seed=1):
    """Symmetric matrices with positive eigenvalues."""
    x = rnd([*lead, n, n], lo=-1, hi=1, seed=seed, dtype=d)
    for b in range(len(x.data) // (n * n)):
        for i in range(n):
            for j in range(i + 1):
                v = x.data[b * n * n + i * n + j]
                if i == j:
                    v = round(abs(v) + n, 3)
                x.data[b * n * n + i * n + j] = v
                x.data[b * n * n + j * n + i] = v
    return x


def turned(x):
    """The same matrices, lying by columns."""
    return x.via(("transpose", -2, -1))


def triangle(n, upper, d="float32", lead=()):
    """Triangles whose other side is not zero, since nobody may read it."""
    return square(n, d, lead, seed=5 if upper else 6)


EMPTY = rnd([0, 0])
BATCH0 = rnd([0, 2, 2])
SINGULAR = f32([[1, 2], [2, 4]]).const()
SOME = f32([[[1, 0], [0, 1]], [[0, 0], [0, 0]]]).const()
WIDE = rnd([2, 3]).const()
VECTOR = rnd([2]).const()
INTS = ints([2, 2])
HALF = rnd([2, 2]).to("float16").const()
NANS = f32([[1, NAN], [2, 4]]).const()

for d in ("float32", D):
    for op in ("det", "slogdet", "inverse", "linalg.det", "linalg.slogdet",
               "linalg.inv", "linalg.invEx", "linalg.lu", "linalg.luFactor",
               "linalg.luFactorEx"):
        case(op, square(3, d))
        case(op, square(2, d, (2,)))
        case(op, turned(square(3, d)))
        case(op, square(4, d).via(("slice", 0, 0, 4, 2), ("slice", 1, 0, 4, 2)))
        case(op, rnd([0, 0], dtype=d))
        case(op, rnd([2, 0, 0], dtype=d), maybe=True)
        case(op, rnd([0, 2, 2], dtype=d), maybe=True)
        case(op, square(2, d, (1,)).via(("expand", [3, 2, 2])))
    for op in ("linalg.lu", "linalg.luFactor", "linalg.luFactorEx"):
        case(op, m(2, 4, seed=3, d=d))
        case(op, m(4, 2, seed=3, d=d))
        case(op, m(2, 3, 2, seed=3, d=d))
        case(op, rnd([0, 3], dtype=d))
        case(op, rnd([3, 0], dtype=d))
    case("logdet", definite(3, d))
    case("logdet", definite(2, d, (2, 2)))
    for upper in (False, True):
        for op in ("linalg.cholesky", "linalg.choleskyEx"):
            case(op, definite(3, d), upper=upper)
            case(op, definite(2, d, (2,)), upper=upper)
            case(op, turned(definite(3, d)), upper=upper)
            case(op, rnd([0, 0], dtype=d), upper=upper)
            case(op, rnd([2, 0, 0], dtype=d), upper=upper)
        t = triangle(3, upper, d)
        case("choleskySolve", m(3, 2, d=d), t, upper=upper)
        case("choleskySolve", m(3, 2, d=d), triangle(3, upper, d, (2,)),
             upper=upper)
        case("choleskyInverse", t, upper=upper)
        case("choleskyInverse", triangle(2, upper, d, (2,)), upper=upper)
        for unit in (False, True):
            case("linalg.solveTriangular", t, m(3, 2, d=d), upper=upper,
                 unitriangular=unit)
            case("linalg.solveTriangular", t, m(2, 3, d=d), upper=upper,
                 left=False, unitriangular=unit)
            case("linalg.solveTriangular", turned(t), turned(m(2, 3, d=d)),
                 upper=upper, unitriangular=unit)
        case("linalg.solveTriangular", triangle(2, upper, d, (3,)),
             m(2, 1, d=d), upper=upper)
        case("linalg.solveTriangular", triangle(2, upper, d),
             m(2, 3, 2, 2, d=d), upper=upper, left=False)
    for op in ("linalg.solve", "linalg.solveEx"):
        case(op, square(3, d), m(3, seed=2, d=d))
        case(op, square(3, d), m(3, 2, seed=2, d=d))
        case(op, square(3, d), m(2, 3, seed=2, d=d), left=False)
        case(op, turned(square(3, d)), turned(m(2, 3, seed=2, d=d)))
        case(op, square(2, d, (3,)), m(3, 2, seed=2, d=d))
        case(op, square(2, d, (3,)), m(2, seed=2, d=d))
        case(op, square(2, d, (3,)), m(2, 4, seed=2, d=d))
        case(op, square(2, d), m(3, 2, 2, seed=2, d=d))
        case(op, square(2, d), m(3, 1, 2, seed=2, d=d), left=False)
        case(op, square(2, d, (2, 1)), m(3, 2, 2, seed=2, d=d))
        case(op, rnd([0, 0], dtype=d), rnd([0, 2], dtype=d))
        case(op, square(2, d), rnd([2, 0], dtype=d))
    packed = square(3, d, seed=4)
    for left in (True, False):
        side = m(3, 2, d=d) if left else m(2, 3, d=d)
        for adjoint in (True, False):
            case("linalg.luSolve", packed, i32([2, 3, 3]), side, left=left,
                 adjoint=adjoint)
    case("linalg.luSolve", square(2, d, (2,)), i32([[2, 2], [1, 2]]),
         m(2, 3, d=d))

case("linalg.luFactorEx", SINGULAR)
case("linalg.luFactorEx", SOME)
case("linalg.lu", SINGULAR)
case("linalg.invEx", SOME.const())
case("linalg.solveEx", SOME, rnd([2, 2]).const())
case("linalg.choleskyEx", SOME)
case("linalg.det", SINGULAR)
case("linalg.det", SOME)
case("linalg.slogdet", SINGULAR)
case("linalg.slogdet", SOME)
case("linalg.det", NANS)
case("linalg.inv", NANS)
case("linalg.slogdet", NANS)
case("logdet", f32([[0, 0], [0, 0]]).const())
case("logdet", f32([[-1, 0], [0, 1]]).const())

for op in ("det", "slogdet", "logdet", "inverse", "linalg.det",
           "linalg.slogdet", "linalg.inv", "linalg.invEx", "linalg.cholesky",
           "linalg.choleskyEx", "choleskyInverse", "linalg.luFactor",
           "linalg.lu", "linalg.luFactorEx"):
    error(op, VECTOR)
    error(op, INTS)
    error(op, HALF)
    if "lu" not in op:
        error(op, WIDE)
for op in ("linalg.inv", "inverse", "linalg.luFactor"):
    error(op, SINGULAR)
    error(op, SOME)
error("linalg.invEx", SOME, checkErrors=True)
error("linalg.luFactorEx", SOME, checkErrors=True)
error("linalg.choleskyEx", SOME, checkErrors=True)
error("linalg.solveEx", SOME, rnd([2, 2]).const(), checkErrors=True)
error("linalg.cholesky", SINGULAR)
error("linalg.cholesky", SOME)
error("linalg.cholesky", NANS)
error("linalg.lu", SINGULAR, pivot=False)
for op in ("linalg.solve", "linalg.solveEx"):
    S = square(2).const()
    error(op, WIDE, S)
    error(op, VECTOR, S)
    error(op, S, rnd([3]).const())
    error(op, S, rnd([3, 2]).const())
    error(op, S, rnd([]).const())
    error(op, S, rnd([2]).to(D).const())
    error(op, S, VECTOR, left=False)
    error(op, INTS, INTS)
    error(op, square(2, lead=(2,)).const(), rnd([3, 2, 1]).const())
error("linalg.solve", SINGULAR, VECTOR)
error("linalg.solve", SOME, VECTOR)
S = square(2).const()
error("linalg.solveTriangular", WIDE, S, upper=True)
error("linalg.solveTriangular", S, VECTOR, upper=True)
error("linalg.solveTriangular", S, rnd([3, 2]).const(), upper=True)
error("linalg.solveTriangular", S, rnd([2, 3]).const(), upper=True, left=False)
error("linalg.solveTriangular", INTS, INTS, upper=True)
error("linalg.solveTriangular", square(2, lead=(3,)).const(),
      square(2, lead=(2,)).const(), upper=True)
P = i32([1, 2])
error("linalg.luSolve", S, P, rnd([3, 2]).const())
error("linalg.luSolve", S, i64([1, 2]), S)
error("linalg.luSolve", S, P, VECTOR)
error("linalg.luSolve", WIDE, P, S)
error("linalg.luSolve", S, i32([1]), S)
error("linalg.luSolve", S, P, S.to(D))
error("linalg.luSolve", square(2, lead=(2,)).const(), i32([[1, 2]]), S)
error("choleskySolve", S, WIDE)
error("choleskySolve", rnd([3, 2]).const(), S)
error("choleskySolve", VECTOR, S)
