// Resizing planes: by nearest elements, by lines and cubics through them, or
// by averages.

import { RuntimeError, ValueError } from "../errors.ts";
import type { KernelOp } from "../kernel_op.ts";
import { filterWindows, type Resizing, resizingWindows } from "../resizing.ts";
import { checkOptions, type Shape, showShape, type Size } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import {
  applyWindowing,
  defineWindowing,
  type Windowing,
} from "../window_op.ts";
import {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
} from "./pooling_adaptive.ts";

/** How {@linkcode interpolate} computes new elements. */
export type InterpolateMode =
  | "nearest"
  | "nearest-exact"
  | "linear"
  | "bilinear"
  | "trilinear"
  | "bicubic"
  | "area";

/** Options of {@linkcode interpolate}. */
export interface InterpolateOptions {
  /** Size of the result. Either this or the factor is given. */
  readonly size?: Size | null;
  /** How many times larger the result is. */
  readonly scaleFactor?: number | readonly number[] | null;
  /** How new elements are computed; `"nearest"` where not given. */
  readonly mode?: InterpolateMode;
  /** Whether the centers of the corners coincide, and not their corners. */
  readonly alignCorners?: boolean | null;
  /** Whether the factor is computed anew from the sizes. */
  readonly recomputeScaleFactor?: boolean | null;
  /** Whether elements are averaged where the result is smaller; for the modes of planes. */
  readonly antialias?: boolean;
}

const KEYS = [
  "size",
  "scaleFactor",
  "mode",
  "alignCorners",
  "recomputeScaleFactor",
  "antialias",
];

const NODES: Readonly<Record<string, KernelOp<Windowing>>> = Object.fromEntries(
  [
    ["nearest", "Nearest", [1, 2, 3]],
    ["nearest-exact", "NearestExact", [1, 2, 3]],
    ["linear", "Linear", [1]],
    ["bilinear", "Bilinear", [2]],
    ["trilinear", "Trilinear", [3]],
    ["bicubic", "Bicubic", [2]],
  ].flatMap(([mode, kind, ranks]) =>
    (ranks as number[]).map((rank) => [
      `${mode}${rank}`,
      defineWindowing(`upsample${kind}${rank}d`, `Upsample${kind}${rank}D`),
    ])
  ),
);
const BILINEAR_AA = defineWindowing(
  "upsampleBilinear2dAa",
  "UpsampleBilinear2DAa",
);
const BICUBIC_AA = defineWindowing(
  "upsampleBicubic2dAa",
  "UpsampleBicubic2DAa",
);

const CURVED = ["linear", "bilinear", "bicubic", "trilinear"];
const RANKS: Readonly<Record<string, number>> = {
  linear: 1,
  bilinear: 2,
  bicubic: 2,
  trilinear: 3,
};
const AREAS = [adaptiveAvgPool1d, adaptiveAvgPool2d, adaptiveAvgPool3d];

/** One number per pooled dimension. */
function perDim(
  x: Tensor,
  value: Size,
  what: string | null,
  sentence: string,
): Shape {
  const spatial = x.shape.slice(2);
  if (typeof value === "number") return spatial.map(() => value);
  if (value.length === spatial.length) return value;
  throw new ValueError(
    `Input and ${
      what ?? "output"
    } must have the same number of spatial dimensions, but got input with spatial dimensions of ${
      showShape(spatial)
    } and ${sentence.replace("%", showShape(value))}`,
  );
}

interface Target {
  readonly size: Shape;
  /** The factors that the caller gave; null where they come from the sizes. */
  readonly scales: Shape | null;
}

function targetOf(x: Tensor, o: InterpolateOptions): Target {
  const { size = null, scaleFactor = null, mode = "nearest" } = o;
  if (size !== null && scaleFactor !== null) {
    throw new ValueError("only one of size or scaleFactor should be defined");
  }
  if (size !== null) {
    const list = perDim(
      x,
      size,
      null,
      "output size of %. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.",
    );
    if (o.recomputeScaleFactor) {
      throw new ValueError(
        "recomputeScaleFactor is not meaningful with an explicit size.",
      );
    }
    return { size: list, scales: null };
  }
  if (scaleFactor === null) {
    throw new ValueError("either size or scaleFactor should be defined");
  }
  const scales = perDim(
    x,
    scaleFactor,
    "scaleFactor",
    "scaleFactor of shape %. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scaleFactor in (s1, s2, ...,sK) format.",
  );
  const list = scales.map((s, k) => Math.trunc(x.shape[k + 2]! * s));
  const anew = o.recomputeScaleFactor === true || mode === "area";
  return { size: list, scales: anew ? null : scales };
}

const AXES = ["", "W", "HW", "DHW"];

function checkSizes(x: Tensor, size: Shape): void {
  const spatial = x.shape.slice(2);
  const axes = AXES[spatial.length]!;
  const list = (values: Shape) =>
    values.map((n, k) => `${axes[k]}: ${n}`).join(", ");
  if ([...spatial, ...size].some((n) => n < 1)) {
    throw new RuntimeError(
      `Input and output sizes should be greater than 0, but got input (${
        list(spatial)
      }) output (${list(size)})`,
    );
  }
  if (x.shape[1] === 0) {
    throw new RuntimeError(
      `Non-empty ${x.shape.length}D data tensor expected but got a tensor with sizes ${
        showShape(x.shape)
      }`,
    );
  }
}

/**
 * Resizes the dimensions of `x` after the first two (batch and channels), to a
 * size or by a factor. `"nearest"`, `"nearest-exact"` and `"area"` take one to
 * three of them, `"linear"` one, `"bilinear"` and `"bicubic"` two,
 * `"trilinear"` three. See `torch.nn.functional.interpolate`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const { interpolate } = dg.nn.functional;
 * const x = dg.tensor([[[1, 3]]]);
 * assertEquals(interpolate(x, { scaleFactor: 2 }).tolist(), [[[1, 1, 3, 3]]]);
 * const line = interpolate(x, { size: 3, mode: "linear", alignCorners: true });
 * assertEquals(line.tolist(), [[[1, 2, 3]]]);
 * ```
 */
export function interpolate(
  x: Tensor,
  options: InterpolateOptions = {},
): Tensor {
  checkOptions(options, KEYS, "interpolate");
  const { mode = "nearest", alignCorners = null, antialias = false } = options;
  const rank = x.shape.length - 2;
  if (alignCorners !== null && !CURVED.includes(mode)) {
    throw new ValueError(
      "alignCorners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear",
    );
  }
  const target = targetOf(x, options);
  if (antialias && !(mode.startsWith("bi") && rank === 2)) {
    throw new ValueError(
      "Anti-alias option is restricted to bilinear, bicubic, and lanczos modes and requires a 4-D tensor as input",
    );
  }
  checkMode(rank, mode);
  if (mode === "area") return AREAS[rank - 1]!(x, target.size);
  checkSizes(x, target.size);
  if (x.info.category !== 2) {
    throw new RuntimeError(
      `"upsample_${mode}${rank}d" not implemented for '${x.info.scalarName}'`,
      'convert it with to("float32") first',
    );
  }
  const spatial = x.shape.slice(2);
  const windows = spatial.map((n, k) => {
    const how: Resizing = {
      from: n,
      to: target.size[k]!,
      factor: target.scales?.[k] ?? null,
      alignCorners: alignCorners ?? false,
    };
    return antialias
      ? filterWindows(mode === "bicubic", how)
      : resizingWindows(mode, how);
  });
  const op = !antialias
    ? NODES[`${mode}${rank}`]!
    : mode === "bicubic"
    ? BICUBIC_AA
    : BILINEAR_AA;
  return applyWindowing(op, x, { size: spatial, windows, divisor: 1 });
}

function checkMode(rank: number, mode: InterpolateMode): void {
  const needed = RANKS[mode];
  const known = needed !== undefined || AREAS[rank - 1] !== undefined;
  if (needed !== undefined && rank !== needed && rank >= 1 && rank <= 3) {
    // PyTorch has no such sentence for cubics.
    if (mode !== "bicubic") {
      throw new RuntimeError(
        `Got ${rank + 2}D input, but ${mode} mode needs ${needed + 2}D input`,
      );
    }
  }
  const modes = ["nearest", "nearest-exact", "area", ...CURVED];
  if (known && modes.includes(mode) && (needed ?? rank) === rank) return;
  throw new RuntimeError(
    `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${
      rank + 2
    }D) for the modes: nearest | linear | bilinear | bicubic | trilinear | lanczos | area | nearest-exact (got ${mode})`,
  );
}
