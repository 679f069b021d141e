// What work costs here and on the GPU, the way there and back included: rates
// that were measured once, and an estimate from them. Pure but for the clock.

import type { ConvolutionGeometry, Device, Strided } from "../tensor/device.ts";
import { FLOAT32 } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";

/** A measured rate: multiply-adds per millisecond in work of so many multiply-adds. */
export interface Point {
  /** Multiply-adds of the work. */
  readonly work: number;
  /** Multiply-adds per millisecond. */
  readonly rate: number;
}

/** Rates of one kind of work on both sides, by size. */
export interface Curves {
  /** On the CPU. */
  readonly cpu: readonly Point[];
  /** On the GPU. */
  readonly gpu: readonly Point[];
}

/** What was measured. */
export interface Rates {
  /** Milliseconds from a small op on the GPU to its result on the host. */
  readonly latency: number;
  /** Bytes per millisecond to the GPU. */
  readonly upload: number;
  /** Bytes per millisecond back. */
  readonly download: number;
  /** Matrix products. */
  readonly products: Curves;
  /** Convolutions. */
  readonly convolutions: Curves;
}

/** Work to be estimated. */
export interface Work {
  /** What kind of work it is. */
  readonly kind: "products" | "convolutions";
  /** Multiply-adds. */
  readonly work: number;
  /** Bytes of the operands. */
  readonly up: number;
  /** Bytes of the result. */
  readonly down: number;
}

/** Milliseconds on either side. */
export interface Estimate {
  /** On the CPU. */
  readonly cpu: number;
  /** On the GPU, transfers included. */
  readonly gpu: number;
}

/** The rate at some size, between measured ones by logarithms, beyond them the last. */
export function rateAt(points: readonly Point[], work: number): number {
  const after = points.findIndex((point) => point.work >= work);
  if (after < 0) return points[points.length - 1]!.rate;
  if (after === 0) return points[0]!.rate;
  const [a, b] = [points[after - 1]!, points[after]!];
  const part = Math.log(work / a.work) / Math.log(b.work / a.work);
  return a.rate * (b.rate / a.rate) ** part;
}

/** What work takes on either side. */
export function estimate(rates: Rates, work: Work): Estimate {
  const curves = rates[work.kind];
  return {
    cpu: work.work / rateAt(curves.cpu, work.work),
    gpu: rates.latency + work.up / rates.upload + work.down / rates.download +
      work.work / rateAt(curves.gpu, work.work),
  };
}

/** Milliseconds after which nothing more is measured. */
const MOST_TIME = 1500;
/** Milliseconds that one measurement may take, beyond its first run. */
const EACH_TIME = 40;
/** Sizes of the matrices. */
const SIZES = [128, 256, 512, 1024, 2048] as const;
/** Images, channels on either side and size of images; the windows are 3 × 3. */
const IMAGES = [[2, 16, 28], [8, 64, 28], [8, 64, 56]] as const;
/** Elements of what is sent back and forth. */
const SENT = 2 ** 21;

const SAME: ConvolutionGeometry = {
  stride: [1, 1],
  padding: [1, 1],
  dilation: [1, 1],
  spread: [1, 1],
};

/** Float32 ones on a device. */
function ones(device: Device, shape: readonly number[]): Strided {
  const count = shape.reduce((product, n) => product * n, 1);
  const out = {
    storage: device.allocate(FLOAT32, count),
    info: FLOAT32,
    shape,
    strides: contiguousStrides(shape),
    offset: 0,
    count,
    dense: true,
  };
  device.fill(out, 1);
  return out;
}

/** Some work on a device, how large it is and what it is done on. */
interface Task {
  readonly work: number;
  readonly operands: readonly Strided[];
  run(): void;
}

function productTask(device: Device, size: number): Task {
  const [out, x, y] = [0, 1, 2].map(() => ones(device, [1, size, size]));
  return {
    work: size ** 3,
    operands: [out!, x!, y!],
    run: () => void device.matmul(out!, x!, y!, null),
  };
}

function convolutionTask(
  device: Device,
  [batch, channels, size]: readonly [number, number, number],
): Task {
  const image = [batch, 1, channels, size, size];
  const [out, x] = [ones(device, image), ones(device, image)];
  const w = ones(device, [1, channels, channels, 3, 3]);
  return {
    work: batch * channels * channels * size * size * 9,
    operands: [out, x, w],
    run: () => device.convolve(out, x, w, null, SAME),
  };
}

/** The least milliseconds of some runs, the first left out: it compiles. */
function leastTime(run: () => void): number {
  run();
  let least = Infinity;
  const begin = performance.now();
  for (let k = 0; k < 8; k++) {
    const from = performance.now();
    run();
    const now = performance.now();
    least = Math.min(least, now - from);
    if (now - begin > EACH_TIME) break;
  }
  // Clocks are coarse in places.
  return Math.max(least, 1e-3);
}

/** Measures both sides; takes less than two seconds. */
export async function calibrate(gpu: Device, host: Device): Promise<Rates> {
  const end = performance.now() + MOST_TIME;
  const probe = ones(gpu, [1]);
  const latency = leastTime(() => {
    gpu.fill(probe, 2);
    gpu.readOne(probe);
  });
  const here = ones(host, [SENT]);
  const there = ones(gpu, [SENT]);
  const upload = leastTime(() => {
    gpu.copy(there, here);
    gpu.readOne(there);
  });
  const download = leastTime(() => gpu.copy(here, there));
  const bytes = 4 * SENT;

  const measure = async (
    device: Device,
    tasks: readonly ((device: Device) => Task)[],
    most: number,
  ): Promise<Point[]> => {
    const points: Point[] = [];
    for (const task of tasks) {
      const now = performance.now();
      const { work, run, operands } = task(device);
      const last = points[points.length - 1];
      // A warm-up and one run at the rate so far.
      const expected = last === undefined ? 0 : 2 * work / last.rate;
      if (last !== undefined && now + expected > most) break;
      const time = device === gpu
        ? leastTime(() => {
          run();
          gpu.readOne(operands[0]!);
        }) - latency
        : leastTime(run);
      points.push({ work, rate: work / Math.max(time, 0.05) });
      for (const { storage } of operands) device.free(storage);
      // Threads of the CPU start when the program pauses.
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    return points;
  };
  const products = SIZES.map((size) => (device: Device) =>
    productTask(device, size)
  );
  const convolutions = IMAGES.map((image) => (device: Device) =>
    convolutionTask(device, image)
  );
  const share = (part: number) => end - MOST_TIME * (1 - part);
  // Work that the CPU's threads think worth starting for.
  const warm = productTask(host, 512);
  for (let k = 0; k < 4; k++) {
    warm.run();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    latency,
    upload: bytes / Math.max(upload - latency, 1e-3),
    download: bytes / Math.max(download - latency, 1e-3),
    products: {
      cpu: await measure(host, products, share(0.4)),
      gpu: await measure(gpu, products, share(0.6)),
    },
    convolutions: {
      cpu: await measure(host, convolutions, share(0.8)),
      gpu: await measure(gpu, convolutions, share(1)),
    },
  };
}
