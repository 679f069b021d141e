// The elementwise kernels of recurrent cells, forward and backward. They write
// into pieces of larger tensors and have no derivatives of their own: those of
// the cells are beside the cells.

import { call, type Expr } from "../expr.ts";
import { defineMap, type MapOp } from "../map_op.ts";

function sigmoidSlope(y: Expr): Expr {
  return call("mul", y, call("sub", 1, y));
}

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

/** The product of two numbers. */
export const STEP_MUL: MapOp = defineMap({
  name: "stepMul",
  arity: 2,
  kernel: (x, y) => call("mul", x, y),
  samples: [[1, 2], [-3, 0.5]],
});

/** A product, added to something. */
export const STEP_MUL_ADD: MapOp = defineMap({
  name: "stepMulAdd",
  arity: 3,
  kernel: (x, y, z) => call("add", call("mul", x, y), z),
  samples: [[1, 2, 3], [-3, 0.5, 0.25]],
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

/** The product with a hyperbolic tangent. */
export const STEP_TANH_MUL: MapOp = defineMap({
  name: "stepTanhMul",
  arity: 2,
  float: true,
  kernel: (x, y) => call("mul", x, call("tanh", y)),
  samples: [[0.5, 2], [-3, 0.5]],
});

/** The gradient through a hyperbolic tangent: gradient, result. */
export const STEP_TANH_SLOPE: MapOp = defineMap({
  name: "stepTanhSlope",
  arity: 2,
  kernel: (g, y) => call("mul", g, tanhSlope(y)),
  samples: [[2, 0.5], [-3, 0.25]],
});

/** The gradient through a logistic function: gradient, factor, result. */
export const STEP_SIGMOID_SLOPE: MapOp = defineMap({
  name: "stepSigmoidSlope",
  arity: 3,
  kernel: (g, x, y) => call("mul", call("mul", g, x), sigmoidSlope(y)),
  samples: [[2, 3, 0.5], [-3, 1, 0.25]],
});

/** The gradient through a hyperbolic tangent: gradient, factor, result. */
export const STEP_FACTOR_TANH_SLOPE: MapOp = defineMap({
  name: "stepFactorTanhSlope",
  arity: 3,
  kernel: (g, x, y) => call("mul", call("mul", g, x), tanhSlope(y)),
  samples: [[2, 3, 0.5], [-3, 1, 0.25]],
});

/** The gradient through a logistic function: gradient, result. */
export const STEP_DOOR_SLOPE: MapOp = defineMap({
  name: "stepDoorSlope",
  arity: 2,
  kernel: (g, y) => call("mul", g, sigmoidSlope(y)),
  samples: [[2, 0.5], [-3, 0.25]],
});

/** What a gate blends: one value where it is open, else the other. */
export const STEP_BLEND: MapOp = defineMap({
  name: "stepBlend",
  arity: 3,
  kernel: (x, y, gate) => call("add", y, call("mul", gate, call("sub", x, y))),
  samples: [[2, 3, 0.5], [-3, 1, 0.25]],
});

/** The gradient of the gate of {@linkcode STEP_BLEND}: gradient, both values. */
export const STEP_BLEND_SLOPE: MapOp = defineMap({
  name: "stepBlendSlope",
  arity: 3,
  kernel: (g, x, y) => call("mul", g, call("sub", x, y)),
  samples: [[2, 3, 0.5], [-3, 1, 0.25]],
});

/** What a gate lets through that is closed as far as the other is open. */
export const STEP_OTHER_MUL: MapOp = defineMap({
  name: "stepOtherMul",
  arity: 2,
  kernel: (x, gate) => call("mul", x, call("sub", 1, gate)),
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
