// The scalar functions of src/cpu/math_*.ts against math.json, which holds
// correctly rounded values (mpmath) and special values (PyTorch); see
// goldens/make_math_goldens.py and make_special_goldens.py.

import { assert, assertEquals } from "@std/assert";
import * as basic from "../src/cpu/math_basic.ts";
import * as errorFunctions from "../src/cpu/math_erf.ts";
import * as gammaFunctions from "../src/cpu/math_gamma.ts";
import * as besselFunctions from "../src/cpu/math_bessel.ts";
import * as incompleteFunctions from "../src/cpu/math_incomplete.ts";
import * as normalFunctions from "../src/cpu/math_normal.ts";
import special from "./goldens/special_math.json" with { type: "json" };
import golden from "./goldens/math.json" with { type: "json" };

type Row = (number | string)[];
type Table = Record<string, Row[]>;
type Scalar = (...args: number[]) => number | boolean;

const FUNCTIONS: Record<string, Scalar> = {
  ...basic,
  ...errorFunctions,
  ...gammaFunctions,
  ...besselFunctions,
  ...incompleteFunctions,
  ...normalFunctions,
};
const VALUES: Table = { ...golden.values, ...special.values };
const SPECIAL: Table = { ...golden.special, ...special.special };

const WORDS: Record<string, number> = {
  nan: NaN,
  inf: Infinity,
  "-inf": -Infinity,
};

function decode(row: Row): { args: number[]; want: number } {
  const numbers = row.map((x) => typeof x === "number" ? x : WORDS[x]!);
  return { args: numbers.slice(0, -1), want: numbers.at(-1)! };
}

const DOUBLE = new Float64Array(1);
const BITS = new BigInt64Array(DOUBLE.buffer);

/** The place of x among all float64 numbers in ascending order. */
function rank(x: number): bigint {
  DOUBLE[0] = x;
  const bits = BITS[0]!;
  return bits < 0n ? -(bits & 0x7fffffffffffffffn) : bits;
}

function ulps(a: number, b: number): number {
  if (Object.is(a, b)) return 0;
  if (Number.isNaN(a) || Number.isNaN(b)) return Infinity;
  const distance = Number(rank(a) - rank(b));
  return Math.abs(distance);
}

/**
 * What a result may be off: 4 ulp, or, where it is a difference of larger
 * terms, 1e-15 of the largest of them. Zero for the others.
 */
const LARGEST_TERM: Record<
  string,
  (args: number[], want: number) => number
> = {
  j0: ([x]) => heightOfWave(x!),
  j1: ([x]) => heightOfWave(x!),
  y0: ([x]) => heightOfWave(x!),
  y1: ([x]) => heightOfWave(x!),
  gammainc: (_, want) => partOfGamma(want),
  gammaincc: (_, want) => partOfGamma(want),
  lgamma: () => 1,
  digamma: () => 1,
  lerp: (args) => Math.max(...args.map(Math.abs)),
  polygamma: ([n, x]) => termOfZeta(n! + 1, x!) * gammaOf(n! + 1),
  zeta: ([s, q]) => termOfZeta(s!, q!),
};

/** Past their first zeros Bessel functions are exact beside the height of their waves. */
function heightOfWave(x: number): number {
  return Math.abs(x) < 8 ? 0 : Math.sqrt(2 / (Math.PI * Math.abs(x)));
}

/** A power of e with a large exponent is no more exact than the exponent; fractions are long. */
function partOfGamma(want: number): number {
  return want * Math.max(10, -Math.log(want));
}

/** Left of zero the sum over (q + k)**-s alternates when s is odd. */
function termOfZeta(s: number, q: number): number {
  return q < 0 ? Math.pow(Math.abs(q - Math.round(q)), -s) : 0;
}

function gammaOf(x: number): number {
  return x <= 1 ? 1 : (x - 1) * gammaOf(x - 1);
}

for (const [name, rows] of Object.entries(VALUES)) {
  Deno.test(`${name}: within 4 ulp of the exact value`, () => {
    const f = FUNCTIONS[name]!;
    assert(rows.length >= 60);
    const bad: string[] = [];
    for (const row of rows) {
      const { args, want } = decode(row);
      const got = Number(f(...args));
      const off = ulps(got, want);
      const room = 1e-15 * (LARGEST_TERM[name]?.(args, want) ?? 0);
      if (off <= 4 || Math.abs(got - want) <= room) continue;
      bad.push(`${name}(${args.join(", ")}) = ${got}, not ${want}: ${off} ulp`);
    }
    assertEquals(bad, []);
  });
}

for (const [name, rows] of Object.entries(SPECIAL)) {
  Deno.test(`${name}: special values are PyTorch's`, () => {
    const f = FUNCTIONS[name]!;
    const bad: string[] = [];
    for (const row of rows) {
      const { args, want } = decode(row);
      const got = Number(f(...args));
      if (!Object.is(got, want)) {
        bad.push(`${name}(${args.join(", ")}) = ${got}, not ${want}`);
      }
    }
    assertEquals(bad, []);
  });
}
