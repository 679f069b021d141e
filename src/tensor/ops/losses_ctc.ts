// Connectionist temporal classification: the loss of a sequence of labels whose
// places in a longer sequence are not known.

import { IN0, type Node } from "../../grad/node.ts";
import { INT64 } from "../dtype.ts";
import { RuntimeError } from "../errors.ts";
import { isTensor } from "../is_tensor.ts";
import { defineKernel, run, unrecorded } from "../kernel_op.ts";
import { checkReduction, type Reduction } from "../loss_op.ts";
import { emptyTensor } from "../op.ts";
import { checkOptions, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { cat, stack } from "./joining.ts";

/** Options of {@linkcode ctcLoss}. */
export interface CtcLossOptions {
  /** The class that stands for no label; 0 where not given. */
  readonly blank?: number;
  /** How the losses become the result; with `"mean"`, where not given, each is divided by the length of its target first. */
  readonly reduction?: Reduction;
  /** Whether losses of targets that do not fit count as zero. */
  readonly zeroInfinity?: boolean;
}

/**
 * Stands for the logarithm of 0: sums and differences of it are numbers, and
 * exp of what it is part of is 0.
 */
const NEVER = -1e30;

/** What the passes over time know. A state is a label or the blank beside it. */
interface CtcContext {
  /** The class of each state, [N, S]. */
  readonly classes: Tensor;
  /** 0 where a state may follow the one two before it, else {@linkcode NEVER}, [N, S]. */
  readonly skips: Tensor;
  /** 0 where a sequence may begin, and where it may end. */
  readonly begins: Tensor;
  readonly ends: Tensor;
  /** Whether a step is one of the sequence's, and its last one, [T, N, 1]. */
  readonly alive: Tensor;
  readonly last: Tensor;
}

/** The logarithms of the probabilities of each state's class, [T, N, S]. */
function emissions(x: Tensor, { classes }: CtcContext): Tensor {
  const [steps] = x.shape as [number];
  return x.gather(2, classes.expand([steps, ...classes.shape]));
}

/** States moved towards later ones by `n`, or towards earlier ones. */
function moved(x: Tensor, n: number): Tensor {
  const [rows, states] = x.shape as [number, number];
  const size = Math.min(Math.abs(n), states);
  const gap = x.newFull([rows, size], NEVER);
  return n > 0
    ? cat([gap, x.narrow(1, 0, states - size)], 1)
    : cat([x.narrow(1, size, states - size), gap], 1);
}

/** Per step, the logarithms of the probabilities to be in a state after the step. */
function forwards(emitted: Tensor, o: CtcContext): Tensor[] {
  const steps = emitted.shape[0]!;
  const first = o.begins.add(emitted.select(0, 0));
  const out = [first.where(o.alive.select(0, 0), o.begins)];
  for (let t = 1; t < steps; t++) {
    const before = out[t - 1]!;
    const now = before.logaddexp(moved(before, 1))
      .logaddexp(moved(before, 2).add(o.skips))
      .add(emitted.select(0, t));
    out.push(now.where(o.alive.select(0, t), before));
  }
  return out;
}

/** Per step, the logarithms of the probabilities of all that follows a state. */
function backwards(emitted: Tensor, o: CtcContext): Tensor[] {
  const steps = emitted.shape[0]!;
  const out = new Array<Tensor>(steps);
  out[steps - 1] = o.ends;
  for (let t = steps - 2; t >= 0; t--) {
    const next = out[t + 1]!.add(emitted.select(0, t + 1));
    const now = next.logaddexp(moved(next, -1))
      .logaddexp(moved(next.add(o.skips), -2));
    out[t] = o.ends.where(o.last.select(0, t), now);
  }
  return out;
}

/** The logarithms of the probabilities of the targets, [N, 1]. */
function likelihood(after: Tensor, { ends }: CtcContext): Tensor {
  return after.add(ends).logsumexp(1, { keepdim: true });
}

const CTC = defineKernel<CtcContext>({
  name: "ctcLoss",
  forward: ([x], o) => {
    const after = forwards(emissions(x!, o), o).at(-1)!;
    const found = likelihood(after, o).squeeze(1);
    return found.neg().maskedFill(found.lt(NEVER / 2), Infinity);
  },
  vjps: [gradient],
  saves: [IN0],
});

/**
 * As in PyTorch, the gradient is that of the logits behind `logSoftmax`: what
 * logSoftmax hands on is the same.
 */
function gradient(g: Tensor, n: Node, o: CtcContext): Tensor {
  const x = n.input(0);
  const emitted = emissions(x, o);
  const before = forwards(emitted, o);
  const after = backwards(emitted, o);
  const total = likelihood(before.at(-1)!, o);
  const states = stack(before.map((y, t) => y.add(after[t]!).sub(total))).exp();
  const classes = o.classes.expand(states.shape);
  const found = x.newZeros(x.shape).scatterAdd(2, classes, states);
  const impossible = unrecorded(() => total.lt(NEVER / 2));
  const each = x.exp().sub(found).mul(g.reshape([1, -1, 1]))
    .maskedFill(impossible, NaN);
  // A loss that counts as zero has the gradient zero.
  const counts = unrecorded(() =>
    o.alive.logicalAnd(
      g.reshape([-1, 1]).ne(0).logicalOr(
        impossible.logicalNot(),
      ),
    )
  );
  return each.where(counts, 0);
}

/** A vector of integers on the host. */
function integers(x: Tensor | readonly number[] | number): number[] {
  if (typeof x === "number") return [x];
  return isTensor(x) ? Array.from(x.typedArray(), Number) : [...x as number[]];
}

function written(
  like: Tensor,
  kind: "index" | "number",
  values: ArrayLike<number>,
  shape: Shape,
): Tensor {
  const { device } = like.storage;
  const out = emptyTensor(device, kind === "index" ? INT64 : like.info, shape);
  device.write(out, values);
  return out;
}

function makeContext(
  x: Tensor,
  labels: readonly number[][],
  lengths: readonly number[],
  blank: number,
): CtcContext {
  const [steps, batch] = x.shape as [number, number];
  const states = 2 * Math.max(0, ...labels.map((list) => list.length)) + 1;
  const size = batch * states;
  const classes = new Array<number>(size).fill(blank);
  const skips = new Array<number>(size).fill(NEVER);
  const begins = skips.slice();
  const ends = skips.slice();
  labels.forEach((list, n) => {
    const at = n * states;
    list.forEach((label, k) => {
      const state = at + 2 * k + 1;
      classes[state] = label;
      if (k > 0 && label !== list[k - 1]) skips[state] = 0;
    });
    begins[at] = 0;
    ends[at + 2 * list.length] = 0;
    if (list.length === 0) return;
    if (lengths[n] !== 0) begins[at + 1] = 0;
    ends[at + 2 * list.length - 1] = 0;
  });
  const alive = new Array<number>(steps * batch);
  const last = new Array<number>(steps * batch);
  for (let t = 0; t < steps; t++) {
    lengths.forEach((length, n) => {
      alive[t * batch + n] = Number(t < length);
      last[t * batch + n] = Number(t === length - 1);
    });
  }
  const table = (values: number[]) =>
    written(x, "number", values, [batch, states]);
  const flags = (values: number[]) =>
    written(x, "number", values, [steps, batch, 1]).to("bool");
  return {
    classes: written(x, "index", classes, [batch, states]),
    skips: table(skips),
    begins: table(begins),
    ends: table(ends),
    alive: flags(alive),
    last: flags(last),
  };
}

/** The labels of each sequence, of targets that are padded, or joined. */
function labelsOf(targets: Tensor, lengths: readonly number[]): number[][] {
  const values = integers(targets);
  const longest = Math.max(0, ...lengths);
  if (targets.shape.length === 1) {
    const total = lengths.reduce((sum, n) => sum + n, 0);
    if (total !== values.length) refuseTargets("", total, 0, values.length);
    let start = 0;
    return lengths.map((n) => values.slice(start, start += n));
  }
  const [rows, width] = targets.shape as [number, number];
  if (rows !== lengths.length) {
    refuseTargets("", lengths.length, 0, rows);
  }
  if (width < longest) refuseTargets("at least ", longest, 1, width);
  return lengths.map((n, k) => values.slice(k * width, k * width + n));
}

function refuseTargets(
  least: string,
  expected: number,
  dim: number,
  found: number,
): never {
  throw new RuntimeError(
    `Expected tensor to have size ${least}${expected} at dimension ${dim}, but got size ${found} for argument #2 'targets' (while checking arguments for ctc_loss_allocate_outputs)`,
  );
}

function checkLengths(
  name: string,
  lengths: readonly number[],
  batch: number,
  most: number,
): void {
  if (lengths.length !== batch) {
    throw new RuntimeError(`${name} must be of size batch_size`);
  }
  for (const length of lengths) {
    if (length >= 0 && length <= most) continue;
    throw new RuntimeError(
      `Expected ${name} to have value at ${
        length < 0 ? "least 0" : `most ${most}`
      }, but got value ${length} (while checking arguments for ctc_loss_allocate_outputs)`,
    );
  }
}

/**
 * The loss of label sequences whose alignment is not known. `logProbs` are
 * logarithms of probabilities, as `logSoftmax` gives them, of shape
 * `[steps, batch, classes]` or `[steps, classes]`; `targets` are labels, padded
 * `[batch, length]` or joined, and the lengths say how many steps and labels
 * each sequence has. The gradient is PyTorch's, which is meant for results of
 * `logSoftmax`. See `torch.nn.functional.ctc_loss`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const x = dg.zeros([3, 1, 2]).logSoftmax(2);
 * const target = dg.tensor([[1]], { dtype: "int64" });
 * // Six of the eight paths collapse to one label.
 * const loss = dg.nn.functional.ctcLoss(x, target, [3], [1]);
 * assertAlmostEquals(loss.item(), -Math.log(6 / 8), 1e-6);
 * ```
 */
export function ctcLoss(
  logProbs: Tensor,
  targets: Tensor,
  inputLengths: Tensor | readonly number[] | number,
  targetLengths: Tensor | readonly number[] | number,
  options: CtcLossOptions = {},
): Tensor {
  checkOptions(options, ["blank", "reduction", "zeroInfinity"], "ctcLoss");
  const { blank = 0, zeroInfinity = false } = options;
  const reduction = checkReduction(options.reduction ?? "mean");
  const rank = logProbs.shape.length;
  if (rank !== 2 && rank !== 3) {
    throw new RuntimeError(
      `ctcLoss expects logProbs of shape [steps, batch, classes] or [steps, classes], got ${
        showShape(logProbs.shape)
      }`,
    );
  }
  if (logProbs.info.category !== 2) {
    throw new RuntimeError(
      `"ctc_loss_cpu" not implemented for '${logProbs.info.scalarName}'`,
    );
  }
  const x = rank === 3 ? logProbs : logProbs.unsqueeze(1);
  const [steps, batch, count] = x.shape as [number, number, number];
  if (!(blank >= 0 && blank < count)) {
    throw new RuntimeError("blank must be in label range");
  }
  if (steps === 0) throw new RuntimeError("ctcLoss: there are no steps");
  const lengths = integers(inputLengths);
  const sizes = integers(targetLengths);
  checkLengths("inputLengths", lengths, batch, steps);
  checkLengths("targetLengths", sizes, batch, Infinity);
  const labels = labelsOf(targets, sizes);
  const wide = x.info.bytes < 4 ? x.to("float32") : x;
  const context = makeContext(wide, labels, lengths, blank);
  let loss = run(CTC, [wide], context);
  if (wide !== x) loss = loss.to(x.dtype);
  if (zeroInfinity) {
    const infinite = unrecorded(() => loss.eq(Infinity));
    loss = loss.newZeros([]).where(infinite, loss);
  }
  if (reduction === "mean") {
    const factors = sizes.map((n) => Math.max(n, 1));
    return loss.div(written(loss, "number", factors, [batch])).mean();
  }
  if (reduction === "sum") return loss.sum();
  return rank === 3 ? loss : loss.squeeze(0);
}
