// The printer, byte for byte against reprs made by real PyTorch
// (goldens/make_repr_goldens.py), and against what PyTorch 0.4.1 printed.

import { assertEquals, assertThrows } from "@std/assert";
import { type DType, setDefaultDtype } from "../src/tensor/dtype.ts";
import { ValueError } from "../src/tensor/errors.ts";
import {
  formatTensor,
  getPrintoptions,
  gradFnLabel,
  gradFnRepr,
  type Printable,
  type PrintOptions,
  pythonFloat,
  setPrintoptions,
} from "../src/tensor/format.ts";
import { pythonExponential, pythonFixed } from "../src/tensor/format_number.ts";
import goldens from "./goldens/reprs.json" with { type: "json" };

type Element = number | bigint | boolean;
type Stored = number | string | boolean;

/** One golden case; make_repr_goldens.py explains the keys. */
interface Case {
  readonly d?: DType;
  readonly s: readonly number[];
  readonly v?: readonly Stored[];
  readonly c?: readonly Stored[];
  readonly a?: readonly number[];
  readonly p?: Omit<PrintOptions, "threshold"> & { threshold?: number | "inf" };
  readonly f?: DType;
  readonly r?: number;
  readonly g?: string;
  readonly e: string;
}

function load(stored: Stored | undefined): Element {
  switch (stored) {
    case undefined:
      throw new Error("the golden case has too few values");
    case "nan":
      return NaN;
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    case "-0":
      return -0;
    default:
      return typeof stored === "string" ? BigInt(stored) : stored;
  }
}

function reader(test: Case): (i: number) => Element {
  const { v, c, a } = test;
  if (v !== undefined) return (i) => load(v[i]);
  if (c !== undefined) return (i) => load(c[i % c.length]);
  const [start = NaN, step = NaN] = a ?? [];
  const round = (test.d ?? "float32") === "float32" ? Math.fround : Number;
  return (i) => round(start + i * step);
}

function printable(test: Case): Printable {
  const read = reader(test);
  return {
    shape: test.s,
    dtype: test.d ?? "float32",
    device: null,
    requiresGrad: test.r === 1,
    gradFnName: test.g ?? null,
    element(index) {
      assertEquals(index.length, test.s.length);
      return read(
        index.reduce((at, i, dim) => at * (test.s[dim] ?? NaN) + i, 0),
      );
    },
  };
}

/** A float32 tensor of the given values, the simplest Printable. */
function vector(values: readonly number[], more?: Partial<Case>): Printable {
  return printable({ s: [values.length], v: values, e: "", ...more });
}

/** Prints under the given options and puts the defaults back. */
function print(
  x: Printable,
  options: PrintOptions = {},
  defaultDtype: DType = "float32",
): string {
  try {
    setPrintoptions({ profile: "default", compat: null });
    setPrintoptions(options);
    setDefaultDtype(defaultDtype);
    return formatTensor(x);
  } finally {
    setPrintoptions({ profile: "default", compat: null });
    setDefaultDtype("float32");
  }
}

function optionsOf({ p }: Case): PrintOptions {
  const { threshold, ...rest } = p ?? {};
  if (threshold === undefined) return rest;
  return { ...rest, threshold: threshold === "inf" ? Infinity : threshold };
}

Deno.test("formatTensor prints what PyTorch prints", () => {
  const cases = goldens.cases as readonly Case[];
  const wrong: string[] = [];
  for (const test of cases) {
    const actual = print(printable(test), optionsOf(test), test.f);
    if (actual !== test.e) {
      const { e, ...input } = test;
      wrong.push(
        `${JSON.stringify(input).slice(0, 300)}\nwanted ${e}\ngot    ${actual}`,
      );
    }
  }
  if (wrong.length > 0) {
    throw new Error(
      `${wrong.length} of ${cases.length} differ\n\n` +
        wrong.slice(0, 5).join("\n\n"),
    );
  }
});

Deno.test("the goldens are as many and as varied as they should be", () => {
  const cases = goldens.cases as readonly Case[];
  assertEquals(cases.length, new Set(cases.map((x) => JSON.stringify(x))).size);
  const dtypes = new Set(cases.map((test) => test.d ?? "float32"));
  assertEquals(dtypes.size, 10);
  const options = new Set(cases.flatMap((test) => Object.keys(test.p ?? {})));
  assertEquals(
    [...options].toSorted(),
    ["edgeitems", "linewidth", "precision", "profile", "sciMode", "threshold"],
  );
  assertEquals(cases.length > 800, true);
});

Deno.test("formatTensor names a device other than the CPU", () => {
  const onGpu = { ...vector([1, 2]), device: "webgpu" };
  assertEquals(print(onGpu), "tensor([1., 2.], device='webgpu')");
  const bytes = { ...onGpu, dtype: "uint8", requiresGrad: true } as const;
  assertEquals(
    print(bytes, { linewidth: 44 }),
    "tensor([1, 2], device='webgpu',\n       dtype=uint8, " +
      "requires_grad=True)",
  );
});

Deno.test("formatTensor prints integers beyond 2^53 in full", () => {
  const x = { ...vector([2 ** 63, -(2 ** 60)]), dtype: "int64" } as const;
  assertEquals(
    print(x),
    "tensor([ 9223372036854775808, -1152921504606846976])",
  );
});

// What the notebook recorded (the first seven), and what a transcription of
// 0.4.1's rules prints under today's PyTorch.
const LEGACY: [Partial<Case> & { v: number[] }, string][] = [
  [
    { s: [2, 2], v: [1, 1, 1, 1], r: 1 },
    "tensor([[1., 1.],\n        [1., 1.]], requires_grad=True)",
  ],
  [
    { s: [2, 2], v: [3, 3, 3, 3], g: "AddBackward0" },
    "tensor([[3., 3.],\n        [3., 3.]], grad_fn=<AddBackward>)",
  ],
  [
    { s: [2, 2], v: [27, 27, 27, 27], g: "MulBackward0" },
    "tensor([[27., 27.],\n        [27., 27.]], grad_fn=<MulBackward>)",
  ],
  [
    { s: [], v: [27], g: "MeanBackward0" },
    "tensor(27., grad_fn=<MeanBackward1>)",
  ],
  [
    { s: [2, 2], v: [4.5, 4.5, 4.5, 4.5] },
    "tensor([[4.5000, 4.5000],\n        [4.5000, 4.5000]])",
  ],
  [
    { v: [-1405.2298583984375, -287.5594787597656, -637.3140869140625] },
    "tensor([-1405.2299,  -287.5595,  -637.3141])",
  ],
  [
    { v: [102.4000015258789, 1024, 0.10239999741315842] },
    "tensor([ 102.4000, 1024.0000,    0.1024])",
  ],
  [{ v: [1e9, 1] }, "tensor([1000000000.,          1.])"],
  [
    { v: [102.5, 10240, 0.5] },
    "tensor([1.0250e+02, 1.0240e+04, 5.0000e-01])",
  ],
  [{ v: [10240.5, 0.0625] }, "tensor([1.0240e+04, 6.2500e-02])"],
  [{ v: [1e-6, 2.5] }, "tensor([1.0000e-06, 2.5000e+00])"],
  // Negative values have no say in the notation.
  [{ v: [-1e-6, 2.5] }, "tensor([-0.0000,  2.5000])"],
  [{ v: [-1e-6, -2.5e9] }, "tensor([         -0.0000, -2500000000.0000])"],
  // Infinities and NaNs end the integral style; zeros count in the width.
  [{ v: [Infinity, 2] }, "tensor([   inf, 2.0000])"],
  [{ v: [NaN, -Infinity, 1.5] }, "tensor([   nan,   -inf, 1.5000])"],
  [{ v: [-0, 0] }, "tensor([-0.,  0.])"],
  [{ s: [0, 3], v: [], d: "int64" }, "tensor([], size=(0, 3), dtype=int64)"],
  // Its comparisons gave uint8.
  [{ v: [1, 0], d: "bool" }, "tensor([1, 0], dtype=uint8)"],
  // The prefix is not counted when the suffix is placed.
  [
    { v: [1.5, 2.5, 3.5, 4.5, 5.5, 6.5, 7.5], d: "float64" },
    "tensor([1.5000, 2.5000, 3.5000, 4.5000, 5.5000, 6.5000, 7.5000], " +
    "dtype=float64)",
  ],
];

Deno.test("compat 0.4 prints what the notebook recorded", () => {
  for (const [test, expected] of LEGACY) {
    assertEquals(print(vector(test.v, test), { compat: "0.4" }), expected);
  }
});

Deno.test("compat 0.4 counts hidden values below a dimension shown whole", () => {
  const x = vector([1, 2, 3000, 4, 5, 6, 7, 8], { s: [2, 4], d: "int64" });
  assertEquals(
    print(x, { compat: "0.4", threshold: 4, edgeitems: 1 }),
    "tensor([[   1,  ...,    4],\n        [   5,  ...,    8]])",
  );
  assertEquals(
    print(x, { threshold: 4, edgeitems: 1 }),
    "tensor([[1,  ..., 4],\n        [5,  ..., 8]])",
  );
});

Deno.test("gradFnLabel gives a node's name of the time", () => {
  assertEquals(gradFnLabel("MeanBackward0"), "MeanBackward0");
  assertEquals(gradFnRepr("SumBackward0", 16), "<SumBackward0>");
  setPrintoptions({ compat: "0.4" });
  try {
    assertEquals(gradFnLabel("AddBackward0"), "AddBackward");
    assertEquals(gradFnLabel("SumBackward0"), "SumBackward0");
    assertEquals(gradFnLabel("PowBackward1"), "PowBackward1");
    assertEquals(gradFnLabel("AccumulateGrad"), "AccumulateGrad");
    assertEquals(
      gradFnRepr("SumBackward0", 0x7fd048eb78d0),
      "<SumBackward0 object at 0x7fd048eb78d0>",
    );
  } finally {
    setPrintoptions({ compat: null });
  }
});

Deno.test("pythonFloat is Python's repr of a float", () => {
  const cases: [number, string][] = [
    [0, "0.0"],
    [-0, "-0.0"],
    [1, "1.0"],
    [-2.5, "-2.5"],
    [0.1, "0.1"],
    [Math.fround(0.1), "0.10000000149011612"],
    [Math.fround(3.14159), "3.141590118408203"],
    [0.0001, "0.0001"],
    [0.00012345, "0.00012345"],
    [0.00001, "1e-05"],
    [1.5e-7, "1.5e-07"],
    [123456789, "123456789.0"],
    [123456.789, "123456.789"],
    [9999999999999998, "9999999999999998.0"],
    [1e15, "1000000000000000.0"],
    [1e16, "1e+16"],
    [1.25e21, "1.25e+21"],
    [-1e100, "-1e+100"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
  ];
  for (const [x, expected] of cases) assertEquals(pythonFloat(x), expected);
});

Deno.test("pythonFixed and pythonExponential round ties to even", () => {
  assertEquals(pythonFixed(0.03125, 4), "0.0312");
  assertEquals(pythonFixed(0.09375, 4), "0.0938");
  assertEquals(pythonFixed(-0.5, 0), "-0");
  assertEquals(pythonFixed(2.5, 0), "2");
  assertEquals(pythonFixed(1e22, 2), "10000000000000000000000.00");
  assertEquals(pythonFixed(-0, 4), "-0.0000");
  assertEquals(pythonExponential(100005, 4), "1.0000e+05");
  assertEquals(pythonExponential(100015, 4), "1.0002e+05");
  assertEquals(pythonExponential(0.5, 0), "5e-01");
  assertEquals(pythonExponential(2.5, 0), "2e+00");
  assertEquals(pythonExponential(1e100, 1), "1.0e+100");
});

Deno.test("setPrintoptions keeps what it is not told, except sciMode", () => {
  const before = getPrintoptions();
  assertEquals(before, {
    precision: 4,
    threshold: 1000,
    edgeitems: 3,
    linewidth: 80,
    sciMode: null,
    compat: null,
  });
  try {
    setPrintoptions({ precision: 2, sciMode: true, compat: "0.4" });
    setPrintoptions({ linewidth: 100 });
    assertEquals(getPrintoptions(), {
      ...before,
      precision: 2,
      linewidth: 100,
      compat: "0.4",
    });
    setPrintoptions({ profile: "full", precision: 6 });
    assertEquals(getPrintoptions().threshold, Infinity);
    assertEquals(getPrintoptions().precision, 6);
  } finally {
    setPrintoptions(before);
  }
  assertEquals(getPrintoptions(), before);
});

Deno.test("setPrintoptions refuses what it does not know", () => {
  const before = getPrintoptions();
  assertThrows(
    () => setPrintoptions({ precison: 3 } as PrintOptions),
    TypeError,
    'setPrintoptions() got an unexpected option "precison"; its options are ' +
      "precision, threshold, edgeitems, linewidth, sciMode, profile, compat",
  );
  const wrong: [PrintOptions, string][] = [
    [{ precision: -1 }, "precision must be a non-negative integer up to 100"],
    [{ precision: 101 }, "precision must be a non-negative integer up to 100"],
    [{ edgeitems: 1.5 }, "edgeitems must be a non-negative integer, not 1.5"],
    [{ threshold: NaN }, "threshold must be a non-negative integer, not NaN"],
    [{ profile: "long" as "full" }, 'unknown profile "long"'],
    [{ compat: "1.0" as "0.4" }, 'unknown compat "1.0"'],
  ];
  for (const [options, message] of wrong) {
    assertThrows(() => setPrintoptions(options), ValueError, message);
  }
  assertThrows(
    () => setPrintoptions({ sciMode: 1 as unknown as boolean }),
    TypeError,
    "sciMode must be true, false or null",
  );
  assertThrows(
    () => setPrintoptions({ linewidth: "80" as unknown as number }),
    TypeError,
    "linewidth must be a number, not string",
  );
  assertEquals(getPrintoptions(), before);
});
