// Turns the accelerator on and off: finds a GPU, measures what work costs here
// and there, and says what came of it.

import { ACCELERATOR } from "../tensor/accelerator.ts";
import { type Device, hostDevice } from "../tensor/device.ts";
import { RuntimeError } from "../tensor/errors.ts";
import { showByToString } from "../tensor/inspect.ts";
import { checkOptions } from "../tensor/shape.ts";
import { GpuAccelerator } from "./accelerator.ts";
import { calibrate, estimate, type Point, type Rates } from "./cost_model.ts";
import { GpuDevice } from "./gpu_device.ts";
import { openGpu } from "./request.ts";

/** What `accelerate` takes. */
export interface AccelerateOptions {
  /** A GPU that was requested before; by default one is requested. */
  readonly device?: Device;
}

/** What became of `accelerate`. Printing it shows a table. */
export class Acceleration {
  /** Whether products and convolutions of CPU tensors may run on the GPU now. */
  readonly active: boolean;
  /** Why not, or from which size of square matrices on it pays. */
  readonly reason: string;
  /** What the adapter calls itself; null where there is none. */
  readonly adapter: string | null;
  /** What was measured; null where nothing was. */
  readonly rates: Rates | null;

  /** Wraps what was found out. */
  constructor(
    active: boolean,
    reason: string,
    adapter: string | null,
    rates: Rates | null,
  ) {
    this.active = active;
    this.reason = reason;
    this.adapter = adapter;
    this.rates = rates;
  }

  /** The findings as a table. */
  toString(): string {
    const rows: [string, string][] = [
      ["acceleration", `${this.active ? "on" : "off"}: ${this.reason}`],
    ];
    if (this.adapter !== null) rows.push(["adapter", this.adapter]);
    if (this.rates !== null) {
      const { latency, upload, download, products, convolutions } = this.rates;
      const gigabytes = (rate: number) => `${(rate / 1e6).toFixed(1)} GB/s`;
      rows.push(
        ["op and read", `${latency.toFixed(2)} ms`],
        ["to the GPU", gigabytes(upload)],
        ["and back", gigabytes(download)],
        ["products, CPU", gigaflops(products.cpu)],
        ["products, GPU", gigaflops(products.gpu)],
        ["convolutions, CPU", gigaflops(convolutions.cpu)],
        ["convolutions, GPU", gigaflops(convolutions.gpu)],
      );
    }
    return rows.map(([name, text]) => `${name.padEnd(19)}${text}`).join("\n");
  }
}

showByToString(Acceleration.prototype);

/** A rate in GFLOP/s at each size; a multiply-add is two. */
function gigaflops(points: readonly Point[]): string {
  const rates = points.map(({ rate }) => (rate / 5e5).toFixed(1));
  return `${rates.join(", ")} GFLOP/s`;
}

/** The size of square matrices from which on the GPU pays; null where it never does. */
export function leastSize(rates: Rates): number | null {
  for (let size = 64; size <= 4096; size *= 2) {
    const bytes = 4 * size * size;
    const { cpu, gpu } = estimate(rates, {
      kind: "products",
      work: size ** 3,
      up: 2 * bytes,
      down: bytes,
    });
    if (gpu < cpu) return size;
  }
  return null;
}

/** Turns acceleration on, or off with `false`. */
export async function startAcceleration(
  options: AccelerateOptions | false,
): Promise<Acceleration> {
  ACCELERATOR.current = null;
  const off = (
    reason: string,
    adapter: string | null = null,
    rates: Rates | null = null,
  ) => new Acceleration(false, reason, adapter, rates);
  if (options === false) return off("it was turned off");
  checkOptions(options, ["device"], "accelerate");
  let gpu: Device;
  try {
    gpu = options.device ?? await openGpu({});
  } catch (error) {
    if (error instanceof RuntimeError) {
      const { message, hint } = error;
      return off(hint === undefined ? message : `${message}; ${hint}`);
    }
    throw error;
  }
  if (!(gpu instanceof GpuDevice)) return off(`${gpu} is no GPU`);
  const { adapter, abilities } = gpu.engine.context;
  const name = adapter.description || adapter.vendor;
  if (isSoftware(adapter)) {
    return off(
      "the adapter is software, which computes on the CPU as well",
      name,
    );
  }
  if (!abilities.syncRead) {
    return off("the GPU cannot be read synchronously here", name);
  }
  const rates = await calibrate(gpu, hostDevice());
  const least = leastSize(rates);
  if (least === null) {
    return off("the way to the GPU and back takes too long", name, rates);
  }
  ACCELERATOR.current = new GpuAccelerator(gpu, rates);
  const reason = `square matrices pay from about ${least} rows`;
  return new Acceleration(true, reason, name, rates);
}

/** Whether an adapter computes on the CPU. */
function isSoftware(adapter: GPUAdapterInfo): boolean {
  return adapter.isFallbackAdapter ||
    /llvmpipe|lavapipe|swiftshader|basic render|software/i.test(
      `${adapter.description} ${adapter.device}`,
    );
}
