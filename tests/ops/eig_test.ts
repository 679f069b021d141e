// Eigenvalues of matrices that need not be symmetric: against PyTorch
// (goldens/make_eig_goldens.py), and by what they must satisfy where nobody
// defined their order or the phases of their vectors.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Tensor } from "@dinograd/dinograd";

const { linalg } = dg;

interface Golden {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: "float32" | "float64";
  /** Whether what is decomposed is the matrix's transpose, a view. */
  readonly turned: boolean;
  readonly data: readonly number[];
  readonly values: readonly number[];
  readonly room: number;
  readonly grads?: readonly (readonly number[])[];
  readonly gradRoom?: number;
}

const url = new URL("../goldens/eig.json", import.meta.url);
const CASES: Golden[] = JSON.parse(Deno.readTextFileSync(url));

function numbers(x: Tensor): number[] {
  const real = x.isComplex() ? dg.viewAsReal(x.detach()) : x.detach();
  return real.flatten().tolist() as number[];
}

/** The largest absolute value, NaN where one is. */
function size(x: Tensor): number {
  return x.numel() === 0 ? 0 : x.detach().abs().amax().item();
}

function assertBelow(error: number, most: number, what: string): void {
  assert(error <= most, `${what}: ${error}, at most ${most}`);
}

/** The largest difference between the numbers of two lists. */
function distance(found: readonly number[], wanted: readonly number[]): number {
  assertEquals(found.length, wanted.length);
  return found.reduce((m, v, i) => Math.max(m, Math.abs(v - wanted[i]!)), 0);
}

/** Checks what holds for every matrix: `x @ v = v * values`, lengths, phases and pairs. */
function checkDecomposition(x: Tensor, what: string): void {
  const { eigenvalues, eigenvectors: v } = linalg.eig(x);
  const n = x.size(-1);
  assertEquals([...eigenvalues.shape], x.shape.slice(0, -1), what);
  assertEquals([...v.shape], [...x.shape], what);
  const wide = x.dtype === "float64";
  assertEquals(v.dtype, wide ? "complex128" : "complex64");
  assertEquals(eigenvalues.dtype, v.dtype);
  if (x.numel() === 0) return;
  const rounding = (wide ? 2 ** -52 : 2 ** -23) * (8 + 4 * Math.sqrt(n));
  const norm = Math.max(size(x), 1e-300);
  const scaled = x.div(norm);
  const product = scaled.to(v.dtype).matmul(v);
  const values = eigenvalues.div(norm);
  const error = size(product.sub(v.mul(values.unsqueeze(-2))));
  assertBelow(error, 4 * n * rounding, `${what}: x @ v`);
  const lengths = v.abs().square().sum(-2).sqrt();
  assertBelow(size(lengths.sub(1)), rounding, `${what}: lengths`);
  const alone = linalg.eigvals(x);
  assertEquals(alone.shape, eigenvalues.shape);
  checkPairs(eigenvalues.reshape([-1, n]), v.reshape([-1, n, n]), what);
}

/** Pairs are conjugates to the last digit, and the largest element of a vector is real. */
function checkPairs(values: Tensor, v: Tensor, what: string): void {
  const n = values.size(-1);
  for (let b = 0; b < values.size(0); b++) {
    const im = values.at(b).imag.tolist() as number[];
    for (let i = 0; i < n; i++) {
      const vector = v.at(b, ":", i);
      if (im[i] === 0) {
        assertEquals(size(vector.imag), 0, what);
        continue;
      }
      assert(im[i]! > 0, `${what}: the positive one comes first`);
      const other = values.at(b, i + 1);
      assertEquals(numbers(other.conj()), numbers(values.at(b, i)), what);
      assertEquals(numbers(v.at(b, ":", i + 1).conj()), numbers(vector));
      const largest = vector.abs();
      const real = vector.real.abs().mul(vector.imag.eq(0));
      assertBelow(size(largest) - size(real), 1e-6, `${what}: phase`);
      i++;
    }
  }
}

/** The losses of the goldens. */
function losses(x: Tensor): Tensor[] {
  const { eigenvalues, eigenvectors } = linalg.eig(x);
  const { real, imag } = eigenvalues;
  const n = x.size(-1);
  const weights = dg.arange(1, n + 1, { dtype: x.dtype }).div(3);
  const sizes = eigenvectors.abs().square().mul(weights.unsqueeze(-1));
  return [
    real.square().add(imag.square().mul(2)).sum(),
    sizes.mul(eigenvalues.abs().add(1).unsqueeze(-2)).sum(),
  ];
}

for (const golden of CASES) {
  Deno.test(`eig: ${golden.name}`, () => {
    const { shape, dtype, data, values, room, grads } = golden;
    const x = dg.tensor([...data], { dtype }).reshape([...shape]);
    x.requiresGrad_();
    const seen = golden.turned ? x.mT : x;
    checkDecomposition(seen.detach(), golden.name);
    // The order is LAPACK's here, wherever it could differ.
    for (const found of [linalg.eigvals(seen), linalg.eigvals(seen.detach())]) {
      assertBelow(distance(numbers(found), values), room, "values");
    }
    grads?.forEach((wanted, k) => {
      x.grad = null;
      losses(golden.turned ? x.mT : x)[k]!.backward();
      const most = wanted.reduce((m, g) => Math.max(m, Math.abs(g)), 1);
      const away = distance(numbers(x.grad!), wanted);
      assertBelow(away / most, golden.gradRoom!, `gradient ${k}`);
    });
  });
}

/** Random matrices, the same in every run. */
function random(
  shape: readonly number[],
  dtype: "float32" | "float64",
): Tensor {
  const generator = new dg.Generator(shape.reduce((n, k) => 31 * n + k, 5));
  return dg.randn(shape, { dtype, generator });
}

Deno.test("eig: random matrices of all sizes, and views of them", () => {
  for (const dtype of ["float32", "float64"] as const) {
    for (const n of [2, 3, 6, 7, 17, 33, 64, 100]) {
      const x = random([n, n], dtype);
      checkDecomposition(x, `${n}`);
      checkDecomposition(x.mT, `${n}, transposed`);
      checkDecomposition(x.triu(), `${n}, triangular`);
      checkDecomposition(x.sign(), `${n}, signs`);
      // Scaled much further, errors beside the largest element grow, and do so in
      // PyTorch: to 4e-9 of a Hessenberg matrix of 100 rows.
      const far = dg.linspace(-2, 2, n, { dtype }).exp();
      checkDecomposition(x.mul(far), `${n}, scaled`);
    }
    const cube = random([2, 3, 5, 10], dtype).at("...", "::2");
    checkDecomposition(cube, "steps");
    checkDecomposition(cube.transpose(0, 1), "other batches");
    checkDecomposition(cube.at(0, 0).expand([3, 5, 5]), "expanded");
  }
});

Deno.test("eig: the sum of eigenvalues is the trace, their product the determinant", () => {
  for (const n of [5, 20, 80]) {
    const x = random([n, n], "float64").div(Math.sqrt(n));
    const values = linalg.eigvals(x);
    const sum = numbers(values.sum());
    assertBelow(Math.abs(sum[0]! - x.trace().item()), 1e-12, "trace");
    assertBelow(Math.abs(sum[1]!), 1e-15, "imaginary part of the trace");
    const { logabsdet } = linalg.slogdet(x);
    const logs = values.abs().log().sum();
    assertBelow(Math.abs(logs.sub(logabsdet).item()), 1e-10, "determinant");
  }
});

Deno.test("eig: first and second derivatives are those of finite differences", () => {
  const x = random([4, 4], "float64").requiresGrad_();
  const pairs = dg.tensor([[0, 2, 0.3], [-1, 0.5, 0], [0.2, 0, 2]], {
    dtype: "float64",
    requiresGrad: true,
  });
  for (const a of [x, pairs]) {
    const values = (x: Tensor) => dg.viewAsReal(linalg.eigvals(x));
    const vectors = (x: Tensor) => {
      const { eigenvalues, eigenvectors } = linalg.eig(x);
      const scaled = eigenvectors.mul(eigenvalues);
      return [eigenvectors.abs(), scaled.abs().square()];
    };
    // What phases cancel in: a function of the matrix.
    const root = (x: Tensor) => {
      const { eigenvalues, eigenvectors } = linalg.eig(x);
      const p = eigenvectors.mul(eigenvalues.square());
      return p.matmul(eigenvectors.mH).abs();
    };
    for (const fn of [values, vectors, root]) {
      assert(dg.autograd.gradcheck(fn, [a]));
      assert(dg.autograd.gradgradcheck(fn, [a]));
    }
  }
});

Deno.test("eig: nodes, losses that phases decide, and what vmap sees", () => {
  const x = dg.tensor([[0, 1], [-1, 0.5]], { requiresGrad: true });
  const { eigenvalues, eigenvectors } = linalg.eig(x);
  for (const y of [eigenvalues, eigenvectors, linalg.eigvals(x)]) {
    assertEquals(y.gradFn!.name, "LinalgEigBackward0");
  }
  assertThrows(
    () => eigenvectors.imag.sum().backward(),
    dg.RuntimeError,
    "linalg_eig_backward: The eigenvectors in the complex case are specified up to multiplication by e^{i phi}. The specified loss function depends on this quantity, so it is ill-defined.",
  );
  const batch = random([2, 3, 4, 4], "float64");
  for (const fn of [linalg.eigvals, (x: Tensor) => linalg.eig(x)[1]]) {
    const mapped = dg.func.vmap(dg.func.vmap(fn))(batch);
    assertEquals(mapped.tolist(), fn(batch).tolist());
  }
  const sum = (x: Tensor) => losses(x)[1]!;
  const grads = dg.func.vmap(dg.func.grad(sum))(batch.at(0));
  const one = dg.func.grad(sum)(batch.at(0, 2));
  assertBelow(size(grads.at(2).sub(one)), 1e-12, "gradient under vmap");
});

Deno.test("eig: what is not finite, not square or of another type", () => {
  const fails = (fn: () => unknown, text: string) => {
    assertThrows(fn, dg.RuntimeError, text);
  };
  for (const value of [NaN, Infinity]) {
    const x = dg.tensor([[1, value], [3, 4]]);
    const both = dg.stack([dg.eye(2), x]);
    const text =
      "torch.linalg.eig: input tensor should not contain infs or NaNs.";
    fails(() => linalg.eig(x), text);
    fails(() => linalg.eig(both), text);
    fails(() => linalg.eigvals(x.clone().requiresGrad_()), text);
    const values = dg.viewAsReal(linalg.eigvals(both));
    assertEquals(values.tolist(), [[[1, 0], [1, 0]], [[NaN, NaN], [NaN, NaN]]]);
  }
  for (const name of ["eig", "eigvals"] as const) {
    const fn: (x: Tensor) => unknown = linalg[name];
    fails(
      () => fn(dg.ones(2)),
      `linalg.${name}: The input tensor A must have at least 2 dimensions.`,
    );
    fails(
      () => fn(dg.ones([2, 3])),
      `linalg.${name}: A must be batches of square matrices, but they are 2 by 3 matrices`,
    );
    const square = dg.ones([2, 2]);
    fails(() => fn(square.long()), "Unknown Complex ScalarType for Long");
    fails(
      () => fn(square.half()),
      "\"linalg_eig_out_cpu\" not implemented for 'Half'",
    );
  }
});
