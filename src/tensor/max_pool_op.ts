// What the max poolings share: largest elements of windows with their
// positions, and the way of gradients to those positions and back.

import { IN1, OUT1 } from "../grad/node.ts";
import { entrust } from "../grad/ownership.ts";
import { reshaped } from "./along_op.ts";
import type { Windows } from "./device.ts";
import { RuntimeError } from "./errors.ts";
import { inRange } from "./index_range.ts";
import {
  defineKernel,
  defineMulti,
  type KernelOp,
  type MultiOp,
  run,
  runMulti,
} from "./kernel_op.ts";
import { emptyTensor, toDense } from "./op.ts";
import { type Named, named } from "./results.ts";
import { countElements, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** What the rules of max pooling know. */
export interface MaxOptions {
  /** The windows along each of the last dimensions. */
  readonly windows: readonly Windows[];
  /** Shape of the input. */
  readonly shape: Shape;
}

/** The last dimensions as one, those before them as one. */
function planes(x: Tensor, rank: number): Tensor {
  const size = countElements(x.shape.slice(x.shape.length - rank));
  const count = countElements(x.shape.slice(0, x.shape.length - rank));
  return reshaped(toDense(x), [count, size]);
}

/** Puts values at positions of otherwise empty planes: adds them up, or the last one stays; not recorded. */
export function placed(
  x: Tensor,
  indices: Tensor,
  shape: Shape,
  rank: number,
  mode: "sum" | "set",
): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, shape);
  device.fill(out, 0);
  if (x.count === 0) return out;
  const at = planes(indices, rank);
  device.scatter(planes(out, rank), 1, at, planes(x, rank), mode);
  return out;
}

/** Picks the elements at positions of planes, whose last dimensions number `rank`. */
export function collect(x: Tensor, indices: Tensor, rank: number): Tensor {
  const { shape } = indices;
  const rows = x.shape.length - rank;
  const flat = x.reshape([
    ...x.shape.slice(0, rows),
    countElements(x.shape.slice(rows)),
  ]);
  const at = indices.reshape([
    ...shape.slice(0, rows),
    countElements(shape.slice(rows)),
  ]);
  return flat.gather(rows, at).reshape(shape);
}

/** Whether no two windows share a position. */
function areApart({ starts, lengths, step }: Windows): boolean {
  for (let k = 1; k < starts.length; k++) {
    if (starts[k]! <= starts[k - 1]! + (lengths[k - 1]! - 1) * step) {
      return false;
    }
  }
  return true;
}

function checkType(x: Tensor, name: string): void {
  if (x.info.category !== 0) return;
  throw new RuntimeError(
    `"${name}" not implemented for '${x.info.scalarName}'`,
    'convert it with to("float32") first',
  );
}

/** Defines a max pooling beside the op that takes its gradients back. */
export function defineMaxPooling(
  name: string,
  node: string,
): MultiOp<MaxOptions> {
  const spread: KernelOp<MaxOptions> = defineKernel<MaxOptions>({
    name: `${name}Backward`,
    node: `${node}BackwardBackward0`,
    forward: ([g, indices], { shape, windows }) =>
      placed(g!, indices!, shape, windows.length, "sum"),
    vjps: [
      (g, n, { windows }) => collect(g, n.input(1), windows.length),
      null,
    ],
    saves: [IN1],
  });
  return defineMulti<MaxOptions>({
    name,
    node: `${node}Backward0`,
    forward: ([x], { windows, shape }) => {
      checkType(x!, name);
      const { device } = x!.storage;
      const first = shape.length - windows.length;
      const out = shape.slice();
      for (let k = 0; k < windows.length; k++) {
        out[first + k] = windows[k]!.starts.length;
      }
      const values = emptyTensor(device, x!.info, out);
      const indices = emptyTensor(device, device.indexInfo, out);
      if (values.count > 0) {
        device.windowMax(values, indices, toDense(x!), windows);
      }
      const size = countElements(shape.slice(first));
      const apart = windows.every(areApart);
      const run = apart ? countElements(out.slice(first)) : 0;
      return [values, inRange(indices, size, run)];
    },
    vjps: [(g, n, o) => run(spread, [g, n.output(1)], o)],
    saves: [OUT1],
  });
}

/**
 * Pools the last dimensions of `x`, one for each of `windows`. One dimension is
 * pooled as two, as in PyTorch. Positions that nobody asked for are the node's.
 */
export function runMaxPooling(
  name: string,
  op: MultiOp<MaxOptions>,
  x: Tensor,
  windows: readonly Windows[],
  returnIndices: boolean,
): Tensor | Named<"values" | "indices"> {
  const single = windows.length === 1;
  const source = single ? x.unsqueeze(-2) : x;
  const options = { windows, shape: source.shape };
  const [values, indices] = runMulti(op, [source], options);
  const pooled = (y: Tensor) => single ? y.squeeze(-2) : y;
  if (!returnIndices) {
    entrust(values!, [indices!]);
    return pooled(values!);
  }
  return named({ values: pooled(values!), indices: pooled(indices!) }, name);
}
