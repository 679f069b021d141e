// A device that computes nothing: every call becomes nodes of an ONNX graph. Ops
// run on it as on any other: views and changes in place end up in the graph.

import {
  type ConvolutionGeometry,
  type Device,
  type Epilogue,
  hostDevice,
  type MapKernel,
  type ReduceKernel,
  type RowKernel,
  type ScatterMode,
  type Storage,
  type Strided,
  type TypedArray,
  type UpdateKernel,
  type Windows,
} from "../tensor/device.ts";
import { type DTypeInfo, INT64 } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { emitConvolution } from "./convolution.ts";
import { emitExpression, emitUpdate } from "./expression.ts";
import type { Graph, Value } from "./graph.ts";
import { Memories, TracedStorage } from "./memory.ts";
import { emitDistances, emitGather, emitScatter } from "./places.ts";
import { emitEpilogue } from "./products.ts";
import { emitReduction } from "./reductions.ts";
import { refuse } from "./refusal.ts";
import { emitRows } from "./rows.ts";
import { emitWindowMax, emitWindowSum } from "./windows.ts";

/** ONNX Runtime computes in few integer types; narrow ones go through int32. */
export function computedIn(info: DTypeInfo): string {
  if (info.category === 2) {
    return info.name === "bfloat16" ? "float32" : info.name;
  }
  return info.bytes === 8 ? "int64" : "int32";
}

/** The device whose ops become nodes of a graph. */
export class TracingDevice implements Device {
  readonly type = "onnx";
  readonly indexInfo: DTypeInfo = INT64;
  readonly holds = (other: Device): boolean => other === hostDevice();
  /** The graph. */
  readonly graph: Graph;
  /** The values of the tensors. */
  readonly memories: Memories;

  constructor(graph: Graph) {
    this.graph = graph;
    this.memories = new Memories(graph);
  }

  allocate(info: DTypeInfo, length: number): Storage {
    if (info.category === 3) refuse("a tensor of complex numbers");
    const contents = { value: null, pieces: [] };
    return new TracedStorage(this, info, length, contents, null);
  }

  /** Memory that holds a value of the graph. */
  hold(info: DTypeInfo, length: number, value: Value): TracedStorage {
    const contents = { value, pieces: [] };
    return new TracedStorage(this, info, length, contents, null);
  }

  alias(storage: Storage): Storage {
    const { info, length, contents, owner } = storage as TracedStorage;
    return new TracedStorage(this, info, length, contents, owner ?? storage);
  }

  free(): void {}

  write(out: Strided, values: ArrayLike<number> | ArrayLike<bigint>): void {
    this.#fold([out], [], (host, [plain]) => host.write(plain!, values));
  }

  /** Computes at once what does not depend on the inputs of the graph; tells whether it did. */
  #fold(
    outs: readonly Strided[],
    inputs: readonly Strided[],
    compute: (
      host: Device,
      outs: readonly Strided[],
      inputs: readonly Strided[],
    ) => void,
  ): boolean {
    const { memories, graph } = this;
    if (!inputs.every((x) => memories.isConstant(x))) return false;
    const host = hostDevice();
    const plain = outs.map((out): Strided => ({
      storage: host.allocate(out.info, out.count),
      info: out.info,
      shape: out.shape,
      strides: contiguousStrides(out.shape),
      offset: 0,
      count: out.count,
      dense: true,
    }));
    compute(host, plain, inputs.map((x) => memories.onHost(x)));
    outs.forEach((out, k) => {
      const data = host.read(plain[k]!);
      memories.store(out, graph.constant(out.info.name, out.shape, data));
    });
    return true;
  }

  read(x: Strided): TypedArray {
    return hostDevice().read(this.memories.onHost(x));
  }

  readAll(tensors: readonly Strided[]): Promise<TypedArray[]> {
    return Promise.resolve(tensors.map((x) => this.read(x)));
  }

  readOne(x: Strided): number | bigint {
    return hostDevice().readOne(this.memories.onHost(x));
  }

  fill(out: Strided, value: number | bigint): void {
    const type = computedIn(out.info);
    this.memories.store(out, this.graph.scalar(type, Number(value)));
  }

  copy(out: Strided, x: Strided): void {
    if (out.count === 0) return;
    if (this.#fold([out], [x], (host, [o], [p]) => host.copy(o!, p!))) return;
    const value = this.memories.load(x, true);
    this.memories.store(out, this.graph.expand(value, out.shape));
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
    if (out.count === 0) return;
    const all = [a, b, c].filter((x) => x !== null);
    const folded = this.#fold(
      [out],
      all,
      (host, [o], [p, q, r]) =>
        host.map(kernel, compute, o!, p!, q ?? null, r ?? null, params),
    );
    if (folded) return;
    const type = computedIn(compute);
    const inputs = all
      .map((x) => this.graph.cast(this.memories.load(x, true), type));
    const value = emitExpression(this.graph, kernel.body, {
      type,
      inputs,
      params,
    });
    this.memories.store(out, value);
  }

  /** The elements of an operand in the type of a computation. */
  #load(x: Strided, compute: DTypeInfo): Value {
    return this.graph.cast(this.memories.load(x), computedIn(compute));
  }

  update(
    { bodies }: UpdateKernel,
    operands: readonly Strided[],
    params: readonly number[],
  ): void {
    const { info, count } = operands[0]!;
    if (count === 0) return;
    const load = (k: number) => this.#load(operands[k]!, info);
    const type = computedIn(info);
    emitUpdate(this.graph, bodies, load, type, params).forEach((value, k) => {
      if (value !== null) this.memories.store(operands[k]!, value);
    });
  }

  reduce(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
    rank: number,
  ): void {
    const { graph } = this;
    if (out.count === 0) return;
    const folded = this.#fold(
      [out],
      [x],
      (host, [o], [p]) => host.reduce(kernel, compute, o!, p!, rank),
    );
    if (folded) return;
    const value = emitReduction(graph, kernel, this.#load(x, compute), rank);
    this.memories.store(out, graph.reshape(value, out.shape));
  }

  scan(
    kernel: ReduceKernel,
    compute: DTypeInfo,
    out: Strided,
    x: Strided,
  ): void {
    const step = kernel.step.kind === "call" ? kernel.step.fn : "";
    if (step !== "add") refuse(`a running reduction by ${step}`);
    if (out.count === 0) return;
    const folded = this.#fold(
      [out],
      [x],
      (host, [o], [p]) => host.scan(kernel, compute, o!, p!),
    );
    if (folded) return;
    const value = this.#load(x, compute);
    const axis = this.graph.scalar("int64", Math.max(x.shape.length - 1, 0));
    const sum = this.graph.emit(
      "CumSum",
      [value, axis],
      value.type,
      x.shape,
    );
    this.memories.store(out, sum);
  }

  rows(
    kernel: RowKernel,
    out: Strided | null,
    totals: readonly Strided[],
    inputs: readonly Strided[],
    params: readonly number[],
    rank: number,
  ): void {
    const { graph, memories } = this;
    const values = inputs.map((x) => this.#load(x, inputs[0]!.info));
    const made = emitRows(graph, kernel, values, params, rank);
    if (out !== null) memories.store(out, made.result!);
    totals.forEach((x, k) =>
      memories.store(x, graph.reshape(made.totals[k]!, x.shape))
    );
  }

  argReduce(largest: boolean, out: Strided, x: Strided): boolean {
    if (out.count === 0) return false;
    const folded = this.#fold(
      [out],
      [x],
      (host, [o], [p]) => host.argReduce(largest, o!, p!, null),
    );
    if (folded) return false;
    const found = this.graph.emit(
      largest ? "ArgMax" : "ArgMin",
      [this.#load(x, x.info)],
      "int64",
      out.shape,
      { axis: -1, keepdims: 0 },
    );
    this.memories.store(out, found);
    return false;
  }

  argScan(): void {
    refuse("a running maximum");
  }

  sort(
    values: Strided,
    indices: Strided,
    x: Strided,
    descending: boolean,
  ): void {
    if (values.count === 0) return;
    const value = this.#load(x, x.info);
    const k = values.shape.at(-1) ?? 1;
    const shape = values.shape;
    const [sorted, places] = this.graph.emitAll(
      "TopK",
      [value, this.graph.integers([k])],
      [{ type: value.type, shape }, { type: "int64", shape }],
      { axis: -1, largest: descending ? 1 : 0, sorted: 1 },
    );
    this.memories.store(values, sorted!);
    this.memories.store(indices, places!);
  }

  gather(out: Strided, x: Strided, dim: number, index: Strided): void {
    if (out.count === 0) return;
    const folded = this.#fold(
      [out],
      [x, index],
      (host, [o], [p, i]) => host.gather(o!, p!, dim, i!),
    );
    if (folded) return;
    emitGather(this.graph, this.memories, out, x, dim, index);
  }

  scatter(
    out: Strided,
    dim: number,
    index: Strided,
    src: Strided,
    mode: ScatterMode,
  ): void {
    if (index.count === 0) return;
    emitScatter(this.graph, this.memories, out, dim, index, src, mode);
  }

  foldIndex(
    out: Strided,
    index: Strided,
    size: number,
    wraps: boolean,
    scale: number,
    carry: boolean,
  ): number | null {
    if (out.count === 0) return null;
    if (!carry) {
      let bad: number | null = null;
      const folded = this.#fold([out], [index], (host, [o], [p]) => {
        bad = host.foldIndex(o!, p!, size, wraps, scale, false);
      });
      if (folded) return bad;
    }
    emitDistances(this.graph, this.memories, out, index, {
      size,
      wraps,
      scale,
      carry,
    });
    return null;
  }

  nonzero(): Storage {
    return refuse("a result whose shape depends on values");
  }

  searchSorted(): void {
    refuse("a search in sorted rows");
  }

  windowSum(out: Strided, x: Strided, dim: number, windows: Windows): void {
    if (out.count === 0) return;
    const value = this.#load(x, x.info);
    const sum = emitWindowSum(this.graph, value, dim, windows);
    this.memories.store(out, sum);
  }

  windowMax(
    values: Strided,
    indices: Strided,
    x: Strided,
    windows: readonly Windows[],
  ): void {
    if (values.count === 0) return;
    const value = this.#load(x, x.info);
    const found = emitWindowMax(this.graph, value, windows);
    this.memories.store(values, found.values);
    this.memories.store(indices, found.places);
  }

  matmul(
    out: Strided,
    x: Strided,
    y: Strided,
    epilogue: Epilogue | null,
  ): boolean {
    if (out.count === 0) return false;
    const { graph, memories } = this;
    const [a, b] = [this.#load(x, x.info), this.#load(y, y.info)];
    const batched = out.shape[0] !== 1;
    const drop = (value: Value) =>
      batched ? value : graph.reshape(value, value.shape.slice(1));
    const shape = batched ? out.shape : out.shape.slice(1);
    let value = graph.emit("MatMul", [drop(a), drop(b)], a.type, shape);
    if (epilogue !== null) {
      value = emitEpilogue(graph, memories, value, epilogue);
    }
    memories.store(out, graph.reshape(value, out.shape));
    return true;
  }

  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): void {
    if (out.count === 0) return;
    const { memories } = this;
    const sum = emitConvolution(
      this.graph,
      memories.load(x),
      memories.load(w),
      bias === null ? null : memories.load(bias),
      out.shape,
      geometry,
    );
    memories.store(out, sum);
  }
}
