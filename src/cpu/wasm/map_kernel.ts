// Elementwise kernels: the loops around a printed expression. One form runs
// over operands in order, the other over rows and columns of any strides; both
// can begin and end at any element, so threads may split the work anywhere.

import type { MapKernel } from "../../tensor/device.ts";
import { BOOL, type DTypeInfo } from "../../tensor/dtype.ts";
import { isCondition } from "../../tensor/expr.ts";
import { type Kind, kindOf } from "../spelling.ts";
import { FunctionBuilder, I32 } from "./emitter.ts";
import { failurePlace } from "./failure.ts";
import { compileKernel, NUMBERS_AT, type WasmKernel } from "./kernel.ts";
import { type Value, VectorCode } from "./vector_code.ts";
import {
  lanesOf,
  loadApart,
  loadRow,
  loadSplat,
  pack,
  storeApart,
  storeRow,
} from "./vector_memory.ts";
import {
  assumes,
  callsMath,
  divides,
  paramsOf,
  prints,
  printVector,
} from "./vector_print.ts";

/** How an operand's columns lie: in order, all the same, or some stride apart. */
export const IN_ORDER = 0;
/** See {@linkcode IN_ORDER}. */
export const SINGLE = 1;
/** See {@linkcode IN_ORDER}. */
export const APART = 2;

/** Words of the arguments: columns and outer dimensions. */
export const COLUMNS = 0;
/** Word of the number of outer dimensions. */
export const OUTER = 1;
/** First word of the addresses: of the result, then of the inputs. */
export const POINTERS = 2;
/** First word of the bytes between columns. */
export const STEPS = 6;
/** First word of the outer dimensions: each its length, then the bytes between rows. */
export const ROWS = 10;
/** Words of an outer dimension. */
export const ROW_WORDS = 5;
/** Most outer dimensions. */
export const MOST_OUTER = 10;

/** What a kernel is compiled for. */
interface Form {
  readonly kernel: MapKernel;
  readonly compute: DTypeInfo;
  readonly out: DTypeInfo;
  readonly kind: Kind;
  readonly lanes: number;
  /** Type of each operand's elements, the result first. */
  readonly infos: readonly DTypeInfo[];
  /** How the columns of each lie. */
  readonly modes: readonly number[];
}

/** Variables of the loop over columns. */
interface Columns {
  /** Addresses of the next element, the result's first. */
  readonly addresses: readonly number[];
  /** Bytes between columns, for operands that are neither in order nor single. */
  readonly steps: readonly number[];
  /** Columns left. */
  readonly left: number;
  /** For addresses of lanes. */
  readonly at: number;
  /** Numbers given at the call. */
  readonly params: ReadonlyMap<number, Value>;
}

/** Whether a kernel can be compiled for an element type. */
export function servesMap(kernel: MapKernel, compute: DTypeInfo): boolean {
  const kind = kindOf(compute);
  return prints(kernel.body, kind) &&
    (!divides(kernel.body, kind) || failurePlace() !== 0);
}

/** Compiles a kernel; `modes` tells how the columns of the result and of each input lie. */
export function compileMap(
  kernel: MapKernel,
  compute: DTypeInfo,
  modes: readonly number[],
  hasRows: boolean,
): WasmKernel {
  const out = isCondition(kernel.body) ? BOOL : compute;
  const form: Form = {
    kernel,
    compute,
    out,
    kind: kindOf(compute),
    lanes: lanesOf(compute),
    infos: [out, ...new Array<DTypeInfo>(kernel.arity).fill(compute)],
    modes: modes.slice(0, kernel.arity + 1),
  };
  const fn = new FunctionBuilder([I32, I32, I32]);
  const v = new VectorCode(fn);
  const columns: Columns = {
    addresses: form.infos.map(() => fn.local(I32)),
    steps: form.infos.map(() => fn.local(I32)),
    left: fn.local(I32),
    at: fn.local(I32),
    params: loadParams(v, form),
  };
  form.modes.forEach((mode, i) => {
    if (mode !== APART) return;
    fn.get(0).memory("i32.load", 4 * (STEPS + i)).set(columns.steps[i]!);
  });
  if (hasRows) rowLoop(v, form, columns);
  else flat(v, form, columns);
  if (v.failures !== null) {
    fn.get(v.failures).simd("v128.any_true").if();
    fn.i32(failurePlace()).i32(1).memory("i32.store").end();
  }
  return compileKernel({ run: fn });
}

/** Loads the numbers given at the call, converted and in every lane. */
function loadParams(v: VectorCode, form: Form): Map<number, Value> {
  const out = new Map<number, Value>();
  for (const index of paramsOf(form.kernel.body)) {
    v.fn.get(0).memory("f64.load", NUMBERS_AT + 8 * index);
    switch (form.kind) {
      case "f32":
        v.fn.op("f32.demote_f64").simd("f32x4.splat");
        break;
      case "f64":
        v.fn.simd("f64x2.splat");
        break;
      case "i32":
        // The caller has wrapped it: the conversion is exact.
        v.fn.simd("f64x2.splat").simd("i32x4.trunc_sat_f64x2_s_zero");
        v.fn.lane("i32x4", 0).simd("i32x4.splat");
        break;
      case "i64":
        v.fn.op("i64.trunc_f64_s").simd("i64x2.splat");
        break;
    }
    out.set(index, v.keep());
  }
  return out;
}

/** Operands in order or single: the items are the columns. */
function flat(v: VectorCode, form: Form, columns: Columns): void {
  const { fn } = v;
  form.infos.forEach((info, i) => {
    fn.get(0).memory("i32.load", 4 * (POINTERS + i));
    if (form.modes[i] === IN_ORDER) {
      fn.get(1).i32(info.bytes).op("i32.mul").op("i32.add");
    }
    fn.set(columns.addresses[i]!);
  });
  fn.get(2).get(1).op("i32.sub").set(columns.left);
  columnLoop(v, form, columns);
}

/** Rows: the items are elements in row-major order. */
function rowLoop(v: VectorCode, form: Form, columns: Columns): void {
  const { fn } = v;
  const size = fn.local(I32);
  const row = fn.local(I32);
  const column = fn.local(I32);
  const rest = fn.local(I32);
  const index = fn.local(I32);
  const dimension = fn.local(I32);
  fn.get(0).memory("i32.load", 4 * COLUMNS).set(size);
  fn.get(1).get(size).op("i32.div_u").set(row);
  fn.get(1).get(row).get(size).op("i32.mul").op("i32.sub").set(column);
  fn.block().get(1).get(2).op("i32.ge_u").brIf(0).loop();
  form.infos.forEach((info, i) => {
    fn.get(0).memory("i32.load", 4 * (POINTERS + i));
    if (form.modes[i] !== SINGLE) {
      fn.get(column);
      if (form.modes[i] === IN_ORDER) fn.i32(info.bytes);
      else fn.get(columns.steps[i]!);
      fn.op("i32.mul").op("i32.add");
    }
    fn.set(columns.addresses[i]!);
  });
  // The place in each outer dimension, from the last to the first.
  fn.get(row).set(rest);
  fn.get(0).memory("i32.load", 4 * OUTER).i32(1).op("i32.sub")
    .i32(4 * ROW_WORDS).op("i32.mul").get(0).op("i32.add").set(dimension);
  fn.loop();
  fn.get(dimension).get(0).op("i32.eq").if();
  fn.get(rest).set(index);
  fn.else();
  fn.get(rest).set(index);
  fn.get(rest).get(dimension).memory("i32.load", 4 * ROWS).op("i32.div_u")
    .set(rest);
  fn.get(index).get(rest).get(dimension).memory("i32.load", 4 * ROWS)
    .op("i32.mul").op("i32.sub").set(index);
  fn.end();
  columns.addresses.forEach((address, i) => {
    fn.get(address).get(index).get(dimension)
      .memory("i32.load", 4 * (ROWS + 1 + i))
      .op("i32.mul").op("i32.add").set(address);
  });
  fn.get(dimension).get(0).op("i32.ne").if();
  fn.get(dimension).i32(4 * ROW_WORDS).op("i32.sub").set(dimension).br(1);
  fn.end();
  fn.end();
  // To the end of the row or of the items.
  fn.get(size).get(column).op("i32.sub");
  fn.get(2).get(1).op("i32.sub");
  fn.get(size).get(column).op("i32.sub");
  fn.get(2).get(1).op("i32.sub").op("i32.lt_u").op("select");
  fn.set(columns.left);
  fn.get(1).get(columns.left).op("i32.add").set(1);
  columnLoop(v, form, columns);
  fn.i32(0).set(column);
  fn.get(row).i32(1).op("i32.add").set(row);
  fn.get(1).get(2).op("i32.lt_u").brIf(0).end().end();
}

/**
 * Vectors in a turn of the loop. Long expressions keep the processor busy by
 * themselves, and V8 takes its time to compile long code.
 */
const UNROLL = 4;

/** The loop over columns: several vectors at a time, then one, then a part of one. */
function columnLoop(v: VectorCode, form: Form, columns: Columns): void {
  const { fn } = v;
  const { left, addresses } = columns;
  const { lanes } = form;
  const singles = form.infos.map((info, i) =>
    form.modes[i] === SINGLE ? loadSplat(v, info, addresses[i]!) : 0
  );
  const isLong = form.modes.includes(APART) || callsMath(form.kernel.body);
  if (!form.modes.includes(APART) && assumes(form.kernel.body, form.kind)) {
    assumingLoop(v, form, columns, singles);
  }
  const turns = isLong ? 1 : UNROLL;
  for (const count of turns === 1 ? [1] : [turns, 1]) {
    fn.block().get(left).i32(count * lanes).op("i32.lt_s").brIf(0).loop();
    vectors(v, form, columns, singles, count);
    advance(fn, form, columns, count * lanes);
    fn.get(left).i32(count * lanes).op("i32.sub").tee(left);
    fn.i32(count * lanes).op("i32.ge_s").brIf(0).end().end();
  }
  fn.get(left).i32(0).op("i32.gt_s").if();
  const guard = guardOf(v, form, left);
  const value = printed(v, form, columns, (i) => {
    const info = form.infos[i]!;
    if (form.modes[i] === SINGLE) return singles[i]!;
    // Reading beyond the last element is harmless: its lanes are not stored.
    if (form.modes[i] === IN_ORDER) {
      return guard(loadRow(v, info, addresses[i]!, 0));
    }
    const step = columns.steps[i]!;
    return loadApart(v, info, addresses[i]!, step, columns.at, left);
  });
  const step = form.modes[0] === APART ? columns.steps[0]! : null;
  const packed = packedValue(v, form, value);
  storeApart(
    fn,
    form.out,
    lanes,
    addresses[0]!,
    step,
    columns.at,
    packed,
    left,
  );
  fn.end();
}

/**
 * Several vectors a turn whose functions assume that arguments are plain. Where
 * one is not, the same vectors are computed one at a time.
 */
function assumingLoop(
  v: VectorCode,
  form: Form,
  columns: Columns,
  singles: readonly Value[],
): void {
  const { fn } = v;
  const { left, at } = columns;
  const { lanes, out } = form;
  fn.block().get(left).i32(UNROLL * lanes).op("i32.lt_s").brIf(0).loop();
  v.assumed = new Map();
  const values: Value[] = [];
  for (let k = 0; k < UNROLL; k++) {
    const value = printed(v, form, columns, (i) => {
      const { bytes } = form.infos[i]!;
      if (form.modes[i] === SINGLE) return singles[i]!;
      return loadRow(
        v,
        form.infos[i]!,
        columns.addresses[i]!,
        k * lanes * bytes,
      );
    });
    values.push(packedValue(v, form, value));
  }
  v.pushFailed();
  v.assumed = null;
  fn.if();
  fn.i32(UNROLL).set(at).loop();
  vectors(v, form, columns, singles, 1);
  advance(fn, form, columns, lanes);
  fn.get(at).i32(1).op("i32.sub").tee(at).brIf(0).end();
  fn.else();
  const size = lanes * out.bytes;
  values.forEach((value, k) => {
    storeRow(fn, size, columns.addresses[0]!, k * size, value);
  });
  advance(fn, form, columns, UNROLL * lanes);
  fn.end();
  fn.get(left).i32(UNROLL * lanes).op("i32.sub").tee(left);
  fn.i32(UNROLL * lanes).op("i32.ge_s").brIf(0).end().end();
}

/** Puts the first element into lanes beyond the last one where what happens there counts. */
function guardOf(
  v: VectorCode,
  { kernel, kind, lanes }: Form,
  left: number,
): (x: Value) => Value {
  if (!divides(kernel.body, kind)) return (x) => x;
  const places = new Int32Array(lanes === 4 ? [0, 1, 2, 3] : [0, 0, 1, 1]);
  v.fn.get(left).simd("i32x4.splat");
  const used = v.op("i32x4.gt_s", v.keep(), v.fn.hoisted(places));
  const first = Array.from({ length: 16 }, (_, k) => k % (16 / lanes));
  return (x) => v.choose(used, x, v.shuffle(x, x, first));
}

/** Computes and stores `count` vectors. */
function vectors(
  v: VectorCode,
  form: Form,
  columns: Columns,
  singles: readonly Value[],
  count: number,
): void {
  const { fn } = v;
  const { addresses, at } = columns;
  const { lanes, out } = form;
  for (let k = 0; k < count; k++) {
    const value = printed(v, form, columns, (i) => {
      const info = form.infos[i]!;
      if (form.modes[i] === SINGLE) return singles[i]!;
      if (form.modes[i] === APART) {
        const step = columns.steps[i]!;
        return loadApart(v, info, addresses[i]!, step, at, null);
      }
      return loadRow(v, info, addresses[i]!, k * lanes * info.bytes);
    });
    const packed = packedValue(v, form, value);
    if (form.modes[0] === APART) {
      const step = columns.steps[0]!;
      storeApart(fn, out, lanes, addresses[0]!, step, at, packed, null);
    } else {
      const size = lanes * out.bytes;
      storeRow(fn, size, addresses[0]!, k * size, packed);
    }
  }
}

function printed(
  v: VectorCode,
  form: Form,
  columns: Columns,
  load: (operand: number) => Value,
): Value {
  const inputs = form.infos.slice(1).map((_, k) => load(k + 1));
  return printVector(form.kernel.body, form.kind, v, inputs, columns.params);
}

function packedValue(v: VectorCode, form: Form, value: Value): Value {
  return pack(v, form.out, form.lanes, value, isCondition(form.kernel.body));
}

/** Moves the addresses on. */
function advance(
  fn: FunctionBuilder,
  form: Form,
  columns: Columns,
  count: number,
): void {
  columns.addresses.forEach((address, i) => {
    if (form.modes[i] === SINGLE) return;
    fn.get(address);
    if (form.modes[i] === IN_ORDER) fn.i32(count * form.infos[i]!.bytes);
    else fn.get(columns.steps[i]!).i32(count).op("i32.mul");
    fn.op("i32.add").set(address);
  });
}
