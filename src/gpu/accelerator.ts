// The accelerator on a GPU: takes matrix products and convolutions of the CPU's
// tensors there and back where that pays. Anything else that the CPU computes
// reads each element a few times at most, and moving it would take longer.

import { ACCELERATOR, type Accelerator } from "../tensor/accelerator.ts";
import type { ConvolutionGeometry, Strided } from "../tensor/device.ts";
import { FLOAT32 } from "../tensor/dtype.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { isDense } from "../tensor/view.ts";
import {
  type Estimate,
  estimate,
  type Rates,
  type Work,
} from "./cost_model.ts";
import type { GpuDevice } from "./gpu_device.ts";

/** How much faster the GPU must be in theory: estimates are not exact. */
const MARGIN = 1.25;

/** Computes on a GPU, and writes results back to the CPU. */
export class GpuAccelerator implements Accelerator {
  readonly #gpu: GpuDevice;
  /** What was measured; null takes all that the GPU can compute, for tests. */
  readonly #rates: Rates | null;
  #latest: Estimate | null = null;
  #refusal = "";
  #taken = false;

  constructor(gpu: GpuDevice, rates: Rates | null) {
    this.#gpu = gpu;
    this.#rates = rates;
  }

  get reason(): string {
    if (this.#refusal !== "") return this.#refusal;
    if (this.#latest === null) return "the accelerator takes everything";
    const { cpu, gpu } = this.#latest;
    const ms = (time: number) => `${time.toPrecision(2)} ms`;
    const text = `estimated ${ms(gpu)} on the GPU, ${ms(cpu)} here`;
    return this.#taken ? text : `${text}: not worth the way`;
  }

  matmul(out: Strided, x: Strided, y: Strided): boolean {
    const work: Work = {
      kind: "products",
      work: out.count * x.shape[2]!,
      up: bytesOf(x) + bytesOf(y),
      down: 4 * out.count,
    };
    if (!this.#pays(out, work)) return false;
    return this.#run(out, [x, y], (to, [x, y]) => {
      this.#gpu.matmul(to, x!, y!, null);
    });
  }

  convolve(
    out: Strided,
    x: Strided,
    w: Strided,
    bias: Strided | null,
    geometry: ConvolutionGeometry,
  ): boolean {
    const work: Work = {
      kind: "convolutions",
      work: w.shape.slice(2).reduce((product, n) => product * n, out.count),
      up: bytesOf(x) + bytesOf(w) + (bias === null ? 0 : bytesOf(bias)),
      down: 4 * out.count,
    };
    if (!this.#pays(out, work)) return false;
    const operands = bias === null ? [x, w] : [x, w, bias];
    return this.#run(out, operands, (to, [x, w, bias]) => {
      this.#gpu.convolve(to, x!, w!, bias ?? null, geometry);
    });
  }

  /** Decides; {@linkcode GpuAccelerator.reason} says why. */
  #pays(out: Strided, work: Work): boolean {
    this.#taken = false;
    this.#refusal = "";
    this.#latest = null;
    if (out.info !== FLOAT32) {
      this.#refusal = `the accelerator computes float32, not ${out.info.name}`;
      return false;
    }
    if (work.work === 0) {
      this.#refusal = "nothing to do";
      return false;
    }
    if (this.#rates === null) return this.#taken = true;
    this.#latest = estimate(this.#rates, work);
    return this.#taken = MARGIN * this.#latest.gpu < this.#latest.cpu;
  }

  /** There, the work, and back. Where the GPU fails the CPU does it, and all that follows. */
  #run(
    out: Strided,
    operands: readonly Strided[],
    work: (out: Strided, operands: readonly Strided[]) => void,
  ): boolean {
    const held: Strided[] = [];
    try {
      for (const x of operands) held.push(this.#send(x));
      const to = this.#allocate(out.shape);
      held.push(to);
      work(to, held.slice(0, operands.length));
      this.#gpu.copy(out, to);
      return true;
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error;
      this.#taken = false;
      this.#refusal = `the GPU failed, it is off now: ${error.message}`;
      if (ACCELERATOR.current === this) ACCELERATOR.current = null;
      return false;
    } finally {
      for (const { storage } of held) this.#gpu.free(storage);
    }
  }

  /** The same elements there; those that are repeated travel once. */
  #send(x: Strided): Strided {
    const shape = x.shape.map((n, d) => x.strides[d] === 0 ? 1 : n);
    const once = { ...x, shape, count: countOf(shape) };
    // Dimensions in the order of memory: what is transposed need not be sorted.
    const order = shape.map((_, d) => d).sort((a, b) =>
      Math.abs(x.strides[b]!) - Math.abs(x.strides[a]!) || a - b
    );
    const sizes = order.map((d) => shape[d]!);
    const steps = order.map((d) => x.strides[d]!);
    const dense = isDense(sizes, steps);
    const sorted = { ...once, shape: sizes, strides: steps, dense };
    const there = this.#allocate(sizes);
    try {
      this.#gpu.copy(there, sorted);
    } catch (error) {
      this.#gpu.free(there.storage);
      throw error;
    }
    const strides = new Array<number>(shape.length).fill(0);
    order.forEach((d, k) => {
      strides[d] = x.strides[d] === 0 ? 0 : there.strides[k]!;
    });
    return { ...there, shape: x.shape, strides, count: x.count, dense: false };
  }

  #allocate(shape: readonly number[]): Strided {
    const count = countOf(shape);
    const storage = this.#gpu.allocate(FLOAT32, count);
    const strides = contiguousStrides(shape);
    const info = FLOAT32;
    return { storage, info, shape, strides, offset: 0, count, dense: true };
  }
}

function countOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Bytes that travel: what is repeated counts once. */
function bytesOf({ shape, strides }: Strided): number {
  return 4 * countOf(shape.filter((_, d) => strides[d] !== 0));
}
