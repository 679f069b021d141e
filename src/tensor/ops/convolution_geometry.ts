// Where the windows of a convolution lie: reads the options, refuses what
// PyTorch refuses in its words, and computes the sizes of the result. Knows
// shapes only.

import { checkIntegers, shown } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { checkOptions, type Shape, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";

/** Options of `conv1d`, `conv2d` and `conv3d`. */
export interface ConvolutionOptions {
  /** Added to each output channel; of shape `[channels]`. */
  readonly bias?: Tensor | null;
  /** Steps between windows, for all dimensions or each; 1 where not given. */
  readonly stride?: number | readonly number[];
  /** Zeros on both sides, for all dimensions or each; `"same"` keeps the size, `"valid"` is 0. */
  readonly padding?: number | readonly number[] | "same" | "valid";
  /** Steps between the elements of a window, for all dimensions or each; 1 where not given. */
  readonly dilation?: number | readonly number[];
  /** Number of groups of channels that do not see each other; 1 where not given. */
  readonly groups?: number;
}

/** Options of `convTranspose1d`, `convTranspose2d` and `convTranspose3d`. */
export interface TransposedConvolutionOptions {
  /** Added to each output channel; of shape `[channels]`. */
  readonly bias?: Tensor | null;
  /** Steps between windows, for all dimensions or each; 1 where not given. */
  readonly stride?: number | readonly number[];
  /** What is cut off on both sides, for all dimensions or each; 0 where not given. */
  readonly padding?: number | readonly number[];
  /** Size added on one side of the result, for all dimensions or each; 0 where not given. */
  readonly outputPadding?: number | readonly number[];
  /** Number of groups of channels that do not see each other; 1 where not given. */
  readonly groups?: number;
  /** Steps between the elements of a window, for all dimensions or each; 1 where not given. */
  readonly dilation?: number | readonly number[];
}

/**
 * The relation between the positions of an image, of a result and of a window:
 * `image = result * stride + window * dilation - padding`, in each dimension.
 * A convolution, its transpose and the gradient of its weight all sum over it.
 */
export interface Placement {
  /** Steps between windows. */
  readonly stride: readonly number[];
  /** Zeros before the image. */
  readonly padding: readonly number[];
  /** Steps between the elements of a window. */
  readonly dilation: readonly number[];
  /** Number of groups of channels. */
  readonly groups: number;
  /** Size of the image. */
  readonly image: Shape;
  /** Size of a window. */
  readonly window: Shape;
  /** Size of the result. */
  readonly result: Shape;
}

const KEYS = ["bias", "stride", "padding", "dilation", "groups"];
const TRANSPOSED_KEYS = [
  "bias",
  "stride",
  "padding",
  "outputPadding",
  "groups",
  "dilation",
];

/** Shapes of the operands of a call; the input has a batch dimension. */
interface Operands {
  readonly x: Shape;
  readonly w: Shape;
  readonly bias: Shape | null;
  readonly transposed: boolean;
}

/** A parameter that is given for all dimensions or for each. */
function perDimension(
  value: number | readonly number[],
  fn: string,
  name: string,
  rank: number,
  count: number,
): number[] {
  checkIntegers(value, fn, name);
  // A single number stands for as many dimensions as the function has.
  const list = typeof value === "number"
    ? new Array<number>(rank).fill(value)
    : [...value];
  if (list.length === 1) return new Array<number>(count).fill(list[0]!);
  if (list.length === count) return list;
  throw new RuntimeError(
    `expected ${name} to be a single integer value or a list of ${count} values to match the convolution dimensions, but got ${name}=${
      showShape(list)
    }`,
  );
}

/** The names of the dimensions of an image, the last first. */
const SIDES = ["width", "height", "depth"];

/** `kernel_height: 1 kernel_width: 0`; one dimension is one line of two. */
function listed(
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
function checkFit(
  { x, w, bias, transposed }: Operands,
  groups: number,
  stride: readonly number[],
  padding: readonly number[],
  outputPadding: readonly number[],
  dilation: readonly number[],
): void {
  const given = showShape(w);
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
      `Expected ${w.length}-dimensional input for ${w.length}-dimensional weight${given}, but got ${x.length}-dimensional input of size ${
        showShape(x)
      } instead`,
    );
  }
  if (w[0]! < groups) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${given} instead`,
    );
  }
  if (w[0]! % groups !== 0) {
    throw new RuntimeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${given}] instead`,
    );
  }
  const channels = transposed ? w[0]! : w[1]! * groups;
  const how = transposed ? "transposed=1" : `groups=${groups}`;
  if (x[1] !== channels) {
    throw new RuntimeError(
      `Given ${how}, weight of size ${given}, expected input${
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
      `Given ${
        transposed ? "transposed=1, " : ""
      }weight of size ${given}, expected bias to be 1-dimensional with ${outputs} elements, but got bias of size ${
        showShape(bias)
      } instead`,
    );
  }
}

/** Refuses windows without elements or without extent. */
function checkWindow(
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

function checkImage(x: Shape): void {
  if (x[0] === 0 || x[1] === 0 || !x.includes(0)) return;
  const shape = x.length === 3 ? [x[0]!, x[1]!, 1, x[2]!] : x;
  throw new RuntimeError(
    `Only zero batch or zero channel inputs are supported, but got input shape: ${
      showShape(shape)
    }`,
  );
}

function groupsOf(groups: number | undefined, fn: string): number {
  const count = groups ?? 1;
  checkIntegers(count, fn, "groups");
  if (count > 0) return count;
  throw new RuntimeError("non-positive groups is not supported");
}

function checkWeight(w: Shape): void {
  if (w.length >= 3) return;
  throw new RuntimeError("weight should have at least three dimensions");
}

/** Zeros before an image, and the size of its result, where the padding keeps it. */
function samePadding(
  options: ConvolutionOptions,
  fn: string,
  rank: number,
  w: Shape,
): number[] {
  const count = w.length - 2;
  const spread = (name: "stride" | "dilation"): readonly number[] => {
    const value = options[name] ?? 1;
    checkIntegers(value, fn, name);
    const list = typeof value === "number" ? [value] : value;
    if (list.length === 1) return new Array<number>(count).fill(list[0]!);
    if (list.length === count) return list;
    throw new RuntimeError(`${name} cannot broadcast to ${rank} dimensions`);
  };
  if (spread("stride").some((n) => n !== 1)) {
    throw new RuntimeError(
      "padding='same' is not supported for strided convolutions",
      "give the padding as numbers",
    );
  }
  return spread("dilation").map((n, d) => Math.floor(n * (w[d + 2]! - 1) / 2));
}

/** Places the windows of a convolution of `rank` dimensions; `x` has a batch dimension. */
export function placeWindows(
  x: Shape,
  w: Shape,
  options: ConvolutionOptions,
  fn: string,
  rank: number,
): Placement {
  checkOptions(options, KEYS, fn);
  checkWeight(w);
  const groups = groupsOf(options.groups, fn);
  const given = options.padding ?? 0;
  const same = given === "same";
  if (typeof given === "string" && !same && given !== "valid") {
    throw new RuntimeError(
      `Invalid padding string: '${given}'`,
      'the padding is "same", "valid" or numbers',
    );
  }
  const count = w.length - 2;
  const sides = same
    ? samePadding(options, fn, rank, w)
    : typeof given === "string"
    ? 0
    : given;
  const list = (value: number | readonly number[], name: string) =>
    perDimension(value, fn, name, rank, count);
  const stride = list(options.stride ?? 1, "stride");
  const padding = list(sides, "padding");
  const dilation = list(options.dilation ?? 1, "dilation");
  const bias = options.bias?.shape ?? null;
  const operands = { x, w, bias, transposed: false };
  checkFit(operands, groups, stride, padding, [], dilation);
  const image = x.slice(2);
  const window = w.slice(2);
  const extent = window.map((n, d) => dilation[d]! * (n - 1) + 1);
  // Padding that keeps the size is longer by one on the far side where odd.
  const padded = image.map((n, d) =>
    same ? n + extent[d]! - 1 : n + 2 * padding[d]!
  );
  if (padded.some((n, d) => n < extent[d]!)) {
    throw new RuntimeError(
      `Calculated padded input size per channel: (${
        padded.join(" x ")
      }). Kernel size: (${
        extent.join(" x ")
      }). Kernel size can't be greater than actual input size`,
    );
  }
  checkImage(x);
  checkWindow(window, dilation, w, false);
  const result = padded.map((n, d) =>
    Math.floor((n - extent[d]!) / stride[d]!) + 1
  );
  return { stride, padding, dilation, groups, image, window, result };
}

/** Places the windows of a transposed convolution, whose input is the result of the relation. */
export function placeTransposed(
  x: Shape,
  w: Shape,
  options: TransposedConvolutionOptions,
  fn: string,
  rank: number,
): Placement {
  checkOptions(options, TRANSPOSED_KEYS, fn);
  checkWeight(w);
  const groups = groupsOf(options.groups, fn);
  const count = w.length - 2;
  const list = (value: number | readonly number[], name: string) =>
    perDimension(value, fn, name, rank, count);
  const stride = list(options.stride ?? 1, "stride");
  const padding = list(options.padding ?? 0, "padding");
  const dilation = list(options.dilation ?? 1, "dilation");
  const extra = list(options.outputPadding ?? 0, "outputPadding");
  const bias = options.bias?.shape ?? null;
  const operands = { x, w, bias, transposed: true };
  checkFit(operands, groups, stride, padding, extra, dilation);
  checkImage(x);
  const result = x.slice(2);
  const window = w.slice(2);
  checkWindow(window, dilation, w, true);
  if (w[1] === 0) {
    throw new RuntimeError(
      `non-empty 2D or 4D weight tensor expected, but got: ${showShape(w)}`,
    );
  }
  if (extra.some((n, d) => n >= stride[d]! && n >= dilation[d]!)) {
    throw new RuntimeError(
      `output padding must be smaller than either stride or dilation, but got ${
        listed("output_padding", extra, 0)
      } ${listed("stride", stride, 1)} ${listed("dilation", dilation, 1)}`,
    );
  }
  const image = result.map((n, d) =>
    (n - 1) * stride[d]! - 2 * padding[d]! + dilation[d]! * (window[d]! - 1) +
    extra[d]! + 1
  );
  if (image.some((n) => n < 1)) {
    const flat = count === 1 ? [1] : [];
    throw new RuntimeError(
      `Given input size per channel: (${
        [...flat, ...result].join(" x ")
      }). Calculated output size per channel: (${
        [...flat, ...image].join(" x ")
      }). Output size is too small`,
    );
  }
  return { stride, padding, dilation, groups, image, window, result };
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
