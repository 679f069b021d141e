"""Writes ops_losses.json: losses and normalisations of dg.nn.functional in real
PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_loss_goldens.py
"""

import sys

sys.dont_write_bytecode = True

import make_functional_goldens  # noqa: E402

if __name__ == "__main__":
    make_functional_goldens.write(
        "ops_losses.json",
        ("functional_cases_losses", "functional_cases_norms"))
