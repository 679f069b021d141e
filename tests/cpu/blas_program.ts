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

const name = blasName();
for (const [dtype, tolerance] of [[dg.float32, 1e-4], [dg.float64, 1e-12]]) {
  for (const [x, y] of pairs(dtype as dg.DType)) {
    const byBlas = dg.matmul(x, y);
    const { blasLeast } = TUNING;
    TUNING.blasLeast = Infinity;
    const own = dg.matmul(x, y);
    TUNING.blasLeast = blasLeast;
    assert(
      dg.allclose(byBlas, own, { rtol: 0, atol: tolerance as number }),
      `a product of ${x.shape} and ${y.shape} differs`,
    );
  }
}
console.log(name ?? "none");
