"""Writes ops_sequence.json: attention, CTC, bags of rows and grids of
dg.nn.functional in real PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_sequence_goldens.py
"""

import sys

sys.dont_write_bytecode = True

import make_functional_goldens  # noqa: E402

if __name__ == "__main__":
    make_functional_goldens.write(
        "ops_sequence.json", ("functional_cases_sequence",))
