// Compares products by BLAS with those of the engine's own, and prints which
// library served. blas_test.ts runs it in a process of its own.

import { assert } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { blasName } from "../../src/cpu/blas.ts";
import { TUNING } from "../../src/cpu/tuning.ts";

/** Every way in which operands may lie: in order, transposed, a slice, a gap in both dimensions, a batch. */
function* pairs(dtype: dg.DType): Generator<[dg.Tensor, dg.Tensor]> {
  const x = dg.randn([70, 80], { dtype });
  const y = dg.randn([80, 90], { dtype });
  yield [x, y];
  yield [dg.randn([80, 70], { dtype }).t(), y];
  yield [x, dg.randn([90, 80], { dtype }).t()];
  yield [dg.randn([80, 70], { dtype }).t(), dg.randn([90, 80], { dtype }).t()];
  yield [dg.randn([90, 100], { dtype }).narrow(0, 7, 70).narrow(1, 3, 80), y];
  yield [x, dg.randn([80, 90, 2], { dtype }).select(2, 1)];
  yield [dg.randn([3, 70, 80], { dtype }), dg.randn([3, 80, 90], { dtype })];
  yield [dg.randn([3, 70, 80], { dtype }), y];
  yield [dg.randn([70, 3, 80], { dtype }).transpose(0, 1), y];
}

/** Runs with products of more than so many multiply-adds by BLAS. */
function withLeast<T>(least: number, body: () => T): T {
  const { blasLeast } = TUNING;
  TUNING.blasLeast = least;
  try {
    return body();
  } finally {
    TUNING.blasLeast = blasLeast;
  }
}

function pick(n: number): number {
  return dg.randint(n, [1]).item() as number;
}

/** A batch of matrices that lies in memory in one of many ways. */
function operand(b: number, r: number, c: number, dtype: dg.DType): dg.Tensor {
  const dense = (shape: number[]) => dg.randn(shape, { dtype });
  return [
    () => dense([b, r, c]),
    () => dense([b, c, r]).transpose(1, 2),
    () => dense([b, r + 2, c + 3]).narrow(1, 1, r).narrow(2, 2, c),
    () => dense([b, c + 1, r + 5]).narrow(1, 1, c).narrow(2, 3, r).mT,
    () => dense([r, b, c]).transpose(0, 1),
    () => dense([r, c]).expand([b, r, c]),
    () => dense([b, r, c, 2]).select(3, 1),
    () => dense([1, c]).expand([b, r, c]),
  ][pick(8)]!();
}

/** What a product is added to, of any shape that broadcasts to its own. */
function addend(b: number, m: number, n: number, dtype: dg.DType): dg.Tensor {
  return [
    () => operand(b, m, n, dtype),
    () => dg.randn([n], { dtype }),
    () => dg.randn([m, 1], { dtype }),
    () => dg.randn([b, 1, n], { dtype }),
    () => dg.randn([], { dtype }),
  ][pick(5)]!();
}

function fuzz(dtype: dg.DType, tolerance: number): void {
  for (let i = 0; i < 150; i++) {
    const [b, m, n, k] = [
      1 + pick(3),
      8 + pick(90),
      8 + pick(90),
      8 + pick(90),
    ];
    const x = operand(b, m, k, dtype);
    const y = operand(b, k, n, dtype);
    const to = addend(b, m, n, dtype);
    const options = [{}, { beta: 0 }, { alpha: -0.5, beta: 2 }][pick(3)]!;
    const product = () => dg.baddbmm(to, x, y, options);
    const [byBlas, own] = [0, Infinity].map((at) => withLeast(at, product));
    const close = { rtol: 0, atol: 4 * tolerance };
    assert(
      dg.allclose(byBlas!, own!, close),
      `${to.shape} and [${[b, m, n, k]}] with ${JSON.stringify(options)}`,
    );
  }
}

/** Convolutions whose windows BLAS multiplies: results and both gradients. */
function convolve(dtype: dg.DType, tolerance: number): void {
  for (let i = 0; i < 30; i++) {
    const groups = 1 + pick(2);
    const stride = [1 + pick(2), 1 + pick(2)];
    const [c, d] = [1 + pick(60), 48 + pick(20)];
    const shape = [1 + pick(3), groups * c, 5 + pick(12), 6 + pick(12)];
    const x = dg.randn(shape, { dtype, requiresGrad: true });
    const window = [groups * d, c, 1 + pick(3), 1 + pick(4)];
    const w = dg.randn(window, { dtype, requiresGrad: true });
    const bias = pick(2) === 0 ? null : dg.randn([groups * d], { dtype });
    const options = { bias, groups, stride, padding: [pick(2), pick(3)] };
    const all = () => {
      const out = dg.conv2d(x, w, options);
      const gradOutputs = out.detach().cos();
      return [out, ...dg.autograd.grad(out, [x, w], { gradOutputs })];
    };
    const [byBlas, own] = [0, Infinity].map((at) => withLeast(at, all));
    byBlas!.forEach((found, k) => {
      const close = { rtol: tolerance, atol: 10 * tolerance };
      const text = `${shape} and ${window} with ${JSON.stringify(options)}`;
      assert(dg.allclose(found!, own![k]!, close), text);
    });
  }
}

const name = blasName();
for (const [dtype, tolerance] of [[dg.float32, 1e-4], [dg.float64, 1e-12]]) {
  for (const [x, y] of pairs(dtype as dg.DType)) {
    const byBlas = dg.matmul(x, y);
    const own = withLeast(Infinity, () => dg.matmul(x, y));
    assert(
      dg.allclose(byBlas, own, { rtol: 0, atol: tolerance as number }),
      `a product of ${x.shape} and ${y.shape} differs`,
    );
  }
  fuzz(dtype as dg.DType, tolerance as number);
  convolve(dtype as dg.DType, tolerance as number);
}
console.log(name ?? "none");
