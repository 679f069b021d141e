// Fourier transforms of short pieces of a signal, and the way back: composites
// of other ops, as in PyTorch.

import { checkInteger } from "../arguments.ts";
import { RuntimeError } from "../errors.ts";
import { checkTensor } from "../is_tensor.ts";
import { checkOptions, normalizeDim, showShape } from "../shape.ts";
import type { Tensor } from "../tensor.ts";
import { viewAsComplex, viewAsReal } from "./complex.ts";
import {
  complexTransform,
  halfTransform,
  realTransform,
} from "./fft_kernels.ts";
import { pad, type PadMode } from "./padding.ts";
import { addWindows } from "./slicing.ts";

/** What {@linkcode stft} and {@linkcode istft} have in common. */
export interface ShortTimeOptions {
  /** From one piece to the next; a quarter of `nFft` where not given. */
  readonly hopLength?: number;
  /** Length of the window, which is filled up with zeros to `nFft`; `nFft` where not given. */
  readonly winLength?: number;
  /** What pieces are multiplied by; ones where not given. */
  readonly window?: Tensor;
  /** Whether pieces have their middle where they count from; they do where not given. Else they begin there. */
  readonly center?: boolean;
  /** Whether both directions divide by the root of `nFft`. */
  readonly normalized?: boolean;
  /** Whether there is only the first half of each spectrum, as is standard for real signals. */
  readonly onesided?: boolean;
}

/** Options of {@linkcode stft}. */
export interface StftOptions extends ShortTimeOptions {
  /** What comes before and behind the signal, where pieces are centered; `"reflect"` where not given. */
  readonly padMode?: PadMode;
  /** Whether the result is complex, or has pairs of real numbers in a last dimension. To be given for real signals. */
  readonly returnComplex?: boolean;
  /** Whether pieces that are not centered begin where their window does, not with the zeros before it. */
  readonly alignToWindow?: boolean;
}

/** Options of {@linkcode istft}. */
export interface IstftOptions extends ShortTimeOptions {
  /** Length of the signal, to which it is cut or filled up with zeros. */
  readonly length?: number;
  /** Whether the signal is complex; real where not given. */
  readonly returnComplex?: boolean;
}

const KEYS = [
  "hopLength",
  "winLength",
  "window",
  "center",
  "normalized",
  "onesided",
];

/** A flag as PyTorch shows it in errors. */
function flag(value: boolean | undefined): string {
  return value === undefined ? "None" : String(Number(value));
}

function windowText(window: Tensor | undefined): string {
  return window === undefined
    ? "None"
    : `torch.${window.info.scalarName}Tensor{${showShape(window.shape)}}`;
}

/** A window in the middle of `nFft` places; null where nothing is multiplied. */
function centered(
  window: Tensor | undefined,
  x: Tensor,
  winLength: number,
  nFft: number,
): Tensor | null {
  if (winLength === nFft) return window ?? null;
  const left = Math.floor((nFft - winLength) / 2);
  const ones = window ?? x.newOnes([winLength]);
  return pad(ones, [left, nFft - winLength - left]);
}

/**
 * Short-time Fourier transform: the spectra of overlapping pieces of a signal,
 * each of `nFft` elements. `x` is `[length]` or `[batch, length]`, of float32,
 * float64 or complex; the result is `[frequencies, pieces]`, or has the batch in
 * front. See `torch.stft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assertEquals } from "@std/assert";
 *
 * const x = dg.arange(64).mul(Math.PI / 4).cos();
 * const window = dg.hannWindow(16);
 * const pieces = dg.stft(x, 16, { window, returnComplex: true });
 * assertEquals(pieces.shape, [9, 17]);
 * assertEquals(pieces.abs().argmax(0).at(8).item(), 2);
 * ```
 */
export function stft(
  x: Tensor,
  nFft: number,
  options: StftOptions = {},
): Tensor {
  checkTensor(x, "stft", "input");
  const own = ["padMode", "returnComplex", "alignToWindow"];
  checkOptions(options, [...KEYS, ...own], "stft");
  checkInteger(nFft, "stft", "nFft");
  const { center = true, padMode = "reflect" } = options;
  if (!center) return spectra(x, nFft, options);
  if (options.alignToWindow !== undefined) {
    throw new RuntimeError(
      "stft alignToWindow should only be set when center = false",
    );
  }
  const width = Math.floor(nFft / 2);
  const rank = x.shape.length;
  const extended = [...new Array(Math.max(3 - rank, 0)).fill(1), ...x.shape];
  const padded = pad(x.reshape(extended), [width, width], { mode: padMode });
  const shape = padded.shape.slice(padded.shape.length - rank);
  return spectra(padded.reshape(shape), nFft, options);
}

function spectra(x: Tensor, nFft: number, options: StftOptions): Tensor {
  const { hopLength = Math.floor(nFft / 4), winLength = nFft } = options;
  const { window, normalized = false, onesided, returnComplex } = options;
  checkInteger(hopLength, "stft", "hopLength");
  checkInteger(winLength, "stft", "winLength");
  const complex = x.isComplex() || (window?.isComplex() ?? false);
  if (!complex && returnComplex === undefined) {
    throw new RuntimeError(
      "stft requires the returnComplex parameter be given for real inputs, and will further require that returnComplex=True in a future PyTorch release.",
      "give { returnComplex: true }",
    );
  }
  const refuse = (what: string): never => {
    throw new RuntimeError(
      `stft(torch.${x.info.scalarName}Tensor${
        showShape(x.shape)
      }, nFft=${nFft}, hopLength=${hopLength}, winLength=${winLength}, window=${
        windowText(window)
      }, normalized=${flag(normalized)}, onesided=${
        flag(onesided)
      }, returnComplex=${flag(returnComplex)}, alignToWindow=${
        flag(options.alignToWindow)
      }) : expected ${what}`,
    );
  };
  if (x.info.category < 2) {
    refuse("a tensor of floating point or complex values");
  }
  const rank = x.shape.length;
  if (rank < 1 || rank > 2) refuse("a 1D or 2D tensor");
  const length = x.shape[rank - 1]!;
  if (nFft <= 0 || nFft > length) {
    refuse(`0 < nFft < ${length}, but got nFft=${nFft}`);
  }
  if (hopLength <= 0) refuse(`hopLength > 0, but got hopLength=${hopLength}`);
  if (winLength <= 0 || winLength > nFft) {
    refuse(`0 < winLength <= nFft, but got winLength=${winLength}`);
  }
  if (
    window !== undefined &&
    (window.shape.length !== 1 || window.shape[0] !== winLength)
  ) {
    refuse(
      `a 1D window tensor of size equal to winLength=${winLength}, but got window with size ${
        showShape(window.shape)
      }`,
    );
  }
  const half = onesided ?? !complex;
  if (half && complex) refuseHalf();
  let batch = rank === 1 ? x.unsqueeze(0) : x;
  const factors = centered(window, x, winLength, nFft);
  const aligned = options.alignToWindow === true;
  if (aligned) {
    const left = Math.floor((nFft - winLength) / 2);
    batch = pad(batch, [left, nFft - winLength - left]);
  }
  const covered = aligned ? winLength : nFft;
  const pieces = 1 + Math.floor((length - covered) / hopLength);
  const [down, along] = batch.stride() as [number, number];
  let out = batch.asStrided(
    [batch.shape[0]!, pieces, nFft],
    [down, hopLength * along, along],
  );
  if (factors !== null) out = out.mul(factors);
  const call = {
    name: "stft",
    dims: [2],
    scale: normalized ? "root" : "none",
  } as const;
  out = out.isComplex()
    ? complexTransform(out, { ...call, backward: false })
    : realTransform(out, { ...call, whole: !half });
  out = out.transpose_(1, 2);
  if (rank === 1) out = out.squeeze_(0);
  return returnComplex ?? true ? out : viewAsReal(out);
}

function refuseHalf(): never {
  throw new RuntimeError(
    "Cannot have onesided output if window or input is complex",
    "leave onesided out, or give { onesided: false }",
  );
}

/**
 * The way back from {@linkcode stft}: the signal whose pieces have these
 * spectra, added up where they overlap and divided by the squares of the window.
 * Windows that leave out a place are a RuntimeError. `x` is
 * `[frequencies, pieces]`, or has a batch in front, and complex. See
 * `torch.istft`.
 *
 * @example Usage
 * ```ts
 * import * as dg from "@dinograd/dinograd";
 * import { assert } from "@std/assert";
 *
 * const x = dg.arange(64).mul(0.3).sin();
 * const window = dg.hannWindow(16);
 * const pieces = dg.stft(x, 16, { window, returnComplex: true });
 * const back = dg.istft(pieces, 16, { window });
 * assert(dg.allclose(back, x, { atol: 1e-5 }));
 * ```
 */
export function istft(
  x: Tensor,
  nFft: number,
  options: IstftOptions = {},
): Tensor {
  checkTensor(x, "istft", "input");
  checkOptions(options, [...KEYS, "length", "returnComplex"], "istft");
  checkInteger(nFft, "istft", "nFft");
  const { hopLength = Math.floor(nFft / 4), winLength = nFft } = options;
  const { window, center = true, length, returnComplex = false } = options;
  checkInteger(hopLength, "istft", "hopLength");
  checkInteger(winLength, "istft", "winLength");
  if (length !== undefined) checkInteger(length, "istft", "length");
  const half = checkSpectra(x, nFft, { ...options, hopLength, winLength });
  const rank = x.shape.length;
  const parts = viewAsReal(x);
  const batch = rank === 2 ? parts.unsqueeze(0) : parts;
  const scale = options.normalized ? "root" : "points";
  const call = { name: "istft", dims: [2], scale } as const;
  let pieces = viewAsComplex(batch.transpose(1, 2));
  if (returnComplex) {
    if (half) refuseHalf();
    pieces = complexTransform(pieces, { ...call, backward: true });
  } else {
    if (window?.isComplex()) {
      throw new RuntimeError(
        "Complex windows are incompatible with returnComplex=False",
      );
    }
    if (!half) pieces = pieces.narrow(2, 0, Math.floor(nFft / 2) + 1);
    pieces = halfTransform(pieces, { ...call, length: nFft });
  }
  const factors = centered(window, pieces, winLength, nFft) ??
    pieces.newOnes([nFft]);
  const count = pieces.shape[1]!;
  const whole = nFft + hopLength * (count - 1);
  const windows = { dim: 1, size: nFft, step: hopLength };
  const weighted = pieces.mul(factors.reshape([1, 1, nFft]));
  const sums = addWindows(weighted, [batch.shape[0]!, whole], windows);
  const squares = addWindows(
    factors.pow(2).expand([1, count, nFft]),
    [1, whole],
    windows,
  );
  const start = center ? Math.floor(nFft / 2) : 0;
  const wanted = length !== undefined
    ? start + length
    : center
    ? whole - start
    : whole;
  const end = Math.max(Math.min(wanted, whole), start);
  const envelope = squares.narrow(1, start, end - start);
  checkEnvelope(envelope, x, nFft, { ...options, hopLength, winLength });
  let out = sums.narrow(1, start, end - start).div(envelope);
  if (rank === 2) out = out.squeeze(0);
  return wanted > whole ? pad(out, [0, wanted - whole]) : out;
}

type Settled = IstftOptions & {
  readonly hopLength: number;
  readonly winLength: number;
};

/** What PyTorch's errors say of the call. */
function callText(x: Tensor, nFft: number, options: Settled): string {
  const { hopLength, winLength, window, center = true, length } = options;
  return `istft(CPU${x.info.scalarName}Type${
    showShape(x.shape)
  }, nFft=${nFft}, hopLength=${hopLength}, winLength=${winLength}, window=${
    windowText(window)
  }, center=${flag(center)}, normalized=${
    flag(options.normalized ?? false)
  }, onesided=${flag(options.onesided)}, length=${
    length ?? "None"
  }, returnComplex=${flag(options.returnComplex ?? false)})`;
}

/** Fails where spectra are none of `nFft` points; returns whether they are halves. */
function checkSpectra(x: Tensor, nFft: number, options: Settled): boolean {
  const { hopLength, winLength, window } = options;
  if (!x.isComplex()) {
    throw new RuntimeError(
      "istft requires a complex-valued input tensor matching the output from stft with returnComplex=True.",
    );
  }
  const refuse = (what: string): never => {
    throw new RuntimeError(`${callText(x, nFft, options)} : ${what}`);
  };
  const rank = x.shape.length;
  // As PyTorch looks at it: the parts are a dimension.
  normalizeDim(-3, rank + 1);
  if (x.count === 0) refuse("input tensor cannot be empty.");
  if (rank < 2 || rank > 3) {
    refuse(`expected a tensor with 3 or 4 dimensions, but got ${rank + 1}`);
  }
  const points = x.shape[rank - 2]!;
  const half = options.onesided ?? points !== nFft;
  const dimension = "the frequency dimension (3rd to the last)";
  if (points !== (half ? Math.floor(nFft / 2) + 1 : nFft)) {
    refuse(
      `expected ${dimension} of the input tensor to match nFft${
        half ? " / 2 + 1 when onesided=True" : " when onesided=False"
      }, but got ${points}`,
    );
  }
  if (hopLength <= 0 || hopLength > winLength) {
    refuse("expected 0 < hopLength <= winLength");
  }
  if (winLength <= 0 || winLength > nFft) {
    refuse("expected 0 < winLength <= nFft");
  }
  if (
    window !== undefined &&
    (window.shape.length !== 1 || window.shape[0] !== winLength)
  ) {
    refuse(
      "Invalid window shape. window has to be 1D and length of `winLength`",
    );
  }
  return half;
}

function checkEnvelope(
  envelope: Tensor,
  x: Tensor,
  nFft: number,
  options: Settled,
): void {
  if (envelope.detach().abs().min().item<number>() >= 1e-11) return;
  throw new RuntimeError(
    `${callText(x, nFft, options)} window overlap add min: 1`,
    "the windows leave out a place of the signal, which could be anything",
  );
}
