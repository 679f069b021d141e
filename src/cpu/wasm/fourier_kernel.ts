// The kernel of Fourier transforms: an item is a block of lines, which it loads
// side by side, walks through the steps with, and stores.

import { RADICES, STEP, STEP_WORDS } from "../fourier/steps.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import { loadCode, storeCode } from "./fourier_lines.ts";
import { buildPass } from "./fourier_pass.ts";
import {
  backwardTurn,
  buildClear,
  buildHalf,
  buildMirror,
  buildMultiply,
  buildTwist,
  conjugate,
} from "./fourier_steps.ts";
import type { FloatType } from "./gemm_tile.ts";
import {
  add,
  advance,
  assign,
  count,
  define,
  div,
  min,
  mul,
  num,
  push,
  readWords,
  rem,
  sub,
  threadNumber,
} from "./gemm_code.ts";
import { compileKernel, type WasmKernel } from "./kernel.ts";

/** How the halves of complex numbers lie: side by side, apart, or there are only real parts. */
export type Halves = "beside" | "apart" | "real";

/** What the code of a kernel depends on. */
export interface FourierSignature {
  /** Bytes of an element: 4 or 8. */
  readonly bytes: number;
  /** The type that is computed in; where that is float32, a vector holds two lines. */
  readonly type: FloatType;
  /** How what is read lies. */
  readonly source: Halves;
  /** How what is written lies. */
  readonly target: Halves;
  /** Whether the second half of a spectrum is written as well. */
  readonly whole: boolean;
  /** The steps that occur. */
  readonly steps: readonly number[];
}

/** Words of the arguments, in this order; distances in bytes. */
export const FOURIER_WORDS = [
  "steps",
  "table",
  "room",
  "roomBytes",
  "source",
  "target",
  "blocks",
  "most",
  "lines",
  "length",
  "backward",
  "sourceCount",
  "sourceAlong",
  "sourceAcross",
  "sourceImaginary",
  "sourceBatch",
  "targetCount",
  "targetAlong",
  "targetAcross",
  "targetImaginary",
  "targetBatch",
] as const;

/** The variables that hold them. */
export type FourierVariables = Record<(typeof FOURIER_WORDS)[number], number>;

const IN_PLACE: readonly [
  step: number,
  build: (type: FloatType) => FunctionBuilder,
][] = [
  [STEP.multiply, buildMultiply],
  [STEP.clear, buildClear],
  [STEP.halfOut, (type) => buildHalf(type, false)],
  [STEP.halfIn, (type) => buildHalf(type, true)],
  [STEP.mirror, buildMirror],
  [STEP.twist, buildTwist],
];

/** The kernel of a signature. */
export function buildFourier(signature: FourierSignature): WasmKernel {
  const functions: Record<string, FunctionBuilder> = {};
  /** Where the function of a step is among them. */
  const places = new Map<number, number>();
  const include = (
    step: number,
    build: (type: FloatType) => FunctionBuilder,
  ) => {
    if (!signature.steps.includes(step)) return;
    places.set(step, places.size);
    functions[`step${step}`] = build(signature.type);
  };
  for (const radix of RADICES) {
    include(STEP.pass + radix, (type) => buildPass(radix, type));
  }
  for (const [step, build] of IN_PLACE) include(step, build);
  return compileKernel({ ...functions, run: buildRun(signature, places) });
}

function buildRun(
  signature: FourierSignature,
  places: ReadonlyMap<number, number>,
): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const w = readWords(f, FOURIER_WORDS);
  const item = f.local(I32);
  const lines = f.local(I32);
  const columns = f.local(I32);
  const first = f.local(I32);
  const batch = f.local(I32);
  const begin = f.local(I32);
  const [line, other, swap, step, op] = [0, 1, 2, 3, 4].map(() =>
    f.local(I32)
  ) as [number, number, number, number, number];
  const [forward, backward, mask] = [0, 1, 2].map(() => f.local(V128)) as [
    number,
    number,
    number,
  ];
  const room = define(f, (g) => {
    push(g, w.room);
    threadNumber(g);
    push(g, w.roomBytes).op("i32.mul").i32(2).op("i32.mul").op("i32.add");
  });
  const { type } = signature;
  const straight = conjugate(type);
  const turned = backwardTurn(type);
  f.get(w.backward).if();
  f.vector(turned).set(forward).vector(straight).set(backward).else();
  f.vector(straight).set(forward).vector(turned).set(backward).end();
  const word = (i: number) => f.get(step).memory("i32.load", 4 * i);
  count(f, item, 1, 2, num(1), () => {
    assign(f, batch, div(item, w.blocks));
    assign(f, first, mul(rem(item, w.blocks), w.most));
    assign(f, lines, min(w.most, sub(w.lines, first)));
    assign(
      f,
      columns,
      type.bytes === 8 ? lines : (g) => {
        g.get(lines).i32(1).op("i32.add").i32(1).op("i32.shr_u");
      },
    );
    assign(f, line, room);
    assign(f, other, add(room, w.roomBytes));
    assign(
      f,
      begin,
      add(w.source, mul(batch, w.sourceBatch), mul(first, w.sourceAcross)),
    );
    loadCode(f, signature, w, { line, begin, lines, columns });
    assign(f, step, w.steps);
    f.block().loop();
    word(0).tee(op).op("i32.eqz").brIf(1);
    for (const [known, place] of places) {
      f.get(op).i32(known).op("i32.eq").if();
      f.get(line);
      if (known < STEP.pass) {
        word(1);
        if (known === STEP.twist) {
          // The factors of the first line of the block.
          word(3).get(columns).get(w.table);
          word(2).get(first).op("i32.add").i32(2 * type.bytes);
          f.op("i32.mul").op("i32.add").get(forward).call(place);
        } else {
          word(2).get(columns).get(w.table).get(forward).call(place);
        }
      } else {
        f.get(other);
        word(1);
        word(2).get(columns).op("i32.mul").get(w.table);
        word(3).i32(2 * type.bytes).op("i32.mul").op("i32.add");
        f.get(forward).set(mask);
        word(4).if().get(backward).set(mask).end();
        f.get(mask).call(place);
        f.get(line).set(swap).get(other).set(line).get(swap).set(other);
      }
      f.end();
    }
    advance(f, step, num(4 * STEP_WORDS));
    f.br(0).end().end();
    assign(
      f,
      begin,
      add(w.target, mul(batch, w.targetBatch), mul(first, w.targetAcross)),
    );
    storeCode(f, signature, w, { line, begin, lines, columns });
  });
  return f;
}
