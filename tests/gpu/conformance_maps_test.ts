// Every elementwise op on the GPU gives what its expression says, as the CPU
// does: all element types, all geometries, special values, in place.

import type { Device } from "@dinograd/dinograd";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  INT32,
} from "../../src/tensor/dtype.ts";
import type { MapOp } from "../../src/tensor/map_op.ts";
import { castTo, OPS } from "../../src/tensor/op.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import {
  applyInto,
  applyMap,
  combined,
  computeInfo,
  pools,
  refuses,
} from "../conformance/map_checks.ts";
import { broadcastValues, tensorOf, valuesOf } from "../conformance/tensors.ts";
import {
  backHome,
  type Form,
  GPU_TYPES,
  isCorrect,
  placed,
  stretched,
} from "./beside_cpu.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

/** Compares results element by element; `inputs` are those of the host. */
function compare(
  op: MapOp,
  got: Tensor,
  want: Tensor,
  inputs: readonly Tensor[],
  what: string,
): void {
  const home = backHome(got);
  const where = `${op.name}, ${what}`;
  if (String(home.shape) !== String(want.shape) || home.info !== want.info) {
    throw new Error(
      `${where}: ${home.info.name} [${home.shape}], expected ${want.info.name} [${want.shape}]`,
    );
  }
  const found = valuesOf(home);
  const expected = valuesOf(want);
  let columns: number[][] | null = null;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(found[i], expected[i])) continue;
    const compute = computeInfo(op, inputs[0]!.info);
    columns ??= inputs.map((x) =>
      broadcastValues(castTo(x, compute), want.shape)
    );
    const at = columns.map((column) => column[i]!);
    const exact = op.condition || want.info.category !== 2;
    if (
      !exact &&
      isCorrect(op.kernel.body, at, op.params, want.info, found[i]!)
    ) continue;
    throw new Error(
      `${where}: of ${at.join(", ")} the GPU gives ${found[i]}, the CPU ${
        expected[i]
      }`,
    );
  }
}

/** Columns of `count` values that meet each other in turn. */
function columns(
  pools: readonly number[][],
  info: DTypeInfo,
  count: number,
): Tensor[] {
  return pools.map((pool, k) =>
    tensorOf(
      Array.from(
        { length: count },
        (_, i) => pool[(i + k * Math.floor(i / pool.length)) % pool.length]!,
      ),
      [count],
      info,
    )
  );
}

/** Larger than what shares the arena, so that elements are read in fours; some are left over. */
const LONG = 16_390;

function checkType(op: MapOp, info: DTypeInfo, gpu: Device): void {
  const values = pools(op, info);
  const all = combined(values, info);
  const on = (inputs: readonly Tensor[], forms: readonly Form[]) =>
    applyMap(
      op,
      inputs.map((x, k) => placed(gpu, x, forms[k % forms.length]!)),
    );
  const check = (
    inputs: readonly Tensor[],
    forms: readonly Form[],
    what: string,
  ) =>
    compare(
      op,
      on(inputs, forms),
      applyMap(op, inputs),
      inputs,
      `${info.name} ${what}`,
    );
  check(all, ["dense"], "broadcast");
  if (info !== FLOAT32 && info !== INT32) return;
  check(columns(values, info, 5), ["dense"], "of 5 elements");
  check(columns(values, info, LONG), ["dense"], `of ${LONG} elements`);
  const rows = columns(values, info, 42).map((x) => x.reshape([6, 7]));
  check(rows, ["gaps", "transposed"], "with gaps, and transposed");
  const single = values.map((pool) => tensorOf([pool[1]!], [], info));
  check(single, ["later"], "0-d");
  if (info !== FLOAT32) return;
  check(rows, ["transposed", "dense", "gaps"], "transposed, and dense");
  check([rows[0]!, ...single.slice(1)], ["dense", "later"], "beside 0-d");
  check(values.map(() => tensorOf([], [0, 3], info)), ["dense"], "empty");
  const repeated = single.map((x) => x.expand([3, 2]));
  compare(
    op,
    applyMap(op, single.map((x) => stretched(gpu, x, [3, 2]))),
    applyMap(op, repeated),
    repeated,
    `${info.name} expanded`,
  );
}

function checkInplace(op: MapOp, info: DTypeInfo, gpu: Device): void {
  const inputs = columns(pools(op, info), info, 12);
  const out = op.condition ? BOOL : computeInfo(op, info);
  if (out.category > info.category) return;
  const want = applyMap(op, inputs);
  for (const form of ["dense", "gaps"] as const) {
    const [first, ...others] = inputs.map((x, k) =>
      placed(gpu, x, k === 0 ? form : "dense")
    );
    applyInto(op, [first!, ...others]);
    compare(op, castTo(first!, out), want, inputs, `in place, ${form}`);
  }
}

for (const op of OPS.filter((op): op is MapOp => op.family === "map")) {
  gpuTest(
    `conformance on the GPU: ${op.name} (map ${op.kernel.id})`,
    (gpu) => {
      for (const info of GPU_TYPES) {
        if (!refuses(op, info)) checkType(op, info, gpu);
      }
      const own = refuses(op, FLOAT32) ? INT32 : FLOAT32;
      if (!refuses(op, own)) checkInplace(op, own, gpu);
    },
  );
}

countGpuTests("elementwise ops");
