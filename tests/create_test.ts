// Creation beyond the goldens: PyTorch's roundings bit for bit, types of
// JavaScript values, and what is refused.

import * as dg from "@dinograd/dinograd";
import { assertEquals, assertThrows } from "@std/assert";

/** The bytes of a tensor, hashed (FNV-1a). */
function hash(x: dg.Tensor): number {
  const data = x.typedArray();
  let h = 0x811c9dc5;
  for (
    const byte of new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  ) {
    h = Math.imul(h ^ byte, 0x01000193) >>> 0;
  }
  return h;
}

type Row = [
  "linspace" | "arange",
  [number, number, number],
  dg.Tensor["dtype"],
  number,
];

/** Hashes of the same calls in PyTorch 2.13 on the CPU, one thread. */
const RANGES: readonly Row[] = [
  ["linspace", [-Math.PI, Math.PI, 2000], "float32", 0x3429be2d],
  ["linspace", [0.1, 0.7, 1001], "float32", 0x0a4e0281],
  ["linspace", [-3.3, 12.75, 77], "float32", 0xe48869a3],
  ["linspace", [5, -5, 16], "float32", 0x660e5505],
  ["arange", [0, 100, 0.1], "float32", 0x75052fcc],
  ["arange", [0.3, 50, 0.7], "float32", 0x56e98dc5],
  ["arange", [5, -5, -0.01], "float32", 0xa8e0b134],
  ["linspace", [-Math.PI, Math.PI, 2000], "float64", 0x42be9aa1],
  ["linspace", [0.1, 0.7, 1001], "float64", 0x6887b035],
  ["linspace", [-3.3, 12.75, 77], "float64", 0x9b627028],
  ["linspace", [5, -5, 16], "float64", 0xfb3005f1],
  ["arange", [0, 100, 0.1], "float64", 0x57e0aa93],
  ["arange", [0.3, 50, 0.7], "float64", 0x6d00eb47],
  ["arange", [5, -5, -0.01], "float64", 0xa1ac8787],
  ["linspace", [-Math.PI, Math.PI, 2000], "float16", 0xfb766c3d],
  ["linspace", [0.1, 0.7, 1001], "float16", 0xe921ed15],
  ["linspace", [-3.3, 12.75, 77], "float16", 0x02fb45c0],
  ["linspace", [5, -5, 16], "float16", 0xcbd864e1],
  ["arange", [0, 100, 0.1], "float16", 0x84869cf5],
  ["arange", [0.3, 50, 0.7], "float16", 0x62fcf84f],
  ["arange", [5, -5, -0.01], "float16", 0x137b73f1],
  ["linspace", [-Math.PI, Math.PI, 2000], "bfloat16", 0xc0403ca1],
  ["linspace", [0.1, 0.7, 1001], "bfloat16", 0xea96fbab],
  ["linspace", [-3.3, 12.75, 77], "bfloat16", 0xe5729c65],
  ["linspace", [5, -5, 16], "bfloat16", 0x41b7a7e5],
  ["arange", [0, 100, 0.1], "bfloat16", 0x73d11058],
  ["arange", [0.3, 50, 0.7], "bfloat16", 0xf0a19db2],
  ["arange", [5, -5, -0.01], "bfloat16", 0x5fffa31f],
  ["linspace", [0, 100, 7], "int64", 0xdf637033],
  ["arange", [0.5, 300.5, 7], "int64", 0xcde94b2c],
  ["linspace", [0, 100, 7], "uint8", 0x983a2b67],
  ["arange", [0.5, 300.5, 7], "uint8", 0x1a9ef9ba],
];

Deno.test("linspace and arange have PyTorch's bits", () => {
  for (const [name, args, dtype, expected] of RANGES) {
    const found = hash(dg[name](...args, { dtype }));
    assertEquals(found, expected, `${name}(${args}) in ${dtype}`);
  }
});

Deno.test("tensor: JavaScript values choose the type", () => {
  assertEquals(dg.tensor([1, 2]).dtype, "float32");
  assertEquals(dg.tensor([true, false]).dtype, "bool");
  assertEquals(dg.tensor([1n, 2n]).dtype, "int64");
  assertEquals(dg.tensor([true, 2.5]).tolist(), [1, 2.5]);
  assertEquals(dg.tensor([true, 2.5]).dtype, "float32");
  assertEquals(dg.tensor([true, 3n]).dtype, "int64");
  assertEquals(dg.tensor([1n, 0.5]).dtype, "float32");
  assertEquals(dg.tensor([]).dtype, "float32");
  assertEquals(dg.tensor([[], []]).shape, [2, 0]);
  assertEquals(dg.tensor(3).shape, []);
});

Deno.test("tensor: typed arrays keep their type", () => {
  const cases: [dg.HostArray, dg.Tensor["dtype"]][] = [
    [new Float32Array(2), "float32"],
    [new Float64Array(2), "float64"],
    [new Float16Array(2), "float16"],
    [new Int8Array(2), "int8"],
    [new Int16Array(2), "int16"],
    [new Int32Array(2), "int32"],
    [new BigInt64Array(2), "int64"],
    [new Uint8Array(2), "uint8"],
    [new Uint8ClampedArray(2), "uint8"],
    [new Uint16Array(2), "int32"],
    [new Uint32Array(2), "int64"],
    [new BigUint64Array(2), "int64"],
  ];
  for (const [data, dtype] of cases) {
    assertEquals(dg.tensor(data).dtype, dtype);
    assertEquals(dg.tensor([data, data]).dtype, dtype);
    assertEquals(dg.tensor([data, data]).shape, [2, 2]);
  }
  const own = new Float32Array([1, 2]);
  const x = dg.tensor(own);
  own[0] = 5;
  assertEquals(x.tolist(), [1, 2]);
});

Deno.test("tensor: bigints are exact, also beside other numbers", () => {
  const large = 2n ** 62n + 1n;
  assertEquals(dg.tensor(large).itemBigInt(), large);
  assertEquals(
    dg.tensor([true, large]).typedArray(),
    new BigInt64Array([1n, large]),
  );
  const mixed = dg.tensor([1.5, large], { dtype: "int64" });
  assertEquals(mixed.typedArray()[0], 1n);
  const whole = [-1, 2 ** 40 + 3, -(2 ** 53), 1.9, -1.9];
  assertEquals(
    dg.tensor(whole, { dtype: "int64" }).typedArray(),
    new BigInt64Array([-1n, 1099511627779n, -9007199254740992n, 1n, -1n]),
  );
});

Deno.test("tensor: tensors among the values", () => {
  const x = dg.tensor([dg.tensor(1, { dtype: "float64" }), 2]);
  assertEquals([x.dtype, x.tolist()], ["float64", [1, 2]]);
  assertThrows(
    () => dg.tensor([dg.ones(2)]),
    dg.ValueError,
    "only one element tensors can be converted to Python scalars",
  );
  const w = dg.ones(2, { requiresGrad: true });
  assertEquals(dg.tensor(w).requiresGrad, false);
  assertEquals(dg.asTensor(w) === w, true);
  assertEquals(dg.asTensor(w, { dtype: "float64" }).requiresGrad, true);
});

Deno.test("tensor: ragged input", () => {
  const ragged = (data: dg.TensorData, message: string) =>
    assertThrows(() => dg.tensor(data), dg.ValueError, message);
  ragged([[1, 2], [1, 2, 3]], "expected sequence of length 2 at dim 1 (got 3)");
  ragged([[[1], [2]], [[1]]], "expected sequence of length 2 at dim 1 (got 1)");
  ragged([[1], []], "expected sequence of length 1 at dim 1 (got 0)");
  assertThrows(() => dg.tensor([[1, 2], 3]), TypeError, "not a sequence");
  assertThrows(() => dg.tensor([1, [2]]), dg.ValueError, "got a sequence");
  assertThrows(
    // @ts-expect-error a string is no value of a tensor
    () => dg.tensor(["a"]),
    dg.RuntimeError,
    "Could not infer dtype of string",
  );
});

Deno.test("values out of range for their type", () => {
  const message = (name: string) =>
    `value cannot be converted to type ${name} without overflow`;
  const refused = (name: string, make: () => unknown) =>
    assertThrows(make, dg.RuntimeError, message(name));
  refused("uint8", () => dg.tensor([300], { dtype: "uint8" }));
  refused("uint8", () => dg.tensor([-256], { dtype: "uint8" }));
  refused("int8", () => dg.tensor([127.9], { dtype: "int8" }));
  refused("int32", () => dg.tensor([2 ** 31], { dtype: "int32" }));
  refused("int64", () => dg.tensor([NaN], { dtype: "int64" }));
  refused("uint8_t", () => dg.full(2, 300, { dtype: "uint8" }));
  refused("float", () => dg.full(2, 1e40));
  refused("int", () => dg.zeros(2, { dtype: "int32" }).fill_(Infinity));
  assertThrows(
    () => dg.tensor([2n ** 63n]),
    dg.ValueError,
    "Overflow when unpacking long long",
  );
  // Like C, unsigned types take a negative number of their own size.
  assertEquals(dg.tensor([-1], { dtype: "uint8" }).tolist(), [255]);
  assertEquals(dg.tensor([1e40]).tolist(), [Infinity]);
});

Deno.test("integers cannot require gradients", () => {
  const options = { dtype: "int64", requiresGrad: true } as const;
  const makers = [
    () => dg.tensor([1], options),
    () => dg.zeros(1, options),
    () => dg.empty(1, options),
    () => dg.eye(1, options),
    () => dg.arange(1, options),
    () => dg.linspace(0, 1, 2, options),
    () => dg.zerosLike(dg.ones(1), options),
    () => dg.ones(1).newZeros(1, options),
  ];
  for (const make of makers) {
    assertThrows(
      make,
      dg.RuntimeError,
      "Only Tensors of floating point and complex dtype can require gradients",
    );
  }
  assertEquals(dg.arange(3, { requiresGrad: true }).isLeaf, true);
});

Deno.test("arange: arguments", () => {
  assertEquals(dg.arange(3).dtype, "float32");
  assertEquals(dg.arange(3n).dtype, "int64");
  assertEquals(dg.arange(1, 4, 2, { dtype: "int32" }).tolist(), [1, 3]);
  assertEquals(dg.arange(2, undefined, undefined).tolist(), [0, 1]);
  assertThrows(() => dg.arange(0, NaN), dg.RuntimeError, "unsupported range");
  assertThrows(
    () => dg.arange(0, 5, 0.5, { dtype: "int64" }),
    dg.RuntimeError,
    "step must be nonzero",
  );
});

Deno.test("new tensors take type and device from another", () => {
  const x = dg.ones(2, { dtype: "int32" });
  assertEquals(x.newTensor([1, 2]).dtype, "int32");
  assertEquals(x.newFull([1], true).tolist(), [1]);
  assertEquals(x.newOnes(1, { dtype: "float64" }).dtype, "float64");
  assertEquals(x.newEmpty([0, 2]).shape, [0, 2]);
  assertThrows(
    // @ts-expect-error there is no such option
    () => dg.zeros(1, { type: "int32" }),
    TypeError,
    'zeros() got an unexpected option "type"',
  );
});

Deno.test("fromTypedArray: shape and length must agree", () => {
  assertThrows(
    () => dg.fromTypedArray(new Float32Array(3), [2, 2]),
    dg.RuntimeError,
    "shape '[2, 2]' is invalid for input of size 3",
  );
});

Deno.test("vander and combinations have gradients", () => {
  const x = dg.tensor([2, 3], { requiresGrad: true });
  dg.vander(x, { N: 3 }).sum().backward();
  assertEquals(x.grad?.tolist(), [5, 7]);
  const y = dg.tensor([1, 2, 3], { requiresGrad: true });
  dg.combinations(y).prod(1).sum().backward();
  assertEquals(y.grad?.tolist(), [5, 4, 3]);
});

Deno.test("a device is named in the options", async () => {
  assertEquals(dg.ones(2, { device: "cpu" }).device === dg.cpu, true);
  dg.setDefaultDevice(dg.cpu);
  assertEquals(dg.getDefaultDevice() === dg.cpu, true);
  const wrong = { device: "cuda" } as unknown as dg.CreateOptions;
  for (
    const make of [
      () => dg.ones(2, wrong),
      () => dg.tensor(1, wrong),
      () => dg.ones(2).newZeros(1, wrong),
      () => dg.triuIndices(2, 2, wrong),
    ]
  ) assertThrows(make, dg.RuntimeError, "device string: cuda");
  const [a, b] = await dg.read([dg.ones(1), dg.tensor([true])]);
  assertEquals([a, b], [new Float32Array([1]), new Uint8Array([1])]);
});

Deno.test("JSON has the elements of a tensor", () => {
  const x = dg.tensor([[1, 2]], { requiresGrad: true });
  const json = JSON.stringify({ x, y: dg.tensor(1.5), z: dg.tensor([true]) });
  assertEquals(json, '{"x":[[1,2]],"y":1.5,"z":[true]}');
});

Deno.test("what is no size and no typed array is refused", () => {
  const wrong: unknown[] = ["3", null, undefined, dg.ones(1), [[2]]];
  for (const size of wrong) {
    for (const make of [dg.zeros, dg.ones, dg.empty, dg.rand]) {
      assertThrows(
        () => make(size as dg.Size),
        TypeError,
        "a size must hold integers",
      );
    }
  }
  assertThrows(
    () => dg.fromTypedArray([1, 2] as unknown as Float32Array),
    TypeError,
    "expected a typed array, not an array",
  );
  assertThrows(
    () => dg.ones(1).to(null as unknown as "cpu"),
    dg.ValueError,
    "unknown dtype or device null",
  );
});
