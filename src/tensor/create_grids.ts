// Grids and tables made of vectors: composites of differentiable ops.

import { readable } from "./batching.ts";
import { BOOL, promote } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import { arange } from "./create_ranges.ts";
import { empty, ones } from "./create_filled.ts";
import { stack } from "./ops/joining.ts";
import { checkOptions, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { isLong } from "./op.ts";

/** Options of {@linkcode meshgrid}. */
export interface MeshgridOptions {
  /** `"ij"` (matrix indexing, where not given) or `"xy"` (the first two dimensions swapped). */
  readonly indexing?: "ij" | "xy";
}

/**
 * Coordinate grids of vectors: one view per vector, constant along all
 * dimensions but its own. See `torch.meshgrid`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const [x, y] = dg.meshgrid([dg.tensor([1, 2]), dg.tensor([3, 4])]);
 * assertEquals(x!.tolist(), [[1, 1], [2, 2]]);
 * assertEquals(y!.tolist(), [[3, 4], [3, 4]]);
 * ```
 */
export function meshgrid(
  tensors: readonly Tensor[],
  options: MeshgridOptions = {},
): Tensor[] {
  checkOptions(options, ["indexing"], "meshgrid");
  const { indexing = "ij" } = options;
  const first = tensors[0];
  if (first === undefined) {
    throw new RuntimeError("meshgrid expects a non-empty TensorList");
  }
  for (const x of tensors) {
    if (x.shape.length > 1) {
      throw new RuntimeError(
        `meshgrid: Expected 0D or 1D tensor in the tensor list but got: ${x}`,
      );
    }
    if (x.info !== first.info) {
      throw new RuntimeError(
        "meshgrid expects all tensors to have the same dtype",
      );
    }
    if (x.device !== first.device && x.device.lift === first.device.lift) {
      throw new RuntimeError(
        "meshgrid expects all tensors to have the same device",
      );
    }
  }
  if (indexing !== "ij" && indexing !== "xy") {
    throw new RuntimeError(
      `meshgrid: indexing must be one of "xy" or "ij", but received: ${indexing}`,
    );
  }
  const swaps = indexing === "xy" && tensors.length > 1;
  const place = (k: number) => swaps && k < 2 ? 1 - k : k;
  const shape = tensors.map((_, d) => tensors[place(d)]!.numel());
  return tensors.map((x, k) => {
    const own = shape.map((n, d) => d === place(k) ? n : 1);
    return x.view(own).expand(shape);
  });
}

function requireVectors(tensors: readonly Tensor[]): void {
  for (const x of tensors) {
    if (x.shape.length !== 1) {
      throw new RuntimeError(
        `Expect a 1D vector, but got shape ${showShape(x.shape)}`,
      );
    }
  }
}

/**
 * All combinations of one element from each vector, a row each; of a single
 * vector, the vector. See `torch.cartesian_prod`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.cartesianProd([dg.tensor([1, 2]), dg.tensor([3, 4])]);
 * assertEquals(x.tolist(), [[1, 3], [1, 4], [2, 3], [2, 4]]);
 * ```
 */
export function cartesianProd(tensors: readonly Tensor[]): Tensor {
  requireVectors(tensors);
  if (tensors.length === 1) return tensors[0]!;
  return stack(meshgrid(tensors).map((x) => x.flatten()), 1);
}

/** Options of {@linkcode combinations}. */
export interface CombinationsOptions {
  /** Number of elements to combine; 2 where not given. */
  readonly r?: number;
  /** Whether an element may be taken more than once. */
  readonly withReplacement?: boolean;
}

/**
 * All combinations of `r` elements of a vector, a row each. See `torch.combinations`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.combinations(dg.tensor([1, 2, 3])).tolist(), [[1, 2], [1, 3], [2, 3]]);
 * ```
 */
export function combinations(
  x: Tensor,
  options: CombinationsOptions = {},
): Tensor {
  checkOptions(options, ["r", "withReplacement"], "combinations");
  const { r = 2, withReplacement = false } = options;
  requireVectors([x]);
  if (r < 0) {
    throw new RuntimeError(`Expect a non-negative number, but got ${r}`);
  }
  if (r === 0) return empty(0, { dtype: x.dtype, device: x.device });
  const { device } = x;
  const where = { dtype: device.indexInfo.name, device } as const;
  const positions = meshgrid(
    new Array<Tensor>(r).fill(arange(x.numel(), where)),
  );
  let mask = ones(positions[0]!.shape, { dtype: BOOL.name, device: x.device });
  for (let k = 1; k < r; k++) {
    const left = positions[k - 1]!;
    const right = positions[k]!;
    mask = mask.logicalAnd(withReplacement ? left.le(right) : left.lt(right));
  }
  const grids = meshgrid(new Array<Tensor>(r).fill(x));
  return stack(grids.map((grid) => grid.maskedSelect(mask)), 1);
}

/** Options of {@linkcode vander}. */
export interface VanderOptions {
  /** Number of columns; that of rows where not given. */
  readonly N?: number;
  /** Whether powers grow from left to right. */
  readonly increasing?: boolean;
}

/**
 * The Vandermonde matrix of a vector: its powers, a column each, falling from
 * left to right. See `torch.vander`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.vander(dg.tensor([2, 3])).tolist(), [[2, 1], [3, 1]]);
 * assertEquals(dg.vander(dg.tensor([2]), { N: 3, increasing: true }).tolist(), [[1, 2, 4]]);
 * ```
 */
export function vander(x: Tensor, options: VanderOptions = {}): Tensor {
  checkOptions(options, ["N", "increasing"], "vander");
  if (x.shape.length !== 1) {
    throw new RuntimeError("x must be a one-dimensional tensor.");
  }
  const { N = x.numel(), increasing = false } = options;
  if (N < 0) throw new RuntimeError("N must be non-negative.");
  const dtype = promote(x.info, x.device.indexInfo).name;
  const out = empty([x.numel(), N], { dtype, device: x.device });
  if (N > 0) out.select(1, 0).fill_(1);
  if (N > 1) {
    const powers = x.unsqueeze(1).expand([x.numel(), N - 1]).cumprod(1);
    out.narrow(1, 1, N - 1).copy_(powers);
  }
  return increasing ? out : out.flip(1);
}

/** Options of {@linkcode oneHot}. */
export interface OneHotOptions {
  /** Number of classes; one more than the largest index where not given. */
  readonly numClasses?: number;
}

/**
 * Rows of zeros with a one at the index; the result is int64 and has a dimension
 * more than the int64 indices. See `torch.nn.functional.one_hot`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const labels = dg.tensor([0, 2], { dtype: "int64" });
 * assertEquals(dg.oneHot(labels).tolist(), [[1, 0, 0], [0, 0, 1]]);
 * ```
 */
export function oneHot(x: Tensor, options: OneHotOptions = {}): Tensor {
  checkOptions(options, ["numClasses"], "oneHot");
  const { numClasses = -1 } = options;
  if (!isLong(x)) {
    throw new RuntimeError(
      "oneHot is only applicable to index tensor of type LongTensor.",
      "convert it with long()",
    );
  }
  if (x.numel() === 0) {
    if (numClasses <= 0) {
      throw new RuntimeError(
        "Can not infer total number of classes from empty tensor.",
      );
    }
    return x.newZeros([...x.shape, numClasses]);
  }
  if (readable(x).amin().item() < 0) {
    throw new RuntimeError("Class values must be non-negative.");
  }
  const least = readable(x).amax().item() + 1;
  if (numClasses !== -1 && numClasses < least) {
    throw new RuntimeError("Class values must be smaller than numClasses.");
  }
  const classes = arange(numClasses === -1 ? least : numClasses, {
    dtype: x.dtype,
    device: x.device,
  });
  return x.unsqueeze(-1).eq(classes).to(x.dtype);
}
