// The elementwise kernels of recurrent cells that change one piece of memory each;
// recurrent_updates.ts has those that change several. They write into pieces of larger tensors and have
// no derivatives of their own: those of the cells are beside the cells.

import { call, type Expr } from "../expr.ts";
import { defineMap, type MapOp } from "../map_op.ts";

function tanhSlope(y: Expr): Expr {
  return call("sub", 1, call("mul", y, y));
}

/** The sum of two numbers. */
export const STEP_ADD: MapOp = defineMap({
  name: "stepAdd",
  arity: 2,
  kernel: (x, y) => call("add", x, y),
  samples: [[1, 2], [-3, 0.5]],
});

/** The logistic function. */
export const STEP_SIGMOID: MapOp = defineMap({
  name: "stepSigmoid",
  arity: 1,
  float: true,
  kernel: (x) => call("div", 1, call("add", 1, call("exp", call("neg", x)))),
  samples: [[0], [1.2], [-3]],
});

/** The hyperbolic tangent. */
export const STEP_TANH: MapOp = defineMap({
  name: "stepTanh",
  arity: 1,
  float: true,
  kernel: (x) => call("tanh", x),
  samples: [[0], [1.2], [-3]],
});

/** The gradient through a hyperbolic tangent: gradient, result. */
export const STEP_TANH_SLOPE: MapOp = defineMap({
  name: "stepTanhSlope",
  arity: 2,
  kernel: (g, y) => call("mul", g, tanhSlope(y)),
  samples: [[2, 0.5], [-3, 0.25]],
});

/** Zero where it is negative. */
export const STEP_RELU: MapOp = defineMap({
  name: "stepRelu",
  arity: 1,
  kernel: (x) => call("max", x, 0),
  samples: [[2], [-3], [0]],
});

/** The gradient through {@linkcode STEP_RELU}: gradient, result. */
export const STEP_RELU_SLOPE: MapOp = defineMap({
  name: "stepReluSlope",
  arity: 2,
  kernel: (g, y) => call("select", call("gt", y, 0), g, 0),
  samples: [[2, 0.5], [-3, 0]],
});
