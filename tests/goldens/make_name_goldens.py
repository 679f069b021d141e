"""Lists the names of PyTorch's functions, tensor methods and namespaces, in our
spelling.

Usage: python3 tests/goldens/make_name_goldens.py > tests/goldens/names.json
"""
import importlib
import json
import re
import types

import torch

NAMESPACES = [
    "special",
    "linalg",
    "fft",
    "func",
    "autograd",
    "nn",
    "nn.functional",
    "nn.init",
    "nn.utils",
    "optim",
    "optim.lr_scheduler",
    "utils.data",
]


def camel(name):
    head = re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), name.rstrip("_"))
    return head + ("_" if name.endswith("_") else "")


def is_public(owner, name):
    value = getattr(owner, name, None)
    if name.startswith("_") or isinstance(value, types.ModuleType):
        return False
    if getattr(value, "__module__", "") in ("typing", "typing_extensions"):
        return False
    return callable(value)


def names(owner):
    """The functions."""
    return sorted({
        camel(name)
        for name in dir(owner)
        if is_public(owner, name) and not name[0].isupper()
    })


def members(name):
    """The functions and classes of a namespace."""
    owner = importlib.import_module(f"torch.{name}")
    listed = getattr(owner, "__all__", dir(owner))
    return sorted({camel(n) for n in listed
                   if is_public(owner, n) and n != "Tensor"})


def properties(owner):
    """What is read without a call, such as shape."""
    return sorted({
        camel(name)
        for name in dir(owner)
        if not name.startswith("_") and not callable(getattr(owner, name, None))
    })


print(json.dumps({
    "torch": torch.__version__,
    "functions": names(torch),
    "methods": names(torch.Tensor),
    "properties": properties(torch.Tensor),
    "namespaces": {camel(name): members(name) for name in NAMESPACES},
}, indent=1))
