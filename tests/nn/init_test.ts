// nn.init against PyTorch's: the same values after manualSeed(0), and the same
// part of the stream used. Goldens: make_init_goldens.py.

import { assert, assertEquals, assertThrows } from "@std/assert";
import * as dg from "@dinograd/dinograd";

const { init } = dg.nn;

interface Case {
  name: string;
  shape: number[];
  args: number[];
  options: Record<string, unknown>;
  dtype: dg.DType;
  values: number[];
  next: number;
}

const { cases, gains }: { cases: Case[]; gains: Record<string, number> } = JSON
  .parse(
    Deno.readTextFileSync(new URL("../goldens/init.json", import.meta.url)),
  );

type Initialiser = (x: dg.Tensor, ...args: unknown[]) => dg.Tensor;

function camelCase(name: string): string {
  return name.replaceAll(/_([a-z])/g, (_, letter) => letter.toUpperCase());
}

for (const name of new Set(cases.map((it) => it.name))) {
  Deno.test(`nn.init.${camelCase(name)} gives PyTorch's numbers`, () => {
    const fill = Reflect.get(init, camelCase(name)) as Initialiser;
    for (const it of cases.filter((other) => other.name === name)) {
      dg.manualSeed(0);
      const x = dg.full(it.shape, 7, { dtype: it.dtype }).requiresGrad_();
      const options = Object.keys(it.options).length > 0 ? [it.options] : [];
      assertEquals(fill(x, ...it.args, ...options), x);
      assert(x.isLeaf && x.requiresGrad);
      const largest = Math.max(1, ...it.values.map(Math.abs));
      x.flatten().tolist<number[]>().forEach((value, i) => {
        const off = Math.abs(value - it.values[i]!);
        const what = `${name}(${it.shape}, ${JSON.stringify(it.options)})`;
        // The worst of orthogonal_: PyTorch's QR works in float32.
        assert(off <= 4e-7 * largest, `${what}[${i}] is off by ${off}`);
      });
      const next = dg.rand(1, { dtype: "float64" }).item();
      assertEquals(next, it.next, "the rest of the stream");
    }
  });
}

Deno.test("calculateGain gives PyTorch's numbers", () => {
  for (const [key, gain] of Object.entries(gains)) {
    const [name, param] = key.split(":") as [dg.nn.init.Nonlinearity, string];
    const options = param === "None" ? {} : { param: Number(param) };
    assertEquals(init.calculateGain(name, options), gain);
  }
});

Deno.test("nn.init refuses what PyTorch refuses", () => {
  const vector = dg.zeros(3);
  assertThrows(() => init.eye_(vector), dg.ValueError, "2 dimensions");
  assertThrows(() => init.dirac_(vector), dg.ValueError, "3, 4, or 5");
  assertThrows(() => init.orthogonal_(vector), dg.ValueError, "2 or more");
  assertThrows(() => init.sparse_(vector, 0.5), dg.ValueError, "2 dimensions");
  assertThrows(
    () => init.xavierUniform_(vector),
    dg.ValueError,
    "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
  );
  assertThrows(
    () => init.dirac_(dg.zeros([3, 2, 2]), { groups: 2 }),
    dg.ValueError,
    "dim 0 must be divisible by groups",
  );
});
