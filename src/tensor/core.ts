// What a tensor says of itself: geometry, element type, and its place in the
// autograd graph. The ops come on top, a class per family; see surface/.

import { isTracked, nodeOf } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Node } from "../grad/node.ts";
import type { Device } from "./device.ts";
import type { DType } from "./dtype.ts";
import { aliasOf, type Fields } from "./fields.ts";
import { Reading } from "./core_reading.ts";
import { DISPOSED, disposeStorage, refuseDisposed } from "./disposal.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import { isTensor } from "./is_tensor.ts";
import { isParameter } from "./parameter_mark.ts";
import { normalizeDim, sameShape, type Shape, showShape } from "./shape.ts";
import { SCOPE } from "./scope.ts";
import type { Tensor } from "./tensor.ts";
import { isUninitialized, refuseUninitialized } from "./uninitialized.ts";

/** What a tensor says of itself, and its place in the autograd graph. */
export class Core extends Reading {
  /** Name of the element type. */
  get dtype(): DType {
    return this.info.name;
  }

  /** Where the tensor lives. */
  get device(): Device {
    return this.storage.device;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** How often the memory was changed in place. See `Tensor._version`. */
  get version(): number {
    if (this.inference) {
      throw new RuntimeError(
        "Inference tensors do not track version counter.",
        "the tensor was made inside inferenceMode(); a clone() made outside counts",
      );
    }
    return this.storage.version;
  }

  /** Bytes per element. See `Tensor.itemsize`. */
  get itemsize(): number {
    return this.info.bytes;
  }

  /** Bytes of all elements. See `Tensor.nbytes`. */
  get nbytes(): number {
    return this.info.bytes * this.count;
  }

  /** Number of dimensions. See `Tensor.dim`. */
  dim(): number {
    return this.shape.length;
  }

  /** Number of dimensions. See `Tensor.ndimension`. */
  ndimension(): number {
    return this.shape.length;
  }

  /** Number of elements. See `Tensor.numel`. */
  numel(): number {
    if (isUninitialized(this)) refuseUninitialized();
    return this.count;
  }

  /** Number of elements. See `Tensor.nelement`. */
  nelement(): number {
    if (isUninitialized(this)) refuseUninitialized();
    return this.count;
  }

  /** The shape. See `Tensor.size`. */
  size(): Shape;
  /** The length along one dimension. */
  size(dim: number): number;
  size(dim?: number): Shape | number {
    if (dim === undefined) return this.shape;
    checkHasDims(this, dim);
    return this.shape[normalizeDim(dim, this.shape.length)]!;
  }

  /** Elements between neighbours along each dimension. See `Tensor.stride`. */
  stride(): readonly number[];
  /** Elements between neighbours along one dimension. */
  stride(dim: number): number;
  stride(dim?: number): readonly number[] | number {
    if (dim === undefined) return this.strides;
    checkHasDims(this, dim);
    return this.strides[normalizeDim(dim, this.shape.length)]!;
  }

  /** Position of the first element in the memory. See `Tensor.storage_offset`. */
  storageOffset(): number {
    return this.offset;
  }

  /** Whether elements lie in row-major order without gaps. See `Tensor.is_contiguous`. */
  isContiguous(): boolean {
    return this.dense;
  }

  /** Bytes per element. See `Tensor.element_size`. */
  elementSize(): number {
    return this.info.bytes;
  }

  /** Whether the element type is a floating-point type. See `Tensor.is_floating_point`. */
  isFloatingPoint(): boolean {
    return this.info.category === 2;
  }

  /** Whether the element type is a signed type. See `Tensor.is_signed`. */
  isSigned(): boolean {
    return this.info.name !== "uint8" && this.info.name !== "bool";
  }

  /** Whether the tensor was made in inference mode. See `Tensor.is_inference`. */
  isInference(): boolean {
    return this.inference;
  }

  /** Whether the shapes are equal. See `Tensor.is_same_size`. */
  isSameSize(other: Tensor): boolean {
    return sameShape(this.shape, other.shape);
  }

  /** Whether a gradient is computed for this tensor; may be set on a leaf. */
  get requiresGrad(): boolean {
    return isTracked(this as unknown as Tensor);
  }

  set requiresGrad(value: boolean) {
    this.requiresGrad_(value);
  }

  /** How the tensor was computed, or null for a leaf. See `Tensor.grad_fn`. */
  get gradFn(): Node | null {
    return nodeOf(this as unknown as Tensor);
  }

  /** Whether the user made the tensor, or no gradient is wanted for it. See `Tensor.is_leaf`. */
  get isLeaf(): boolean {
    return this.gradFn === null;
  }

  /** The accumulated gradient, or null. See `Tensor.grad`. */
  get grad(): Tensor | null {
    return this.gradient;
  }

  set grad(value: Tensor | null) {
    if (value !== null) checkGradient(this, value);
    this.gradient = value;
    SCOPE.current?.touch(this as unknown as Tensor);
  }

  /** Turns the computing of a gradient on or off for a leaf. See `Tensor.requires_grad_`. */
  requiresGrad_(requiresGrad = true): Tensor {
    const self = this as unknown as Tensor;
    const node = nodeOf(self);
    if (node !== null) {
      if (requiresGrad) return self;
      throw new RuntimeError(
        "you can only change requiresGrad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
        `this tensor was computed by ${node.name}; use detach()`,
      );
    }
    if (requiresGrad && this.info.category < 2) {
      throw new RuntimeError(
        "only Tensors of floating point dtype can require gradients",
        `this tensor is ${this.info.name}; create it with { dtype: "float32" } or convert it with float() first`,
      );
    }
    if (requiresGrad && this.inference && !MODE.inference) {
      throw new RuntimeError(
        "Setting requiresGrad=true on inference tensor outside InferenceMode is not allowed.",
        "clone() it outside inferenceMode() first",
      );
    }
    this.tracked = requiresGrad;
    return self;
  }

  /** Whether the tensor is a parameter of a module. See `torch.nn.Parameter`. */
  get isParameter(): boolean {
    return isParameter(this);
  }

  /** The number of rows. */
  get length(): number {
    if (this.shape.length === 0) throw new TypeError("len() of a 0-d tensor");
    return this.shape[0]!;
  }

  /** The same memory without history. See `Tensor.detach`. */
  detach(): Tensor {
    const out = aliasOf(this);
    out.inference = this.inference;
    return out;
  }

  /**
   * Gives the memory back at once, that of a view with that of all other views
   * of its base. Whatever uses it afterwards throws. A second call does nothing.
   * Memory that `x.data` shares stays with the other name. Nobody needs to call
   * this: memory frees itself.
   */
  dispose(): void {
    disposeStorage(this.storage);
  }

  /** What the end of a `using` block calls; see {@linkcode Core.dispose}. */
  [Symbol.dispose](): void {
    disposeStorage(this.storage);
  }

  /** Whether the memory was given back, by `dispose()` or at the end of a `scope()`. */
  get isDisposed(): boolean {
    return this.storage.device === DISPOSED;
  }

  /** The same memory with another place in the graph; for the tape only. */
  withHistory(node: Node | null, outputNr: number): Tensor {
    const out = aliasOf(this);
    out.node = node;
    out.outputNr = outputNr;
    out.tracked = true;
    return out;
  }
}

function checkHasDims(x: Fields, dim: number): void {
  if (x.shape.length === 0) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
}

function checkGradient(x: Core, value: Tensor): void {
  if (!isTensor(value)) {
    throw new TypeError(
      `assigned grad expected to be a Tensor or null but got grad of type ${typeof value}`,
    );
  }
  if (value === (x as unknown as Tensor)) {
    throw new RuntimeError("can't assign Variable as its own grad");
  }
  if (value.info !== x.info) {
    throw new RuntimeError(
      `attempting to assign a gradient with dtype '${value.info.cName}' to a tensor with grad_dtype '${x.info.scalarName}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
      `convert it with to("${x.dtype}")`,
    );
  }
  if (value.storage.device !== x.storage.device) {
    if (value.isDisposed || x.isDisposed) refuseDisposed();
    throw new RuntimeError(
      "assigned grad has data located on a different device",
    );
  }
  if (!sameShape(value.shape, x.shape)) {
    throw new RuntimeError(
      `attempting to assign a gradient of size '${
        showShape(value.shape)
      }' to a tensor of size '${
        showShape(x.shape)
      }'. Please ensure that the gradient and the tensor are the same size`,
      "reduce it with sumToSize(), or change its shape with reshape()",
    );
  }
}
