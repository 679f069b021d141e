// Kernels that change several operands in one pass, as loops in JavaScript:
// they serve small operands and those of any strides.

import type { Strided, TypedArray, UpdateKernel } from "../tensor/device.ts";
import type { DTypeInfo } from "../tensor/dtype.ts";
import { type Expr, printAll } from "../tensor/expr.ts";
import { broadcastStrides, forEachOuter, mergeDims } from "./geometry.ts";
import {
  compileSource,
  hoistParams,
  kindOf,
  load,
  spelling,
  store,
} from "./spelling.ts";
import type { CpuStorage } from "./storage.ts";

/** Does `n` elements: operands by array, first position and distance. */
type Loop = (
  n: number,
  arrays: readonly TypedArray[],
  at: readonly number[],
  steps: readonly number[],
  p: readonly number[],
) => void;

const LOOPS: (Loop | undefined)[] = [];

function compile({ bodies }: UpdateKernel, info: DTypeInfo): Loop {
  const kind = kindOf(info);
  const changed = bodies.flatMap((body, k) => body === null ? [] : [k]);
  const { definitions, results } = printAll(
    bodies.filter((body): body is Expr => body !== null),
    spelling(kind, bodies.map((_, k) => `X${k}`)),
  );
  const each = (text: (k: number) => string) =>
    bodies.map((_, k) => text(k)).join("");
  const inside =
    each((k) => `const X${k}=${load(info, kind, `a${k}[i${k}]`)};`) +
    definitions.join("") +
    changed.map((k, j) => `const R${k}=${results[j]!};`).join("") +
    changed.map((k) => `a${k}[i${k}]=${store(info, kind, `R${k}`)};`).join("") +
    each((k) => `i${k}+=s${k};`);
  const before = each((k) =>
    `const a${k}=a[${k}],s${k}=s[${k}];let i${k}=at[${k}];`
  );
  return compileSource(
    `(n,a,at,s,p)=>{${
      hoistParams(kind, inside)
    }${before}for(let i=0;i<n;i++){${inside}}}`,
  );
}

// One call at a time: the lists are made once.
const ARRAYS: TypedArray[] = [];
const AT: number[] = [];
const ONES: readonly number[] = new Array<number>(8).fill(1);

/** Changes operands in place; see `Device.update`. */
export function runUpdate(
  kernel: UpdateKernel,
  operands: readonly Strided[],
  params: readonly number[],
): void {
  const { info, count, shape } = operands[0]!;
  if (count === 0) return;
  const key = kernel.id * 10 + info.code;
  const loop = LOOPS[key] ??= compile(kernel, info);
  let dense = true;
  for (let k = 0; k < operands.length; k++) {
    const x = operands[k]!;
    const { data, base } = x.storage as CpuStorage;
    ARRAYS[k] = data;
    AT[k] = base + x.offset;
    if (!x.dense) dense = false;
  }
  if (dense) loop(count, ARRAYS, AT, ONES, params);
  else {
    const walk = mergeDims(
      shape,
      operands.map((x) => broadcastStrides(x, shape)),
    );
    const last = walk.shape.length - 1;
    const steps = walk.strides.map((s) => s[last]!);
    const n = walk.shape[last]!;
    const start = AT.slice(0, operands.length);
    forEachOuter(walk, start, 1, (at) => loop(n, ARRAYS, at, steps, params));
  }
  // What is not needed any more must not be kept alive.
  ARRAYS.length = 0;
}
