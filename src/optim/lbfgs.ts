// LBFGS: steps along the gradient bent by what the last steps told about the
// curvature. All parameters are one vector here.

import { enableGrad, noGrad } from "../grad/mode.ts";
import { RuntimeError, ValueError } from "../tensor/errors.ts";
import { cat } from "../tensor/ops/joining.ts";
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

  #iterate<T>(closure: () => T): T {
    const group = this.paramGroups[0]!;
    const { lr, maxIter, maxEval, toleranceGrad, toleranceChange } = group;
    const state = this.#state(group.params[0]!);
    const first = enableGrad(closure);
    let loss = numberOf(first);
    let evaluations = 1;
    state["func_evals"]++;
    let gradient = flatGradient(group.params);
    if (largest(gradient) <= toleranceGrad) return first;
    for (let n = 1; n <= maxIter; n++) {
      const isFirst = ++state["n_iter"] === 1;
      const d = keep(direction(state, gradient, group.historySize));
      state.d = d;
      state["prev_flat_grad"] = keep(gradient);
      const before = loss;
      state["prev_loss"] = before;
      let t = isFirst
        ? Math.min(1, 1 / numberOf(gradient.abs().sum())) * lr
        : lr;
      state.t = t;
      const slope = numberOf(gradient.dot(d));
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
          gradient = flatGradient(group.params);
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
    const before = params.map((x) => x.detach().clone());
    const evaluate = (t: number): LinePoint<Tensor> => {
      move(params, d, t);
      const loss = numberOf(enableGrad(closure));
      const gradient = flatGradient(params);
      params.forEach((x, i) => x.copy_(before[i]!));
      return { t, loss, gradient, slope: numberOf(gradient.dot(d)) };
    };
    return strongWolfe(evaluate, start, guess, largest(d), mostSteps);
  }
}

/** A number, or the one that a tensor holds. */
function numberOf(x: unknown): number {
  return Number(x);
}

/** Size of the largest component. */
function largest(x: Tensor): number {
  return numberOf(x.abs().max());
}

/** All gradients as one vector. */
function flatGradient(params: readonly Tensor[]): Tensor {
  return cat(
    params.map((x) => (x.grad?.detach() ?? x.newZeros(x.shape)).reshape(-1)),
    0,
  );
}

/** Moves all parameters along a direction. */
function move(params: readonly Tensor[], d: Tensor, t: number): void {
  let at = 0;
  for (const x of params) {
    x.add_(d.narrow(0, at, x.numel()).view(x.shape), { alpha: t });
    at += x.numel();
  }
}

/** Where to go from here; remembers what the last step told. */
function direction(
  state: LBFGSState,
  gradient: Tensor,
  historySize: number,
): Tensor {
  if (state["n_iter"] === 1) {
    state["old_dirs"] = [];
    state["old_stps"] = [];
    state.ro = [];
    state["H_diag"] = 1;
    return gradient.neg();
  }
  const changes = state["old_dirs"]!;
  const steps = state["old_stps"]!;
  const inverse = state.ro!;
  const y = gradient.sub(state["prev_flat_grad"]!);
  const s = state.d!.mul(state.t!);
  const ys = numberOf(y.dot(s));
  if (ys > 1e-10) {
    if (changes.length === historySize) {
      changes.shift();
      steps.shift();
      inverse.shift();
    }
    changes.push(keep(y));
    steps.push(keep(s));
    inverse.push(1 / ys);
    state["H_diag"] = ys / numberOf(y.dot(y));
  }
  const factors = state.al ??= new Array<null>(historySize).fill(null);
  const q = gradient.neg();
  for (let i = changes.length - 1; i >= 0; i--) {
    const factor = numberOf(steps[i]!.dot(q)) * numberOf(inverse[i]!);
    factors[i] = factor;
    q.add_(changes[i]!, { alpha: -factor });
  }
  const d = q.mul(numberOf(state["H_diag"]!));
  for (let i = 0; i < changes.length; i++) {
    const back = numberOf(changes[i]!.dot(d)) * numberOf(inverse[i]!);
    d.add_(steps[i]!, { alpha: factors[i]! - back });
  }
  return d;
}
