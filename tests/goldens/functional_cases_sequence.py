"""Cases of attention, CTC, bags of rows and grids for make_functional_goldens.py."""

from make_functional_goldens import INF, WORDS, case, error, f32, i64, rnd

WORDS.update(("inputLengths", "targetLengths"))

attend = "scaledDotProductAttention"
q = rnd([2, 3, 4])
k = rnd([2, 5, 4], seed=2)
v = rnd([2, 5, 6], seed=3)
blind = f32([[0, -INF, 0.5, 0, 0], [-INF] * 5, [1, 0, 0, -2, -INF]])


case(attend, q, k, v)
case(attend, q.to("float64"), k.to("float64"), v.to("float64"))
case(attend, q, k, v, attnMask=blind.const())
case(attend, q, k, v, attnMask=rnd([3, 5], seed=4))
case(attend, q, k, v, attnMask=rnd([2, 1, 5], seed=4).const())
case(attend, q, k, v, isCausal=True)
case(attend, q, k, v, scale=0.7)
case(attend, rnd([3, 4]), rnd([5, 4], seed=2), rnd([5, 2], seed=3))
case(attend, rnd([4, 3, 2]), rnd([2, 5, 2], seed=2), rnd([2, 5, 2], seed=3),
     enableGqa=True)
# With four dimensions PyTorch has a node of its own, here it is a composite.
case(attend, rnd([1, 4, 3, 2]), rnd([1, 2, 5, 2], seed=2),
     rnd([1, 2, 5, 2], seed=3), enableGqa=True, grad=False)
error(attend, q, k.to("float64"), v)
error(attend, rnd([4]), k, v)

logits = rnd([5, 2, 4])


targets = i64([[1, 2], [3, 3]])
for r in ("none", "mean", "sum"):
    case("ctcLoss", logits, targets, i64([5, 4]), i64([2, 1]), reduction=r)
    case("ctcLoss", logits.to("float64"), targets, i64([5, 3]), i64([1, 2]),
         reduction=r)
case("ctcLoss", logits, i64([1, 2, 3]), i64([5, 4]), i64([2, 1]))
case("ctcLoss", logits, i64([[0, 2], [1, 1]]), i64([5, 5]), i64([2, 2]),
     blank=3)
case("ctcLoss", logits, targets, i64([2, 2]), i64([0, 2]), reduction="none",
     zeroInfinity=True)
case("ctcLoss", logits, targets, i64([2, 2]), i64([0, 2]), reduction="none",
     grad=False)
case("ctcLoss", rnd([4, 3]), i64([1, 2]), i64(4), i64(2))
error("ctcLoss", logits, targets, i64([5, 4]), i64([2, 1]), blank=4)
error("ctcLoss", logits, targets, i64([5]), i64([2, 1]))
error("ctcLoss", logits, targets, i64([5, 4]), i64([2]))
error("ctcLoss", logits, targets, i64([5, 4]), i64([3, 1]))

table = rnd([6, 3])
bags = i64([[0, 2, 2], [5, 1, 4]])
flat = i64([0, 2, 3, 5, 4, 1])
starts = i64([0, 2, 2, 5])
for mode in ("sum", "mean", "max"):
    case("embeddingBag", bags, table, mode=mode)
    case("embeddingBag", flat, table, offsets=starts, mode=mode)
    case("embeddingBag", flat, table, offsets=i64([0, 2, 2, 6]), mode=mode,
         includeLastOffset=True)
    case("embeddingBag", bags, table, mode=mode, paddingIdx=2)
case("embeddingBag", bags, table, mode="sum",
     perSampleWeights=rnd([2, 3], seed=5))
case("embeddingBag", flat, table, offsets=starts, mode="sum",
     perSampleWeights=rnd([6], seed=5))
case("embeddingBag", bags, rnd([6, 3]), maxNorm=1.5, grad=False)
error("embeddingBag", flat, table, offsets=i64([0, 7]))
error("embeddingBag", i64([[1, 9]]), table)

image = rnd([2, 3, 4, 5])
grid = rnd([2, 3, 2, 2], -1.4, 1.4, seed=2)
volume = rnd([1, 2, 3, 4, 2])
points = rnd([1, 2, 1, 3, 3], -1.4, 1.4, seed=3)
for mode in ("bilinear", "nearest", "bicubic"):
    for padding in ("zeros", "border", "reflection"):
        for align in (False, True):
            case("gridSample", image, grid, mode=mode, paddingMode=padding,
                 alignCorners=align)
            if mode != "bicubic":
                case("gridSample", volume, points, mode=mode,
                     paddingMode=padding, alignCorners=align)
case("gridSample", image.to("float64"), grid.to("float64"))
error("gridSample", image, rnd([2, 3, 2, 1]))
error("gridSample", image, rnd([1, 3, 2, 2]))
error("gridSample", volume, points, mode="bicubic")
for align in (False, True):
    case("affineGrid", rnd([2, 2, 3]), [2, 1, 3, 4], alignCorners=align)
    case("affineGrid", rnd([1, 3, 4]), [1, 2, 2, 3, 1], alignCorners=align)
error("affineGrid", rnd([1, 2, 2]), [1, 1, 2, 2])
error("affineGrid", rnd([1, 2, 3]), [1, 1, 2, 0])
