// Sums and largest elements of windows: pooling where windows are regular, else
// gathered positions that are reduced.

import type { Windows } from "../tensor/device.ts";
import { countOf, type Graph, type Value } from "./graph.ts";

/** Positions of each window, the first one repeated where a window is short. */
function positionsOf(windows: Windows): number[][] {
  const { starts, lengths, step, most } = windows;
  return Array.from(starts, (start, o) =>
    Array.from(
      { length: most },
      (_, k) => start + (k < lengths[o]! ? k : 0) * step,
    ));
}

/** See `Device.windowSum`. */
export function emitWindowSum(
  graph: Graph,
  x: Value,
  dim: number,
  windows: Windows,
): Value {
  const { starts, lengths, weights, most } = windows;
  const count = starts.length;
  const before = x.shape.slice(0, dim);
  const after = x.shape.slice(dim + 1);
  const list = graph.integers(positionsOf(windows).flat());
  const gathered = graph.emit(
    "Gather",
    [x, list],
    x.type,
    [...before, count * most, ...after],
    { axis: dim },
  );
  const split = [...before, count, most, ...after];
  let parts = graph.reshape(gathered, split);
  const short = lengths.some((n) => n !== most);
  if (weights !== null || short) {
    const factors = new Float64Array(count * most);
    for (let o = 0; o < count; o++) {
      for (let k = 0; k < lengths[o]!; k++) {
        factors[o * most + k] = weights === null ? 1 : weights[o * most + k]!;
      }
    }
    const shape = [count, most, ...after.map(() => 1)];
    const table = graph.cast(
      graph.constant("float64", shape, factors, "weights"),
      x.type,
    );
    parts = graph.emit("Mul", [parts, table], x.type, split);
  }
  return graph.emit(
    "ReduceSum",
    [parts, graph.integers([dim + 1])],
    x.type,
    [...before, count, ...after],
    { keepdims: 0 },
  );
}

/** Distance, padding and length of windows that pooling knows; null for others. */
function regular(
  windows: Windows,
  n: number,
): { stride: number; begin: number; end: number; length: number } | null {
  const { starts, lengths, step, most } = windows;
  if (step !== 1) return null;
  const count = starts.length;
  const full = lengths.indexOf(most);
  const stride = count === 1 ? 1 : starts.at(-1)! - starts[count - 2]!;
  if (full < 0 || stride < 1) return null;
  const begin = full * stride - starts[full]!;
  if (begin < 0 || begin >= most) return null;
  const end = (count - 1) * stride + most - begin - n;
  const fits = starts.every((start, o) => {
    const first = o * stride - begin;
    const inside = Math.max(first, 0);
    return start === inside &&
      lengths[o] === Math.min(first + most, n) - inside;
  });
  return fits ? { stride, begin, end: Math.max(end, 0), length: most } : null;
}

/** See `Device.windowMax`. */
export function emitWindowMax(
  graph: Graph,
  x: Value,
  windows: readonly Windows[],
): { values: Value; places: Value } {
  const rank = windows.length;
  const lead = x.shape.slice(0, x.shape.length - rank);
  const sizes = x.shape.slice(x.shape.length - rank);
  const counts = windows.map(({ starts }) => starts.length);
  const outShape = [...lead, ...counts];
  const planes = countOf(lead);
  // All windows as lists of positions in a plane.
  let lists: number[][] = [[0]];
  let outs: number[][][] = [[]];
  windows.forEach((each) => {
    const own = positionsOf(each);
    outs = outs.flatMap((prefix) => own.map((list) => [...prefix, list]));
  });
  lists = outs.map((perDim) =>
    perDim.reduce<number[]>(
      (all, list, d) =>
        all.flatMap((at) => list.map((p) => at * sizes[d]! + p)),
      [0],
    )
  );
  const most = lists[0]!.length;
  const flat = graph.reshape(x, [planes, countOf(sizes)]);
  const table = BigInt64Array.from(lists.flat(), (p) => BigInt(p));
  const at = graph.constant("int64", [lists.length, most], table, "windows");
  const gathered = graph.emit(
    "Gather",
    [flat, at],
    x.type,
    [planes, lists.length, most],
    { axis: 1 },
  );
  const chosen = graph.emit("ArgMax", [gathered], "int64", [
    planes,
    lists.length,
    1,
  ], { axis: -1, keepdims: 1 });
  const all = graph.expand(at, [planes, lists.length, most]);
  const places = graph.reshape(
    graph.emit("GatherElements", [all, chosen], "int64", chosen.shape, {
      axis: 2,
    }),
    outShape,
  );
  const pools = windows.map((each, d) => regular(each, sizes[d]!));
  if (pools.every((pool) => pool !== null)) {
    const pooled = graph.emit(
      "MaxPool",
      [graph.reshape(x, [1, planes, ...sizes])],
      x.type,
      [1, planes, ...counts],
      {
        kernel_shape: pools.map(({ length }) => length),
        strides: pools.map(({ stride }) => stride),
        pads: [
          ...pools.map(({ begin }) => begin),
          ...pools.map(({ end }) => end),
        ],
      },
    );
    return { values: graph.reshape(pooled, outShape), places };
  }
  const largest = graph.emit(
    "ReduceMax",
    [gathered, graph.integers([2])],
    x.type,
    [planes, lists.length],
    { keepdims: 0 },
  );
  return { values: graph.reshape(largest, outShape), places };
}
