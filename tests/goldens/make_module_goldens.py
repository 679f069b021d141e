"""Writes modules.json: what every module of torch.nn is and computes.

Run: python3 tests/goldens/make_module_goldens.py
Each case is built after manual_seed(0); its inputs are stored. Arguments are
those of our constructors: required ones in order, the rest as options under
PyTorch's names, which the test writes in camelCase.
"""
import json
import os

import torch
from torch import nn

CASES = []


def rounded(x):
    if not x.dtype.is_floating_point:
        return x.flatten().tolist()
    return [float(f"{v:.9g}") for v in x.detach().double().flatten().tolist()]


def packed(x):
    if nn.parameter.is_lazy(x):
        return None
    return {
        "shape": list(x.shape),
        "dtype": str(x.dtype)[6:],
        "values": rounded(x),
    }


def make(shape, kind):
    """An input: normal samples, or what a loss needs."""
    if kind == "normal":
        return torch.randn(shape)
    if kind == "uniform":
        return torch.rand(shape) * 0.8 + 0.1
    if kind == "sign":
        return torch.where(torch.rand(shape) > 0.5, 1.0, -1.0)
    if kind == "bits":
        return (torch.rand(shape) > 0.5).float()
    if kind == "log_softmax":
        return torch.randn(shape).log_softmax(1)
    if kind == "softmax":
        return torch.randn(shape).softmax(1)
    if isinstance(kind, list):
        return torch.tensor(kind, dtype=torch.int64)
    return torch.randint(kind, shape)


def case(name, args=(), inputs=(), fixed=(), evaluation=False, **options):
    """inputs: (shape, kind) of what gradients are taken of, unless integer;
    fixed: the same, for targets; they come after the inputs."""
    torch.manual_seed(0)
    py = {k: torch.tensor(v) if isinstance(v, list) and k in TENSORS else v
          for k, v in options.items()}
    py = {k: tuple(v) if isinstance(v, list) else v for k, v in py.items()}
    # The size of a window or a padding is a tuple in Python.
    given = [tuple(a) if isinstance(a, list) else a for a in args]
    module = getattr(nn, name)(*given, **py)
    state = {k: packed(v) for k, v in module.state_dict().items()}
    record = {
        "name": name,
        "args": list(args),
        "options": options,
        "repr": repr(module),
        "state": state,
    }
    torch.manual_seed(1)
    xs = [make(*i) for i in inputs]
    ts = [make(*i) for i in fixed]
    record["inputs"] = [packed(x) for x in xs]
    record["fixed"] = [packed(x) for x in ts]
    for x in xs:
        if x.dtype.is_floating_point:
            x.requires_grad_()
    if evaluation:
        module.eval()
        record["evaluation"] = True
    torch.manual_seed(2)
    out = module(*xs, *ts)
    if isinstance(out, tuple):
        out = torch.cat([part.flatten() for part in out])
    if name.startswith("Lazy"):
        record["reprAfter"] = repr(module)
    record["output"] = packed(out)
    if out.requires_grad:
        weights = torch.arange(out.numel(), dtype=torch.float32).cos()
        out.backward(weights.reshape(out.shape))
    record["gradients"] = [None if x.grad is None else packed(x.grad) for x in xs]
    record["parameterGradients"] = {
        k: None if p.grad is None else packed(p.grad)
        for k, p in module.named_parameters()
    }
    record["stateAfter"] = {k: packed(v) for k, v in module.named_buffers()}
    CASES.append(record)


TENSORS = {"weight", "pos_weight"}
N = "normal"


def activations():
    x = [((2, 3, 4), N)]
    for name in ["ReLU", "ReLU6", "SELU", "SiLU", "Mish", "Hardsigmoid",
                 "Hardswish", "Sigmoid", "Tanh", "LogSigmoid", "Softsign",
                 "Tanhshrink", "ELU", "CELU", "LeakyReLU", "Hardtanh", "RReLU",
                 "Hardshrink", "Softshrink", "Softplus", "GELU", "GLU",
                 "PReLU", "Softmax2d"]:
        case(name, inputs=x)
    for name in ["Softmax", "LogSoftmax", "Softmin"]:
        case(name, [1], x)
    case("GLU", [2], x)
    case("ELU", inputs=x, alpha=0.5)
    case("LeakyReLU", inputs=x, negative_slope=0.2)
    case("Hardtanh", inputs=x, min_val=-0.5, max_val=0.25)
    case("Threshold", [0.1, 20], x)
    case("RReLU", inputs=x, evaluation=True)
    case("Softplus", inputs=x, beta=2.5, threshold=1.5)
    case("GELU", inputs=x, approximate="tanh")
    case("PReLU", inputs=x, num_parameters=3, init=0.1)


def linear():
    case("Linear", [3, 2], [((4, 3), N)])
    case("Linear", [3, 2], [((2, 4, 3), N)], bias=False)
    case("Linear", [20, 5], [((20,), N)])
    case("Bilinear", [2, 3, 4], [((5, 2), N), ((5, 3), N)])
    case("Bilinear", [2, 3, 1], [((1, 5, 2), N), ((1, 5, 3), N)], bias=False)
    case("Identity", [], [((2,), N)])


def convolutions():
    sizes = {1: (7,), 2: (5, 6), 3: (4, 5, 4)}
    for d, size in sizes.items():
        x = [((2, 4, *size), N)]
        case(f"Conv{d}d", [4, 2, 3], x)
        case(f"Conv{d}d", [4, 2, 2], x, stride=2, padding=1, dilation=2,
             groups=2, bias=False)
        case(f"Conv{d}d", [4, 2, 3], x, padding="same")
        case(f"Conv{d}d", [4, 2, 3], x, padding=1, padding_mode="circular")
        case(f"ConvTranspose{d}d", [4, 2, 3], x)
        case(f"ConvTranspose{d}d", [4, 2, 3], x, stride=2, padding=1,
             output_padding=1, groups=2)
    case("Conv2d", [4, 2, [3, 1]], [((2, 4, 5, 6), N)], padding=[1, 0],
         padding_mode="reflect")
    case("Conv2d", [4, 2, 2], [((2, 4, 5, 6), N)], padding="same",
         padding_mode="replicate")


def pooling():
    sizes = {1: (9,), 2: (8, 7), 3: (5, 6, 5)}
    for d, size in sizes.items():
        x = [((2, 3, *size), N)]
        case(f"MaxPool{d}d", [2], x)
        case(f"MaxPool{d}d", [3], x, stride=2, padding=1, ceil_mode=True)
        case(f"AvgPool{d}d", [2], x)
        case(f"AvgPool{d}d", [3], x, stride=2, padding=1, ceil_mode=True,
             count_include_pad=False)
        case(f"LPPool{d}d", [2, 2], x)
        case(f"AdaptiveAvgPool{d}d", [3], x)
        case(f"AdaptiveMaxPool{d}d", [3], x)
    case("AdaptiveAvgPool2d", [[None, 2]], [((2, 3, 8, 7), N)])
    case("AvgPool2d", [2], [((2, 3, 8, 7), N)], divisor_override=3)
    case("LPPool2d", [3, 2], [((2, 3, 8, 7), "uniform")], stride=3, ceil_mode=True)
    for d in (2, 3):
        x = [((2, 3, *([7, 8, 9][:d])), N)]
        case(f"FractionalMaxPool{d}d", [2], x, output_size=4)
        case(f"FractionalMaxPool{d}d", [3], x, output_ratio=[0.5, 0.4, 0.6][:d])
        case(f"FractionalMaxPool{d}d", [2], [((3, *([7, 8, 9][:d])), N)],
             output_size=[3, 4, 5][:d])
    for d in (1, 2, 3):
        x = [((1, 2, *([3] * d)), N)]
        for kind in ["Reflection", "Replication", "Circular", "Zero"]:
            case(f"{kind}Pad{d}d", [1], x)
            case(f"{kind}Pad{d}d", [[1, 2] + [0, 1] * (d - 1)], x)
        case(f"ConstantPad{d}d", [2, 3.5], x)


def norms():
    sizes = {1: (5,), 2: (3, 4), 3: (2, 3, 2)}
    for d, size in sizes.items():
        x = [((4, 6, *size), N)]
        case(f"BatchNorm{d}d", [6], x)
        case(f"BatchNorm{d}d", [6], x, evaluation=True)
        case(f"BatchNorm{d}d", [6], x, momentum=None, eps=0.001)
        case(f"BatchNorm{d}d", [6], x, affine=False)
        case(f"BatchNorm{d}d", [6], x, track_running_stats=False)
        case(f"InstanceNorm{d}d", [6], x)
        case(f"InstanceNorm{d}d", [6], x, affine=True, track_running_stats=True)
        case(f"InstanceNorm{d}d", [6], x, track_running_stats=True,
             evaluation=True)
        case(f"InstanceNorm{d}d", [6], [((6, *size), N)])
    case("BatchNorm1d", [6], [((4, 6), N)], bias=False)
    x = [((4, 6, 5), N)]
    case("LayerNorm", [5], x)
    case("LayerNorm", [[6, 5]], x, bias=False, eps=0.001)
    case("LayerNorm", [[6, 5]], x, elementwise_affine=False)
    case("RMSNorm", [5], x)
    case("RMSNorm", [[6, 5]], x, eps=0.01, elementwise_affine=False)
    case("GroupNorm", [3, 6], x)
    case("GroupNorm", [1, 6], x, affine=False)
    case("LocalResponseNorm", [2], x)
    case("LocalResponseNorm", [3], [((2, 6, 3, 3), N)], alpha=0.1, beta=0.5, k=2.0)
    case("CrossMapLRN2d", [2], [((2, 6, 3, 2), N)])
    for size in [2, 3, 4, 5, 9]:
        case("CrossMapLRN2d", [size], [((2, 6, 3, 2), N)], alpha=0.5, beta=0.6,
             k=2)


def dropouts():
    for name in ["Dropout", "AlphaDropout", "FeatureAlphaDropout"]:
        case(name, [], [((4, 6, 5), N)])
        case(name, [], [((4, 6, 5), N)], p=0.2, evaluation=True)
    case("Dropout1d", [], [((4, 6, 5), N)])
    case("Dropout2d", [], [((4, 6, 3, 2), N)], p=0.25)
    case("Dropout3d", [], [((4, 6, 3, 2, 2), N)])


def tables():
    words = [[1, 2, 4], [4, 3, 9]]
    bag = [1, 2, 4, 5, 4, 3, 2, 9]
    case("Embedding", [10, 3], [((), words)])
    case("Embedding", [10, 3], [((), words)], padding_idx=-6)
    case("Embedding", [10, 3], [((), words)], max_norm=1.0,
         scale_grad_by_freq=True)
    for mode in ["mean", "sum", "max"]:
        case("EmbeddingBag", [10, 3], [((), words)], mode=mode)
        case("EmbeddingBag", [10, 3], [((), bag)], [((), [0, 3, 3, 6])],
             mode=mode, padding_idx=4)
    case("EmbeddingBag", [10, 3], [((), bag)], [((), [0, 4, 8])],
         include_last_offset=True)


def movements():
    case("Flatten", [], [((2, 3, 4), N)])
    case("Flatten", [], [((2, 3, 4), N)], start_dim=0, end_dim=1)
    case("Unflatten", [1, [2, 3]], [((2, 6), N)])
    case("PixelShuffle", [2], [((1, 8, 2, 3), N)])
    case("PixelUnshuffle", [2], [((1, 2, 4, 6), N)])
    case("ChannelShuffle", [2], [((1, 4, 2, 2), N)])
    case("Fold", [[4, 5], 2], [((1, 8, 12), N)])
    case("Fold", [[4, 5], [2, 3]], [((1, 12, 15), N)], padding=1, stride=[2, 1])
    case("Unfold", [2], [((1, 2, 4, 5), N)])
    case("Unfold", [[2, 3]], [((1, 2, 4, 5), N)], dilation=[2, 1], padding=1)
    x = [((1, 2, 3, 4), N)]
    case("Upsample", [], x, scale_factor=2)
    case("Upsample", [], x, size=[5, 6], mode="bilinear")
    case("Upsample", [], x, scale_factor=[2.0, 1.5], mode="bicubic",
         align_corners=True)
    case("Upsample", [], [((1, 2, 3), N)], scale_factor=2, mode="linear")
    case("UpsamplingNearest2d", [], x, scale_factor=2)
    case("UpsamplingBilinear2d", [], x, size=[5, 6])
    pair = [((4, 3, 2), N), ((4, 3, 2), N)]
    case("CosineSimilarity", [], pair)
    case("CosineSimilarity", [-1], pair, eps=1e-6)
    case("PairwiseDistance", [], pair)
    case("PairwiseDistance", [], pair, p=1.0, keepdim=True)


def losses():
    flat = (3, 4)
    x, y = (flat, N), (flat, N)
    for reduction in ["mean", "sum", "none"]:
        r = {} if reduction == "mean" else {"reduction": reduction}
        for name in ["L1Loss", "MSELoss", "SmoothL1Loss", "HuberLoss"]:
            case(name, [], [x, y], **r)
        case("PoissonNLLLoss", [], [x], [(flat, 5)], **r)
        case("GaussianNLLLoss", [], [x, y, (flat, "uniform")], **r)
        case("KLDivLoss", [], [(flat, "log_softmax")], [(flat, "softmax")], **r)
        case("BCELoss", [], [(flat, "uniform")], [(flat, "bits")], **r)
        case("BCEWithLogitsLoss", [], [x], [(flat, "bits")], **r)
        case("NLLLoss", [], [(flat, "log_softmax")], [((3,), 4)], **r)
        case("CrossEntropyLoss", [], [x], [((3,), 4)], **r)
        case("MarginRankingLoss", [], [x, y], [(flat, "sign")], **r)
        case("HingeEmbeddingLoss", [], [x], [(flat, "sign")], **r)
        case("CosineEmbeddingLoss", [], [x, y], [((3,), "sign")], **r)
        case("SoftMarginLoss", [], [x], [(flat, "sign")], **r)
        case("MultiLabelMarginLoss", [], [x],
             [((), [[3, 0, -1, 1], [1, -1, 0, 2], [0, 1, 2, 3]])], **r)
        case("MultiLabelSoftMarginLoss", [], [x], [(flat, "bits")], **r)
        case("MultiMarginLoss", [], [x], [((3,), 4)], **r)
        case("TripletMarginLoss", [], [x, y, (flat, N)], **r)
        case("TripletMarginWithDistanceLoss", [], [x, y, (flat, N)], **r)
        case("CTCLoss", [], [((6, 2, 4), "log_softmax")],
             [((), [[1, 2, 1], [3, 3, 0]]), ((), [6, 5]), ((), [3, 2])], **r)
    case("AdaptiveLogSoftmaxWithLoss", [8, 20, [5, 10]], [((6, 8), N)],
         [((6,), 20)])
    case("AdaptiveLogSoftmaxWithLoss", [8, 12, [2, 5, 9]], [((8,), N)],
         [((), 12)], div_value=2.0, head_bias=True)
    case("LinearCrossEntropyLoss", [8, 5], [((6, 8), N)], [((6,), 5)])
    case("LinearCrossEntropyLoss", [8, 5], [((8,), N)], [((), 5)], bias=True,
         label_smoothing=0.1, reduction="sum")
    case("LinearCrossEntropyLoss", [8, 4], [((6, 8), N)], [((6, 2, 3), 4)],
         out_features=[2, 3], weight=[0.5, 1.0, 2.0, 3.0], ignore_index=1)
    case("SmoothL1Loss", [], [x, y], beta=0.5)
    case("HuberLoss", [], [x, y], delta=0.5)
    case("PoissonNLLLoss", [], [(flat, "uniform")], [(flat, 5)],
         log_input=False, full=True)
    case("GaussianNLLLoss", [], [x, y, (flat, "uniform")], full=True)
    case("KLDivLoss", [], [(flat, "log_softmax")], [(flat, "log_softmax")],
         log_target=True, reduction="batchmean")
    case("BCELoss", [], [(flat, "uniform")], [(flat, "bits")],
         weight=[0.5, 1.0, 2.0, 3.0])
    case("BCEWithLogitsLoss", [], [x], [(flat, "bits")],
         pos_weight=[0.5, 1.0, 2.0, 3.0])
    case("NLLLoss", [], [((3, 4, 2), "log_softmax")], [((3, 2), 4)],
         weight=[0.5, 1.0, 2.0, 3.0], ignore_index=1)
    case("CrossEntropyLoss", [], [x], [((3,), 4)], weight=[0.5, 1.0, 2.0, 3.0],
         label_smoothing=0.1)
    case("CrossEntropyLoss", [], [x], [(flat, "softmax")], label_smoothing=0.1)
    case("CrossEntropyLoss", [], [((3, 4, 2), N)], [((3, 2), 4)], ignore_index=2)
    case("MultiMarginLoss", [], [x], [((3,), 4)], p=2, margin=0.5,
         weight=[0.5, 1.0, 2.0, 3.0])
    case("TripletMarginLoss", [], [x, y, (flat, N)], p=1.0, margin=0.5, swap=True)
    case("CosineEmbeddingLoss", [], [x, y], [((3,), "sign")], margin=0.2)


def lazies():
    """Drawn at the first call, so after manual_seed(2)."""
    sizes = {1: (7,), 2: (6, 5), 3: (4, 5, 3)}
    x = [((3, 5), N)]
    case("LazyLinear", [4], x)
    case("LazyLinear", [4], [((2, 3, 5), N)], bias=False)
    for d, size in sizes.items():
        x = [((2, 4, *size), N)]
        case(f"LazyConv{d}d", [6, 3], x)
        case(f"LazyConv{d}d", [6, 2], x, groups=2, stride=2, bias=False,
             padding=1)
        case(f"LazyConv{d}d", [2, 3], [((4, *size), N)], padding="same",
             padding_mode="circular")
        case(f"LazyConvTranspose{d}d", [6, 3], x)
        case(f"LazyConvTranspose{d}d", [6, 2], x, groups=2, stride=2,
             bias=False, output_padding=1)
        for kind in ["BatchNorm", "InstanceNorm"]:
            case(f"Lazy{kind}{d}d", [], x)
            case(f"Lazy{kind}{d}d", [], x, affine=False)
            case(f"Lazy{kind}{d}d", [], x, affine=False, eps=0.01,
                 track_running_stats=False)
            case(f"Lazy{kind}{d}d", [], x, evaluation=True)
    case("LazyBatchNorm1d", [], [((4, 6), N)], bias=False)


def main():
    for part in [activations, linear, convolutions, pooling, norms, dropouts,
                 tables, movements, losses, lazies]:
        part()
    path = os.path.join(os.path.dirname(__file__), "modules.json")
    with open(path, "w") as file:
        file.write("[\n")
        file.write(",\n".join(json.dumps(c, separators=(",", ":")) for c in CASES))
        file.write("\n]\n")
    print(len(CASES), "cases,", len({c["name"] for c in CASES}), "modules")


main()
