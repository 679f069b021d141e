// What convolutions refuse, in PyTorch's words. Knows shapes only.

import { shown } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { type Shape, showShape } from "../shape.ts";

/** Shapes of the operands of a call; the input has a batch dimension. */
export interface Operands {
  readonly x: Shape;
  readonly w: Shape;
  readonly bias: Shape | null;
  readonly transposed: boolean;
}

/** The names of the dimensions of an image, the last first. */
const SIDES = ["width", "height", "depth"];

/** `kernel_height: 1 kernel_width: 0`; one dimension is one line of two. */
export function listed(
  name: string,
  values: readonly number[],
  missing: number,
  between = " ",
): string {
  const all = values.length === 1 ? [missing, ...values] : values;
  const last = all.length - 1;
  return all.map((n, d) => `${name}_${SIDES[last - d]}: ${n}`).join(between);
}

/** Checks that the operands and the parameters fit, in PyTorch's order. */
export function checkFit(
  { x, w, bias, transposed }: Operands,
  groups: number,
  stride: readonly number[],
  padding: readonly number[],
  outputPadding: readonly number[],
  dilation: readonly number[],
): void {
  if (padding.some((n) => n < 0)) {
    throw new RuntimeError("negative padding is not supported");
  }
  if (outputPadding.some((n) => n < 0)) {
    throw new RuntimeError("negative outputPadding is not supported");
  }
  if (stride.some((n) => n <= 0)) {
    throw new RuntimeError("non-positive stride is not supported");
  }
  if (dilation.some((n) => n < 0)) {
    throw new RuntimeError("dilation should be greater than zero");
  }
  if (x.length !== w.length) {
    throw new RuntimeError(
      `Expected ${w.length}-dimensional input for ${w.length}-dimensional weight${
        showShape(w)
      }, but got ${x.length}-dimensional input of size ${showShape(x)} instead`,
    );
  }
  if (w[0]! < groups) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${
        showShape(w)
      } instead`,
    );
  }
  if (w[0]! % groups !== 0) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${
        showShape(w)
      }] instead`,
    );
  }
  const channels = transposed ? w[0]! : w[1]! * groups;
  if (x[1] !== channels) {
    const how = transposed ? "transposed=1" : `groups=${groups}`;
    throw new RuntimeError(
      `Given ${how}, weight of size ${showShape(w)}, expected input${
        showShape(x)
      } to have ${channels} channels, but got ${x[1]} channels instead`,
      transposed
        ? "a weight has the shape [input channels, output channels / groups, ...window]"
        : "a weight has the shape [output channels, input channels / groups, ...window]",
    );
  }
  const outputs = transposed ? w[1]! * groups : w[0]!;
  if (bias !== null && (bias.length !== 1 || bias[0] !== outputs)) {
    throw new RuntimeError(
      `Given ${transposed ? "transposed=1, " : ""}weight of size ${
        showShape(w)
      }, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${
        showShape(bias)
      } instead`,
    );
  }
}

/** Refuses windows without elements or without extent. */
export function checkWindow(
  window: Shape,
  dilation: readonly number[],
  w: Shape,
  transposed: boolean,
): void {
  if (dilation.includes(0)) {
    const values = dilation.length === 1 ? [1, ...dilation] : dilation;
    throw new RuntimeError(
      `dilation should be greater than zero, but got ${
        transposed
          ? listed("dilation", dilation, 1, ", ")
          : dilation.length === 3
          ? showShape(dilation)
          : showShape(values)
      }`,
    );
  }
  if (!window.includes(0)) return;
  if (window.length < 3) {
    throw new RuntimeError(
      `kernel size should be greater than zero, but got ${
        listed("kernel", window, 1)
      }`,
    );
  }
  throw new RuntimeError(
    transposed
      ? `non-empty 5D (n_output_plane x n_input_plane x kernel_depth x kernel_height x kernel_width) tensor expected for weight, but got: ${
        showShape(w)
      }`
      : `kernel size should be greater than zero, but got: ${
        window.join(" x ")
      } (TxHxW)`,
  );
}

/** Refuses images without elements. */
export function checkImage(x: Shape): void {
  if (x[0] === 0 || x[1] === 0 || !x.includes(0)) return;
  const shape = x.length === 3 ? [x[0]!, x[1]!, 1, x[2]!] : x;
  throw new RuntimeError(
    `Only zero batch or zero channel inputs are supported, but got input shape: ${
      showShape(shape)
    }`,
  );
}

/** Refuses a weight without a window. */
export function checkWeight(w: Shape): void {
  if (w.length >= 3) return;
  throw new RuntimeError("weight should have at least three dimensions");
}

/** How far a window reaches. */
export function extentOf(
  window: Shape,
  dilation: readonly number[],
  d: number,
): number {
  return dilation[d]! * (window[d]! - 1) + 1;
}

/** The size of an image with its padding. */
export function paddedSize(
  image: Shape,
  padding: readonly number[],
  d: number,
  extent: number,
  same: boolean,
): number {
  // Padding that keeps the size is longer by one on the far side where odd.
  return image[d]! + (same ? extent - 1 : 2 * padding[d]!);
}

/** Fails because windows are larger than the image. */
export function refuseWindow(
  image: Shape,
  window: Shape,
  padding: readonly number[],
  dilation: readonly number[],
  same: boolean,
): never {
  const extent = window.map((_, d) => extentOf(window, dilation, d));
  const padded = image.map((_, d) =>
    paddedSize(image, padding, d, extent[d]!, same)
  );
  throw new RuntimeError(
    `Calculated padded input size per channel: (${
      padded.join(" x ")
    }). Kernel size: (${
      extent.join(" x ")
    }). Kernel size can't be greater than actual input size`,
  );
}

/** Refuses an input that has neither a batch dimension nor just lacks one. */
export function checkRank(x: Shape, fn: string, rank: number): void {
  if (x.length === rank + 1 || x.length === rank + 2) return;
  throw new RuntimeError(
    `Expected ${rank + 1}D (unbatched) or ${
      rank + 2
    }D (batched) input to ${fn}, but got input of size: ${showShape(x)}`,
    `the input has the shape [channels, ...image] or [batch, channels, ...image], not ${
      shown(x.length)
    } dimensions`,
  );
}
