// Muon: the momentum of matrices, made orthogonal by a few products in
// bfloat16, as PyTorch does.

import { ValueError } from "../tensor/errors.ts";
import { lookAhead, shrinkingStep } from "../tensor/ops/descent.ts";
import { productInto, sizeOf } from "../tensor/ops/descent_whole.ts";
import { checkOptions, showShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  Optimizer,
  type ParamGroup,
  type ParamsLike,
  type Settings,
} from "./optimizer.ts";
import { Scratch } from "./scratch.ts";
import { keptZeros, refuseComplexParameter } from "./single.ts";

/** Options of {@linkcode Muon}. */
export interface MuonOptions {
  /** Learning rate; 1e-3 where not given. */
  readonly lr?: number;
  /** Shrinks the parameters; 0.1 where not given. */
  readonly weightDecay?: number;
  /** Share of the momentum that is kept; 0.95 where not given. */
  readonly momentum?: number;
  /** Looks ahead along the momentum; true where not given. */
  readonly nesterov?: boolean;
  /** Coefficients of the iteration; [3.4445, -4.775, 2.0315] where not given. */
  readonly nsCoefficients?: readonly [number, number, number];
  /** Keeps a norm away from zero; 1e-7 where not given. */
  readonly eps?: number;
  /** Number of iterations; 5 where not given. */
  readonly nsSteps?: number;
  /** How the learning rate follows the shape: `"original"`, the same as null, or `"match_rms_adamw"`; null where not given. */
  readonly adjustLrFn?: "original" | "match_rms_adamw" | null;
}

/** Parameters and the options they are updated with. */
export type MuonGroup = ParamGroup & Settings<MuonOptions>;

/** What {@linkcode Muon} keeps for a parameter, by PyTorch's names. */
export interface MuonState {
  /** The momentum. */
  "momentum_buffer": Tensor;
}

const KEYS = [
  "lr",
  "weightDecay",
  "momentum",
  "nesterov",
  "nsCoefficients",
  "eps",
  "nsSteps",
  "adjustLrFn",
];

/**
 * Steps along the momentum made orthogonal, for the matrices of hidden layers;
 * other parameters go to another optimizer. See `torch.optim.Muon`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const w = dg.ones([2, 2], { requiresGrad: true });
 * const optimizer = new dg.optim.Muon([w], { lr: 0.5 });
 * w.mul(dg.eye(2)).sum().backward();
 * optimizer.step();
 * assertEquals(w.at(0, 0).item() < w.at(0, 1).item(), true);
 * ```
 */
export class Muon extends Optimizer<MuonGroup, MuonState> {
  /** Takes the matrices to update; throws a ValueError where an option is out of range, or a parameter no matrix. */
  constructor(params: ParamsLike<MuonOptions>, options: MuonOptions = {}) {
    checkOptions(options, KEYS, "Muon");
    const { lr = 1e-3, momentum = 0.95, weightDecay = 0.1 } = options;
    const { adjustLrFn = null } = options;
    checkLeast("Learning rate", lr);
    checkLeast("momentum", momentum);
    checkLeast("weight decay", weightDecay);
    if (
      adjustLrFn !== null && adjustLrFn !== "original" &&
      adjustLrFn !== "match_rms_adamw"
    ) {
      throw new ValueError(
        `Adjust learning rate function ${adjustLrFn} is not supported`,
      );
    }
    super(params, {
      lr,
      weightDecay,
      momentum,
      nesterov: options.nesterov ?? true,
      nsCoefficients: options.nsCoefficients ?? [3.4445, -4.775, 2.0315],
      eps: options.eps ?? 1e-7,
      nsSteps: options.nsSteps ?? 5,
      adjustLrFn,
    });
    for (const group of this.paramGroups) {
      for (const x of group.params) {
        refuseComplexParameter("Muon", x);
        if (x.shape.length === 2) continue;
        throw new ValueError(
          `Muon only supports 2D parameters whereas we found a parameter with size: ${
            showShape(x.shape)
          }`,
        );
      }
    }
  }

  readonly #scratch: Scratch = new Scratch();

  /** Makes the step of one parameter. */
  protected override update(x: Tensor, grad: Tensor, group: MuonGroup): void {
    const { lr, weightDecay, momentum, nesterov } = group;
    if (grad.shape.length !== 2) {
      throw new ValueError("Param gradient must be a 2D matrix");
    }
    let kept = this.state.get(x);
    if (kept === undefined) {
      kept = { "momentum_buffer": keptZeros(x) };
      this.state.set(x, kept);
    }
    const buffer = kept["momentum_buffer"];
    const way = this.#scratch.take("way", x, x.shape);
    if (nesterov) lookAhead(way, grad.detach(), buffer, momentum);
    else {
      buffer.lerp_(grad.detach(), 1 - momentum);
      way.copy_(buffer);
    }
    orthogonalize(way, group, this.#scratch);
    shrinkingStep(x, way, 1 - lr * weightDecay, lr * ratioOf(x, group));
  }
}

function checkLeast(name: string, value: number): void {
  if (!(value >= 0)) {
    throw new ValueError(`${name} should be >= 0 but is: ${value}`);
  }
}

/** The factor of the learning rate that goes with a shape. */
function ratioOf(x: Tensor, { adjustLrFn }: MuonGroup): number {
  const [rows, columns] = x.shape as readonly [number, number];
  return adjustLrFn === "match_rms_adamw"
    ? 0.2 * Math.sqrt(Math.max(rows, columns))
    : Math.sqrt(Math.max(1, rows / columns));
}

/** Brings the singular values of a matrix near one in place, by an iteration of Newton and Schulz. */
function orthogonalize(
  x: Tensor,
  { nsCoefficients, nsSteps, eps }: MuonGroup,
  scratch: Scratch,
): void {
  if (nsSteps >= 100) {
    throw new ValueError(
      "Number of steps must be less than 100 for computational efficiency",
    );
  }
  if (nsCoefficients.length !== 3) {
    throw new ValueError("Coefficients must be a tuple of exactly 3 values");
  }
  const [a, b, c] = nsCoefficients;
  const isTall = x.shape[0]! > x.shape[1]!;
  const from = isTall ? x.T : x;
  const rows = from.shape[0]!;
  const matrix = (name: string, shape: readonly number[]) =>
    scratch.take(name, x, shape, "float32");
  const halves = (shape: readonly number[]) =>
    scratch.take("halves", x, shape, "bfloat16");
  // Products of bfloat16 are exact in float32; each result is rounded once.
  const round = (y: Tensor) => y.copy_(halves(y.shape).copy_(y));
  const wide = halves(from.shape).copy_(from);
  const norm = scratch.take("single", x, [], "bfloat16");
  sizeOf("norm", wide, norm);
  wide.div_(norm.clamp_({ min: eps }));
  let out = matrix("out", from.shape).copy_(wide);
  let next = matrix("next", from.shape);
  const gram = matrix("gram", [rows, rows]);
  const square = matrix("square", [rows, rows]);
  for (let k = 0; k < nsSteps; k++) {
    productInto(gram, out, out.T);
    round(gram);
    productInto(square, gram, gram, gram, c, b);
    round(square);
    productInto(next, square, out, out, 1, a);
    round(next);
    [out, next] = [next, out];
  }
  x.copy_(isTall ? out.T : out);
}
