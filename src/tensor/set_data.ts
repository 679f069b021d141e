// What assigning `x.data` does: a tensor gets other memory and keeps its place
// in the graph.

import { OUT_BIT } from "../grad/node.ts";
import { RuntimeError } from "./errors.ts";
import { aliasStorage } from "./inplace.ts";
import { SCOPE } from "./scope.ts";
import { sameShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Gives a tensor the memory of another and keeps its place in the graph. See `Tensor.data`. */
export function setData(x: Tensor, source: Tensor): void {
  if (x.tracked && source.info.category < 2) {
    throw new RuntimeError(
      "data set to a tensor that requires gradients must be floating point or complex dtype",
    );
  }
  keepOutput(x);
  const { version } = x.storage;
  const same = x.info === source.info && sameShape(x.shape, source.shape);
  x.storage = aliasStorage(source.storage);
  if (SCOPE.current !== null) SCOPE.current.move(x);
  x.storage.version = version;
  x.info = source.info;
  x.shape = source.shape;
  x.strides = source.strides;
  x.offset = source.offset;
  x.count = source.count;
  x.dense = source.dense;
  x.viewInfo = null;
  // The node that accumulates expects gradients of the former shape and type.
  if (!same) x.accumulator = null;
}

/** What the node of `x` saved as its result stays what was computed, as in PyTorch. */
function keepOutput(x: Tensor): void {
  const { node } = x;
  if (node === null) return;
  for (let at = node.saved; at !== null; at = at.next) {
    if (at.tensor === x && at.slot >= OUT_BIT) {
      at.tensor = x.withHistory(node, x.outputNr);
    }
  }
}
