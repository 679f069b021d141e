// Prints a tensor exactly as PyTorch's repr does, without the "torch." before
// dtypes. Sees a tensor only through the interface Printable: it must not know
// the Tensor class, storage or devices. Source: torch/_tensor_str.py.

import type { Complex } from "./complex_number.ts";
import {
  complexInfo,
  type DType,
  dtypeInfo,
  getDefaultDtype,
} from "./dtype.ts";
import { gradFnLabel } from "./grad_fn_label.ts";
import {
  complexStyle,
  type Element,
  floatStyle,
  integerStyle,
  legacyFloatStyle,
  type NumberStyle,
} from "./number_style.ts";
import { type ActivePrintOptions, getPrintoptions } from "./print_options.ts";

export { pythonFloat } from "./format_number.ts";
export { gradFnLabel, gradFnRepr } from "./grad_fn_label.ts";
export {
  type ActivePrintOptions,
  getPrintoptions,
  type PrintOptions,
  setPrintoptions,
} from "./print_options.ts";

/** What the printer asks about a tensor. */
export interface Printable {
  /** Sizes of the dimensions. */
  readonly shape: readonly number[];
  /** Element type. */
  readonly dtype: DType;
  /** The device's name, null where it is the default device, which is not shown. */
  readonly device: string | null;
  /** Whether `requires_grad=True` is shown, unless there is a node to show. */
  readonly requiresGrad: boolean;
  /** Name of the node that made the tensor, null for a leaf. */
  readonly gradFnName: string | null;
  /** Reads one element; the printer reuses the array of indices. */
  element(index: readonly number[]): Element;
}

const PREFIX = "tensor(";

/** Where a summarised dimension leaves elements out. */
const GAP = -1;

/** Returns PyTorch's `repr(tensor)`, without the `torch.` before dtypes. */
export function formatTensor(x: Printable): string {
  const options = getPrintoptions();
  const legacy = options.compat !== null;
  const size = x.shape.reduce((product, length) => product * length, 1);
  const text = size === 0 ? "[]" : new Layout(x, size, options).text();
  const suffixes = suffixesOf(x, size === 0, options);
  const complete = legacy
    ? addLegacySuffixes(text, suffixes, options.linewidth)
    : addSuffixes(PREFIX + text, suffixes, options.linewidth);
  // Lines break where PyTorch breaks them, so its prefix goes only now.
  return complete.replace("dtype=torch.", "dtype=");
}

/** The numbers of one tensor between the parentheses, brackets included. */
class Layout {
  readonly #x: Printable;
  readonly #options: ActivePrintOptions;
  readonly #summarize: boolean;
  readonly #style: NumberStyle;
  readonly #index: number[];

  constructor(x: Printable, size: number, options: ActivePrintOptions) {
    this.#x = x;
    this.#options = options;
    this.#summarize = size > options.threshold;
    this.#index = x.shape.map(() => 0);
    const values: Element[] = [];
    this.#collect(0, this.#summarize, values);
    this.#style = styleOf(x.dtype, values, options);
  }

  /** Writes all of it. */
  text(): string {
    return this.#text(0, PREFIX.length);
  }

  /** Gathers the values that will be shown: they alone decide the style. */
  #collect(dim: number, summarize: boolean, values: Element[]): void {
    if (dim === this.#x.shape.length) {
      values.push(this.#x.element(this.#index));
      return;
    }
    const shown = this.#shown(dim, summarize);
    // 0.4.1 stopped summarising below a dimension that is shown whole, so that
    // hidden values took part.
    const inner = summarize &&
      (this.#options.compat === null || shown.includes(GAP));
    for (const i of shown) {
      if (i === GAP) continue;
      this.#index[dim] = i;
      this.#collect(dim + 1, inner, values);
    }
  }

  /** Indices to show along a dimension, with GAP for what is left out. */
  #shown(dim: number, summarize: boolean): number[] {
    const length = this.#x.shape[dim]!;
    const { edgeitems } = this.#options;
    if (!summarize || length <= 2 * edgeitems) {
      return Array.from({ length }, (_, i) => i);
    }
    const start = Array.from({ length: edgeitems }, (_, i) => i);
    return [...start, GAP, ...start.map((i) => length - edgeitems + i)];
  }

  #text(dim: number, indent: number): string {
    const below = this.#x.shape.length - dim;
    if (below === 0) return this.#number();
    const parts = this.#shown(dim, this.#summarize).map((i) => {
      if (i === GAP) return this.#gap(below);
      this.#index[dim] = i;
      return below === 1 ? this.#number() : this.#text(dim + 1, indent + 1);
    });
    const margin = " ".repeat(indent + 1);
    if (below > 1) {
      return `[${parts.join("," + "\n".repeat(below - 1) + margin)}]`;
    }
    const { linewidth } = this.#options;
    const room = (linewidth - indent) / (this.#style.width + 2);
    return `[${inLines(parts, Math.max(1, Math.floor(room)), margin)}]`;
  }

  #number(): string {
    return this.#style.format(this.#x.element(this.#index));
  }

  #gap(below: number): string {
    return below === 1 && this.#options.edgeitems > 0 ? " ..." : "...";
  }
}

function inLines(
  parts: readonly string[],
  perLine: number,
  margin: string,
): string {
  const lines: string[] = [];
  for (let i = 0; i < parts.length; i += perLine) {
    lines.push(parts.slice(i, i + perLine).join(", "));
  }
  return lines.join(",\n" + margin);
}

function styleOf(
  dtype: DType,
  values: readonly Element[],
  options: ActivePrintOptions,
): NumberStyle {
  const { category } = dtypeInfo(dtype);
  if (options.compat !== null && category < 3) {
    // 0.4.1 had no bool: its comparisons gave uint8, so bool prints as that.
    if (category === 0) return bytesStyle(values);
    return category === 1
      ? integerStyle(values)
      : legacyFloatStyle(values, options);
  }
  if (category === 3) return complexStyle(values as Complex[], options);
  return category === 2 ? floatStyle(values, options) : integerStyle(values);
}

function bytesStyle(values: readonly Element[]): NumberStyle {
  const style = integerStyle(values.map(Number));
  return { width: style.width, format: (value) => style.format(Number(value)) };
}

/** What follows the numbers, in PyTorch's order. */
function suffixesOf(
  x: Printable,
  empty: boolean,
  { edgeitems, compat }: ActivePrintOptions,
): string[] {
  const suffixes: string[] = [];
  if (x.device !== null) suffixes.push(`device='${x.device}'`);
  // An empty one-dimensional tensor can be seen to be one; and where no items
  // are shown, nothing else tells the size.
  if (empty ? x.shape.length !== 1 : edgeitems === 0) {
    suffixes.push(`size=${tupleText(x.shape)}`);
  }
  if (!isImplied(x.dtype, empty, compat !== null)) {
    const asBytes = compat !== null && x.dtype === "bool";
    suffixes.push(`dtype=torch.${asBytes ? "uint8" : x.dtype}`);
  }
  if (x.gradFnName !== null) {
    suffixes.push(`grad_fn=<${gradFnLabel(x.gradFnName)}>`);
  } else if (x.requiresGrad) {
    suffixes.push("requires_grad=True");
  }
  return suffixes;
}

/** Whether the numbers as printed already tell the dtype. */
function isImplied(dtype: DType, empty: boolean, legacy: boolean): boolean {
  const usual = dtypeInfo(getDefaultDtype());
  if (dtype === usual.name) return true;
  if (empty) return false;
  if (dtype === complexInfo(usual).name) return true;
  return dtype === "int64" || (dtype === "bool" && !legacy);
}

/** A shape as a Python tuple: `()`, `(3,)`, `(2, 3)`. */
function tupleText(shape: readonly number[]): string {
  return shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`;
}

/** Each suffix that no longer fits starts a new line. */
function addSuffixes(
  text: string,
  suffixes: readonly string[],
  linewidth: number,
): string {
  let result = text;
  let column = text.length - text.lastIndexOf("\n") + 1;
  for (const suffix of suffixes) {
    if (column + suffix.length + 2 > linewidth) {
      result += ",\n" + " ".repeat(PREFIX.length) + suffix;
      column = PREFIX.length + suffix.length;
    } else {
      result += ", " + suffix;
      column += suffix.length + 2;
    }
  }
  return result + ")";
}

/**
 * 0.4.1 moved all suffixes together, counted the closing parenthesis, and did
 * not count the prefix of a one-line tensor.
 */
function addLegacySuffixes(
  text: string,
  suffixes: readonly string[],
  linewidth: number,
): string {
  if (suffixes.length === 0) return `${PREFIX}${text})`;
  const tail = suffixes.join(", ") + ")";
  const column = text.length - text.lastIndexOf("\n") + 1;
  const separator = column + tail.length + 2 > linewidth
    ? ",\n" + " ".repeat(PREFIX.length)
    : ", ";
  return PREFIX + text + separator + tail;
}
