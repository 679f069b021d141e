// Products, convolutions and linear algebra of all samples of a vmap: with as
// few calls of the device beneath as strides allow, one for each sample at
// worst. Operands have the samples in front. Knows devices only.

import type {
  ConvolutionGeometry,
  Device,
  MatrixTask,
  Strided,
} from "../tensor/device.ts";
import type { FourierTask } from "../tensor/device_fourier.ts";
import { isDense } from "../tensor/view.ts";

/** The same memory under another geometry. */
function look(
  x: Strided,
  shape: readonly number[],
  strides: readonly number[],
  offset: number = x.offset,
): Strided {
  let count = 1;
  for (const n of shape) count *= n;
  const dense = isDense(shape, strides);
  return {
    storage: x.storage,
    info: x.info,
    shape,
    strides,
    offset,
    count,
    dense,
  };
}

/** Dimensions `dim` and `dim + 1` as one; null where memory has no even steps. */
function merged(x: Strided, dim: number): Strided | null {
  const [n, m] = [x.shape[dim]!, x.shape[dim + 1]!];
  const [p, q] = [x.strides[dim]!, x.strides[dim + 1]!];
  if (n !== 1 && m !== 1 && p !== m * q) return null;
  return look(
    x,
    x.shape.toSpliced(dim, 2, n * m),
    x.strides.toSpliced(dim, 2, m === 1 ? p : q),
  );
}

/** One position of dimension `dim`. */
function at(x: Strided, dim: number, index: number): Strided {
  return look(
    x,
    x.shape.toSpliced(dim, 1),
    x.strides.toSpliced(dim, 1),
    x.offset + index * x.strides[dim]!,
  );
}

/** Dimension `from` in the place of dimension `to`, one further in front. */
function moved(x: Strided, from: number, to: number): Strided {
  const move = (list: readonly number[]) =>
    list.toSpliced(from, 1).toSpliced(to, 0, list[from]!);
  return look(x, move(x.shape), move(x.strides));
}

/** Calls `fn` with one leading dimension in place of `lead`: once where strides allow, else for parts. */
function byLevel(
  lead: number,
  operands: readonly (Strided | null)[],
  fn: (operands: readonly (Strided | null)[]) => void,
): void {
  if (lead === 1) return fn(operands);
  const all = operands.map((x) => x && merged(x, 0));
  if (all.every((x, k) => x !== null || operands[k] === null)) {
    return byLevel(lead - 1, all, fn);
  }
  for (let s = 0; s < operands[0]!.shape[0]!; s++) {
    byLevel(lead - 1, operands.map((x) => x && at(x, 0, s)), fn);
  }
}

/** `out[s, b] = x[s, b] @ y[s, b]` for all samples `s`, which the first `lead` dimensions number. */
export function matmulBatch(
  device: Device,
  lead: number,
  out: Strided,
  x: Strided,
  y: Strided,
): void {
  if (out.count === 0) return;
  byLevel(
    lead,
    [out, x, y],
    ([out, x, y]) => oneLevel(device, out!, x!, y!),
  );
}

function oneLevel(device: Device, out: Strided, x: Strided, y: Strided): void {
  const [samples, batch] = out.shape as [number, number];
  if (batch === 1) {
    samplesProduct(device, at(out, 1, 0), at(x, 1, 0), at(y, 1, 0));
    return;
  }
  const all = [merged(out, 0), merged(x, 0), merged(y, 0)];
  if (all.every((each) => each !== null)) {
    device.matmul(all[0]!, all[1]!, all[2]!, null);
  } else if (samples < batch) {
    for (let s = 0; s < samples; s++) {
      device.matmul(at(out, 0, s), at(x, 0, s), at(y, 0, s), null);
    }
  } else {
    for (let b = 0; b < batch; b++) {
      samplesProduct(device, at(out, 1, b), at(x, 1, b), at(y, 1, b));
    }
  }
}

/** `out[s] = x[s] @ y[s]`; where all samples share `y`, their rows are those of one product. */
function samplesProduct(
  device: Device,
  out: Strided,
  x: Strided,
  y: Strided,
): void {
  const shared = y.strides[0] === 0 || y.shape[0] === 1;
  const rows = shared ? merged(x, 0) : null;
  const results = rows === null ? null : merged(out, 0);
  if (rows === null || results === null) {
    device.matmul(out, x, y, null);
    return;
  }
  const one = (z: Strided) => look(z, [1, ...z.shape], [0, ...z.strides]);
  device.matmul(one(results), one(rows), one(at(y, 0, 0)), null);
}

/** Convolutions of all samples: as more images where they share the weight, as more groups where each has one image. */
export function convolveBatch(
  device: Device,
  lead: number,
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): void {
  byLevel(
    lead,
    [out, x, w, bias],
    ([out, x, w, bias]) =>
      convolveSamples(device, out!, x!, w!, bias ?? null, geometry),
  );
}

function convolveSamples(
  device: Device,
  out: Strided,
  x: Strided,
  w: Strided,
  bias: Strided | null,
  geometry: ConvolutionGeometry,
): void {
  const shared = w.strides[0] === 0 && (bias === null || bias.strides[0] === 0);
  if (shared) {
    const images = merged(x, 0);
    const results = merged(out, 0);
    if (images !== null && results !== null) {
      device.convolve(
        results,
        images,
        at(w, 0, 0),
        bias && at(bias, 0, 0),
        geometry,
      );
      return;
    }
  }
  if (x.shape[1] === 1) {
    const groups = [out, x].map((z) => merged(moved(z, 1, 0), 1));
    const weights = merged(w, 0);
    const biases = bias && merged(bias, 0);
    const fits = groups[0] != null && groups[1] != null && weights !== null;
    if (fits && (bias === null || biases !== null)) {
      device.convolve(groups[0]!, groups[1]!, weights, biases, geometry);
      return;
    }
  }
  for (let s = 0; s < out.shape[0]!; s++) {
    device.convolve(
      at(out, 0, s),
      at(x, 0, s),
      at(w, 0, s),
      bias && at(bias, 0, s),
      geometry,
    );
  }
}

/** An algorithm of linear algebra on the matrices of all samples. */
export function factorBatch(
  device: Device,
  lead: number,
  task: MatrixTask,
  results: readonly Strided[],
  operands: readonly Strided[],
): void {
  const n = results.length;
  // The matrices of a batch are one level more.
  byLevel(lead + 1, [...results, ...operands], (all) => {
    const given = all as readonly Strided[];
    device.factor!(task, given.slice(0, n), given.slice(n));
  });
}

/** Fourier transforms of all samples, which are as many more lines; both are dense. */
export function fourierBatch(
  device: Device,
  lead: number,
  task: FourierTask,
  out: Strided,
  x: Strided,
): void {
  byLevel(lead + 1, [out, x], ([out, x]) => device.fourier!(task, out!, x!));
}
