// Vector code by values instead of a stack: every operation leaves its result
// in a variable of its own, which costs nothing once V8 has compiled it, and
// the code for a function of vectors reads like a formula.

import { FunctionBuilder, V128, writeModule } from "./emitter.ts";
import type { SIMD } from "./opcodes.ts";

let fused: boolean | undefined;

/** Whether vectors can be multiplied and added in one instruction; asked of V8 once, with the first kernel. */
export function canFuse(): boolean {
  if (fused !== undefined) return fused;
  const probe = new FunctionBuilder([]);
  const x = probe.local(V128);
  probe.get(x).get(x).get(x).simd("f32x4.relaxed_madd").set(x);
  const limits = { initial: 1, maximum: 1, shared: true };
  fused = WebAssembly.validate(writeModule({ probe }, limits));
  return fused;
}

/** A variable that holds a vector. */
export type Value = number;

/** Appends vector operations to a function. */
export class VectorCode {
  /** The function. */
  readonly fn: FunctionBuilder;
  /** Whether products are added without rounding in between. */
  readonly fuses: boolean;
  /**
   * What has been assumed about the values of several vectors: as unsigned
   * 32-bit integers none is above the limit, the key. Null while code must be
   * right for every value by itself.
   */
  assumed: Map<number, Value> | null = null;

  /** A variable that gathers masks of lanes that failed; null where none can. */
  failures: Value | null = null;

  /** Appends to a function. */
  constructor(fn: FunctionBuilder, fuses: boolean = canFuse()) {
    this.fn = fn;
    this.fuses = fuses;
  }

  /** An instruction of vectors that gives a vector. */
  op(name: keyof typeof SIMD, ...args: readonly Value[]): Value {
    for (const arg of args) this.fn.get(arg);
    this.fn.simd(name);
    return this.keep();
  }

  /** Pops a vector into a variable of its own. */
  keep(): Value {
    const out = this.fn.local(V128);
    this.fn.set(out);
    return out;
  }

  /** Remembers lanes that failed; see failure.ts. */
  fail(mask: Value): void {
    // Variables start as zero.
    this.failures ??= this.fn.local(V128);
    this.fn.get(this.failures).get(mask).simd("v128.or").set(this.failures);
  }

  /** A shift by a constant number of bits. */
  shift(
    name: `i${"32x4" | "64x2"}.${"shl" | "shr_s" | "shr_u"}`,
    x: Value,
    bits: number,
  ): Value {
    this.fn.get(x).i32(bits).simd(name);
    return this.keep();
  }

  /** Bytes chosen from two vectors. */
  shuffle(x: Value, y: Value, bytes: readonly number[]): Value {
    this.fn.get(x).get(y).shuffle(bytes);
    return this.keep();
  }

  /** `mask ? x : y` by bits. */
  choose(mask: Value, x: Value, y: Value): Value {
    return this.op("v128.bitselect", x, y, mask);
  }

  /** `x * y + z`, rounded once or twice. */
  madd(type: "f32x4" | "f64x2", x: Value, y: Value, z: Value): Value {
    if (this.fuses) return this.op(`${type}.relaxed_madd`, x, y, z);
    return this.op(`${type}.add`, this.op(`${type}.mul`, x, y), z);
  }

  /** Notes an assumption about the bits of a value; whoever began a list of them looks whether it held. */
  assume(bits: Value, limit: number): void {
    const known = this.assumed!.get(limit);
    // Where all low bits may be set, bits together exceed the limit if some did.
    const join = (limit & (limit + 1)) === 0 ? "v128.or" : "i32x4.max_u";
    const most = known === undefined ? bits : this.op(join, known, bits);
    this.assumed!.set(limit, most);
  }

  /** Pushes whether some assumption did not hold. */
  pushFailed(): void {
    let first = true;
    for (const [limit, most] of this.assumed!) {
      this.fn.get(most).get(this.splat("i32x4", limit | 0)).simd("i32x4.gt_u");
      if (!first) this.fn.simd("v128.or");
      first = false;
    }
    this.fn.simd("v128.any_true");
  }

  /** A polynomial in `x`; the constant coefficient comes first. */
  polynomial(
    type: "f32x4" | "f64x2",
    x: Value,
    coefficients: readonly number[],
  ): Value {
    const last = coefficients.length - 1;
    let sum = this.splat(type, coefficients[last]!);
    for (let k = last - 1; k >= 0; k--) {
      sum = this.madd(type, sum, x, this.splat(type, coefficients[k]!));
    }
    return sum;
  }

  /**
   * A long polynomial as that of the even and that of the odd powers, so that
   * two sums go on at the same time.
   */
  longPolynomial(
    type: "f32x4" | "f64x2",
    x: Value,
    coefficients: readonly number[],
  ): Value {
    const square = this.op(`${type}.mul`, x, x);
    const last = coefficients.length - 1;
    const sums = [last - 1, last].map((k) =>
      this.splat(type, coefficients[k]!)
    ) as [Value, Value];
    for (let k = last - 2; k >= 0; k--) {
      const c = this.splat(type, coefficients[k]!);
      sums[(last - k) & 1 ? 0 : 1] = this.madd(
        type,
        sums[(last - k) & 1 ? 0 : 1],
        square,
        c,
      );
    }
    const [even, odd] = last & 1 ? sums : [sums[1], sums[0]];
    return this.madd(type, odd, x, even);
  }

  /** A vector of equal numbers. */
  splat(type: "f32x4" | "f64x2" | "i32x4", value: number): Value {
    switch (type) {
      case "f32x4":
        return this.fn.hoisted(new Float32Array(4).fill(value));
      case "f64x2":
        return this.fn.hoisted(new Float64Array(2).fill(value));
      case "i32x4":
        return this.fn.hoisted(new Int32Array(4).fill(value));
    }
  }

  /** A vector of two equal 64-bit integers. */
  i64x2(value: bigint): Value {
    const low = Number(BigInt.asIntN(32, value));
    const high = Number(BigInt.asIntN(32, value >> 32n));
    return this.fn.hoisted(new Int32Array([low, high, low, high]));
  }
}
