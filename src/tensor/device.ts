// The one page a new device must read: what it stores and computes. It sees
// types, strides and expressions; nothing of tensors, ops, shapes or gradients.

import type { Overlay } from "./device_overlay.ts";
import type {
  ConvolutionGeometry,
  WindowMeans,
  Windows,
} from "./device_geometry.ts";
import type { Fourier } from "./device_fourier.ts";
import type { MatrixTask } from "./device_matrices.ts";
import type { RowChange, RowKernel, RowStep } from "./device_rows.ts";
import type { DTypeInfo } from "./dtype.ts";
import { RuntimeError } from "./errors.ts";
import type { Expr } from "./expr.ts";

export type {
  ConvolutionGeometry,
  MatrixTask,
  Overlay,
  RowChange,
  RowKernel,
  RowStep,
  WindowMeans,
  Windows,
};

/** A typed array that holds elements of some {@linkcode DTypeInfo}. */
export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | BigInt64Array
  | Float16Array
  | Float32Array
  | Float64Array;

/** Memory on a device. Views share it, and with it the count of changes in place. */
export interface Storage {
  /** Where the memory is; see disposal.ts for what takes its place. */
  device: Device;
  /** Number of elements. */
  readonly length: number;
  /** The storage whose memory this one is another name of, see {@linkcode Device.alias}; else null. */
  readonly owner: Storage | null;
  /** Counts changes in place, so that autograd notices a stale saved value. */
  version: number;
}

/** Elements laid out in a storage: all that a device ever sees of a tensor. */
export interface Strided {
  /** The memory. */
  readonly storage: Storage;
  /** Type of the elements. */
  readonly info: DTypeInfo;
  /** Length along each dimension. */
  readonly shape: readonly number[];
  /** Elements between neighbours along each dimension; 0 where broadcast, negative where an input is read backwards. */
  readonly strides: readonly number[];
  /** Position of the first element in the storage. */
  readonly offset: number;
  /** Number of elements. */
  readonly count: number;
  /** Whether elements lie in row-major order without gaps. */
  readonly dense: boolean;
}

/** An elementwise kernel of one to three inputs. */
export interface MapKernel {
  /** Dense number of the kernel, for tables of compiled code. */
  readonly id: number;
  /** Number of inputs. */
  readonly arity: number;
  /** What it computes. */
  readonly body: Expr;
  /** The same for complex numbers, where `body` has no meaning for them. */
  readonly complex?: Expr;
  /** The op's name, for errors. */
  readonly name?: string;
}

/** An elementwise kernel that changes several of its operands in one pass. */
export interface UpdateKernel {
  /** Dense number of the kernel, for tables of compiled code. */
  readonly id: number;
  /** What each operand becomes, of the elements of all of them before; null where it is only read. */
  readonly bodies: readonly (Expr | null)[];
}

/** A reduction or a scan: a start value and a step, with an optional prologue and epilogue. */
export interface ReduceKernel {
  /** Dense number of the kernel, for tables of compiled code. */
  readonly id: number;
  /** Start value; `"lowest"` and `"highest"` are those of the element type. */
  readonly start: number | "lowest" | "highest";
  /** Combines the accumulator (input 0) with an element (input 1). */
  readonly step: Expr;
  /** Applied to each element (input 0) first. */
  readonly prologue: Expr | null;
  /** Applied to the accumulator (input 0) last; param 0 is the number of elements. */
  readonly finish: Expr | null;
}

/** What becomes of the sums of a product: `alpha * sum + beta * addend`, bounded. */
export interface Epilogue {
  /** Factor of the sums. */
  readonly alpha: number;
  /** What is added: shaped like the result, with strides of 0 where it is broadcast, and of its element type. */
  readonly addend: Strided | null;
  /** Factor of the addend. */
  readonly beta: number;
  /** Whether results below zero become zero. */
  readonly relu: boolean;
}

/** How a scatter combines a value with the one that is there. */
export type ScatterMode = "set" | "sum" | "prod" | "amax" | "amin";

/** Where tensors live and kernels run. */
export interface Device extends Overlay, Fourier {
  /** `"cpu"` or `"webgpu"`. */
  readonly type: string;
  /** The type of indices and of integer sums: int64, or int32 where there is no int64. */
  readonly indexInfo: DTypeInfo;
  /** Up to how many elements a row is best done by one call of {@linkcode rows}, over several dimensions too; absent where it never is. */
  readonly mostInRow?: number;
  /** Whether inputs of maps may be bool, as 0 and 1, whatever is computed in. */
  readonly mapsBool?: boolean;

  /** Reserves memory; its contents are undefined. */
  allocate(info: DTypeInfo, length: number): Storage;
  /** The same memory under a version of its own, for `x.data`. */
  alias(storage: Storage): Storage;
  /** Gives memory back early, unless it has other names ({@linkcode alias}). Whoever still uses the storage must meet `refuseDisposed` of disposal.ts. */
  free(storage: Storage): void;
  /** Stores host values into dense memory, converting them as a cast does. */
  write(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): void;
  /** Copies all elements to the host, row-major, in the typed array of their type. */
  read(x: Strided): TypedArray;
  /** The asynchronous twin of {@linkcode read}, for several at the cost of one. */
  readAll(tensors: readonly Strided[]): Promise<TypedArray[]>;
  /** Reads the first element; int64 as a bigint. */
  readOne(x: Strided): number | bigint;
  /** Sets every element. */
  fill(out: Strided, value: number | bigint): void;
  /** Copies with conversion; `x` is broadcast to `out`. */
  copy(out: Strided, x: Strided): void;

  /**
   * Computes an expression per element. Inputs are broadcast to `out` and have
   * the element type `compute`; `out` has it too, or bool where the body is a
   * condition. An input may be `out` itself.
   */
  map(
    kernel: MapKernel,
    compute: DTypeInfo,
    out: Strided,
    a: Strided,
    b: Strided | null,
    c: Strided | null,
    params: readonly number[],
  ): void;
  /**
   * Changes up to eight operands in place, each element once. All have one shape
   * and floating-point type; none that changes shares memory with another.
   */
  update(
    kernel: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void;
  /** Reduces the last `rank` dimensions of `x`, computing in `compute`; `out` is dense and has the leading dimensions of `x`. */
  reduce(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
    rank: number,
  ): void;
  /** Running reduction along the last dimension; `out` is dense and shaped like `x`. */
  scan(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
  ): void;
  /**
   * Runs a fused computation on rows, each of the last `rank` dimensions. All
   * operands have one floating-point type, but that inputs may be int32. Inputs
   * and `out`, which is null where the kernel has no result per element, have
   * one shape, any strides; inputs may repeat elements. `totals` are dense and
   * have the leading dimensions.
   */
  rows(
    kernel: RowKernel,
    out: Strided | null,
    totals: readonly Strided[],
    inputs: readonly Strided[],
    params: readonly number[],
    rank: number,
  ): void;
  /**
   * Position of the first largest or smallest element along the last dimension;
   * NaN wins. Returns whether the elements themselves are in `values`, where
   * that is given: a device may leave them to the caller.
   */
  argReduce(
    largest: boolean,
    out: Strided,
    x: Strided,
    values: Strided | null,
  ): boolean;
  /** Running maximum or minimum along the last dimension, with positions (the last of equals); NaN wins. */
  argScan(
    largest: boolean,
    values: Strided,
    indices: Strided,
    x: Strided,
  ): void;
  /**
   * Stable sort along the last dimension; NaN counts as largest. The results
   * are dense; where they are shorter than the rows, the first elements of the
   * sorted rows are all that is wanted.
   */
  sort(
    values: Strided,
    indices: Strided,
    x: Strided,
    descending: boolean,
  ): void;
  /** `out[..., i, ...] = x[..., index[..., i, ...], ...]` along `dim`; `out` is shaped like `index`. */
  gather(out: Strided, x: Strided, dim: number, index: Strided): void;
  /** Combines `src` into `out` at `index` along `dim`, in row-major order of `index`; shapes as in {@linkcode gather}. */
  scatter(
    out: Strided,
    dim: number,
    index: Strided,
    src: Strided,
    mode: ScatterMode,
  ): void;
  /**
   * Checks indices and turns them into distances: `out` becomes `index * scale`,
   * added to what is there if `carry`. A negative index counts from the end if
   * `wraps`, else it is out of range. Returns the first index that is out of
   * range, or null. `index` is broadcast to `out`, which is int32 and dense.
   */
  foldIndex(
    out: Strided,
    index: Strided,
    size: number,
    wraps: boolean,
    scale: number,
    carry: boolean,
  ): number | null;
  /** Whether the elements are known to lie from 0 to below `size`, dense and int32: {@linkcode foldIndex} would change nothing. */
  knowsIndex?(index: Strided, size: number): boolean;
  /** Notes without a look that the elements lie from 0 to below `size`, and that those of each run of `run`, `step` apart, differ. */
  vouch?(index: Strided, size: number, run?: number, step?: number): void;
  /** Row-major positions of the elements that are not zero, as int32. */
  nonzero(x: Strided): Storage;
  /** First position at which each value could be inserted into the sorted rows; `right` gives the last. */
  searchSorted(
    out: Strided,
    sorted: Strided,
    values: Strided,
    right: boolean,
  ): void;
  /** Sums windows along `dim`, weighted where they say so, 0 where one is empty. Both are dense, of equal shapes but for `dim`. */
  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void;
  /** Sums of windows over several dimensions, divided, where that is one pass; both are dense. */
  windowMean?(out: Strided, x: Strided, means: WindowMeans): void;
  /**
   * Largest elements of windows over the last dimensions, one to three, and
   * their row-major positions there (int64): the first of equals, or the last
   * NaN. All are dense; an empty window gives the lowest value at its start.
   */
  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void;
  /**
   * Batched matrix product: `out[b] = x[b] @ y[b]`, all three of rank 3 and one
   * element type. Returns whether the {@linkcode Epilogue} was applied, where
   * one is given: a device may leave it to the caller, and `out` holds the sums.
   * Products with one `mark` have one `y`, unchanged: what a device prepared for
   * it may serve again.
   */
  matmul(
    out: Strided,
    x: Strided,
    y: Strided,
    epilogue: Epilogue | null,
    mark?: object | null,
  ): boolean;
  /**
   * Convolution over one to three dimensions, written in one to show the rule:
   * `out[n, g, c, o]` is the sum over all `i`, `k` and `p` with
   * `p * spread = o * stride + k * dilation - padding` of
   * `x[n, g, i, p] * w[g, c, i, k]`, and of `bias[g, c]` where there is one.
   */
  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): void;
  /** Linear algebra, where the device has it: see {@linkcode MatrixTask}. */
  factor?(
    task: MatrixTask,
    results: readonly Strided[],
    operands: readonly Strided[],
  ): void;
}

/** A device as callers name it. */
export type DeviceLike = Device | "cpu" | "webgpu";

let host: Device | null = null;
let preferred: Device | null = null;
let latestGpu: Device | null = null;

/** The device that plain numbers live on: the CPU. */
export function hostDevice(): Device {
  if (host === null) {
    throw new Error(
      "no device is registered: import an entry point of the package",
    );
  }
  return host;
}

/** Registers the CPU; called once, when the CPU device is loaded. */
export function registerHost(device: Device): void {
  host = device;
}

/** Registers the GPU that the string `"webgpu"` names: the last one requested. */
export function registerGpu(device: Device): void {
  latestGpu = device;
}

/** The device that a caller names; the default device where none is named. */
export function deviceOf(named: DeviceLike | undefined): Device {
  if (named === undefined) return preferred ?? hostDevice();
  if (named === "cpu") return hostDevice();
  if (named === "webgpu") {
    if (latestGpu !== null) return latestGpu;
    throw new RuntimeError(
      "no WebGPU device was requested",
      "call await dg.requestGpu() first",
    );
  }
  if (typeof named === "object" && named !== null && "allocate" in named) {
    return named;
  }
  throw new RuntimeError(
    `Expected one of cpu device type at start of device string: ${
      String(named)
    }`,
    'a device is "cpu", "webgpu" or a device object',
  );
}

/**
 * Sets the device on which tensors are created where none is named. See
 * `torch.set_default_device`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * dg.setDefaultDevice("cpu");
 * assertEquals(dg.getDefaultDevice() === dg.cpu, true);
 * ```
 */
export function setDefaultDevice(device: DeviceLike): void {
  preferred = deviceOf(device);
}

/**
 * Returns the device on which tensors are created where none is named. See
 * `torch.get_default_device`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(dg.getDefaultDevice().type, "cpu");
 * ```
 */
export function getDefaultDevice(): Device {
  return deviceOf(undefined);
}
