// Ops of floating-point numbers that PyTorch computes and has no derivative
// for: they are recorded, and a backward pass that reaches them fails.

import type { Vjp } from "../grad/node.ts";
import { RuntimeError } from "./errors.ts";
import type { MapOp } from "./map_op.ts";

/** The same op without a derivative, under the name that PyTorch records. */
export function notDifferentiable(op: MapOp, name: string): MapOp {
  const fail: Vjp<unknown> = () => {
    throw new RuntimeError(
      `derivative for ${name} is not implemented`,
      "detach() the operands where no gradient is wanted",
    );
  };
  return {
    ...op,
    name,
    node: "NotImplemented",
    vjps: new Array<Vjp>(op.kernel.arity).fill(fail),
    saves: [],
  };
}
