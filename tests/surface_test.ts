// Every op is there as a function and, where PyTorch has one, as a method with
// the same parameters, in-place form included.

import { assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import names from "./goldens/names.json" with { type: "json" };

/** The ops of the first release, as functions. */
const OPS = `abs acos acosh add addcdiv addcmul asin asinh atan atan2 atanh
bitwiseAnd bitwiseOr bitwiseXor bitwiseNot bitwiseLeftShift bitwiseRightShift
ceil clamp clampMax clampMin copysign cos cosh deg2rad digamma div eq erf erfc
erfinv exp exp2 expm1 floatPower floor floorDivide fmax fmin fmod frac ge gt
heaviside hypot isclose isfinite isinf isnan isneginf isposinf ldexp le lerp
lgamma log log10 log1p log2 logaddexp logaddexp2 logicalAnd logicalOr logicalXor
logicalNot logit lt maximum minimum mul nanToNum ne neg positive pow rad2deg
reciprocal relu remainder round rsqrt rsub sigmoid sign signbit sin sinc sinh
softmax logSoftmax sqrt square sub tan tanh trueDivide trunc where xlogy
all amax amin aminmax any argmax argmin countNonzero cummax cummin cumprod cumsum
diff dist logcumsumexp logsumexp max mean median min mode nanmean nanmedian nansum
norm prod quantile std stdMean sum trapezoid var varMean
atleast1d atleast2d atleast3d broadcastTensors broadcastTo cat chunk clone
columnStack diag diagEmbed diagonal dsplit dstack flatten flip fliplr flipud
hsplit hstack moveaxis movedim narrow permute ravel repeatInterleave reshape roll
rot90 select split squeeze stack swapaxes t tensorSplit tile transpose tril triu
unbind unflatten unsqueeze vsplit vstack
argsort argwhere bincount bucketize gather indexAdd indexCopy indexFill indexPut
indexSelect maskedFill maskedScatter maskedSelect msort nonzero put scatter
scatterAdd scatterReduce searchsorted sort take takeAlongDim topk unique
uniqueConsecutive histc
addmm addmv addr baddbmm bmm chainMatmul cross dot einsum inner kron matmul mm mv
outer tensordot trace vdot allclose equal
tensor asTensor fromTypedArray zeros ones full empty eye arange linspace logspace
rand randn randint randperm normal bernoulli multinomial zerosLike onesLike
fullLike emptyLike randLike randnLike meshgrid cartesianProd combinations vander
oneHot manualSeed`.split(/\s+/);

/** Ops that PyTorch has as methods only, and properties. */
const METHODS =
  `contiguous expand expandAs repeat reshapeAs unfold view viewAs to
float double half int long bool type detach requiresGrad_ backward item tolist
typedArray read at setAt_ sumToSize`.split(/\s+/);

const functions = dg as unknown as Readonly<Record<string, unknown>>;
const methods = dg.Tensor.prototype as unknown as Readonly<
  Record<string, unknown>
>;
const torchMethods = new Set(names.methods);

/** Names of the parameters of a function, in order, without defaults. */
// deno-lint-ignore ban-types -- any function's text will do
function parameters(fn: Function): string[] {
  const text = fn.toString();
  const start = text.indexOf("(") + 1;
  let depth = 0;
  let name = "";
  const out: string[] = [];
  for (let i = start; i < text.length; i++) {
    const c = text[i]!;
    if (depth === 0 && (c === "," || c === ")")) {
      if (name.trim() !== "") out.push(name.split("=")[0]!.trim());
      name = "";
      if (c === ")") break;
      continue;
    }
    if ("([{".includes(c)) depth++;
    if (")]}".includes(c)) depth--;
    name += c;
  }
  return out;
}

function isMethod(name: string): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(dg.Tensor.prototype, name);
  if (descriptor?.get !== undefined) return true;
  return typeof methods[name] === "function";
}

/** Every exported function that PyTorch has as a tensor method. */
const fluent = Object.keys(functions).filter((name) =>
  typeof functions[name] === "function" && torchMethods.has(name)
);

Deno.test("every op of the release is exported as a function", () => {
  assertEquals(OPS.filter((n) => typeof functions[n] !== "function"), []);
});

Deno.test("every method-only op of the release is a method", () => {
  assertEquals(METHODS.filter((name) => !isMethod(name)), []);
});

Deno.test("every function that PyTorch has as a method is a method", () => {
  assertEquals(fluent.filter((name) => !isMethod(name)), []);
});

Deno.test("every op has the in-place form that PyTorch has", () => {
  const missing = [...fluent, ...METHODS].map((name) => `${name}_`)
    .filter((name) => torchMethods.has(name) && !isMethod(name));
  assertEquals(missing, []);
});

/** What methods take whose tensor is not the first parameter of the function, or not called x there. */
const TENSOR_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  arctan2: ["other"],
  atan2: ["other"],
  polygamma: ["n"],
  where: ["condition", "other"],
};

Deno.test("a method takes what its function takes after the tensor", () => {
  const differing: string[] = [];
  for (const name of fluent) {
    const fn = functions[name];
    const method = methods[name];
    if (typeof fn !== "function" || typeof method !== "function") continue;
    const own = parameters(method);
    // The second of two operands, x and y, is the other one for a method.
    const expected = TENSOR_ELSEWHERE[name] ??
      parameters(fn).slice(1).map((p) => p === "y" ? "other" : p);
    if (own.join() !== expected.join()) {
      differing.push(
        `${name}(${parameters(fn).join(", ")}) and x.${name}(${
          parameters(method).join(", ")
        })`,
      );
    }
  }
  assertEquals(differing, []);
});

Deno.test("an in-place form takes what its op takes", () => {
  const differing: string[] = [];
  for (const name of fluent) {
    const method = methods[name];
    const inPlace = methods[`${name}_`];
    if (typeof method !== "function" || typeof inPlace !== "function") continue;
    if (parameters(method).join() !== parameters(inPlace).join()) {
      differing.push(
        `${name}(${parameters(method).join(", ")}) and ${name}_(${
          parameters(inPlace).join(", ")
        })`,
      );
    }
  }
  assertEquals(differing, []);
});

/** A symbol in the output of `deno doc --json`. */
interface Documented {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly jsDoc?: { readonly tags?: readonly { readonly kind: string }[] };
  }[];
}

Deno.test("every public function has an example, which the doc tests run", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "mod.ts"],
    cwd: new URL("..", import.meta.url),
  }).output();
  const { nodes }: {
    nodes: Record<string, { symbols: readonly Documented[] }>;
  } = JSON.parse(new TextDecoder().decode(stdout));
  const undocumented = Object.values(nodes).flatMap(({ symbols }) => symbols)
    .filter(({ declarations }) =>
      declarations.some(({ kind }) => kind === "function") &&
      !declarations.some(({ jsDoc }) =>
        jsDoc?.tags?.some(({ kind }) => kind === "example")
      )
    ).map(({ name }) => name);
  assertEquals(undocumented, []);
});
