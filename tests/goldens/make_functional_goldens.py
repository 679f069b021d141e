"""Writes ops_functional.json: the functions of dg.nn.functional, their values,
gradients, node names and errors in real PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_functional_goldens.py
"""

import importlib
import pathlib
import re
import sys

import torch

sys.dont_write_bytecode = True

import op_cases_base as base  # noqa: E402
from op_cases_base import SIGNATURES, f32, f64, i64, ints, rnd  # noqa: E402

FUNCTIONAL = torch.nn.functional
NAN, INF = base.NAN, base.INF
# Names of ops, parameters and options that Python spells otherwise.
WORDS = set()


def signature(op, options):
    """What the base module must know of a function."""
    name = f"nn.functional.{op}"
    _, _, keys = SIGNATURES.get(name, ((), (), ()))
    SIGNATURES[name] = (("...args",), (), {*keys, *options})
    WORDS.update(w for w in (op, *options) if base.snake(w) != w)
    return name


def function(op):
    return getattr(FUNCTIONAL, base.snake(op))


def case(op, *args, call=None, **options):
    base.case(signature(op, options), *args, form="f",
              call=call or function(op), **options)


def error(op, *args, call=None, **options):
    base.error(signature(op, options), *args, form="f",
               call=call or function(op), **options)


def no_encode_padding(head, c, grad):
    head["args"] = [base.encode_arg(a, grad) for a in c.args]
    if c.options:
        head["options"] = {k: base.encode_arg(v, grad)
                           for k, v in c.options.items()}


def write(name, modules):
    assert torch.__version__.startswith("2.13"), torch.__version__
    for module in modules:
        importlib.import_module(module)
    WORDS.update(("kernelSize", "outputSize", "normType", "upscaleFactor",
                  "downscaleFactor", "normalizedShape", "numGroups"))
    words = sorted(map(base.snake, WORDS), key=len, reverse=True)
    base.WORDS = re.compile(
        r"(?<![A-Za-z0-9_])(" + "|".join(words) + r")(?!_?[A-Za-z0-9])")
    base.encode_call = no_encode_padding
    report = []
    lines = [base.dumps(head) for c in base.CASES
             if (head := base.finish(c, report)) is not None]
    path = pathlib.Path(__file__).parent / name
    path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
    for line in report:
        print("  " + line)
    print(f"{name}: {len(lines)} cases, {path.stat().st_size} bytes")


def main():
    write("ops_functional.json",
          ("functional_cases_activations", "functional_cases_layers",
           "functional_cases_pooling"))


if __name__ == "__main__":
    sys.modules["make_functional_goldens"] = sys.modules["__main__"]
    main()
