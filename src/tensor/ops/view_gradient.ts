// Gradients between a tensor and what a view under any strides sees of its
// memory: for `asStrided`, and for the tape once a view was changed in place.
// Not for users; the rules call these as methods.

import type { Layout, ViewPlace } from "../../grad/history.ts";
import type { Strided } from "../device.ts";
import { pairs } from "../device_complex.ts";
import { complexInfo, INT64, partInfo } from "../dtype.ts";
import { type KernelOp, run } from "../kernel_op.ts";
import { emptyTensor, stridedLike, toDense } from "../op.ts";
import { countElements, type Shape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { isDense, memoryRange } from "../view.ts";
import { viewAsReal } from "./complex.ts";

/** An op that stands in no table, because no user calls it. */
function hidden(
  name: string,
  forward: (g: Tensor, place: ViewPlace) => Tensor,
  back: (g: Tensor, place: ViewPlace) => Tensor,
): KernelOp<ViewPlace> {
  return {
    name,
    node: `${name[0]!.toUpperCase()}${name.slice(1)}Backward0`,
    family: "kernel",
    forward: ([g], place) => forward(g!, place),
    vjps: [(g, _n, place) => back(g, place)],
    saves: [0],
    complexRules: true,
  };
}

const EXTRACT = hidden("extractView", (g, place) => {
  const memory = new Memory(g, place);
  memory.copyIn(g, place.base);
  return memory.copyOut(place.view);
}, embedView);

const EMBED = hidden("embedView", (g, place) => {
  const memory = new Memory(g, place);
  memory.clear();
  if (mayOverlap(place.view)) memory.addIn(g, place.view);
  else memory.copyIn(g, place.view);
  return memory.copyOut(place.base);
}, extractView);

const ERASE = hidden("eraseView", (g, place) => {
  const memory = new Memory(g, place);
  memory.copyIn(g, place.base);
  memory.erase(place.view);
  return memory.copyOut(place.base);
}, eraseView);

/** What a view sees of a base-shaped gradient. */
export function extractView(g: Tensor, place: ViewPlace): Tensor {
  return run(EXTRACT, [g], place);
}

/** The gradient of a base from that of a view of it: zeros where the view does not look. */
export function embedView(g: Tensor, place: ViewPlace): Tensor {
  return run(EMBED, [g], place);
}

/** A base-shaped gradient with zeros where a view looks. */
export function eraseView(g: Tensor, place: ViewPlace): Tensor {
  return run(ERASE, [g], place);
}

/** Flat memory that stands for the one which a base and its view share. */
class Memory {
  readonly #flat: Tensor;
  /** Position in the shared memory of the first element here. */
  readonly #low: number;

  constructor(like: Tensor, { base, view }: ViewPlace) {
    const [low, high] = reachOf(base);
    // `asStrided` of a view may look beyond it.
    const [first, last] = reachOf(view);
    const { device } = like.storage;
    this.#low = Math.min(low, first);
    const length = Math.max(high, last) - this.#low;
    // Where one of both is complex, positions are those of real numbers.
    const mixed = base.pairs === true || view.pairs === true;
    const info = mixed ? partInfo(like.info) : like.info;
    this.#flat = emptyTensor(device, info, [length]);
  }

  /** The elements that a layout names. */
  at(layout: Layout): Strided {
    const { shape, strides, offset } = apart(layout);
    const dense = isDense(shape, strides);
    return stridedLike(this.#flat, shape, strides, offset - this.#low, dense);
  }

  /** Stores zeros in the elements that a layout names. */
  erase(layout: Layout): void {
    this.#flat.storage.device.fill(this.at(layout), 0);
  }

  clear(): void {
    this.#flat.storage.device.fill(this.#flat, 0);
  }

  copyIn(g: Tensor, layout: Layout): void {
    const from = layout.pairs === true ? pairs(g) : g;
    this.#flat.storage.device.copy(this.at(layout), from);
  }

  /** Adds, where a layout names an element several times. */
  addIn(g: Tensor, layout: Layout): void {
    const { device } = this.#flat.storage;
    if (layout.pairs === true) {
      this.addIn(viewAsReal(g), apart(layout));
      return;
    }
    const { shape, strides, offset } = layout;
    const index = emptyTensor(device, INT64, [countElements(shape)]);
    device.write(index, positions(shape, strides, offset - this.#low));
    const dense = toDense(g);
    const source = stridedLike(dense, [g.count], [1], dense.offset, true);
    device.scatter(this.#flat, 0, index, source, "sum");
  }

  copyOut(layout: Layout): Tensor {
    const { device } = this.#flat.storage;
    const { info } = this.#flat;
    if (layout.pairs === true) {
      const out = emptyTensor(device, complexInfo(info), layout.shape);
      device.copy(pairs(out), this.at(layout));
      return out;
    }
    const out = emptyTensor(device, info, layout.shape);
    device.copy(out, this.at(layout));
    return out;
  }
}

/** The layout of the parts of complex elements. */
function apart(layout: Layout): Layout {
  if (layout.pairs !== true) return layout;
  const { shape, strides, offset } = layout;
  return {
    shape: [...shape, 2],
    strides: [...strides.map((step) => 2 * step), 1],
    offset: 2 * offset,
  };
}

/** Lowest and one past the highest position that a layout names. */
function reachOf(layout: Layout): [number, number] {
  const { shape, strides, offset } = apart(layout);
  return memoryRange(shape, strides, offset);
}

/** Whether two indices may name the same element; true in doubt. */
function mayOverlap({ shape, strides }: Layout): boolean {
  const dims = shape.map((n, d) => ({ n, step: strides[d]! }))
    .filter(({ n }) => n > 1)
    .sort((a, b) => a.step - b.step);
  let reach = 0;
  for (const { n, step } of dims) {
    if (step <= reach) return true;
    reach += (n - 1) * step;
  }
  return false;
}

/** Memory positions of all elements, row-major. */
function positions(
  shape: Shape,
  strides: readonly number[],
  offset: number,
): number[] {
  let out = [offset];
  for (let d = 0; d < shape.length; d++) {
    const next: number[] = [];
    for (const at of out) {
      for (let i = 0; i < shape[d]!; i++) next.push(at + i * strides[d]!);
    }
    out = next;
  }
  return out;
}
