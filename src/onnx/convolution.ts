// A convolution of the device interface as a node of the graph: groups become
// channels, zeros between elements and negative padding are made explicit.

import type { ConvolutionGeometry } from "../tensor/device.ts";
import type { Graph, Value } from "./graph.ts";

/** Puts zeros between the elements of the last dimensions. */
function spread(graph: Graph, x: Value, factors: readonly number[]): Value {
  let out = x;
  const first = x.shape.length - factors.length;
  factors.forEach((factor, k) => {
    if (factor === 1) return;
    const d = first + k;
    const n = out.shape[d]!;
    const [before, after] = [out.shape.slice(0, d), out.shape.slice(d + 1)];
    const apart = graph.reshape(out, [...before, n, 1, ...after]);
    const rank = apart.shape.length;
    const pads = new Array<number>(2 * rank).fill(0);
    pads[rank + d + 1] = factor - 1;
    const padded = graph.emit(
      "Pad",
      [apart, graph.integers(pads), graph.scalar(x.type, 0)],
      x.type,
      [...before, n, factor, ...after],
    );
    const joined = graph.reshape(padded, [...before, n * factor, ...after]);
    // Behind the last element there are none.
    const lengths = joined.shape.slice();
    lengths[d] = (n - 1) * factor + 1;
    out = graph.slice(joined, lengths.map(() => 0), lengths);
  });
  return out;
}

/** See `Device.convolve`. */
export function emitConvolution(
  graph: Graph,
  x: Value,
  w: Value,
  bias: Value | null,
  outShape: readonly number[],
  { stride, padding, dilation, spread: factors }: ConvolutionGeometry,
): Value {
  const [batch, groups, channels, ...space] = x.shape as [
    number,
    number,
    number,
    ...number[],
  ];
  const made = w.shape[2 - 1]!;
  const window = w.shape.slice(3);
  const merged = graph.reshape(x, [batch, groups * channels, ...space]);
  let image = spread(graph, merged, factors);
  // Windows that begin inside need fewer elements than there are.
  const begin = padding.map((p) => Math.max(p, 0));
  const cut = padding.map((p) => Math.max(-p, 0));
  const rest = image.shape.slice(2).map((n, d) => n - cut[d]!);
  const needed = window.map((k, d) =>
    (outShape[3 + d]! - 1) * stride[d]! + (k - 1) * dilation[d]! + 1 - begin[d]!
  );
  const lengths = rest.map((n, d) => Math.min(n, needed[d]!));
  image = graph.slice(
    image,
    [0, 0, ...cut],
    [batch, groups * channels, ...lengths],
  );
  const end = lengths.map((n, d) => Math.max(needed[d]! - n, 0));
  const inputs = [
    image,
    graph.reshape(w, [groups * made, channels, ...window]),
  ];
  if (bias !== null) inputs.push(graph.reshape(bias, [groups * made]));
  const sum = graph.emit(
    "Conv",
    inputs,
    x.type,
    [batch, groups * made, ...outShape.slice(3)],
    {
      group: groups,
      strides: stride,
      dilations: dilation,
      pads: [...begin, ...end],
      kernel_shape: window,
    },
  );
  return graph.reshape(sum, outShape);
}
