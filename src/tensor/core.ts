// What a tensor is: memory, geometry, element type, and its place in the
// autograd graph. The ops come on top, a class per family; see surface/.

import { edgeOf, isTracked } from "../grad/history.ts";
import { MODE } from "../grad/mode.ts";
import type { Node } from "../grad/node.ts";
import type { Device, Strided, TypedArray } from "./device.ts";
import { type DType, type DTypeInfo, INT64 } from "./dtype.ts";
import { aliasOf, Fields } from "./fields.ts";
import { IndexError, RuntimeError } from "./errors.ts";
import { formatTensor } from "./format.ts";
import { showByToString } from "./inspect.ts";
import { normalizeDim, sameShape, type Shape, showShape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Nested arrays of numbers, bigints or booleans, as `tolist()` returns them. */
export type Nested = number | bigint | boolean | readonly Nested[];

/** Reading a tensor, and what it says of itself. */
export class Core extends Fields {
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

  /** Number of elements. See `Tensor.numel`. */
  numel(): number {
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
    const self = this as unknown as Tensor;
    return isTracked(self) ? this.node : null;
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
  }

  /** Turns the computing of a gradient on or off for a leaf. See `Tensor.requires_grad_`. */
  requiresGrad_(requiresGrad = true): Tensor {
    const self = this as unknown as Tensor;
    if (isTracked(self) && this.node !== null && !requiresGrad) {
      throw new RuntimeError(
        "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
        `this tensor was computed by ${this.node.name}; use detach()`,
      );
    }
    if (requiresGrad && this.info.category !== 2) {
      throw new RuntimeError(
        "only Tensors of floating point dtype can require gradients",
        `this tensor is ${this.info.name}; create it with { dtype: "float32" } or convert it with float() first`,
      );
    }
    if (requiresGrad && this.inference && !MODE.inference) {
      throw new RuntimeError(
        "Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.",
        "clone() it outside inferenceMode() first",
      );
    }
    this.tracked = requiresGrad;
    return self;
  }

  /** Reads the only element: a number, or a boolean for bool (`item<boolean>()`). See `Tensor.item`. */
  item<T extends number | boolean = number>(): T {
    const value = onlyElement(this);
    if (this.info.category === 0) return (value !== 0) as T;
    return (typeof value === "bigint" ? safeNumber(value) : value) as T;
  }

  /** Reads the only element as a bigint, exactly. */
  itemBigInt(): bigint {
    const value = onlyElement(this);
    return typeof value === "bigint" ? value : BigInt(Math.trunc(value));
  }

  /** Copies the elements, row-major, into a typed array of their type; bool is Uint8Array, bfloat16 Uint16Array of its bits. */
  typedArray(): TypedArray {
    return this.storage.device.read(this);
  }

  /** The asynchronous twin of {@linkcode Core.typedArray}. */
  read(): Promise<TypedArray> {
    return Promise.resolve(this.typedArray());
  }

  /** The elements as nested arrays of numbers (booleans for bool); a number where 0-d. See `Tensor.tolist`. */
  // deno-lint-ignore no-explicit-any -- the depth of nesting is the tensor's rank
  tolist(): any {
    const flat = flatValues(this);
    let at = 0;
    const build = (dim: number): Nested => {
      if (dim === this.shape.length) return flat[at++]!;
      return Array.from({ length: this.shape[dim]! }, () => build(dim + 1));
    };
    return build(0);
  }

  /** Shows the tensor exactly as PyTorch does. */
  override toString(): string {
    const self = this as unknown as Tensor;
    const read = this.storage.device.readOne;
    return formatTensor({
      shape: this.shape,
      dtype: this.info.name,
      deviceType: this.storage.device.type,
      requiresGrad: this.requiresGrad,
      gradFnName: self.gradFn?.name ?? null,
      element: (index) => {
        let at = this.offset;
        index.forEach((i, d) => at += i * this.strides[d]!);
        const value = read.call(this.storage.device, {
          ...scalarAt(this, at),
        });
        return this.info.category === 0 ? value !== 0 : value;
      },
    });
  }

  /** A 0-d tensor converts to its number, also in a template literal; a larger one to its text. */
  [Symbol.toPrimitive](hint: string): number | string {
    if (this.shape.length > 0) {
      if (hint !== "number") return this.toString();
      if (this.count !== 1) {
        throw new RuntimeError(
          "only one element tensors can be converted to Python scalars",
          `the shape is ${
            showShape(this.shape)
          }; compare element by element with lt, gt and so on`,
        );
      }
    }
    if (hint === "string" && this.info === INT64) {
      return String(this.itemBigInt());
    }
    const value: number | boolean = this.item();
    return hint === "string" ? String(value) : Number(value);
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

  /** The same memory with another place in the graph; for the tape only. */
  withHistory(node: Node | null, outputNr: number): Tensor {
    const out = aliasOf(this);
    out.node = node;
    out.outputNr = outputNr;
    out.tracked = true;
    return out;
  }

  /** The node that gets this tensor's gradient; for the tape only. */
  gradientEdge(): Node | null {
    return edgeOf(this as unknown as Tensor);
  }
}

showByToString(Core.prototype);

/** One element of a tensor as a 0-d geometry. */
export function scalarAt(x: Strided, offset: number): Strided {
  return {
    storage: x.storage,
    info: x.info,
    shape: [],
    strides: [],
    offset,
    count: 1,
    dense: true,
  };
}

/** All elements, row-major, as numbers (booleans for bool). */
export function flatValues(x: Core): (number | boolean)[] {
  const data = x.storage.device.read(x);
  const out = new Array<number | boolean>(x.count);
  for (let i = 0; i < out.length; i++) {
    const value = decode(x.info, data[i]!);
    out[i] = x.info.category === 0
      ? value !== 0
      : typeof value === "bigint"
      ? safeNumber(value)
      : value;
  }
  return out;
}

/** The value of an element as it stands in a typed array; only bfloat16 is stored in disguise. */
export function decode(
  info: DTypeInfo,
  stored: number | bigint,
): number | bigint {
  if (info.name !== "bfloat16") return stored;
  BITS[0] = (stored as number) << 16;
  return FLOAT_OF_BITS[0]!;
}

const BITS = new Int32Array(1);
const FLOAT_OF_BITS = new Float32Array(BITS.buffer);

function safeNumber(value: bigint): number {
  if (value > EXACT || value < -EXACT) {
    throw new RangeError(
      `${value} does not fit a JavaScript number exactly; read it with itemBigInt() or typedArray()`,
    );
  }
  return Number(value);
}

const EXACT = 2n ** 53n;

function onlyElement(x: Fields): number | bigint {
  if (x.count !== 1) {
    throw new RuntimeError(
      `a Tensor with ${x.count} elements cannot be converted to Scalar`,
      `the shape is ${
        showShape(x.shape)
      }; item() reads a single element, tolist() and typedArray() read all`,
    );
  }
  return x.storage.device.readOne(x);
}

function checkHasDims(x: Fields, dim: number): void {
  if (x.shape.length === 0) {
    throw new IndexError(
      `Dimension specified as ${dim} but tensor has no dimensions`,
    );
  }
}

function checkGradient(x: Core, value: Tensor): void {
  if (value === (x as unknown as Tensor)) {
    throw new RuntimeError("can't assign Variable as its own grad");
  }
  if (value.info !== x.info) {
    throw new RuntimeError(
      `attempting to assign a gradient with dtype '${value.dtype}' to a tensor with grad_dtype '${x.dtype}'. The gradient must match the tensor's grad_dtype (defaults to the tensor's dtype). You can set the tensor's grad_dtype attribute with a specific dtype, or None to allow any dtype. Set grad_dtype with caution. Diverging the dtypes of a tensor and its gradient may break downstream systems that assume they match.`,
      `convert it with to("${x.dtype}")`,
    );
  }
  if (value.storage.device !== x.storage.device) {
    throw new RuntimeError(
      "assigned grad has data located on a different device",
    );
  }
  if (!sameShape(value.shape, x.shape)) {
    throw new RuntimeError(
      "assigned grad has data of a different size",
      `the tensor has shape ${showShape(x.shape)}, the gradient ${
        showShape(value.shape)
      }`,
    );
  }
}
