// `dg.fft` beside PyTorch: results, nodes, gradients and errors of
// tests/goldens/fft.json, whose generator lies beside it; and what PyTorch
// cannot tell: second derivatives, empty batches, vmap.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import goldens from "../goldens/fft.json" with { type: "json" };

interface Numbers {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly data: readonly (number | boolean)[];
}

interface Golden {
  readonly op: string;
  readonly x?: Numbers;
  readonly n?: number;
  readonly view?: string;
  readonly dim?: number | readonly number[];
  readonly options?: Readonly<Record<string, unknown>>;
  readonly nodes?: readonly string[];
  readonly out?: Numbers;
  readonly grad?: readonly number[];
  readonly error?: { readonly class: string; readonly message: string };
}

type Transform = (
  x: dg.Tensor | number,
  ...rest: readonly unknown[]
) => dg.Tensor;

function functionOf(name: string): Transform {
  return dg.fft[name as keyof typeof dg.fft] as unknown as Transform;
}

function made({ shape, dtype, data }: Numbers): dg.Tensor {
  const complex = dtype.startsWith("complex");
  const part = dtype === "complex128" ? "float64" : "float32";
  const flat = dg.tensor(data.map(Number), {
    dtype: complex ? part : dtype as dg.DType,
  });
  return complex
    ? dg.viewAsComplex(flat.reshape([...shape, 2]))
    : flat.reshape([...shape]);
}

function seen(x: dg.Tensor, view: string | undefined): dg.Tensor {
  if (view === "transpose") return x.transpose(0, 1);
  if (view === "step") return x.at("...", "::2");
  return view === "expand" ? x.expand([3, x.shape[1]!]) : x;
}

function numbers(x: dg.Tensor): number[] {
  const parts = x.isComplex() ? dg.viewAsReal(x.detach()) : x.detach();
  return parts.flatten().tolist() as number[];
}

/** The largest difference, beside the largest number. */
function distance(found: number[], expected: readonly unknown[]): number {
  assertEquals(found.length, expected.length);
  const wanted = expected.map(Number);
  const size = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
  return found.reduce(
    (most, v, i) => Math.max(most, Math.abs(v - wanted[i]!)),
    0,
  ) / size;
}

function roomFor(dtype: string): number {
  return dtype === "float64" || dtype === "complex128" ? 1e-14 : 6e-7;
}

function weights(out: dg.Tensor): dg.Tensor {
  const shape = out.isComplex() ? [...out.shape, 2] : out.shape;
  const count = shape.reduce((n, size) => n * size, 1);
  const flat = Array.from({ length: count }, (_, i) => ((i * 7) % 5 - 2) / 2);
  const { dtype } = out;
  const wide = dtype === "complex128" || dtype === "float64";
  const w = dg.tensor(flat, { dtype: wide ? "float64" : "float32" });
  const parts = w.reshape([...shape]);
  return out.isComplex() ? dg.viewAsComplex(parts) : parts;
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
  const { op, dim, options, view, out, error } = golden;
  const call = JSON.stringify({ ...golden, out: 0, grad: 0 });
  const run = functionOf(op);
  if (golden.n !== undefined) {
    const found = run(golden.n, options);
    assertEquals(found.dtype, out!.dtype, call);
    assert(distance(numbers(found), out!.data) <= 1e-7, call);
    return;
  }
  const leaf = made(golden.x!).detach();
  const input = golden.x!.dtype;
  const tracked = input.startsWith("float") || input.startsWith("complex");
  if (tracked) leaf.requiresGrad_();
  const x = seen(leaf, view);
  const args = options === undefined ? [dim] : [dim, options];
  if (error !== undefined) {
    const thrown = assertThrows(() => run(x, ...args), call) as Error;
    assertEquals(thrown.name, error.class, call);
    assertEquals(thrown.message.split("\n")[0], error.message, call);
    return;
  }
  const found = run(x, ...args);
  assertEquals(found.dtype, out!.dtype, call);
  assertEquals([...found.shape], [...out!.shape], call);
  const error1 = distance(numbers(found), out!.data);
  assert(error1 <= roomFor(found.dtype), `${call} ${error1}`);
  if (golden.nodes !== undefined) {
    assertEquals(nodesOf(found), [...golden.nodes], call);
  }
  if (golden.grad === undefined) return;
  found.backward(weights(found));
  const error2 = distance(numbers(leaf.grad!), golden.grad);
  assert(error2 <= roomFor(found.dtype), `gradient of ${call} ${error2}`);
}

const CASES = goldens as unknown as readonly Golden[];
for (const op of new Set(CASES.map(({ op }) => op))) {
  Deno.test(`fft.${op} does as PyTorch`, () => {
    for (const golden of CASES) if (golden.op === op) check(golden);
  });
}

Deno.test("a batch without lines has a result without lines", () => {
  const x = dg.zeros([0, 4]).requiresGrad_();
  const out = dg.fft.rfft(x);
  assertEquals(out.shape, [0, 3]);
  out.abs().sum().backward();
  assertEquals(x.grad!.shape, [0, 4]);
  assertEquals(dg.fft.irfft(dg.fft.fft(x)).shape, [0, 6]);
});

Deno.test("transforms have second derivatives", () => {
  const f = (x: dg.Tensor) => {
    const y = dg.fft.rfft(x.pow(2), -1, { n: 7, norm: "ortho" });
    const z = dg.fft.fftn(y.mul(y), [0, 1]);
    return dg.fft.irfft(z, 0).pow(2).sum();
  };
  const x = dg.tensor([[1, 2, 0.5], [-1, 0.25, 3]], { dtype: "float64" });
  assert(dg.autograd.gradcheck(f, [x.clone().requiresGrad_()]));
  assert(dg.autograd.gradgradcheck(f, [x.clone().requiresGrad_()]));
});

Deno.test("vmap transforms all samples", () => {
  const x = dg.arange(24).sin().reshape([2, 3, 4]);
  const same = (found: dg.Tensor, wanted: dg.Tensor) =>
    assert(found.sub(wanted).abs().max().item<number>() < 1e-6);
  const rows = dg.func.vmap((each: dg.Tensor) => dg.fft.rfft(each, 0));
  same(rows(x), dg.fft.rfft(x, 1));
  const back = dg.func.vmap(
    (each: dg.Tensor) => dg.fft.ifft2(dg.fft.fft2(each)),
    { inDims: 2, outDims: 2 },
  );
  same(back(x), x);
  const strength = dg.func.vmap((each: dg.Tensor) => dg.fft.fft(each).abs());
  same(strength(x), dg.fft.fft(x).abs());
  const slopes = dg.func.vmap(
    dg.func.grad((each: dg.Tensor) => dg.fft.rfft(each, 0).abs().pow(3).sum()),
  );
  const leaf = x.detach().requiresGrad_();
  dg.fft.rfft(leaf, 1).abs().pow(3).sum().backward();
  assert(dg.allclose(slopes(x), leaf.grad!, { rtol: 1e-4, atol: 1e-4 }));
});

Deno.test("a device without transforms says so", () => {
  const bare = Object.create(dg.cpu, { fourier: { value: undefined } });
  Object.defineProperty(bare, "type", { value: "bare" });
  const x = dg.ones([2, 4], { device: bare });
  const each = (row: dg.Tensor) => dg.fft.rfft(row);
  for (const run of [each, dg.func.vmap(each)]) {
    const thrown = assertThrows(() => run(x), dg.RuntimeError);
    assertEquals(
      thrown.message.split("\n")[0],
      "The operator 'fft.rfft' is not currently implemented for the bare device.",
    );
  }
});
