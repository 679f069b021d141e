// What recurrent layers ask of the CPU: updates of pieces whose rows lie apart,
// on WebAssembly against JavaScript, and products that share a packed weight.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { emptyReserves } from "../../src/cpu/heap.ts";
import { TUNING } from "../../src/cpu/tuning.ts";
import type { Strided } from "../../src/tensor/device.ts";
import { call, input } from "../../src/tensor/expr.ts";
import * as steps from "../../src/tensor/ops/recurrent_steps.ts";
import { defineUpdate } from "../../src/tensor/update_op.ts";

/** A matrix that is only read, one that changes, and one that is only written. */
const KERNEL = defineUpdate(3, (x, y) => [
  null,
  call("add", call("mul", x!, y!), 1),
  call("tanh", call("add", input(0), y!)),
]);

Deno.test("updates of rows that lie apart", () => {
  for (const dtype of ["float32", "float64", "bfloat16"] as const) {
    for (const columns of [1, 3, 4, 7, 8, 9, 17, 40]) {
      const results = [0, Infinity].map((least) => {
        const { mapLeast } = TUNING;
        TUNING.mapLeast = least;
        try {
          dg.manualSeed(columns);
          const [x, y, z] = [3, 2, 5].map((more) =>
            dg.randn([6, columns + more]).to(dtype)
          ) as [dg.Tensor, dg.Tensor, dg.Tensor];
          const piece = (t: dg.Tensor): Strided =>
            steps.piece(t, 1, 4, 1, columns);
          steps.change(KERNEL, piece(x), piece(y), piece(z));
          return [x, y, z].map((t) => t.double());
        } finally {
          TUNING.mapLeast = mapLeast;
        }
      });
      const [ours, oracle] = results as [dg.Tensor[], dg.Tensor[]];
      // The two paths' tanh may differ by units in the last place.
      const unit = { float32: 2 ** -22, float64: 2 ** -51, bfloat16: 2 ** -7 };
      ours.forEach((t, k) => {
        const off = t.sub(oracle[k]!).abs().max().item() as number;
        assertEquals(off <= 4 * unit[dtype], true, `${dtype} ${columns}: ${k}`);
      });
    }
  }
});

Deno.test("products with one weight, whatever comes between them", () => {
  const [weight, other] = [dg.randn([96, 256]), dg.randn([96, 256])];
  const all = (x: dg.Tensor) => steps.piece(x, 0, x.shape[0]!);
  const right = steps.rightOf(all(weight), false);
  const once = (): void => {
    const x = dg.randn([20, 96]);
    const out = dg.empty([20, 256]);
    steps.product(all(out), all(x), right, null);
    assertEquals(out.equal(x.mm(weight)), true);
  };
  // Packed, kept; packed anew behind another product, a larger and a shortage.
  once();
  once();
  dg.randn([20, 96]).mm(other);
  once();
  dg.randn([300, 300]).mm(dg.randn([300, 400]));
  once();
  emptyReserves();
  dg.empty([200_000]).fill_(3);
  once();
  // Another mark says that the weight may have changed.
  weight.mul_(2);
  const [x, out] = [dg.randn([20, 96]), dg.empty([20, 256])];
  steps.product(all(out), all(x), steps.rightOf(all(weight), false), null);
  assertEquals(out.equal(x.mm(weight)), true);
});
