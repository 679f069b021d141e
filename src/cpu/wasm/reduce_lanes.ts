// What one reduction does with vectors: how elements are loaded, combined and
// added to accumulators. Floats add up in trees of eight vectors whose results
// go to float64, which is nearly as fast as float32 and far more exact.

import type { FunctionBuilder } from "./emitter.ts";
import { F32, F64, I32, I64, V128 } from "./emitter.ts";
import type { SIMD } from "./opcodes.ts";
import type { FoldSignature, LaneType } from "./reduce_pattern.ts";

/** Emits code. */
type Emit = () => void;

/** Emits code that pushes an address; returns a constant to add to it, which costs nothing in a load. */
export type Address = () => number;

/** Code of a reduction in one function. */
export interface Lanes {
  /** Bytes of an element. */
  readonly bytes: number;
  /** Vectors that a vector of elements becomes when it is loaded. */
  readonly parts: number;
  /** Accumulators. */
  readonly count: number;
  /** Vectors that are combined before the accumulators see them, at most. */
  readonly most: number;
  /** Type of the accumulators' lanes, as they lie in memory. */
  readonly acc: LaneType;
  /** Pushes an accumulator's start. */
  start(): void;
  /** Pushes one part of the vectors at several addresses, combined. */
  merged(addresses: readonly Address[], part: number): void;
  /** Combines the vectors at several addresses with the accumulators, where there is a quicker way. */
  readonly whole:
    | ((addresses: readonly Address[], accumulators: readonly number[]) => void)
    | null;
  /** Pushes a vector of the element at an address, neutral beside it. */
  single(address: Address): void;
  /** Pops a part and combines it with the accumulators. */
  absorb(part: number, accumulators: readonly number[]): void;
  /** Pops two accumulators and pushes both combined. */
  join(): void;
}

/** Bytes of an element. */
export const LANE_BYTES: Readonly<Record<LaneType, number>> = {
  f32: 4,
  f64: 8,
  i32: 4,
  i64: 8,
  u8: 1,
};

/** Type of a scalar of each lane type on the stack. */
export const SCALARS: Readonly<Record<LaneType, number>> = {
  f32: F32,
  f64: F64,
  i32: I32,
  i64: I64,
  u8: I32,
};

const SHAPES = {
  f32: "f32x4",
  f64: "f64x2",
  i32: "i32x4",
  i64: "i64x2",
  u8: "i8x16",
} as const;

/** Vectors that are combined before the accumulators see them, where not more are. */
export const GROUP = 8;

const HIGH_HALF = [8, 9, 10, 11, 12, 13, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0];

/** The type that a signature accumulates in. */
export function accumulatorType({ op, from }: FoldSignature): LaneType {
  if (op === "max" || op === "min") return from;
  if (op === "count") return from === "f64" || from === "i64" ? "i64" : "i32";
  return from === "f32" || from === "f64" ? "f64" : "i64";
}

/** Combines vectors on the stack in a balanced tree. */
function tree(leaves: readonly Emit[], merge: Emit): void {
  if (leaves.length === 1) {
    leaves[0]!();
    return;
  }
  const half = leaves.length >> 1;
  tree(leaves.slice(0, half), merge);
  tree(leaves.slice(half), merge);
  merge();
}

/** Pushes a vector with the neutral or lowest element of a type in all lanes. */
function pushStart(
  f: FunctionBuilder,
  op: FoldSignature["op"],
  acc: LaneType,
): void {
  const word = (low: number, high: number) =>
    f.vector(new Int32Array([low, high, low, high]));
  if (op === "sum" || op === "count") word(0, 0);
  else if (op === "prod") acc === "f64" ? f.f64x2(1) : word(1, 0);
  else if (acc === "f32") f.f32x4(op === "max" ? -Infinity : Infinity);
  else if (acc === "f64") f.f64x2(op === "max" ? -Infinity : Infinity);
  else if (acc === "u8") f.i32x4(op === "max" ? 0 : -1);
  else if (acc === "i32") f.i32x4(op === "max" ? -(2 ** 31) : 2 ** 31 - 1);
  else op === "max" ? word(0, -(2 ** 31)) : word(-1, 2 ** 31 - 1);
}

/** The code of a reduction for a function under construction. */
export function lanesFor(f: FunctionBuilder, s: FoldSignature): Lanes {
  const { op, map, from } = s;
  const acc = accumulatorType(s);
  const shape = SHAPES[from];
  const [t, u] = [f.local(V128), f.local(V128)];
  const simd = (name: string) => f.simd(name as keyof typeof SIMD);
  const extreme = op === "max" || op === "min";
  const isFloat = from === "f32" || from === "f64";
  // Squares might overflow where their root does not.
  const narrow = op === "sum" && s.narrow && map !== "square";
  const widens = !extreme && op !== "count" && !narrow && acc !== from;
  const temporaries = extreme && isFloat
    ? Array.from({ length: 8 }, () => f.local(V128))
    : [];

  /** Brings the loaded vector through the map; its lanes are those of the sum by now. */
  const apply = (lanes: string) => {
    if (op === "count") {
      if (from === "i64") {
        f.i32x4(0);
        f.simd("i64x2.ne");
      } else {
        f.i32x4(0);
        simd(`${shape}.ne`);
      }
    } else if (map === "abs") simd(`${lanes}.abs`);
    else if (map === "square") f.tee(t).get(t), simd(`${lanes}.mul`);
    else if (map === "numbers") {
      f.tee(t).get(t).get(t), simd(`${lanes}.eq`).simd("v128.and");
    }
  };
  const lanes = widens ? SHAPES[acc] : shape;
  const load = (address: Address, part: number) => {
    const at = address();
    if (!widens) f.memory("v128.load", at);
    else {
      f.memory("v128.load64_zero", at + 8 * part);
      f.simd(
        from === "f32" ? "f64x2.promote_low_f32x4" : "i64x2.extend_low_i32x4_s",
      );
    }
    apply(lanes);
  };
  /** Combines two vectors of the lanes that a tree has. */
  const combine = (type: LaneType | "i8") => {
    if (extreme && type === "i64") {
      f.set(u).set(t).get(t).get(u).get(t).get(u);
      f.simd(op === "max" ? "i64x2.gt_s" : "i64x2.lt_s");
      f.simd("v128.bitselect");
    } else if (extreme && type === "u8") {
      f.simd(op === "max" ? "i8x16.max_u" : "i8x16.min_u");
    } else if (extreme) {
      simd(`${SHAPES[type as LaneType]}.${op}${type === "i32" ? "_s" : ""}`);
    } else {
      const verb = op === "prod" ? "mul" : "add";
      simd(`${SHAPES[type === "i8" ? "u8" : type]}.${verb}`);
    }
  };
  const inTree: LaneType | "i8" = op === "count" && from === "u8"
    ? "i8"
    : op === "count"
    ? acc
    : widens
    ? acc
    : from;

  return {
    bytes: LANE_BYTES[from],
    parts: widens ? 2 : 1,
    count: widens || narrow ? 2 : op === "count" && from === "u8" ? 4 : 1,
    most: narrow ? 4 * GROUP : GROUP,
    acc,
    start: () => pushStart(f, op, acc),
    merged(addresses, part) {
      tree(addresses.map((a) => () => load(a, part)), () => combine(inTree));
    },
    whole: temporaries.length === 0 ? null : (addresses, accumulators) => {
      addresses.forEach((a, k) => {
        load(a, 0);
        f.set(temporaries[k]!);
      });
      const used = temporaries.slice(0, addresses.length)
        .map((x) => () => f.get(x));
      const [accumulator] = accumulators as [number];
      // A sum is NaN where an element is. Then, or where infinities cancel, the
      // slow comparison, which carries NaN on.
      tree(used, () => simd(`${shape}.add`));
      f.tee(u).get(u);
      simd(`${shape}.ne`).simd("v128.any_true").if();
      f.get(accumulator);
      tree(used, () => combine(from));
      combine(from);
      f.set(accumulator).else().get(accumulator);
      tree(used, () => simd(`${shape}.p${op}`));
      simd(`${shape}.p${op}`).set(accumulator).end();
    },
    single(address) {
      const at = address();
      if (extreme) {
        f.memory(
          from === "u8"
            ? "v128.load8_splat"
            : LANE_BYTES[from] === 4
            ? "v128.load32_splat"
            : "v128.load64_splat",
          at,
        );
      } else if (from === "u8") {
        f.memory("i32.load8_u", at).simd("i32x4.splat");
        f.vector(new Int32Array([-1, 0, 0, 0])).simd("v128.and");
      } else {
        f.memory(
          LANE_BYTES[from] === 4 ? "v128.load32_zero" : "v128.load64_zero",
          at,
        );
      }
      if (widens) {
        f.simd(
          from === "f32"
            ? "f64x2.promote_low_f32x4"
            : "i64x2.extend_low_i32x4_s",
        );
      }
      apply(lanes);
      if (op === "prod") {
        const one = acc === "f64" ? 0x3ff00000 : 0;
        const low = acc === "f64" ? 0 : 1;
        f.vector(new Int32Array([0, 0, low, one])).simd("v128.or");
      }
    },
    absorb(part, accumulators) {
      if (narrow) {
        f.set(u).get(accumulators[0]!).get(u);
        f.simd("f64x2.promote_low_f32x4").simd("f64x2.add");
        f.set(accumulators[0]!).get(accumulators[1]!).get(u).get(u);
        f.shuffle(HIGH_HALF).simd("f64x2.promote_low_f32x4").simd("f64x2.add");
        f.set(accumulators[1]!);
      } else if (op === "count" && from === "u8") {
        // Trees add at most eight masks of -1; here the lanes widen.
        f.set(u);
        accumulators.forEach((a, k) => {
          f.get(a).get(u);
          simd(`i16x8.extend_${k < 2 ? "low" : "high"}_i8x16_s`);
          simd(`i32x4.extend_${k % 2 === 0 ? "low" : "high"}_i16x8_s`);
          f.simd("i32x4.sub").set(a);
        });
      } else if (op === "count") {
        f.set(u).get(accumulators[0]!).get(u);
        simd(`${SHAPES[acc]}.sub`).set(accumulators[0]!);
      } else {
        f.get(accumulators[part]!);
        combine(acc);
        f.set(accumulators[part]!);
      }
    },
    join: () => combine(acc),
  };
}
