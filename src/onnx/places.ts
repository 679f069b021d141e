// Reading and writing at places that indices name.

import type { ScatterMode, Strided } from "../tensor/device.ts";
import { broadcastShape } from "./expression.ts";
import type { Graph, Value } from "./graph.ts";
import type { Memories } from "./memory.ts";

/** What ONNX calls the ways of scattering. */
const SCATTERS: Readonly<Record<ScatterMode, string>> = {
  set: "none",
  sum: "add",
  prod: "mul",
  amax: "max",
  amin: "min",
};

/** See `Device.gather`. */
export function emitGather(
  graph: Graph,
  memories: Memories,
  out: Strided,
  x: Strided,
  dim: number,
  index: Strided,
): void {
  const value = memories.load(x);
  // One list of indices for all lines, as embeddings and selections have it.
  const listed =
    index.strides.every((step, d) =>
      d === dim || step === 0 || index.shape[d] === 1
    ) && index.shape.every((n, d) => d === dim || n === x.shape[d]);
  if (listed) {
    const list = graph.reshape(
      memories.load(index, true),
      [index.shape[dim] ?? 1],
    );
    memories.store(
      out,
      graph.emit("Gather", [value, list], value.type, out.shape, {
        axis: dim,
      }),
    );
    return;
  }
  const at = graph.cast(memories.load(index), "int64");
  memories.store(
    out,
    graph.emit("GatherElements", [value, at], value.type, out.shape, {
      axis: dim,
    }),
  );
}

/** See `Device.scatter`. */
export function emitScatter(
  graph: Graph,
  memories: Memories,
  out: Strided,
  dim: number,
  index: Strided,
  src: Strided,
  mode: ScatterMode,
): void {
  const target = memories.load(out);
  const at = graph.cast(memories.load(index), "int64");
  const updates = graph.expand(memories.load(src, true), index.shape);
  memories.store(
    out,
    graph.emit(
      "ScatterElements",
      [target, at, graph.cast(updates, target.type)],
      target.type,
      out.shape,
      { axis: dim, reduction: SCATTERS[mode] },
    ),
  );
}

/** How indices become distances; see `Device.foldIndex`. */
export interface Folding {
  readonly size: number;
  readonly wraps: boolean;
  readonly scale: number;
  readonly carry: boolean;
}

/** See `Device.foldIndex`; whether an index is out of range is for the engine to find. */
export function emitDistances(
  graph: Graph,
  memories: Memories,
  out: Strided,
  index: Strided,
  { size, wraps, scale, carry }: Folding,
): void {
  let value = graph.cast(memories.load(index, true), "int64");
  const emit = (op: string, args: readonly Value[], type = "int64") =>
    graph.emit(op, args, type, broadcastShape(args.map((arg) => arg.shape)));
  const number = (n: number) => graph.scalar("int64", n);
  if (wraps) {
    const negative = emit("Less", [value, number(0)], "bool");
    const wrapped = emit("Add", [value, number(size)]);
    value = emit("Where", [negative, wrapped, value]);
  }
  if (scale !== 1) value = emit("Mul", [value, number(scale)]);
  if (carry) {
    value = emit("Add", [value, graph.cast(memories.load(out), "int64")]);
  }
  memories.store(out, value);
}
