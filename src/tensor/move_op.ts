// The family of views: the same memory under other strides. Nothing is
// computed; a rule brings gradients back.

import { record, type ViewKind } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Vjp } from "../grad/node.ts";
import type { DTypeInfo } from "./dtype.ts";
import { makeTensor } from "./fields.ts";
import { nodeName, type Op, register } from "./op.ts";
import { countElements, type Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import { isDense } from "./view.ts";

/** A view. */
export interface MoveOp<O = unknown> extends Op {
  readonly family: "move";
  /** Only in the type: what the rule gets as options. */
  readonly optionsType?: O;
}

/** What a caller of {@linkcode defineMove} gives. */
export interface MoveInit<O> {
  /** Name, as users call it. */
  readonly name: string;
  /** PyTorch's name of the node; by default from `name`. */
  readonly node?: string;
  /** The gradient for the input. */
  readonly vjp: Vjp<O>;
}

/** Defines a view. */
export function defineMove<O>(init: MoveInit<O>): MoveOp<O> {
  return register({
    name: init.name,
    node: init.node ?? nodeName(init.name),
    family: "move",
    vjps: [init.vjp],
    saves: [0],
    complexRules: true,
  });
}

/** Looks at the memory of `x` under another geometry, without recording. */
export function viewOf(
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  op: string,
  kind: ViewKind = "view",
  info: DTypeInfo = x.info,
): Tensor {
  const out = makeTensor(
    x.storage,
    info,
    shape,
    strides,
    offset,
    countElements(shape),
    isDense(shape, strides),
  );
  out.inference = x.inference;
  out.viewInfo = {
    base: x.viewInfo === null ? x : x.viewInfo.base,
    kind: kindOf(x, kind),
    op,
    version: x.storage.version,
  };
  return out;
}

/** A view of a view may not do what that one may not. */
function kindOf(x: Tensor, kind: ViewKind): ViewKind {
  if (MODE.inference) return "inference";
  if (!MODE.grad) return "noGrad";
  return kind === "view" && x.viewInfo !== null ? x.viewInfo.kind : kind;
}

/** Applies a view: `shape`, `strides` and `offset` say where it looks, `options` what the rule needs, `info` as what it reads the memory. */
export function move<O>(
  op: MoveOp<O>,
  x: Tensor,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  options: O,
  info?: DTypeInfo,
): Tensor {
  const out = viewOf(x, shape, strides, offset, op.name, "view", info);
  record(op, [x], out, options);
  return out;
}
