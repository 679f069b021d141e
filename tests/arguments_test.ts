// What the types forbid and plain JavaScript does not: arguments that would be
// ignored, or read beside the memory, are refused. Nothing fails silently.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { type GoldenCase, invoke, prepare } from "./golden_case.ts";

const GROUPS = [
  "pointwise",
  "reduce",
  "shape",
  "index",
  "products",
  "convolution",
  "create",
  "functional",
];

/** One golden call with options of each op. */
const withOptions = new Map<string, GoldenCase>();
for (const group of GROUPS) {
  const url = new URL(`./goldens/ops_${group}.json`, import.meta.url);
  const cases: GoldenCase[] = JSON.parse(Deno.readTextFileSync(url));
  for (const golden of cases) {
    if (golden.options === undefined) continue;
    withOptions.set(`${golden.op} ${golden.as}`, golden);
  }
}

/** The forms of ops that accept something else in place of their options. */
function accepting(replace: (options: unknown) => unknown): string[] {
  const found: string[] = [];
  for (const golden of withOptions.values()) {
    for (const form of golden.as) {
      const call = prepare(golden, form);
      call.args.push(replace(call.args.pop()));
      try {
        invoke(golden, form, call);
        found.push(`${golden.op} (${form})`);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    }
  }
  return found;
}

Deno.test("an option that an op does not know is refused", () => {
  assertEquals(withOptions.size > 80, true, String(withOptions.size));
  assertEquals(accepting((options) => ({ ...options as object, no: 1 })), []);
});

Deno.test("options are an object: PyTorch's positional arguments are refused", () => {
  for (const given of [true, 1, null, "sum"]) {
    const found = accepting(() => given)
      // Here a number may stand before the options.
      .filter((name) => name !== "eye (f)" && name !== "arange (f)");
    assertEquals(found, []);
  }
});

/** Calls a method as plain JavaScript may. */
function call(x: dg.Tensor, name: string, ...args: unknown[]): unknown {
  const method = (x as unknown as Record<string, unknown>)[name];
  return (method as (...args: unknown[]) => unknown).apply(x, args);
}

const X: dg.Tensor = dg.tensor([[1, 2, 3], [4, 5, 6]]);

/** Calls with an argument of the wrong kind. */
const WRONG: readonly [name: string, ...args: unknown[]][] = [
  ...["add", "mul", "maximum", "eq", "pow"].flatMap((name) =>
    [undefined, null, "2", [1, 2, 3], {}].map((other): [string, unknown] => [
      name,
      other,
    ])
  ),
  ["fill_", "1"],
  ["fill_", undefined],
  ["narrow", 0, 0.5, 1],
  ["narrow", 1, 0, 1.5],
  ["select", 0, 0.5],
  ["select", 0, "0"],
  ["unfold", 1, 1.5, 1],
  ["unfold", 1, 2, 0.5],
  ["topk", 1.5],
  ["kthvalue", 1.5],
  ["chunk", 1.5],
  ["chunk"],
  ["split", 1.5],
  ["split", [0.5, 1.5]],
  ["split", "1"],
  ["tensorSplit", 1.5],
  ["tensorSplit", [0.5]],
  ["hsplit", 1.5],
  ["roll", 0.5, 0],
  ["rot90", 0.5],
  ["repeat", 1.5],
  ["repeat", [1, 1.5]],
  ["tile", 1.5],
  ["repeatInterleave", 1.5],
  ["diagonal", { offset: 0.5 }],
  ["diff", 0, { n: 0.5 }],
  ["histc", { bins: 1.5 }],
  ["expand", [2.5, 3]],
  ["reshape", [1.5, 4]],
  ["view", "int32"],
  ["permute", 1, 0],
  ["sum", 0.5],
  ["sum", "0"],
  ["prod", [0, 1]],
  ["argmax", [0]],
  ["squeeze", null],
  ["asStrided", [1], [0.5]],
  ["asStrided", [1], [1], 0.5],
  ["asStrided", [1], 1],
  ["round", { decimals: 0.5 }],
  ["tril", { diagonal: 0.5 }],
  ["triu", { diagonal: "1" }],
];

Deno.test("arguments of the wrong kind are refused", () => {
  for (const [name, ...args] of WRONG) {
    const shown = `${name}(${args.map((arg) => JSON.stringify(arg))})`;
    assertThrows(() => call(X.clone(), name, ...args), TypeError, "", shown);
  }
});

Deno.test("a list of tensors is one array", () => {
  const functions = dg as unknown as Record<
    string,
    (...args: unknown[]) => unknown
  >;
  for (
    const name of [
      "cat",
      "stack",
      "hstack",
      "vstack",
      "dstack",
      "columnStack",
      "broadcastTensors",
      "chainMatmul",
    ]
  ) {
    assertThrows(
      () => functions[name]!(X, X),
      TypeError,
      "must be an array, not a tensor",
      name,
    );
  }
});
