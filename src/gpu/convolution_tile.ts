// Convolutions as products of matrices: the left operand are the weights, the
// right one the windows of the image, which are never written out: tiles of them
// go through workgroup memory as they are found in the image. Where a thread's
// four windows begin is computed once; what the window looks like are constants
// of the text. Results that are few, such as a weight's gradient, have long
// sums, which are cut into pieces as those of other products.

import type { ConvolutionGeometry, Strided } from "../tensor/device.ts";
import { FLOAT32, INT32 } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import { convertKind, elementOf, type Kind } from "./element.ts";
import type { GpuStorage } from "./gpu_storage.ts";
import { groupsOf, piecesFor, tilingFor } from "./matmul_shader.ts";
import { printTiles, type TileText } from "./matmul_tile.ts";
import { AT, PRODUCT_WORDS } from "./product.ts";
import { type Engine, type Operand, word, WORDS } from "./program.ts";
import { sumPieces } from "./piece_sum.ts";
import type { Temporary } from "./reduce_shader.ts";

/** Output channels and elements of a window below which a tile would be mostly empty. */
const LEAST_CHANNELS = 8;
const LEAST_WINDOW = 8;
/** Multiplications below which one launch of the direct kernel does. */
const LEAST_WORK = 2 ** 16;

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
const POSITIONS = PRODUCT_WORDS;
const OUT_IMAGE = POSITIONS + 1;
const BIAS = POSITIONS + 2;
/** Sizes of the result, then sizes and strides of the image: channel, batch, dimensions; then strides of the weights. */
const SIZES = POSITIONS + 5;

interface Places {
  readonly outSize: number;
  readonly xSize: number;
  /** Strides of the image: image, channel, dimensions. */
  readonly xStride: number;
  /** Strides of the weights: channel, dimensions. */
  readonly wStride: number;
}

function product(values: readonly number[]): number {
  return values.reduce((total, n) => total * n, 1);
}

/** Runs a convolution by tiles; tells whether it is one of those that this pays for. */
export function runTiledConvolution(
  engine: Engine,
  temporary: Temporary,
  call: Convolution,
): boolean {
  const { out, x, w, bias } = call;
  const [images, groups, channels, ...sizes] = out.shape as [
    number,
    number,
    number,
    ...number[],
  ];
  const positions = product(sizes);
  const columns = images * positions;
  const k = product(w.shape.slice(2));
  const flat = contiguousStrides(sizes);
  if (
    channels < LEAST_CHANNELS || k < LEAST_WINDOW ||
    out.count * k < LEAST_WORK ||
    sizes.some((n, d) => n !== 1 && out.strides[3 + d] !== flat[d])
  ) return false;
  const tiling = tilingFor(engine, groups, channels, columns);
  const { down, across } = groupsOf(tiling, channels, columns);
  const tasks = down * across * groups;
  const order = bias === null ? orderOf(out, positions) : null;
  const pieces = order === null ? 1 : piecesFor(tasks, k);
  const kept = elementOf(out.info).kind === "f32" ? FLOAT32 : INT32;
  const parts = pieces === 1
    ? null
    : temporary(kept, [pieces, groups, channels, columns]);
  const target = parts ?? out;
  WORDS[AT.m] = channels;
  WORDS[AT.n] = columns;
  WORDS[AT.k] = k;
  WORDS[AT.down] = down;
  WORDS[AT.across] = across;
  WORDS[AT.batch] = groups;
  WORDS[AT.length] = Math.ceil(k / pieces / 4) * 4;
  WORDS[AT.x] = w.offset;
  WORDS[AT.x + 1] = w.strides[0]!;
  WORDS[AT.x + 2] = w.strides[1]!;
  WORDS[AT.y] = x.offset;
  WORDS[AT.y + 1] = x.strides[1]!;
  WORDS[AT.out] = target.offset;
  WORDS[AT.out + 1] = parts === null ? out.strides[1]! : channels * columns;
  WORDS[AT.out + 2] = parts === null ? out.strides[2]! : columns;
  WORDS[AT.tasks] = tasks * pieces;
  WORDS[POSITIONS] = positions;
  WORDS[OUT_IMAGE] = out.strides[0]!;
  if (bias !== null) {
    WORDS[BIAS] = bias.offset;
    WORDS[BIAS + 1] = bias.strides[0]!;
    WORDS[BIAS + 2] = bias.strides[1]!;
  }
  let n = SIZES;
  const put = (values: readonly number[]) => {
    const at = n;
    for (const value of values) WORDS[n++] = value;
    return at;
  };
  const places: Places = {
    outSize: put(sizes),
    xSize: put(x.shape.slice(3)),
    xStride: put([x.strides[0]!, ...x.strides.slice(2)]),
    wStride: put(w.strides.slice(2)),
  };
  const dense = isDense(w);
  const wide = dense && isWide(w, k, [x, bias]);
  const operands: Operand[] = [
    { name: "out", x: target, write: true },
    { name: "x", x: w, write: false, wide },
    { name: "y", x, write: false },
  ];
  if (bias !== null) operands.push({ name: "bias", x: bias, write: false });
  const { stride, padding, dilation, spread } = call.geometry;
  const window = w.shape.slice(3);
  engine.programs.launch(
    `convolve ${tiling.rows}x${tiling.columns} ${
      [window, stride, padding, dilation, spread].join(" ")
    } ${dense ? "d" : ""}${wide ? "v" : ""}${bias === null ? "" : "b"}${
      parts === null ? "" : "p"
    }`,
    operands,
    () =>
      printTiles(
        tiling,
        convolutionText(call, places, { dense, wide, whole: parts === null }),
      ),
    n,
    tasks * pieces,
  );
  if (parts !== null) addPieces(engine, temporary, out, parts, order!);
  return true;
}

/**
 * The dimensions of the results in the order in which they lie in memory: image,
 * group, channel and position by number; null where there are gaps.
 */
function orderOf(out: Strided, positions: number): number[] | null {
  const shape = [...out.shape.slice(0, 3), positions];
  const strides = [...out.strides.slice(0, 3), 1];
  const order = [0, 1, 2, 3].filter((d) => shape[d] !== 1)
    .sort((a, b) => strides[b]! - strides[a]!);
  const dense = contiguousStrides(order.map((d) => shape[d]!));
  return order.every((d, k) => strides[d] === dense[k]) ? order : null;
}

/** Adds the pieces up, in order: they lie by channel, the results as they like. */
function addPieces(
  engine: Engine,
  temporary: Temporary,
  out: Strided,
  parts: Strided,
  order: readonly number[],
): void {
  const [pieces, groups, channels, columns] = parts.shape as [
    number,
    number,
    number,
    number,
  ];
  const positions = columns / out.shape[0]!;
  const each = channels * columns;
  const sizes = [out.shape[0]!, groups, channels, positions];
  const steps = [positions, each, columns, 1];
  const shape = order.map((d) => sizes[d]!);
  const strides = contiguousStrides(shape);
  sumPieces(
    engine,
    temporary,
    { ...out, shape, strides, dense: true },
    {
      ...parts,
      shape: [...shape, pieces],
      strides: [...order.map((d) => steps[d]!), groups * each],
      dense: false,
    },
  );
}

/** Whether a channel's weights lie side by side. */
function isDense(w: Strided): boolean {
  const inner = contiguousStrides(w.shape.slice(2));
  return inner.every((s, d) => w.shape[2 + d] === 1 || w.strides[2 + d] === s);
}

/** Whether the weights can be read by vectors. */
function isWide(
  w: Strided,
  k: number,
  others: readonly (Strided | null)[],
): boolean {
  const { memory } = w.storage as GpuStorage;
  return !memory.arena && memory.segments.length === 1 &&
    ((w.offset | k | w.strides[0]! | w.strides[1]!) & 3) === 0 &&
    others.every((other) =>
      other === null ||
      (other.storage as GpuStorage).memory.segments !== memory.segments
    );
}

/** What of the layout the text depends on. */
interface Layout {
  readonly dense: boolean;
  readonly wide: boolean;
  /** Whether sums are whole, not pieces. */
  readonly whole: boolean;
}

function convolutionText(
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
