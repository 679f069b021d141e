// A golden case under vmap: the op on two samples at once must give what it
// gives on each, value and gradients, whichever of its operands are mapped.
// What PyTorch computed for the case does not matter here.

import * as dg from "@dinograd/dinograd";
import { type Call, type GoldenCase, invoke, prepare } from "../golden_case.ts";

type Tensor = dg.Tensor;

/** What came of a case with some operands mapped. */
export interface Verdict {
  /** Null where vmap gave what the samples gave. */
  readonly failure: string | null;
  /** What vmap said that it cannot do. */
  readonly refusal: string | null;
}

const AGREED: Verdict = { failure: null, refusal: null };

/** Sentences of vmap about what it cannot do. */
const REFUSALS = [
  "calling .item() on a Tensor",
  "Cannot access data pointer",
  "can output dynamic shape",
  "inplace arithmetic(self, *extra_args)",
  "Batch norm got a batched tensor",
  "random operation while in randomness error mode",
];

/** Replaces the tensors in a value, in order. */
export function replaced(value: unknown, next: () => Tensor): unknown {
  if (dg.isTensor(value)) return next();
  if (Array.isArray(value)) return value.map((item) => replaced(item, next));
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return Object.fromEntries(entries.map(([k, v]) => [k, replaced(v, next)]));
}

export function tensorsIn(value: unknown): Tensor[] {
  if (dg.isTensor(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (Symbol.iterator in value) {
    return [...value as Iterable<unknown>].filter(dg.isTensor);
  }
  return Object.values(value).flatMap(tensorsIn);
}

/** Two samples of an operand: itself, and the same elements the other way round. */
function samplesOf(x: Tensor): Tensor {
  const plain = x.detach();
  const turned = plain.flip(plain.shape.map((_, d) => d));
  return dg.stack([plain, turned]);
}

/** Runs a case with the operands that `mapped` numbers mapped. */
export function runMapped(
  golden: GoldenCase,
  form: string,
  mapped: readonly number[],
): Verdict | null {
  const call = prepare(golden, form);
  const operands = tensorsIn(call.args);
  const inputs = operands.map((x, k) => {
    const given = mapped.includes(k) ? samplesOf(x) : x.detach().clone();
    const leaf = form !== "i" && x.requiresGrad;
    return leaf ? given.requiresGrad_() : given;
  });
  const run = (...tensors: Tensor[]): Tensor[] => {
    let k = 0;
    const changes = form === "i";
    const args = replaced(call.args, () => {
      const x = tensors[k++]!;
      return changes && k === 1 ? x.clone() : x;
    });
    const own: Call = { ...call, args: args as unknown[] };
    return tensorsIn(invoke(golden, form, own));
  };
  const inDims = operands.map((_, k) => mapped.includes(k) ? 0 : null);
  let expected: Tensor[];
  try {
    const each = [0, 1].map((i) =>
      run(...inputs.map((x, k) => inDims[k] === null ? x : x.select(0, i)))
    );
    if (each[0]!.length === 0) return null;
    expected = each[0]!.map((_, j) => dg.stack(each.map((out) => out[j]!)));
  } catch {
    // The op does not take these elements, or gives other shapes for them.
    return null;
  }
  try {
    const found = dg.func.vmap(run, { inDims })(...inputs);
    return compare(found, expected, inputs);
  } catch (error) {
    const text = (error as Error).message;
    if (REFUSALS.some((part) => text.includes(part))) {
      return { failure: null, refusal: text };
    }
    return { failure: `threw ${(error as Error).stack}`, refusal: null };
  }
}

function compare(
  found: readonly Tensor[],
  expected: readonly Tensor[],
  inputs: readonly Tensor[],
): Verdict {
  for (const [j, x] of expected.entries()) {
    const text = difference(found[j]!, x);
    if (text !== null) {
      return { failure: `result ${j}: ${text}`, refusal: null };
    }
  }
  const leaves = inputs.filter((x) => x.requiresGrad);
  const tracked = expected.flatMap((x, j) => x.requiresGrad ? [j] : []);
  if (leaves.length === 0 || tracked.length === 0) return AGREED;
  const gradients = (outputs: readonly Tensor[]) =>
    dg.autograd.grad(tracked.map((j) => outputs[j]!), leaves, {
      gradOutputs: tracked.map((j) => {
        const x = outputs[j]!;
        return dg.arange(x.numel()).cos().reshape(x.shape).to(x.dtype);
      }),
      allowUnused: true,
    });
  const [a, b] = [gradients(found), gradients(expected)];
  for (const [k, g] of b.entries()) {
    const other = a[k] ?? null;
    if (g === null && other === null) continue;
    const zeros = leaves[k]!.detach().mul(0);
    const text = difference(other ?? zeros, g ?? zeros);
    if (text !== null) {
      return { failure: `gradient ${k}: ${text}`, refusal: null };
    }
  }
  return AGREED;
}

function difference(x: Tensor, y: Tensor): string | null {
  if (x.dtype !== y.dtype) return `${x.dtype}, each ${y.dtype}`;
  if (x.shape.join() !== y.shape.join()) {
    return `[${x.shape}], each [${y.shape}]`;
  }
  const [p, q] = [x, y].map((z) => z.detach().double());
  const room = x.dtype === "float16" || x.dtype === "bfloat16" ? 2e-2 : 1e-4;
  const near = dg.allclose(p!, q!, { rtol: room, atol: room, equalNan: true });
  return near ? null : `${x}, each ${y}`;
}
