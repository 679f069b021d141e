"""Writes optim.json: what torch.optim does, for tests/optim/.

For every optimizer, with several sets of options, the losses of 50 steps on
two small networks in float32 and float64, its state dict's layout and repr;
for every scheduler the learning rates and its state dict; the errors.

    python3 make_optim_goldens.py
"""

import json
import math
import pathlib
import warnings

import torch
import torch.nn.functional as F

warnings.filterwarnings("ignore")
torch.set_num_threads(1)
STEPS = 50


def numbers(*shape, scale=1.0):
    """Values that float32 holds exactly, so that both types begin alike."""
    return (torch.randn(*shape) * scale).tolist()


torch.manual_seed(0)
NETS = {
    "mlp": {
        "x": numbers(24, 6),
        "target": torch.randint(0, 3, (24,)).tolist(),
        "params": [
            numbers(16, 6, scale=0.4),
            numbers(16, scale=0.1),
            numbers(3, 16, scale=0.25),
            numbers(3, scale=0.1),
        ],
    },
    "conv": {
        "x": numbers(8, 1, 6, 6),
        "target": torch.randint(0, 3, (8,)).tolist(),
        "params": [
            numbers(4, 1, 3, 3, scale=0.3),
            numbers(4, scale=0.1),
            numbers(3, 64, scale=0.1),
            numbers(3, scale=0.1),
        ],
    },
}


def loss_of(net, x, target, params):
    w1, b1, w2, b2 = params
    if net == "mlp":
        hidden = torch.tanh(F.linear(x, w1, b1))
    else:
        hidden = F.relu(F.conv2d(x, w1, b1)).flatten(1)
    return F.cross_entropy(F.linear(hidden, w2, b2), target)


CASES = [
    ("SGD", dict(lr=0.1, momentum=0.9)),
    ("SGD", dict(lr=0.1)),
    ("SGD", dict(lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01)),
    ("SGD", dict(lr=0.05, momentum=0.8, dampening=0.3, weight_decay=0.02)),
    ("SGD", dict(lr=0.02, maximize=True, weight_decay=0.1)),
    ("Adam", dict(lr=0.01)),
    ("Adam", dict(lr=0.02, betas=(0.8, 0.99), eps=1e-6, weight_decay=0.05)),
    ("Adam", dict(lr=0.02, amsgrad=True, betas=(0.4, 0.9))),
    ("Adam", dict(lr=0.01, maximize=True)),
    ("Adam", dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)),
    ("AdamW", dict(lr=0.02)),
    ("AdamW", dict(lr=0.02, weight_decay=0.2, amsgrad=True)),
    ("NAdam", dict(lr=0.01)),
    ("NAdam", dict(lr=0.02, momentum_decay=0.01, weight_decay=0.01)),
    ("NAdam", dict(lr=0.01, weight_decay=0.1, decoupled_weight_decay=True)),
    ("RAdam", dict(lr=0.02)),
    ("RAdam", dict(lr=0.02, betas=(0.85, 0.95), weight_decay=0.05)),
    ("RAdam", dict(lr=0.02, weight_decay=0.1, decoupled_weight_decay=True)),
    ("Adamax", dict(lr=0.02)),
    ("Adamax", dict(lr=0.02, betas=(0.8, 0.9), weight_decay=0.05)),
    ("Adagrad", dict(lr=0.05)),
    (
        "Adagrad",
        dict(lr=0.1, lr_decay=0.05, weight_decay=0.01,
             initial_accumulator_value=0.1),
    ),
    ("Adadelta", dict()),
    ("Adadelta", dict(lr=0.5, rho=0.8, eps=1e-5, weight_decay=0.02)),
    ("RMSprop", dict(lr=0.005)),
    ("RMSprop", dict(lr=0.003, alpha=0.9, momentum=0.7)),
    ("RMSprop", dict(lr=0.003, alpha=0.95, centered=True, weight_decay=0.02)),
    (
        "RMSprop",
        dict(lr=0.002, alpha=0.9, centered=True, momentum=0.5, eps=1e-5),
    ),
    ("Rprop", dict(lr=0.002)),
    ("Rprop", dict(lr=0.003, etas=(0.6, 1.1), step_sizes=(1e-4, 0.01))),
    ("ASGD", dict(lr=0.1)),
    ("ASGD", dict(lr=0.1, lambd=0.01, alpha=0.6, t0=10.0, weight_decay=0.02)),
    ("Adafactor", dict()),
    ("Adafactor", dict(lr=0.02, beta2_decay=-0.6, d=1.5,
                       weight_decay=0.05, eps=(1e-8, 1e-2))),
    ("Muon", dict(lr=0.02)),
    ("Muon", dict(lr=0.02, nesterov=False, weight_decay=0, ns_steps=3,
                  adjust_lr_fn="match_rms_adamw")),
    ("LBFGS", dict(lr=0.3, max_iter=4)),
    ("LBFGS", dict(lr=0.5, max_iter=3, history_size=4,
                   line_search_fn="strong_wolfe")),
]


def plain(value):
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype)[6:], "shape": list(value.shape)}
    if isinstance(value, (list, tuple)):
        # One tensor stands for all of a history.
        tensors = any(isinstance(v, torch.Tensor) for v in value)
        return [plain(v) for v in (value[:1] if tensors else value)]
    return value


def run(net, dtype, name, options, steps=None):
    data = NETS[net]
    x = torch.tensor(data["x"], dtype=dtype)
    target = torch.tensor(data["target"])
    params = [
        torch.tensor(p, dtype=dtype, requires_grad=True)
        for p in data["params"]
    ]
    used = [p for p in params if p.dim() == 2] if name == "Muon" else params
    optimizer = getattr(torch.optim, name)(used, **options)

    def closure():
        optimizer.zero_grad()
        loss = loss_of(net, x, target, params)
        loss.backward()
        return loss

    losses = []
    # Every step of LBFGS is several.
    steps = steps or (STEPS if name != "LBFGS" else 10)
    for _ in range(steps):
        losses.append(optimizer.step(closure).item())
    return losses, optimizer


def optimizer_cases():
    out = []
    for name, options in CASES:
        case = {"name": name, "options": options, "losses": {}}
        for net in NETS:
            for dtype in (torch.float32, torch.float64):
                losses, optimizer = run(net, dtype, name, options)
                case["losses"][f"{net} {str(dtype)[6:]}"] = losses
        # Of the last: the convolutional net in float64.
        state = optimizer.state_dict()
        case["state"] = {
            str(k): {n: plain(v) for n, v in kept.items()}
            for k, kept in state["state"].items()
        }
        case["groups"] = plain(state["param_groups"])
        case["repr"] = repr(optimizer)
        out.append(case)
    return out


def values(value):
    """A state dict with its tensors as data."""
    if isinstance(value, torch.Tensor):
        return {"dtype": str(value.dtype)[6:], "values": value.tolist()}
    if isinstance(value, dict):
        return {str(k): values(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [values(v) for v in value]
    return value


def resumed_cases():
    """For each optimizer: parameters and state dict after 4 steps, and the losses of 4 more."""
    out = []
    known = set()
    for name, options in CASES:
        if name in known or name == "Muon":
            continue
        known.add(name)
        _, optimizer = run("mlp", torch.float64, name, options, steps=4)
        params = [p.tolist() for p in optimizer.param_groups[0]["params"]]
        state = values(optimizer.state_dict())
        losses, _ = run("mlp", torch.float64, name, options, steps=8)
        out.append({
            "name": name,
            "params": params,
            "state": state,
            "losses": losses[4:],
        })
    return out


def fresh(optimizer="SGD", groups=1):
    ps = [torch.zeros(2, requires_grad=True) for _ in range(groups)]
    each = [{"params": [p], "lr": 0.1 / (k + 1)} for k, p in enumerate(ps)]
    options = {"momentum": 0.9} if optimizer == "SGD" else {}
    return getattr(torch.optim, optimizer)(each, **options)


S = torch.optim.lr_scheduler
METRICS = [
    1.0, 0.9, 0.9, 0.91, 0.95, 0.89, 0.9, 0.9, 0.9, 0.9, 0.9, 0.8, 0.9, 0.9,
    0.9, 0.9, 0.79999, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.8, 0.7,
]

# Name, optimizer, groups, arguments after the optimizer, options.
SCHEDULERS = [
    ("StepLR", "SGD", 2, [4], dict(gamma=0.5)),
    ("StepLR", "SGD", 1, [3], dict()),
    ("MultiStepLR", "SGD", 2, [[2, 5, 5, 9]], dict(gamma=0.3)),
    ("ConstantLR", "SGD", 1, [], dict()),
    ("ConstantLR", "SGD", 2, [], dict(factor=0.5, total_iters=8)),
    ("LinearLR", "SGD", 1, [], dict()),
    ("LinearLR", "SGD", 2, [],
     dict(start_factor=0.25, end_factor=0.9, total_iters=7)),
    ("ExponentialLR", "SGD", 2, [0.9], dict()),
    ("PolynomialLR", "SGD", 1, [], dict()),
    ("PolynomialLR", "SGD", 2, [], dict(total_iters=12, power=2.5)),
    ("CosineAnnealingLR", "SGD", 2, [10], dict()),
    ("CosineAnnealingLR", "SGD", 1, [6], dict(eta_min=0.01)),
    ("CosineAnnealingWarmRestarts", "SGD", 2, [5], dict()),
    ("CosineAnnealingWarmRestarts", "SGD", 1, [3],
     dict(T_mult=2, eta_min=0.001)),
    ("CyclicLR", "SGD", 2, [0.01, 0.1], dict(step_size_up=4)),
    ("CyclicLR", "SGD", 1, [0.01, 0.1],
     dict(step_size_up=3, step_size_down=5, mode="triangular2")),
    ("CyclicLR", "Adam", 1, [0.01, 0.1],
     dict(step_size_up=4, mode="exp_range", gamma=0.95, base_momentum=0.7)),
    ("CyclicLR", "SGD", 2, [[0.01, 0.02], [0.1, 0.3]],
     dict(step_size_up=4, cycle_momentum=False)),
    ("OneCycleLR", "SGD", 2, [0.5], dict(total_steps=26)),
    ("OneCycleLR", "Adam", 1, [0.5],
     dict(epochs=5, steps_per_epoch=6, anneal_strategy="linear",
          three_phase=True)),
    ("OneCycleLR", "SGD", 2, [[0.5, 0.2]],
     dict(total_steps=30, pct_start=0.4, div_factor=10.0,
          final_div_factor=100.0, cycle_momentum=False)),
    ("ReduceLROnPlateau", "SGD", 2, [], dict(patience=2)),
    ("ReduceLROnPlateau", "SGD", 1, [],
     dict(mode="max", factor=0.5, patience=1, cooldown=2, min_lr=0.01,
          threshold=0.01, threshold_mode="abs")),
    ("SWALR", "SGD", 2, [0.05], dict(anneal_epochs=6)),
    ("SWALR", "SGD", 1, [0.01],
     dict(anneal_epochs=4, anneal_strategy="linear")),
]


def lambda_cases():
    """Those whose arguments are functions or schedulers: the test knows them by name."""
    o = fresh(groups=2)
    yield "LambdaLR", o, S.LambdaLR(
        o, [lambda e: 0.95**e, lambda e: 1 / (1 + e)]
    )
    o = fresh()
    yield "MultiplicativeLR", o, S.MultiplicativeLR(
        o, lambda e: 0.9 if e % 2 else 0.8
    )
    o = fresh(groups=2)
    yield "SequentialLR", o, S.SequentialLR(
        o,
        [
            S.LinearLR(o, start_factor=0.1, total_iters=5),
            S.ExponentialLR(o, 0.9),
            S.CosineAnnealingLR(o, 6),
        ],
        [5, 12],
    )
    o = fresh()
    yield "ChainedScheduler", o, S.ChainedScheduler(
        [S.ConstantLR(o, factor=0.1, total_iters=3), S.ExponentialLR(o, 0.9)],
        optimizer=o,
    )
    o = fresh()
    yield "CyclicLR scale_fn", o, S.CyclicLR(
        o, 0.01, 0.1, step_size_up=3, scale_fn=lambda x: 0.8**x,
        scale_mode="iterations",
    )


def momenta(optimizer):
    return [
        g["betas"][0] if "betas" in g else g["momentum"]
        for g in optimizer.param_groups
    ]


def clean(value):
    if isinstance(value, dict):
        return {str(k): clean(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean(v) for v in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def rates(scheduler, optimizer, plateau):
    last, moments = [scheduler.get_last_lr()], [momenta(optimizer)]
    for k in range(25):
        optimizer.step()
        scheduler.step(*([METRICS[k]] if plateau else []))
        last.append(scheduler.get_last_lr())
        moments.append(momenta(optimizer))
    return {
        "lr": last,
        "momentum": moments,
        "state": clean(scheduler.state_dict()),
    }


def scheduler_cases():
    out = []
    for name, opt, groups, args, options in SCHEDULERS:
        optimizer = fresh(opt, groups)
        cls = getattr(S, name, None) or getattr(torch.optim.swa_utils, name)
        scheduler = cls(optimizer, *args, **options)
        out.append({
            "name": name,
            "optimizer": opt,
            "groups": groups,
            "args": args,
            "options": options,
            **rates(scheduler, optimizer, name == "ReduceLROnPlateau"),
        })
    for name, optimizer, scheduler in lambda_cases():
        out.append({"name": name, **rates(scheduler, optimizer, False)})
    return out


def error_of(make):
    try:
        make()
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    raise AssertionError("no error")


def error_cases():
    x = torch.zeros(2, requires_grad=True)
    cases = [
        ("SGD", dict(lr=-1)),
        ("SGD", dict(momentum=-1)),
        ("SGD", dict(weight_decay=-1)),
        ("SGD", dict(nesterov=True)),
        ("Adam", dict(lr=-1)),
        ("Adam", dict(eps=-1)),
        ("Adam", dict(betas=(1.5, 0.9))),
        ("Adam", dict(betas=(0.5, -2.5))),
        ("AdamW", dict(weight_decay=-1)),
        ("NAdam", dict(momentum_decay=-1)),
        ("RAdam", dict(betas=(0.5, 1.5))),
        ("Adamax", dict(eps=-1)),
        ("Adagrad", dict(lr_decay=-1)),
        ("Adagrad", dict(initial_accumulator_value=-1)),
        ("Adadelta", dict(rho=1.5)),
        ("RMSprop", dict(alpha=-1)),
        ("RMSprop", dict(momentum=-1)),
        ("Rprop", dict(etas=(1.5, 2.5))),
        ("ASGD", dict(weight_decay=-1)),
        ("LBFGS", dict(lr=-1)),
        ("Muon", dict()),
        ("Adafactor", dict(lr=-1)),
        ("Adafactor", dict(beta2_decay=1)),
        ("Adafactor", dict(d=0.5)),
        ("Adafactor", dict(eps=(-1, 1))),
        ("Adafactor", dict(weight_decay=-1)),
    ]
    out = []
    for name, options in cases:
        make = lambda: getattr(torch.optim, name)([x], **options)
        out.append(
            {"name": name, "options": options, "error": error_of(make)}
        )
    schedulers = [
        ("ConstantLR", [], dict(factor=1.5)),
        ("LinearLR", [], dict(start_factor=1.5)),
        ("LinearLR", [], dict(end_factor=-0.5)),
        ("CosineAnnealingWarmRestarts", [0], dict()),
        ("CosineAnnealingWarmRestarts", [5], dict(T_mult=0)),
        ("CyclicLR", [0.1, 0.2], dict(mode="square")),
        ("OneCycleLR", [0.1], dict()),
        ("OneCycleLR", [0.1], dict(total_steps=-1)),
        ("OneCycleLR", [0.1], dict(total_steps=5, pct_start=1.5)),
        ("OneCycleLR", [0.1], dict(total_steps=5, anneal_strategy="sine")),
        ("OneCycleLR", [[0.1, 0.2]], dict(total_steps=5)),
        ("ReduceLROnPlateau", [], dict(factor=1.5)),
        ("ReduceLROnPlateau", [], dict(mode="mean")),
        ("ReduceLROnPlateau", [], dict(threshold_mode="some")),
        ("ReduceLROnPlateau", [], dict(min_lr=[0.1, 0.2])),
        ("SWALR", [0.1], dict(anneal_strategy="sine")),
        ("SWALR", [0.1], dict(anneal_epochs=-1)),
    ]
    for name, args, options in schedulers:
        cls = getattr(S, name, None) or getattr(torch.optim.swa_utils, name)
        out.append({
            "name": name,
            "args": args,
            "options": options,
            "error": error_of(lambda: cls(fresh(), *args, **options)),
        })
    return out


def averages():
    """Weights of a small net with a batch norm, averaged along 6 steps, and its statistics after update_bn."""
    from torch.optim import swa_utils

    out = {"start": None, "x": numbers(12, 3), "runs": {}}
    for name in ("swa", "ema", "buffers"):
        torch.manual_seed(3)
        model = torch.nn.Sequential(
            torch.nn.Linear(3, 4), torch.nn.BatchNorm1d(4)
        ).double()
        out["start"] = {k: v.tolist() for k, v in model.state_dict().items()}
        x = torch.tensor(out["x"], dtype=torch.float64)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        average = swa_utils.AveragedModel(
            model,
            multi_avg_fn=swa_utils.get_ema_multi_avg_fn(0.8)
            if name == "ema" else None,
            use_buffers=name == "buffers",
        )
        for _ in range(6):
            optimizer.zero_grad()
            (model(x) - x[:, :1]).square().mean().backward()
            optimizer.step()
            average.update_parameters(model)
        state = {k: v.tolist() for k, v in average.state_dict().items()}
        swa_utils.update_bn([x[:5], [x[5:], None]], average)
        after = {k: v.tolist() for k, v in average.state_dict().items()}
        out["runs"][name] = {"state": state, "after": after}
    return out


path = pathlib.Path(__file__).parent / "optim.json"
path.write_text(
    json.dumps({
        "torch": torch.__version__,
        "nets": NETS,
        "optimizers": optimizer_cases(),
        "metrics": METRICS,
        "schedulers": scheduler_cases(),
        "errors": error_cases(),
        "averages": averages(),
        "resumed": resumed_cases(),
    })
)
