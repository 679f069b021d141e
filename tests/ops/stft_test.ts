// `stft` and `istft` beside PyTorch: results, nodes, gradients and errors of
// tests/goldens/stft.json, whose generator lies beside it.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import goldens from "../goldens/stft.json" with { type: "json" };

interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly number[];
}

interface Golden {
  readonly op: "stft" | "istft";
  readonly x: Numbers;
  readonly nFft: number;
  readonly window?: Numbers;
  readonly options: Readonly<Record<string, unknown>>;
  readonly nodes?: readonly string[];
  readonly out?: Numbers;
  readonly grad?: readonly number[];
  readonly error?: { readonly class: string; readonly message: string };
}

function made({ shape, dtype, data }: Numbers): dg.Tensor {
  const complex = dtype.startsWith("complex");
  const part = dtype === "complex128" ? "float64" : "float32";
  const flat = dg.tensor([...data], {
    dtype: complex ? part : dtype as dg.DType,
  });
  return complex
    ? dg.viewAsComplex(flat.reshape([...shape, 2])).detach()
    : flat.reshape([...shape]);
}

function parts(x: dg.Tensor): dg.Tensor {
  return x.isComplex() ? dg.viewAsReal(x.detach()) : x.detach();
}

function weights(out: dg.Tensor): dg.Tensor {
  const like = parts(out);
  const flat = Array.from(
    { length: like.numel() },
    (_, i) => ((i * 7) % 5 - 2) / 2,
  );
  const g = dg.tensor(flat, { dtype: like.dtype }).reshape(like.shape);
  return out.isComplex() ? dg.viewAsComplex(g) : g;
}

function distance(x: dg.Tensor, expected: readonly number[]): number {
  const found = parts(x).flatten().tolist() as number[];
  assertEquals(found.length, expected.length);
  const size = expected.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
  const far = found.map((v, i) => Math.abs(v - expected[i]!));
  return far.reduce((most, v) => Math.max(most, v), 0) / size;
}

function nodesOf(x: dg.Tensor): string[] {
  const names: string[] = [];
  let node = x.gradFn;
  while (node !== null && !node.name.includes("AccumulateGrad")) {
    names.push(node.name);
    node = node.nextFunctions[0]?.[0] ?? null;
  }
  return names;
}

function check(golden: Golden): void {
  const { op, nFft, window, out, error, grad } = golden;
  const call = JSON.stringify({
    ...golden,
    x: golden.x.shape,
    out: 0,
    grad: 0,
  });
  const options = window === undefined
    ? golden.options
    : { ...golden.options, window: made(window) };
  const x = made(golden.x).requiresGrad_();
  if (error !== undefined) {
    const thrown = assertThrows(() => dg[op](x, nFft, options), call) as Error;
    assertEquals(thrown.name, error.class, call);
    assertEquals(thrown.message.split("\n")[0], error.message, call);
    return;
  }
  const found = dg[op](x, nFft, options);
  assertEquals(found.dtype, out!.dtype, call);
  assertEquals([...found.shape], [...out!.shape], call);
  const room = out!.dtype.endsWith("64") && out!.dtype !== "complex64" ||
      out!.dtype === "complex128"
    ? 1e-13
    : 1e-6;
  assert(distance(found, out!.data) <= room, call);
  assertEquals(nodesOf(found), [...golden.nodes!], call);
  found.backward(weights(found));
  assert(distance(x.grad!, grad!) <= room, `gradient of ${call}`);
}

for (const op of ["stft", "istft"] as const) {
  Deno.test(`${op} does as PyTorch`, () => {
    for (const golden of goldens as unknown as readonly Golden[]) {
      if (golden.op === op) check(golden);
    }
  });
}
