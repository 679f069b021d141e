"""Convolutions and transposed convolutions, over one to three dimensions."""

import random

from op_cases_base import case, error, f64, i64, ints, rnd

D = "float64"
SIZES = "stride padding dilation".split()


def both(op, x, w, bias=None, **options):
    """The case in float32 and float64; `bias` is a number of channels."""
    for d in ("float32", D):
        own = dict(options)
        if bias:
            own["bias"] = rnd([bias], seed=3, dtype=d)
        case(op, rnd(x, dtype=d), rnd(w, seed=2, dtype=d), **own)


# One of everything.
both("conv1d", [1, 1, 4], [1, 1, 2])
both("conv1d", [2, 5], [3, 2, 3], 3)
both("conv1d", [2, 3, 7], [4, 3, 3], 4, stride=2, padding=1)
both("conv1d", [1, 2, 6], [2, 2, 2], padding="same")
both("conv1d", [1, 2, 6], [2, 2, 4], 2, padding="same", dilation=2)
both("conv1d", [1, 2, 6], [2, 2, 4], padding="valid", stride=3)
both("conv1d", [1, 4, 5], [4, 1, 3], 4, groups=4, padding=2)
both("conv1d", [1, 1, 2], [1, 1, 2], padding=5, stride=3)
both("conv2d", [1, 1, 3, 3], [1, 1, 2, 2])
both("conv2d", [2, 2, 4, 5], [3, 2, 3, 2], 3)
both("conv2d", [2, 4, 5], [3, 2, 1, 1], 3)
both("conv2d", [1, 2, 5, 4], [2, 2, 3, 3], 2, padding=1)
both("conv2d", [1, 2, 5, 6], [2, 2, 3, 2], stride=[2, 3], padding=[2, 1])
both("conv2d", [1, 2, 6, 5], [2, 2, 2, 3], 2, dilation=[3, 1], padding=[1])
both("conv2d", [2, 4, 4, 4], [6, 2, 3, 3], 6, groups=2, padding=1)
both("conv2d", [1, 3, 4, 4], [6, 1, 3, 2], 6, groups=3, stride=[1, 2])
both("conv2d", [1, 2, 4, 3], [2, 2, 2, 4], 2, padding="same", dilation=[1, 3])
both("conv2d", [1, 1, 2, 3], [1, 1, 3, 2], padding=[4, 3], stride=[3, 2])
both("conv3d", [1, 2, 3, 4, 3], [2, 2, 2, 3, 1], 2)
both("conv3d", [2, 4, 4, 3], [4, 1, 2, 2, 2], 4, groups=2, padding=1)
both("conv3d", [1, 1, 4, 5, 4], [1, 1, 2, 2, 2], stride=[2, 1, 3],
     dilation=[1, 2, 1], padding=[0, 1, 2])
both("conv3d", [1, 1, 2, 3, 2], [1, 1, 2, 3, 4], padding="same")

both("convTranspose1d", [1, 1, 3], [1, 1, 2])
both("convTranspose1d", [2, 3], [2, 3, 3], 3)
both("convTranspose1d", [2, 3, 4], [3, 2, 3], 2, stride=3, padding=1,
     outputPadding=2)
both("convTranspose1d", [1, 4, 3], [4, 2, 3], 4, groups=2, dilation=2,
     outputPadding=1)
both("convTranspose1d", [1, 1, 6], [1, 1, 2], padding=2)
both("convTranspose2d", [1, 1, 2, 3], [1, 1, 2, 2])
both("convTranspose2d", [2, 2, 3, 2], [2, 3, 3, 2], 3, stride=2, padding=1,
     outputPadding=[1, 0])
both("convTranspose2d", [2, 3, 3], [2, 2, 1, 1], 2, stride=2)
both("convTranspose2d", [1, 4, 3, 2], [4, 1, 3, 3], 2, groups=2,
     stride=[1, 3], dilation=[2, 1])
both("convTranspose2d", [1, 3, 2, 2], [3, 1, 2, 2], groups=3, stride=[2, 1])
both("convTranspose3d", [1, 2, 2, 2, 2], [2, 1, 2, 1, 2], 1)
both("convTranspose3d", [2, 2, 2, 1], [2, 2, 2, 2, 2], 4, groups=2,
     stride=[2, 1, 2], outputPadding=[1, 0, 1], padding=[1, 0, 0])

# Geometry by chance.
r = random.Random(2)
for _ in range(24):
    rank = r.choice([1, 2, 2, 2, 3])
    top = (9, 6, 4)[rank - 1]
    groups, ins, outs = r.choice([(1, 1, 2), (1, 3, 2), (2, 1, 1), (2, 2, 1)])
    window = [r.randint(1, 3) for _ in range(rank)]
    options = {name: [r.randint(*span) for _ in range(rank)] for name, span in
               zip(SIZES, ((1, 3), (0, 3), (1, 2)))}
    sizes = [r.randint(2, top) for _ in range(rank)]
    extents = [d * (k - 1) + 1 for d, k in zip(options["dilation"], window)]
    batch = [r.randint(1, 2)] if r.random() < 0.8 else []
    if r.random() < 0.6:
        sizes = [max(n, k - 2 * p) for n, k, p in
                 zip(sizes, extents, options["padding"])]
        both(f"conv{rank}d", batch + [groups * ins] + sizes,
             [groups * outs, ins] + window, groups * outs, groups=groups,
             **options)
        continue
    options["padding"] = [
        min(p, ((n - 1) * s + k - 1) // 2) for p, n, s, k in
        zip(options["padding"], sizes, options["stride"], extents)]
    options["outputPadding"] = [
        r.randint(0, max(s, d) - 1) for s, d in
        zip(options["stride"], options["dilation"])]
    both(f"convTranspose{rank}d", batch + [groups * ins] + sizes,
         [groups * ins, outs] + window, groups * outs, groups=groups,
         **options)

# Layouts, types, nothing at all.
x, w = rnd([2, 2, 4, 3]), rnd([3, 2, 2, 2], seed=2)
case("conv2d", rnd([2, 2, 3, 4]).via(("transpose", 2, 3)), w)
case("conv2d", rnd([4, 3, 2, 2]).via(("permute", [2, 3, 0, 1])), w)
case("conv2d", rnd([1, 2, 4, 1]).via(("expand", [2, 2, 4, 3])), w)
case("conv2d", rnd([2, 2, 8, 3]).via(("slice", 2, 0, 8, 2)), w)
case("conv2d", x, rnd([2, 2, 2, 3], seed=2).via(("permute", [3, 2, 1, 0])))
case("conv2d", x, rnd([3, 2, 1, 1], seed=2).via(("expand", [3, 2, 2, 2])))
case("conv2d", x.const(), w)
case("conv2d", x, w.const(), bias=rnd([3], seed=3))
case("conv2d", x.const(), w.const(), bias=rnd([3], seed=3))
case("convTranspose2d", rnd([2, 3, 3, 4]).via(("transpose", 2, 3)), w)
case("convTranspose2d", rnd([1, 3, 1, 1]).via(("expand", [2, 3, 4, 3])), w)
case("convTranspose2d", rnd([2, 3, 2, 2]), w.const(), stride=2)
for d in ("int64", "int32", "int16", "int8", "uint8"):
    case("conv1d", ints([1, 2, 5], 0, 9, dtype=d), ints([2, 2, 3], 0, 3, 2, d))
    case("conv2d", ints([2, 4, 4], 0, 9, dtype=d),
         ints([2, 1, 2, 2], 0, 9, 2, d), bias=ints([2], 0, 9, 3, d),
         groups=2, padding=1)
case("convTranspose1d", ints([1, 2, 3]), ints([2, 1, 2], seed=2), stride=2)
for d in ("float16", "bfloat16"):
    case("conv1d", rnd([1, 1, 4], dtype=d), rnd([1, 1, 2], seed=2, dtype=d),
         grad=False)
    case("conv2d", rnd([1, 1, 3, 3], dtype=d),
         rnd([1, 1, 2, 1], seed=2, dtype=d), grad=False)
case("conv2d", rnd([0, 2, 4, 3]), w, bias=rnd([3], seed=3))
case("conv1d", rnd([0, 2, 4]), rnd([3, 2, 2], seed=2))
case("conv2d", rnd([1, 0, 4, 3]), rnd([3, 0, 2, 2], seed=2))
case("conv2d", rnd([0, 2, 0, 3]), rnd([3, 2, 2, 2], seed=2), padding=1)
case("convTranspose2d", rnd([0, 3, 4, 3]), w)

# What is refused.
X1, W1 = rnd([1, 2, 5]), rnd([4, 2, 3])
X2, W2 = rnd([1, 2, 5, 5]), rnd([4, 2, 3, 3])
X3, W3 = rnd([1, 2, 5, 5, 5]), rnd([4, 2, 3, 3, 3])
U1, U2, U3 = rnd([2, 4, 3]), rnd([2, 4, 3, 3]), rnd([2, 4, 3, 3, 3])
ALL = (("conv1d", X1, W1), ("conv2d", X2, W2), ("conv3d", X3, W3),
       ("convTranspose1d", X1, U1), ("convTranspose2d", X2, U2),
       ("convTranspose3d", X3, U3))
for op, x, w in ALL:
    rank = len(x.shape) - 2
    error(op, rnd([2]), w)
    error(op, rnd([1, 1] + x.shape), w)
    error(op, x, rnd([4, 3]))
    error(op, rnd([1, 3] + x.shape[2:]), w)
    error(op, rnd([3] + x.shape[2:]), w)
    error(op, x, w, groups=3)
    error(op, x, w, groups=0)
    error(op, x, w, groups=-1)
    error(op, x, w, bias=rnd([3]))
    error(op, x, w, bias=rnd([4, 1]))
    error(op, x, w, bias=rnd([]))
    error(op, x, w, padding=-1)
    error(op, x, w, stride=0)
    error(op, x, w, stride=-1)
    error(op, x, w, stride=0, padding=-1)
    error(op, x, w, dilation=0)
    error(op, x, w, dilation=-1)
    error(op, x, rnd([w.shape[0], w.shape[1]] + [0] * rank))
    for name in SIZES:
        error(op, x, w, **{name: [1, 1, 1, 1]})
    error(op, x, w.to(D))
    error(op, x.to(D), w)
    error(op, x.to("float16"), w)
    error(op, rnd([1, 2] + [0] + [5] * (rank - 1)), w, padding=2)
    if op.startswith("convT"):
        error(op, x, w, outputPadding=1)
        error(op, x, w, outputPadding=-1)
        error(op, x, w, outputPadding=[1, 1, 1, 1])
        error(op, rnd([1, 2] + [1] * rank), w, padding=2)
        error(op, rnd([1, 2] + [2] * rank), rnd([2, 4] + [2] * rank),
              padding=2)
        continue
    error(op, x, w, bias=rnd([4], dtype=D))
    error(op, rnd([1, 2] + [2] * rank), w)
    error(op, rnd([2] + [2] * rank), w)
    error(op, x, w, dilation=3)
    error(op, x, w, padding="same", stride=2)
    error(op, x, w, padding="foo")
    error(op, x, rnd([0, 2] + [3] * rank))
    error(op, rnd([0, 2] + [2] * rank), w)
    error(op, rnd([1, 16] + [5] * rank), w, groups=8)
error("conv2d", X2, W1)
error("conv2d", X2, W3)
error("convTranspose2d", X2, U1)
error("conv2d", X2, W2, padding="same", stride=[1, 1, 1])
error("conv2d", X2, W2, padding="same", dilation=[1, 1, 1])
error("conv2d", rnd([1, 3, 5, 5]), W2, padding="same")
error("conv2d", X2.to("bool"), W2.to("bool"))
error("conv2d", i64([[[[1, 2], [3, 4]]]]), f64([[[[1.5]]]]))
error("convTranspose2d", X2, rnd([2, 0, 3, 3]))
error("convTranspose2d", X2, rnd([0, 4, 3, 3]))
