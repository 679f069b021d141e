"""Products of vectors and matrices."""

from op_cases_base import (case, f32, f64, i32, i64, ints, rnd)

D = "float64"


def v(n, seed=1, d="float32"):
    return rnd([n], seed=seed, dtype=d)


def m(r, c, seed=1, d="float32"):
    return rnd([r, c], seed=seed, dtype=d)


def turned(r, c, seed=1, d="float32"):
    return rnd([c, r], seed=seed, dtype=d).via(("transpose", 0, 1))


for d in ("float32", D):
    case("mm", m(2, 3, 1, d), m(3, 2, 2, d))
    case("mm", turned(2, 3, 1, d), m(3, 4, 2, d))
    case("mm", m(2, 3, 1, d), turned(3, 2, 2, d))
    case("mm", turned(2, 3, 1, d), turned(3, 2, 2, d))
    case("mv", m(2, 3, 1, d), v(3, 2, d))
    case("mv", turned(2, 3, 1, d), v(3, 2, d))
    case("dot", v(4, 1, d), v(4, 2, d))
    case("vdot", v(4, 1, d), v(4, 2, d))
    case("outer", v(2, 1, d), v(3, 2, d))
    case("inner", v(3, 1, d), v(3, 2, d))
    case("inner", m(2, 3, 1, d), m(4, 3, 2, d))
    case("kron", m(2, 2, 1, d), m(1, 3, 2, d))
    case("trace", m(3, 3, 1, d))
    case("trace", m(2, 3, 1, d))
    case("bmm", rnd([2, 2, 3], dtype=d), rnd([2, 3, 2], seed=2, dtype=d))
    case("bmm", rnd([2, 3, 2], dtype=d).via(("transpose", 1, 2)),
         rnd([2, 3, 2], seed=2, dtype=d))
    case("addmm", m(2, 2, 3, d), m(2, 3, 1, d), m(3, 2, 2, d))
    case("addmm", v(2, 3, d), m(2, 3, 1, d), m(3, 2, 2, d), beta=0.5, alpha=2)
    case("addmv", v(2, 3, d), m(2, 3, 1, d), v(3, 2, d))
    case("addmv", v(2, 3, d), m(2, 3, 1, d), v(3, 2, d), beta=2, alpha=-1)
    case("addr", m(2, 3, 3, d), v(2, 1, d), v(3, 2, d))
    case("addr", m(2, 3, 3, d), v(2, 1, d), v(3, 2, d), beta=0.5, alpha=0.25)
    case("baddbmm", rnd([2, 2, 2], seed=3, dtype=d), rnd([2, 2, 3], dtype=d),
         rnd([2, 3, 2], seed=2, dtype=d))
    case("baddbmm", rnd([2], seed=3, dtype=d), rnd([2, 2, 3], dtype=d),
         rnd([2, 3, 2], seed=2, dtype=d), beta=0.5, alpha=2)
    case("chainMatmul", [m(2, 3, 1, d), m(3, 2, 2, d), m(2, 3, 3, d)])
    case("cross", v(3, 1, d), v(3, 2, d), 0)
    case("cross", m(2, 3, 1, d), m(2, 3, 2, d), 1)
    case("cross", m(3, 2, 1, d), m(3, 2, 2, d), 0)
    for a, b in (([3], [3]), ([2, 3], [3]), ([2], [2, 3]), ([2, 3], [3, 2]),
                 ([2, 2, 3], [3, 2]), ([2, 3], [2, 3, 2]), ([3], [2, 3, 2]),
                 ([2, 2, 3], [3]), ([2, 1, 2, 3], [2, 3, 2]),
                 ([1, 2, 2], [3, 2, 1]), ([1, 1], [1, 1])):
        case("matmul", rnd(a, dtype=d), rnd(b, seed=2, dtype=d))

case("mm", ints([2, 3]), ints([3, 2], seed=2))
case("mm", i32([[1, 2], [3, 4]]), i32([[5, 6], [7, 8]]))
case("mm", rnd([2, 0]), rnd([0, 3]))
case("mm", rnd([0, 2]), rnd([2, 3]))
case("matmul", ints([2, 3]), ints([3], seed=2))
case("matmul", rnd([2, 3]).via(("transpose", 0, 1)), rnd([2], seed=2))
case("matmul", rnd([4, 3]).via(("slice", 0, 0, 4, 2)), rnd([3, 2], seed=2))
case("matmul", rnd([1, 3]).via(("expand", [2, 3])), rnd([3, 2], seed=2))
case("matmul", rnd([2, 0, 3]), rnd([3, 2]))
case("matmul", rnd([0]), rnd([0]))
case("mv", rnd([2, 0]), rnd([0]))
case("dot", i64([1, 2]), i64([3, 4]))
case("dot", rnd([0]), rnd([0]))
case("dot", rnd([4]).via(("slice", 0, 0, 4, 2)), rnd([2], seed=2))
case("vdot", i64([1, 2]), i64([3, 4]))
case("outer", i64([1, 2]), i64([3, 4, 5]))
case("outer", rnd([2]), i64([1, 2]))
case("outer", rnd([0]), rnd([2]))
case("inner", rnd([]), rnd([2], seed=2))
case("inner", i64([1, 2]), i64([3, 4]))
case("inner", rnd([2, 2, 3]), rnd([3], seed=2))
case("kron", rnd([2]), rnd([3], seed=2))
case("kron", rnd([2]), rnd([2, 2], seed=2))
case("kron", i64([1, 2]), i64([[3, 4]]))
case("trace", ints([2, 2]))
case("trace", rnd([2, 3]).via(("transpose", 0, 1)))
case("bmm", rnd([2, 0, 3]), rnd([2, 3, 2]))
case("bmm", ints([2, 2, 2]), ints([2, 2, 2], seed=2))
case("addmm", rnd([], seed=3), m(2, 3), m(3, 2, 2))
case("addmm", rnd([2, 1], seed=3), m(2, 3), turned(3, 2, 2))
case("addmm", ints([2, 2], seed=3), ints([2, 3]), ints([3, 2], seed=2), alpha=2)
case("addmm", f32([[1.0, 2.0]]).const(), m(1, 2), m(2, 2), beta=0)
case("addmv", rnd([], seed=3), m(2, 3), v(3, 2))
case("addr", v(3, 3), v(2), v(3, 2))
case("chainMatmul", [m(2, 3), m(3, 2, 2)])
case("chainMatmul", [m(1, 3), m(3, 2, 2), m(2, 4, 3), m(4, 1, 4)])
case("cross", m(2, 3), m(1, 3, 2), -1)
case("cross", ints([3]), ints([3], seed=2), 0)
case("cross", v(3), v(3, 2))

for d in ("float32", D):
    case("tensordot", rnd([2, 3], dtype=d), rnd([3, 2], seed=2, dtype=d), 1)
    case("tensordot", rnd([2, 3, 2], dtype=d), rnd([3, 2, 2], seed=2, dtype=d))
    case("tensordot", rnd([2, 3, 2], dtype=d), rnd([2, 3], seed=2, dtype=d),
         [[0, 1], [0, 1]])
    case("tensordot", rnd([2, 3, 2], dtype=d), rnd([3, 2], seed=2, dtype=d),
         [[1], [0]])
    case("tensordot", rnd([2], dtype=d), rnd([3], seed=2, dtype=d), 0)
    for equation, *shapes in (
            ("ij,jk->ik", [2, 3], [3, 2]), ("ij,jk", [2, 3], [3, 2]),
            ("i,i->", [3], [3]), ("i,j->ij", [2], [3]), ("ij->ji", [2, 3]),
            ("ij->", [2, 3]), ("ij->i", [2, 3]), ("ii->i", [3, 3]),
            ("ii", [3, 3]), ("bij,bjk->bik", [2, 2, 3], [2, 3, 2]),
            ("ij,ij->ij", [2, 3], [2, 3]), ("ij,j->i", [2, 3], [3]),
            ("bij,kj->bik", [2, 2, 3], [2, 3]),
            ("i,ij,j->", [2], [2, 3], [3]), ("ij,kl->ijkl", [2, 2], [1, 3]),
            ("...ij,...jk->...ik", [2, 2, 3], [3, 2]),
            ("...i->...", [2, 3]), ("ijk,jil->kl", [2, 3, 2], [3, 2, 2]),
            ("ba", [2, 3]), ("i...->...", [2, 3]), ("ij, jk -> ik", [2, 3], [3, 1]),
            ("bi,bi->b", [2, 3], [2, 3])):
        case("einsum", equation,
             [rnd(s, seed=i + 1, dtype=d) for i, s in enumerate(shapes)])
case("einsum", "ij,jk->ik", [ints([2, 3]), ints([3, 2], seed=2)])
case("einsum", "ij,jk->ik", [turned(2, 3), turned(3, 2, 2)])
case("dot", f64([1e8, 1.0]), f64([1e8, 1.0]))
