// The CPU device: what `Device` asks for, from loops in JavaScript that are
// printed from the expressions. It knows nothing of tensors, ops or gradients.

import { ACCELERATOR } from "../tensor/accelerator.ts";
import {
  type ConvolutionGeometry,
  type Device,
  type Epilogue,
  type MapKernel,
  type MatrixTask,
  type ReduceKernel,
  registerHost,
  type RowKernel,
  type ScatterMode,
  type Storage,
  type Strided,
  type TypedArray,
  type UpdateKernel,
  type Windows,
} from "../tensor/device.ts";
import { type DTypeInfo, INT64 } from "../tensor/dtype.ts";
import { showByToString } from "../tensor/inspect.ts";
import { blasMatmul } from "./blas.ts";
import { runConvolution } from "./convolution.ts";
import { runFoldIndex, runGather, runScatter } from "./gather.ts";
import { runCopy, runMap } from "./map_loop.ts";
import { bfloat16BitsToFloat } from "./math_basic.ts";
import { runMatmul } from "./matmul.ts";
import { runTask } from "./matrices/task.ts";
import {
  findNonzero,
  runArgReduce,
  runArgScan,
  runSearchSorted,
} from "./order.ts";
import { runReduce, runScan } from "./reduce_loop.ts";
import { runRows } from "./row_loop.ts";
import { runSort } from "./sort.ts";
import { compileSource, convert, kindOf, store } from "./spelling.ts";
import { alias, allocate, CpuStorage, free, makeArray } from "./storage.ts";
import { TALLY } from "./tally.ts";
import { wasmConvolution } from "./wasm/conv_paths.ts";
import { wasmMatmul } from "./wasm/gemm_paths.ts";
import { wasmMap } from "./wasm/map_call.ts";
import { runUpdate } from "./update_loop.ts";
import { wasmCopy, wasmFill } from "./wasm/copy.ts";
import { wasmGather, wasmScatter } from "./wasm/gather.ts";
import { wasmArgReduce, wasmScan } from "./wasm/line.ts";
import {
  wasmArgScan,
  wasmFoldIndex,
  wasmNonzero,
  wasmSearchSorted,
} from "./wasm/positions.ts";
import { wasmReduce } from "./wasm/reduce.ts";
import { wasmSort } from "./wasm/sort.ts";
import {
  stagedArgReduce,
  stagedArgScan,
  stagedMatmul,
  stagedReduce,
  stagedScan,
} from "./wasm/staged.ts";
import { wasmRows } from "./wasm/rows.ts";
import { wasmUpdate } from "./wasm/update.ts";
import { wasmWindowMax, wasmWindowSum } from "./wasm/window.ts";
import { runWindowMax, runWindowSum } from "./window_loop.ts";

/** Converts a host number to what is stored, by element type. */
const STORES: ((value: number) => number | bigint)[] = [];

function storer(info: DTypeInfo): (value: number) => number | bigint {
  return STORES[info.code] ??= compileSource(
    `(v)=>${store(info, "f64", "v")}`,
  );
}

const STORES_BIG: ((value: bigint) => number | bigint)[] = [];

function bigStorer(info: DTypeInfo): (value: bigint) => number | bigint {
  return STORES_BIG[info.code] ??= compileSource(
    info.name === "bfloat16"
      ? `(v)=>floatToBfloat16Bits(${convert("i64", "f64", "v")})`
      : `(v)=>${store(info, "i64", "v")}`,
  );
}

/** The device on typed arrays. */
class CpuDevice implements Device {
  readonly type = "cpu";
  readonly indexInfo = INT64;

  allocate(info: DTypeInfo, length: number): Storage {
    return allocate(this, info, length);
  }

  alias(storage: Storage): Storage {
    return alias(storage as CpuStorage);
  }

  free(storage: Storage): void {
    free(storage as CpuStorage);
  }

  write(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): void {
    const { data, base } = out.storage as CpuStorage;
    const start = base + out.offset;
    const n = values.length;
    if (n === 0) return;
    if (values.constructor === data.constructor && out.info.category === 1) {
      // Values of the very type that is stored need no conversion.
      (data as Int32Array).set(values as Int32Array, start);
      return;
    }
    if (typeof values[0] === "bigint") {
      const put = bigStorer(out.info);
      for (let i = 0; i < n; i++) data[start + i] = put(values[i] as bigint);
      return;
    }
    if (kindOf(out.info) === "f32" || kindOf(out.info) === "f64") {
      if (out.info.name !== "bfloat16") {
        (data as Float32Array).set(values as ArrayLike<number>, start);
        return;
      }
    }
    const put = storer(out.info);
    for (let i = 0; i < n; i++) data[start + i] = put(values[i] as number);
  }

  read(x: Strided): TypedArray {
    const out = makeArray(x.info, x.count);
    const storage = new CpuStorage(this, out, 0, x.count, 0, null);
    const strides = new Array<number>(x.shape.length);
    let step = 1;
    for (let d = x.shape.length - 1; d >= 0; d--) {
      strides[d] = step;
      step *= x.shape[d]!;
    }
    const { info, shape, count } = x;
    runCopy(
      { storage, info, shape, strides, offset: 0, count, dense: true },
      x,
    );
    return out;
  }

  readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    return Promise.resolve(tensors.map((x) => this.read(x)));
  }

  readOne(x: Strided): number | bigint {
    const { data, base } = x.storage as CpuStorage;
    const value = data[base + x.offset]!;
    return x.info.name === "bfloat16"
      ? bfloat16BitsToFloat(value as number)
      : value;
  }

  fill(out: Strided, value: number | bigint): void {
    const { data, base } = out.storage as CpuStorage;
    const stored = typeof value === "bigint"
      ? bigStorer(out.info)(value)
      : out.info.name === "float32" || out.info.name === "float64"
      ? value
      : storer(out.info)(value);
    const start = base + out.offset;
    if (out.dense) {
      if (out.count === 1) data[start] = stored;
      else if (!wasmFill(out, stored)) {
        (data as Float32Array).fill(
          stored as number,
          start,
          start + out.count,
        );
      }
      return;
    }
    const one = allocate(this, out.info, 1);
    one.data[one.base] = stored;
    runCopy(out, {
      storage: one,
      info: out.info,
      shape: [],
      strides: [],
      offset: 0,
      count: 1,
      dense: true,
    });
  }

  copy(out: Strided, x: Strided): void {
    if (wasmCopy(out, x)) return;
    runCopy(out, x);
  }

  map(
    kernel: MapKernel,
    compute: DTypeInfo,
    out: Strided,
    a: Strided,
    b: Strided | null,
    c: Strided | null,
    params: readonly number[],
  ): void {
    if (wasmMap(kernel, compute, out, a, b, c, params)) return;
    runMap(kernel, compute, out, a, b, c, params);
  }

  update(
    kernel: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void {
    if (wasmUpdate(kernel, operands, params)) return;
    runUpdate(kernel, operands, params);
  }

  reduce(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
    rank: number,
  ): void {
    if (wasmReduce(kernel, compute, out, x, rank)) return;
    if (stagedReduce(kernel, compute, out, x, rank)) return;
    runReduce(kernel, compute, out, x, rank);
  }

  scan(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
  ): void {
    if (wasmScan(kernel, compute, out, x)) return;
    if (stagedScan(kernel, compute, out, x)) return;
    runScan(kernel, compute, out, x);
  }

  rows(
    kernel: RowKernel,
    out: Strided | null,
    totals: readonly Strided[],
    inputs: readonly Strided[],
    params: readonly number[],
    rank: number,
  ): void {
    if (rank < 2 && wasmRows(kernel, out, totals, inputs, params)) return;
    runRows(kernel, out, totals, inputs, params, rank);
  }

  argReduce(largest: boolean, out: Strided, x: Strided): boolean {
    if (wasmArgReduce(largest, out, x)) return false;
    if (stagedArgReduce(largest, out, x)) return false;
    runArgReduce(largest, out, x);
    return false;
  }

  argScan(
    largest: boolean,
    values: Strided,
    indices: Strided,
    x: Strided,
  ): void {
    if (wasmArgScan(largest, values, indices, x)) return;
    if (stagedArgScan(largest, values, indices, x)) return;
    runArgScan(largest, values, indices, x);
  }

  sort(
    values: Strided,
    indices: Strided,
    x: Strided,
    descending: boolean,
  ): void {
    if (wasmSort(values, indices, x, descending)) return;
    runSort(values, indices, x, descending);
  }

  gather(out: Strided, x: Strided, dim: number, index: Strided): void {
    if (wasmGather(out, x, dim, index)) return;
    runGather(out, x, dim, index);
  }

  scatter(
    out: Strided,
    dim: number,
    index: Strided,
    src: Strided,
    mode: ScatterMode,
  ): void {
    if (wasmScatter(out, dim, index, src, mode)) return;
    runScatter(out, dim, index, src, mode);
  }

  foldIndex(
    out: Strided,
    index: Strided,
    size: number,
    wraps: boolean,
    scale: number,
    carry: boolean,
  ): number | null {
    if (wasmFoldIndex(out, index, size, wraps, scale, carry)) return null;
    return runFoldIndex(out, index, size, wraps, scale, carry);
  }

  nonzero(x: Strided): Storage {
    const listed = wasmNonzero(this, x);
    if (listed !== null) return listed;
    const found = findNonzero(x);
    return new CpuStorage(this, found, 0, found.length, 0, null);
  }

  searchSorted(
    out: Strided,
    sorted: Strided,
    values: Strided,
    right: boolean,
  ): void {
    if (wasmSearchSorted(out, sorted, values, right)) return;
    runSearchSorted(out, sorted, values, right);
  }

  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void {
    if (wasmWindowSum(out, x, dim, windows)) return;
    runWindowSum(out, x, dim, windows);
  }

  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void {
    if (wasmWindowMax(values, indices, x, windows)) return;
    runWindowMax(values, indices, x, windows);
  }

  matmul(
    out: Strided,
    x: Strided,
    y: Strided,
    epilogue: Epilogue | null,
    mark: object | null = null,
  ): boolean {
    const accelerator = ACCELERATOR.current;
    if (accelerator !== null && accelerator.matmul(out, x, y)) {
      TALLY.accelerated++;
      // The caller applies the epilogue.
      return false;
    }
    if (blasMatmul(out, x, y, epilogue)) return true;
    if (wasmMatmul(out, x, y, epilogue, mark)) return true;
    if (stagedMatmul(out, x, y, epilogue)) return true;
    runMatmul(out, x, y, epilogue);
    return true;
  }

  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): void {
    const accelerator = ACCELERATOR.current;
    if (
      accelerator !== null &&
      accelerator.convolve(out, x, w, bias, geometry)
    ) {
      TALLY.accelerated++;
      return;
    }
    if (wasmConvolution(out, x, w, bias, geometry)) return;
    runConvolution(out, x, w, bias, geometry);
  }

  factor(
    task: MatrixTask,
    results: readonly Strided[],
    operands: readonly Strided[],
  ): void {
    runTask(task, results, operands);
  }

  /** Shows the device as PyTorch does. */
  toString(): string {
    return this.type;
  }
}

showByToString(CpuDevice.prototype);

/** The device that is always there; see `torch.device("cpu")`. */
export const cpu: Device = new CpuDevice();

registerHost(cpu);
