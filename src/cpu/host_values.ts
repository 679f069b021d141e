// Values between JavaScript and memory: what is stored, read and filled in,
// converted as element types want it. It knows nothing of tensors.

import type { Device, Strided, TypedArray } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { runCopy } from "./map_loop.ts";
import { compileSource, convert, kindOf, store } from "./spelling.ts";
import { allocate, CpuStorage, makeArray } from "./storage.ts";
import { wasmFill } from "./wasm/copy.ts";

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

/** See `Device.write`. */
export function writeValues(
  out: Strided,
  values: ArrayLike<number> | ArrayLike<bigint>,
): void {
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

/** See `Device.read`. */
export function readValues(device: Device, x: Strided): TypedArray {
  const out = makeArray(x.info, x.count);
  const storage = new CpuStorage(device, out, 0, x.count, 0, null);
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

/** See `Device.fill`. */
export function fillValues(
  device: Device,
  out: Strided,
  value: number | bigint,
): void {
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
  const one = allocate(device, out.info, 1);
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
