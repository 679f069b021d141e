// What the scatters share: the checks and the unrecorded computation.

import { checkHolds } from "./batching.ts";
import { isTracked } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { ScatterMode } from "./device.ts";
import { RuntimeError } from "./errors.ts";
import {
  atLeast1d,
  gatherFailure,
  isIndexType,
  plainIndex,
  window,
} from "./index_range.ts";
import { beginInplace, inplace } from "./inplace.ts";
import { indexHint } from "./op.ts";
import { showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { sameMemory } from "./overlap.ts";

/** Scatters into a copy of `x`; not recorded. */
export function scattered(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  mode: ScatterMode,
): Tensor {
  const out = x.clone();
  scatterInto(out, dim, index, src, mode);
  return out;
}

/** Scatters into `x` itself; not recorded. */
export function scatterInto(
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  mode: ScatterMode,
): void {
  if (index.count === 0) return;
  const target = atLeast1d(x);
  const fail = gatherFailure(dim);
  const where = atLeast1d(plainIndex(index, target.shape[dim]!, false, fail));
  const from = src.shape.length === 0
    ? window(src, where.shape, where.shape.map(() => 0))
    : window(src, where.shape, src.strides);
  x.storage.device.scatter(target, dim, where, from, mode);
}

/**
 * Changes `x` in place: `write` where nothing is recorded, else by way of the
 * result of `op`, which a write to memory that it reads needs as well.
 */
export function inplaceBy(
  x: Tensor,
  others: readonly Tensor[],
  op: (x: Tensor) => Tensor,
  write: () => void,
): Tensor {
  const tracked = MODE.grad && (isTracked(x) || others.some(isTracked));
  for (const y of others) checkHolds(x.storage.device, y.storage.device);
  if (tracked || others.some((y) => sameMemory(y.storage, x.storage))) {
    return inplace(x, others, op);
  }
  beginInplace(x, false);
  write();
  x.storage.version++;
  return x;
}

/** Refuses an index or a source that does not fit; `src` is null for a number. */
export function checkScatter(
  name: string,
  x: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor | null,
): void {
  if (index.count > 0 && !isIndexType(index)) {
    throw new RuntimeError(
      `${name}(): Expected dtype int32/int64 for index`,
      indexHint(index),
    );
  }
  if (src !== null && src.info !== x.info) {
    throw new RuntimeError(
      `${name}(): Expected self.dtype to be equal to src.dtype`,
      `convert the source with to("${x.dtype}")`,
    );
  }
  if (index.count === 0) return;
  const rank = Math.max(x.shape.length, 1);
  if (Math.max(index.shape.length, 1) !== rank) {
    throw new RuntimeError(
      "Index tensor must have the same number of dimensions as self tensor",
      `the index has shape ${showShape(index.shape)}, self ${
        showShape(x.shape)
      }`,
    );
  }
  let fits = true;
  for (let d = 0; d < rank; d++) {
    const n = index.shape[d] ?? 1;
    if (d !== dim && n > (x.shape[d] ?? 1)) fits = false;
  }
  const bound = `Expected index ${
    showShape(index.shape)
  } to be no larger than self ${
    showShape(x.shape)
  } apart from dimension ${dim}`;
  if (src === null) {
    if (!fits) throw new RuntimeError(bound);
    return;
  }
  if (Math.max(src.shape.length, 1) !== rank) {
    throw new RuntimeError(
      "Index tensor must have the same number of dimensions as src tensor",
    );
  }
  for (let d = 0; d < rank; d++) {
    if ((index.shape[d] ?? 1) > (src.shape[d] ?? 1)) fits = false;
  }
  if (!fits) {
    throw new RuntimeError(
      `${bound} and to be no larger size than src ${showShape(src.shape)}`,
    );
  }
}
