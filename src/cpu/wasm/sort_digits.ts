// Functions that sort one row by digits, the lowest first, which is stable and
// takes no comparisons. Keys of 64 bits are sorted by halves.

import { FunctionBuilder, I32, I64 } from "./emitter.ts";
import {
  add,
  ALL_COUNTS,
  below,
  COUNTS,
  digitsOf,
  isWide,
  keyVariables,
  pushKey,
  type SortType,
} from "./sort_code.ts";

/** Equal upper halves up to this many are put in order by insertion. */
const SHORT_RUN = 16;

/** Functions of a module by their places. */
export const CALL = {
  build: 1,
  lower: 2,
  radix: 3,
  insert: 4,
  order: 5,
} as const;

/** Pushes the address of element `index`. */
function pushAddress(
  f: FunctionBuilder,
  p: number,
  step: number,
  index: number,
): void {
  f.get(p).get(index).get(step).op("i32.mul").op("i32.add");
}

/**
 * (p, step, list, end, counts, turn, listed): puts keys above the positions in
 * a list, which are made first unless they are there, and counts digits.
 */
export function build(type: SortType, lower: boolean): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32, I32, I32, I32, I32]);
  const [p, step, list, end, counts, turn, listed] = [0, 1, 2, 3, 4, 5, 6];
  const variables = keyVariables(f);
  const [i, key, at] = [f.local(I32), f.local(I32), f.local(I32)];
  const digits = digitsOf(type);
  f.get(counts).set(at).get(counts).i32(digits * COUNTS).op("i32.add").set(i);
  below(f, at, i, () => {
    for (let k = 0; k < 4; k++) {
      f.get(at).i64(0n).memory("i64.store", 8 * k);
    }
    add(f, at, 32);
  });
  f.i32(0).set(i);
  /** Does an element whose position is in `i`. */
  const one = () => {
    pushAddress(f, p, step, i);
    pushKey(f, type, variables);
    if (isWide(type)) {
      if (!lower) f.i64(32n).op("i64.shr_u");
      f.op("i32.wrap_i64");
    }
    f.get(turn).op("i32.xor").set(key);
    f.get(list).get(i).memory("i32.store").get(list).get(key);
    f.memory("i32.store", 4);
    for (let d = 0; d < digits; d++) {
      f.get(counts).get(key);
      if (d > 0) f.i32(8 * d).op("i32.shr_u");
      f.i32(255).op("i32.and").i32(2).op("i32.shl").op("i32.add").tee(at);
      f.get(at).memory("i32.load", d * COUNTS).i32(1).op("i32.add");
      f.memory("i32.store", d * COUNTS);
    }
    add(f, list, 8);
  };
  f.get(listed).if();
  below(f, list, end, () => {
    f.get(list).memory("i32.load").set(i);
    one();
  });
  f.else();
  below(f, list, end, () => {
    one();
    add(f, i, 1);
  });
  f.end();
  return f;
}

/** (list, other, n, counts) -> list: moves a list into the order of each digit in turn. */
export function radix(type: SortType): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32, I32], [I32]);
  const [list, other, n, counts] = [0, 1, 2, 3];
  const local = () => f.local(I32);
  const [digit, at, end, sum, stop, place, swap] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const element = f.local(I64);
  f.i32(digitsOf(type)).set(stop).i32(0).set(digit);
  below(f, digit, stop, () => {
    f.get(counts).get(list).get(digit).op("i32.add").memory("i32.load8_u", 4);
    f.i32(2).op("i32.shl").op("i32.add").memory("i32.load").get(n);
    // A digit that all have in common moves nothing.
    f.op("i32.ne").if();
    f.get(counts).tee(at).i32(COUNTS).op("i32.add").set(end);
    f.get(other).set(sum);
    below(f, at, end, () => {
      f.get(at).memory("i32.load").i32(3).op("i32.shl").set(place);
      f.get(at).get(sum).memory("i32.store");
      f.get(sum).get(place).op("i32.add").set(sum);
      add(f, at, 4);
    });
    f.get(list).tee(at).get(n).i32(3).op("i32.shl").op("i32.add").set(end);
    const move = (k: number) => {
      f.get(at).memory("i64.load", 8 * k).set(element);
      f.get(counts).get(at).get(digit).op("i32.add");
      f.memory("i32.load8_u", 4 + 8 * k).i32(2).op("i32.shl").op("i32.add");
      f.tee(place).memory("i32.load").tee(sum).get(element);
      f.memory("i64.store").get(place).get(sum).i32(8).op("i32.add");
      f.memory("i32.store");
    };
    f.block().loop().get(end).get(at).op("i32.sub").i32(32).op("i32.lt_u");
    f.brIf(1);
    for (let k = 0; k < 4; k++) move(k);
    add(f, at, 32);
    f.br(0).end().end();
    below(f, at, end, () => {
      move(0);
      add(f, at, 8);
    });
    f.get(list).set(swap).get(other).set(list).get(swap).set(other).end();
    add(f, counts, COUNTS);
    add(f, digit, 1);
  });
  f.get(list);
  return f;
}

/**
 * (p, step, list, end, turn, first): puts a list of positions in order by
 * insertion, comparing whole keys; the positions before `first` are in order.
 */
export function insert(type: SortType): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32, I32, I32, I32]);
  const [p, step, list, end, turn, first] = [0, 1, 2, 3, 4, 5];
  const variables = keyVariables(f);
  const wide = isWide(type);
  const type_ = wide ? I64 : I32;
  const [key, other] = [f.local(type_), f.local(type_)];
  const [at, index] = [f.local(I32), f.local(I32)];
  const turned = () => {
    pushKey(f, type, variables);
    f.get(turn);
    if (wide) f.op("i64.extend_i32_s").op("i64.xor");
    else f.op("i32.xor");
  };
  below(f, first, end, () => {
    f.get(first).memory("i32.load").set(index);
    pushAddress(f, p, step, index);
    turned();
    f.set(key).get(first).set(at);
    f.block().loop().get(at).get(list).op("i32.eq").brIf(1);
    f.get(p).get(at).i32(8).op("i32.sub").memory("i32.load").get(step);
    f.op("i32.mul").op("i32.add");
    turned();
    f.set(other).get(other).get(key).op(wide ? "i64.le_u" : "i32.le_u");
    f.brIf(1);
    f.get(at).get(at).i32(8).op("i32.sub").memory("i32.load");
    f.memory("i32.store");
    add(f, at, -8);
    f.br(0).end().end();
    f.get(at).get(index).memory("i32.store");
    add(f, first, 8);
  });
  return f;
}

/**
 * (p, step, scratch, n, turn, listed) -> list: sorts `n` positions, all of
 * them, or those in the list that scratch memory begins with.
 */
export function order(type: SortType): FunctionBuilder {
  const f = new FunctionBuilder([I32, I32, I32, I32, I32, I32], [I32]);
  const [p, step, scratch, n, turn, listed] = [0, 1, 2, 3, 4, 5];
  const local = () => f.local(I32);
  const [list, end, at, run, key, longest] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  f.get(scratch).i32(ALL_COUNTS).op("i32.add").tee(list);
  f.get(n).i32(3).op("i32.shl").op("i32.add").set(end);
  const keys = (how: number) => {
    f.get(p).get(step).get(list).get(end).get(scratch).get(turn).get(listed);
    f.call(how);
  };
  const digits = () => {
    f.get(list).get(end).get(n).get(scratch).call(CALL.radix).set(list);
  };
  if (!isWide(type)) {
    keys(CALL.build);
    digits();
    f.get(list);
    return f;
  }
  // By the upper halves first: where few are alike, insertion does the rest.
  const other = local();
  const start = local();
  f.get(end).set(other).get(list).set(start);
  const sortHalf = (how: number) => {
    f.get(p).get(step).get(list).get(list).get(n).i32(3).op("i32.shl");
    f.op("i32.add").get(scratch).get(turn).get(listed).call(how);
    f.get(list).get(other).get(n).get(scratch).call(CALL.radix).tee(at);
    // The list may have moved to the other half of the memory.
    f.get(list).op("i32.ne").if().get(list).set(other).get(at).set(list).end();
  };
  const endOf = () => {
    f.get(list).get(n).i32(3).op("i32.shl").op("i32.add").set(end);
  };
  sortHalf(CALL.build);
  endOf();
  f.i32(0).set(longest).get(list).set(at);
  below(f, at, end, () => {
    f.get(at).memory("i32.load", 4).set(key).get(at).set(run);
    f.block().loop();
    add(f, at, 8);
    f.get(at).get(end).op("i32.eq").brIf(1);
    f.get(at).memory("i32.load", 4).get(key).op("i32.eq").brIf(0).end().end();
    f.get(at).get(run).op("i32.sub").tee(run).get(longest);
    f.get(run).get(longest).op("i32.gt_u").op("select").set(longest);
  });
  f.get(longest).i32(8 * SHORT_RUN).op("i32.le_u").if();
  f.get(list).set(at);
  below(f, at, end, () => {
    f.get(at).memory("i32.load", 4).set(key).get(at).set(run);
    f.block().loop();
    add(f, at, 8);
    f.get(at).get(end).op("i32.eq").brIf(1);
    f.get(at).memory("i32.load", 4).get(key).op("i32.eq").brIf(0).end().end();
    f.get(at).get(run).op("i32.sub").i32(8).op("i32.gt_u").if();
    f.get(p).get(step).get(run).get(at).get(turn).get(run).call(CALL.insert);
    f.end();
  });
  f.else();
  // By the lower halves, then by the upper ones unless all of those are alike:
  // equals stay in the order that they have by now, which is the one they came in.
  f.get(longest).get(n).i32(3).op("i32.shl").op("i32.ne").set(run);
  f.i32(1).set(listed);
  sortHalf(CALL.lower);
  f.get(run).if();
  sortHalf(CALL.build);
  f.end().end();
  f.get(list);
  return f;
}
