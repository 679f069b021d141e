// LBFGS: steps along the gradient bent by what the last steps told about the
// curvature. All parameters are one vector here.

import { enableGrad, noGrad } from "../grad/mode.ts";
import { type DTypeInfo, promote } from "../tensor/dtype.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import {
  differenceInto,
  dotOf,
  multipleInto,
  scaleBy,
  sizeOf,
} from "../tensor/ops/descent_whole.ts";
import { keep } from "../tensor/scope.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkLr } from "./option_checks.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { Scratch } from "./scratch.ts";
import { type LinePoint, strongWolfe } from "./strong_wolfe.ts";

/** Options of {@linkcode LBFGS}. */
export interface LBFGSOptions {
  /** Length of steps, the first guess of a line search; 1 where not given. */
  readonly lr?: number;
  /** Most iterations of a step; 20 where not given. */
  readonly maxIter?: number;
  /** Most calls of the closure in a step; `maxIter * 1.25` where not given. */
  readonly maxEval?: number;
  /** Ends a step where no component of the gradient is larger; 1e-7 where not given. */
  readonly toleranceGrad?: number;
  /** Ends a step where neither loss nor parameters change more; 1e-9 where not given. */
  readonly toleranceChange?: number;
  /** How many steps are remembered; 100 where not given. */
  readonly historySize?: number;
  /** `"strong_wolfe"`, or null for steps of length `lr`; null where not given. */
  readonly lineSearchFn?: "strong_wolfe" | null;
}

/** The parameters and the options they are updated with. */
export type LBFGSGroup = ParamGroup & Settings<LBFGSOptions>;

/** What {@linkcode LBFGS} keeps, for the first parameter, by PyTorch's names. */
export interface LBFGSState {
  /** Calls of the closure so far. */
  "func_evals": number;
  /** Iterations so far. */
  "n_iter": number;
  /** The last direction. */
  d?: Tensor;
  /** How far the last step went along it. */
  t?: number;
  /** Changes of the gradient by the last steps. */
  "old_dirs"?: Tensor[];
  /** The last steps. */
  "old_stps"?: Tensor[];
  /** One over the products of the two. */
  ro?: (number | Tensor)[];
  /** Size of the inverse curvature. */
  "H_diag"?: number | Tensor;
  /** The last gradient. */
  "prev_flat_grad"?: Tensor | null;
  /** The last loss. */
  "prev_loss"?: number;
  /** Factors of the last direction. */
  al?: (number | null)[];
}

const KEYS = [
  "lr",
  "maxIter",
  "maxEval",
  "toleranceGrad",
  "toleranceChange",
  "historySize",
  "lineSearchFn",
];

/**
 * Quasi-Newton steps with limited memory, for losses without noise. `step`
 * needs a closure that computes the loss and its gradients, and calls it
 * several times. See `torch.optim.LBFGS`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4, -2], { requiresGrad: true });
 * const optimizer = new dg.optim.LBFGS([x], { lineSearchFn: "strong_wolfe" });
 * optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = x.sub(1).square().sum();
 *   loss.backward();
 *   return loss;
 * });
 * assertEquals(dg.allclose(x, dg.ones(2)), true);
 * ```
 */
export class LBFGS extends Optimizer<LBFGSGroup, LBFGSState> {
  /** Takes the parameters to update, in one group; throws a ValueError where an option is out of range. */
  constructor(params: ParamsLike<LBFGSOptions>, options: LBFGSOptions = {}) {
    checkOptions(options, KEYS, "LBFGS");
    const { lr = 1, maxIter = 20 } = options;
    checkLr(lr);
    super(params, {
      lr,
      maxIter,
      maxEval: options.maxEval ?? Math.floor(maxIter * 5 / 4),
      toleranceGrad: options.toleranceGrad ?? 1e-7,
      toleranceChange: options.toleranceChange ?? 1e-9,
      historySize: options.historySize ?? 100,
      lineSearchFn: options.lineSearchFn ?? null,
    });
    if (this.paramGroups.length !== 1) {
      throw new ValueError(
        "LBFGS doesn't support per-parameter options (parameter groups)",
      );
    }
  }

  /** What is kept as single numbers. */
  protected override get singles(): readonly string[] {
    return [];
  }

  /** Never called: a step moves all parameters at once. */
  protected override update(): void {}

  /** A step without its hooks. */
  protected override run<T>(closure?: () => T): T {
    if (closure === undefined) {
      throw new TypeError(
        "LBFGS.step() missing 1 required argument: 'closure'; give it a function that computes the loss and its gradients",
      );
    }
    return noGrad(() => this.#iterate(closure));
  }

  readonly #scratch: Scratch = new Scratch();
  /** Vectors for gradients; those that are in use are known by who uses them. */
  readonly #gradients: Tensor[] = [];

  #iterate<T>(closure: () => T): T {
    const group = this.paramGroups[0]!;
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange } = group;
    const state = this.#state(group.params[0]!);
    const first = enableGrad(closure);
    let loss = numberOf(first);
    let evaluations = 1;
    state["func_evals"]++;
    let gradient = this.#flatGradient([state["prev_flat_grad"]]);
    // Of the vectors' type, which is not that of each parameter.
    const single = this.#scratch.take("single", gradient, []);
    const largest = (x: Tensor) => sizeOf("largest", x, single);
    if (largest(gradient) <= toleranceGrad) return first;
    for (let n = 1; n <= maxIter; n++) {
      const isFirst = ++state["n_iter"] === 1;
      const d = this.#direction(state, gradient, single);
      state["prev_flat_grad"] = gradient;
      const before = loss;
      state["prev_loss"] = before;
      let t = isFirst
        ? Math.min(1, 1 / sizeOf("sum", gradient, single)) * lr
        : lr;
      state.t = t;
      const slope = dotOf(gradient, d, single);
      if (slope > -toleranceChange) break;
      let calls = 0;
      if (group.lineSearchFn !== null) {
        const start = { t: 0, loss, gradient, slope };
        const found = this.#search(closure, start, d, t, maxEval - evaluations);
        ({ loss, gradient, t } = found.best);
        state.t = t;
        calls = found.evaluations;
        move(group.params, d, t);
      } else {
        move(group.params, d, t);
        if (n !== maxIter) {
          loss = numberOf(enableGrad(closure));
          gradient = this.#flatGradient([gradient]);
          calls = 1;
        }
      }
      evaluations += calls;
      state["func_evals"] += calls;
      if (
        n === maxIter || evaluations >= maxEval ||
        largest(gradient) <= toleranceGrad ||
        largest(d) * Math.abs(t) <= toleranceChange ||
        Math.abs(loss - before) < toleranceChange
      ) break;
    }
    return first;
  }

  #state(x: Tensor): LBFGSState {
    let state = this.state.get(x);
    if (state === undefined) {
      state = { "func_evals": 0, "n_iter": 0 };
      this.state.set(x, state);
    }
    return state;
  }

  #search(
    closure: () => unknown,
    start: LinePoint<Tensor>,
    d: Tensor,
    guess: number,
    mostSteps: number,
  ): ReturnType<typeof strongWolfe<Tensor>> {
    const { params, lineSearchFn } = this.paramGroups[0]!;
    if (lineSearchFn !== "strong_wolfe") {
      throw new RuntimeError("only 'strong_wolfe' is supported");
    }
    const single = this.#scratch.take("single", d, []);
    const before = this.#scratch.take("before", d, d.shape);
    eachPiece(params, before, (x, piece) => piece.copy_(x));
    return strongWolfe(
      (t, held) => {
        move(params, d, t);
        const loss = numberOf(enableGrad(closure));
        const used = held.map((point) => point.gradient);
        const gradient = this.#flatGradient([start.gradient, ...used]);
        eachPiece(params, before, (x, piece) => x.copy_(piece));
        return { t, loss, gradient, slope: dotOf(gradient, d, single) };
      },
      start,
      guess,
      sizeOf("largest", d, single),
      mostSteps,
    );
  }

  /** All gradients as one vector, none of those in use. */
  #flatGradient(used: readonly unknown[]): Tensor {
    const { params } = this.paramGroups[0]!;
    const known = this.#gradients;
    const info = params.map((x) => x.info).reduce(promote);
    const { device } = params[0]!.storage;
    // Parameters may have been converted or moved since the last step.
    let out = known.find((vector) =>
      !used.includes(vector) && vector.info === info &&
      vector.storage.device === device
    );
    if (out === undefined) {
      out = newVector(params, info);
      known.push(out);
    }
    eachPiece(params, out, ({ grad }, piece) => {
      if (grad === null) piece.zero_();
      else piece.copy_(grad);
    });
    return out;
  }

  /** Where to go from here, in `state.d`; remembers what the last step told. */
  #direction(state: LBFGSState, gradient: Tensor, single: Tensor): Tensor {
    const { historySize } = this.paramGroups[0]!;
    if (state["n_iter"] === 1) {
      state["old_dirs"] = [];
      state["old_stps"] = [];
      state.ro = [];
      state["H_diag"] = 1;
      state.d ??= keep(gradient.newEmpty(gradient.shape));
      multipleInto(state.d, gradient, -1);
      return state.d;
    }
    const d = state.d!;
    this.#remember(state, gradient, historySize, single);
    const changes = state["old_dirs"]!;
    const steps = state["old_stps"]!;
    const inverse = state.ro!;
    const factors = state.al ??= new Array<null>(historySize).fill(null);
    multipleInto(d, gradient, -1);
    for (let i = changes.length - 1; i >= 0; i--) {
      const factor = dotOf(steps[i]!, d, single) * numberOf(inverse[i]!);
      factors[i] = factor;
      d.add_(changes[i]!, { alpha: -factor });
    }
    scaleBy(d, numberOf(state["H_diag"]!));
    for (let i = 0; i < changes.length; i++) {
      const back = dotOf(changes[i]!, d, single) * numberOf(inverse[i]!);
      d.add_(steps[i]!, { alpha: factors[i]! - back });
    }
    return d;
  }

  /** Two vectors for what the next step tells: of the oldest step, once the history is full. */
  #spare: [Tensor, Tensor] | null = null;

  /** Adds to the history what the last step told, unless the curvature is not positive. */
  #remember(
    state: LBFGSState,
    gradient: Tensor,
    historySize: number,
    single: Tensor,
  ): void {
    const [y, s] = this.#spare ??= [
      keep(gradient.newEmpty(gradient.shape)),
      keep(gradient.newEmpty(gradient.shape)),
    ];
    differenceInto(y, gradient, state["prev_flat_grad"]!);
    multipleInto(s, state.d!, state.t!);
    const ys = dotOf(y, s, single);
    if (!(ys > 1e-10)) return;
    const changes = state["old_dirs"]!;
    const steps = state["old_stps"]!;
    const inverse = state.ro!;
    this.#spare = null;
    if (changes.length === historySize) {
      this.#spare = [changes.shift()!, steps.shift()!];
      inverse.shift();
    }
    changes.push(y);
    steps.push(s);
    inverse.push(1 / ys);
    state["H_diag"] = ys / dotOf(y, y, single);
  }
}

/** A number, or the one that a tensor holds. */
function numberOf(x: unknown): number {
  return Number(x);
}

/** Memory for all elements of all parameters. */
function newVector(params: readonly Tensor[], { name }: DTypeInfo): Tensor {
  const count = params.reduce((sum, x) => sum + x.numel(), 0);
  return keep(params[0]!.detach().newEmpty(count, { dtype: name }));
}

/** Calls `visit` with each parameter and its piece of a vector. */
function eachPiece(
  params: readonly Tensor[],
  vector: Tensor,
  visit: (x: Tensor, piece: Tensor) => void,
): void {
  let at = 0;
  for (const x of params) {
    visit(x, vector.narrow(0, at, x.numel()).view(x.shape));
    at += x.numel();
  }
}

/** Moves all parameters along a direction. */
function move(params: readonly Tensor[], d: Tensor, t: number): void {
  eachPiece(params, d, (x, piece) => x.add_(piece, { alpha: t }));
}
