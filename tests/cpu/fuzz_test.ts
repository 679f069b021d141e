// Random expression trees over all that kernels can print, functions such as
// exp included: kernels and loops agree, to the bit where all is arithmetic, and
// as near as errors of two units in each function allow where it is not.

import { assert, assertEquals } from "@std/assert";
import { cpu } from "../../src/cpu/cpu_device.ts";
import { kindOf } from "../../src/cpu/spelling.ts";
import type { CpuStorage } from "../../src/cpu/storage.ts";
import { wasmMap } from "../../src/cpu/wasm/map_call.ts";
import { BUILDS, divides } from "../../src/cpu/wasm/vector_print.ts";
import type { Strided } from "../../src/tensor/device.ts";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  FLOAT64,
} from "../../src/tensor/dtype.ts";
import {
  call,
  constant,
  type Expr,
  type Fn,
  input,
  isCondition,
  param,
} from "../../src/tensor/expr.ts";
import { onKernels, onLoops } from "../conformance/paths.ts";
import { bound, type Precision } from "./error_bound.ts";
import {
  kernelOf,
  makeRandom,
  MAP_TYPES,
  PARAMS,
  type Random,
  strided,
} from "./operands.ts";

const PRECISION: ReadonlyMap<DTypeInfo, Precision> = new Map([
  [FLOAT32, {
    round: Math.fround,
    relative: 2 ** -23,
    least: 2 ** -149,
    units: 3,
  }],
  [FLOAT64, {
    round: (x: number) => x,
    relative: 2 ** -52,
    least: 2 ** -1074,
    units: 5,
  }],
]);

const INPUTS = [input(0), input(1), input(2)];
const CONSTANTS = [-2, 0, 0.5, 1, 3].map(constant);

/** Number of arguments, where it is not two. */
const ONE = new Set<Fn>([
  ...["neg", "abs", "sqrt", "floor", "ceil", "trunc", "round"] as const,
  ...["signbit", "bitNot", "not", "exp", "exp2", "expm1", "log"] as const,
  ...["log2", "log10", "log1p", "sin", "cos", "tan", "asin"] as const,
  ...["acos", "atan", "sinh", "cosh", "tanh", "asinh", "acosh"] as const,
  ...["atanh", "erf", "erfc", "erfinv", "lgamma", "digamma"] as const,
]);

/** Makes trees of one element type. */
class Grower {
  readonly #random: Random;
  readonly #numbers: Fn[] = [];
  readonly #conditions: Fn[] = [];
  /** Subtrees that may be used again. */
  #seen: Expr[] = [];

  constructor(info: DTypeInfo, random: Random) {
    this.#random = random;
    for (const fn of Object.keys(BUILDS[kindOf(info)]) as Fn[]) {
      const condition = isCondition(call(fn, ...INPUTS));
      (condition ? this.#conditions : this.#numbers).push(fn);
    }
  }

  /** A new tree. */
  tree(): Expr {
    this.#seen = [];
    return this.#random(5) === 0 ? this.#condition(5) : this.#number(5);
  }

  #pick<T>(list: readonly T[]): T {
    return list[this.#random(list.length)]!;
  }

  #number(depth: number): Expr {
    const way = this.#random(8);
    if (depth === 0 || way === 0) {
      const leaf = this.#random(6);
      if (leaf === 0) return this.#pick(CONSTANTS);
      return leaf === 1 ? param(this.#random(2)) : this.#pick(INPUTS);
    }
    if (way === 1 && this.#seen.length > 0) return this.#pick(this.#seen);
    const fn = this.#pick(this.#numbers);
    const out = fn === "polygamma"
      ? call(fn, this.#random(4), this.#number(depth - 1))
      : fn === "select"
      ? call(fn, this.#condition(depth - 1), ...this.#pair(depth - 1))
      : ONE.has(fn)
      ? call(fn, this.#number(depth - 1))
      : call(fn, ...this.#pair(depth - 1));
    this.#seen.push(out);
    return out;
  }

  #pair(depth: number): [Expr, Expr] {
    return [this.#number(depth), this.#number(depth)];
  }

  #condition(depth: number): Expr {
    const fn = depth === 0 ? "lt" : this.#pick(this.#conditions);
    if (fn === "not") return call(fn, this.#condition(depth - 1));
    if (fn === "signbit") return call(fn, this.#number(depth - 1));
    if (fn === "and" || fn === "or") {
      return call(fn, this.#condition(depth - 1), this.#condition(depth - 1));
    }
    return call(fn, ...this.#pair(Math.max(depth - 1, 0)));
  }
}

function valueAt(x: Strided, i: number): number | bigint {
  const { data, base } = x.storage as CpuStorage;
  return data[base + x.offset + (x.shape.length === 0 ? 0 : i)]!;
}

/** Whether an element may be what kernels made of it. */
function mayBe(
  value: number | bigint,
  body: Expr,
  info: DTypeInfo,
  inputs: readonly Strided[],
  i: number,
): boolean {
  const precision = PRECISION.get(info);
  if (precision === undefined) return false;
  const values = inputs.map((x) => Number(valueAt(x, i)));
  const wanted = bound(body, values, PARAMS, precision);
  return wanted.error === Infinity ||
    Math.abs(Number(value) - wanted.value) <= wanted.error;
}

/** Elements of the results: with and without a rest after the vectors. */
const COUNTS = [1, 3, 4, 17, 32, 67];

for (const info of MAP_TYPES) {
  Deno.test(`kernels compute random trees of ${info.name} as loops do`, () => {
    const random = makeRandom(1000 + info.code);
    const grower = new Grower(info, random);
    let unclear = 0;
    let total = 0;
    for (let k = 0; k < 200; k++) {
      const body = grower.tree();
      const kernel = kernelOf(3, body);
      const n = COUNTS[k % COUNTS.length]!;
      const target = isCondition(body) ? BOOL : info;
      const [inputs, out, other] = onKernels(() =>
        [
          INPUTS.map(() =>
            strided(info, [n], random(6) ? "dense" : "single", random)
          ),
          strided(target, [n], "dense", random),
          strided(target, [n], "dense", random),
        ] as const
      );
      const [a, b, c] = inputs;
      const what = `tree ${k}, ${n} elements: ${JSON.stringify(body)}`;
      const served = onKernels(() =>
        wasmMap(kernel, info, out, a!, b!, c!, PARAMS)
      );
      if (!served) {
        // A division by zero is for the loops to report.
        assert(divides(body, kindOf(info)), what);
        continue;
      }
      onLoops(() => cpu.map(kernel, info, other, a!, b!, c!, PARAMS));
      for (let i = 0; i < n; i++) {
        total++;
        const value = valueAt(out, i);
        if (Object.is(value, valueAt(other, i))) continue;
        if (mayBe(value, body, info, inputs, i)) {
          unclear++;
          continue;
        }
        const at = inputs.map((x) => valueAt(x, i));
        assertEquals(value, valueAt(other, i), `${what} of ${at}`);
      }
    }
    assert(unclear < total / 3, `${unclear} of ${total} differ`);
  });
}
