// Fused row kernels on the WebAssembly path against the loops in JavaScript:
// all lengths around a vector's width, every dimension, strided and repeated
// operands, special values, and any number of threads.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { TUNING } from "../../src/cpu/tuning.ts";

const F = dg.nn.functional;
type Tensor = dg.Tensor;

/** Runs with the kernels for every size, or without any. */
function withKernels<T>(on: boolean, run: () => T): T {
  const before = { ...TUNING };
  const least = on ? 1 : Infinity;
  Object.assign(TUNING, { mapLeast: least, reduceLeast: least });
  try {
    return run();
  } finally {
    Object.assign(TUNING, before);
  }
}

/** Fails unless numbers agree; NaN and infinities must be the same. */
function assertNear(
  what: string,
  actual: Tensor,
  expected: Tensor,
  tolerance: number,
): void {
  assertEquals(actual.shape, expected.shape, what);
  const [a, b] = [actual.typedArray(), expected.typedArray()];
  for (let i = 0; i < a.length; i++) {
    const [p, q] = [Number(a[i]), Number(b[i])];
    if (Object.is(p, q) || Math.abs(p - q) <= tolerance * (1 + Math.abs(q))) {
      continue;
    }
    throw new Error(`${what}: element ${i} is ${p}, expected ${q}`);
  }
}

/** A function of tensors, its result and its gradients on both paths. */
function compare(
  what: string,
  inputs: readonly Tensor[],
  fn: (...x: Tensor[]) => Tensor,
): void {
  const outcome = (): Tensor[] => {
    const leaves = inputs.map((x) => x.detach().requiresGrad_());
    const out = fn(...leaves);
    const seed = dg.linspace(-1, 1, out.numel(), { dtype: out.dtype })
      .cos().reshape(out.shape);
    const grads = dg.autograd.grad([out], leaves, { gradOutputs: [seed] });
    return [out.detach(), ...grads.map((g) => g!)];
  };
  const kernels = withKernels(true, outcome);
  const loops = withKernels(false, outcome);
  const tolerance = inputs[0]!.dtype === "float64" ? 1e-12 : 4e-6;
  kernels.forEach((x, i) =>
    assertNear(`${what}, result ${i}`, x, loops[i]!, tolerance)
  );
}

const DTYPES = ["float32", "float64"] as const;
const SHAPES = [
  [1],
  [2],
  [3],
  [5],
  [40],
  [7, 33],
  [33, 7],
  [3, 16],
  [5, 3, 21],
  [4, 9, 18],
  [2, 3, 4, 5],
  [2, 600],
  [3, 1100],
];

Deno.test("softmax and its logarithm along every dimension", () => {
  dg.manualSeed(1);
  for (const dtype of DTYPES) {
    for (const shape of SHAPES) {
      const x = dg.randn(shape, { dtype }).mul(4);
      for (let dim = 0; dim < shape.length; dim++) {
        const what = `${dtype} [${shape}], dim ${dim}`;
        compare(`softmax ${what}`, [x], (x) => x.softmax(dim));
        compare(`logSoftmax ${what}`, [x], (x) => x.logSoftmax(dim));
      }
    }
  }
});

Deno.test("rows of strided and repeated tensors", () => {
  dg.manualSeed(2);
  for (const dtype of DTYPES) {
    const x = dg.randn([6, 9, 11], { dtype });
    const views: Record<string, Tensor> = {
      transposed: x.transpose(0, 2),
      middle: x.transpose(1, 2),
      stepped: x.at("::2", ":", "::3"),
      part: x.narrow(2, 1, 7).narrow(0, 2, 3),
      repeated: x.narrow(1, 0, 1).expand([6, 5, 11]),
      same: x.narrow(2, 0, 1).expand([6, 9, 40]),
    };
    for (const [name, view] of Object.entries(views)) {
      for (const dim of [0, 1, 2]) {
        for (const op of ["softmax", "logSoftmax"] as const) {
          const run = () => view[op](dim);
          const what = `${dtype} ${op} ${name}, dim ${dim}`;
          const kernels = withKernels(true, run);
          assertNear(what, kernels, withKernels(false, run), 4e-6);
        }
      }
    }
  }
});

Deno.test("a gradient that repeats one element", () => {
  for (const dim of [0, 1]) {
    const gradient = (): Tensor => {
      const x = dg.arange(120).reshape([10, 12]).sin().requiresGrad_();
      const [g] = dg.autograd.grad([x.logSoftmax(dim).sum()], [x]);
      return g!;
    };
    const kernels = withKernels(true, gradient);
    assertNear(`dim ${dim}`, kernels, withKernels(false, gradient), 4e-6);
  }
});

Deno.test("gradients of norms that repeat one element, by kernels", () => {
  const norms: Record<string, (x: Tensor, w: Tensor, b: Tensor) => Tensor> = {
    layer: (x, weight, bias) => F.layerNorm(x, [24], { weight, bias }),
    group: (x, weight, bias) => F.groupNorm(x, 4, { weight, bias }),
    batch: (x, weight, bias) =>
      F.batchNorm(x, null, null, { weight, bias, training: true }),
  };
  for (const [name, norm] of Object.entries(norms)) {
    const gradients = (): Tensor[] => {
      const x = dg.arange(240).reshape([10, 24]).sin().requiresGrad_();
      const weight = dg.arange(24).cos().requiresGrad_();
      const bias = dg.zeros([24]).requiresGrad_();
      const sum = norm(x, weight, bias).sum();
      const grads = dg.autograd.grad([sum], [x, weight, bias]);
      return grads.map((g) => g!);
    };
    const kernels = withKernels(true, gradients);
    const loops = withKernels(false, gradients);
    kernels.forEach((g, k) =>
      assertNear(`${name}, input ${k}`, g, loops[k]!, 4e-6)
    );
    const { rows } = withKernels(true, () => dg.explain(gradients));
    for (const { op, path } of rows) {
      if (op.includes("orm")) {
        assertEquals(path, "WebAssembly", `${name} ${op}`);
      }
    }
  }
});

Deno.test("special values in rows", () => {
  for (const dtype of DTYPES) {
    for (const special of [NaN, Infinity, -Infinity, 1e30, -1e30, -0]) {
      for (const at of [0, 5, 36]) {
        const values = Array.from({ length: 37 }, (_, i) => Math.sin(i));
        values[at] = special;
        const x = dg.tensor(values, { dtype }).reshape([1, 37]);
        for (const y of [x, x.reshape([37, 1]).expand([37, 6])]) {
          const dim = y === x ? 1 : 0;
          for (const op of ["softmax", "logSoftmax"] as const) {
            const run = () => y[op](dim);
            const what = `${dtype} ${op} with ${special} at ${at}, dim ${dim}`;
            const kernels = withKernels(true, run);
            assertNear(what, kernels, withKernels(false, run), 4e-6);
          }
        }
      }
    }
  }
  const none = withKernels(true, () => dg.full([2, 40], -Infinity).softmax(1));
  assertEquals(none.isnan().all().item<boolean>(), true);
});

Deno.test("float64 exponentials and logarithms are exact to the last digits", () => {
  const x = dg.linspace(-745, 0, 4001, { dtype: "float64" });
  const rows = dg.stack([x, dg.zeros(4001, { dtype: "float64" })], 1);
  const out = withKernels(true, () => rows.softmax(1));
  const logs = withKernels(true, () => rows.logSoftmax(1));
  const [p, l, at] = [out.typedArray(), logs.typedArray(), x.typedArray()];
  for (let i = 0; i < at.length; i++) {
    const e = Math.exp(Number(at[i]));
    const wanted = e / (1 + e);
    const error = Math.abs(Number(p[2 * i]) - wanted);
    assertEquals(error <= 1e-15 * wanted + 5e-324, true, `exp(${at[i]})`);
    const log = -Math.log1p(e);
    const off = Math.abs(Number(l[2 * i + 1]) - log);
    assertEquals(off <= 4e-16 + 1e-15 * Math.abs(log), true, `log ${at[i]}`);
  }
});

Deno.test("losses and norms", () => {
  dg.manualSeed(3);
  for (const dtype of DTYPES) {
    const make = (shape: number[]) => dg.randn(shape, { dtype });
    const t = dg.randint(0, 5, [37], { dtype: "int64" });
    compare(
      `${dtype} mseLoss`,
      [make([9, 7]), make([9, 7])],
      (x, y) => F.mseLoss(x, y),
    );
    compare(
      `${dtype} binaryCrossEntropyWithLogits`,
      [make([50]).mul(30), make([50]).sigmoid()],
      (x, y) => F.binaryCrossEntropyWithLogits(x, y, { reduction: "none" }),
    );
    compare(
      `${dtype} crossEntropy`,
      [make([37, 5])],
      (x) => F.crossEntropy(x, t),
    );
    const many = dg.randint(0, 600, [40], { dtype: "int64" });
    many.setAt_([3], -100);
    compare(
      `${dtype} crossEntropy in one kernel`,
      [make([40, 600]).mul(5)],
      (x) => F.crossEntropy(x, many),
    );
    for (const width of [1, 3, 16, 37, 513]) {
      compare(
        `${dtype} layerNorm ${width}`,
        [make([9, width]), make([width]), make([width])],
        (x, weight, bias) => F.layerNorm(x, width, { weight, bias, eps: 0.1 }),
      );
    }
    for (const shape of [[6, 8], [3, 8, 5], [2, 8, 3, 7]]) {
      const training = true;
      compare(
        `${dtype} batchNorm [${shape}]`,
        [make(shape), make([8]), make([8])],
        (x, weight, bias) =>
          F.batchNorm(x, null, null, { weight, bias, training, eps: 0.1 }),
      );
      compare(
        `${dtype} groupNorm [${shape}]`,
        [make(shape), make([8]), make([8])],
        (x, weight, bias) => F.groupNorm(x, 2, { weight, bias, eps: 0.1 }),
      );
      compare(
        `${dtype} groupNorm of single channels [${shape}]`,
        [make([...shape, 2])],
        (x) => F.groupNorm(x, 8, { eps: 0.1 }),
      );
    }
  }
});

Deno.test("rows do not depend on the number of threads", () => {
  dg.manualSeed(4);
  const x = dg.randn([64, 700]);
  const before = dg.getNumThreads();
  const results = [1, 2, 3].map((count) => {
    dg.setNumThreads(count);
    return [x.softmax(0), x.logSoftmax(1), F.layerNorm(x, 700)]
      .map((y) => y.tolist());
  });
  dg.setNumThreads(before);
  assertEquals(results[1], results[0]);
  assertEquals(results[2], results[0]);
});
