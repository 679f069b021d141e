// A layer of plain recurrent cells over a whole sequence, in one direction, as
// one op. The backward pass through time is kernels, or public ops where it is
// to be differentiated itself.

import { MODE } from "../../grad/mode.ts";
import { IN1, IN2, type Node, OUT } from "../../grad/node.ts";
import { entrust } from "../../grad/ownership.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import { emptyTensor, toDense } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import {
  STEP_RELU,
  STEP_RELU_SLOPE,
  STEP_TANH,
  STEP_TANH_SLOPE,
} from "./recurrent_maps.ts";
import {
  arrive,
  cachedPass,
  checkSequence,
  compute,
  goBack,
  inMemoryOrder,
  type PassCache,
  passCache,
  piece,
  product,
  replaceRows,
  rightOf,
  type Sequence,
  State,
  statesBefore,
  stepWeight,
} from "./recurrent_steps.ts";

/** What bends the sums of a cell. */
export type Nonlinearity = "tanh" | "relu";

/** What a backward pass through time finds. */
interface Gradients {
  /** Of the sums. */
  readonly sums: Tensor;
  /** Of the states that the layer started from. */
  readonly hidden: Tensor;
}

interface Context {
  readonly sequence: Sequence;
  readonly nonlinearity: Nonlinearity;
  readonly cache: PassCache<Gradients>;
}

function forward(
  x: Tensor,
  h0: Tensor,
  weight: Tensor,
  { sequence, nonlinearity }: Context,
): Tensor[] {
  const n = h0.shape[1]!;
  const all = emptyTensor(x.storage.device, x.info, [x.shape[0]!, n]);
  const hidden = new State(h0, all, sequence);
  const { matrix: turned, transposed } = stepWeight(weight, sequence);
  const matrix = rightOf(piece(turned, 0, n), transposed);
  const { kernel } = nonlinearity === "tanh" ? STEP_TANH : STEP_RELU;
  sequence.spans.forEach(({ start, count }, k) => {
    const h = piece(all, start, count);
    product(
      h,
      hidden.before(k),
      matrix,
      piece(x, start, count),
    );
    compute(kernel, h, h);
    hidden.advance(k);
  });
  return [all, hidden.last()];
}

/** Backward through time by kernels. */
function sweep(n: Node, { sequence, nonlinearity }: Context): Gradients {
  const states = n.output(0);
  const weight = n.input(2);
  const size = weight.shape[1]!;
  const [ofAll, last] = n.grads!;
  const all = ofAll == null ? null : toDense(ofAll);
  const hidden = last?.clone() ?? states.newZeros([sequence.batch, size]);
  const sums = emptyTensor(states.storage.device, states.info, states.shape);
  const matrix = rightOf(piece(weight, 0, size), false);
  const { kernel } = nonlinearity === "tanh"
    ? STEP_TANH_SLOPE
    : STEP_RELU_SLOPE;
  arrive(hidden, all, sequence.spans.at(-1));
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const h = piece(hidden, 0, count);
    const found = piece(sums, start, count);
    compute(kernel, found, h, piece(states, start, count));
    goBack(hidden, found, matrix, all, sequence, k);
  }
  return { sums, hidden };
}

/** The same by public ops. */
function differentiableSweep(n: Node, o: Context): Gradients {
  const { sequence, nonlinearity } = o;
  const states = n.output(0);
  const weight = n.input(2);
  const [all, last] = n.grads!;
  let hidden = last ?? states.newZeros([sequence.batch, weight.shape[1]!]);
  const parts: Tensor[] = [];
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const y = states.narrow(0, start, count);
    let h = hidden.narrow(0, 0, count);
    if (all != null) h = h.add(all.narrow(0, start, count));
    const sums = nonlinearity === "tanh"
      ? h.mul(y.mul(y).neg().add(1))
      : h.mul(y.gt(0));
    parts.push(sums);
    hidden = replaceRows(hidden, sums.mm(weight));
  }
  // They were listed in the opposite order.
  return { sums: inMemoryOrder(parts, !sequence.reverse), hidden };
}

function gradients(n: Node, o: Context): Gradients {
  const askers = n.edges.filter((edge) => edge !== null).length;
  return cachedPass(
    o.cache,
    n.grads!,
    askers,
    () => MODE.grad ? differentiableSweep(n, o) : sweep(n, o),
  );
}

const READ = IN2 | OUT;

const RNN = defineMulti<Context>({
  name: "rnn",
  node: "RnnBackward0",
  forward: ([x, h0, weight], o) => forward(x!, h0!, weight!, o),
  vjps: [
    (_g, n, o) => gradients(n, o).sums,
    (_g, n, o) => gradients(n, o).hidden,
    (_g, n, o) => {
      const before = statesBefore(n.input(1), n.output(0), o.sequence);
      return gradients(n, o).sums.t().mm(before);
    },
  ],
  saves: [READ, READ, READ | IN1],
});

/** What {@linkcode rnnSequence} gives. */
export interface RnnResults {
  /** The states after each step, laid out as the input. */
  readonly all: Tensor;
  /** The state of each sequence after its last step. */
  readonly hidden: Tensor;
}

/**
 * Runs plain recurrent cells over a sequence: `x` are the inputs times their
 * weights, biases included, a row per step and sequence; `weight` is that of the
 * states.
 */
export function rnnSequence(
  x: Tensor,
  h0: Tensor,
  weight: Tensor,
  nonlinearity: Nonlinearity,
  sequence: Sequence,
): RnnResults {
  checkSequence("rnn", sequence, 1, x, weight, [h0]);
  const context: Context = { sequence, nonlinearity, cache: passCache() };
  const [all, hidden, ...rest] = runMulti(RNN, [x, h0, weight], context);
  entrust(all!, rest);
  return { all: all!, hidden: hidden! };
}
