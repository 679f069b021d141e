// What recurrent cells compute between two products, each direction in one pass
// or two over the pieces of memory that a step works on. Knows neither sequences
// nor products; derivatives of the cells are beside the cells.

import type { UpdateKernel } from "../device.ts";
import { call, type Expr } from "../expr.ts";
import { defineUpdate } from "../update_op.ts";

const add = (x: Expr, y: Expr): Expr => call("add", x, y);
const mul = (x: Expr, y: Expr): Expr => call("mul", x, y);
const tanh = (x: Expr): Expr => call("tanh", x);
const rest = (x: Expr): Expr => call("sub", 1, x);

/** The slope of the logistic function, from its result. */
function sigmoidSlope(y: Expr): Expr {
  return mul(y, rest(y));
}

/** The slope of the hyperbolic tangent, from its result. */
function tanhSlope(y: Expr): Expr {
  return rest(mul(y, y));
}

/**
 * A step of an LSTM: what the gates let through (input, forget, candidate,
 * output), the cell before; and where the cell and the state after the step go.
 */
export const LSTM_STEP: UpdateKernel = defineUpdate(
  7,
  (...[i, f, g, o, before]) => {
    const cell = add(mul(i!, g!), mul(f!, before!));
    return [...[null, null, null, null, null], cell, mul(o!, tanh(cell))];
  },
);

/**
 * Back through a step of an LSTM, the state: the cell after the step, the output
 * gate, the state's gradient; the cell's gradient, which grows by what arrives
 * through the state; and where the gradient of the output gate's sum goes.
 */
export const LSTM_BACK_STATE: UpdateKernel = defineUpdate(
  5,
  (...[cell, output, state, found]) => {
    const bent = tanh(cell!);
    const through = mul(mul(state!, output!), tanhSlope(bent));
    const sum = mul(mul(state!, bent), sigmoidSlope(output!));
    return [null, null, null, add(found!, through), sum];
  },
);

/**
 * Back through a step of an LSTM, the cell: what the other three gates let
 * through, the cell before, the cell's gradient, which becomes that of the cell
 * before; and where the gradients of the three sums go.
 */
export const LSTM_BACK_CELL: UpdateKernel = defineUpdate(
  8,
  (...[i, f, g, before, cell]) => [
    ...[null, null, null, null],
    mul(cell!, f!),
    mul(mul(cell!, g!), sigmoidSlope(i!)),
    mul(mul(cell!, before!), sigmoidSlope(f!)),
    mul(mul(cell!, i!), tanhSlope(g!)),
  ],
);

/**
 * A step of a GRU, the candidate and the state: the reset and the update gate;
 * where the candidate goes; what the reset gate sees, the input's part of the
 * candidate, the state before; and where the state goes.
 */
export const GRU_STEP: UpdateKernel = defineUpdate(
  7,
  (...[r, z, _, seen, entering, before]) => {
    const fresh = tanh(add(mul(r!, seen!), entering!));
    const kept = mul(z!, call("sub", before!, fresh));
    return [null, null, fresh, null, null, null, add(fresh, kept)];
  },
);

/**
 * Back through a step of a GRU, the blend: the state's gradient, the update gate,
 * the candidate, the state before; and where go the gradient that skips the step
 * and those of the candidate's and, twice, of the update gate's sums.
 */
export const GRU_BACK_BLEND: UpdateKernel = defineUpdate(
  8,
  (...[state, z, fresh, before]) => {
    const gate = mul(state!, call("sub", before!, fresh!));
    const sum = mul(gate, sigmoidSlope(z!));
    return [
      ...[null, null, null, null],
      mul(state!, z!),
      mul(mul(state!, rest(z!)), tanhSlope(fresh!)),
      sum,
      sum,
    ];
  },
);

/**
 * Back through a step of a GRU, the candidate: the gradient of its sum, what the
 * reset gate saw, that gate; and where go the gradients, twice, of the reset
 * gate's sum and of what it saw.
 */
export const GRU_BACK_RESET: UpdateKernel = defineUpdate(
  6,
  (...[fresh, seen, r]) => {
    const sum = mul(mul(fresh!, seen!), sigmoidSlope(r!));
    return [null, null, null, sum, sum, mul(fresh!, r!)];
  },
);
