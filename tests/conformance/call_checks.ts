// What must hold for every call in the table: derivatives are those of the
// function, geometry does not matter, not beside NaN and infinities either,
// float32 gives float64's results rounded, empty and 0-d inputs work or are
// refused; and every record is used by some call.

import { type DTypeInfo, FLOAT32, FLOAT64 } from "../../src/tensor/dtype.ts";
import {
  IndexError,
  RuntimeError,
  ValueError,
} from "../../src/tensor/errors.ts";
import type { Shape } from "../../src/tensor/shape.ts";
import type { Vjp } from "../../src/grad/node.ts";
import type { Op } from "../../src/tensor/op.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { type Call, type Calls, inputsOf } from "./call.ts";
import {
  checkDerivatives,
  floatResults,
  gradients,
  visitGraphs,
} from "./derivatives.ts";
import { assertAllRead, collectReads, type Reads } from "./honesty.ts";
import {
  leafOf,
  repeated,
  spaced,
  tensorOf,
  transposed,
  valuesOf,
} from "./tensors.ts";

/** Leaves for the inputs of a call. */
export function leaves(call: Call, info: DTypeInfo = FLOAT64): Tensor[] {
  return inputsOf(call).map((x) => leafOf(valuesOf(x), x.shape, info));
}

/** First and second derivatives against finite differences. */
export function checkCallDerivatives(
  name: string,
  calls: readonly Call[],
): void {
  calls.forEach((call, i) =>
    checkDerivatives(call.fn, leaves(call), `${name}, call ${i}`)
  );
}

/** Results and gradients as numbers. */
export function outcome(call: Call, inputs: readonly Tensor[]): number[] {
  const outputs = floatResults(call.fn(inputs));
  const seeds = outputs.map((x) =>
    tensorOf(
      Array.from({ length: x.count }, (_, i) => 1 + i / 8),
      x.shape,
      x.info,
    )
  );
  return [...outputs, ...gradients(outputs, inputs, seeds)].flatMap(valuesOf);
}

function assertClose(
  actual: readonly number[],
  expected: readonly number[],
  tolerance: number,
  what: string,
): void {
  const at = expected.findIndex((value, i) =>
    !Object.is(actual[i], value) &&
    !(Math.abs(actual[i]! - value) <= tolerance * (1 + Math.abs(value)))
  );
  if (at < 0 && actual.length === expected.length) return;
  throw new Error(
    `${what}: number ${at} is ${actual[at]}, expected ${expected[at]}`,
  );
}

/** Results and gradients of strided inputs are those of dense ones. */
export function checkCallGeometry(name: string, calls: readonly Call[]): void {
  calls.forEach((call, i) => {
    const expected = outcome(call, leaves(call));
    for (const form of [spaced, transposed]) {
      const inputs = inputsOf(call).map((x) => form(x).requiresGrad_());
      const what = `${name}, call ${i}, ${form.name}`;
      assertClose(outcome(call, inputs), expected, 1e-12, what);
    }
  });
}

/** Numbers that break carelessly written loops. */
const SPECIAL = [1, NaN, -0, Infinity, 0, -2.5, -Infinity];

/** The same of values that are special, and of inputs that repeat one element. */
export function checkCallValues(name: string, calls: readonly Call[]): void {
  calls.forEach((call, i) => {
    const special = inputsOf(call).map((x, k) =>
      tensorOf(
        valuesOf(x).map((value, j) => SPECIAL[(3 * k + j) % 7] ?? value),
        x.shape,
      )
    );
    const expected = outcome(call, special.map((x) => x.requiresGrad_()));
    for (const form of [spaced, transposed]) {
      const inputs = special.map((x) => form(x).requiresGrad_());
      const what = `${name}, call ${i}, special values ${form.name}`;
      assertClose(outcome(call, inputs), expected, 1e-12, what);
    }
    const single = inputsOf(call).map((x) => tensorOf([valuesOf(x)[0]!], []));
    const all = call.shapes.map((shape, k) => repeated(single[k]!, shape));
    assertClose(
      outcome(call, all.map((x) => x.requiresGrad_())),
      outcome(call, all.map((x) => leafOf(valuesOf(x), x.shape))),
      1e-12,
      `${name}, call ${i}, expanded`,
    );
  });
}

/** Empty and 0-d inputs in place of each and of all: a result with gradients, or an error of PyTorch's. */
export function checkCallShapes(name: string, calls: readonly Call[]): void {
  calls.forEach(({ shapes, fn }, i) => {
    const others: Shape[][] = [shapes.map(() => [])];
    shapes.forEach((shape, k) => {
      others.push(shapes.with(k, []));
      shape.forEach((_, d) => {
        others.push(shapes.with(k, shape.with(d, 0)));
        others.push(shapes.map((s) => d < s.length ? s.with(d, 0) : s));
      });
    });
    for (const given of others) {
      const call = { shapes: given, fn };
      try {
        outcome(call, leaves(call));
      } catch (error) {
        const expected = error instanceof RuntimeError ||
          error instanceof IndexError || error instanceof ValueError;
        if (expected) continue;
        const what = `${name}, call ${i}, shapes ${JSON.stringify(given)}`;
        throw new Error(`${what}: ${error}`, { cause: error });
      }
    }
  });
}

/** float32 gives what float64 gives. */
export function checkCallPrecision(name: string, calls: readonly Call[]): void {
  calls.forEach((call, i) => {
    const expected = outcome(call, leaves(call));
    const short = outcome(call, leaves(call, FLOAT32));
    assertClose(short, expected, 2e-5, `${name}, call ${i}, float32`);
  });
}

/** Rules read what their records declare to save, no more and no less. */
export function checkCallReads(op: Op, calls: readonly Call[]): void {
  const reads: Reads = new Map();
  for (const call of calls) collectReads(op, call.fn, inputsOf(call), reads);
  assertAllRead(op, reads);
}

/** The records that no call uses: a rule that never runs, or a name without a call. */
export function unusedRecords(ops: readonly Op[], calls: Calls): string[] {
  const used = new Set<Vjp | null>();
  for (const list of Object.values(calls)) {
    for (const call of list) {
      visitGraphs(
        call.fn,
        leaves(call),
        2,
        ({ op }) => op.vjps.forEach((rule) => used.add(rule)),
      );
    }
  }
  const unused: string[] = [];
  for (const op of ops) {
    const rules = op.vjps.filter((rule) => rule !== null);
    const fine = rules.length === 0
      ? calls[op.name] !== undefined
      : rules.every((rule) => used.has(rule));
    if (!fine) unused.push(`${op.name} (${op.node})`);
  }
  return unused;
}
