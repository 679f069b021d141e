// The functions that tests/goldens/make_transform_goldens.py transforms, under
// the same names, and the comparison with what PyTorch made of them.

import { assert, assertEquals } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import json from "../goldens/transforms.json" with { type: "json" };

type Tensor = dg.Tensor;

/** What PyTorch gave: sections of named cases. */
export const GOLDENS = json as unknown as Record<
  string,
  Record<string, Golden>
>;

/** A tensor as the script wrote it. */
interface Encoded {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

/** A result as the script wrote it. */
export type Golden = Encoded | string | readonly Golden[] | {
  readonly [key: string]: Golden;
};

/** Sines of multiples of 0.7, in float64. */
export function numbers(shape: readonly number[], start = 1): Tensor {
  const count = shape.reduce((n, d) => n * d, 1);
  return dg.arange(start, start + count, 1, { dtype: "float64" })
    .mul(0.7).sin().reshape(shape);
}

export const X: Tensor = numbers([3]);
export const Y: Tensor = numbers([3], 5);
export const V: Tensor = numbers([3], 9);
export const M: Tensor = numbers([2, 3]);
export const W: Tensor = numbers([4, 3], 20);
export const B: Tensor = numbers([4], 40);

export function smooth(x: Tensor): Tensor {
  return x.sin().mul(x.exp()).cumsum(0);
}

export function both(x: Tensor, y: Tensor): [Tensor, Tensor] {
  return [x.mul(y.cos()), x.mul(x).mul(y).sum()];
}

export function scalar(x: Tensor): Tensor {
  return x.sin().mul(x).mul(x).sum();
}

export function scalar2(x: Tensor, y: Tensor): Tensor {
  return x.mul(x).mul(y.exp()).sum().add(x.mul(y).prod());
}

export function linear(x: Tensor): Tensor {
  return x.mul(3).sum();
}

export function constant(_x: Tensor): Tensor {
  return dg.ones(2, { dtype: "float64" });
}

export function layer(x: Tensor): Tensor {
  return x.matmul(W.t()).add(B).tanh();
}

export interface Tree {
  x: Tensor;
  more: [Tensor];
}

export function tree(p: Tree): { out: Tensor; norm: Tensor } {
  return {
    out: W.matmul(p.x).add(p.more[0]).tanh(),
    norm: p.x.pow(2).sum(),
  };
}

function isEncoded(golden: Golden): golden is Encoded {
  return typeof golden === "object" && "shape" in golden && "data" in golden;
}

/** Compares a result with PyTorch's, tensor by tensor. */
export function assertGolden(
  actual: unknown,
  golden: Golden,
  where: string,
  tolerance = 1e-9,
): void {
  if (isEncoded(golden)) {
    assert(dg.isTensor(actual), `${where} is no tensor`);
    assertEquals(actual.shape, golden.shape, `shape of ${where}`);
    const values = actual.detach().double().reshape(-1).tolist<number[]>();
    golden.data.forEach((value, i) => {
      const error = Math.abs(values[i]! - value);
      assert(
        error <= tolerance * (1 + Math.abs(value)),
        `${where}[${i}]: ${values[i]}, PyTorch ${value}`,
      );
    });
    return;
  }
  assert(typeof actual === "object" && actual !== null, `${where} is a leaf`);
  assertEquals(Object.keys(actual), Object.keys(golden), where);
  for (const [key, part] of Object.entries(golden)) {
    const item: unknown = Reflect.get(actual, key);
    assertGolden(item, part, `${where}.${key}`, tolerance);
  }
}

/** PyTorch's sentence as it is spelled here. */
export function spelled(sentence: Golden): string {
  return String(sentence)
    .replaceAll(/torch\.Size\((\[.*?\])\)/g, "$1")
    .replaceAll(
      /TreeSpec\(tuple, None, (\[[^\]]*\])\)/g,
      (_, list: string) => list.replaceAll(/\s+/g, " "),
    )
    .replaceAll(/=\((\S+),\)/g, "=[$1]").replaceAll("=(0, 0)", "=[0, 0]")
    .replaceAll("<lambda>", "<anonymous>").replaceAll("=None", "=null")
    .replaceAll("<class 'int'>", "number")
    .replaceAll("<class 'NoneType'>", "null")
    .replaceAll(/\b(in|out)_dim/g, "$1Dim")
    .replaceAll("chunk_size", "chunkSize")
    .replaceAll(
      /\b[a-z]+(_[a-z]+)+(?==)/g,
      (name) =>
        name.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
    )
    .replaceAll("=True", "=true").replaceAll("=False", "=false");
}

/** Checks each case of a section, and that none is missing on either side. */
export function checkSection(
  section: string,
  cases: Readonly<Record<string, () => unknown>>,
  tolerance?: number,
): void {
  const goldens = GOLDENS[section]!;
  assertEquals(Object.keys(cases).toSorted(), Object.keys(goldens).toSorted());
  for (const [name, run] of Object.entries(cases)) {
    assertGolden(run(), goldens[name]!, name, tolerance);
  }
}

/** Checks the error of each case of a section. */
export function checkErrors(
  section: string,
  cases: Readonly<Record<string, () => unknown>>,
): void {
  const goldens = GOLDENS[section]!;
  assertEquals(Object.keys(cases).toSorted(), Object.keys(goldens).toSorted());
  for (const [name, run] of Object.entries(cases)) {
    let message = "no error";
    try {
      run();
    } catch (error) {
      message = (error as Error).message;
    }
    assertEquals(message, spelled(goldens[name]!), name);
  }
}
