// Products that are multiplied, added to something and bounded while they are
// stored, on WebAssembly against JavaScript: sizes around each tile, every
// layout of what is added, NaN and bounds.

import { assert } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import { withLimits } from "../conformance/paths.ts";

type Type = "float32" | "float64";

function on<T>(path: "kernels" | "loops", body: () => T): T {
  const matmulLeast = path === "kernels" ? 0 : Infinity;
  return withLimits({ matmulLeast, blasLeast: Infinity }, body);
}

/** The ways in which what is added may lie. */
const ADDENDS: Record<
  string,
  (b: number, m: number, n: number, dtype: Type) => dg.Tensor
> = {
  dense: (b, m, n, dtype) => dg.randn([b, m, n], { dtype }),
  row: (b, m, n, dtype) => dg.randn([n], { dtype }).expand([b, m, n]),
  column: (b, m, n, dtype) => dg.randn([m, 1], { dtype }).expand([b, m, n]),
  number: (b, m, n, dtype) => dg.randn([1], { dtype }).expand([b, m, n]),
  shifted: (b, m, n, dtype) =>
    dg.randn([b, m, n + 3], { dtype }).narrow(2, 1, n),
  turned: (b, m, n, dtype) => dg.randn([b, n, m], { dtype }).transpose(1, 2),
  none: (b, m, n, dtype) => dg.randn([b, m, n], { dtype }),
};

function close(ours: dg.Tensor, theirs: dg.Tensor, what: string): void {
  const tolerance = ours.dtype === dg.float32 ? 2e-4 : 1e-11;
  const options = { rtol: tolerance, atol: tolerance, equalNan: true };
  assert(dg.allclose(ours, theirs, options), what);
}

const SIZES = [
  ...[[1, 1, 7, 40], [1, 9, 1, 40], [2, 6, 8, 4], [1, 5, 9, 300]],
  ...[[1, 13, 40, 600], [3, 30, 17, 21], [1, 130, 70, 65], [1, 3, 200, 33]],
  ...[[1, 60, 7, 40], [1, 5, 6, 20000], [1, 7, 90, 300], [1, 90, 7, 300]],
] as const;

Deno.test("factors, addends and bounds on both paths", () => {
  dg.manualSeed(3);
  for (const dtype of ["float32", "float64"] as const) {
    for (const [b, m, n, k] of SIZES) {
      for (const [name, make] of Object.entries(ADDENDS)) {
        const x = dg.randn([b, m, k], { dtype });
        const y = dg.randn([b, n, k], { dtype }).transpose(1, 2);
        const addend = name === "none" ? null : make(b, m, n, dtype);
        for (const [alpha, beta, relu] of [[1, 1, false], [-0.5, 2, true]]) {
          const epilogue = { alpha, beta, addend, relu } as {
            alpha: number;
            beta: number;
            addend: dg.Tensor | null;
            relu: boolean;
          };
          const [ours, theirs] = (["kernels", "loops"] as const).map((path) => {
            const out = dg.empty([b, m, n], { dtype });
            on(path, () => dg.cpu.matmul(out, x, y, epilogue));
            return out;
          }) as [dg.Tensor, dg.Tensor];
          close(ours, theirs, `${dtype} ${name} [${[b, m, n, k]}] ${relu}`);
        }
      }
    }
  }
});

Deno.test("NaN passes a bound, and a beta of 0 passes no NaN", () => {
  for (const path of ["kernels", "loops"] as const) {
    const x = dg.ones([1, 20, 10]);
    x.at(0, 3).fill_(NaN);
    const out = dg.empty([1, 20, 12]);
    const epilogue = { alpha: -1, beta: 0, addend: null, relu: true };
    on(path, () => dg.cpu.matmul(out, x, dg.ones([1, 10, 12]), epilogue));
    assert(out.at(0, 3).isnan().sum().item() === 12, path);
    assert(out.at(0, 2).eq(0).sum().item() === 12, path);
    const zero = on(
      path,
      () =>
        dg.addmm(dg.full([12], NaN), x.at(0), dg.ones([10, 12]), { beta: 0 }),
    );
    assert(zero.isnan().sum().item() === 12, path);
  }
});
