// Views that see a part of a tensor, each beside its transpose: zeros that hold
// the gradient where the view looks. The transpose is recorded too, and its
// rule is the view, so that every order of derivative exists.

import { defineKernel, type KernelOp, run } from "./kernel_op.ts";
import { defineMove, move, type MoveOp } from "./move_op.ts";
import { emptyTensor, stridedLike } from "./op.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { isDense } from "./view.ts";

/** Where a view looks. */
export interface Place {
  /** Shape of the view. */
  readonly shape: Shape;
  /** Strides of the view. */
  readonly strides: readonly number[];
  /** Position of its first element. */
  readonly offset: number;
}

/** What a place is computed from: the geometry of the tensor looked into. */
export type Geometry = Pick<Tensor, "shape" | "strides" | "offset">;

/** A view that sees every element at most once, and its transpose. */
export interface PartOp<O> {
  /** The view. */
  readonly view: MoveOp<O>;
  /** Puts values where the view looks, zeros elsewhere. */
  readonly embed: KernelOp<EmbedOptions<O>>;
  /** Says where the view looks. */
  readonly place: (x: Geometry, options: O) => Place;
}

/** What the transpose of a view knows. */
export interface EmbedOptions<O> {
  /** Shape of the tensor that the view looks into. */
  readonly shape: Shape;
  /** What the view was called with. */
  readonly options: O;
}

/** Defines a view of a part and its transpose; `node` is PyTorch's name without number. */
export function definePart<O>(
  name: string,
  node: string,
  place: (x: Geometry, options: O) => Place,
): PartOp<O> {
  const part: PartOp<O> = {
    place,
    view: defineMove<O>({
      name,
      node: `${node}0`,
      vjp: (g, n, options) => embed(part, g, n.inputShape(0), options),
    }),
    embed: defineKernel<EmbedOptions<O>>({
      name: `${name}Backward`,
      node: `${node}Backward0`,
      forward: ([x], o) => embedded(part, x!, o),
      vjps: [(g, _n, o) => look(part, g, o.options)],
    }),
  };
  return part;
}

/** Applies the view. */
export function look<O>(part: PartOp<O>, x: Tensor, options: O): Tensor {
  const { shape, strides, offset } = part.place(x, options);
  return move(part.view, x, shape, strides, offset, options);
}

/** Applies the transpose: zeros of `shape`, with `x` where the view looks. */
export function embed<O>(
  part: PartOp<O>,
  x: Tensor,
  shape: Shape,
  options: O,
): Tensor {
  return run(part.embed, [x], { shape, options });
}

function embedded<O>(
  part: PartOp<O>,
  x: Tensor,
  { shape, options }: EmbedOptions<O>,
): Tensor {
  const { device } = x.storage;
  const out = emptyTensor(device, x.info, shape);
  device.fill(out, 0);
  const at = part.place(out, options);
  device.copy(
    stridedLike(
      out,
      at.shape,
      at.strides,
      at.offset,
      isDense(at.shape, at.strides),
    ),
    x,
  );
  return out;
}

/** Which part of a dimension is seen: `length` elements from `start` on, every `step`th. */
export interface SliceOptions {
  /** The dimension. */
  readonly dim: number;
  /** First position. */
  readonly start: number;
  /** Distance between neighbours. */
  readonly step: number;
  /** Number of positions. */
  readonly length: number;
}

const SLICE = definePart<SliceOptions>(
  "slice",
  "SliceBackward",
  (x, { dim, start, step, length }) => {
    const shape = x.shape.slice();
    const strides = x.strides.slice();
    shape[dim] = length;
    strides[dim]! *= step;
    return { shape, strides, offset: x.offset + start * x.strides[dim]! };
  },
);

/**
 * Sees `length` positions of a dimension from `start` on, every `step`th, as a
 * view. Everything has been checked: `dim` counts from the start, `step` is
 * positive, and the positions exist.
 */
export function sliceDim(
  x: Tensor,
  dim: number,
  start: number,
  length: number,
  step = 1,
): Tensor {
  return look(SLICE, x, { dim, start, step, length });
}

const SELECT = definePart<{ readonly dim: number; readonly index: number }>(
  "select",
  "SelectBackward",
  (x, { dim, index }) => ({
    shape: x.shape.toSpliced(dim, 1),
    strides: x.strides.toSpliced(dim, 1),
    offset: x.offset + index * x.strides[dim]!,
  }),
);

/** Sees one position of a dimension as a view without it; everything has been checked. */
export function selectDim(x: Tensor, dim: number, index: number): Tensor {
  return look(SELECT, x, { dim, index });
}
