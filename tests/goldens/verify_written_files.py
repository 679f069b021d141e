"""Reads files that dinograd wrote with NumPy, safetensors and PyTorch, checks
what is in them, and records their hashes in files_written.json: a file with
that hash is known to be read in Python.

Run, from the root of the repository:
    mkdir written_files
    deno run --allow-read --allow-write tests/io/written_files.ts written_files
    python3 tests/goldens/verify_written_files.py written_files
Needs: pip install numpy safetensors torch
"""

import hashlib
import io
import json
import os
import sys

import numpy as np
import safetensors
import torch
from numpy.lib import format as npy_format
from safetensors import safe_open
from safetensors.torch import load_file, save

from make_file_goldens import describe

HERE = os.path.dirname(os.path.abspath(__file__))


def read_numpy(path, data, told):
    found = np.load(path)
    if path.endswith(".npz"):
        return dict(found)
    # Byte for byte what NumPy itself would write.
    again = io.BytesIO()
    npy_format.write_array(again, found)
    assert again.getvalue() == data, path
    return {"": found}


def read_safetensors(path, data, told):
    found = load_file(path)
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    assert (metadata or {}) == told.get("value", {}), path
    assert save(found, metadata) == data or metadata and len(metadata) > 1, path
    return found


def read_torch(path, data, told):
    found = torch.load(path, weights_only=True)
    if isinstance(found, torch.Tensor):
        return {"": found}
    name = os.path.basename(path)
    if name == "views.pt":
        assert found["x"].data_ptr() == found["transposed"].data_ptr()
        assert found["row"].untyped_storage().nbytes() == 48
        assert found["transposed"].stride() == (1, 4)
        assert found["alone"].untyped_storage().nbytes() == 40
        assert found["tracked"].requires_grad and not found["x"].requires_grad
    if name == "checkpoint.pt":
        for key, value in told["value"].items():
            assert found[key] == value and type(found[key]) is type(value), key
        assert found["huge"] == 2**100 and found["numbers"] == {0: "zero", 300: "many"}
        parameter = found["parameter"].detach().requires_grad_()
        optimizer = torch.optim.SGD([parameter], lr=0.1)
        optimizer.load_state_dict(found["optimizer"])
        assert optimizer.param_groups[0]["momentum"] == 0.9
        kept = optimizer.state[parameter]["momentum_buffer"]
        assert torch.equal(kept, torch.full((2, 2), 3.0))
        return {"parameter": found["parameter"]}
    return found


READERS = {
    ".npy": read_numpy, ".npz": read_numpy, ".safetensors": read_safetensors,
    ".pt": read_torch,
}


def main(folder):
    with open(os.path.join(folder, "written.json")) as file:
        files = json.load(file)
    hashes = {}
    for name, told in files.items():
        path = os.path.join(folder, name)
        with open(path, "rb") as file:
            data = file.read()
        found = READERS[os.path.splitext(name)[1]](path, data, told)
        tensors = {key: describe(x) for key, x in found.items()}
        assert tensors == told["tensors"], (name, tensors, told["tensors"])
        if not told.get("compressed"):
            hashes[name] = hashlib.sha256(data).hexdigest()
    out = {
        "numpy": np.__version__,
        "safetensors": safetensors.__version__,
        "torch": torch.__version__,
        "sha256": hashes,
    }
    with open(os.path.join(HERE, "files_written.json"), "w") as file:
        json.dump(out, file, indent=1)
    print(len(files), "files read in Python as they were written")


main(sys.argv[1])
