"""Writes tests/goldens/files/ and files.json: files made by NumPy, safetensors
and PyTorch, and what is in them.

Run: python3 tests/goldens/make_file_goldens.py
Needs: pip install numpy safetensors torch
"""

import gzip
import io
import json
import os
import shutil
import struct
import sys
import warnings
import zipfile
from collections import Counter, OrderedDict

import numpy as np
import safetensors
import torch
from numpy.lib import format as npy_format
from safetensors.torch import save_file

warnings.simplefilter("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))
FILES = os.path.join(HERE, "files")

# name -> {"tensors": what is in it} or {"error": part of the message}
index = {}

WIDENED = {"uint16": torch.int32, "uint32": torch.int64, "uint64": torch.int64}


def describe(x):
    """A tensor as the tests compare it: type, shape and bytes."""
    if isinstance(x, np.ndarray) or np.isscalar(x):
        x = torch.from_numpy(np.array(np.asarray(x), order="C").astype(
            np.asarray(x).dtype.newbyteorder("=")
        ))
    name = str(x.dtype).removeprefix("torch.")
    if name in WIDENED:
        x = x.to(WIDENED[name])
        name = str(x.dtype).removeprefix("torch.")
    flat = x.detach().contiguous().reshape(-1)
    data = bytes(flat.view(torch.uint8).numpy()) if x.numel() else b""
    return {"dtype": name, "shape": list(x.shape), "bytes": data.hex()}


def path(name):
    return os.path.join(FILES, name)


def put(name, data):
    with open(path(name), "wb") as file:
        file.write(data)


def holds(name, tensors):
    index[name] = {"tensors": {k: describe(v) for k, v in tensors.items()}}


def refused(name, error):
    index[name] = {"error": error}


# NumPy -----------------------------------------------------------------------

NUMPY_TYPES = [
    "?", "u1", "i1", "i2", "i4", "i8", "f2", "f4", "f8", "u2", "u4", "u8",
]


def numpy_values(kind, shape, order="C"):
    count = int(np.prod(shape))
    start = 0 if kind[0] in "u?" else -3
    values = np.arange(start, start + count)
    if kind == "?":
        values = values % 3 == 0
    elif kind[0] == "f":
        values = values / 4
    return np.array(values.reshape(shape), dtype=kind, order=order)


def numpy_bytes(array, version=None):
    out = io.BytesIO()
    npy_format.write_array(out, array, version=version)
    return out.getvalue()


def npy(name, array, version=None):
    put(name, numpy_bytes(array, version))
    holds(name, {"": array})


def make_npy():
    for kind in NUMPY_TYPES:
        label = np.dtype(kind).name
        npy(f"{label}.npy", numpy_values(kind, (2, 3)))
        if np.dtype(kind).itemsize > 1:
            big = numpy_values(kind, (2, 3)).astype(np.dtype(kind).newbyteorder(">"))
            npy(f"{label}_big.npy", big)
    npy("fortran.npy", numpy_values("f4", (2, 3, 4), "F"))
    npy("fortran_big.npy", np.asfortranarray(numpy_values(">i8", (3, 2))))
    npy("scalar.npy", np.array(2.5))
    npy("empty.npy", np.zeros((0,), "f4"))
    npy("empty_rows.npy", np.zeros((0, 3), "i8"))
    npy("version_2.npy", numpy_values("f4", (5,)), (2, 0))
    npy("version_3.npy", numpy_values("f4", (5,)), (3, 0))
    npy("special.npy", np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324]))
    header = b"{'shape': (2L, 2L), 'fortran_order': False, 'descr': '<i2', }\n"
    put("python_2.npy", b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header))
        + header + np.arange(4, dtype="<i2").tobytes())
    holds("python_2.npy", {"": np.arange(4, dtype="i2").reshape(2, 2)})

    def bad(name, array, error):
        out = io.BytesIO()
        np.save(out, array, allow_pickle=True)
        put(name, out.getvalue())
        refused(name, error)

    bad("objects.npy", np.array([1, "a", None], dtype=object), "Python objects")
    bad("fields.npy", np.zeros(2, [("x", "f4"), ("y", "i4")]), "structured")
    bad("complex.npy", np.zeros(2, "c32"), "complex numbers of another size")
    bad("text.npy", np.array(["ab", "c"]), "text")
    bad("dates.npy", np.array(["2020-01-01"], "M8[D]"), "dates")
    bad("wide.npy", np.zeros(2, np.longdouble), "another size")
    bad("unsigned.npy", np.array([2**64 - 1], "u8"), "does not fit int64")


def make_npz():
    arrays = {
        "x": numpy_values("f4", (3, 4)),
        "y": numpy_values("i8", (5,)),
        "with space/and slash": numpy_values("?", (2,)),
        "f": numpy_values("f8", (2, 3), "F"),
        "ä": np.array(3, "i2"),
    }
    np.savez(path("stored.npz"), **arrays)
    np.savez_compressed(path("deflated.npz"), **arrays)
    np.savez(path("positional.npz"), arrays["x"], arrays["y"])
    np.savez_compressed(path("zeros.npz"), zeros=np.zeros(50_000, "f4"))
    np.savez(path("none.npz"))
    holds("stored.npz", arrays)
    holds("deflated.npz", arrays)
    holds("positional.npz", {"arr_0": arrays["x"], "arr_1": arrays["y"]})
    holds("none.npz", {})
    np.savez(path("objects.npz"), o=np.array([{}], dtype=object))
    refused("objects.npz", "Python objects")


# safetensors -----------------------------------------------------------------

TORCH_TYPES = [
    torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64,
    torch.float16, torch.bfloat16, torch.float32, torch.float64,
]


def torch_values(dtype, shape=(2, 3)):
    count = int(np.prod(shape))
    x = torch.arange(count) - (0 if dtype in (torch.uint8, torch.bool) else 3)
    if dtype.is_floating_point:
        x = x / 4
    return (x % 3 == 0 if dtype == torch.bool else x.to(dtype)).reshape(shape)


def all_types():
    return {str(t).removeprefix("torch."): torch_values(t) for t in TORCH_TYPES}


def make_safetensors():
    tensors = all_types()
    tensors["scalar"] = torch.tensor(2.5)
    tensors["empty"] = torch.zeros(0, 3)
    tensors["layer.0.weight"] = torch.arange(12.0).reshape(4, 3)
    save_file(tensors, path("types.safetensors"), {"format": "pt", "é": '"q"'})
    holds("types.safetensors", tensors)
    index["types.safetensors"]["metadata"] = {"format": "pt", "é": '"q"'}
    unsigned = {
        str(t).removeprefix("torch."): torch.arange(4).to(t)
        for t in (torch.uint16, torch.uint32, torch.uint64)
    }
    save_file(unsigned, path("unsigned.safetensors"))
    holds("unsigned.safetensors", unsigned)
    save_file({}, path("none.safetensors"))
    holds("none.safetensors", {})
    eight = {"x": torch.zeros(2).to(torch.float8_e4m3fn)}
    save_file(eight, path("float8.safetensors"))
    refused("float8.safetensors", "F8_E4M3")


# PyTorch ---------------------------------------------------------------------


def pt(name, value, tensors, **options):
    torch.save(value, path(name), **options)
    holds(name, tensors)


def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2), torch.nn.Flatten(),
        torch.nn.Linear(8, 2),
    )


def swapped(source, target):
    """The same file as a machine of the other byte order would write it."""
    with zipfile.ZipFile(path(source)) as old, zipfile.ZipFile(
        path(target), "w"
    ) as new:
        for name in old.namelist():
            data = old.read(name)
            if name.endswith("/byteorder"):
                data = b"big"
            elif "/data/" in name:
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            new.writestr(name, data)


class Custom:
    pass


def make_pt():
    net = model()
    state = net.state_dict()
    pt("state_dict.pt", state, state)
    pt("protocol_4.pt", state, state, pickle_protocol=4)
    types = all_types()
    pt("types.pt", types, types)
    x = torch.arange(12.0).reshape(3, 4)
    views = {
        "x": x, "transposed": x.T, "row": x[1], "column": x[:, 2],
        "steps": x[::2, 1::2], "expanded": torch.ones(1, 3).expand(4, 3),
        "tied": x, "empty": x[:0], "scalar": x[2, 3],
    }
    pt("views.pt", views, views)
    index["views.pt"]["strides"] = {k: list(v.stride()) for k, v in views.items()}
    pt("tensor.pt", x, {"": x})
    parameter = {
        "p": torch.nn.Parameter(torch.ones(2)),
        "q": torch.zeros(2, requires_grad=True),
        "frozen": torch.nn.Parameter(torch.ones(1), requires_grad=False),
    }
    pt("parameters.pt", parameter, parameter)
    index["parameters.pt"]["requiresGrad"] = {
        k: v.requires_grad for k, v in parameter.items()
    }
    optimizer = torch.optim.SGD(net.parameters(), 0.1, momentum=0.9)
    net(torch.ones(4, 1, 4, 4)).sum().backward()
    optimizer.step()
    checkpoint = {
        "optimizer": optimizer.state_dict(), "epoch": 3, "loss": 0.25,
        "name": "käse", "none": None, "flags": (True, False), "big": 2**70,
        "negative": -300, "list": [1, [2.5, {}]], "set": {1, 2},
        "bytes": b"\x00\xff", "size": torch.Size([2, 3]), "dtype": torch.float16,
        "device": torch.device("cpu"), 7: "seven", "__proto__": "plain",
        "ordered": OrderedDict(b=1, a=2),
    }
    torch.save(checkpoint, path("checkpoint.pth"))
    index["checkpoint.pth"] = {
        "value": {
            "epoch": 3, "loss": 0.25, "name": "käse", "none": None,
            "flags": [True, False], "negative": -300, "list": [1, [2.5, {}]],
            "size": [2, 3], "dtype": "float16", "device": "cpu", "7": "seven",
            "__proto__": "plain", "ordered": {"b": 1, "a": 2},
        },
        "momentum": describe(
            optimizer.state_dict()["state"][5]["momentum_buffer"]
        ),
    }
    unsigned = {"u16": torch.arange(3).to(torch.uint16)}
    pt("unsigned.pt", unsigned, unsigned)
    tagged = torch.arange(2.0)
    tagged.tag = 5
    marked = torch.nn.Parameter(torch.arange(3.0))
    marked.tag = 5
    special = {
        "tagged": tagged,
        "parameter": marked,
        "buffer": torch.nn.Buffer(torch.arange(4.0)),
        # Memory that PyTorch sees with the other sign.
        "negative": torch.tensor([1 + 2j, 3 - 4j]).conj().imag,
    }
    pt("special.pt", special, special)
    counted = {"counts": Counter("aab"), "bytes": bytearray(b"ab")}
    torch.save(counted, path("counted.pt"))
    index["special.pt"]["requiresGrad"] = {"parameter": True, "buffer": False}
    floats = {"x": x, "y": x.T * 2}
    torch.save(floats, path("little.pt"))
    swapped("little.pt", "big_endian.pt")
    os.remove(path("little.pt"))
    holds("big_endian.pt", floats)

    def bad(name, value, error, **options):
        torch.save(value, path(name), **options)
        refused(name, error)

    bad("module.pt", torch.nn.Linear(1, 1), "GLOBAL torch.nn.modules.linear.Linear")
    bad("custom.pt", {"x": Custom()}, "GLOBAL __main__.Custom")
    bad("sparse.pt", torch.eye(2).to_sparse(), "_rebuild_sparse_tensor")
    bad("complex.pt", torch.zeros(1, dtype=torch.complex32), "torch.complex32")
    bad("numpy.pt", {"x": np.float32(1)}, "scalar")
    bad("function.pt", {"x": os.system}, "system")
    bad("legacy.pt", state, "old format", _use_new_zipfile_serialization=False)
    bad("tuple_keys.pt", {(1, 2): 3}, "neither text nor an integer")
    bad("twice.pt", {1: 2, "1": 3}, 'the key "1" twice')
    torch.jit.save(torch.jit.script(torch.nn.Linear(1, 1)), path("script.pt"))
    refused("script.pt", "TorchScript")


# idx -------------------------------------------------------------------------


def make_idx():
    codes = {"u1": 8, "i1": 9, "i2": 11, "i4": 12, "f4": 13, "f8": 14}
    for kind, code in codes.items():
        x = numpy_values(kind, (3, 2))
        data = struct.pack(">BBBBII", 0, 0, code, 2, 3, 2)
        data += x.astype(np.dtype(kind).newbyteorder(">")).tobytes()
        put(f"{x.dtype.name}.idx", data)
        holds(f"{x.dtype.name}.idx", {"": x})
    images = (np.arange(2 * 5 * 5) % 256).astype("u1").reshape(2, 5, 5)
    data = struct.pack(">BBBBIII", 0, 0, 8, 3, 2, 5, 5) + images.tobytes()
    put("images.idx.gz", gzip.compress(data, mtime=0))
    holds("images.idx.gz", {"": images})


if __name__ == "__main__":
    shutil.rmtree(FILES, ignore_errors=True)
    os.makedirs(FILES)
    make_npy()
    make_npz()
    make_safetensors()
    make_pt()
    make_idx()
    out = {
        "python": sys.version.split()[0],
        "numpy": np.__version__,
        "safetensors": safetensors.__version__,
        "torch": torch.__version__,
        "files": index,
    }
    with open(os.path.join(HERE, "files.json"), "w") as file:
        json.dump(out, file, ensure_ascii=False, indent=1)
    print(len(index), "files")
