// Where the windows of a convolution lie: reads the options and computes the
// sizes of the result. Knows shapes only.

import { checkIntegers } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import {
  checkOptions,
  contiguousStrides,
  countElements,
  repeated,
  sameShape,
  type Shape,
  showShape,
} from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  checkFit,
  checkImage,
  checkWeight,
  checkWindow,
  extentOf,
  listed,
  paddedSize,
  refuseWindow,
} from "./convolution_checks.ts";

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
  /** How operands lie, seen by groups, that are dense; null for a transposed convolution. */
  readonly dense: Readonly<Record<"x" | "w" | "out", Layout>> | null;
}

/** How elements lie. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly count: number;
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

/** A parameter that is given for all dimensions or for each. */
function perDimension(
  value: number | readonly number[],
  fn: string,
  name: string,
  rank: number,
  count: number,
): readonly number[] {
  checkIntegers(value, fn, name);
  // A single number stands for as many dimensions as the function has.
  const list = typeof value === "number" ? repeated(value, rank) : value;
  if (list.length === 1) return repeated(list[0]!, count);
  // A copy: the caller may change its own before the backward pass.
  if (list.length === count) {
    return typeof value === "number" ? list : [...list];
  }
  throw new RuntimeError(
    `expected ${name} to be a single integer value or a list of ${count} values to match the convolution dimensions, but got ${name}=${
      showShape(list)
    }`,
  );
}

function groupsOf(groups: number | undefined, fn: string): number {
  const count = groups ?? 1;
  checkIntegers(count, fn, "groups");
  if (count > 0) return count;
  throw new RuntimeError("non-positive groups is not supported");
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
    if (list.length === 1) return repeated(list[0]!, count);
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

/** A call that was found right, with what it gave. */
interface Known {
  readonly x: Shape;
  readonly w: Shape;
  readonly rank: number;
  readonly bias: Shape | null;
  /** The options as they were then: a caller may change a list of its own. */
  readonly options: ConvolutionOptions;
  readonly placement: Placement;
}

/** The last calls, by their shapes: a layer makes the same ones again and again. */
const KNOWN: (Known | undefined)[] = [];
const MOST_KNOWN = 256;

/** A place in {@linkcode KNOWN}. */
function placeOf(x: Shape, w: Shape): number {
  let hash = 0;
  for (let d = 0; d < x.length; d++) hash = (hash * 31 + x[d]!) | 0;
  for (let d = 0; d < w.length; d++) hash = (hash * 31 + w[d]!) | 0;
  return hash & MOST_KNOWN - 1;
}

type Setting = ConvolutionOptions["padding"];

function isSame(a: Setting, b: Setting): boolean {
  return a === b ||
    (typeof a === "object" && typeof b === "object" && sameShape(a, b));
}

function copied<T extends Setting>(value: T): T {
  return (typeof value === "object" ? value.slice() : value) as T;
}

function isKnown(
  known: Known,
  x: Shape,
  w: Shape,
  rank: number,
  { bias, stride, padding, dilation, groups }: ConvolutionOptions,
): boolean {
  const { options } = known;
  return known.rank === rank && sameShape(known.x, x) &&
    sameShape(known.w, w) && groups === options.groups &&
    isSame(stride, options.stride) && isSame(padding, options.padding) &&
    isSame(dilation, options.dilation) &&
    (bias == null
      ? known.bias === null
      : known.bias !== null && sameShape(bias.shape, known.bias));
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
  const at = placeOf(x, w);
  const known = KNOWN[at];
  if (known !== undefined && isKnown(known, x, w, rank, options)) {
    return known.placement;
  }
  const placement = findWindows(x, w, options, fn, rank);
  const bias = options.bias?.shape ?? null;
  KNOWN[at] = { x, w, rank, bias, options: settingsOf(options), placement };
  return placement;
}

/** The options without the bias, which nothing here may keep alive. */
function settingsOf(
  { stride, padding, dilation, groups }: ConvolutionOptions,
): ConvolutionOptions {
  return {
    ...(stride === undefined ? {} : { stride: copied(stride) }),
    ...(padding === undefined ? {} : { padding: copied(padding) }),
    ...(dilation === undefined ? {} : { dilation: copied(dilation) }),
    ...(groups === undefined ? {} : { groups }),
  };
}

function findWindows(
  x: Shape,
  w: Shape,
  options: ConvolutionOptions,
  fn: string,
  rank: number,
): Placement {
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
  const stride = perDimension(options.stride ?? 1, fn, "stride", rank, count);
  const padding = perDimension(sides, fn, "padding", rank, count);
  const dilation = perDimension(
    options.dilation ?? 1,
    fn,
    "dilation",
    rank,
    count,
  );
  const bias = options.bias?.shape ?? null;
  const operands = { x, w, bias, transposed: false };
  checkFit(operands, groups, stride, padding, [], dilation);
  const image = x.slice(2);
  const window = w.slice(2);
  const result = new Array<number>(count);
  let fits = true;
  for (let d = 0; d < count; d++) {
    const extent = extentOf(window, dilation, d);
    const room = paddedSize(image, padding, d, extent, same) - extent;
    if (room < 0) fits = false;
    result[d] = Math.floor(room / stride[d]!) + 1;
  }
  if (!fits) refuseWindow(image, window, padding, dilation, same);
  checkImage(x);
  checkWindow(window, dilation, w, false);
  const dense = {
    x: denseLayout([x[0]!, groups, x[1]! / groups, ...image]),
    w: denseLayout([groups, w[0]! / groups, ...w.slice(1)]),
    out: denseLayout([x[0]!, groups, w[0]! / groups, ...result]),
  };
  const sizes = { image, window, result };
  return { stride, padding, dilation, groups, ...sizes, dense };
}

function denseLayout(shape: Shape): Layout {
  const count = countElements(shape);
  return { shape, strides: contiguousStrides(shape), count };
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
  const sizes = { image, window, result };
  return { stride, padding, dilation, groups, ...sizes, dense: null };
}
