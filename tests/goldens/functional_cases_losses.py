"""Cases of losses for make_functional_goldens.py."""

from make_functional_goldens import NAN, case, error, f32, f64, i64, ints, rnd
from op_cases_base import u8

x = rnd([3, 4])
y = rnd([3, 4], seed=2)
far = rnd([3, 4], 3, 5, seed=3)
weight = rnd([3, 4], 0.2, 1.8, seed=4).const()
REDUCTIONS = ("mean", "sum", "none")
signs = f32([[1, -1, 1, 1], [-1, -1, 1, -1], [1, 1, 1, -1]]).const()

for op in ("mseLoss", "l1Loss", "smoothL1Loss", "huberLoss"):
    for r in REDUCTIONS:
        case(op, x, y, reduction=r)
    case(op, x, far)
    case(op, x.to("float64"), y.to("float64"))
    case(op, rnd([5]), rnd([5], seed=7).const())
    case(op, rnd([]), rnd([], seed=7))
    case(op, rnd([0]), rnd([0]), reduction="sum")
    case(op, x.via(("transpose", 0, 1)), rnd([4, 3], seed=9))
    error(op, x, y, reduction="batch")
    error(op, x, rnd([3]).const())
    if op != "smoothL1Loss":
        for r in REDUCTIONS:
            case(op, x, y, weight=weight, reduction=r)
        error(op, x, y, weight=f32([1, 2]))
case("smoothL1Loss", x, y, beta=0.3)
case("smoothL1Loss", x, y, beta=0)
case("huberLoss", x, y, delta=0.7)
error("smoothL1Loss", x, y, beta=-1)
error("huberLoss", x, y, delta=0)

for r in REDUCTIONS:
    case("poissonNllLoss", x, far.const(), reduction=r)
    case("klDiv", x, rnd([3, 4], 0.1, 0.9, seed=5), reduction=r)
    case("klDiv", x, y, logTarget=True, reduction=r)
case("poissonNllLoss", far, rnd([3, 4], 0.2, 5).const(), logInput=False,
     full=True)
case("klDiv", x, rnd([3, 4], 0.1, 0.9, seed=5), reduction="batchmean")
case("klDiv", x, f32([[0, 1, 0, 0.5]] * 3).const())
error("poissonNllLoss", x, y, reduction="x")
error("klDiv", x, y, reduction="x")
positive = rnd([3, 4], 0.2, 1.8, seed=6)
for r in REDUCTIONS:
    case("gaussianNllLoss", x, y, positive, reduction=r)
case("gaussianNllLoss", x, y, positive, full=True, eps=0.9)
case("gaussianNllLoss", x, y, rnd([3, 1], 0.2, 1.8))
case("gaussianNllLoss", x, y, rnd([3], 0.2, 1.8))
error("gaussianNllLoss", x, y, x)
error("gaussianNllLoss", x, y, rnd([5], 0.2, 1.8))
error("gaussianNllLoss", x, y, positive, reduction="x")

p = rnd([3, 4], 0.05, 0.95)
t = rnd([3, 4], 0.05, 0.95, seed=8)
for r in REDUCTIONS:
    case("binaryCrossEntropy", p, t, reduction=r)
    case("binaryCrossEntropyWithLogits", x, t, reduction=r)
    case("binaryCrossEntropyWithLogits", x, t, reduction=r,
         weight=rnd([4], 0.2, 1.8).const(),
         posWeight=rnd([4], 0.2, 1.8, seed=3).const())
    case("softMarginLoss", x, signs, reduction=r)
    case("multilabelSoftMarginLoss", x, t, reduction=r)
case("binaryCrossEntropy", p, t, weight=weight)
case("binaryCrossEntropy", f32([0, 1, 1, 0]), f32([0, 1, 0, 1]).const(),
     reduction="none")
case("binaryCrossEntropyWithLogits", x, t, weight=weight)
case("binaryCrossEntropyWithLogits", x, t,
     posWeight=rnd([4], 0.2, 1.8, seed=3).const())
case("binaryCrossEntropyWithLogits", f32([100, -100, 60]),
     f32([0, 1, 1]).const(), reduction="none")
case("multilabelSoftMarginLoss", x, t.const(), weight=rnd([4], 0.1, 1).const())
error("binaryCrossEntropy", x, t)
error("binaryCrossEntropy", p, far)
error("binaryCrossEntropy", f32([NAN, 0.5]), f32([1, 1]))
error("binaryCrossEntropy", p, t.to("float64"))
error("binaryCrossEntropy", p, rnd([4]))
error("binaryCrossEntropyWithLogits", x, rnd([4]))
error("multilabelSoftMarginLoss", x, t, reduction="x")
error("softMarginLoss", x, f32([1, 1, 1]))

one = f32([1, -1, 1]).const()
for r in REDUCTIONS:
    case("hingeEmbeddingLoss", x, signs, reduction=r)
    case("marginRankingLoss", rnd([3]), rnd([3], seed=2), one, reduction=r)
    case("cosineEmbeddingLoss", x, y, one, reduction=r)
    case("tripletMarginLoss", x, y, far, reduction=r)
case("hingeEmbeddingLoss", x, signs, margin=0.4)
case("marginRankingLoss", rnd([3]), rnd([3], seed=2), one, margin=0.5)
case("cosineEmbeddingLoss", x, y, one, margin=-0.6)
case("cosineEmbeddingLoss", rnd([4]), rnd([4], seed=2), f32(1).const())
case("tripletMarginLoss", x, y, far, margin=4, swap=True, p=1)
case("tripletMarginLoss", x, y, rnd([3, 4], seed=12), margin=2, eps=0.1)
error("marginRankingLoss", x, x, one)
error("cosineEmbeddingLoss", x, y, signs)
error("cosineEmbeddingLoss", rnd([4]), rnd([4]), one)
error("tripletMarginLoss", x, y, far, margin=0)
error("tripletMarginLoss", x, y, rnd([4]))

classes = i64([0, 3, 1])
of_classes = rnd([4], 0.2, 1.8).const()
for r in REDUCTIONS:
    case("multiMarginLoss", x, classes, reduction=r)
    case("multiMarginLoss", x, classes, reduction=r, p=2, margin=0.5,
         weight=of_classes)
    case("multilabelMarginLoss", x, i64([[0, 2, -1, 1], [3, 1, 0, 2],
                                         [-1, 1, 1, 1]]), reduction=r)
case("multiMarginLoss", rnd([4]), i64(2))
case("multilabelMarginLoss", rnd([4]), i64([2, 0, -1, -1]))
error("multiMarginLoss", x, classes, p=3)
error("multiMarginLoss", x, classes, weight=rnd([3]))
error("multiMarginLoss", x, i64([0, 1, 4]))
error("multiMarginLoss", x, i64([0, 1]))
error("multilabelMarginLoss", x, classes)
error("multilabelMarginLoss", x, ints([3, 4], 5, 6))

planes = rnd([2, 4, 3, 2], seed=4)
of_planes = ints([2, 3, 2], 0, 3)
lines = rnd([2, 4, 3], seed=5)
of_lines = ints([2, 3], 0, 3)
for op in ("nllLoss", "crossEntropy"):
    for r in REDUCTIONS:
        case(op, x, classes, reduction=r)
        case(op, x, classes, reduction=r, weight=of_classes)
        case(op, x, i64([0, -100, 1]), reduction=r)
        case(op, x, classes, reduction=r, ignoreIndex=3, weight=of_classes)
        case(op, planes, of_planes, reduction=r)
        case(op, lines, of_lines, reduction=r, ignoreIndex=1)
        case(op, rnd([4]), i64(2), reduction=r)
    case(op, x, i64([-100, -100, -100]))
    case(op, planes, of_planes, weight=of_classes)
    case(op, rnd([2, 3, 2, 1, 2]), ints([2, 2, 1, 2], 0, 2), reduction="none")
    case(op, x.to("float64"), classes)
    case(op, x, u8([0, 3, 1]))
    error(op, x, i64([0, 1]))
    error(op, x, i64([0, 1, 4]))
    error(op, x, i64([0, 1, -1]))
    error(op, x, f32([0, 1, 2]))
    error(op, x, classes.to("int32"))
    error(op, x, classes, weight=rnd([3]))
    error(op, x, classes, weight=rnd([4]).to("float64"))
    error(op, x, classes, reduction="x")
    error(op, planes, ints([2, 3, 3], 0, 3))
    error(op, planes, ints([2, 3], 0, 3))
    error(op, lines, ints([2, 4], 0, 3))
error("nllLoss", f32(1), i64(0))
error("nllLoss", x, ints([3, 1], 0, 3))
for r in REDUCTIONS:
    case("crossEntropy", x, classes, reduction=r, labelSmoothing=0.2)
    case("crossEntropy", x, i64([0, -100, 1]), reduction=r,
         labelSmoothing=0.2, weight=of_classes)
    case("crossEntropy", x, t, reduction=r)
    case("crossEntropy", x, t, reduction=r, labelSmoothing=0.2,
         weight=of_classes)
    case("crossEntropy", lines, of_lines, reduction=r, labelSmoothing=0.1)
    case("crossEntropy", planes, rnd([2, 4, 3, 2], 0.1, 1), reduction=r)
case("crossEntropy", rnd([4]), rnd([4], 0.1, 1))
case("crossEntropy", f32([[1000, 0, -1000]]), i64([1]))
error("crossEntropy", x, classes, labelSmoothing=1.5)
error("crossEntropy", x, t, ignoreIndex=1)
error("crossEntropy", x, t, weight=rnd([3]))
error("crossEntropy", x, ints([3, 4], 0, 1))
error("crossEntropy", x, i64([0, 1, 4]), labelSmoothing=0.1)
error("crossEntropy", f64([[1, 2]]), f64([[1, 2, 3]]))
