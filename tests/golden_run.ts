// Runs goldens made by goldens/make_op_goldens.py: what a case computes against
// what it expects, on whatever device is the default one. The CPU's tests and
// the GPU's share this.

import {
  type Call,
  callMethod,
  describeCase,
  difference,
  elements,
  functionOf,
  type GoldenCase,
  type GoldenOut,
  invoke,
  isTensor,
  prepare,
  type Tensor,
  type Tolerance,
  TORCH_TOLERANCE,
} from "./golden_case.ts";

const GROUPS = [
  "pointwise",
  "reduce",
  "shape",
  "index",
  "products",
  "convolution",
  "create",
  "functional",
  "losses",
  "sequence",
  "errors",
  "linalg",
  "rarer",
  "special",
];

/** Compares an outcome with the golden; collects what differs. */
function compare(
  actual: unknown,
  expected: GoldenOut,
  zeroSign: boolean,
  tolerance: Tolerance,
): string | null {
  if ("value" in expected) {
    return Object.is(actual, expected.value)
      ? null
      : `${String(actual)}, expected ${String(expected.value)}`;
  }
  if ("shape" in expected) {
    return difference(actual, expected, tolerance, zeroSign);
  }
  if (typeof actual !== "object" || actual === null) {
    return `not several results: ${String(actual)}`;
  }
  const items = [...actual as Iterable<unknown>];
  const wanted = "list" in expected
    ? expected.list
    : Object.values(expected.fields);
  if (items.length !== wanted.length) {
    return `${items.length} results, expected ${wanted.length}`;
  }
  if ("fields" in expected) {
    for (const [i, name] of Object.keys(expected.fields).entries()) {
      const field = (actual as Record<string, unknown>)[name];
      if (field !== items[i]) return `field ${name} is not result ${i}`;
    }
  }
  for (const [i, item] of wanted.entries()) {
    const text = difference(items[i], item, tolerance, zeroSign);
    if (text !== null) return `result ${i}: ${text}`;
  }
  return null;
}

function tensorsOf(out: unknown): Tensor[] {
  if (isTensor(out)) return [out];
  if (typeof out !== "object" || out === null) return [];
  return [...out as Iterable<unknown>].filter(isTensor);
}

/** cos(0), cos(1), … in the shape of an output; of complex ones exp(0), exp(i), … */
function cotangent(out: Tensor): unknown {
  const count = out.shape.reduce((product, n) => product * n, 1);
  const data = Array.from(
    { length: count },
    (_, i) =>
      out.dtype.startsWith("complex")
        ? { re: Math.cos(i), im: Math.sin(i) }
        : Math.cos(i),
  );
  const flat = functionOf("tensor")(data, { dtype: out.dtype });
  return callMethod(flat, "reshape", [out.shape]);
}

function gradientDifference(
  out: unknown,
  leaves: readonly Tensor[],
  golden: GoldenCase,
  tolerance: Tolerance,
): string | null {
  const outputs = tensorsOf(out).filter((x) => x.requiresGrad);
  const grads = functionOf("autograd.grad")(outputs, leaves, {
    gradOutputs: outputs.map(cotangent),
    allowUnused: true,
  }) as (Tensor | null)[];
  for (const [i, expected] of (golden.grads ?? []).entries()) {
    const actual = grads[i] ?? null;
    if (expected === null) {
      if (actual !== null) return `gradient ${i} is not null`;
      continue;
    }
    // The gradient of a float64 number beside float32 tensors is no better
    // than float32, in which it was computed.
    const computed = expected.dtype === "float64" &&
        outputs.every((x) => x.dtype === "float32")
      ? "float32"
      : expected.dtype;
    const text = difference(actual, expected, tolerance, false, computed);
    if (text !== null) return `gradient ${i}: ${text}`;
  }
  return null;
}

/** A view must see what happens to its base. */
function sharingDifference(out: unknown, call: Call): string | null {
  const [operand, ...others] = call.operands;
  if (operand === undefined || others.length > 0) return null;
  callMethod(callMethod(operand.base, "detach", []), "zero_", []);
  const seen = tensorsOf(out).flatMap(elements);
  return seen.every((value) => Number(value) === 0) ? null : "not a view";
}

function isView(out: GoldenOut): boolean {
  if ("stride" in out) return true;
  return "list" in out && out.list.some((golden) => "stride" in golden);
}

/** Runs a case in one form; what differs from PyTorch, or null. */
export function runCase(
  golden: GoldenCase,
  form: string,
  judge: Judge,
): string | null {
  if (golden.error !== undefined) return runError(golden, form, judge);
  const tolerance = judge.tolerance(golden);
  if (golden.out === undefined) return "the golden expects nothing";
  const call = prepare(golden, form);
  // What draws samples was recorded after this seed.
  if (golden.op.includes("ropout")) functionOf("manualSeed")(5);
  const out = invoke(golden, form, call);
  const changed = call.operands[0];
  if (form === "i" && out !== changed?.seen) {
    return "does not return the tensor itself";
  }
  let text = compare(out, golden.out, golden.zeroSign ?? false, tolerance);
  if (text === null && golden.base !== undefined) {
    text = difference(changed?.base, golden.base, tolerance);
    if (text !== null) text = `base: ${text}`;
  }
  if (text === null && golden.gradFn !== undefined) {
    const name = tensorsOf(out)[0]?.gradFn?.name ?? null;
    if (name !== golden.gradFn) {
      text = `gradFn ${name}, expected ${golden.gradFn}`;
    }
  }
  if (text === null && golden.grads !== undefined) {
    text = gradientDifference(out, call.leaves, golden, tolerance);
  }
  if (text === null && isView(golden.out)) text = sharingDifference(out, call);
  return text;
}

/** How a device's answers are judged. */
export interface Judge {
  /** How far off they may be. */
  tolerance(golden: GoldenCase): Tolerance;
  /** What of an error's message counts. */
  message(text: string): string;
  /** Whether a case says that the device has no such op, which is no failure. */
  refuses?(text: string): boolean;
}

/** PyTorch's answers, as near as its own tests want them. */
export const STRICT: Judge = {
  tolerance: () => TORCH_TOLERANCE,
  message: (text) => text,
};

function runError(
  golden: GoldenCase,
  form: string,
  judge: Judge,
): string | null {
  // The library's functions have no `torch.` before their names.
  const normalise = (message: string) =>
    judge.message(message.replaceAll("torch.", "").trimEnd());
  const expected = golden.error;
  const call = prepare(golden, form);
  try {
    invoke(golden, form, call);
  } catch (error) {
    if (!(error instanceof Error)) return `threw ${String(error)}`;
    const same = error.name === expected?.class &&
      normalise(error.message) === normalise(expected.message);
    if (same) return null;
    return `${error.name}: ${error.message}\n    expected ` +
      `${expected?.class}: ${expected?.message}`;
  }
  return `did not throw ${expected?.class}: ${expected?.message}`;
}

/** The cases of all files, by op; errors stand apart. */
export function casesByOp(): Map<string, GoldenCase[]> {
  const byOp = new Map<string, GoldenCase[]>();
  for (const group of GROUPS) {
    const url = new URL(`./goldens/ops_${group}.json`, import.meta.url);
    const cases: GoldenCase[] = JSON.parse(Deno.readTextFileSync(url));
    for (const golden of cases) {
      const name = golden.error === undefined
        ? golden.op
        : `${golden.op} errors`;
      const known = byOp.get(name);
      if (known === undefined) byOp.set(name, [golden]);
      else known.push(golden);
    }
  }
  return byOp;
}

/**
 * Runs cases in all their forms and throws what differs from PyTorch. Returns
 * how many forms the device has no op for.
 */
export function runCases(
  cases: readonly GoldenCase[],
  judge: Judge = STRICT,
): number {
  let refused = 0;
  // The same complaint about many cases is shown once, with its first case.
  const failures = new Map<string, string[]>();
  for (const golden of cases) {
    for (const form of golden.as) {
      let text: string | null;
      try {
        text = runCase(golden, form, judge);
      } catch (error) {
        text = `threw ${String(error)}`;
      }
      if (text === null) continue;
      if (judge.refuses?.(text)) {
        refused++;
        continue;
      }
      const known = failures.get(text);
      const call = describeCase(golden, form);
      if (known === undefined) failures.set(text, [call]);
      else known.push(call);
    }
  }
  if (failures.size === 0) return refused;
  let count = 0;
  let report = "";
  for (const [text, [first, ...others]] of failures) {
    count += 1 + others.length;
    const more = others.length > 0 ? ` and ${others.length} more` : "";
    report += `\n  ${first}${more}\n    ${text}`;
  }
  throw new Error(`${count} failures:${report}`);
}
