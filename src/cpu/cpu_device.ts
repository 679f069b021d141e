// The CPU device: what `Device` asks for, from loops in JavaScript that are
// printed from the expressions. It knows nothing of tensors, ops or gradients.

import { refuseComplex } from "../tensor/complex_refusal.ts";
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
import {
  anyComplex,
  copyComplex,
  fillComplex,
  gatherComplex,
  nonzeroComplex,
  pairs,
  readComplex,
  readOneComplex,
  scatterComplex,
  writeComplex,
} from "../tensor/device_complex.ts";
import {
  matmulComplex,
  reduceComplex,
  scanComplex,
  windowSumComplex,
} from "../tensor/device_complex_folds.ts";
import { mapComplex } from "../tensor/device_complex_maps.ts";
import type { FourierTask } from "../tensor/device_fourier.ts";
import { type DTypeInfo, INT64 } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { blasMatmul } from "./blas.ts";
import { fillValues, readValues, writeValues } from "./host_values.ts";
import { runConvolution } from "./convolution.ts";
import { runFourier } from "./fourier/transform.ts";
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
import { alias, allocate, CpuStorage, free } from "./storage.ts";
import { TALLY } from "./tally.ts";
import { wasmConvolution } from "./wasm/conv_paths.ts";
import { wasmMatmul } from "./wasm/gemm_paths.ts";
import { wasmMap } from "./wasm/map_call.ts";
import { runUpdate } from "./update_loop.ts";
import { wasmCopy } from "./wasm/copy.ts";
import { wasmFourier } from "./wasm/fourier.ts";
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

function refuseSort(): never {
  throw new RuntimeError(
    "Sort does not support complex dtypes on CPU",
    "complex numbers have no order; sort abs() or real() of them",
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
    if (out.info.category === 3) return writeComplex(this, out, values);
    writeValues(out, values);
  }

  read(x: Strided): TypedArray {
    if (x.info.category === 3) return readComplex(this, x);
    return readValues(this, x);
  }

  readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    return Promise.resolve(tensors.map((x) => this.read(x)));
  }

  readOne(x: Strided): number | bigint {
    if (x.info.category === 3) readOneComplex(x);
    const { data, base } = x.storage as CpuStorage;
    const value = data[base + x.offset]!;
    return x.info.name === "bfloat16"
      ? bfloat16BitsToFloat(value as number)
      : value;
  }

  fill(out: Strided, value: number | bigint): void {
    if (out.info.category === 3) return fillComplex(this, out, value);
    fillValues(this, out, value);
  }

  copy(out: Strided, x: Strided): void {
    if (out.info.category === 3 || x.info.category === 3) {
      return copyComplex(this, out, x);
    }
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
    if (compute.category === 3) {
      return mapComplex(this, kernel, compute, out, a, b, c, params);
    }
    if (wasmMap(kernel, compute, out, a, b, c, params)) return;
    runMap(kernel, compute, out, a, b, c, params);
  }

  update(
    kernel: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void {
    // Both parts are numbers on their own to an optimizer, as in PyTorch.
    if (anyComplex(operands)) operands = operands.map(pairs);
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
    if (compute.category === 3) {
      return reduceComplex(this, kernel, compute, out, x, rank);
    }
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
    if (compute.category === 3) {
      return scanComplex(this, kernel, compute, out, x);
    }
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
    if (anyComplex(inputs)) refuseComplex("rows_cpu", inputs[0]!.info);
    if (rank < 2 && wasmRows(kernel, out, totals, inputs, params)) return;
    runRows(kernel, out, totals, inputs, params, rank);
  }

  argReduce(largest: boolean, out: Strided, x: Strided): boolean {
    if (x.info.category === 3) refuseComplex("argmax_cpu", x.info);
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
    if (x.info.category === 3) refuseComplex("cummax_cpu", x.info);
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
    if (x.info.category === 3) refuseSort();
    if (wasmSort(values, indices, x, descending)) return;
    runSort(values, indices, x, descending);
  }

  gather(out: Strided, x: Strided, dim: number, index: Strided): void {
    if (x.info.category === 3) {
      return gatherComplex(this, out, x, dim, index);
    }
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
    if (out.info.category === 3) {
      return scatterComplex(this, out, dim, index, src, mode);
    }
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
    if (x.info.category === 3) return nonzeroComplex(this, x);
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
    if (sorted.info.category === 3) {
      refuseComplex("searchsorted_out_cpu", sorted.info);
    }
    if (wasmSearchSorted(out, sorted, values, right)) return;
    runSearchSorted(out, sorted, values, right);
  }

  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void {
    if (x.info.category === 3) {
      return windowSumComplex(this, out, x, dim, windows);
    }
    if (wasmWindowSum(out, x, dim, windows)) return;
    runWindowSum(out, x, dim, windows);
  }

  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void {
    if (x.info.category === 3) refuseComplex("max_pool", x.info);
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
    if (x.info.category === 3) {
      matmulComplex(this, out, x, y);
      return false;
    }
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
    if (x.info.category === 3) refuseComplex("conv_cpu", x.info);
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
    if (anyComplex(operands)) refuseComplex("linalg_cpu", operands[0]!.info);
    runTask(task, results, operands);
  }

  fourier(task: FourierTask, out: Strided, x: Strided): void {
    if (wasmFourier(task, out, x)) return;
    runFourier(task, out, x);
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
