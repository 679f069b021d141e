"""Describes cases, runs them in PyTorch and encodes them for the tests.

A module of cases calls `case` and `error`; `collect` hands over what it made.
What a case means on the other side is said in ../golden_case.ts.
"""

import json
import math
import operator
import re
import warnings

import torch

from op_cases_signatures import SIGNATURES

warnings.filterwarnings("ignore")
torch.set_num_threads(1)

DTYPES = {
    name: getattr(torch, name)
    for name in (
        "float32 float64 float16 bfloat16 int64 int32 int16 int8 uint8 bool"
    ).split()
}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
FLOATS = ("float32", "float64", "float16", "bfloat16")
INF, NAN = math.inf, math.nan


def snake(name):
    """`indexSelect` -> `index_select`, `atleast1d` -> `atleast_1d`."""
    if name in ("T", "mT", "N"):
        return name
    name = re.sub(r"^atleast(\dd)$", r"atleast_\1", name)
    return re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()


def camel(name):
    """`singular_values` -> `singularValues`."""
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name)


class T:
    """A tensor operand: flat data, shape, dtype, and how it is viewed."""

    def __init__(self, data, shape, dtype, view=(), grad=True):
        self.data, self.shape, self.dtype = data, list(shape), dtype
        self.view, self.grad = list(view), grad and dtype in FLOATS

    def via(self, *view):
        """The same data seen through views: ("transpose", 0, 1) and so on."""
        return T(self.data, self.shape, self.dtype, view, self.grad)

    def const(self):
        """The same operand, not requiring a gradient."""
        return T(self.data, self.shape, self.dtype, self.view, False)

    def to(self, dtype):
        """The same data with another dtype."""
        return T(self.data, self.shape, dtype, self.view, True)

    def leaf(self, grad, force=None):
        dtype = self.dtype if force is None or self.dtype != "float32" else force
        leaf = torch.tensor(self.data, dtype=torch.float32 if
                            self.dtype == "float32" else DTYPES[self.dtype])
        # A copy, because a reshaped tensor would be a view of its flat self.
        leaf = leaf.to(DTYPES[dtype]).reshape(self.shape).clone()
        return leaf.requires_grad_(bool(grad and self.grad))

    def encode(self, grad):
        out = {"shape": self.shape, "dtype": self.dtype,
               "data": [number(v, self.dtype) for v in self.data]}
        if self.view:
            out["view"] = self.view
        if grad and self.grad:
            out["requiresGrad"] = True
        return out


def look(x, view):
    """Applies the view recipe of an operand."""
    for name, *args in view:
        if name == "slice":
            dim, start, stop, step = args
            index = [slice(None)] * dim + [slice(start, stop, step)]
            x = x[tuple(index)]
        else:
            x = getattr(x, name)(*args)
    return x


def number(v, dtype="float64"):
    """A number as JSON: 9 digits for float32, 17 for float64."""
    if isinstance(v, bool):
        return v
    if isinstance(v, int):
        return v
    if math.isnan(v):
        return "nan"
    if math.isinf(v):
        return "inf" if v > 0 else "-inf"
    if v == 0 and math.copysign(1, v) < 0:
        return "-0"
    if v == int(v) and abs(v) < 2**53:
        return int(v)
    if dtype == "float64":
        return v
    return float("%.9g" % v)


def flat(values, dtype):
    out, shape = values, []
    if isinstance(values, (list, tuple)):
        t = torch.tensor(values, dtype=DTYPES[dtype])
        shape = list(t.shape)
        out = []

        def walk(v):
            if isinstance(v, (list, tuple)):
                for e in v:
                    walk(e)
            else:
                out.append(v)

        walk(values)
        return out, shape
    return [values], []


def maker(dtype):
    def build(values):
        data, shape = flat(values, dtype)
        return T(data, shape, dtype)

    build.__doc__ = f"A {dtype} operand from nested lists."
    return build


f32, f64, f16, bf16 = map(maker, ("float32", "float64", "float16", "bfloat16"))
i64, i32, i16 = map(maker, ("int64", "int32", "int16"))
i8, u8, bl = map(maker, ("int8", "uint8", "bool"))


def rnd(shape, lo=-2.0, hi=2.0, seed=1, dtype="float32"):
    """Plain pseudo-random decimals, the same in every version of Python."""
    state, data = (seed * 2654435761 + 12345) & 0xFFFFFFFF, []
    for _ in range(math.prod(shape)):
        for _ in range(3):
            state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
        u = state / 2**32
        if dtype in FLOATS:
            v = round(lo + u * (hi - lo), 3)
            data.append(v if v != 0 else 0.125)
        elif dtype == "bool":
            data.append(u < 0.5)
        else:
            data.append(int(math.floor(lo + u * (hi - lo + 1))))
    return T(data, shape, dtype)


def ints(shape, lo=-5, hi=5, seed=1, dtype="int64"):
    """Pseudo-random integers between lo and hi inclusive."""
    return rnd(shape, lo, hi, seed, dtype)


CASES = []


def case(op, *args, form=None, grad=True, zero=False, maybe=False, call=None,
         **options):
    """Registers a case. `maybe`: leave it out where PyTorch refuses it."""
    CASES.append(Case(op, args, form, grad, zero, maybe, call, options))


def error(op, *args, form=None, call=None, grad=False, **options):
    """Registers a case that must raise; its in-place form is not cloned."""
    c = Case(op, args, form, grad, False, False, call, options)
    c.fails = True
    CASES.append(c)


class Case:
    def __init__(self, op, args, form, grad, zero, maybe, call, options):
        base = op
        self.op, self.args, self.options = base, list(args), options
        self.grad, self.zero, self.maybe, self.call = grad, zero, maybe, call
        self.fails = False
        required, optional, keys = SIGNATURES[base]
        unknown = set(options) - set(keys)
        assert not unknown, f"{op}: options {unknown} are not in the table"
        variadic = any(p.startswith("...") for p in required)
        assert variadic or len(args) <= len(required) + len(optional) \
            or call, f"{op}: too many arguments"
        self.form = form or default_form(base)

    def tensors(self):
        found = []

        def walk(v):
            if isinstance(v, T):
                found.append(v)
            elif isinstance(v, (list, tuple)):
                for e in v:
                    walk(e)

        walk(self.args)
        walk(list(self.options.values()))
        return found

    def run(self, grad, force=None):
        """Runs the case; returns (outputs, leaves, operands, bases)."""
        leaves, operands, bases = [], [], []
        mutates = self.form == "i"

        def build(v):
            if isinstance(v, T):
                leaf = v.leaf(grad, force)
                if leaf.requires_grad:
                    leaves.append(leaf)
                base = leaf
                if mutates and not operands:
                    base = leaf.clone() if not self.fails else leaf
                operands.append(look(base, v.view))
                bases.append(base)
                return operands[-1]
            if isinstance(v, (list, tuple)):
                return [build(e) for e in v]
            return v

        args = [build(a) for a in self.args]
        options = {k: build(v) for k, v in self.options.items()}
        out = self.invoke(args, options)
        return out, leaves, operands, bases

    def invoke(self, args, options):
        required, optional, _ = SIGNATURES[self.op]
        kwargs = {snake(k): v for k, v in options.items()}
        if isinstance(kwargs.get("dtype"), str):
            kwargs["dtype"] = DTYPES[kwargs["dtype"]]
        call = self.call or SPECIAL.get(self.op)
        if self.form == "i" and self.op in IN_PLACE:
            call = IN_PLACE[self.op]
        if call is not None:
            return call(*args, **kwargs)
        positional = args[: len(required)]
        for name, value in zip(optional, args[len(required):]):
            if "|" in name or name in ("k", "size", "gradient", "m", "end",
                                       "step", "x", "other"):
                positional.append(value)
            else:
                kwargs[snake(name)] = value
        name = snake(self.op)
        if self.form == "i":
            return getattr(positional[0], name + "_")(*positional[1:], **kwargs)
        if self.form == "p":
            return getattr(positional[0], name)
        if "f" in self.form:
            return operator.attrgetter(name)(torch)(*positional, **kwargs)
        return getattr(positional[0], name)(*positional[1:], **kwargs)


def default_form(op):
    name = snake(op)
    if "." in op:
        return "f"
    if op in ("T", "mT"):
        return "p"
    if op in FORMS:
        return FORMS[op]
    form = ("f" if hasattr(torch, name) else "") + (
        "m" if hasattr(torch.Tensor, name) else "")
    assert form, f"PyTorch has no {name}"
    return form


FORMS = {"at": "m", "setAt": "i", "where": "f", "to": "m", "type": "m",
         "oneHot": "f", "fill": "i", "zero": "i", "copy": "i", "int": "m",
         "float": "m", "double": "m", "half": "m", "bool": "m", "long": "m",
         "einsum": "f", "tensor": "f", "asTensor": "f", "rsub": "f",
         "contiguous": "m", "item": "m", "requiresGrad": "i",
         "backward": "m", "searchsorted": "f", "bucketize": "f",
         "isposinf": "fm", "tensordot": "f", "fillDiagonal": "i",
         "promoteTypes": "f", "canCast": "f", "resultType": "f",
         "pdist": "f"}


def python_index(index):
    """An index of ours as Python's."""
    out = []
    for i in index:
        if isinstance(i, str) and i == "...":
            out.append(Ellipsis)
        elif isinstance(i, str):
            parts = [int(p) if p else None for p in i.split(":")]
            out.append(slice(*parts))
        else:
            out.append(i)
    return out[0] if len(out) == 1 else tuple(out)


def set_at(x, index, value):
    index = index if isinstance(index, (list, tuple)) else [index]
    x[python_index(index)] = value
    return x


def nonzero(x, as_tuple=False):
    return torch.nonzero(x, as_tuple=as_tuple)


def one_hot(x, num_classes=-1):
    return torch.nn.functional.one_hot(x, num_classes)


def norm(x, dim=None, **kwargs):
    return x.norm(dim=dim, **kwargs) if dim is not None else x.norm(**kwargs)


SPECIAL = {
    "at": lambda x, *index: x[python_index(index)],
    "nonzero": nonzero,
    "oneHot": one_hot,
    "norm": norm,
    "linalg.multiDot": lambda ts: torch.linalg.multi_dot(ts),
    "linalg.tensorsolve": lambda a, b, dims=None: torch.linalg.tensorsolve(
        a, b, dims=dims),
    "linalg.eigh": lambda a, uplo="L": torch.linalg.eigh(a, UPLO=uplo),
    "linalg.eigvalsh": lambda a, uplo="L": torch.linalg.eigvalsh(a, UPLO=uplo),
    "linalg.vander": lambda x, **kw: torch.linalg.vander(x, N=kw.get("N", kw.get("n"))),
    "to": lambda x, dtype: x.to(DTYPES[dtype]),
    "type": lambda x, dtype: x.type(DTYPES[dtype]),
    "rot90": lambda x, k=1, dims=(0, 1): x.rot90(k, dims),
    "rsub": lambda x, other, **kw: torch.rsub(x, other, **kw),
    "meshgrid": lambda ts, indexing="ij": torch.meshgrid(
        *ts, indexing=indexing),
    "cartesianProd": lambda ts: torch.cartesian_prod(*ts),
    "broadcastTensors": lambda ts: torch.broadcast_tensors(*ts),
    "chainMatmul": lambda ts: torch.chain_matmul(*ts),
    "einsum": lambda equation, ts: torch.einsum(equation, *ts),
    "where": lambda *args: torch.where(*args),
    "searchsorted": lambda s, v, **kw: torch.searchsorted(s, v, **kw),
    "squeeze": lambda x, *dim: x.squeeze(*(
        tuple(d) if isinstance(d, list) else d for d in dim)),
    "empty": lambda size, **kw: torch.zeros(size, **kw),
    "emptyLike": lambda x, **kw: torch.zeros_like(x, **kw),
    "indexPut": lambda x, indices, values, **kw: x.index_put(
        tuple(indices), values, **kw),
    "permute": lambda x, dims: x.permute(dims),
    "blockDiag": lambda ts: torch.block_diag(*ts),
    "pdist": lambda x, p=2: torch.nn.functional.pdist(x, p),
    "promoteTypes": lambda a, b: torch.promote_types(DTYPES[a], DTYPES[b]),
    "canCast": lambda a, b: torch.can_cast(DTYPES[a], DTYPES[b]),
    "kaiserWindow": lambda n, periodic=True, beta=12.0, dtype=None:
        torch.kaiser_window(n, periodic, float(beta), dtype=dtype),
    "hammingWindow": lambda n, periodic=True, alpha=0.54, beta=0.46, dtype=None:
        torch.hamming_window(n, periodic, alpha, beta, dtype=dtype),
}


IN_PLACE = {
    "setAt": set_at,
    "squeeze": lambda x, *dim: x.squeeze_(*(
        tuple(d) if isinstance(d, list) else d for d in dim)),
    "indexPut": lambda x, indices, values, **kw: x.index_put_(
        tuple(indices), values, **kw),
}


def cotangent(out):
    values = [math.cos(i) for i in range(out.numel())]
    return torch.tensor(values, dtype=out.dtype).reshape(out.shape)


def leaves_of(out):
    """The tensors among the outputs."""
    if isinstance(out, torch.Tensor):
        return [out]
    if isinstance(out, (tuple, list)):
        return [t for o in out for t in leaves_of(o)]
    return []


def gradients(out, leaves):
    outs = [o for o in leaves_of(out) if o.requires_grad]
    if not outs or not leaves:
        return None
    return torch.autograd.grad(outs, leaves, [cotangent(o) for o in outs],
                               allow_unused=True)


def encode_tensor(t, operands=()):
    name = NAMES[t.dtype]
    d = t.detach().to(torch.float64) if name in ("float16", "bfloat16") else (
        t.detach())
    data = d.reshape(-1).tolist()
    out = {"shape": list(t.shape), "dtype": name,
           "data": [number(v, name) for v in data]}
    for x in operands:
        if t is not x and t.numel() > 0 and (
                t.untyped_storage().data_ptr() == x.untyped_storage().data_ptr()):
            out["stride"] = list(t.stride())
    return out


def encode_out(out, operands):
    if isinstance(out, torch.Tensor):
        return encode_tensor(out, operands)
    if isinstance(out, (bool, int, float)):
        return {"value": out}
    if isinstance(out, torch.dtype):
        return {"value": NAMES[out]}
    if hasattr(out, "_fields") or type(out).__module__ == "torch.return_types":
        fields = getattr(out, "_fields", None) or type(out).__match_args__
        return {"fields": {camel(n): encode_tensor(getattr(out, n), operands)
                           for n in fields}}
    return {"list": [encode_tensor(o, operands) for o in out]}


def encode_arg(v, grad):
    if isinstance(v, T):
        return v.encode(grad)
    if isinstance(v, (list, tuple)):
        return [encode_arg(e, grad) for e in v]
    if isinstance(v, float):
        # An integral float would come back as a Python int.
        assert not (math.isfinite(v) and v == int(v)), f"integral float {v}"
        return number(v) if math.isfinite(v) else {"number": number(v)}
    return v


def spelled_in_python():
    """The names of ops, parameters and options that Python spells otherwise."""
    words = {"requires_grad", "split_size",
             "split_sizes", "split_with_sizes"}
    for op, (required, optional, options) in SIGNATURES.items():
        for name in (op.split(".")[-1], *required, *optional, *options):
            if name.isidentifier() and snake(name) != name:
                words.add(snake(name))
    return sorted(words, key=len, reverse=True)


WORDS = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(spelled_in_python()) +
                   r")(?!_?[A-Za-z0-9])")


def camel_message(text):
    """PyTorch's sentence in our spelling: shapes, names of ops and options.
    Names of PyTorch's own kernels ("lshift_cpu") stay as they are."""
    text = re.sub(r"torch\.Size\((\[[^\]]*\])\)", r"\1", text)
    return WORDS.sub(lambda word: camel(word.group(0)), text)


# Where a missing positional argument is not held open before the options.
OPEN = ("at", "setAt", "arange", "eye")


def encode_call(head, c, grad):
    """Writes the arguments; null holds the place of one that is left out."""
    head["args"] = [encode_arg(a, grad) for a in c.args]
    if c.options:
        required, optional, _ = SIGNATURES[c.op]
        missing = len(required) + len(optional) - len(c.args)
        if c.op not in OPEN:
            head["args"] += [None] * missing
        head["options"] = {k: encode_arg(v, grad)
                           for k, v in c.options.items()}


def finish(c, report):
    """Runs a case and returns its line of JSON, or None."""
    head = {"op": c.op, "as": c.form}
    if c.fails:
        try:
            out, *_ = c.run(c.grad)
        except Exception as e:  # the error is what is recorded
            encode_call(head, c, c.grad)
            name = type(e).__name__
            # Python's NotImplementedError is a RuntimeError.
            name = "RuntimeError" if name.startswith("Not") else name
            name = name.lstrip("_")
            head["error"] = {"class": name, "message": camel_message(str(e))}
            return head
        report.append(f"{c.op}{c.form} {describe(c)}: did not fail: {out}")
        return None
    grad = c.grad and any(t.grad for t in c.tensors())
    grads = None
    try:
        out, leaves, operands, bases = c.run(grad)
        if grad:
            try:
                grads = gradients(out, leaves)
            except Exception as e:
                if "not implemented" not in str(e):
                    report.append(f"{c.op} {describe(c)}: {e}"[:150])
                grad = False
                out, leaves, operands, bases = c.run(False)
    except Exception as e:
        if not c.maybe:
            report.append(f"{c.op} {describe(c)}: {type(e).__name__} {e}"[:300])
        return None
    encode_call(head, c, grad)
    mutates = c.form == "i"
    head["out"] = encode_out(out, [] if mutates else operands)
    if c.op.startswith("empty"):
        head["out"]["data"] = []
        head["out"]["uninitialised"] = True
    if mutates and c.tensors()[0].view and not shape_changing(c.op):
        head["base"] = encode_tensor(bases[0])
    if grad and leaves:
        first = (leaves_of(out) or [None])[0]
        if first is not None:
            node = first.grad_fn
            # As repr shows it, without the C++ namespace.
            head["gradFn"] = node and node.name().split("::")[-1]
            if "." in c.op and node:
                # PyTorch's matrices lie by columns, so it reshapes otherwise.
                head["gradFn"] = head["gradFn"].replace("ReshapeAlias", "View")
        if grads is not None:
            head["grads"] = [None if g is None else encode_tensor(g)
                             for g in grads]
    if c.zero:
        head["zeroSign"] = True
    check(c, out, grads, grad, report)
    return head


def shape_changing(op):
    return op in ("transpose", "t", "squeeze", "unsqueeze", "swapaxes")


def check(c, out, grads, grad, report):
    """A float32 golden must agree with float64 to half its tolerance, or it
    would test PyTorch's own rounding."""
    if not any(t.dtype == "float32" for t in c.tensors()):
        return
    try:
        wide, leaves, *_ = c.run(grad, force="float64")
        wide_grads = gradients(wide, leaves) if grads is not None else []
    except Exception:
        return
    pairs = list(zip(leaves_of(out), leaves_of(wide)))
    pairs += [p for p in zip(grads or [], wide_grads or [])
              if p[0] is not None and p[1] is not None]
    for narrow, full in pairs:
        if narrow.dtype != torch.float32 or narrow.shape != full.shape:
            continue
        if not torch.allclose(narrow.detach(), full.detach().float(),
                              rtol=0.65e-6, atol=0.5e-5, equal_nan=True):
            report.append(f"{c.op} {describe(c)}: float32 strays: "
                          f"{narrow.tolist()} {full.tolist()}"[:400])


def describe(c):
    def short(v):
        if isinstance(v, T):
            return f"{v.dtype}{v.shape}" + ("v" if v.view else "")
        if isinstance(v, (list, tuple)):
            return "[" + ", ".join(map(short, v)) + "]"
        return repr(v)

    return "(" + ", ".join([short(a) for a in c.args] + [
        f"{k}={short(v)}" for k, v in c.options.items()]) + ")"


def add_inplace_forms(cases, limit=4):
    """In-place twins: per op, the first cases that differ in kind."""
    seen, extra = {}, []
    for c in cases:
        if c.fails or c.call or "m" not in c.form:
            continue
        if not hasattr(torch.Tensor, snake(c.op) + "_") or not c.args:
            continue
        if not isinstance(c.args[0], T) or c.op in ("where",):
            continue
        kind = tuple((t.dtype, bool(t.view), len(t.shape) == 0)
                     for t in c.tensors()[:2]) + tuple(sorted(c.options))
        kinds = seen.setdefault(c.op, set())
        if kind in kinds or len(kinds) >= limit:
            continue
        if any(v[0] == "expand" for v in c.args[0].view):
            continue
        # logical_not_ and its kin leave PyTorch's graph as if nothing had
        # happened, so their gradients are not asked for.
        grad = c.grad and not c.op.startswith("logical")
        twin = Case(c.op, c.args, "i", grad, False, True, None, c.options)
        if 0 in twin.args[0].shape:
            continue
        try:
            twin.run(False)
        except Exception:
            continue
        kinds.add(kind)
        extra.append(twin)
    return extra


def collect():
    """Hands over the cases registered since the last call, in-place twins
    included."""
    cases, CASES[:] = list(CASES), []
    return cases + add_inplace_forms(cases)


def dumps(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)
