"""Lists the names of PyTorch's functions and tensor methods, in our spelling.

Usage: python3 tests/goldens/make_name_goldens.py > tests/goldens/names.json
"""
import json
import re

import torch


def camel(name):
    head = re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name.rstrip("_"))
    return head + ("_" if name.endswith("_") else "")


def names(owner):
    out = set()
    for name in dir(owner):
        if name.startswith("_") or name[0].isupper():
            continue
        if callable(getattr(owner, name, None)):
            out.add(camel(name))
    return sorted(out)


print(json.dumps({
    "torch": torch.__version__,
    "functions": names(torch),
    "methods": names(torch.Tensor),
}, indent=1))
