// What a golden of a module means: how it is made and called, and when its
// weights, results and gradients agree with PyTorch's.

import * as dg from "@dinograd/dinograd";

/** A tensor as JSON. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: dg.DType;
  readonly data: readonly (number | boolean | string)[];
}

/** A tensor, several, a packed sequence or a plain value. */
export type Golden =
  | GoldenTensor
  | { readonly packed: GoldenTensor; readonly sizes: readonly number[] }
  | { readonly same: number }
  | readonly Golden[]
  | number
  | boolean
  | string
  | null;

/** One line of a file of goldens. */
export interface ModuleGolden {
  readonly kind: string;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly train: boolean;
  readonly repr: string;
  readonly keys: Readonly<Record<string, readonly number[]>>;
  readonly weights?: Readonly<Record<string, GoldenTensor>>;
  readonly inputs: readonly Golden[];
  readonly call: Readonly<Record<string, Golden>>;
  readonly lengths?: readonly number[];
  readonly out: Golden;
  readonly inputGrads?: readonly (GoldenTensor | null)[];
  readonly grads?: Readonly<Record<string, GoldenTensor | null>>;
}

function isTensorGolden(x: Golden): x is GoldenTensor {
  return typeof x === "object" && x !== null && "data" in x;
}

/** Makes tensors of a golden; those of floats are added to `leaves`. */
export function decode(x: Golden, leaves: dg.Tensor[]): unknown {
  if (Array.isArray(x)) return x.map((item) => decode(item, leaves));
  if (typeof x !== "object" || x === null || !isTensorGolden(x)) return x;
  const values = x.data.map((value) => value === "-inf" ? -Infinity : +value);
  const out = dg.tensor(values, { dtype: x.dtype }).reshape(x.shape);
  if (x.dtype.startsWith("float")) leaves.push(out.requiresGrad_());
  return out;
}

/** Fails unless a tensor is the expected one. */
export function check(
  actual: dg.Tensor | null | undefined,
  expected: GoldenTensor | null,
  tolerance: number,
  what: string,
): void {
  if (expected === null || actual == null) {
    if (expected === null && actual == null) return;
    throw new Error(`${what}: ${actual}, expected ${expected?.shape}`);
  }
  if (String(actual.shape) !== String(expected.shape)) {
    throw new Error(
      `${what}: shape [${actual.shape}], expected [${expected.shape}]`,
    );
  }
  if (actual.dtype !== expected.dtype) {
    throw new Error(`${what}: ${actual.dtype}, expected ${expected.dtype}`);
  }
  const values = Array.from(actual.typedArray(), Number);
  expected.data.forEach((value, i) => {
    const number = value === "inf"
      ? Infinity
      : value === "-inf"
      ? -Infinity
      : Number(value);
    const error = Math.abs(values[i]! - number);
    const same = Object.is(values[i], number) || values[i] === number;
    if (same || error <= tolerance * (1 + Math.abs(number))) return;
    throw new Error(`${what}: [${i}] is ${values[i]}, expected ${number}`);
  });
}

function checkOut(actual: unknown, expected: Golden, what: string): void {
  if (Array.isArray(expected)) {
    const items = actual as readonly unknown[];
    if (items.length !== expected.length) {
      throw new Error(`${what}: ${items.length} results`);
    }
    expected.forEach((item, i) => checkOut(items[i], item, `${what} ${i}`));
  } else if (expected === null) {
    if (actual !== null) throw new Error(`${what} is not null`);
  } else if (typeof expected !== "object") {
    throw new Error(`${what}: a plain value`);
  } else if (isTensorGolden(expected as Golden)) {
    check(actual as dg.Tensor, expected as GoldenTensor, 2e-6, what);
  } else {
    const { packed, sizes } = expected as {
      packed: GoldenTensor;
      sizes: number[];
    };
    const sequence = actual as dg.nn.utils.rnn.PackedSequence;
    check(sequence.data, packed, 2e-6, what);
    if (String(sequence.batchSizes.tolist()) !== String(sizes)) {
      throw new Error(`${what}: batch sizes ${sequence.batchSizes}`);
    }
  }
}

function tensorsOf(out: unknown): dg.Tensor[] {
  if (out instanceof dg.nn.utils.rnn.PackedSequence) return [out.data];
  if (dg.isTensor(out)) return [out];
  return Array.isArray(out) ? out.flatMap(tensorsOf) : [];
}

/** The sum of all outputs, weighted by cosines. */
function lossOf(out: unknown): dg.Tensor {
  const parts = tensorsOf(out).filter((y) => y.requiresGrad).map((y) => {
    const weights = Array.from({ length: y.numel() }, (_, i) => Math.cos(i));
    return y.reshape(-1).mul(dg.tensor(weights, { dtype: y.dtype })).sum();
  });
  return parts.reduce((sum, part) => sum.add(part));
}

type Constructor = new (...args: readonly unknown[]) => dg.nn.Module;

/** Runs a golden: makes the module, calls it and differentiates. */
export function runModuleGolden(golden: ModuleGolden): void {
  const { kind, args, options, seed } = golden;
  dg.manualSeed(seed);
  const found: unknown = Reflect.get(dg.nn, kind);
  const module = new (found as Constructor)(...args, options);
  module.train(golden.train);
  if (String(module) !== golden.repr) {
    throw new Error(`repr:\n${module}\nexpected:\n${golden.repr}`);
  }
  const state = module.stateDict();
  const keys = Object.entries(state).map(([key, x]) => `${key} [${x.shape}]`);
  const expected = Object.entries(golden.keys).map(([key, shape]) =>
    `${key} [${shape}]`
  );
  if (String(keys) !== String(expected)) {
    throw new Error(`keys: ${keys}\nexpected: ${expected}`);
  }
  for (const [key, weight] of Object.entries(golden.weights ?? {})) {
    check(state[key], weight, 3e-7, `initial ${key}`);
  }
  const leaves: dg.Tensor[] = [];
  const inputs: unknown[] = [];
  for (const x of golden.inputs) {
    const again = typeof x === "object" && x !== null && "same" in x;
    inputs.push(again ? inputs[x.same] : decode(x, leaves));
  }
  const call = Object.fromEntries(
    Object.entries(golden.call).map(([key, x]) => {
      const constant = kind !== "MultiheadAttention" && key.endsWith("Mask");
      const value = decode(x, constant ? [] : leaves);
      if (constant) (value as dg.Tensor).requiresGrad_(false);
      return [key, value];
    }),
  );
  if (golden.lengths !== undefined) {
    inputs[0] = dg.nn.utils.rnn.packPaddedSequence(
      inputs[0] as dg.Tensor,
      golden.lengths,
      { enforceSorted: false, batchFirst: options.batchFirst === true },
    );
  }
  dg.manualSeed(seed + 1);
  const out: unknown = module.call(...[...inputs, call] as never[]);
  checkOut(out, golden.out, "output");
  if (golden.grads === undefined) return;
  lossOf(out).backward();
  golden.inputGrads?.forEach((grad, k) =>
    check(leaves[k]!.grad, grad, 1e-5, `gradient of input ${k}`)
  );
  const parameters = new Map(module.namedParameters());
  for (const [key, grad] of Object.entries(golden.grads)) {
    check(parameters.get(key)!.grad, grad, 1e-5, `gradient of ${key}`);
  }
}
