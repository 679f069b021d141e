// The kernel of reductions along rows, where the elements of a result are
// neighbours.

import { loadWords } from "./argument_words.ts";
import { FunctionBuilder, I32, V128 } from "./emitter.ts";
import {
  addOuter,
  advance,
  finishAndStore,
  group,
  offset,
  until,
  WORD,
} from "./reduce_code.ts";
import { GROUP, LANE_BYTES, type Lanes, lanesFor } from "./reduce_lanes.ts";
import type { FoldSignature } from "./reduce_pattern.ts";

/** Combines several elements per result from neighbours. Items are the results. */
export function rows(s: FoldSignature): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32]);
  const lanes = lanesFor(f, s);
  const accumulators = Array.from(
    { length: lanes.count },
    () => f.local(V128),
  );
  const w = loadWords(f, WORD, [
    "x",
    "out",
    "length",
    "runs",
    "runStep",
    "pieces",
    "pieceLength",
  ]);
  const [row, piece, p, count, run, q, stop, quotient] = Array.from(
    { length: 8 },
    () => f.local(I32),
  ) as [number, number, number, number, number, number, number, number];
  const { bytes } = lanes;
  const perVector = 16 / bytes;
  until(f, 1, 2, () => {
    f.get(w.pieces).i32(1).op("i32.eq").if();
    f.get(1).set(row).i32(0).set(piece).else();
    f.get(1).get(w.pieces).op("i32.div_u").tee(row);
    f.get(w.pieces).op("i32.mul").set(piece);
    f.get(1).get(piece).op("i32.sub").get(w.pieceLength).op("i32.mul");
    f.set(piece).end();
    offset(f, w.x, piece, bytes).set(p);
    f.get(w.length).get(piece).op("i32.sub").tee(count);
    f.get(w.pieceLength).get(count).get(w.pieceLength).op("i32.lt_u");
    f.op("select").set(count);
    addOuter(f, row, quotient, p);
    for (const a of accumulators) lanes.start(), f.set(a);
    f.i32(0).set(run);
    until(f, run, w.runs, () => {
      f.get(p).set(q);
      const end = (multiple: number) => {
        f.get(p).get(count).i32(-multiple).op("i32.and");
        f.i32(bytes).op("i32.mul").op("i32.add").set(stop);
      };
      for (
        const size of lanes.most > GROUP
          ? [lanes.most, 16, 8, 4, 2, 1]
          : [GROUP, 1]
      ) {
        end(size * perVector);
        until(f, q, stop, () => {
          group(lanes, accumulators, size, (k) => {
            f.get(q);
            return 16 * k;
          });
          advance(f, q, 16 * size);
        });
      }
      end(1);
      until(f, q, stop, () => {
        lanes.single(() => {
          f.get(q);
          return 0;
        });
        lanes.absorb(0, accumulators);
        advance(f, q, bytes);
      });
      f.get(p).get(w.runStep).op("i32.add").set(p);
      advance(f, run, 1);
    });
    for (let k = 1; k < accumulators.length; k++) {
      f.get(accumulators[0]!).get(accumulators[k]!);
      lanes.join();
      f.set(accumulators[0]!);
    }
    offset(f, w.out, 1, LANE_BYTES[s.to]);
    across(f, lanes, accumulators[0]!);
    finishAndStore(f, s);
    advance(f, 1, 1);
  });
  return f;
}

/** Pushes the lanes of an accumulator, combined. */
function across(f: FunctionBuilder, lanes: Lanes, accumulator: number): void {
  for (let width = 8; width >= LANE_BYTES[lanes.acc]; width /= 2) {
    f.get(accumulator).get(accumulator).get(accumulator);
    f.shuffle(Array.from({ length: 16 }, (_, k) => (k + width) % 16));
    lanes.join();
    f.set(accumulator);
  }
  f.get(accumulator);
  const type = lanes.acc;
  if (type === "u8") f.lane("i32x4", 0).i32(255).op("i32.and");
  else {
    f.lane(
      ({ f32: "f32x4", f64: "f64x2", i32: "i32x4", i64: "i64x2" } as const)[
        type
      ],
      0,
    );
  }
}
