"""Cases of the other functions for make_functional_goldens.py."""

import torch

from make_functional_goldens import (FUNCTIONAL as F, case, error, f32, f64,
                                     i64, ints, rnd)

# Affine maps.
for shape in ([3], [2, 3], [2, 2, 3], [2, 1, 2, 3], [0, 3]):
    for d in ("float32", "float64"):
        x, w, b = rnd(shape, dtype=d), rnd([4, 3], seed=2, dtype=d), \
            rnd([4], seed=3, dtype=d)
        case("linear", x, w, bias=b)
        case("linear", x, w)
case("linear", rnd([3, 2, 3]).via(("transpose", 0, 1)), rnd([4, 3], seed=2),
     bias=rnd([4], seed=3))
case("linear", rnd([3, 2]).via(("transpose", 0, 1)), rnd([4, 3], seed=2),
     bias=rnd([4], seed=3))
case("linear", rnd([2, 3]), rnd([3], seed=2))
x, w = rnd([2, 3]).const(), rnd([4, 3], seed=2).const()
error("linear", x, rnd([4, 2]).const())
error("linear", x, rnd([4, 3, 3]).const())
error("linear", rnd([]).const(), w)
error("linear", x, w, bias=rnd([5]).const())

# Padding.
for d, size in ((1, [4]), (2, [4, 3]), (3, [3, 3, 4])):
    x = rnd([1, 2] + size)
    pads = [[1, 2], [1, 2, 2, 1], [1, 2, 2, 1, 1, 0]][d - 1]
    mixed = [[-1, 2], [2, -1, -2, 2], [1, -1, 0, 2, -1, 1]][d - 1]
    crop = [-1, -1] + [0] * (2 * d - 2)
    for p in (pads, mixed, crop, [0] * (2 * d)):
        case("pad", x, p)
        for mode in ("reflect", "replicate", "circular"):
            case("pad", x, p, mode=mode)
    if d == 1:
        for mode in ("reflect", "replicate", "circular"):
            case("pad", x, [2, 0], mode=mode)
            case("pad", x, [0, 3], mode=mode)
            if mode != "circular":  # where PyTorch reads undefined memory
                case("pad", x, [-2, 3], mode=mode)
                case("pad", x, [3, -2], mode=mode)
            case("pad", ints([1, 6]), [1, 2], mode=mode)
            case("pad", f64([[1.0, 2, 3, 4]]), [2, 1], mode=mode)
            case("pad", rnd([4, 3]).via(("transpose", 0, 1)), [2, 1],
                 mode=mode)
            case("pad", rnd([0, 3, 4]), [1, 1], mode=mode)
    case("pad", x, pads, value=1.5)
case("pad", rnd([2]), [])
case("pad", rnd([2, 3, 2]), [0, 0, 1, 1])
case("pad", rnd([]), [])
case("pad", ints([3]), [1, 1], value=7)
case("pad", rnd([2, 0]), [1, 1], value=2.5)
case("pad", rnd([2, 3]).via(("transpose", 0, 1)), [1, 0, 0, 1])
x = rnd([2, 3, 6]).const()
error("pad", x, [1])
error("pad", x, [1] * 8)
error("pad", x, [-4, -3])
error("pad", x, [1, 1], mode="reflect", value=3)
error("pad", x, [6, 1], mode="reflect")
error("pad", x, [1, 1, 3, 1], mode="reflect")
error("pad", x, [1] * 6, mode="reflect")
error("pad", rnd([2]).const(), [1, 1], mode="replicate")
error("pad", x, [1, 1], mode="foo")
error("pad", x, [7, 1], mode="circular")
error("pad", x, [-3, -3], mode="reflect")
error("pad", x, [-3, -4], mode="replicate")
error("pad", rnd([2, 3, 0]).const(), [3, 4], mode="replicate")
error("pad", rnd([2, 0, 4]).const(), [1, 1], mode="reflect")


def seeded(name):
    """The function with PyTorch's default generator set to 5."""
    function = getattr(F, name)

    def call(*args, **options):
        torch.manual_seed(5)
        return function(*args, **options)

    return call


# Chance; the test sets the seed as well.
for name in ("dropout", "alphaDropout", "featureAlphaDropout", "dropout1d",
             "dropout2d", "dropout3d"):
    from op_cases_base import snake
    shapes = {"dropout": ([5], [4, 5], [3, 0], [70]), "alphaDropout": ([4, 5],),
              "featureAlphaDropout": ([2, 3, 2],),
              "dropout1d": ([2, 3, 2], [3, 2]),
              "dropout2d": ([2, 3, 2, 2], [2, 3, 2]),
              "dropout3d": ([2, 2, 1, 2, 2], [3, 1, 2, 2])}[name]
    for shape in shapes:
        for options in ({"p": 0.3}, {"p": 0}, {"p": 1}, {}):
            case(name, rnd(shape), call=seeded(snake(name)), training=True,
                 **options)
    case(name, rnd(shapes[0]), training=False)
    case(name, rnd(shapes[0], dtype="float64"), call=seeded(snake(name)),
         training=True)
error("dropout", rnd([3]).const(), p=1.5)
error("dropout1d", rnd([2, 3, 4, 5]).const())

# Tables.
w = rnd([5, 3])
for index in (i64([1, 4, 1]), i64([[0, 2], [3, 3]]), i64(2),
              ints([2, 0], 0, 4), ints([3], 0, 4, dtype="int32")):
    case("embedding", index, w)
    case("embedding", index, w, paddingIdx=1)
    case("embedding", index, w, paddingIdx=-2)
w = w.const()
error("embedding", rnd([3]).const(), w) if False else None
error("embedding", i64([1]), rnd([3]).const())
error("embedding", i64([5]), w)
error("embedding", i64([-1]), w)

# Windows as columns.
x = rnd([2, 2, 5, 4])
for options in ({}, {"stride": 2}, {"padding": 1}, {"dilation": 2},
                {"padding": [2, 1], "stride": [1, 2], "dilation": [2, 1]}):
    for k in (2, [3, 2]):
        case("unfold", x, k, **options)
        columns = F.unfold(torch.zeros(2, 2, 5, 4), k, **options).shape
        case("fold", rnd(list(columns)), [5, 4], k, **options)
case("unfold", rnd([2, 3, 3]), 2)
case("unfold", rnd([3, 2, 3]).via(("transpose", 0, 1)), 2)
case("unfold", rnd([2, 3, 3]), 2, padding=1)
case("unfold", rnd([0, 1, 3, 3]), 2)
case("fold", rnd([4, 4]), 3, 2)
case("fold", rnd([0, 4, 4]), 3, 2)
case("unfold", rnd([1, 3, 3], dtype="float64"), 2, padding=2)
x = rnd([2, 3, 6, 6]).const()
error("unfold", x, 9)
error("unfold", x, 0)
error("unfold", x, 2, stride=0)
error("unfold", x, 2, dilation=0)
error("unfold", x, 2, padding=-1)
error("unfold", x, [1, 2, 3])
error("unfold", rnd([2, 0, 4, 4]).const(), 2)
c = rnd([2, 12, 25]).const()
error("fold", rnd([3]).const(), 6, 2)
error("fold", c, 6, 5)
error("fold", c, 7, 2)
error("fold", c, 6, 2, stride=0)

# Lengths and angles.
for d in ("float32", "float64"):
    x, y = rnd([2, 3], dtype=d), rnd([2, 3], seed=2, dtype=d)
    case("normalize", x)
    case("normalize", x, 0, call=lambda x, dim: F.normalize(x, dim=dim))
    case("normalize", x, -1, call=lambda x, dim, **k: F.normalize(
        x, dim=dim, **k), p=1)
    case("cosineSimilarity", x, y)
    case("cosineSimilarity", x, y, 0)
    case("pairwiseDistance", x, y)
    case("pairwiseDistance", x, y, p=1, keepdim=True)
    case("pairwiseDistance", x, y, p=3, eps=0.01)
case("normalize", f32([[0.0, 0.0], [3.0, 4.0]]))
case("cosineSimilarity", rnd([2, 3]), rnd([1, 3], seed=2))
case("cosineSimilarity", rnd([3]), rnd([2, 3], seed=2), -1)
case("cosineSimilarity", f32([[0.0, 0.0]]).const(), f32([[3.0, 4.0]]).const())

# Pixels.
case("pixelShuffle", rnd([4, 2, 3]), 2)
case("pixelShuffle", rnd([2, 2, 8, 1, 2]), 2)
case("pixelShuffle", rnd([9, 1, 2]).via(("transpose", 1, 2)), 3)
case("pixelUnshuffle", rnd([1, 4, 6]), 2)
case("pixelUnshuffle", rnd([2, 2, 3, 3]), 3)
x = rnd([2, 3, 6, 6]).const()
error("pixelShuffle", x, 2)
error("pixelShuffle", rnd([3, 3]).const(), 2)
error("pixelShuffle", x, 0)
error("pixelUnshuffle", x, 4)
error("pixelUnshuffle", rnd([1, 4, 3]).const(), 2)
error("pixelUnshuffle", x, -1)
error("pixelUnshuffle", rnd([3]).const(), 1)

# Sizes.
MODES = {1: ("nearest", "nearest-exact", "linear", "area"),
         2: ("nearest", "nearest-exact", "bilinear", "bicubic", "area"),
         3: ("nearest", "nearest-exact", "trilinear", "area")}
for d, size in ((1, [5]), (2, [4, 3]), (3, [2, 3, 2])):
    x = rnd([1, 2] + size)
    for mode in MODES[d]:
        targets = [{"scaleFactor": 2}, {"scaleFactor": 0.6},
                   {"size": [7, 2, 3][:d]}, {"size": 1}, {"size": size},
                   {"scaleFactor": 1.7, "recomputeScaleFactor": True}]
        for target in targets if d < 3 else targets[:3]:
            case("interpolate", x, mode=mode, **target)
            if mode.endswith(("linear", "cubic")):
                case("interpolate", x, mode=mode, alignCorners=True, **target)
                # PyTorch's filters are wrong where a column remains.
                if d == 2 and target.get("scaleFactor") != 0.6:
                    case("interpolate", x, mode=mode, antialias=True, **target)
    case("interpolate", x, scaleFactor=[1.5, 2, 0.5][:d])
case("interpolate", rnd([1, 2, 3], dtype="float64"), size=7, mode="linear")
case("interpolate", rnd([1, 2, 3, 3], dtype="float64"), size=5, mode="bicubic")
case("interpolate", rnd([1, 2, 3], dtype="float16"), size=5, mode="linear")
case("interpolate", rnd([2, 1, 3]).via(("transpose", 0, 1)), scaleFactor=3)
case("interpolate", rnd([0, 2, 3]), size=5)
x = rnd([2, 3, 6, 6]).const()
error("interpolate", x)
error("interpolate", x, size=3, scaleFactor=2)
error("interpolate", x, size=[2, 3, 4])
error("interpolate", x, size=3, mode="linear")
error("interpolate", rnd([2, 3, 4]).const(), size=3, mode="bilinear")
error("interpolate", x, size=3, alignCorners=True)
error("interpolate", x, size=0)
error("interpolate", x, size=3, recomputeScaleFactor=True)
error("interpolate", x, scaleFactor=0.1)
error("interpolate", rnd([2, 0, 3, 3]).const(), size=2)
error("interpolate", rnd([2, 2, 0, 3]).const(), size=2)
error("interpolate", rnd([1, 1, 2, 2]).const(), size=3, antialias=True)
error("interpolate", x, scaleFactor=2, mode="area", alignCorners=False)
