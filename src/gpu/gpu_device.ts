// The WebGPU device: what `Device` asks for, as kernels in WGSL. It knows
// nothing of tensors, ops or gradients.

import type {
  ConvolutionGeometry,
  Epilogue,
  MapKernel,
  ReduceKernel,
  RowKernel,
  ScatterMode,
  Storage,
  Strided,
  TypedArray,
  UpdateKernel,
  WindowMeans,
  Windows,
} from "../tensor/device.ts";
import { type DTypeInfo, FLOAT16, INT32, INT64 } from "../tensor/dtype.ts";
import { Watchlist } from "../tensor/garbage.ts";
import { showByToString } from "../tensor/inspect.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { runArgReduce, runArgScan } from "./arg_shader.ts";
import { Arena } from "./arena.ts";
import { Buffers } from "./buffers.ts";
import { Care } from "./care.ts";
import { GpuClock } from "./clock.ts";
import type { Context } from "./context.ts";
import { refuseType } from "./element.ts";
import { GpuMemory, GpuStorage, reserve } from "./gpu_storage.ts";
import { hostNumber, hostOf, isNumber } from "./host_side.ts";
import { runConvolution } from "./convolution_shader.ts";
import { runTiledConvolution } from "./convolution_tile.ts";
import { runWindowMean } from "./window_mean.ts";
import { runWindowMax, runWindowSum } from "./window_shader.ts";
import { knowsIndex, runFoldIndex, runGather, vouch } from "./index_shader.ts";
import { findNonzero } from "./nonzero_shader.ts";
import { runCopy, runFill, runMap } from "./map_shader.ts";
import { runMatmul } from "./matmul_shader.ts";
import { type Engine, Programs, refuseHost } from "./program.ts";
import type { Gpu, KernelSignature, WarmedUp } from "./pipelines.ts";
import { Queue } from "./queue.ts";
import { runReduce } from "./reduce_shader.ts";
import { runScan } from "./scan_shader.ts";
import { runScatter } from "./scatter_shader.ts";
import { runSearchSorted, runSort } from "./sort_shader.ts";
import { runRows } from "./row_shader.ts";
import { Staging } from "./staging.ts";
import { Transfer } from "./transfer.ts";
import { runUpdate } from "./update_shader.ts";

/** The device on WebGPU. */
export class GpuDevice implements Gpu {
  readonly type = "webgpu";
  readonly indexInfo: DTypeInfo = INT32;
  readonly mapsBool: boolean = true;
  readonly mostInRow: number = 2 ** 16; // 256 for each thread of a workgroup
  /** The parts that kernels are launched with. */
  readonly engine: Engine;
  /** Looks after the memory. */
  readonly care: Care;
  /** Measures its kernels. */
  readonly clock: GpuClock;
  readonly #arena: Arena;
  readonly #storages: Watchlist<GpuMemory>;
  readonly #transfer: Transfer;

  constructor(context: Context) {
    const queue = new Queue(context);
    const buffers = new Buffers(context);
    const programs = new Programs(context, queue);
    const arena = new Arena(buffers);
    this.#arena = arena;
    const storages = this.#storages = new Watchlist<GpuMemory>((memory) => {
      if (memory.arena) arena.give(memory);
      else for (const segment of memory.segments) buffers.give(segment);
    }, LEAST_BUDGET);
    const engine = this.engine = { context, queue, buffers, programs };
    const staging = new Staging(context, queue, buffers);
    this.#transfer = new Transfer(queue, programs, staging);
    if (context.abilities.syncRead) queue.onFull(() => staging.wait());
    this.clock = new GpuClock(context, queue, staging);
    this.care = new Care(this, { engine, arena, staging, storages });
  }

  allocate(info: DTypeInfo, length: number): Storage {
    const { context, buffers } = this.engine;
    if (info === INT64 || (info === FLOAT16 && !context.abilities.f16)) {
      refuseType(info);
    }
    context.check();
    if (this.#storages.relieve(noReserves)) buffers.arrange();
    const memory = reserve(context, buffers, this.#arena, info, length);
    const out = new GpuStorage(this, length, memory, null);
    const weight = memory.arena
      ? ARENA_WEIGHT * memory.bytes
      : Math.max(memory.bytes, LEAST_WEIGHT);
    out.watched = this.#storages.watch(out, memory, weight);
    return out;
  }

  alias(storage: Storage): Storage {
    const own = storage as GpuStorage;
    const owner = (own.owner ?? own) as GpuStorage;
    // From now on the garbage collector decides: it knows all names.
    owner.watched = null;
    return new GpuStorage(own.device, own.length, own.memory, owner);
  }

  free(storage: Storage): void {
    const own = storage as GpuStorage;
    if (own.watched !== null) this.#storages.release(own.watched);
    own.watched = null;
    own.memory = NOTHING;
  }

  write(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): void {
    if (values.length === 0 || this.#transfer.store(out, values)) return;
    const host = hostOf(out);
    host.storage.device.write(host, values);
    this.#transfer.upload(out, host);
  }

  read(x: Strided): TypedArray {
    return this.#transfer.read(this.#dense(x));
  }

  /** The asynchronous twin of {@linkcode GpuDevice.read}, for several tensors at the cost of one. */
  readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    return this.#transfer.readAll(tensors.map((x) => this.#dense(x)));
  }

  /** The same elements without gaps. */
  #dense(x: Strided): Strided {
    if (x.dense) return x;
    const out = this.#temporary(x.info, x.shape);
    runCopy(this.engine, out, x);
    return out;
  }

  readonly #make = (info: DTypeInfo, shape: readonly number[]): Strided =>
    this.#temporary(info, shape);

  /** Memory for the elements of a shape. */
  #temporary(info: DTypeInfo, shape: readonly number[]): Strided {
    const count = shape.reduce((product, n) => product * n, 1);
    const storage = this.allocate(info, count);
    const strides = contiguousStrides(shape);
    return { storage, info, shape, strides, offset: 0, count, dense: true };
  }

  readOne(x: Strided): number | bigint {
    return this.#transfer.readOne(x);
  }

  fill(out: Strided, value: number | bigint): void {
    runFill(this.engine, out, hostNumber(out.info, value));
  }

  copy(out: Strided, x: Strided): void {
    const here = out.storage instanceof GpuStorage;
    if (here && (x.storage instanceof GpuStorage || x.count === 1)) {
      runCopy(this.engine, out, x);
    } else if (here) this.#receive(out, x);
    else this.#send(out, x);
  }

  /** From the host to here. */
  #receive(out: Strided, x: Strided): void {
    if (out.dense && out.info === x.info && out.count === x.count) {
      this.#transfer.upload(out, x);
      return;
    }
    const plain = hostOf({ ...out, shape: x.shape, count: x.count });
    plain.storage.device.copy(plain, x);
    const whole = out.dense && out.count === x.count;
    const target = whole ? out : this.#temporary(out.info, x.shape);
    this.#transfer.upload(target, plain);
    if (!whole) runCopy(this.engine, out, target);
  }

  /** The same elements on this device: a number of the host may stand beside its tensors. */
  #here(x: Strided): Strided {
    if (x.storage instanceof GpuStorage) return x;
    if (!isNumber(x)) refuseHost(x.storage.device.type);
    const out = this.#temporary(x.info === INT64 ? INT32 : x.info, x.shape);
    this.copy(out, x);
    return out;
  }

  /** From here to the host. */
  #send(out: Strided, x: Strided): void {
    const numbers = this.#transfer.readNumbers(this.#dense(x));
    if (out.dense && out.info === x.info && out.count === x.count) {
      out.storage.device.write(out, numbers);
      return;
    }
    const plain = hostOf(x);
    plain.storage.device.write(plain, numbers);
    out.storage.device.copy(out, plain);
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
    runMap(this.engine, kernel, compute, out, a, b, c, params);
  }

  update(
    kernel: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void {
    runUpdate(this.engine, kernel, operands, params);
  }

  reduce(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
    rank: number,
  ): void {
    runReduce(this.engine, this.#make, kernel, compute, out, x, rank);
  }

  scan(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
  ): void {
    runScan(this.engine, this.#make, kernel, compute, out, x);
  }

  argReduce(
    largest: boolean,
    out: Strided,
    x: Strided,
    values: Strided | null,
  ): boolean {
    return runArgReduce(this.engine, this.#make, largest, out, x, values);
  }

  argScan(
    largest: boolean,
    values: Strided,
    indices: Strided,
    x: Strided,
  ): void {
    runArgScan(this.engine, this.#make, largest, values, indices, x);
  }

  sort(
    values: Strided,
    indices: Strided,
    x: Strided,
    descending: boolean,
  ): void {
    runSort(this.engine, this.#make, values, indices, x, descending);
  }

  gather(out: Strided, x: Strided, dim: number, index: Strided): void {
    runGather(this.engine, out, x, dim, index);
  }

  scatter(
    out: Strided,
    dim: number,
    index: Strided,
    src: Strided,
    mode: ScatterMode,
  ): void {
    const source = this.#here(src);
    runScatter(this.engine, this.#make, out, dim, index, source, mode);
  }

  foldIndex(
    out: Strided,
    index: Strided,
    size: number,
    wraps: boolean,
    scale: number,
    carry: boolean,
  ): number | null {
    return runFoldIndex(
      this.engine,
      this.#make,
      out,
      index,
      size,
      wraps,
      scale,
      carry,
    );
  }

  knowsIndex(index: Strided, size: number): boolean {
    return knowsIndex(index, size);
  }

  vouch(index: Strided, size: number, run?: number, step?: number): void {
    vouch(index, size, run, step);
  }

  nonzero(x: Strided): Storage {
    return findNonzero(this.engine, this.#make, x);
  }

  searchSorted(
    out: Strided,
    sorted: Strided,
    values: Strided,
    right: boolean,
  ): void {
    runSearchSorted(this.engine, out, sorted, this.#here(values), right);
  }

  rows(
    kernel: RowKernel,
    out: Strided | null,
    totals: readonly Strided[],
    inputs: readonly Strided[],
    params: readonly number[],
    rank: number,
  ): void {
    runRows(this.engine, kernel, out, totals, inputs, params, rank);
  }

  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void {
    runWindowSum(this.engine, this.#make, out, x, dim, windows);
  }

  windowMean(out: Strided, x: Strided, means: WindowMeans): void {
    runWindowMean(this.engine, out, x, means);
  }

  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void {
    runWindowMax(this.engine, this.#make, values, indices, x, windows);
  }

  matmul(
    out: Strided,
    x: Strided,
    y: Strided,
    epilogue: Epilogue | null,
  ): boolean {
    return runMatmul(this.engine, this.#make, out, x, y, epilogue);
  }

  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): void {
    const call = { out, x, w, bias, geometry };
    if (runTiledConvolution(this.engine, this.#make, call)) return;
    runConvolution(this.engine, out, x, w, bias, geometry);
  }

  signatures(): KernelSignature[] {
    return this.engine.programs.pipelines.signatures();
  }

  warmUp(signatures: readonly KernelSignature[]): Promise<WarmedUp> {
    return this.engine.programs.pipelines.warmUp(signatures);
  }

  /** Shows the device as PyTorch does. */
  toString(): string {
    return this.type;
  }
}

showByToString(GpuDevice.prototype);

/** Bytes handed out between sweeps, at least. */
const LEAST_BUDGET = 64 * 2 ** 20;
/** What a small buffer weighs in that: it costs more than its bytes. */
const LEAST_WEIGHT = 2 ** 14;
/** What a byte of the arena weighs: a sweep comes before it is full. */
const ARENA_WEIGHT = 8;

/** The GPU keeps nothing back that a collection could need. */
function noReserves(): void {}

/** What disposed storages have. */
const NOTHING = new GpuMemory([], 1, 0, false, 0);
