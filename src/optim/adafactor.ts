// Adafactor: Adam whose means of squares are kept for rows and columns only.

import { ValueError } from "../tensor/errors.ts";
import {
  followSquare,
  followSquares,
  meanInto,
  scaleBy,
  scaledInto,
  sizeOf,
} from "../tensor/ops/descent_whole.ts";
import { keep } from "../tensor/scope.ts";
import { checkOptions } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Implementation,
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { Scratch } from "./scratch.ts";
import {
  keptZeros,
  nextStep,
  refuseComplexParameter,
  singleTensor,
} from "./single.ts";

/** Options of {@linkcode Adafactor}. */
export interface AdafactorOptions {
  /** Largest relative step; 1e-2 where not given. */
  readonly lr?: number;
  /** Power of the step with which the share of new squares falls; -0.8 where not given. */
  readonly beta2Decay?: number;
  /** Least mean of squares, null for the type's own epsilon, and least size of a parameter; [null, 1e-3] where not given. */
  readonly eps?: readonly [number | null, number];
  /** Size from which on updates are cut; 1 where not given. */
  readonly d?: number;
  /** Shrinks the parameters; 0 where not given. */
  readonly weightDecay?: number;
  /** Goes up the gradient instead of down. */
  readonly maximize?: boolean;
}

/** Parameters and the options they are updated with. */
export type AdafactorGroup =
  & ParamGroup
  & Settings<AdafactorOptions>
  & Implementation;

/** What {@linkcode Adafactor} keeps for a parameter, by PyTorch's names. */
export interface AdafactorState {
  /** Number of steps. */
  step: Tensor;
  /** Mean squares of the rows of a matrix. */
  "row_var"?: Tensor;
  /** Mean squares of its columns. */
  "col_var"?: Tensor;
  /** Mean squares of a vector. */
  variance?: Tensor;
}

const KEYS = ["lr", "beta2Decay", "eps", "d", "weightDecay", "maximize"];

/** The distance from 1 to the next number, by type. */
const EPSILONS: Readonly<Record<string, number>> = {
  float64: 2 ** -52,
  float32: 2 ** -23,
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
};

/**
 * Scales steps by means of squares that are kept for rows and columns only,
 * and by the size of the parameters. See `torch.optim.Adafactor`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.tensor([4], { requiresGrad: true });
 * const optimizer = new dg.optim.Adafactor([x], { lr: 0.25 });
 * x.mul(x).sum().backward();
 * optimizer.step();
 * assertEquals(x.tolist(), [3]);
 * ```
 */
export class Adafactor extends Optimizer<AdafactorGroup, AdafactorState> {
  /** Takes the parameters to update; throws a ValueError where an option is out of range. */
  constructor(
    params: ParamsLike<AdafactorOptions>,
    options: AdafactorOptions = {},
  ) {
    checkOptions(options, KEYS, "Adafactor");
    const { lr = 1e-2, beta2Decay = -0.8, eps = [null, 1e-3] } = options;
    const { d = 1, weightDecay = 0 } = options;
    refuse(!(lr >= 0), `Learning rate should be >= 0 but is: ${lr}`);
    refuse(
      !(beta2Decay <= 0),
      `beta2Decay should be <= 0 but is: ${beta2Decay}`,
    );
    refuse(
      eps[0] !== null && !(eps[0] >= 0),
      `epsilon1 should be >= 0 but is: ${eps[0]}`,
    );
    refuse(!(eps[1] >= 0), `epsilon2 should be >= 0 but is: ${eps[1]}`);
    refuse(!(d >= 1), `Clipping threshold d should be >= 1 but is: ${d}`);
    refuse(
      !(weightDecay >= 0),
      `weightDecay should be >= 0 but is: ${weightDecay}`,
    );
    super(params, {
      lr,
      beta2Decay,
      eps,
      d,
      weightDecay,
      foreach: null,
      maximize: options.maximize ?? false,
    });
  }

  /** Options that PyTorch has as floats. */
  protected override get floatOptions(): readonly string[] {
    return ["d", "weight_decay"];
  }

  readonly #scratch: Scratch = new Scratch();

  /** Makes the step of one parameter. */
  protected override update(
    x: Tensor,
    given: Tensor,
    group: AdafactorGroup,
  ): void {
    const { lr, beta2Decay, eps, d, weightDecay, maximize } = group;
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = { step: singleTensor(0), ...squaresOf(x) };
      this.state.set(x, kept);
    }
    refuseComplexParameter("Adafactor", x);
    const step = nextStep(kept.step);
    const share = step ** beta2Decay;
    const root = Math.sqrt(x.numel());
    const single = this.#scratch.take("single", x, []);
    const size = sizeOf("norm", x.detach(), single) / root;
    const alpha = Math.max(eps[1], size) * Math.min(lr, 1 / Math.sqrt(step));
    if (weightDecay !== 0) scaleBy(x, 1 - lr * weightDecay);
    // Rows are what means are kept for: a number is a row of one element.
    const target = x.shape.length === 0 ? x.detach().view([1]) : x.detach();
    const grad = given.detach().view(target.shape);
    const { shape } = target;
    const least = eps[0] ?? EPSILONS[x.dtype]!;
    const squares = this.#squares(kept, grad, share);
    // Kernels on rows take no elements of 16 bits.
    const isHalf = x.info.bytes < 4;
    const dtype = isHalf ? "float32" : x.dtype;
    const widened = (y: Tensor, name: string): Tensor =>
      isHalf ? this.#scratch.take(name, y, y.shape, dtype).copy_(y) : y;
    const way = this.#scratch.take("way", x, shape, dtype);
    const norms = this.#scratch.take("norms", x, shape.slice(0, -1), dtype);
    scaledInto(
      way,
      norms,
      widened(grad, "grad"),
      squares.map((y, k) => widened(y, `square ${k}`)),
      {
        sign: maximize ? -1 : 1,
        least,
      },
    );
    const total = this.#scratch.take("single", x, [], dtype);
    const most = sizeOf("norm", norms, total) / (root * d);
    const move = isHalf ? this.#scratch.take("half", x, shape) : way;
    if (isHalf) move.copy_(way);
    target.add_(move, { alpha: -alpha / Math.max(1, most) });
  }

  /** A step of what is kept, and what a gradient is scaled by. */
  #squares(
    kept: AdafactorState,
    grad: Tensor,
    share: number,
  ): [Tensor] | [Tensor, Tensor, Tensor] {
    const { row_var: rows, col_var: columns, variance } = kept;
    if (rows === undefined || columns === undefined) {
      const squares = variance!.view(grad.shape);
      followSquare(squares, grad, share);
      return [squares];
    }
    const rank = grad.shape.length;
    const scratch = (like: Tensor) =>
      this.#scratch.take("means", like, like.shape);
    followSquares(rows, grad, rank - 1, share, scratch(rows));
    followSquares(columns, grad, rank - 2, share, scratch(columns));
    const shape = grad.shape.with(-2, 1).with(-1, 1);
    const mean = this.#scratch.take("mean", grad, shape);
    meanInto(mean, rows, rank - 2);
    return [rows, columns, mean];
  }
}

function refuse(isWrong: boolean, message: string): void {
  if (isWrong) throw new ValueError(message);
}

function squaresOf(x: Tensor): Omit<AdafactorState, "step"> {
  const rank = x.shape.length;
  if (rank < 2) return { variance: keptZeros(x) };
  const zeros = (dim: number) =>
    keep(x.detach().newZeros(x.shape.map((n, i) => i === dim ? 1 : n)));
  return { "row_var": zeros(rank - 1), "col_var": zeros(rank - 2) };
}
