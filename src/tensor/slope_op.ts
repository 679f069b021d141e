// Derivatives of elementwise ops in one kernel. A rule says the derivative in
// public ops, of which every order exists; the slope says the same, step by
// step, as one expression, for passes that are not recorded.

import { MODE } from "../grad/mode.ts";
import { IN0, IN1, type Node, type Vjp } from "../grad/node.ts";
import type { Expr } from "./expr.ts";
import { map2, map3, type MapOp, unlisted } from "./map_op.ts";
import type { Tensor } from "./tensor.ts";

/** Which value of a node an expression reads: {@linkcode IN0}, {@linkcode IN1}, or else the output. */
function valueOf(n: Node, bit: number): Tensor {
  return bit === IN0 ? n.input(0) : bit === IN1 ? n.input(1) : n.output();
}

/** Names of slopes, for those who look at what ran. */
export const SLOPES: MapOp[] = [];

/** Makes the kernel of a slope: the gradient comes first, then what it is read beside. */
export function slopeOp(
  name: string,
  arity: 2 | 3,
  kernel: (...x: Expr[]) => Expr,
): MapOp {
  const op = unlisted({ name: `${name}Backward`, arity, kernel, samples: [] });
  SLOPES.push(op);
  return op;
}

/**
 * A rule of an elementwise op, in one kernel where nobody records it. `reads`
 * are one or two values of the node, as bits of `saves`, which `slope` gets
 * after the gradient; params are the op's.
 */
export function slopeRule(
  name: string,
  reads: readonly [number] | readonly [number, number],
  slope: (g: Expr, ...x: Expr[]) => Expr,
  rule: Vjp<readonly number[]>,
): Vjp<readonly number[]> {
  const [first, second] = reads;
  const op = slopeOp(name, second === undefined ? 2 : 3, slope as never);
  return (g, n, params) => {
    // In 16 bits each step of the rule rounds.
    if (MODE.grad || g.info.bytes < 4) return rule(g, n, params);
    const x = valueOf(n, first);
    if (x.info !== g.info) return rule(g, n, params);
    if (second === undefined) return map2(op, g, x, params);
    const y = valueOf(n, second);
    if (y.info !== g.info) return rule(g, n, params);
    return map3(op, g, x, y, params);
  };
}
