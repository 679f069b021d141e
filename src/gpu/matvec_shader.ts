// Products of a matrix and a vector, which read every element of the matrix
// once: neighbouring threads read neighbouring elements, whichever way it lies.
// Threads share each sum and add up their parts by a tree.

import { elementOf } from "./element.ts";
import {
  AT,
  printKeep,
  printTask,
  printVector,
  type Product,
  type Readings,
} from "./product.ts";
import { type Source, word } from "./program.ts";
import { declareTree, printTree, type Tree } from "./workgroup_tree.ts";

const THREADS = 256;

/** How threads lie: along the inner dimension, and along the results. */
export interface VectorTiling {
  /** Threads that share a sum. */
  readonly shares: number;
  /** Results of a workgroup. */
  readonly results: number;
  /** Whether a thread has four neighbouring results, or one and four inner elements at a time. */
  readonly across: boolean;
}

/** The tiling of a product of two vectors. */
export const DOT_TILING: VectorTiling = {
  shares: THREADS,
  results: 1,
  across: false,
};

/** The tiling for a matrix that is read one way. */
export function vectorTiling(inner: boolean): VectorTiling {
  return inner
    ? { shares: 32, results: THREADS / 32, across: false }
    : { shares: 8, results: THREADS / 8 * 4, across: true };
}

/** How many inner elements a turn of a thread goes on. */
export function reachOf({ shares, across }: VectorTiling): number {
  return across ? shares : shares * 4;
}

/** Prints the product; `row` tells that the left operand is the vector. */
export function printVectorProduct(
  tiling: VectorTiling,
  row: boolean,
  product: Product,
  reading: Readings,
  lanes: number,
): Source {
  const { shares, results, across } = tiling;
  const { kind } = elementOf(product.x.info);
  const matrix = row ? "y" : "x";
  const vector = row ? "x" : "y";
  const base = `${matrix}0`;
  const count = row ? "n" : "m";
  const keep = (value: string) =>
    row
      ? `keep(${value}, b, 0, result, out0);`
      : `keep(${value}, b, result, 0, out0);`;
  // The vector's elements lie along its inner dimension, whatever its stride.
  const stride = word(AT[vector] + (row ? 3 : 2));
  const one = (k: string) =>
    `${kind}(load_${vector}(${vector}0 + (${k}) * ${stride}))`;
  const type = across ? `vec4<${kind}>` : kind;
  const partners = THREADS / shares;
  const walk = across
    ? `let result0 = first + along * 4;
for (var k = begin + share; k < end; k += ${shares}) {
  acc = acc + ${
      one("k")
    } * vector_${matrix}(${base}, result0, k, vec2<i32>(${count}, end));
}`
    : `for (var k = begin + share * 4; k < end; k += ${shares * 4}) {
  let v = vector_${matrix}(${base}, k, first + along, vec2<i32>(end, ${count}));
${
      ["x", "y", "z", "w"].map((lane, j) =>
        `  if (k + ${j} < end) { acc = acc + v.${lane} * ${one(`k + ${j}`)}; }`
      ).join("\n")
    }
}`;
  const stores = across
    ? ["x", "y", "z", "w"].map((lane, j) =>
      `{ let result = first + along * 4 + ${j}; if (result < ${count}) { ${
        keep(`total.${lane}`)
      } } }`
    )
    : [
      `{ let result = first + along; if (result < ${count}) { ${
        keep("total")
      } } }`,
    ];
  // Threads of one sum lie side by side where they read side by side.
  const [share, along] = across
    ? [`i32(lane) / ${partners}`, `i32(lane) % ${partners}`]
    : [`i32(lane) % ${shares}`, `i32(lane) / ${shares}`];
  const tree: Tree = {
    threads: shares,
    near: across ? partners : 1,
    type,
    acc: "acc",
    all: false,
    combine: (a, b) => `${a} + ${b}`,
  };
  return {
    threads: [THREADS, 1, 1],
    declarations: `${printKeep(product, kind)}
${printVector(matrix, product[matrix], reading[matrix], kind)}
${declareTree(tree, lanes)}`,
    body: `${printTask()}
let first = ${row ? "across" : "down"} * ${results};
let share = ${share};
let along = ${along};
var acc = ${type}();
${walk}
${printTree(tree, lanes)}
if (inside && share == 0) {
  let total = acc;
${stores.join("\n")}
}`,
  };
}
