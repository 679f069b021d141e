// Every op both ways: what jvp pushes forward must agree with what the backward
// pass brings back, u·(J v) = (J'u)·v, on each golden case. A jvp is the
// derivative of a gradient rule by its cotangent at zero, so that a rule which
// is linear on paper but not in how it is computed is found out here.

import * as dg from "@dinograd/dinograd";
import { assertEquals } from "@std/assert";
import { type Call, describeCase, invoke, prepare } from "../golden_case.ts";
import { casesByOp } from "../golden_run.ts";
import { replaced, tensorsIn } from "./vmap_case.ts";

type Tensor = dg.Tensor;

/** Ops that draw samples, or call back with values. */
const LEFT_OUT =
  /ropout|^(rand|normal|empty|bernoulli|multinomial|rrelu|apply$|map$)/;

/** Rules without a derivative by their cotangent, as PyTorch's jvp has none. */
const NO_SECOND =
  /the derivative for '.*' is not implemented|not differentiable/;

/** Numbers that look random, from -1 to 1. */
function numbers(like: Tensor, seed: number): Tensor {
  return dg.arange(like.numel()).add(seed).mul(12.9898).sin().reshape(
    like.shape,
  )
    .to(like.dtype).to(like.device);
}

function dot(xs: readonly Tensor[], ys: readonly Tensor[]): number {
  return xs.reduce(
    (sum, x, k) =>
      sum +
      x.detach().double().mul(ys[k]!.detach().double()).sum().item<number>(),
    0,
  );
}

function isFinite(x: Tensor): boolean {
  return x.isfinite().all().item<boolean>();
}

type Golden = Parameters<typeof prepare>[0];

/** What the two ways say about a case; null where there is nothing to compare. */
function bothWays(golden: Golden, form: string): [number, number] | null {
  const call = prepare(golden, form);
  const operands = tensorsIn(call.args);
  const chosen = [...operands.keys()].filter((k) => operands[k]!.requiresGrad);
  if (chosen.length === 0) return null;
  const run = (...given: Tensor[]): Tensor[] => {
    let k = -1;
    const args = replaced(call.args, () => {
      k++;
      const at = chosen.indexOf(k);
      const x = at < 0 ? operands[k]!.detach() : given[at]!;
      return form === "i" && k === 0 ? x.clone() : x;
    });
    const own: Call = { ...call, args: args as unknown[] };
    return tensorsIn(invoke(golden, form, own)).filter((x) =>
      x.isFloatingPoint()
    );
  };
  const inputs = chosen.map((k) => operands[k]!.detach());
  const tangents = inputs.map((x, k) => numbers(x, k + 1));
  const leaves = inputs.map((x) => x.clone().requiresGrad_());
  const outputs = run(...leaves);
  const tracked = outputs.filter((x) => x.requiresGrad);
  // Nothing is to be learned from what has no value, such as the mean of nothing.
  if (tracked.length === 0 || !tracked.every(isFinite)) return null;
  const cotangents = tracked.map((x, k) => numbers(x, k + 7));
  const gradients = dg.autograd.grad(tracked, leaves, {
    gradOutputs: cotangents,
    allowUnused: true,
    materializeGrads: true,
  });
  const [, pushed] = dg.func.jvp(
    (...given: Tensor[]) => run(...given),
    inputs,
    tangents,
  );
  const moved = pushed.filter((_, k) => outputs[k]!.requiresGrad);
  return [dot(moved, cotangents), dot(gradients as Tensor[], tangents)];
}

for (const [op, cases] of casesByOp()) {
  if (op.endsWith(" errors") || LEFT_OUT.test(op)) continue;
  Deno.test(`jvp of ${op}`, () => {
    for (const golden of cases) {
      for (const form of golden.as) {
        if (golden.error !== undefined) continue;
        let found: [number, number] | null;
        try {
          found = bothWays(golden, form);
        } catch (error) {
          if (NO_SECOND.test((error as Error).message)) continue;
          throw error;
        }
        if (found === null) continue;
        const [forward, backward] = found;
        if (!Number.isFinite(backward)) continue;
        const near = Math.abs(forward - backward) <=
          1e-3 * Math.max(1, Math.abs(backward));
        assertEquals(
          near,
          true,
          `${describeCase(golden, form)}: ${forward} forward, ${backward} back`,
        );
      }
    }
  });
}

Deno.test("where a rule divides by zero and takes 0 instead, so does its jvp", () => {
  const corners: [(x: Tensor) => Tensor, number[]][] = [
    [(x) => x.sinc(), [0, -0, 1e-300]],
    [(x) => x.logit({ eps: 0.1 }), [0, 1]],
    [(x) => x.pow(dg.zeros([2], { dtype: "float64" })), [0, -0]],
    [(x) => dg.zeros([2], { dtype: "float64" }).pow(x), [0, 2]],
    [(x) => dg.pow(0, x), [0, 2]],
    [(x) => dg.special.xlog1py(x, x.detach().sub(1)), [0, 0]],
    [(x) => x.std(), [1, 1, 1]],
    [(x) => dg.nn.functional.hardswish(x), [Infinity]],
  ];
  for (const [k, [fn, at]] of corners.entries()) {
    const x = dg.tensor(at, { dtype: "float64" });
    const leaf = x.clone().requiresGrad_();
    const [back] = dg.autograd.grad([fn(leaf).sum()], [leaf]);
    const [, forward] = dg.func.jvp(fn, [x], [dg.onesLike(x)]);
    assertEquals(forward.sum().item(), back!.sum().item(), `corner ${k}`);
  }
});

Deno.test("second derivatives of sinc at 0 and of running logarithms of sums", () => {
  const { hessian } = dg.func;
  const zero = dg.tensor([0], { dtype: "float64" });
  assertEquals(
    hessian((x: Tensor) => x.sinc().sum())(zero).item(),
    -Math.PI * Math.PI / 3,
  );
  // PyTorch's.
  const x = dg.tensor([1, 2, 3], { dtype: "float64" });
  const found = hessian((x: Tensor) => x.logcumsumexp(0).sum())(x);
  const expected = dg.tensor([
    [0.278537002307308, -0.218644977761555, -0.059892024544811],
    [-0.218644977761555, 0.381448379751736, -0.162803401989748],
    [-0.059892024544748, -0.162803401989613, 0.222695426535144],
  ], { dtype: "float64" });
  assertEquals(dg.allclose(found, expected, { atol: 1e-12 }), true);
});
