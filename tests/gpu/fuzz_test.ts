// Random programs on the GPU and on the CPU give the same: expression trees of
// every function that a device prints, as kernels; and chains of views, ops in
// place and reductions on small whole numbers, whose results are exact.

import { assert } from "@std/assert";
import * as dg from "@dinograd/dinograd";
import type { Device, Tensor } from "@dinograd/dinograd";
import {
  BOOL,
  type DTypeInfo,
  FLOAT32,
  INT32,
} from "../../src/tensor/dtype.ts";
import {
  call,
  constant,
  type Expr,
  type Fn,
  input,
  isCondition,
  param,
} from "../../src/tensor/expr.ts";
import { emptyTensor } from "../../src/tensor/op.ts";
import { tensorOf, valuesOf } from "../conformance/tensors.ts";
import { kernelOf, makeRandom, type Random } from "../cpu/operands.ts";
import { backHome, isCorrect, placed } from "./beside_cpu.ts";
import { countGpuTests, gpuTest } from "./gpu_test_case.ts";

const PARAMS = [2.75, -3];
const INPUTS = [input(0), input(1), input(2)];

const CONDITIONS: readonly Fn[] = ["lt", "le", "gt", "ge", "eq", "ne"];
const ONE: Readonly<Record<"f" | "i", readonly Fn[]>> = {
  f: [
    ...["neg", "abs", "sqrt", "floor", "ceil", "trunc", "round"] as const,
    ...["exp", "exp2", "expm1", "log", "log2", "log10", "log1p"] as const,
    ...["sin", "cos", "tan", "asin", "acos", "atan", "sinh"] as const,
    ...["cosh", "tanh", "asinh", "acosh", "atanh", "erf", "erfc"] as const,
    ...["erfinv"] as const,
  ],
  i: ["neg", "abs", "bitNot"],
};
// No copysign: the sign of a NaN is anything.
const TWO: Readonly<Record<"f" | "i", readonly Fn[]>> = {
  f: [
    ...["add", "sub", "mul", "div", "min", "max", "fmod"] as const,
    ...["remainder", "floorDiv", "pow", "atan2", "hypot"] as const,
  ],
  i: ["add", "sub", "mul", "min", "max", "bitAnd", "bitOr", "bitXor"],
};

/** A random tree of one kind of arithmetic. */
function tree(kind: "f" | "i", depth: number, random: Random): Expr {
  const pick = <T>(list: readonly T[]) => list[random(list.length)]!;
  const way = random(8);
  if (depth === 0 || way === 0) {
    const leaf = random(6);
    if (leaf === 0) return constant(pick([-2, 0, 1, 3]));
    if (leaf === 1 && kind === "f") return param(random(2));
    return pick(INPUTS);
  }
  const next = () => tree(kind, depth - 1, random);
  // WGSL refuses the root of a constant below zero, and no op has one.
  const open = () => {
    const out = next();
    return out.kind === "const" ? pick(INPUTS) : out;
  };
  if (way === 1) {
    return call(
      "select",
      call(pick(CONDITIONS), open(), next()),
      open(),
      next(),
    );
  }
  return way < 4
    ? call(pick(ONE[kind]), open())
    : call(pick(TWO[kind]), open(), next());
}

const FLOATS = [NaN, Infinity, -Infinity, 0, -0, 1, -1, 0.5, -2.5, 3, 1e-20];
const INTEGERS = [0, 1, -1, 2, 3, 127, -128, 255, 32767, -5, 46341];

function operand(info: DTypeInfo, n: number, random: Random): Tensor {
  const float = info === FLOAT32;
  return tensorOf(
    Array.from(
      { length: n },
      () =>
        float && random(3) > 0
          ? (random(20001) - 10000) / 1024
          : (float ? FLOATS : INTEGERS)[random(11)]!,
    ),
    [n],
    info,
  );
}

/** Elements per kernel: enough, at one price, to meet most of what there is. */
const COUNT = 67;

for (const info of [FLOAT32, INT32]) {
  gpuTest(`random trees of ${info.name} on the GPU are the CPU's`, (gpu) => {
    const random = makeRandom(2000 + info.code);
    const kind = info === FLOAT32 ? "f" : "i";
    let unclear = 0;
    let total = 0;
    for (let k = 0; k < 50; k++) {
      const body = tree(kind, 3 + k % 2, random);
      const target = isCondition(body) ? BOOL : info;
      const kernel = kernelOf(3, body);
      const host = INPUTS.map(() => operand(info, COUNT, random));
      const here = host.map((x, j) =>
        placed(gpu, x, (k + j) % 3 === 0 ? "gaps" : "dense")
      );
      const results = [host, here].map(([a, b, c]) => {
        const { device } = a!.storage;
        const out = emptyTensor(device, target, [COUNT]);
        device.map(kernel, info, out, a!, b!, c!, PARAMS);
        return valuesOf(backHome(out));
      });
      const columns = host.map(valuesOf);
      for (let i = 0; i < COUNT; i++) {
        total++;
        const [want, found] = [results[0]![i]!, results[1]![i]!];
        if (Object.is(want, found)) continue;
        const at = columns.map((column) => column[i]!);
        if (
          info === FLOAT32 && isCorrect(body, at, PARAMS, target, found)
        ) {
          unclear++;
          continue;
        }
        throw new Error(
          `tree ${k}: ${JSON.stringify(body)} of ${
            at.join(", ")
          }: ${found} on the GPU, ${want} on the CPU`,
        );
      }
    }
    assert(unclear < total / 2, `${unclear} of ${total} differ`);
  });
}

/** Steps of random programs: each takes and gives a tensor of whole numbers. */
const STEPS: readonly ((x: Tensor, random: Random) => Tensor)[] = [
  (x) => x.transpose(0, -1),
  (x, r) => x.narrow(0, 0, 1 + r(x.size(0))),
  (x, r) => x.narrow(-1, r(x.size(-1)), 1),
  (x, r) => x.roll(r(5), 0),
  (x) => x.flip([0]),
  (x) => x.add(x.narrow(0, 0, 1)),
  (x) => x.mul(3).remainder(17),
  (x) => x.sub(x.amax()).abs(),
  (x) => x.sort(-1).values,
  (x) => x.cumsum(0).remainder(23),
  (x) => dg.cat([x, x.neg()], 0).narrow(0, 0, x.size(0)),
  (x) => x.unsqueeze(0).expand([2, ...x.shape]).sum(0),
  (x, r) => {
    const y = x.clone();
    y.narrow(0, 0, 1 + r(y.size(0))).mul_(2);
    return y;
  },
  (x, r) => {
    const y = x.clone();
    y.transpose(0, -1).narrow(0, 0, 1).fill_(r(9));
    return y;
  },
  (x) =>
    x.at(x.narrow(-1, 0, 1).reshape([-1]).abs().argsort(0, { stable: true })),
  (x) => x.gather(-1, x.argsort(-1, { stable: true })),
  (x) => dg.where(x.gt(2), x, x.mul(-2)),
  (x) => x.reshape([-1]).reshape(x.shape),
  (x) => x.scatterAdd(0, x.abs().remainder(x.size(0)).to("int32"), x),
  (x) => x.maskedFill(x.eq(0), 4),
  (x) => x.to("int32").bitwiseAnd(15).to(x.dtype),
];

function program(seed: number, device: Device): number[] {
  const random = makeRandom(seed);
  const shape = [1 + random(7), 1 + random(9)];
  const start = Array.from(
    { length: shape[0]! * shape[1]! },
    () => random(41) - 20,
  );
  let x = dg.tensor(start, { dtype: random(2) ? "float32" : "int32" })
    .reshape(shape).to(device);
  const out: number[] = [];
  for (let k = 0; k < 12; k++) {
    x = STEPS[random(STEPS.length)]!(x, random);
    if (random(4) === 0) out.push(Number(x.sum().item()));
  }
  return [...out, ...x.shape, ...valuesOf(x)];
}

gpuTest("random programs on the GPU are the CPU's", (gpu) => {
  for (let seed = 0; seed < 100; seed++) {
    const want = program(seed, dg.cpu);
    const found = program(seed, gpu);
    if (String(found) === String(want)) continue;
    throw new Error(`program ${seed}: [${found}], expected [${want}]`);
  }
});

countGpuTests("random programs");
