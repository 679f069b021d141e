// What products refuse: operands of other ranks, shapes or types than their
// names say, each with PyTorch's sentence.

import { RuntimeError } from "./errors.ts";
import type { DTypeInfo } from "./dtype.ts";
import { commonDevice } from "./op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Fails where the product of a type is not defined; PyTorch does not look at empty operands. */
export function checkProduct(info: DTypeInfo, kernel: string): void {
  if (info.category !== 0) return;
  throw new RuntimeError(
    `"${kernel}" not implemented for 'Bool'`,
    "convert the mask to numbers, for example with int()",
  );
}

/** Fails where a matrix and a vector cannot be multiplied and added to `input`, of shape `size`. */
export function checkMatrixVector(
  input: Tensor | null,
  size: Shape,
  x: Tensor,
  vec: Tensor,
): void {
  const type = (input ?? vec).info;
  if (x.shape.length !== 2 || vec.shape.length !== 1 || size.length > 1) {
    throw new RuntimeError(
      `vector + matrix @ vector expected, got ${size.length}, ${x.shape.length}, ${vec.shape.length}`,
    );
  }
  const [m, k] = x.shape as [number, number];
  const own = size.length === 0 ? m : size[0]!;
  if (k !== vec.shape[0] || (own !== m && own !== 1)) {
    throw new RuntimeError(
      `size mismatch, got input (${own}), mat (${m}x${k}), vec (${
        vec.shape[0]
      })`,
    );
  }
  if (type !== x.info || x.info !== vec.info) {
    throw new RuntimeError(
      `addmv input tensors must have the same dtype, but got ${type.scalarName}, ${x.info.scalarName}, and ${vec.info.scalarName}`,
      `convert the others, for example with to("${x.info.name}")`,
    );
  }
  if (x.count > 0) checkProduct(x.info, "addmv_impl_cpu");
}

/** Fails where the inner dimensions of two matrices differ. */
export function checkInner(x: Tensor, y: Tensor): void {
  if (x.shape[1] === y.shape[0]) return;
  throw new RuntimeError(
    `mat1 and mat2 shapes cannot be multiplied (${x.shape[0]}x${
      x.shape[1]
    } and ${y.shape[0]}x${y.shape[1]})`,
    "the second dimension of the first must equal the first dimension of the second; t() transposes a matrix",
  );
}

/** Says how two operands come to one type: the second is mostly a weight, and integers become what the other is. */
export function adviseType(x: Tensor, y: Tensor): string {
  const { name } = (y.info.category < x.info.category ? x : y).info;
  return `convert one of them, for example with to("${name}")`;
}

/** Fails where two matrices have different types, or one that has no product. */
export function checkSameType(x: Tensor, y: Tensor): void {
  if (x.info !== y.info) {
    throw new RuntimeError(
      `expected m1 and m2 to have the same dtype, but got: ${x.info.cName} != ${y.info.cName}`,
      adviseType(x, y),
    );
  }
  if (x.count > 0) checkProduct(x.info, "addmm_impl_cpu_");
}

/** Fails where two batches of matrices cannot be multiplied. */
export function checkBatches(x: Tensor, y: Tensor): void {
  if (x.shape.length !== 3) {
    throw new RuntimeError("batch1 must be a 3D tensor");
  }
  if (y.shape.length !== 3) {
    throw new RuntimeError("batch2 must be a 3D tensor");
  }
  if (x.shape[0] !== y.shape[0] || x.shape[2] !== y.shape[1]) {
    throw new RuntimeError(
      `Expected size for first two dimensions of batch2 tensor to be: [${
        x.shape[0]
      }, ${x.shape[2]}] but got: [${y.shape[0]}, ${y.shape[1]}].`,
    );
  }
}

/** Fails where two batches have different types or devices, or a type that has no product. */
export function checkBatchType(x: Tensor, y: Tensor, kernel: string): void {
  if (x.info !== y.info) {
    throw new RuntimeError(
      `expected scalar type ${x.info.scalarName} but found ${y.info.scalarName}`,
      adviseType(x, y),
    );
  }
  commonDevice(x, y);
  if (x.count > 0) checkProduct(x.info, kernel);
}
