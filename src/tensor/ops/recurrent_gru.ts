// A layer of GRU cells over a whole sequence, in one direction, as one op: a
// product and a handful of kernels per step, none of which is recorded. The
// backward pass through time is kernels too, or public ops where it is to be
// differentiated itself.

import { MODE } from "../../grad/mode.ts";
import { IN1, IN2, type Node, OUT } from "../../grad/node.ts";
import { entrust } from "../../grad/ownership.ts";
import { defineMulti, runMulti } from "../kernel_op.ts";
import { emptyTensor, toDense } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { cat } from "./joining.ts";
import { STEP_SIGMOID } from "./recurrent_maps.ts";
import {
  arrive,
  cachedPass,
  change,
  checkSequence,
  compute,
  inMemoryOrder,
  type PassCache,
  passCache,
  piece,
  product,
  replaceRows,
  rightOf,
  rowsBefore,
  type Sequence,
  State,
  statesBefore,
  stepWeight,
} from "./recurrent_steps.ts";
import {
  GRU_BACK_BLEND,
  GRU_BACK_RESET,
  GRU_STEP,
} from "./recurrent_updates.ts";

/** What a backward pass through time finds. */
interface Gradients {
  /** Of the sums that come from the inputs. */
  readonly inputs: Tensor;
  /** Of the sums that come from the states. */
  readonly states: Tensor;
  /** Of the states that the layer started from. */
  readonly hidden: Tensor;
}

interface Context {
  readonly sequence: Sequence;
  readonly cache: PassCache<Gradients>;
}

// Outputs: states of all steps, last state; and for the rules only what the
// gates let through (reset, update, candidate) and what the reset gate sees.
const ALL = OUT;
const GATES = OUT << 2;
const RECALLED = OUT << 3;

function forward(
  x: Tensor,
  h0: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  sequence: Sequence,
): Tensor[] {
  const { device } = x.storage;
  const n = h0.shape[1]!;
  const rows = x.shape[0]!;
  const make = (columns: number) =>
    emptyTensor(device, x.info, [rows, columns]);
  const all = make(n);
  const gates = make(3 * n);
  const recalled = make(n);
  const hidden = new State(h0, all, sequence);
  const { matrix, transposed } = stepWeight(weight, sequence);
  const columns = (from: number, some: number) =>
    transposed
      ? rightOf(piece(matrix, from, some), true)
      : rightOf(piece(matrix, 0, n, from, some), false);
  const doors = columns(0, 2 * n);
  const memory = columns(2 * n, n);
  const biases = bias === null ? null : bias.reshape([1, 3 * n]);
  // The bias of the doors belongs to the sums that they start from.
  const sums = biases === null ? x : x.add(biases);
  const recall = biases?.narrow(1, 2 * n, n).expand([sequence.batch, n]);
  sequence.spans.forEach(({ start, count }, k) => {
    const h = hidden.before(k);
    const open = piece(gates, start, count, 0, 2 * n);
    product(open, h, doors, piece(sums, start, count, 0, 2 * n));
    compute(STEP_SIGMOID.kernel, open, open);
    const seen = piece(recalled, start, count);
    const added = recall === undefined ? null : piece(recall, 0, count);
    product(seen, h, memory, added);
    const gate = (g: number) => piece(gates, start, count, g * n, n);
    change(
      GRU_STEP,
      ...[gate(0), gate(1), gate(2)],
      seen,
      piece(x, start, count, 2 * n, n),
      h,
      piece(all, start, count),
    );
    hidden.advance(k);
  });
  return [all, hidden.last(), gates, recalled];
}

/** Backward through time by kernels. */
function sweep(n: Node, sequence: Sequence): Gradients {
  const gates = n.output(2);
  const recalled = n.output(3);
  const weight = n.input(2);
  const { device } = gates.storage;
  const [rows, width] = gates.shape as [number, number];
  const size = width / 3;
  const before = rowsBefore(n.input(1), n.output(0), sequence);
  const [ofAll, last] = n.grads!;
  const all = ofAll == null ? null : toDense(ofAll);
  const shape = [sequence.batch, size];
  const hidden = last?.clone() ?? gates.newZeros(shape);
  const inputs = emptyTensor(device, gates.info, [rows, width]);
  const states = emptyTensor(device, gates.info, [rows, width]);
  const kept = emptyTensor(device, gates.info, shape);
  const matrix = rightOf(piece(weight, 0, width), false);
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const gate = (x: Tensor, g: number) =>
      piece(x, start, count, g * size, size);
    const h = piece(hidden, 0, count);
    const own = piece(kept, 0, count);
    const fresh = gate(inputs, 2);
    arrive(hidden, all, sequence.spans[k]);
    change(
      GRU_BACK_BLEND,
      ...[h, gate(gates, 1), gate(gates, 2), before(k)],
      ...[own, fresh, gate(inputs, 1), gate(states, 1)],
    );
    change(
      GRU_BACK_RESET,
      ...[fresh, piece(recalled, start, count), gate(gates, 0)],
      ...[gate(inputs, 0), gate(states, 0), gate(states, 2)],
    );
    product(h, piece(states, start, count), matrix, own);
  }
  return { inputs, states, hidden };
}

/** The same by public ops; gradients may enter at the gates and behind them as well. */
function differentiableSweep(n: Node, sequence: Sequence): Gradients {
  const gates = n.output(2);
  const recalled = n.output(3);
  const weight = n.input(2);
  const before = statesBefore(n.input(1), n.output(0), sequence);
  const [all, last, ofGates, ofRecalled] = n.grads!;
  let hidden = last ?? gates.newZeros([sequence.batch, weight.shape[1]!]);
  const inputs: Tensor[] = [];
  const states: Tensor[] = [];
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const rows = (x: Tensor) => x.narrow(0, start, count);
    const [r, z, y] = rows(gates).chunk(3, 1) as Three;
    const extra = ofGates == null ? null : rows(ofGates).chunk(3, 1) as Three;
    const plus = (x: Tensor, g: number) =>
      extra === null ? x : x.add(extra[g]!);
    let h = hidden.narrow(0, 0, count);
    if (all != null) h = h.add(rows(all));
    const fresh = plus(h.mul(z.neg().add(1)), 2)
      .mul(y.mul(y).neg().add(1));
    const open = (x: Tensor) => x.mul(x.neg().add(1));
    const update = plus(h.mul(rows(before).sub(y)), 1).mul(open(z));
    const reset = plus(fresh.mul(rows(recalled)), 0).mul(open(r));
    let seen = fresh.mul(r);
    if (ofRecalled != null) seen = seen.add(rows(ofRecalled));
    inputs.push(cat([reset, update, fresh], 1));
    const sums = cat([reset, update, seen], 1);
    states.push(sums);
    hidden = replaceRows(hidden, h.mul(z).add(sums.mm(weight)));
  }
  // They were listed in the opposite order.
  const order = !sequence.reverse;
  return {
    inputs: inMemoryOrder(inputs, order),
    states: inMemoryOrder(states, order),
    hidden,
  };
}

type Three = [Tensor, Tensor, Tensor];

function gradients(n: Node, { sequence, cache }: Context): Gradients {
  const grads = n.grads!;
  const askers = n.edges.filter((edge) => edge !== null).length;
  return cachedPass(cache, grads, askers, () => {
    const plain = !MODE.grad && grads[2] == null && grads[3] == null;
    return plain ? sweep(n, sequence) : differentiableSweep(n, sequence);
  });
}

const READ = IN1 | IN2 | ALL | GATES | RECALLED;

const GRU = defineMulti<Context>({
  name: "gru",
  node: "GruBackward0",
  forward: ([x, h0, weight, bias], { sequence }) =>
    forward(x!, h0!, weight!, bias ?? null, sequence),
  vjps: [
    (_g, n, o) => gradients(n, o).inputs,
    (_g, n, o) => gradients(n, o).hidden,
    (_g, n, o) => {
      const before = statesBefore(n.input(1), n.output(0), o.sequence);
      return gradients(n, o).states.t().mm(before);
    },
    (_g, n, o) => gradients(n, o).states.sum(0),
  ],
  saves: [READ, READ, READ, READ],
});

/** What {@linkcode gruSequence} gives. */
export interface GruResults {
  /** The states after each step, laid out as the input. */
  readonly all: Tensor;
  /** The state of each sequence after its last step. */
  readonly hidden: Tensor;
}

/**
 * Runs GRU cells over a sequence: `x` are the inputs times their weights, their
 * biases included, a row per step and sequence; `weight` and `bias` are those of
 * the states.
 */
export function gruSequence(
  x: Tensor,
  h0: Tensor,
  weight: Tensor,
  bias: Tensor | null,
  sequence: Sequence,
): GruResults {
  checkSequence("gru", sequence, 3, x, weight, [h0]);
  const inputs = bias === null ? [x, h0, weight] : [x, h0, weight, bias];
  const context: Context = { sequence, cache: passCache() };
  const [all, hidden, ...rest] = runMulti(GRU, inputs, context);
  entrust(all!, rest);
  return { all: all!, hidden: hidden! };
}
