"""Writes ops_*.json: the ops' results, gradients and errors in real PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_op_goldens.py [names]
It reports what PyTorch refused, and every float32 golden that strays from
float64 by more than half the tests' tolerance.
"""

import importlib
import pathlib
import sys

import torch

sys.dont_write_bytecode = True

import op_cases_base as base  # noqa: E402

HERE = pathlib.Path(__file__).parent
GROUPS = ("pointwise", "reduce", "shape", "index", "products",
          "convolution", "create", "errors", "linalg",
          "rarer", "special")


def main():
    assert torch.__version__.startswith("2.13"), torch.__version__
    for group in sys.argv[1:] or GROUPS:
        importlib.import_module(f"op_cases_{group}")
        report, lines, ops = [], [], set()
        for c in base.collect():
            head = base.finish(c, report)
            if head is not None:
                lines.append(base.dumps(head))
                ops.add((c.op, c.form == "i"))
        path = HERE / f"ops_{group}.json"
        path.write_text("[\n" + ",\n".join(lines) + "\n]\n")
        for line in report:
            print("  " + line)
        print(f"{group}: {len(lines)} cases, {len(ops)} ops and in-place "
              f"forms, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
