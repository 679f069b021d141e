// A call of an op that the conformance test makes: shapes of the inputs and
// what to do with tensors of these shapes. The values are made up here.

import type { Shape } from "../../src/tensor/shape.ts";
import { countElements } from "../../src/tensor/shape.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import { getDefaultDevice, tensor } from "@dinograd/dinograd";
import type { TensorFn } from "./derivatives.ts";
import { tensorOf } from "./tensors.ts";

/** One call. */
export interface Call {
  /** Shapes of the inputs, all of which want a gradient. */
  readonly shapes: readonly Shape[];
  /** Calls the op; takes tensors of any floating-point type and geometry. */
  readonly fn: TensorFn;
}

/** The calls of each op, by its name. */
export type Calls = Readonly<Record<string, readonly Call[]>>;

/** Describes a call. */
export function call(
  shapes: readonly Shape[],
  fn: (...inputs: [Tensor, Tensor, Tensor]) => Tensor | readonly Tensor[],
): Call {
  return {
    shapes,
    fn: (inputs) => fn(...inputs as [Tensor, Tensor, Tensor]),
  };
}

/** The inputs of a call, dense and in float64: all values differ, none is near 0. */
export function inputsOf({ shapes }: Call): Tensor[] {
  return shapes.map((shape, k) =>
    tensorOf(
      Array.from(
        { length: countElements(shape) },
        (_, i) => {
          const wave = Math.sin(3.7 * i + 1.3 * k + 0.5);
          return 1.5 * wave + Math.sign(wave) * (0.2 + 0.01 * i);
        },
      ),
      shape,
    )
  );
}

/** An index tensor, of the type that the default device has for it. */
export function indices(
  values: number[] | number[][],
): Tensor {
  return tensor(values, { dtype: getDefaultDevice().indexInfo.name });
}

/** A mask. */
export function mask(values: (0 | 1)[] | (0 | 1)[][]): Tensor {
  return tensor(values).to("bool");
}
