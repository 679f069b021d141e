// x.at(...) and x.setAt_() against real PyTorch: the cases of
// goldens/indexing.json, each with its gradients; then what they cannot say.

import { assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Index, Tensor } from "@dinograd/dinograd";
import cases from "./goldens/indexing.json" with { type: "json" };

interface GoldenTensor {
  readonly dtype: "int64" | "int32" | "bool" | "float64";
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean)[];
}

type GoldenIndex = number | string | boolean | null | number[] | GoldenTensor;

interface GoldenIndexing {
  readonly op: string;
  readonly shape: readonly number[];
  readonly view: string;
  readonly index: readonly GoldenIndex[];
  readonly value?: number | GoldenTensor;
  readonly result?: readonly number[];
  readonly data?: readonly number[];
  readonly grad?: readonly number[];
  readonly valueGrad?: readonly number[];
  readonly gradFn?: string;
  readonly shares?: boolean;
  readonly stride?: readonly number[];
  readonly error?: { readonly class: string; readonly message: string };
}

const GOLDENS = cases as unknown as readonly GoldenIndexing[];

function decode(golden: GoldenTensor): Tensor {
  const { dtype, shape, data } = golden;
  return dg.tensor(data.map(Number), { dtype }).reshape(shape);
}

function decodeIndex(index: GoldenIndex): Index {
  const isTensor = typeof index === "object" && index !== null &&
    "dtype" in index;
  return isTensor ? decode(index) : index;
}

/** 0, 1, 2, … or 1, 2, 3, … in a shape. */
function counting(shape: readonly number[], from: number): Tensor {
  const n = shape.reduce((a, b) => a * b, 1);
  const data = Array.from({ length: n }, (_, i) => i + from);
  return dg.tensor(data, { dtype: "float64" }).reshape(shape);
}

function look(x: Tensor, view: string): Tensor {
  const rank = x.shape.length;
  if (view === "slice" && rank > 0) return x.at("...", "::2");
  if (view === "transpose" && rank > 1) return x.transpose(0, 1);
  return x;
}

function flat(x: Tensor): number[] {
  return x.reshape(-1).tolist();
}

function gradients(y: Tensor, inputs: readonly Tensor[]): number[][] {
  const total = y.mul(counting(y.shape, 1)).sum();
  const grads = dg.autograd.grad([total], inputs, { allowUnused: true });
  return inputs.map((x, k) => flat(grads[k] ?? x.newZeros(x.shape)));
}

function show(golden: GoldenIndexing): string {
  const { op, shape, view, index } = golden;
  return `${op} ${JSON.stringify({ shape, view, index })}`;
}

function checkRead(golden: GoldenIndexing): void {
  const leaf = counting(golden.shape, 0).requiresGrad_();
  const x = look(leaf, golden.view);
  const y = x.at(...golden.index.map(decodeIndex));
  assertEquals(y.shape, golden.result);
  assertEquals(flat(y), golden.data);
  assertEquals(y.gradFn?.name, golden.gradFn);
  assertEquals(y.storage === leaf.storage, golden.shares);
  if (golden.stride !== undefined) {
    y.shape.forEach((n, d) => {
      if (n !== 1) assertEquals(y.stride(d), golden.stride![d]);
    });
  }
  assertEquals(gradients(y, [leaf]), [golden.grad]);
  // The second derivative of (x * x).at(index) is twice the first of x.at().
  const square = look(leaf.mul(leaf), golden.view)
    .at(...golden.index.map(decodeIndex));
  const [first] = dg.autograd.grad(
    [square.mul(counting(square.shape, 1)).sum()],
    [leaf],
    { createGraph: true },
  );
  const [second] = dg.autograd.grad([first!.sum()], [leaf]);
  assertEquals(flat(second!), golden.grad!.map((g) => 2 * g));
}

function checkWrite(golden: GoldenIndexing): void {
  const leaf = counting(golden.shape, 0).requiresGrad_();
  const index = golden.index.map(decodeIndex);
  const value = typeof golden.value === "number"
    ? golden.value
    : decode(golden.value!).requiresGrad_();
  const base = leaf.clone();
  look(base, golden.view).setAt_(index, value);
  const inputs = typeof value === "number" ? [leaf] : [leaf, value];
  assertEquals(flat(base), golden.data);
  assertEquals(base.gradFn?.name, golden.gradFn);
  const expected = [golden.grad];
  if (golden.valueGrad !== undefined) expected.push(golden.valueGrad);
  assertEquals(gradients(base, inputs), expected);
  // Without a graph the memory is written directly.
  const plain = counting(golden.shape, 0);
  const number = typeof value === "number" ? value : value.detach();
  look(plain, golden.view).setAt_(index, number);
  assertEquals(flat(plain), golden.data);
  assertEquals(plain.gradFn, null);
}

function checkRefusal(golden: GoldenIndexing): void {
  const x = look(counting(golden.shape, 0), golden.view);
  const index = golden.index.map(decodeIndex);
  const value = golden.value === undefined || typeof golden.value === "number"
    ? golden.value ?? 0
    : decode(golden.value);
  try {
    if (golden.op === "at") x.at(...index);
    else x.setAt_(index, value);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    assertEquals(error.name, golden.error!.class);
    assertEquals(error.message, golden.error!.message);
    return;
  }
  throw new Error(`did not throw ${golden.error!.message}`);
}

for (
  const [name, check, chosen] of [
    ["at()", checkRead, (g) => g.op === "at" && g.error === undefined],
    ["setAt_()", checkWrite, (g) => g.op === "setAt" && g.error === undefined],
    ["refusals", checkRefusal, (g) => g.error !== undefined],
  ] satisfies [
    string,
    (golden: GoldenIndexing) => void,
    (golden: GoldenIndexing) => boolean,
  ][]
) {
  const some = GOLDENS.filter(chosen);
  Deno.test(`indexing goldens: ${name} (${some.length} cases)`, () => {
    for (const golden of some) {
      try {
        check(golden);
      } catch (error) {
        throw new Error(show(golden), { cause: error });
      }
    }
  });
}

Deno.test("a string that is no index is refused with a hint", () => {
  const x = dg.zeros([2, 3]);
  for (const text of ["", "1", "a", "1:2:3:4", "1.5:", ":;", "…"]) {
    const error = assertThrows(() => x.at(text), dg.ValueError);
    assertEquals(error.message, `invalid index ${JSON.stringify(text)}`);
    assertEquals(typeof error.hint, "string");
  }
  assertEquals(x.at(" 0 : 1 ").shape, [1, 3]);
  assertEquals(x.at("+1:").shape, [1, 3]);
});

Deno.test("what is no index is refused", () => {
  const x = dg.zeros([2, 3]);
  assertThrows(() => x.at(1.5), dg.IndexError, "(got float)");
  assertThrows(() => x.at(NaN), dg.IndexError);
  assertThrows(
    () => x.at(undefined as unknown as Index),
    dg.IndexError,
    "(got undefined)",
  );
  assertThrows(() => x.at([0.5]), dg.IndexError);
  assertThrows(() => x.at([[0], [0, 1]]), dg.ValueError);
});

Deno.test("a bigint is an index, a uint8 tensor a mask, as in PyTorch", () => {
  const x = dg.tensor([1, 2, 3]);
  assertEquals(x.at(-1n).item(), 3);
  const mask = dg.tensor([1, 0, 2], { dtype: "uint8" });
  assertEquals(x.at(mask).tolist(), [1, 3]);
  assertEquals(x.at([true, false, true]).tolist(), [1, 3]);
});

Deno.test("a 0-d integer tensor gives a view, a 0-d bool tensor a copy", () => {
  const x = dg.tensor([[1, 2], [3, 4]]);
  const one = dg.tensor(1, { dtype: "int64" });
  assertEquals(x.at(one).storage, x.storage);
  const yes = x.at(dg.tensor(true));
  assertEquals(yes.shape, [1, 2, 2]);
  assertEquals(yes.storage === x.storage, false);
});

Deno.test("iterating yields the rows", () => {
  const x = dg.tensor([[1, 2], [3, 4]]);
  assertEquals([...x].map((row) => row.tolist()), [[1, 2], [3, 4]]);
  const [first] = x;
  first!.setAt_(0, 9);
  assertEquals(x.tolist(), [[9, 2], [3, 4]]);
  assertThrows(() => [...dg.tensor(1)], TypeError, "iteration over a 0-d");
});

Deno.test("writing reads its sources before it changes them", () => {
  const x = dg.tensor([0, 1, 2, 3]);
  x.setAt_([[3, 2, 1, 0]], x);
  assertEquals(x.tolist(), [3, 2, 1, 0]);
  const y = dg.tensor([0, 1, 2, 3]);
  assertThrows(
    () => y.setAt_("1:", y.at(":3")),
    dg.RuntimeError,
    "some elements of the input tensor and the written-to tensor refer to a single memory location",
  );
  y.setAt_("1:", y.at(":3").clone());
  assertEquals(y.tolist(), [0, 0, 1, 2]);
  const order = dg.tensor([2, 0, 1], { dtype: "int64" });
  order.setAt_(order, dg.tensor([5, 6, 7], { dtype: "int64" }));
  assertEquals(order.tolist(), [6, 7, 5]);
});

Deno.test("an expanded tensor is read by index and refuses to be written", () => {
  const x = dg.tensor([[1, 2, 3]]).expand([4, 3]);
  const rows = dg.tensor([3, 0], { dtype: "int64" });
  assertEquals(x.at(rows, [0, 2]).tolist(), [1, 3]);
  assertThrows(
    () => x.setAt_(rows, 0),
    dg.RuntimeError,
    "more than one element of the written-to tensor",
  );
});

Deno.test("a change of the index after reading is noticed in backward", () => {
  const x = dg.ones(3, { requiresGrad: true });
  const index = dg.tensor([0, 1], { dtype: "int64" });
  const y = x.at(index).sum();
  index.setAt_(0, 2);
  assertThrows(
    () => y.backward(),
    dg.RuntimeError,
    "modified by an inplace operation",
  );
});

Deno.test("a leaf is written under noGrad only", () => {
  const x = dg.zeros(3, { requiresGrad: true });
  assertThrows(() => x.setAt_(0, 1), dg.RuntimeError, "a view of a leaf");
  assertThrows(() => x.setAt_([[0]], 1), dg.RuntimeError, "a leaf Variable");
  dg.noGrad(() => x.setAt_(0, 1).setAt_([[1]], 2));
  assertEquals(x.tolist(), [1, 2, 0]);
});

Deno.test("values that do not fit the type are refused", () => {
  const x = dg.zeros(3, { dtype: "uint8" });
  for (const index of [0, [0]]) {
    assertThrows(
      () => x.setAt_([index], 300),
      dg.RuntimeError,
      "value cannot be converted to type uint8_t without overflow",
    );
  }
});
