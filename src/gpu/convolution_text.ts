// The text of convolutions by tiles: how four neighbours of the weights and of
// the windows are found. What the window looks like are constants of the text;
// it knows nothing of launching.

import type { ConvolutionGeometry, Strided } from "../tensor/device.ts";
import { FLOAT32 } from "../tensor/dtype.ts";
import { convertKind, elementOf, type Kind } from "./element.ts";
import type { TileText } from "./matmul_tile.ts";
import { AT, PRODUCT_WORDS } from "./product.ts";
import { word } from "./program.ts";

/** A convolution. */
export interface Convolution {
  /** The results. */
  readonly out: Strided;
  /** The image. */
  readonly x: Strided;
  /** The weights. */
  readonly w: Strided;
  /** What is added for each channel. */
  readonly bias: Strided | null;
  /** Where the windows lie. */
  readonly geometry: ConvolutionGeometry;
}

/** Places of the numbers that other products do not have. */
export const POSITIONS: number = PRODUCT_WORDS;
export const OUT_IMAGE: number = POSITIONS + 1;
export const BIAS: number = POSITIONS + 2;
/** Sizes of the result, then sizes and strides of the image: channel, batch, dimensions; then strides of the weights. */
export const SIZES: number = POSITIONS + 5;

/** Where the numbers of the call stand. */
export interface Places {
  readonly outSize: number;
  readonly xSize: number;
  /** Strides of the image: image, channel, dimensions. */
  readonly xStride: number;
  /** Strides of the weights: channel, dimensions. */
  readonly wStride: number;
}

/** What of the layout the text depends on. */
export interface Layout {
  readonly dense: boolean;
  readonly wide: boolean;
  /** Whether sums are whole, not pieces. */
  readonly whole: boolean;
}

/** The parts of the text. */
export function convolutionText(
  call: Convolution,
  places: Places,
  layout: Layout,
): TileText {
  const { kind } = elementOf(call.x.info);
  return {
    kind,
    declarations: [
      printKeep(call, kind, layout.whole),
      printWeights(call, places, kind, layout),
      printWindows(call, places, kind),
    ].join("\n"),
    inner: { x: true, y: false },
    prepare: (near) => `windows_at(y0, ${near})`,
  };
}

function printKeep(
  { out, bias }: Convolution,
  kind: Kind,
  whole: boolean,
): string {
  const own = elementOf(whole ? out.info : FLOAT32).kind;
  const to = whole ? own : kind;
  const value = bias === null
    ? "sum"
    : `sum + load_bias(${word(BIAS)} + b * ${word(BIAS + 1)} + row * ${
      word(BIAS + 2)
    })`;
  const place = whole
    ? `(column / ${word(POSITIONS)}) * ${word(OUT_IMAGE)} + column % ${
      word(POSITIONS)
    }`
    : "column";
  return `fn keep(sum: ${kind}, b: i32, row: i32, column: i32, out0: i32) {
store_out(out0 + row * ${word(AT.out + 2)} + ${place}, ${
    convertKind(kind, to, value)
  });
}`;
}

/** The position in the window of inner element `k`, and its channel, by constants. */
function printParts(window: readonly number[], k: string): string[] {
  const lines: string[] = [];
  let rest = k;
  for (let d = window.length - 1; d >= 0; d--) {
    lines.push(`let k${d} = ${rest} % ${window[d]};`);
    lines.push(`let r${d} = ${rest} / ${window[d]};`);
    rest = `r${d}`;
  }
  return lines;
}

/** Four neighbours of a channel's weights. */
function printWeights(
  { w }: Convolution,
  { wStride }: Places,
  kind: Kind,
  { dense, wide }: Layout,
): string {
  const head =
    `fn vector_x(base: i32, near: i32, far: i32, ends: vec2<i32>) -> vec4<${kind}> {
var v = vec4<${kind}>();
if (far >= ends.y) { return v; }
let at = base + far * ${word(AT.x + 2)};`;
  if (wide) {
    return `${head}
if (near < ends.x) { v = load4_x((at + near) / 4); }
return v;
}`;
  }
  const window = w.shape.slice(3);
  const lanes = ["x", "y", "z", "w"].map((lane, j) => {
    const k = `(near + ${j})`;
    const steps = [
      `r0 * ${word(wStride)}`,
      ...window.map((_, d) => `k${d} * ${word(wStride + 1 + d)}`),
    ];
    const place = dense ? `at + ${k}` : `at + ${steps.join(" + ")}`;
    const parts = dense ? "" : printParts(window, k).join(" ");
    return `if (near + ${j} < ends.x) { ${parts} v.${lane} = load_x(${place}); }`;
  });
  return `${head}
${lanes.join("\n")}
return v;
}`;
}

/** One inner element of four neighbouring windows. */
function printWindows(
  { x, w, geometry }: Convolution,
  { outSize, xSize, xStride }: Places,
  kind: Kind,
): string {
  const window = w.shape.slice(3);
  const rank = window.length;
  const { stride, padding, dilation, spread } = geometry;
  const begin: string[] = [];
  for (let d = rank - 1; d >= 0; d--) {
    const size = word(outSize + d);
    begin.push(
      `at.q${d}[j] = (rest % ${size}) * ${stride[d]} - (${padding[d]});`,
      `rest = rest / ${size};`,
    );
  }
  const load = ["x", "y", "z", "w"].map((lane, j) => {
    const lines: string[] = [];
    const inside: string[] = [`near + ${j} < ends.x`];
    const steps: string[] = [];
    for (let d = 0; d < rank; d++) {
      const s = spread[d]!;
      const p = `p${d}`;
      lines.push(`let ${p} = at.q${d}.${lane} + d${d};`);
      inside.push(
        `${p} >= 0`,
        `${p} < ${word(xSize + d)}${s === 1 ? "" : ` * ${s}`}`,
      );
      if (s !== 1) inside.push(`${p} % ${s} == 0`);
      steps.push(
        `${s === 1 ? p : `(${p} / ${s})`} * ${word(xStride + 2 + d)}`,
      );
    }
    const value = convertKind(
      elementOf(x.info).kind,
      kind,
      `load_y(at.base.${lane} + channel + ${steps.join(" + ")})`,
    );
    return `{ ${lines.join(" ")}
if (${inside.join(" && ")}) { v.${lane} = ${value}; } }`;
  });
  return `struct Windows {
near: i32,
base: vec4<i32>,
${window.map((_, d) => `q${d}: vec4<i32>,`).join("\n")}
}
fn windows_at(base: i32, near: i32) -> Windows {
var at: Windows;
at.near = near;
for (var j = 0; j < 4; j++) {
var rest = near + j;
${begin.join("\n")}
at.base[j] = base + rest * ${word(xStride)};
}
return at;
}
fn vector_y(at: Windows, far: i32, ends: vec2<i32>) -> vec4<${kind}> {
var v = vec4<${kind}>();
if (far >= ends.y) { return v; }
let near = at.near;
${printParts(window, "far").join("\n")}
let channel = r0 * ${word(xStride + 1)};
${window.map((_, d) => `let d${d} = k${d} * ${dilation[d]};`).join("\n")}
${load.join("\n")}
return v;
}`;
}
