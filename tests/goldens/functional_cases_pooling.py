"""Cases of pooling for make_functional_goldens.py."""

from make_functional_goldens import (INF, NAN, case, error, f32, i64, ints,
                                     rnd)


def spread(shape, seed=1, dtype="float32"):
    """Distinct values, so that maxima have one place."""
    x = rnd(shape, -2, 2, seed, dtype)
    x.data = [round(v + 1e-3 * (i % 7), 4) for i, v in enumerate(x.data)]
    return x


SIZES = {1: [9], 2: [6, 5], 3: [3, 5, 4]}
POOLS = [
    {}, {"stride": 1}, {"stride": 3}, {"padding": 1},
    {"stride": 2, "ceilMode": True},
    {"stride": 2, "padding": 1, "ceilMode": True},
]
for d in (1, 2, 3):
    for dtype in ("float32", "float64"):
        x = spread([1, 2] + SIZES[d], dtype=dtype)
        for options in POOLS if dtype == "float32" else POOLS[-1:]:
            for k in (2, 3) if d < 3 else (3,):
                case(f"maxPool{d}d", x, k, **options)
                case(f"maxPool{d}d", x, k, returnIndices=True, **options)
                case(f"avgPool{d}d", x, k, **options)
                if "padding" in options:
                    case(f"avgPool{d}d", x, k, countIncludePad=False,
                         **options)
                elif k == 2:
                    case(f"lpPool{d}d", x, 2, k, **options)
    x = spread([1, 2] + SIZES[d])
    case(f"maxPool{d}d", x, 2, dilation=2, returnIndices=True)
    case(f"maxPool{d}d", x, 2, dilation=2, padding=1, stride=1)
    case(f"maxPool{d}d", x, 3, dilation=2, padding=1, stride=2, ceilMode=True) \
        if d < 3 else None
    if d > 1:
        case(f"avgPool{d}d", x, 2, divisorOverride=3)
        case(f"avgPool{d}d", x, 2, divisorOverride=-1, stride=1)
        pair = [2, 3, 2][:d]
        case(f"maxPool{d}d", x, pair, stride=[1, 2, 3][:d],
             padding=[1, 0, 1][:d], dilation=[1, 2, 1][:d], returnIndices=True)
        case(f"avgPool{d}d", x, pair, stride=[1, 2, 3][:d],
             padding=[1, 0, 1][:d], ceilMode=True)
        case(f"lpPool{d}d", x, 2, pair)
    for norm in (1, 3, INF, -INF):
        case(f"lpPool{d}d", rnd([1, 2] + SIZES[d], 0.5, 2), norm, 2)
    unbatched = spread([2] + SIZES[d])
    for view in ((), ("transpose", 0, 1)):
        y = unbatched.via(view) if view else unbatched
        case(f"maxPool{d}d", y, 2, returnIndices=True)
        case(f"avgPool{d}d", y, 2)
        case(f"adaptiveAvgPool{d}d", y, 3)
        case(f"adaptiveMaxPool{d}d", y, 3, returnIndices=True)
    for empty in ([0, 2] + SIZES[d],):
        case(f"maxPool{d}d", rnd(empty), 2, returnIndices=True)
        case(f"avgPool{d}d", rnd(empty), 2)
        case(f"adaptiveAvgPool{d}d", rnd(empty), 2)
        case(f"adaptiveMaxPool{d}d", rnd(empty), 2)
    if d < 3:
        case(f"adaptiveAvgPool{d}d", rnd([2, 0] + SIZES[d]).const(), 2)
    for size in (1, 2, 3, 7 - d, 0):
        y = x if size > 0 else x.const()
        case(f"adaptiveAvgPool{d}d", y, size)
        case(f"adaptiveMaxPool{d}d", y, size)
        case(f"adaptiveMaxPool{d}d", y, size, returnIndices=True)
    if d > 1:
        case(f"adaptiveAvgPool{d}d", x, [None, 2, 3][:d])
        case(f"adaptiveMaxPool{d}d", x, [None, 2, 3][:d])
        case(f"adaptiveAvgPool{d}d", x, [1, 3, 1][:d])
        case("maxPool2d", ints([1, 4, 4]), 2, returnIndices=True)
        case("maxPool2d", ints([1, 4, 4], 0, 9, dtype="uint8"), 2)
        case("avgPool2d", ints([1, 4, 4], -9, 9), 2)
        case("maxPool2d", rnd([1, 4, 4], dtype="float16"), 2)
        case("avgPool2d", rnd([1, 4, 4], dtype="bfloat16"), 2)
    special = f32([[1, NAN, NAN, 2, NAN, -INF, -INF, -INF]])
    if d == 1:
        for k in (2, 3, 4):
            case("maxPool1d", special, k, returnIndices=True)
            case("avgPool1d", special, k)
        case("adaptiveMaxPool1d", special, 3, returnIndices=True)
        case("adaptiveAvgPool1d", special, 3)
    if d == 2:
        case("maxPool2d", f32([[[1, NAN], [NAN, 2]]]), 2, returnIndices=True)
        case("maxPool2d", f32([[[1, 2], [2, 2]]]), 2, returnIndices=True)
        case("maxPool2d", f32([[[-INF] * 4] * 4]), 3, stride=2, padding=1,
             returnIndices=True)
        case("adaptiveMaxPool2d", f32([[[1, NAN], [NAN, 2]]]), 1,
             returnIndices=True)
    shape = [2, 2] + [2] * d
    size = [4] * d
    count = 4 ** d
    index = i64([2 * (i % 2 ** d) % count for i in range(4 * 2 ** d)])
    index.shape = shape
    case(f"maxUnpool{d}d", rnd(shape), index, 2)
    case(f"maxUnpool{d}d", rnd(shape), index, 2, outputSize=[5] * d)
    case(f"maxUnpool{d}d", rnd(shape), index, 2, outputSize=shape[:2] + [5] * d)
    case(f"maxUnpool{d}d", rnd(shape), index, 3, stride=2, padding=1,
         outputSize=[4] * d)
    case(f"maxUnpool{d}d", rnd([0] + shape[1:]), ints([0] + shape[1:]), 2)

    # Errors.
    x = spread([2, 3] + [6] * d).const()
    for op in (f"maxPool{d}d", f"avgPool{d}d"):
        error(op, x, 0)
        error(op, x, -1)
        error(op, x, 9)
        error(op, x, [2] * (d + 1))
        error(op, x, 2, stride=0)
        error(op, x, 2, stride=-1)
        error(op, x, 2, stride=[2] * (d + 1))
        error(op, x, 2, padding=2)
        error(op, x, 2, padding=-1)
        error(op, x, 2, padding=[1] * (d + 1))
        if op != "avgPool2d":
            error(op, rnd([2]).const(), 2)
        error(op, rnd([2] * (d + 3)).const(), 2)
        error(op, rnd([2, 3] + [0] * d).const(), 2)
        if (op, d) not in (("maxPool3d", 3), ("avgPool3d", 3)):
            error(op, rnd([0] + [4] * d).const(), 2)
        error(op, rnd([2, 0] + [4] * d).const(), 2)
    error(f"maxPool{d}d", x, 2, dilation=0)
    error(f"maxPool{d}d", x, 2, dilation=[1] * (d + 1))
    error(f"maxPool{d}d", x, 2, padding=2, dilation=3)
    if d > 1:
        error(f"avgPool{d}d", x, 2, divisorOverride=0)
    for op in (f"adaptiveMaxPool{d}d", f"adaptiveAvgPool{d}d"):
        error(op, x, [2] * (d + 1))
        error(op, x, -1)
        error(op, rnd([2]).const(), 2)
        error(op, rnd([2] * (d + 3)).const(), 2)
        error(op, rnd([2, 3] + [0] * d).const(), 2)
    error(f"adaptiveMaxPool{d}d", rnd([2, 0] + [4] * d).const(), 2)
    if d == 2:
        error("adaptiveAvgPool2d", ints([1, 4, 4]), 2)
        error("adaptiveMaxPool2d", ints([1, 4, 4]), 2)
        error("avgPool2d", ints([1, 4, 4], dtype="int32"), 2)
    op = f"maxUnpool{d}d"
    v = rnd(shape).const()
    error(op, v, ints(shape, 0, 1, dtype="int32"), 2)
    error(op, v, ints([1] + shape[1:], 0, 1), 2)
    error(op, v, ints(shape, 999, 999), 2)
    error(op, v, ints(shape, -1, -1), 2)
    error(op, v, ints(shape, 0, 1), 2, outputSize=[9] * d)
    error(op, v, ints(shape, 0, 1), 2, outputSize=[4] * (d + 1))
