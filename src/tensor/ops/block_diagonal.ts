// A matrix made of others along its diagonal.

import type { Vjp } from "../../grad/node.ts";
import { checkArray } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { defineKernel, run } from "../kernel_op.ts";
import { castTo, commonDeviceOf, resultInfoOf } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { atleast2d } from "./unit_dimensions.ts";

/** Where each block begins: row and column. */
type Corners = readonly (readonly [row: number, column: number])[];

/** Rules for as many blocks as were ever joined at once: they differ in the number only. */
const VJPS: Vjp<Corners>[] = [];

/** Where block `k` lies in the whole. */
function blockOf(whole: Tensor, corners: Corners, k: number): Tensor {
  const [row, column] = corners[k]!;
  const [below, right] = corners[k + 1]!;
  return whole.narrow(0, row, below - row).narrow(1, column, right - column);
}

const BLOCK_DIAG = defineKernel<Corners>({
  name: "blockDiag",
  forward: (inputs, corners) => {
    const info = resultInfoOf(inputs);
    const [rows, columns] = corners.at(-1)!;
    const device = commonDeviceOf(inputs);
    const model = inputs.find((x) => x.storage.device === device)!;
    const out = model.newZeros([rows, columns], { dtype: info.name });
    inputs.forEach((x, k) => {
      blockOf(out, corners, k).copy_(castTo(atleast2d(x), info));
    });
    return out;
  },
  vjps: VJPS,
});

/**
 * A matrix with the given ones along its diagonal and zeros elsewhere. Vectors
 * count as rows, 0-d tensors as matrices of one element; types promote. See
 * `torch.block_diag`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.blockDiag([dg.tensor([[1], [2]]), dg.tensor([3, 4])]);
 * assertEquals(x.tolist(), [[1, 0, 0], [2, 0, 0], [0, 3, 4]]);
 * ```
 */
export function blockDiag(tensors: readonly Tensor[]): Tensor {
  checkArray(tensors, "blockDiag", "tensors");
  if (tensors.length === 0) {
    throw new RuntimeError(
      "torch.blockDiag: expected at least one tensor",
      "a matrix of no blocks has no type",
    );
  }
  let [row, column] = [0, 0];
  const corners: [number, number][] = [[0, 0]];
  tensors.forEach((x, k) => {
    const rank = x.shape.length;
    if (rank > 2) {
      throw new RuntimeError(
        `torch.blockDiag: Input tensors must have 2 or fewer dimensions. Input ${k} has ${rank} dimensions`,
      );
    }
    row += rank < 2 ? 1 : x.shape[0]!;
    column += x.shape.at(-1) ?? 1;
    corners.push([row, column]);
  });
  while (VJPS.length < tensors.length) {
    const k = VJPS.length;
    VJPS.push((g, n, corners) =>
      blockOf(g, corners, k).reshape(n.inputShape(k))
    );
  }
  return run(BLOCK_DIAG, tensors, corners);
}
