// Conversions of four elements at a time, as C casts do and as the loops in
// JavaScript spell it. Four elements are one vector of 32-bit lanes or two of
// 64-bit lanes, by the kind of arithmetic of their type.

import type { Kind } from "../spelling.ts";
import { COPY_BYTES, type CopyType } from "./copy_types.ts";
import {
  brainToFloat,
  demoteOdd,
  floatToBrain,
  floatToHalf,
  halfToFloat,
} from "./half_code.ts";
import type { Value, VectorCode } from "./vector_code.ts";

/** How a type is computed with. */
const KINDS: Readonly<Record<CopyType, Kind>> = {
  f32: "f32",
  f64: "f64",
  i32: "i32",
  i64: "i64",
  i8: "i32",
  i16: "i32",
  u8: "i32",
  bool: "i32",
  b16: "i32",
  f16: "f32",
  bf16: "f32",
};

const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15];

function highHalf(v: VectorCode, x: Value): Value {
  return v.shuffle(x, x, HIGH_HALF);
}

/** Loads four neighbours at an address, or one element into every lane. */
function load(
  v: VectorCode,
  type: CopyType,
  address: number,
  single: boolean,
): Value[] {
  const { fn } = v;
  const bytes = COPY_BYTES[type];
  if (bytes === 8) {
    return [0, 16].map((offset) => {
      fn.get(address);
      if (single) fn.memory("v128.load64_splat");
      else fn.memory("v128.load", offset);
      return v.keep();
    });
  }
  fn.get(address).memory(
    single
      ? `v128.load${8 * bytes as 8 | 16 | 32}_splat`
      : bytes === 4
      ? "v128.load"
      : bytes === 2
      ? "v128.load64_zero"
      : "v128.load32_zero",
  );
  const x = v.keep();
  switch (type) {
    case "u8":
    case "bool":
      return [
        v.op(
          "i32x4.extend_low_i16x8_u",
          v.op("i16x8.extend_low_i8x16_u", x),
        ),
      ];
    case "i8":
      return [
        v.op(
          "i32x4.extend_low_i16x8_s",
          v.op("i16x8.extend_low_i8x16_s", x),
        ),
      ];
    case "i16":
      return [v.op("i32x4.extend_low_i16x8_s", x)];
    case "f16":
      return [halfToFloat(v, v.op("i32x4.extend_low_i16x8_u", x))];
    case "bf16":
      return [brainToFloat(v, v.op("i32x4.extend_low_i16x8_u", x))];
    default:
      return [x];
  }
}

/** Runs quick code where a condition (popped) holds, else slow code; both give as many vectors. */
function either(
  v: VectorCode,
  quick: () => Value[],
  slow: () => Value[],
): Value[] {
  const { fn } = v;
  fn.if();
  const a = quick();
  const out = a.map((x) => {
    fn.get(x);
    return v.keep();
  });
  fn.else();
  slow().forEach((x, k) => fn.get(x).set(out[k]!));
  fn.end();
  return out;
}

/** Pushes whether all lanes of masks are set. */
function pushAll(v: VectorCode, masks: readonly Value[]): void {
  let all = masks[0]!;
  for (const mask of masks.slice(1)) all = v.op("v128.and", all, mask);
  v.fn.get(all).simd("i32x4.all_true");
}

/** One lane after the other: from float64 to int64; the lowest where it does not fit. */
function truncateLanes(v: VectorCode, x: Value): Value {
  const { fn } = v;
  const fits = v.op(
    "f64x2.lt",
    v.op("f64x2.abs", x),
    v.splat("f64x2", 2 ** 63),
  );
  const safe = v.choose(fits, x, v.splat("f64x2", -(2 ** 63)));
  fn.get(safe).lane("f64x2", 0).op("i64.trunc_f64_s").simd("i64x2.splat");
  fn.get(safe).lane("f64x2", 1).op("i64.trunc_f64_s").simd("i64x2.splat");
  fn.shuffle(LOW_HALVES);
  return v.keep();
}

function toFloat64(v: VectorCode, kind: Kind, x: readonly Value[]): Value[] {
  const [a, b] = x as [Value, Value];
  switch (kind) {
    case "f64":
      return [a, b];
    case "f32":
      return [a, highHalf(v, a)].map((y) => v.op("f64x2.promote_low_f32x4", y));
    case "i32":
      return [a, highHalf(v, a)].map((y) =>
        v.op("f64x2.convert_low_i32x4_s", y)
      );
    case "i64": {
      // Added to the bits of 3 * 2^51, integers below 2^51 are its fraction.
      const half = v.i64x2(1n << 51n);
      const beyond = [a, b].map((y) =>
        v.shift("i64x2.shr_u", v.op("i64x2.add", y, half), 52)
      );
      const none = v.op("v128.or", beyond[0]!, beyond[1]!);
      v.fn.get(none).simd("v128.any_true").op("i32.eqz");
      return either(v, () => {
        const magic = v.splat("f64x2", 3 * 2 ** 51);
        return [a, b].map((y) =>
          v.op("f64x2.sub", v.op("i64x2.add", y, magic), magic)
        );
      }, () =>
        [a, b].map((y) => {
          for (let k = 0; k < 2; k++) {
            v.fn.get(y).lane("i64x2", k).op("f64.convert_i64_s");
            v.fn.simd("f64x2.splat");
          }
          v.fn.shuffle(LOW_HALVES);
          return v.keep();
        }));
    }
  }
}

function toInt64(v: VectorCode, kind: Kind, x: readonly Value[]): Value[] {
  const [a] = x as [Value];
  if (kind === "i64") return [...x];
  if (kind === "i32") {
    return [
      v.op("i64x2.extend_low_i32x4_s", a),
      v.op("i64x2.extend_high_i32x4_s", a),
    ];
  }
  const wide = toFloat64(v, kind, x);
  const limit = v.splat("f64x2", 2 ** 51);
  pushAll(v, wide.map((y) => v.op("f64x2.lt", v.op("f64x2.abs", y), limit)));
  return either(v, () => {
    const magic = v.splat("f64x2", 3 * 2 ** 51);
    return wide.map((y) => {
      const sum = v.op("f64x2.add", v.op("f64x2.trunc", y), magic);
      return v.op("i64x2.sub", sum, magic);
    });
  }, () => wide.map((y) => truncateLanes(v, y)));
}

function toInt32(v: VectorCode, kind: Kind, x: readonly Value[]): Value {
  const [a] = x as [Value];
  if (kind === "i32") return a;
  const words = (y: readonly Value[]) => v.shuffle(y[0]!, y[1]!, LOW_WORDS);
  if (kind === "i64") return words(x);
  const shape = kind === "f32" ? "f32x4" : "f64x2";
  const limit = v.splat(shape, 2 ** 31);
  pushAll(
    v,
    x.map((y) => v.op(`${shape}.lt`, v.op(`${shape}.abs`, y), limit)),
  );
  return either(v, () => {
    if (kind === "f32") return [v.op("i32x4.trunc_sat_f32x4_s", a)];
    const [p, q] = x.map((y) => v.op("i32x4.trunc_sat_f64x2_s_zero", y));
    return [v.shuffle(p!, q!, LOW_HALVES)];
  }, () => {
    // A float goes to a narrow integer through int64.
    return [words(toFloat64(v, kind, x).map((y) => truncateLanes(v, y)))];
  })[0]!;
}

function toFloat32(
  v: VectorCode,
  kind: Kind,
  x: readonly Value[],
  again: boolean,
): Value {
  const [a] = x as [Value];
  if (kind === "f32") return a;
  if (kind === "i32") return v.op("f32x4.convert_i32x4_s", a);
  const [p, q] = toFloat64(v, kind, x).map((y) =>
    again && kind === "f64"
      ? demoteOdd(v, y)
      : v.op("f32x4.demote_f64x2_zero", y)
  );
  return v.shuffle(p!, q!, LOW_HALVES);
}

/** Masks of 32 bits for what is not zero. */
function notZero(v: VectorCode, kind: Kind, x: readonly Value[]): Value {
  const zero = v.splat("i32x4", 0);
  const shape =
    ({ f32: "f32x4", f64: "f64x2", i32: "i32x4", i64: "i64x2" } as const)[
      kind
    ];
  const masks = x.map((y) => v.op(`${shape}.ne`, y, zero));
  return masks.length === 1
    ? masks[0]!
    : v.shuffle(masks[0]!, masks[1]!, LOW_WORDS);
}

/** Keeps the lowest bytes of each lane of 32 bits, together at the start. */
function narrow(v: VectorCode, bytes: number, x: Value): Value {
  if (bytes === 4) return x;
  const order = Array.from(
    { length: 16 },
    (_, i) => (Math.floor(i / bytes) % 4) * 4 + i % bytes,
  );
  return v.shuffle(x, x, order);
}

/** What is stored for four elements: one vector or two. */
function converted(
  v: VectorCode,
  from: CopyType,
  to: CopyType,
  x: readonly Value[],
): Value[] {
  const kind = KINDS[from];
  switch (to) {
    case "f64":
      return toFloat64(v, kind, x);
    case "i64":
      return toInt64(v, kind, x);
    case "f32":
      return [toFloat32(v, kind, x, false)];
    case "bool": {
      const mask = notZero(v, kind, x);
      return [narrow(v, 1, v.op("v128.and", mask, v.splat("i32x4", 1)))];
    }
    case "f16":
      return [narrow(v, 2, floatToHalf(v, toFloat32(v, kind, x, true)))];
    case "bf16":
      return [narrow(v, 2, floatToBrain(v, toFloat32(v, kind, x, false)))];
    default:
      return [narrow(v, COPY_BYTES[to], toInt32(v, kind, x))];
  }
}

/** Converts four neighbours at `p` to four at `q`, or a single one. */
export function convertFour(
  v: VectorCode,
  from: CopyType,
  to: CopyType,
  p: number,
  q: number,
  single: boolean,
): void {
  const { fn } = v;
  const out = converted(v, from, to, load(v, from, p, single));
  const bytes = COPY_BYTES[to];
  if (single) {
    fn.get(q).get(out[0]!);
    fn.memoryLane(`v128.store${8 * bytes as 8 | 16 | 32 | 64}_lane`, 0);
    return;
  }
  out.forEach((x, k) => {
    fn.get(q).get(x);
    if (bytes >= 4) fn.memory("v128.store", 16 * k);
    else {fn.memoryLane(
        bytes === 2 ? "v128.store64_lane" : "v128.store32_lane",
        0,
      );}
  });
}
