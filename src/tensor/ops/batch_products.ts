// Products of batches of matrices, added to a tensor.

import { IN1, IN2 } from "../../grad/node.ts";
import {
  type AddProductOptions,
  checkAddedTypes,
  checkExpands,
  checkTarget,
  type Factors,
  factors,
  scaled,
} from "../added_product.ts";
import { RuntimeError } from "../errors.ts";
import { inplace } from "../inplace.ts";
import { defineKernel, run } from "../kernel_op.ts";
import {
  type Addition,
  batchProduct,
  matrixProduct,
} from "../matrix_kernel.ts";
import { commonDeviceOf } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { checkBatches, checkBatchType } from "../product_checks.ts";

const BADDBMM = defineKernel<Factors>({
  name: "baddbmm",
  forward: ([x, a, b], factors) => batchProduct(a!, b!, { x: x!, factors }),
  vjps: [
    (g, _n, f) => scaled(g, f.beta),
    (g, n, f) => scaled(g.bmm(n.input(2).transpose(1, 2)), f.alpha),
    (g, n, f) => scaled(n.input(1).transpose(1, 2).bmm(g), f.alpha),
  ],
  saves: [0, IN2, IN1],
});

function baddbmmTo(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options: AddProductOptions | undefined,
  bound: boolean,
): Tensor {
  const f = factors(options, "baddbmm", x);
  const shape = [batch1.size(0), batch1.size(1), batch2.size(2)];
  if (!bound) checkExpands(x, shape);
  checkBatches(batch1, batch2);
  if (x.info !== batch1.info) {
    throw new RuntimeError(
      `Input dtypes must be the same, got: input ${x.info.cName}, batch1: ${batch1.info.cName}, batch2: ${batch2.info.cName}`,
      `convert the others, for example with to("${batch1.info.name}")`,
    );
  }
  checkBatchType(batch1, batch2, "baddbmm");
  commonDeviceOf([x, batch1, batch2]);
  if (bound) checkTarget(x, shape);
  return run(BADDBMM, [x, batch1, batch2], f);
}

/**
 * Adds the products of a batch of matrices:
 * `beta * x + alpha * bmm(batch1, batch2)`; `x` broadcasts to the product's
 * shape. See `torch.baddbmm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.ones([3, 2, 2]);
 * assertEquals(dg.baddbmm(x, x, x).sum().item(), 36);
 * ```
 */
export function baddbmm(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return baddbmmTo(x, batch1, batch2, options, false);
}

/** Adds the products of a batch of matrices to `x` in place; see {@linkcode baddbmm}. */
export function baddbmm_(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return inplace(
    x,
    [batch1, batch2],
    (self) => baddbmmTo(self, batch1, batch2, options, true),
  );
}

const ADDBMM = defineKernel<Factors>({
  name: "addbmm",
  forward: ([x, a, b], factors) => sumOfProducts(a!, b!, { x: x!, factors }),
  vjps: [
    (g, _n, f) => scaled(g, f.beta),
    (g, n, f) => {
      const other = n.input(2).transpose(1, 2);
      return scaled(repeated(g, other).bmm(other), f.alpha);
    },
    (g, n, f) => {
      const other = n.input(1).transpose(1, 2);
      return scaled(other.bmm(repeated(g, other)), f.alpha);
    },
  ],
  saves: [0, IN2, IN1],
});

function repeated(g: Tensor, batch: Tensor): Tensor {
  return g.unsqueeze(0).expand([batch.shape[0]!, -1, -1]);
}

/** The sum of the products of a batch: one product of the matrices side by side. */
function sumOfProducts(a: Tensor, b: Tensor, to: Addition): Tensor {
  const [count, m, k] = a.shape as [number, number, number];
  const left = a.transpose(0, 1).reshape([m, count * k]);
  return matrixProduct(left, b.reshape([count * k, b.shape[2]!]), to);
}

function addbmmTo(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options: AddProductOptions | undefined,
): Tensor {
  const f = factors(options, "addbmm", x);
  const shape = [batch1.size(1), batch2.size(2)];
  checkExpands(x, shape);
  if (batch1.shape.length !== 3) {
    throw new RuntimeError("batch1 must be a 3D tensor");
  }
  if (batch2.shape.length !== 3) {
    throw new RuntimeError("batch2 must be a 3D tensor");
  }
  if (batch1.shape[0] !== batch2.shape[0]) {
    throw new RuntimeError(
      `batch1 and batch2 must have same number of batches, got ${
        batch1.shape[0]
      } and ${batch2.shape[0]}`,
    );
  }
  if (batch1.shape[2] !== batch2.shape[1]) {
    throw new RuntimeError(
      `Incompatible matrix sizes for bmm (${batch1.shape[1]}x${
        batch1.shape[2]
      } and ${batch2.shape[1]}x${batch2.shape[2]})`,
    );
  }
  checkAddedTypes(x, batch1, batch2);
  commonDeviceOf([x, batch1, batch2]);
  return run(ADDBMM, [x, batch1, batch2], f);
}

/**
 * Adds the sum of the products of a batch of matrices:
 * `beta * x + alpha * sum(bmm(batch1, batch2), 0)`; `x` broadcasts to the
 * product's shape. See `torch.addbmm`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const batch = dg.ones([3, 2, 2]);
 * assertEquals(dg.addbmm(dg.ones(2), batch, batch).tolist(), [[7, 7], [7, 7]]);
 * ```
 */
export function addbmm(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return addbmmTo(x, batch1, batch2, options);
}

/** Adds the sum of the products of a batch of matrices to `x` in place; see {@linkcode addbmm}. */
export function addbmm_(
  x: Tensor,
  batch1: Tensor,
  batch2: Tensor,
  options?: AddProductOptions,
): Tensor {
  return inplace(
    x,
    [batch1, batch2],
    (self) => addbmmTo(self, batch1, batch2, options),
  );
}
