// What a tensor is made of, and the one way to make one. Reading and the ops
// come on top, a class per theme; see core.ts and surface/.

import type { ViewInfo } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Node } from "../grad/node.ts";
import type { Storage, Strided } from "./device.ts";
import type { DTypeInfo } from "./dtype.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** The fields of a tensor. */
export class Fields implements Strided {
  /** The memory; views share it. Of use to devices and ops only. */
  declare storage: Storage;
  /** The element type as the engine knows it; users read `dtype`. */
  declare info: DTypeInfo;
  /** Length along each dimension. */
  declare shape: Shape;
  /** Elements between neighbours along each dimension; users call `stride()`. */
  declare strides: readonly number[];
  /** Position of the first element in the storage. */
  declare offset: number;
  /** Number of elements. */
  declare count: number;
  /** Whether elements lie in row-major order without gaps. */
  declare dense: boolean;
  /** Whether the tensor stands for a plain number, which gives way in type promotion. */
  declare wrapped: boolean;
  /** Whether gradients flow here; users read `requiresGrad`. */
  declare tracked: boolean;
  /** How it was computed; users read `gradFn`. */
  declare node: Node | null;
  /** Which output of the node it is. */
  declare outputNr: number;
  /** What was accumulated; users read `grad`. */
  declare gradient: Tensor | null;
  /** The node that accumulates into this leaf. */
  declare accumulator: Node | null;
  /** What it looks into, for a view. */
  declare viewInfo: ViewInfo | null;
  /** Whether it was made in inference mode. */
  declare inference: boolean;

  /** Refuses: tensors are made by `tensor`, `zeros`, `randn` and the like. */
  constructor() {
    throw new TypeError(
      "a Tensor is not made with new; use tensor(), zeros(), randn() or another maker",
    );
  }
}

/**
 * Fills in the fields; stack traces show its name. It gets the prototype of `Tensor`, so that what it makes
 * are tensors; running the constructors of the twenty classes in between would
 * cost more than a tiny op.
 */
const TensorObject = function Tensor(
  this: Fields,
  storage: Storage,
  info: DTypeInfo,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  count: number,
  dense: boolean,
): void {
  this.storage = storage;
  this.info = info;
  this.shape = shape;
  this.strides = strides;
  this.offset = offset;
  this.count = count;
  this.dense = dense;
  this.wrapped = false;
  this.tracked = false;
  this.node = null;
  this.outputNr = 0;
  this.gradient = null;
  this.accumulator = null;
  this.viewInfo = null;
  this.inference = MODE.inference;
};

const Maker = TensorObject as unknown as new (
  storage: Storage,
  info: DTypeInfo,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  count: number,
  dense: boolean,
) => Tensor;

/** Tells which class tensors have; called once by tensor.ts. */
export function setTensorClass(tensorClass: { prototype: Fields }): void {
  TensorObject.prototype = tensorClass.prototype;
}

/** Makes a tensor on memory that exists. */
export function makeTensor(
  storage: Storage,
  info: DTypeInfo,
  shape: Shape,
  strides: readonly number[],
  offset: number,
  count: number,
  dense: boolean,
): Tensor {
  return new Maker(storage, info, shape, strides, offset, count, dense);
}

/** The same memory and geometry without history. */
export function aliasOf(x: Fields): Tensor {
  const { storage, info, shape, strides, offset, count, dense } = x;
  return makeTensor(storage, info, shape, strides, offset, count, dense);
}
