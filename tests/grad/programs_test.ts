// Runs the programs of goldens/make_autograd_goldens.py: views and changes in
// place in any order, against what real PyTorch makes of them.

import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";

type Tensor = dg.Tensor;

/** A register by number, or a plain number. */
type Argument = number | { r: number };
type Step = [string, ...(string | Argument)[]];

interface Program {
  readonly steps: Step[];
  /** The error of the last step. */
  readonly stepError?: string;
  /** The error of the backward pass. */
  readonly error?: string;
  readonly values?: number[][];
  readonly nodes?: (string | null)[];
  readonly versions?: number[];
  readonly first?: number[][];
  readonly second?: number[][];
}

type Op = (x: Tensor, a: never, b: never, c: never) => Tensor;

const OPS: Record<string, Op> = {
  select: (x, d: number, i: number) => x.select(d, i),
  narrow: (x, d: number, i: number, n: number) => x.narrow(d, i, n),
  t: (x) => x.t(),
  flatten: (x) => x.view(-1),
  unsqueeze: (x, d: number) => x.unsqueeze(d),
  diagonal: (x) => x.diagonal(),
  expand: (x) => x.unsqueeze(0).expand([2, ...x.shape]),
  unbind: (x, d: number, i: number) => x.unbind(d)[i]!,
  split: (x, d: number, i: number) => x.split(1, d)[i]!,
  detach: (x) => x.detach(),
  sin: (x) => x.sin(),
  sin_: (x) => x.sin_(),
  tanh: (x) => x.tanh(),
  tanh_: (x) => x.tanh_(),
  sigmoid: (x) => x.sigmoid(),
  sigmoid_: (x) => x.sigmoid_(),
  exp: (x) => x.exp(),
  exp_: (x) => x.exp_(),
  relu: (x) => x.relu(),
  relu_: (x) => x.relu_(),
  neg: (x) => x.neg(),
  neg_: (x) => x.neg_(),
  square: (x) => x.square(),
  square_: (x) => x.square_(),
  zero_: (x) => x.zero_(),
  t_: (x) => x.t_(),
  unsqueeze_: (x) => x.unsqueeze_(0),
  copy_: (x, y: Tensor) => x.copy_(y),
  mul: (x, y: Tensor) => x.mul(y),
  mul_: (x, y: Tensor) => x.mul_(y),
  add: (x, y: Tensor) => x.add(y),
  add_: (x, y: Tensor) => x.add_(y),
  sub: (x, y: Tensor) => x.sub(y),
  sub_: (x, y: Tensor) => x.sub_(y),
  div: (x, y: Tensor) => x.div(y),
  div_: (x, y: Tensor) => x.div_(y),
  pow: (x, y: number) => x.pow(y),
  pow_: (x, y: number) => x.pow_(y),
};

function fill(n: number, start: number, step: number): Tensor {
  const values = Array.from({ length: n }, (_, i) => start + step * i);
  return dg.tensor(values, { dtype: "float64" });
}

function run([op, ...rest]: Step, registers: Tensor[]): void {
  if (op === "noGrad") {
    dg.noGrad(() => run(rest as Step, registers));
    return;
  }
  const [r, ...args] = rest as Argument[];
  const values = args.map((a) => typeof a === "object" ? registers[a.r] : a);
  const call = OPS[op] as (...args: unknown[]) => Tensor;
  registers.push(call(registers[r as number], ...values));
}

function lossOf(registers: readonly Tensor[]): Tensor {
  let total = dg.tensor(0, { dtype: "float64" });
  registers.slice(3).forEach((x, k) => {
    const weights = fill(x.numel(), 0.2 + 0.3 * k, 0.1).reshape(x.shape);
    total = total.add(x.mul(weights).sum());
  });
  return total;
}

function messageOf(fn: () => void): string {
  try {
    fn();
  } catch (error) {
    assert(error instanceof dg.RuntimeError, String(error));
    return error.message;
  }
  return "no error";
}

function compare(actual: readonly Tensor[], expected: number[][]): void {
  actual.forEach((x, k) => {
    const flat: number[] = x.detach().reshape(-1).tolist();
    assertEquals(flat.length, expected[k]!.length);
    flat.forEach((value, i) => {
      const wanted = expected[k]![i]!;
      assertAlmostEquals(value, wanted, 1e-8 * Math.max(1, Math.abs(wanted)));
    });
  });
}

/** Which node PyTorch names for a view whose history was renewed depends on reference counts. */
function assertSameMessage(actual: string, expected: string): void {
  if (!actual.includes("output 0 of AsStrided,")) {
    assertEquals(actual, expected);
    return;
  }
  const plain = (text: string) => text.replace(/output 0 of \w+,/, "");
  assertEquals(plain(actual), plain(expected));
}

function check(program: Program): void {
  const { steps, stepError, error } = program;
  const x = fill(12, 0.3, 0.07).reshape([3, 4]).clone().requiresGrad_();
  const w = fill(4, 0.9, -0.13).requiresGrad_();
  const c = fill(12, 1.2, -0.05).reshape([3, 4]).clone();
  const registers = [x, w, c, x.mul(1)];
  steps.forEach((step, k) => {
    if (stepError === undefined || k < steps.length - 1) run(step, registers);
    else assertEquals(messageOf(() => run(step, registers)), stepError);
  });
  if (stepError !== undefined) return;
  const differentiate = () => {
    if (program.values !== undefined) {
      compare(registers, program.values);
      assertEquals(
        registers.map((it) => it.gradFn?.name ?? null),
        program.nodes,
      );
      assertEquals(registers.map((it) => it.version), program.versions);
    }
    const [gx, gw] = dg.autograd.grad(lossOf(registers), [x, w], {
      createGraph: true,
      materializeGrads: true,
    });
    compare([gx!, gw!], program.first!);
    const square = gx!.mul(gx!).sum().add(gw!.mul(gw!).sum());
    if (!square.requiresGrad) {
      // PyTorch may go through a relu again, to find that it is linear.
      assert((program.second ?? []).flat().every((value) => value === 0));
      return;
    }
    const second = dg.autograd.grad(square, [x, w], { materializeGrads: true });
    compare(second as Tensor[], program.second!);
  };
  if (error === undefined) differentiate();
  else assertSameMessage(messageOf(differentiate), error);
}

const PROGRAMS: readonly Program[] = JSON.parse(
  Deno.readTextFileSync(new URL("../goldens/autograd.json", import.meta.url)),
);

PROGRAMS.forEach((program, k) => {
  Deno.test(`golden program ${k}: ${program.steps.map(show).join("; ")}`, () => {
    check(program);
  });
});

function show([op, ...args]: Step): string {
  const names = args.map((a) => typeof a === "object" ? `r${a.r}` : a);
  return `${op}(${names.join(", ")})`;
}
