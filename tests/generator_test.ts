// The random streams against real PyTorch's: goldens/random.json, made by
// goldens/make_random_goldens.py. Everything is compared bit for bit, but for
// float64 samples that went through sin, cos, tan, log or exp, whose last bit
// depends on the C library that PyTorch was run with.

import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  type DType,
  dtypeInfo,
  FLOAT16,
  FLOAT32,
  FLOAT64,
  INT64,
} from "../src/tensor/dtype.ts";
import {
  fillBernoulli,
  fillBernoulliFrom,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillNormal,
  fillNormalFrom,
  fillUniform,
  type RandomArray,
} from "../src/tensor/distributions.ts";
import { RuntimeError, ValueError } from "../src/tensor/errors.ts";
import {
  defaultGenerator,
  Generator,
  initialSeed,
  manualSeed,
  seed,
} from "../src/tensor/generator.ts";
import { multinomialIndices } from "../src/tensor/multinomial.ts";
import {
  fillRandom,
  fillRandomFromTo,
  fillRandperm,
} from "../src/tensor/random_integers.ts";
import goldens from "./goldens/random.json" with { type: "json" };

type Argument = number | string | boolean | null | number[];

interface Step {
  op: string;
  dtype?: DType;
  n?: number;
  args?: Argument[];
  out: (number | string)[] | string;
}

function allocate(dtype: DType, n: number): RandomArray {
  switch (dtype) {
    case "float64":
      return new Float64Array(n);
    case "int64":
      return new BigInt64Array(n);
    case "int32":
      return new Int32Array(n);
    case "int16":
      return new Int16Array(n);
    case "int8":
      return new Int8Array(n);
    case "uint8":
    case "bool":
      return new Uint8Array(n);
    default:
      return new Float32Array(n);
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(
    new Uint8Array(bytes),
    (byte) => byte.toString(16).padStart(2, "0"),
  ).join("");
}

/** The same weights as in the script. */
function weights(count: number): number[] {
  return Array.from(
    { length: count },
    (_, i) => (7 * i * i + 3 * i + 1) % 11 + 0.5,
  );
}

/** The same probabilities as in the script, exact in every type. */
function probabilities(count: number): number[] {
  return Array.from({ length: count }, (_, i) => (5 * i) % 17 / 16);
}

/** An integer bound: a string where it needs a bigint. */
function bound(value: Argument | undefined): number | bigint {
  return typeof value === "string" ? BigInt(value) : Number(value);
}

function run(generator: Generator, step: Step): RandomArray {
  const name = step.dtype ?? "float32";
  const n = step.n ?? 0;
  const args = step.args ?? [];
  const dtype = dtypeInfo(name);
  const out = allocate(name, n);
  const [a, b] = args.map(Number);
  switch (step.op) {
    case "uniform":
      fillUniform(generator, out, dtype, a, b);
      return out;
    case "normal":
      fillNormal(generator, out, dtype, a, b);
      return out;
    case "normalFrom":
      fillNormalFrom(
        generator,
        out,
        dtype,
        args[0] as number | number[],
        args[1] as number | number[],
      );
      return out;
    case "logNormal":
      fillLogNormal(generator, out, dtype, a, b);
      return out;
    case "exponential":
      fillExponential(generator, out, dtype, a);
      return out;
    case "cauchy":
      fillCauchy(generator, out, dtype, a, b);
      return out;
    case "geometric":
      fillGeometric(generator, out, dtype, a ?? 0);
      return out;
    case "bernoulli":
      fillBernoulli(generator, out, dtype, a);
      return out;
    case "bernoulliFrom": {
      const type = args[0] as DType;
      const p = probabilities(n);
      fillBernoulliFrom(generator, out, dtype, p, dtypeInfo(type));
      return out;
    }
    case "random":
      if (args.length === 0) fillRandom(generator, out, dtype);
      else {
        const to = args[1] === null ? null : bound(args[1]);
        fillRandomFromTo(generator, out, dtype, bound(args[0]), to);
      }
      return out;
    case "randperm":
      fillRandperm(generator, out, dtype);
      return out;
    case "multinomial": {
      const [rows, columns] = [a ?? 0, b ?? 0];
      const table = weights(rows * columns);
      const replacement = args[2] === true;
      return multinomialIndices(
        generator,
        table,
        dtype,
        rows,
        columns,
        n,
        replacement,
      );
    }
  }
  throw new Error(`unknown operation ${step.op}`);
}

/** Operations whose float64 results depend on a C library's last bit. */
const ROUGH = new Set([
  "normal",
  "logNormal",
  "exponential",
  "cauchy",
]);

function compare(got: RandomArray, step: Step, where: string): number {
  const out = step.out;
  assert(typeof out !== "string");
  assertEquals(got.length, out.length, where);
  const single = got instanceof Float32Array;
  const rough = step.dtype === "float64" && ROUGH.has(step.op);
  let off = 0;
  for (let i = 0; i < out.length; i++) {
    const expected = got instanceof BigInt64Array
      ? BigInt(out[i]!)
      : single
      ? Math.fround(Number(out[i]))
      : Number(out[i]);
    const value = got[i]!;
    if (value === expected) continue;
    const error = Math.abs(Number(value) - Number(expected));
    // Twice the last bit; a mean of a few units may cancel all but that.
    if (rough && error <= 4.5e-16 * Math.max(4, Math.abs(Number(expected)))) {
      off++;
      continue;
    }
    assertEquals(value, expected, `${where}, element ${i}`);
  }
  return off;
}

Deno.test("streams equal PyTorch's", async () => {
  let off = 0;
  let doubles = 0;
  for (const stream of goldens.streams as { seed: number; steps: Step[] }[]) {
    const generator = new Generator(stream.seed);
    for (const [index, step] of stream.steps.entries()) {
      const where = `seed ${stream.seed}, step ${index}: ${step.op} ${
        step.dtype ?? ""
      } ${JSON.stringify(step.args ?? [])} x ${step.n ?? 0}`;
      if (step.op === "state") {
        const state = generator.getState();
        const digest = await crypto.subtle.digest("SHA-256", state);
        assertEquals(hex(digest), step.out, where);
      } else {
        off += compare(run(generator, step), step, where);
        if (step.dtype === "float64" && ROUGH.has(step.op)) {
          doubles += step.out.length;
        }
      }
    }
  }
  // Of the float64 samples that may differ, hardly any does.
  assert(off <= doubles / 50, `${off} of ${doubles} float64 samples differ`);
});

Deno.test("streams equal those that another machine recorded", () => {
  for (const [text, recorded] of Object.entries(goldens.recorded)) {
    const start = (): Generator => new Generator(BigInt(text));
    const normal = (n: number, dtype = FLOAT32): number[] => {
      const out = allocate(dtype.name, n);
      fillNormal(start(), out, dtype);
      return Array.from(out, Number);
    };
    const uniform = (n: number, dtype = FLOAT32): number[] => {
      const out = allocate(dtype.name, n);
      fillUniform(start(), out, dtype);
      return Array.from(out, Number);
    };
    assertEquals(uniform(8), recorded.rand8);
    assertEquals(uniform(4, FLOAT64), recorded.rand4_f64);
    assertEquals(normal(4), recorded.randn4);
    assertEquals(normal(15), recorded.randn15);
    assertEquals(normal(16), recorded.randn16);
    assertEquals(normal(17), recorded.randn17);
    assertEquals(normal(4, FLOAT64), recorded.randn4_f64);

    const integers = new BigInt64Array(8);
    fillRandomFromTo(start(), integers, INT64, 0, 10);
    assertEquals(Array.from(integers, Number), recorded.randint_0_10_8);
    fillRandperm(start(), integers, INT64);
    assertEquals(Array.from(integers, Number), recorded.randperm8);

    const flags = new Float32Array(8);
    const p = new Float32Array(8).fill(0.3);
    fillBernoulliFrom(start(), flags, FLOAT32, p, FLOAT32);
    assertEquals(Array.from(flags), recorded.bernoulli_tensor_p03_8);
    fillBernoulli(start(), flags, FLOAT32, 0.3);
    assertEquals(Array.from(flags), recorded.bernoulli__scalar_p03_8);

    // The initialiser of nn.Linear(3, 2): weight, then bias.
    const generator = start();
    const linear = new Float32Array(6);
    const bias = new Float32Array(2);
    const limit = 1 / Math.sqrt(3);
    fillUniform(generator, linear, FLOAT32, -limit, limit);
    fillUniform(generator, bias, FLOAT32, -limit, limit);
    const wanted = recorded.linear_3_2.flat(2);
    for (const [i, value] of [...linear, ...bias].entries()) {
      assert(Math.abs(value - wanted[i]!) <= 1e-7);
    }

    const mixed = start();
    const one = new Float32Array(1);
    const got: number[] = [];
    fillNormal(mixed, one, FLOAT32);
    got.push(one[0]!);
    fillUniform(mixed, one, FLOAT32);
    got.push(one[0]!);
    fillNormal(mixed, one, FLOAT32);
    got.push(one[0]!);
    assertEquals(got, recorded.randn_rand_randn);
  }
});

Deno.test("a state is saved and restored with its cached sample", () => {
  const generator = new Generator(3);
  generator.nextNormal();
  for (let i = 0; i < 700; i++) generator.random32();
  const state = generator.getState();
  const draw = (): number[] => [
    generator.nextNormal(),
    generator.random32(),
    generator.random53(),
    generator.nextNormal(),
  ];
  const first = draw();
  generator.setState(state);
  assertEquals(draw(), first);
  const other = new Generator();
  other.setState(state);
  assertEquals(other.getState(), state);
  assertEquals(other.initialSeed(), 3);
  // A state copied into a larger buffer, at an odd place.
  const large = new Uint8Array(6000);
  large.set(state, 7);
  other.setState(large.subarray(7, 7 + state.length));
  assertEquals(other.getState(), state);
});

Deno.test("an invalid state is refused and changes nothing", () => {
  const generator = new Generator(3);
  const before = generator.getState();
  assertThrows(
    () => generator.setState(new Uint8Array(4)),
    RuntimeError,
    "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 4",
  );
  assertThrows(
    () => generator.setState(new Uint8Array(5056)),
    RuntimeError,
    "Invalid mt19937 state",
  );
  assertEquals(generator.getState(), before);
});

Deno.test("seeds are the 64-bit integers of PyTorch", () => {
  assertEquals(new Generator().initialSeed(), 67280421310721);
  assertEquals(new Generator(-1).initialSeed(), 2n ** 64n - 1n);
  assertEquals(new Generator(-5n).initialSeed(), 2n ** 64n - 5n);
  assertEquals(new Generator(2n ** 64n - 1n).initialSeed(), 2n ** 64n - 1n);
  // The twister sees the low 32 bits only.
  assertEquals(
    new Generator(2 ** 40 + 7).random32(),
    new Generator(7).random32(),
  );
  const overflow = "Overflow when unpacking long long";
  assertThrows(() => new Generator(2n ** 64n), ValueError, overflow);
  assertThrows(() => new Generator(-(2 ** 64)), ValueError, overflow);
  assertThrows(
    () => new Generator(1.5),
    RuntimeError,
    "manualSeed expected a long, but got float",
  );
});

Deno.test("the default generator is seeded by functions", () => {
  assertEquals(manualSeed(42), defaultGenerator);
  assertEquals(defaultGenerator.random32(), 1608637542);
  assertEquals(initialSeed(), 42);
  manualSeed(1.7);
  assertEquals(initialSeed(), 1);
  assertThrows(() => manualSeed(NaN), ValueError);
  const fresh = seed();
  assertEquals(initialSeed(), fresh);
  assert(seed() !== fresh);
});

Deno.test("64 bits are two draws, the first on top", () => {
  const a = new Generator(9);
  const b = new Generator(9);
  const c = new Generator(9);
  for (let i = 0; i < 400; i++) {
    const whole = (BigInt(a.random32()) << 32n) | BigInt(a.random32());
    assertEquals(b.random64(), whole);
    assertEquals(BigInt(c.random53()), whole & (2n ** 53n - 1n));
  }
});

Deno.test("many draws below a bound are those that are made one by one", () => {
  const draws = new Generator(5);
  const firsts = Array.from({ length: 6 }, () => draws.random53() * 2 ** -53);
  // Bounds whose upper bits are those of a draw, too: the lower ones decide.
  const bounds = [0, 1, 0.5, 0.1, 2 ** -40, 1 - 2 ** -53];
  for (const u of firsts) bounds.push(u, u + 2 ** -53, u - 2 ** -53);
  for (const p of bounds) {
    for (const skip of [0, 1]) {
      const [a, b] = [new Generator(5), new Generator(5)];
      // An odd number of words: some draws lie in two blocks.
      for (let k = 0; k < skip; k++) assertEquals(a.random32(), b.random32());
      for (const count of [1, 6, 700, 311]) {
        const out = new Float32Array(count);
        a.fillBelow(out, p);
        const wanted = Array.from(out, () => b.random53() * 2 ** -53 < p);
        assertEquals(Array.from(out), wanted.map(Number));
      }
      assertEquals(a.getState(), b.getState());
    }
  }
});

Deno.test("empty arrays draw nothing", () => {
  const generator = new Generator(1);
  const before = generator.getState();
  const out = new Float32Array(0);
  fillUniform(generator, out, FLOAT32);
  fillNormal(generator, out, FLOAT32);
  fillBernoulli(generator, out, FLOAT32, 0.5);
  fillRandom(generator, out, FLOAT32);
  fillRandperm(generator, out, FLOAT32);
  multinomialIndices(generator, [], FLOAT32, 0, 3, 2, false);
  assertEquals(generator.getState(), before);
});

Deno.test("16-bit uniform samples never reach the upper end", () => {
  const out = new Float32Array(20000);
  fillUniform(new Generator(0), out, FLOAT16);
  assert(out.every((value) => value >= 0 && value < 1));
  assert(out.every((value) => Math.f16round(value) === value));
});
