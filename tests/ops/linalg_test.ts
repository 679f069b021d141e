// Linear algebra where PyTorch's own answers do not say enough: factors whose
// signs nobody chose, sizes at which the algorithms change their ways, matrices
// that are singular, empty, huge, tiny or not finite.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";

const { linalg } = dg;

type Type = "float32" | "float64";

/** The largest absolute value, 0 where there is none. */
function size(x: Tensor): number {
  return x.numel() === 0 ? 0 : x.abs().amax().item();
}

/** How much orthonormal columns fail to be. */
function skew(q: Tensor): number {
  const ones = dg.eye(q.size(-1), { dtype: q.dtype });
  return size(q.mT.matmul(q).sub(ones));
}

/** Random matrices of a rank, the same in every run. */
function matrices(
  shape: readonly number[],
  dtype: Type,
  rank = Infinity,
): Tensor {
  const generator = new dg.Generator(shape.reduce((n, k) => 31 * n + k, 7));
  const options = { dtype, generator };
  const [m, n] = shape.slice(-2) as [number, number];
  if (rank >= Math.min(m, n)) return dg.randn(shape, options);
  const lead = shape.slice(0, -2);
  return dg.randn([...lead, m, rank], options)
    .matmul(dg.randn([...lead, rank, n], options));
}

/** Units in the last place that errors may have, growing as the root of the length, as rounding does. */
function room(dtype: Type, n: number): number {
  return (dtype === "float64" ? 2 ** -52 : 2 ** -23) * (8 + 4 * Math.sqrt(n));
}

function assertBelow(error: number, most: number, what: string): void {
  assert(error <= most, `${what}: ${error}, at most ${most}`);
}

/** Checks what all factors of some matrices must satisfy, relative to their size. */
function checkFactors(x: Tensor, what: string): void {
  const dtype = x.dtype as Type;
  const [m, n] = [x.size(-2), x.size(-1)];
  const k = Math.min(m, n);
  const most = room(dtype, Math.max(m, n));
  const norm = Math.max(size(linalg.svdvals(x)), 1e-300);
  for (const full of [false, true]) {
    const mode = full ? "complete" : "reduced";
    const { Q, R } = linalg.qr(x, { mode });
    assertEquals([Q.size(-1), R.size(-2)], full ? [m, m] : [k, k]);
    assertBelow(skew(Q), most, `${what}: Q`);
    assertEquals(size(R.tril({ diagonal: -1 })), 0);
    assertBelow(size(Q.matmul(R).sub(x)) / norm, most, `${what}: QR`);
    const { U, S, Vh } = linalg.svd(x, { fullMatrices: full });
    assertEquals([U.size(-1), Vh.size(-2)], full ? [m, n] : [k, k]);
    assertBelow(skew(U), most, `${what}: U`);
    assertBelow(skew(Vh.mT), most, `${what}: V`);
    const product = U.narrow(-1, 0, k).mul(S.unsqueeze(-2))
      .matmul(Vh.narrow(-2, 0, k));
    assertBelow(size(product.sub(x)) / norm, most, `${what}: svd`);
    assertBelow(size(S.sub(linalg.svdvals(x))) / norm, most, `${what}: S`);
    if (k > 0) assert(S.amin().item() >= 0);
    if (k > 1) assert(S.diff().amax().item() <= 0);
  }
  const { P, L, U } = linalg.lu(x);
  assertBelow(
    size(P.matmul(L).matmul(U).sub(x)) / norm,
    most * Math.sqrt(k + 1),
    `${what}: LU`,
  );
  if (k > 0) assert(size(L) <= 1);
  if (m !== n) return;
  const symmetric = x.add(x.mT);
  for (const UPLO of ["L", "U"] as const) {
    // The other triangle is not read.
    const given = UPLO === "L"
      ? symmetric.tril().add(x.triu({ diagonal: 1 }))
      : symmetric.triu().add(x.tril({ diagonal: -1 }));
    const { eigenvalues, eigenvectors } = linalg.eigh(given, { UPLO });
    assertBelow(skew(eigenvectors), most, `${what}: eigenvectors`);
    const product = eigenvectors.mul(eigenvalues.unsqueeze(-2))
      .matmul(eigenvectors.mT);
    assertBelow(size(product.sub(symmetric)) / norm, 2 * most, `${what}: eigh`);
    const alone = linalg.eigvalsh(given, { UPLO });
    assertBelow(size(alone.sub(eigenvalues)) / norm, most, `${what}: values`);
    if (n > 1) assert(eigenvalues.diff().amin().item() >= 0);
  }
}

/** Around the sizes at which recursions stop, panels end and products are handed on. */
const SHAPES = [
  [1, 1],
  [2, 2],
  [3, 2],
  [2, 5],
  [7, 7],
  [9, 9],
  [16, 17],
  [33, 31],
  [64, 65],
  [97, 97],
  [130, 70],
] as const;

for (const dtype of ["float32", "float64"] as const) {
  Deno.test(`factors of ${dtype} multiply to what was factored`, () => {
    for (const [m, n] of SHAPES) {
      const what = `${dtype}[${m}, ${n}]`;
      checkFactors(matrices([m, n], dtype), what);
      checkFactors(matrices([n, m], dtype).mT, `${what} turned`);
    }
    checkFactors(matrices([2, 3, 5, 4], dtype), `${dtype} batch`);
    checkFactors(
      matrices([4, 9, 12], dtype).narrow(0, 1, 2).narrow(2, 3, 7),
      `${dtype} with gaps`,
    );
  });

  Deno.test(`factors of ${dtype} exist for singular matrices`, () => {
    for (const n of [2, 5, 20, 66]) {
      checkFactors(matrices([n, n], dtype, 1), `${dtype} of rank 1`);
      checkFactors(dg.zeros([n, n + 1], { dtype }), `${dtype} zeros`);
      checkFactors(dg.ones([n, n], { dtype }), `${dtype} ones`);
      checkFactors(dg.eye(n, { dtype }), `${dtype} identity`);
    }
    const flipped = dg.eye(9, { dtype }).flip([0]);
    checkFactors(flipped, `${dtype} with zeros on the diagonal`);
    // One value in a corner, and a chain beside a zero diagonal.
    const corner = dg.zeros([6, 6], { dtype });
    corner.setAt_([5, 0], 3);
    checkFactors(corner, `${dtype} corner`);
    checkFactors(dg.ones(11, { dtype }).diagEmbed({ offset: 1 }), "a chain");
  });

  Deno.test(`factors of ${dtype} exist for huge and tiny elements`, () => {
    const far = dtype === "float64" ? [1e-300, 1e-200, 1e150] : [1e-36, 1e36];
    for (const factor of far) {
      for (const n of [3, 40]) {
        const x = matrices([n, n], dtype).mul(factor);
        const { U, S, Vh } = linalg.svd(x);
        const most = room(dtype, n) * size(x) * n;
        assertBelow(size(U.mul(S).matmul(Vh).sub(x)), most, `${factor}`);
        const sum = x.div(2).add(x.mT.div(2));
        const [values, v] = linalg.eigh(sum);
        const product = v!.mul(values!).matmul(v!.mT);
        assertBelow(size(product.sub(sum)), most, `${factor}`);
        const { Q, R } = linalg.qr(x);
        assertBelow(size(Q.matmul(R).sub(x)), most, `${factor}`);
      }
    }
  });

  Deno.test(`systems of equations of ${dtype} are solved`, () => {
    for (const n of [1, 4, 17, 40, 100]) {
      const ones = dg.eye(n, { dtype });
      const x = matrices([2, n, n], dtype).add(ones.mul(3 * Math.sqrt(n)));
      const b = matrices([2, n, 3], dtype);
      const most = 20 * room(dtype, n);
      const left = linalg.solve(x, b);
      assertBelow(size(x.matmul(left).sub(b)), most, `solve of ${n}`);
      const right = linalg.solve(x, b.mT, { left: false });
      assertBelow(size(right.matmul(x).sub(b.mT)), most, `solve of ${n}`);
      const inverse = linalg.inv(x);
      assertBelow(size(inverse.matmul(x).sub(ones)), most, `inv of ${n}`);
      const square = x.matmul(x.mT).div(n);
      const l = linalg.cholesky(square);
      const u = linalg.cholesky(square, { upper: true });
      assertEquals(size(l.triu({ diagonal: 1 })), 0);
      assertBelow(size(l.mT.sub(u)), 0, `cholesky of ${n}`);
      assertBelow(
        size(l.matmul(l.mT).sub(square)) / size(square),
        most,
        `cholesky of ${n}`,
      );
      for (const [upper, given] of [[false, l], [true, u]] as const) {
        const solved = linalg.solveTriangular(given, b, { upper });
        assertBelow(size(given.matmul(solved).sub(b)), 10 * most, "triangle");
      }
      const again = dg.choleskySolve(b, l);
      assertBelow(
        size(square.matmul(again).sub(b)),
        100 * most,
        `choleskySolve of ${n}`,
      );
    }
  });
}

Deno.test("the least-squares solution is the shortest, and orthogonal to what it misses", () => {
  for (const [m, n, rank] of [[9, 4, 4], [4, 9, 4], [9, 6, 3]] as const) {
    const a = matrices([m, n], "float64", rank);
    const b = matrices([m, 2], "float64");
    for (const driver of ["gelsy", "gelsd", "gelss"] as const) {
      const out = linalg.lstsq(a, b, { driver });
      assertEquals(out.rank.item(), rank);
      const missed = a.matmul(out.solution).sub(b);
      assertBelow(size(a.mT.matmul(missed)), 1e-13, driver);
      // It has no part that `a` maps to zero.
      const back = linalg.pinv(a).matmul(a).matmul(out.solution);
      assertBelow(size(back.sub(out.solution)), 1e-13, driver);
    }
  }
});

Deno.test("eigenvalues of a matrix that is not finite are NaN, singular values an error", () => {
  for (const bad of [NaN, Infinity]) {
    for (const n of [1, 3, 40]) {
      const x = dg.eye(n);
      x.setAt_([n - 1, 0], bad);
      const { eigenvalues, eigenvectors } = linalg.eigh(x);
      assertEquals(eigenvalues.isnan().all().tolist(), true);
      assertEquals(eigenvectors.isnan().all().tolist(), true);
      assertThrows(
        () => linalg.svd(dg.stack([dg.eye(n), x])),
        linalg.LinAlgError,
        "linalg.svd: (Batch element 1): The algorithm failed to converge because the input matrix contained non-finite values.",
      );
    }
  }
});

Deno.test("a LinAlgError is a RuntimeError with a hint", () => {
  const error = assertThrows(() => linalg.inv(dg.zeros([2, 2])));
  assert(error instanceof linalg.LinAlgError);
  assert(error instanceof dg.RuntimeError);
  assert(error.hint?.includes("pinv()"));
  assertEquals(error.name, "LinAlgError");
});

Deno.test("signs of R are LAPACK's", () => {
  const { R } = linalg.qr(dg.tensor([[3, 1], [4, 2]]));
  assert(R.at(0, 0).item() < 0);
  // Nothing is below the last element of a square: it stays as it is.
  assertEquals(linalg.qr(dg.tensor([[-2]])).R.item(), -2);
  assertEquals(linalg.qr(dg.eye(3)).R.tolist(), dg.eye(3).tolist());
});

Deno.test("determinants of singular matrices have the gradient of their cofactors", () => {
  const x = dg.tensor([[1, 2], [2, 4]], {
    dtype: "float64",
    requiresGrad: true,
  });
  linalg.det(x).backward();
  const expected = dg.tensor([[4, -2], [-2, 1]], { dtype: "float64" });
  assert(dg.allclose(x.grad!, expected));
  // The gradient can be differentiated: that of its first element is known.
  const [first] = dg.autograd.grad(linalg.det(x), [x], { createGraph: true });
  assert(dg.allclose(first!, expected));
  const [second] = dg.autograd.grad(first!.at(0, 0), [x]);
  const one = dg.tensor([[0, 0], [0, 1]], { dtype: "float64" });
  assert(dg.allclose(second!, one, { atol: 1e-12 }));
});

Deno.test("exponentials of a batch are those of its matrices, whatever their sizes", () => {
  const x = dg.randn([3, 4, 4], { dtype: "float64" });
  const scaled = x.mul(dg.tensor([1e-6, 1, 20]).reshape([3, 1, 1]));
  const all = linalg.matrixExp(scaled);
  scaled.unbind().forEach((one, i) => {
    const alone = linalg.matrixExp(one);
    const error = size(all.select(0, i).sub(alone)) / size(alone);
    assertBelow(error, 1e-12, `matrix ${i}`);
    const inverse = linalg.matrixExp(one.neg());
    const product = alone.matmul(inverse).sub(dg.eye(4));
    assertBelow(size(product), 1e-14 * size(alone) * size(inverse), `${i}`);
  });
});

Deno.test("results are printed under PyTorch's names", () => {
  const text = String(linalg.slogdet(dg.eye(1)));
  assertEquals(
    text,
    "return_types.linalg_slogdet(\nsign=tensor(1.),\nlogabsdet=tensor(0.))",
  );
});

Deno.test("the gradient of eigenvectors is symmetric, as PyTorch's", () => {
  const half = matrices([4, 4], "float64");
  const x = half.add(half.mT).requiresGrad_();
  const { eigenvalues, eigenvectors } = linalg.eigh(x);
  const loss = eigenvalues.pow(3).sum().add(eigenvectors.pow(4).sum());
  const [g] = dg.autograd.grad(loss, [x]);
  assert(dg.allclose(g!, g!.mT));
});

Deno.test("options in the place of a norm's dimensions are named", () => {
  for (const norm of [linalg.norm, linalg.matrixNorm, linalg.vectorNorm]) {
    assertThrows(
      () => norm(dg.ones([2, 2]), { ord: 2 } as never),
      TypeError,
      "dim comes before the options",
    );
  }
});

Deno.test("what has no derivative, and vectors, say what PyTorch says", () => {
  const a = dg.rand([4, 2], { requiresGrad: true });
  const options = { driver: "gelsd" } as const;
  const found = linalg.lstsq(a, dg.rand([4, 1]), options);
  assertEquals(found.solution.gradFn!.name, "LinalgLstsqBackward0");
  assertEquals(found.singularValues.requiresGrad, false);
  assertThrows(
    () => linalg.vecdot(dg.ones(3), dg.ones(4)),
    dg.RuntimeError,
    "inconsistent tensor size, expected tensor [3] and src [4]",
  );
  const counted = dg.histogram(dg.rand(3, { requiresGrad: true }), 2).hist;
  assertThrows(
    () => counted.sum().backward(),
    dg.RuntimeError,
    "derivative for histogram is not implemented",
  );
  const { functional } = dg.nn;
  assertThrows(
    () => functional.pad(dg.ones(3), [1, 1], { mode: "foo" as "reflect" }),
    dg.RuntimeError,
    "Unrecognised padding mode foo",
  );
  const target = dg.zeros(3, { dtype: "int64" });
  assertThrows(
    () => functional.nllLoss(dg.ones(3), target),
    dg.ValueError,
    "For 1D input, 1D target must have size 1, but got target size: 3",
  );
});

Deno.test("lstsq finds the same with singular values and without", () => {
  // Of full rank, of less, with columns that count as zero only for some
  // cutoffs, and at the ends of the type.
  const scales = dg.logspace(0, -9, 4, { dtype: "float64" });
  for (const shape of [[6, 4], [4, 4], [2, 3, 4]]) {
    const full = matrices(shape, "float64");
    for (
      const a of [
        full,
        matrices(shape, "float64", 2),
        full.mul(scales),
        full.mul(1e200),
        full.mul(0),
      ]
    ) {
      const b = dg.ones([...shape.slice(0, -1), 2], { dtype: "float64" });
      for (const options of [{}, { rcond: 1e-6 }]) {
        const found = linalg.lstsq(a, b, options);
        const other = linalg.lstsq(a, b, { ...options, driver: "gelsd" });
        assertEquals(found.rank.tolist(), other.rank.tolist());
        const miss = size(found.solution.sub(other.solution));
        assert(miss <= 1e-6 * size(other.solution), `${a}: ${miss}`);
      }
    }
  }
});

Deno.test("hints name what does for other shapes", () => {
  const wide = dg.ones([2, 3]);
  const square = dg.eye(2);
  const upper = { upper: true };
  for (
    const [fn, hint] of [
      [() => linalg.inv(wide), "pinv()"],
      [() => linalg.solve(wide, dg.ones(2)), "lstsq()"],
      [
        () => linalg.solveTriangular(square, dg.ones(2), upper),
        "unsqueeze(-1)",
      ],
    ] as const
  ) {
    const error = assertThrows(fn, dg.RuntimeError);
    assert(error.hint?.startsWith(hint), String(error.hint));
  }
  const untyped: (...args: never[]) => unknown = linalg.solveTriangular;
  const call = untyped as (...args: Tensor[]) => unknown;
  assertThrows(
    () => call(square, square),
    TypeError,
    "missing 1 required keyword-only argument: 'upper'",
  );
});
