// A layer of LSTM cells over a whole sequence, in one direction, as one op: a
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
import { STEP_SIGMOID, STEP_TANH } from "./recurrent_maps.ts";
import {
  arrive,
  cachedPass,
  change,
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
  rowsBefore,
  type Sequence,
  State,
  statesBefore,
  stepWeight,
} from "./recurrent_steps.ts";
import {
  LSTM_BACK_CELL,
  LSTM_BACK_STATE,
  LSTM_STEP,
} from "./recurrent_updates.ts";

/** What a backward pass through time finds. */
interface Gradients {
  /** Of the sums that enter the gates. */
  readonly gates: Tensor;
  /** Of the states that the layer started from. */
  readonly hidden: Tensor;
  readonly cell: Tensor;
}

interface Context {
  readonly sequence: Sequence;
  readonly cache: PassCache<Gradients>;
}

// Outputs: states of all steps, last state, last cell; and for the rules only
// what the gates let through (input, forget, candidate, output) and the cells.
const ALL = OUT;
const GATES = OUT << 3;
const CELLS = OUT << 4;

function forward(
  x: Tensor,
  h0: Tensor,
  c0: Tensor,
  weight: Tensor,
  sequence: Sequence,
): Tensor[] {
  const { device } = x.storage;
  const n = h0.shape[1]!;
  const rows = x.shape[0]!;
  const all = emptyTensor(device, x.info, [rows, n]);
  const cells = emptyTensor(device, x.info, [rows, n]);
  const gates = emptyTensor(device, x.info, [rows, 4 * n]);
  const hidden = new State(h0, all, sequence);
  const cell = new State(c0, cells, sequence);
  const { matrix: turned, transposed } = stepWeight(weight, sequence);
  const matrix = rightOf(piece(turned, 0, turned.shape[0]!), transposed);
  sequence.spans.forEach(({ start, count }, k) => {
    const sums = piece(gates, start, count);
    const addend = piece(x, start, count);
    product(sums, hidden.before(k), matrix, addend);
    const gate = (g: number) => piece(gates, start, count, g * n, n);
    // Functions alone are faster in kernels of their own.
    const open = piece(gates, start, count, 0, 2 * n);
    compute(STEP_SIGMOID.kernel, open, open);
    compute(STEP_TANH.kernel, gate(2), gate(2));
    compute(STEP_SIGMOID.kernel, gate(3), gate(3));
    change(
      LSTM_STEP,
      ...[gate(0), gate(1), gate(2), gate(3)],
      cell.before(k),
      piece(cells, start, count),
      piece(all, start, count),
    );
    hidden.advance(k);
    cell.advance(k);
  });
  return [all, hidden.last(), cell.last(), gates, cells];
}

/** Backward through time by kernels. */
function sweep(n: Node, sequence: Sequence): Gradients {
  const gates = n.output(3);
  const cells = n.output(4);
  const weight = n.input(3);
  const { device } = gates.storage;
  const [rows, width] = gates.shape as [number, number];
  const size = width / 4;
  const before = rowsBefore(n.input(2), cells, sequence);
  const [ofAll, last, lastCell] = n.grads!;
  const all = ofAll == null ? null : toDense(ofAll);
  const states = [sequence.batch, size];
  const hidden = last?.clone() ?? gates.newZeros(states);
  const cell = lastCell?.clone() ?? gates.newZeros(states);
  const found = emptyTensor(device, gates.info, [rows, width]);
  const matrix = rightOf(piece(weight, 0, width), false);
  arrive(hidden, all, sequence.spans.at(-1));
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const gate = (g: number) => piece(gates, start, count, g * size, size);
    const into = (g: number) => piece(found, start, count, g * size, size);
    const c = piece(cell, 0, count);
    const own = piece(cells, start, count);
    const h = piece(hidden, 0, count);
    change(LSTM_BACK_STATE, own, gate(3), h, c, into(3));
    change(
      LSTM_BACK_CELL,
      ...[gate(0), gate(1), gate(2)],
      before(k),
      c,
      ...[into(0), into(1), into(2)],
    );
    goBack(hidden, piece(found, start, count), matrix, all, sequence, k);
  }
  return { gates: found, hidden, cell };
}

/** The same by public ops; gradients may enter at the gates and cells as well. */
function differentiableSweep(n: Node, sequence: Sequence): Gradients {
  const gates = n.output(3);
  const cells = n.output(4);
  const weight = n.input(3);
  const before = statesBefore(n.input(2), cells, sequence);
  const [all, last, lastCell, ofGates, ofCells] = n.grads!;
  const states = [sequence.batch, weight.shape[1]!];
  let hidden = last ?? gates.newZeros(states);
  let cell = lastCell ?? gates.newZeros(states);
  const parts: Tensor[] = [];
  for (let k = sequence.spans.length - 1; k >= 0; k--) {
    const { start, count } = sequence.spans[k]!;
    const rows = (x: Tensor) => x.narrow(0, start, count);
    const [i, f, g, o] = rows(gates).chunk(4, 1) as Four;
    let h = hidden.narrow(0, 0, count);
    if (all != null) h = h.add(rows(all));
    const tanh = rows(cells).tanh();
    let c = cell.narrow(0, 0, count).add(h.mul(o).mul(slope(tanh)));
    if (ofCells != null) c = c.add(rows(ofCells));
    let through = cat(
      [c.mul(g), c.mul(rows(before)), c.mul(i), h.mul(tanh)],
      1,
    );
    if (ofGates != null) through = through.add(rows(ofGates));
    const open = (y: Tensor) => y.mul(y.neg().add(1));
    const sums = through.mul(cat([open(i), open(f), slope(g), open(o)], 1));
    parts.push(sums);
    hidden = replaceRows(hidden, sums.mm(weight));
    cell = replaceRows(cell, c.mul(f));
  }
  // They were listed in the opposite order.
  const found = inMemoryOrder(parts, !sequence.reverse);
  return { gates: found, hidden, cell };
}

type Four = [Tensor, Tensor, Tensor, Tensor];

function slope(y: Tensor): Tensor {
  return y.mul(y).neg().add(1);
}

function gradients(n: Node, { sequence, cache }: Context): Gradients {
  const grads = n.grads!;
  const askers = n.edges.filter((edge) => edge !== null).length;
  return cachedPass(cache, grads, askers, () => {
    const plain = !MODE.grad && grads[3] == null && grads[4] == null;
    return plain ? sweep(n, sequence) : differentiableSweep(n, sequence);
  });
}

const READ = IN2 | (IN1 << 2) | GATES | CELLS;

const LSTM = defineMulti<Context>({
  name: "lstm",
  node: "LstmBackward0",
  forward: ([x, h0, c0, weight], { sequence }) =>
    forward(x!, h0!, c0!, weight!, sequence),
  vjps: [
    (_g, n, o) => gradients(n, o).gates,
    (_g, n, o) => gradients(n, o).hidden,
    (_g, n, o) => gradients(n, o).cell,
    (_g, n, o) => {
      const before = statesBefore(n.input(1), n.output(0), o.sequence);
      return gradients(n, o).gates.t().mm(before);
    },
  ],
  saves: [READ, READ, READ, READ | IN1 | ALL],
});

/** What {@linkcode lstmSequence} gives. */
export interface LstmResults {
  /** The states after each step, laid out as the input. */
  readonly all: Tensor;
  /** The state of each sequence after its last step. */
  readonly hidden: Tensor;
  /** The cells after the last step. */
  readonly cell: Tensor;
}

/**
 * Runs LSTM cells over a sequence: `x` are the inputs times their weights, biases
 * included, a row per step and sequence; `weight` is that of the states.
 */
export function lstmSequence(
  x: Tensor,
  h0: Tensor,
  c0: Tensor,
  weight: Tensor,
  sequence: Sequence,
): LstmResults {
  checkSequence("lstm", sequence, 4, x, weight, [h0, c0]);
  const context: Context = { sequence, cache: passCache() };
  const inputs = [x, h0, c0, weight];
  const [all, hidden, cell, ...rest] = runMulti(LSTM, inputs, context);
  entrust(all!, rest);
  return { all: all!, hidden: hidden!, cell: cell! };
}
