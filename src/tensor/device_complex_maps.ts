// Elementwise kernels of complex numbers: the expressions of both parts of the
// result become one pass of `Device.update` over the parts of all operands.
// What treats both parts alike, such as a sum, is the real kernel itself on
// memory that lies in order.

import type { Device, MapKernel, Strided, UpdateKernel } from "./device.ts";
import { isRealOnly, refuseComplexOp } from "./complex_refusal.ts";
import { part, release, scratch } from "./device_complex.ts";
import { updateKernel } from "./device_updates.ts";
import { type DTypeInfo, partInfo } from "./dtype.ts";
import { isCondition } from "./expr.ts";
import { asNumber, complexParts, imaginary, isLinear } from "./expr_complex.ts";

/** What a kernel is for complex numbers. */
interface Translated {
  /** Changes the parts of the result (one number for a condition) from those of the inputs. */
  readonly update: UpdateKernel;
  /** Whether the result is a condition. */
  readonly condition: boolean;
  /** Whether the kernel itself may be applied to both parts. */
  readonly linear: boolean;
}

/** By kernel; null where there is none. */
const KNOWN = new WeakMap<MapKernel, Translated | null>();

function translate(kernel: MapKernel): Translated | null {
  if (isRealOnly(kernel.name)) return null;
  const body = kernel.complex ?? kernel.body;
  const condition = isCondition(body);
  const own = condition ? 1 : 2;
  const found = complexParts(body, own);
  if (found === null) return null;
  const bodies = condition
    ? [asNumber(found.re)]
    : [asNumber(found.re), imaginary(found)];
  const reads = new Array<null>(2 * kernel.arity).fill(null);
  return {
    update: updateKernel([...bodies, ...reads]),
    condition,
    linear: isLinear(body),
  };
}

function translationOf(kernel: MapKernel): Translated | null {
  let found = KNOWN.get(kernel);
  if (found === undefined) {
    KNOWN.set(kernel, found = translate(kernel));
  }
  return found;
}

/** Dense memory of both parts as one vector. */
function vector(x: Strided): Strided {
  const count = 2 * x.count;
  return {
    storage: x.storage,
    info: partInfo(x.info),
    shape: [count],
    strides: [1],
    offset: 2 * x.offset,
    count,
    dense: true,
  };
}

/** Elements from which parts are brought in order first: kernels for vectors want that. */
const LEAST_STAGED = 1024;
/** Elements at a time, so that the parts stay in the processor's caches. */
const BLOCK = 16384;

/** One of the parts of `n` elements of dense memory, from one on; of a single element itself. */
function stretch(x: Strided, which: 0 | 1, from: number, n: number): Strided {
  const single = x.count === 1;
  return {
    storage: x.storage,
    info: partInfo(x.info),
    shape: [n],
    strides: [single ? 0 : 2],
    offset: 2 * (x.offset + (single ? 0 : from)) + which,
    count: n,
    dense: n < 2,
  };
}

/** Computes block by block on copies of the parts that lie in order. */
function runStaged(
  device: Device,
  kernel: UpdateKernel,
  out: Strided,
  inputs: readonly Strided[],
  params: readonly number[],
): void {
  const all = [out, ...inputs];
  const length = Math.min(BLOCK, out.count);
  const work = all.flatMap(() => [
    scratch(device, partInfo(out.info), [length]),
    scratch(device, partInfo(out.info), [length]),
  ]);
  for (let from = 0; from < out.count; from += length) {
    const n = Math.min(length, out.count - from);
    const block = work.map((x) => ({ ...x, shape: [n], count: n }));
    inputs.forEach((x, k) => {
      // What is the same for all blocks was copied for the first.
      if (x.count === 1 && from > 0) return;
      device.copy(block[2 * k + 2]!, stretch(x, 0, from, n));
      device.copy(block[2 * k + 3]!, stretch(x, 1, from, n));
    });
    device.update(kernel, block, params);
    device.copy(stretch(out, 0, from, n), block[0]!);
    device.copy(stretch(out, 1, from, n), block[1]!);
  }
  release(device, ...work);
}

/** See `Device.map`; it computes in a complex type. */
export function mapComplex(
  device: Device,
  kernel: MapKernel,
  compute: DTypeInfo,
  out: Strided,
  a: Strided,
  b: Strided | null,
  c: Strided | null,
  params: readonly number[],
): void {
  const form = translationOf(kernel);
  if (form === null) refuseComplexOp(kernel.name ?? "map", compute);
  const inputs = [a, b, c].slice(0, kernel.arity) as Strided[];
  if (
    form.linear && out.dense &&
    inputs.every((x) => x.dense && x.count === out.count)
  ) {
    const [p, q, r] = inputs.map(vector);
    const half = partInfo(compute);
    device.map(kernel, half, vector(out), p!, q ?? null, r ?? null, params);
    return;
  }
  if (out.count === 0) return;
  if (!form.condition && out.dense && out.count >= LEAST_STAGED) {
    const fits = inputs.every((x) =>
      x.count === 1 || (x.dense && x.count === out.count)
    );
    if (fits) {
      runStaged(device, form.update, out, inputs, params);
      return;
    }
  }
  const operands = inputs.flatMap((x) => [part(x, 0), part(x, 1)]);
  if (form.condition) {
    const truth = scratch(device, partInfo(compute), out.shape);
    device.update(form.update, [truth, ...operands], params);
    device.copy(out, truth);
    release(device, truth);
    return;
  }
  device.update(
    form.update,
    [part(out, 0), part(out, 1), ...operands],
    params,
  );
}
