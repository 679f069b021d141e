// What a golden case means: how its JSON becomes tensors and arguments, and
// when a result agrees with PyTorch's. Knows the library only through the few
// members declared here, so that a missing op is a failed case and not a
// failed compilation.

import * as library from "@dinograd/dinograd";

/** A number of a golden; JSON lacks the special ones. */
export type GoldenNumber = number | boolean | "nan" | "inf" | "-inf" | "-0";

/** A tensor: an operand with its views, or an expected result. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly GoldenNumber[];
  /** Views to look through: `["transpose", 0, 1]`, `["slice", dim, …]`. */
  readonly view?: readonly (readonly unknown[])[];
  readonly requiresGrad?: boolean;
  /** The values may be anything; `data` is not compared. */
  readonly uninitialised?: boolean;
  /** Given where PyTorch's result is a view of an operand. */
  readonly stride?: readonly number[];
}

/** The expected outcome of a call. */
export type GoldenOut =
  | GoldenTensor
  | { readonly list: readonly GoldenTensor[] }
  | { readonly fields: Readonly<Record<string, GoldenTensor>> }
  | { readonly value: unknown };

/** One line of a file of goldens. */
export interface GoldenCase {
  readonly op: string;
  /** f: function, m: method, i: in-place method, p: property. */
  readonly as: string;
  readonly args: readonly unknown[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly out?: GoldenOut;
  /** The base of an in-place operand that is a view, afterwards. */
  readonly base?: GoldenTensor;
  readonly gradFn?: string | null;
  readonly grads?: readonly (GoldenTensor | null)[];
  /** Whether the sign of a zero counts. */
  readonly zeroSign?: boolean;
  readonly error?: { readonly class: string; readonly message: string };
  /** What PyTorch says where it has no such op for the types of the operands. */
  readonly refused?: string;
}

/** What the runner asks of a tensor. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly requiresGrad: boolean;
  readonly gradFn: { readonly name: string } | null;
  tolist(): unknown;
  stride(): readonly number[];
}

/** A function or method of the library, called with whatever a case says. */
export type Callable = (...args: unknown[]) => unknown;

/** Tells a tensor from the other things an op returns. */
export function isTensor(value: unknown): value is Tensor {
  return typeof value === "object" && value !== null && "tolist" in value;
}

/** Finds a function of the library by name: `"add"`, `"autograd.grad"`. */
export function functionOf(name: string): Callable {
  let found: unknown = library;
  for (const part of name.split(".")) {
    found = (found as Record<string, unknown> | undefined)?.[part];
  }
  if (typeof found !== "function") throw new Error(`no function dg.${name}`);
  return found as Callable;
}

/** Calls a method of a tensor by name. */
export function callMethod(
  x: unknown,
  name: string,
  args: readonly unknown[],
): unknown {
  const found = (x as Record<string, unknown>)[name];
  if (typeof found !== "function") throw new Error(`no method x.${name}`);
  return (found as Callable).apply(x, [...args]);
}

/** A number of a golden as JavaScript has it. */
export function decodeNumber(value: GoldenNumber): number | boolean {
  switch (value) {
    case "nan":
      return NaN;
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    case "-0":
      return -0;
    default:
      return value;
  }
}

function nest(
  flat: readonly unknown[],
  shape: readonly number[],
  dim: number,
): unknown {
  if (dim === shape.length) return flat[0];
  const count = shape[dim] ?? 0;
  const step = flat.length / count;
  return Array.from(
    { length: count },
    (_, i) => nest(flat.slice(i * step, (i + 1) * step), shape, dim + 1),
  );
}

/** Makes the leaf of an operand. */
export function makeLeaf(golden: GoldenTensor): Tensor {
  const data = golden.data.map(decodeNumber);
  const tensor = functionOf("tensor");
  const dtype = golden.dtype;
  const requiresGrad = golden.requiresGrad ?? false;
  if (dtype.startsWith("complex")) return complexLeaf(golden);
  if (data.length > 0) {
    const nested = nest(data, golden.shape, 0);
    return tensor(nested, { dtype, requiresGrad }) as Tensor;
  }
  const empty = callMethod(tensor([], { dtype }), "reshape", [golden.shape]);
  if (requiresGrad) callMethod(empty, "requiresGrad_", []);
  return empty as Tensor;
}

/** A leaf of complex numbers, whose parts stand one after the other. */
function complexLeaf(golden: GoldenTensor): Tensor {
  const half = golden.dtype === "complex128" ? "float64" : "float32";
  const data = golden.data.map(decodeNumber);
  const flat = functionOf("tensor")(data, { dtype: half });
  const pairs = callMethod(flat, "reshape", [[...golden.shape, 2]]);
  const leaf = callMethod(functionOf("viewAsComplex")(pairs), "clone", []);
  return callMethod(leaf, "requiresGrad_", [
    golden.requiresGrad ?? false,
  ]) as Tensor;
}

/** Looks at a tensor through the views of an operand. */
export function lookThrough(x: Tensor, golden: GoldenTensor): Tensor {
  let seen = x;
  for (const [name, ...args] of golden.view ?? []) {
    if (name === "slice") {
      const [dim, start, stop, step] = args;
      const index: string[] = new Array(Number(dim)).fill(":");
      index.push(`${start}:${stop}:${step}`);
      seen = callMethod(seen, "at", index) as Tensor;
    } else {
      seen = callMethod(seen, String(name), args) as Tensor;
    }
  }
  return seen;
}

/** A case made ready: its arguments, and the tensors among them. */
export interface Call {
  readonly args: unknown[];
  /** What gradients are taken for, in order of appearance. */
  readonly leaves: Tensor[];
  /** Every operand, before and after its views. */
  readonly operands: { readonly base: Tensor; readonly seen: Tensor }[];
}

/** Makes the arguments of a case in one of its forms. */
export function prepare(golden: GoldenCase, form: string): Call {
  const call: Call = { args: [], leaves: [], operands: [] };
  const keepsNull = golden.op === "at" || golden.op === "setAt";
  const decode = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(decode);
    if (value === null) return keepsNull ? null : undefined;
    if (typeof value !== "object") return value;
    if ("number" in value) return decodeNumber(value.number as GoldenNumber);
    return operand(value as GoldenTensor);
  };
  const operand = (described: GoldenTensor): Tensor => {
    const leaf = makeLeaf(described);
    if (leaf.requiresGrad) call.leaves.push(leaf);
    // A leaf that requires a gradient refuses to be changed in place.
    const changes = form === "i" && call.operands.length === 0 &&
      golden.error === undefined;
    const base = changes ? callMethod(leaf, "clone", []) as Tensor : leaf;
    const seen = lookThrough(base, described);
    call.operands.push({ base, seen });
    return seen;
  };
  call.args.push(...golden.args.map(decode));
  if (golden.options !== undefined) {
    const options = Object.entries(golden.options);
    call.args.push(
      Object.fromEntries(options.map(([k, v]) => [k, decode(v)])),
    );
  }
  return call;
}

/** Calls the function, method or in-place method that a case is about. */
export function invoke(golden: GoldenCase, form: string, call: Call): unknown {
  if (form === "f") return functionOf(golden.op)(...call.args);
  const [self, ...rest] = call.args;
  if (form === "p") return (self as Record<string, unknown>)[golden.op];
  return callMethod(self, form === "i" ? `${golden.op}_` : golden.op, rest);
}

function flatten(value: unknown, into: (number | boolean)[]): void {
  if (Array.isArray(value)) {
    for (const item of value) flatten(item, into);
  } else if (typeof value === "object" && value !== null && "re" in value) {
    const { re, im } = value as { re: number; im: number };
    into.push(re, im);
  } else {
    into.push(value as number | boolean);
  }
}

/** The elements of a tensor in row-major order; of complex ones both parts. */
export function elements(x: Tensor): (number | boolean)[] {
  const flat: (number | boolean)[] = [];
  flatten(x.tolist(), flat);
  return flat;
}

/** The relative and the absolute error that a result may have, by the type it was computed in. */
export type Tolerance = Readonly<
  Record<string, readonly [relative: number, absolute: number]>
>;

/** torch.testing's defaults; float64 as issue and API promise it. */
export const TORCH_TOLERANCE: Tolerance = {
  float64: [1e-7, 1e-7],
  float32: [1.3e-6, 1e-5],
  float16: [1e-3, 1e-5],
  bfloat16: [1.6e-2, 1e-5],
  complex64: [1.3e-6, 1e-5],
  complex128: [1e-7, 1e-7],
};

function agrees(
  actual: number | boolean,
  expected: number | boolean,
  room: readonly [number, number] | undefined,
  zeroSign: boolean,
): boolean {
  if (Object.is(actual, expected)) return true;
  if (typeof actual !== "number" || typeof expected !== "number") return false;
  if (zeroSign && actual === 0 && expected === 0) return false;
  if (actual === expected) return true;
  if (room === undefined || !Number.isFinite(expected)) return false;
  const [relative, absolute] = room;
  return Math.abs(actual - expected) <=
    absolute + relative * Math.abs(expected);
}

/**
 * Says how a tensor differs from the expected one, or null; `computed` is the
 * type that it was computed in.
 */
export function difference(
  actual: unknown,
  expected: GoldenTensor,
  tolerance: Tolerance,
  zeroSign = false,
  computed: string = expected.dtype,
): string | null {
  if (!isTensor(actual)) return `not a tensor: ${String(actual)}`;
  if (actual.dtype !== expected.dtype) {
    return `dtype ${actual.dtype}, expected ${expected.dtype}`;
  }
  const shape = `[${actual.shape.join(", ")}]`;
  if (shape !== `[${expected.shape.join(", ")}]`) {
    return `shape ${shape}, expected [${expected.shape.join(", ")}]`;
  }
  if (expected.uninitialised) return null;
  const values = elements(actual);
  const wanted = expected.data.map(decodeNumber);
  const same = values.length === wanted.length &&
    wanted.every((value, i) =>
      agrees(values[i] ?? NaN, value, tolerance[computed], zeroSign)
    );
  if (!same) return `${show(values)}, expected ${show(wanted)}`;
  return strideDifference(actual, expected);
}

function strideDifference(
  actual: Tensor,
  expected: GoldenTensor,
): string | null {
  // A dimension of size 1 may have any stride, and so may an empty tensor.
  const { stride, shape } = expected;
  if (stride === undefined || shape.includes(0)) return null;
  const found = actual.stride();
  const same = shape.every((n, i) => n === 1 || found[i] === stride[i]);
  if (same) return null;
  return `stride [${found.join(", ")}], expected [${stride.join(", ")}]`;
}

function show(values: readonly (number | boolean)[]): string {
  return `[${values.map((v) => Object.is(v, -0) ? "-0" : v).join(", ")}]`;
}

/** A case as a line of code, for messages. */
export function describeCase(golden: GoldenCase, form: string): string {
  const args = golden.args.map(describeArgument);
  if (golden.options !== undefined) {
    const options = Object.entries(golden.options);
    const text = options.map(([k, v]) => `${k}: ${describeArgument(v)}`);
    args.push(`{ ${text.join(", ")} }`);
  }
  if (form === "f") return `dg.${golden.op}(${args.join(", ")})`;
  const [self, ...rest] = args;
  if (form === "p") return `${self}.${golden.op}`;
  const name = form === "i" ? `${golden.op}_` : golden.op;
  return `${self}.${name}(${rest.join(", ")})`;
}

function describeArgument(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(describeArgument).join(", ")}]`;
  }
  if (typeof value !== "object" || value === null) {
    return JSON.stringify(value);
  }
  if (!("data" in value)) return JSON.stringify(value);
  const golden = value as GoldenTensor;
  const data = golden.data.length > 6
    ? `${golden.data.slice(0, 6).join(", ")}, …`
    : golden.data.join(", ");
  const view = (golden.view ?? []).map((v) => `.${v.join(" ")}`).join("");
  return `${golden.dtype}[${golden.shape.join(", ")}](${data})${view}`;
}
