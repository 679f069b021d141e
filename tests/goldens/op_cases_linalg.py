"""Linear algebra. Signs of eigenvectors and singular vectors are nobody's
choice, so those are tested by what they must satisfy, not here."""

from op_cases_base import INF, NAN, case, error, f32, f64, i32, i64, ints, rnd

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

# What is made of orthogonal factors and of singular values.
for d in ("float32", D):
    for shape in ([3, 3], [4, 2], [2, 4], [2, 3, 2], [2, 2, 3], [1, 1],
                  [0, 3], [3, 0], [2, 0, 0]):
        x = rnd(shape, seed=7, dtype=d)
        tall = shape[-2] >= shape[-1]
        case("linalg.qr", x)
        case("linalg.qr", x, mode="r", grad=False)
        case("linalg.qr", x, mode="complete",
             grad=shape[-2] <= shape[-1])
        case("linalg.qr", turned(x))
        case("linalg.svdvals", x)
        case("linalg.svdvals", turned(x))
        case("linalg.pinv", x)
        case("linalg.pinv", turned(x))
        case("pinverse", x)
        for order in ("fro", "nuc", 1, -1, 2, -2, INF, -INF):
            case("linalg.matrixNorm", x, ord=order, maybe=True)
            # PyTorch cannot differentiate those that invert.
            case("linalg.cond", x, p=order, maybe=True,
                 grad=order in ("nuc", 2, -2))
        case("linalg.cond", x)
        case("linalg.matrixRank", x)
        case("linalg.diagonal", x)
        if 0 not in shape:
            b = rnd(shape[:-1], seed=8, dtype=d)
            wide = rnd([*shape[:-1], 2], seed=9, dtype=d)
            for driver in ("gels", "gelsd", "gelss", "gelsy"):
                case("linalg.lstsq", x, b, driver=driver)
                case("linalg.lstsq", x, wide, driver=driver)
            case("linalg.lstsq", x, wide)
            case("linalg.lstsq", turned(x),
                 rnd([*shape[:-2], shape[-1], 2], dtype=d))
    for upper in "LU":
        case("linalg.eigvalsh", square(3, d), UPLO=upper)
        case("linalg.eigvalsh", square(2, d, (2,)), UPLO=upper)
        case("linalg.eigvalsh", turned(square(3, d)), UPLO=upper)
    case("linalg.eigvalsh", definite(4, d))
    case("linalg.eigvalsh", rnd([0, 0], dtype=d))
    case("linalg.pinv", definite(3, d), hermitian=True)
    case("linalg.pinv", rnd([3, 2], dtype=d), rtol=0.5)
    case("linalg.pinv", rnd([3, 2], dtype=d), atol=1.5)
    case("linalg.matrixRank", rnd([3, 2], dtype=d), rtol=0.75)
    case("linalg.matrixRank", rnd([3, 2], dtype=d), atol=1.5)
    case("linalg.matrixRank", square(3, d), hermitian=True)
    x = rnd([2, 3, 4], dtype=d)
    for order in ("fro", "nuc", 1, -1, 2, -2, INF, -INF):
        for dims in ([0, 1], [2, 0], [-1, 1]):
            for keepdim in (False, True):
                case("linalg.matrixNorm", x, dims, ord=order, keepdim=keepdim)
    for order in (0, 1, 2, 3, 0.5, -1, INF, -INF):
        case("linalg.vectorNorm", x, ord=order)
        case("linalg.vectorNorm", x, 1, ord=order, keepdim=True)
        case("linalg.vectorNorm", x, [0, 2], ord=order)
        case("linalg.norm", rnd([4], dtype=d), ord=order)
        case("linalg.norm", x, 1, ord=order)
    case("linalg.vectorNorm", x)
    case("linalg.norm", x)
    case("linalg.norm", x, [0, 1])
    case("linalg.norm", x, [0, 1], keepdim=True)
    for order in ("fro", "nuc", 1, 2, -INF):
        case("linalg.norm", rnd([3, 2], dtype=d), ord=order)
        case("linalg.norm", x, [0, 1], ord=order)
        case("linalg.norm", x, [0, 1], ord=order, keepdim=True)
    case("norm", rnd([3, 2], dtype=d), p="nuc")
    case("norm", x, [0, 2], p="nuc")
    case("norm", x, [2, 0], p="nuc", keepdim=True)
    for n in (1, 2, 3, 5, -1, -2):
        case("linalg.matrixPower", square(2, d), n)
        case("matrixPower", square(2, d, (2,)), n)
    case("linalg.matrixPower", square(2, d), 0)
    case("linalg.matrixPower", rnd([2, 0, 0], dtype=d), 3)
    for op in ("linalg.matrixExp", "matrixExp"):
        case(op, rnd([3, 3], dtype=d))
        case(op, rnd([2, 2, 2], dtype=d))
        case(op, turned(rnd([3, 3], lo=-4, hi=1, dtype=d)))
        case(op, rnd([1, 1], dtype=d))
        case(op, rnd([0, 0], dtype=d))
        case(op, f64([[0, 6], [-6, 0]]).to(d))
    y = rnd([2, 3], seed=2, dtype=d)
    z = rnd([2, 3], seed=3, dtype=d)
    case("linalg.cross", y, z)
    case("linalg.cross", rnd([1, 3], dtype=d), z)
    case("linalg.cross", rnd([3, 2], dtype=d), rnd([3, 2], seed=4, dtype=d), 0)
    case("linalg.vecdot", y, z)
    case("linalg.vecdot", y, z, 0)
    case("linalg.vecdot", y, rnd([3], dtype=d))
    case("linalg.diagonal", x, offset=1, dim1=0, dim2=2)
    case("linalg.vander", y)
    case("linalg.vander", y, N=2)
    case("linalg.vander", rnd([3], dtype=d), N=4)
    case("linalg.multiDot", [y, rnd([3, 2], dtype=d)])
    case("linalg.multiDot", [rnd([3], dtype=d), rnd([3, 2], dtype=d), y,
                             rnd([3], seed=5, dtype=d)])
    case("linalg.multiDot", [y, rnd([3, 2], dtype=d), z])
    case("linalg.multiDot", [rnd([3], dtype=d), rnd([3], seed=5, dtype=d)])
    case("linalg.matmul", y, rnd([3, 2], dtype=d))
    case("linalg.tensorinv", square(6, d).via(("reshape", [2, 3, 6])))
    case("linalg.tensorinv", square(4, d).via(("reshape", [4, 2, 2])), ind=1)
    case("linalg.tensorsolve", square(6, d).via(("reshape", [2, 3, 6])), y)
    case("linalg.tensorsolve", square(6, d).via(("reshape", [2, 3, 2, 3])),
         rnd([3, 2], dtype=d), [0])
    case("linalg.householderProduct", rnd([3, 2], dtype=d), rnd([2], dtype=d))
    case("linalg.householderProduct", rnd([3, 3], dtype=d), rnd([1], dtype=d))
    case("linalg.householderProduct", rnd([2, 4, 2], dtype=d),
         rnd([2, 2], dtype=d))

case("linalg.vander", i64([1, 2, 3]))
case("linalg.matrixPower", ints([2, 2]), 3)
case("linalg.lstsq", f32([[1, 1], [1, 1], [1, 1]]).const(),
     rnd([3]).const(), driver="gelsd")
case("linalg.eigvalsh", NANS)
case("linalg.cond", f32([[1, 1], [1, 1]]).const(), p=1)
case("linalg.cond", SOME, p="fro")
case("linalg.matrixNorm", rnd([2, 2]), dtype=D)
case("linalg.matrixNorm", rnd([2, 2]), dtype=D, ord=2)
case("linalg.matrixNorm", rnd([2, 2]), dtype=D, ord=1)
case("linalg.vectorNorm", rnd([2]), dtype=D)

CUBE = rnd([2, 3, 4]).const()
THREE = rnd([3]).const()
for op in ("linalg.qr", "linalg.svdvals", "linalg.svd", "linalg.pinv",
           "linalg.matrixRank", "linalg.cond", "linalg.matrixNorm",
           "linalg.matrixExp", "linalg.eigh", "linalg.eigvalsh"):
    error(op, VECTOR)
    error(op, INTS)
    if op not in ("linalg.matrixExp", "linalg.matrixNorm"):
        error(op, HALF)
for op in ("linalg.svdvals", "linalg.pinv", "linalg.matrixRank",
           "linalg.cond"):
    error(op, NANS)
for op in ("linalg.eigh", "linalg.matrixExp"):
    error(op, WIDE)
error("linalg.eigh", square(2).const(), UPLO="x")
error("linalg.qr", WIDE, mode="x")
error("linalg.pinv", WIDE, hermitian=True)
for order in (3, "x", 0):
    error("linalg.matrixNorm", WIDE, ord=order)
    error("linalg.cond", WIDE, p=order)
error("linalg.cond", WIDE, p=1)
error("linalg.cond", WIDE, p="fro")
error("linalg.matrixNorm", CUBE, [0, 0])
error("linalg.matrixNorm", CUBE, [0])
error("linalg.matrixNorm", CUBE, [0, 1, 2])
error("linalg.matrixNorm", HALF, ord="nuc")
error("linalg.matrixNorm", WIDE, dtype="int64")
error("linalg.matrixNorm", WIDE.to(D), dtype="float32")
error("linalg.matrixNorm", rnd([0, 0]).const(), ord=-2)
error("linalg.vectorNorm", INTS)
error("linalg.vectorNorm", rnd([0]).const(), ord=INF)
error("linalg.norm", CUBE, ord=1)
error("linalg.norm", CUBE, ord="fro")
error("linalg.norm", CUBE, [0, 1, 2])
error("linalg.norm", CUBE, [0, 1, 2], ord=1)
error("linalg.norm", CUBE, 1, ord="nuc")
error("linalg.norm", VECTOR, ord="nuc")
error("linalg.norm", WIDE, ord=3)
error("norm", CUBE, p="nuc")
error("norm", CUBE, 1, p="nuc")
error("norm", VECTOR, p="nuc")
error("linalg.matrixPower", WIDE, 2)
error("linalg.matrixPower", SINGULAR, -1)
error("linalg.matrixPower", INTS, -1)
error("linalg.vecdot", INTS, INTS)
error("linalg.vecdot", WIDE, rnd([4]).const())
error("linalg.vecdot", WIDE, WIDE.to(D))
error("linalg.cross", WIDE, THREE)
error("linalg.cross", WIDE, WIDE, 0)
error("linalg.cross", WIDE, WIDE.to(D))
error("linalg.multiDot", [WIDE])
error("linalg.multiDot", [])
error("linalg.multiDot", [WIDE, VECTOR])
error("linalg.multiDot", [WIDE, CUBE])
error("linalg.multiDot", [WIDE, CUBE, THREE])
error("linalg.multiDot", [WIDE, WIDE.to(D)])
error("linalg.multiDot", [SINGULAR, WIDE, WIDE])
error("linalg.diagonal", VECTOR)
error("linalg.vander", rnd([]).const())
error("linalg.vander", THREE, N=1)
error("linalg.vander", HALF)
error("linalg.tensorinv", CUBE)
error("linalg.tensorinv", CUBE, ind=0)
error("linalg.tensorsolve", CUBE, WIDE)
error("linalg.householderProduct", WIDE, VECTOR)
error("linalg.householderProduct", THREE, THREE)
error("linalg.householderProduct", rnd([3, 2]).const(), THREE)
error("linalg.householderProduct", rnd([2, 3, 2]).const(), VECTOR)
error("linalg.householderProduct", rnd([3, 2]).const(), VECTOR.to(D))
error("linalg.lstsq", WIDE, THREE)
error("linalg.lstsq", THREE, THREE)
error("linalg.lstsq", WIDE, rnd([]).const())
error("linalg.lstsq", WIDE, rnd([3, 2]).const())
error("linalg.lstsq", WIDE, WIDE.to(D))
error("linalg.lstsq", INTS, INTS)
error("linalg.lstsq", WIDE, WIDE, driver="x")
error("linalg.lstsq", rnd([2, 4, 2]).const(), rnd([4, 1]).const())
