"""Writes eig.json: eigenvalues of matrices that need not be symmetric in PyTorch.

Run in this folder with PyTorch 2.13 (CPU): python3 make_eig_goldens.py
Each case has the eigenvalues and the gradients of two losses that depend
neither on the order of eigenvalues nor on the phases of eigenvectors, and how
far rounding may move them; the order is recorded as PyTorch has it.
"""

import json
import math
import pathlib

import torch

HERE = pathlib.Path(__file__).parent
EPS = {torch.float32: 2 ** -23, torch.float64: 2 ** -52}
torch.manual_seed(11)


def losses(values, vectors):
    n = values.shape[-1]
    weights = torch.arange(1, n + 1, dtype=values.real.dtype) / 3
    first = (values.real.square() + 2 * values.imag.square()).sum()
    size = vectors.abs().square() * weights.unsqueeze(-1)
    return first, (size * (values.abs() + 1).unsqueeze(-2)).sum()


def flat(t):
    if t.is_complex():
        t = torch.view_as_real(t)
    return [float(v) for v in t.reshape(-1).tolist()]


def case(name, x, room=None, grad=True, turned=False):
    """`room` is for matrices whose eigenvectors are dependent, or nearly."""
    x = x.clone().requires_grad_()
    seen = x.mT if turned else x
    values, vectors = torch.linalg.eig(seen)
    eps, size = EPS[x.dtype], float(x.detach().abs().max()) if x.numel() else 1.0
    cond = 1.0
    if x.numel():
        cond = float(torch.linalg.cond(vectors.detach()).max())
    out = {
        "name": name,
        "shape": list(x.shape),
        "dtype": str(x.dtype).removeprefix("torch."),
        "turned": turned,
        "data": flat(x.detach()),
        "values": flat(values.detach()),
        "room": room or 10 * eps * size * cond * x.shape[-1],
    }
    if grad and x.numel():
        out["grads"] = []
        for loss in losses(values, vectors):
            g, = torch.autograd.grad(loss, x, retain_graph=True)
            out["grads"].append(flat(g))
        # Gradients divide by differences of eigenvalues.
        gap = values.detach().unsqueeze(-1) - values.detach().unsqueeze(-2)
        n = x.shape[-1]
        apart = float((gap.abs() + torch.eye(n) * 1e300).min())
        out["gradRoom"] = 100 * eps * cond ** 3 * n * max(1, size / apart)
    return out


def companion(*coefficients):
    n = len(coefficients)
    x = torch.diag(torch.ones(n - 1, dtype=torch.float64), -1)
    x[:, -1] = -torch.tensor(coefficients, dtype=torch.float64)
    return x


def wilkinson(n):
    c = [1.0]
    for k in range(1, n + 1):
        c = [a - k * b for a, b in zip(c + [0.0], [0.0] + c)]
    return companion(*reversed(c[1:]))


def main():
    assert torch.__version__.startswith("2.13"), torch.__version__
    d = torch.float64

    def rnd(*shape, dtype=d):
        return torch.randn(*shape, dtype=torch.float32).to(dtype)

    def of(*rows):
        return torch.tensor(rows, dtype=d)

    scales = 10.0 ** torch.arange(0, 25, 5, dtype=d)
    jordan = 2 * torch.eye(3, dtype=d) + torch.diag(torch.ones(2, dtype=d), 1)
    turn = of([0, -1], [1, 0])
    cases = [case(f"random {n}", rnd(n, n)) for n in (1, 2, 3, 4, 5, 8, 12)]
    cases += [case(f"random float32 {n}", rnd(n, n, dtype=torch.float32))
              for n in (2, 3, 6)]
    cases += [
        case("random 50", rnd(50, 50), grad=False),
        case("batched", rnd(2, 3, 4, 4)),
        case("transposed", rnd(2, 4, 4), turned=True),
        case("empty", rnd(0, 0)),
        case("batch of empty", rnd(3, 0, 0)),
        case("empty batch", rnd(0, 2, 2)),
        case("zero", torch.zeros(3, 3, dtype=d), grad=False),
        case("identity", torch.eye(4, dtype=d), grad=False),
        case("repeated", torch.diag(torch.tensor([2., 1, 2, 1], dtype=d)),
             grad=False),
        case("repeated, hidden", rnd(4, 4).matmul(torch.diag(torch.tensor(
            [2., 1, 2, 1], dtype=d))).matmul(torch.eye(4, dtype=d)),
            grad=False),
        case("defective", jordan, room=1e-4, grad=False),
        case("defective, hidden", (lambda p: p.inverse() @ jordan @ p)(
            rnd(3, 3)), room=1e-3, grad=False),
        case("nilpotent", of([0, 1], [0, 0]), room=1e-290, grad=False),
        case("nilpotent 4", torch.diag(torch.ones(3, dtype=d), 1), room=1e-200,
             grad=False),
        case("nilpotent, below", torch.diag(torch.ones(3, dtype=d), -1),
             room=1e-200, grad=False),
        case("rank 1", torch.ones(4, 4, dtype=d), grad=False),
        case("rotation", turn),
        case("two rotations", torch.block_diag(turn, 2 * turn)),
        case("permutation", torch.eye(5, dtype=d)[[1, 2, 3, 4, 0]]),
        case("symmetric", (lambda x: x + x.mT)(rnd(5, 5))),
        case("skew", (lambda x: x - x.mT)(rnd(4, 4))),
        case("triangular", rnd(5, 5).triu()),
        case("triangular, below", rnd(5, 5).tril()),
        case("block triangular", torch.cat(
            [torch.cat([rnd(3, 3), rnd(3, 3)], 1),
             torch.cat([torch.zeros(3, 3, dtype=d), rnd(3, 3)], 1)])),
        case("isolated", of([1, 0, 0, 0], [2, 3, 1, 4], [5, -2, 2, 6],
                            [0, 0, 0, 7])),
        case("companion, roots of unity", companion(-1, 0, 0, 0, 0, 0)),
        case("companion, 1 to 6", wilkinson(6), room=1e-8, grad=False),
        case("companion, pairs", companion(25, 10, 26, 2)),
        case("badly scaled", scales.unsqueeze(-1) * rnd(5, 5) / scales,
             room=1e-12, grad=False),
        case("badly scaled, 2", of([1, 1e100], [-1e-100, 1]), room=1e-14,
             grad=False),
        case("huge", 1e300 * rnd(3, 3), grad=False),
        case("tiny", 1e-300 * rnd(3, 3), grad=False),
        case("nearly equal", of([1, 1e-9, 0], [0, 1 + 1e-9, 1], [1e-9, 0, 3]),
             room=1e-12, grad=False),
        case("needs other shifts", of([0, 0, 1], [1, 0, 0], [0, 1, 0])),
        case("rows alone, one after the other", of(
            [-2, 0, 0, 0, 0],
            [0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0],
            [0, -1, 2, 0, 0],
            [0, 0, 0, 0, 0]), room=1e-14, grad=False),
    ]
    path = HERE / "eig.json"
    assert all(math.isfinite(v) for c in cases for v in c["values"])
    lines = ",\n".join(json.dumps(c) for c in cases)
    path.write_text(f"[\n{lines}\n]\n")
    print(f"{len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
