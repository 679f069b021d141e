// Random tensors: that the streams of the generator reach tensors unchanged, in
// PyTorch's order of memory, and what autograd and bad arguments get. The
// streams themselves are in generator_test.ts. Numbers were computed by
// PyTorch 2.13.

import * as dg from "@dinograd/dinograd";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { DType } from "../src/tensor/dtype.ts";
import goldens from "./goldens/random.json" with { type: "json" };

/** Rounds to what float32 can hold, for numbers that PyTorch printed. */
function single(values: readonly number[]): number[] {
  return values.map(Math.fround);
}

function flat(x: dg.Tensor): number[] {
  return x.reshape(-1).tolist();
}

/** Compares float32 samples that went through exp, log or tan. */
function assertNear(x: dg.Tensor, wanted: readonly number[]): void {
  const values = flat(x);
  assertEquals(values.length, wanted.length);
  values.forEach((value, i) =>
    assert(
      Math.abs(value - wanted[i]!) <= 3e-7 * Math.max(1, Math.abs(wanted[i]!)),
      `${value} is not ${wanted[i]}`,
    )
  );
}

Deno.test("seeds give PyTorch's tensors", () => {
  for (const [text, recorded] of Object.entries(goldens.recorded)) {
    const seed = Number(text);
    const from = <T>(make: () => T): T => {
      dg.manualSeed(seed);
      return make();
    };
    const f64 = { dtype: "float64" } as const;
    assertEquals(flat(from(() => dg.rand(8))), single(recorded.rand8));
    assertEquals(flat(from(() => dg.rand([2, 2], f64))), recorded.rand4_f64);
    assertEquals(flat(from(() => dg.randn(4))), single(recorded.randn4));
    assertEquals(flat(from(() => dg.randn(15))), single(recorded.randn15));
    assertEquals(flat(from(() => dg.randn([4, 4]))), single(recorded.randn16));
    assertEquals(flat(from(() => dg.randn(17))), single(recorded.randn17));
    assertEquals(flat(from(() => dg.randn(4, f64))), recorded.randn4_f64);
    const integers = from(() => dg.randint(10, [2, 4]));
    assertEquals(integers.dtype, "int64");
    assertEquals(flat(integers), recorded.randint_0_10_8);
    assertEquals(flat(from(() => dg.randint(0, 10, 8))), flat(integers));
    const order = from(() => dg.randperm(8));
    assertEquals(order.dtype, "int64");
    assertEquals(order.tolist(), recorded.randperm8);
    const p = dg.full([2, 4], 0.3);
    assertEquals(
      flat(from(() => dg.bernoulli(p))),
      recorded.bernoulli_tensor_p03_8,
    );
    assertEquals(
      flat(from(() => dg.zeros(8).bernoulli_(0.3))),
      recorded.bernoulli__scalar_p03_8,
    );
    const mixed = from(() => [dg.randn([]), dg.rand([]), dg.randn([])]);
    assertEquals(mixed.map((x) => x.item()), single(recorded.randn_rand_randn));
  }
});

Deno.test("a generator is drawn from instead of the default one", () => {
  dg.manualSeed(1);
  const before = dg.defaultGenerator.getState();
  const generator = new dg.Generator(42);
  const x = dg.rand(3, { generator });
  dg.zeros(3).uniform_({ generator });
  dg.randperm(3, { generator });
  dg.multinomial(dg.ones(3), 2, { generator });
  dg.normal(dg.zeros(3), 1, { generator });
  dg.bernoulli(dg.ones(3), { generator });
  dg.zeros(3).bernoulli(0.5, { generator });
  dg.zeros(3).bernoulli_({ generator });
  dg.zeros(3).bernoulli_(dg.ones(3), { generator });
  assertEquals(dg.defaultGenerator.getState(), before);
  assertEquals(
    flat(dg.rand(3, { generator: generator.manualSeed(42) })),
    flat(x),
  );
});

Deno.test("element types", () => {
  dg.manualSeed(0);
  const f16 = dg.randn(20, { dtype: "float16" });
  assertEquals(f16.dtype, "float16");
  assertEquals(flat(f16).slice(0, 4), [
    -1.1259765625,
    -1.15234375,
    -0.25048828125,
    -0.433837890625,
  ]);
  assertEquals(flat(dg.rand(4, { dtype: "bfloat16" })), [
    0.17578125,
    0.26953125,
    0.150390625,
    0.03173828125,
  ]);
  assertEquals(flat(dg.randn(4, { dtype: "float64" })), [
    -0.8919953148065625,
    -1.509107744632202,
    0.3703935333738153,
    1.4565026067903366,
  ]);
  const make = (dtype: DType, low: number, high: number, n: number) =>
    dg.randint(low, high, n, { dtype }).tolist();
  assertEquals(make("int8", -5, 5, 4), [-4, 2, -2, 0]);
  assertEquals(make("bool", 0, 2, 6), [false, true, false, true, true, true]);
  assertEquals(dg.randperm(5, { dtype: "int32" }).tolist(), [1, 0, 4, 3, 2]);
  assertEquals(dg.randintLike(dg.zeros(3), 2, 9).tolist(), [4, 4, 5]);
  assertEquals(make("uint8", 0, 256, 4), [254, 203, 114, 183]);
  assertEquals(dg.randperm(5, { dtype: "float32" }).tolist(), [0, 3, 1, 2, 4]);
});

Deno.test("tensors are filled in the order of their memory", () => {
  const seeded = (make: () => dg.Tensor): number[] => {
    dg.manualSeed(0);
    return flat(make());
  };
  assertEquals(
    seeded(() => dg.zeros([3, 2]).t().uniform_()),
    single([
      0.49625658988952637,
      0.08847743272781372,
      0.30742281675338745,
      0.7682217955589294,
      0.13203048706054688,
      0.6340786814689636,
    ]),
  );
  assertEquals(
    seeded(() => dg.zeros([2, 3, 2]).permute([1, 2, 0]).random_({ to: 100 })),
    [44, 27, 39, 3, 33, 97, 60, 83, 63, 1, 79, 66],
  );
  const p = dg.tensor([[0.1, 0.5, 0.9], [0.3, 0.6, 0.7]]);
  assertEquals(
    seeded(() => dg.zeros([3, 2]).t().bernoulli_(p)),
    [0, 1, 1, 0, 1, 1],
  );
  // 16 and more normal samples are made in blocks where they lie in order.
  const scattered = single([
    1.5409960746765137,
    -2.1787893772125244,
    -1.0845223665237427,
    0.40334683656692505,
    -0.7192575931549072,
    -0.5966353416442871,
    -0.8566746115684509,
    -1.0711873769760132,
    -0.5663174986839294,
    -0.293428897857666,
  ]);
  const columns = () => dg.zeros([9, 2]).t();
  assertEquals(seeded(() => columns().normal_()).slice(0, 10), scattered);
  assertEquals(
    seeded(() => dg.randnLike(columns())).slice(0, 10),
    scattered,
  );
  const weights = dg.tensor([[1, 2, 3], [4, 1, 1]]);
  assertEquals(seeded(() => dg.multinomial(weights, 2)), [2, 1, 0, 1]);
  const turned = weights.t().contiguous().t();
  assertEquals(seeded(() => dg.multinomial(turned, 2)), [1, 2, 0, 2]);
});

Deno.test("the distributions in place", () => {
  dg.manualSeed(0);
  const x = dg.zeros(4);
  assertNear(x.exponential_({ lambd: 2 }), [
    1.754163146018982,
    0.6151923537254333,
    0.3075220584869385,
    1.267559289932251,
  ]);
  assertEquals(x.geometric_(0.3).tolist(), [2, 1, 5, 3]);
  assertNear(x.cauchy_({ median: 1, sigma: 2 }), [
    1.522503137588501,
    -0.569189190864563,
    0.701682984828949,
    -2.222665548324585,
  ]);
  assertNear(x.logNormal_(), [
    0.49000033736228943,
    24.562191009521484,
    0.31906044483184814,
    3.474332809448242,
  ]);
  const integers = dg.zeros(4, { dtype: "int64" }).random_();
  assertEquals(Array.from(integers.typedArray() as BigInt64Array), [
    372963635737465808n,
    6135753118824537797n,
    5131086507308615503n,
    6825519351450175936n,
  ]);
  assertEquals(x.random_({ from: -3, to: 9 }).tolist(), [-1, 0, 1, -2]);
  assertEquals(dg.zeros(6).bernoulli_(0.3).tolist(), [1, 0, 1, 0, 0, 0]);
  const drawn = dg.bernoulli(dg.zeros(6), 0.7);
  assertEquals(drawn.tolist(), [0, 1, 0, 1, 1, 1]);
  assertEquals(x.version, 5);
});

Deno.test("normal() takes tensors", () => {
  dg.manualSeed(0);
  const mean = dg.tensor([[1], [2]]);
  assertNear(dg.normal(mean, dg.tensor([1, 10])), [
    2.5409960746765137,
    -1.9342889785766602,
    -0.17878937721252441,
    7.68431282043457,
  ]);
  const doubles = dg.zeros(3, { dtype: "float64" });
  assertEquals(dg.normal(doubles, dg.ones(3)).dtype, "float64");
  assertEquals(dg.normal(dg.zeros(3), doubles.add(1)).dtype, "float32");
  assertEquals(dg.normal(0, dg.ones([2, 3])).shape, [2, 3]);
  assertEquals(dg.normal(5, 0, [2]).tolist(), [5, 5]);
});

Deno.test("autograd records samplers with a gradient of zero", () => {
  const names: [(x: dg.Tensor) => dg.Tensor, string][] = [
    [(x) => x.uniform_(), "UniformBackward0"],
    [(x) => x.normal_(), "NormalBackward0"],
    [(x) => x.random_(), "RandomBackward2"],
    [(x) => x.random_({ to: 5 }), "RandomBackward1"],
    [(x) => x.random_({ from: 2, to: 5 }), "RandomBackward0"],
    [(x) => x.bernoulli_(), "BernoulliBackward2"],
    [(x) => x.bernoulli_(dg.full(3, 0.5)), "BernoulliBackward1"],
    [(x) => x.exponential_(), "ExponentialBackward0"],
    [(x) => x.geometric_(0.5), "GeometricBackward0"],
    [(x) => x.cauchy_(), "CauchyBackward0"],
    [(x) => x.logNormal_(), "LogNormalBackward0"],
    [(x) => dg.bernoulli(x), "BernoulliBackward0"],
    [(x) => dg.normal(x, 1), "NormalBackward1"],
    [(x) => dg.normal(1, x), "NormalBackward2"],
    [(x) => dg.normal(x, x), "NormalBackward3"],
  ];
  for (const [sample, name] of names) {
    const leaf = dg.full(3, 0.5, { requiresGrad: true });
    const y = sample(leaf.mul(1));
    assertEquals(y.gradFn?.name, name);
    y.sum().backward();
    assertEquals(leaf.grad?.tolist(), [0, 0, 0]);
  }
  const leaf = dg.ones(3, { requiresGrad: true });
  assertEquals(dg.randLike(leaf).requiresGrad, false);
  assertEquals(dg.multinomial(leaf, 1).requiresGrad, false);
  assertEquals(dg.rand(3, { requiresGrad: true }).requiresGrad, true);
  assertEquals(dg.noGrad(() => leaf.normal_()).isLeaf, true);
  assertThrows(
    () => leaf.normal_(),
    dg.RuntimeError,
    "a leaf Variable that requires grad is being used in an in-place operation.",
  );
  assertThrows(
    () => dg.bernoulli(leaf.mul(1), 0.5).sum().backward(),
    dg.RuntimeError,
    "derivative for bernoulli is not implemented",
  );
});

Deno.test("bad arguments raise PyTorch's sentences", () => {
  const int64 = { dtype: "int64" } as const;
  const cases: [() => unknown, string][] = [
    [
      () => dg.rand(3, int64),
      "\"check_uniform_bounds\" not implemented for 'Long'",
    ],
    [
      () => dg.randn(3, int64),
      "\"normal_kernel_cpu\" not implemented for 'Long'",
    ],
    [
      () => dg.randint(3, 3, 2),
      "random_ expects 'from' to be less than 'to', but got from=3 >= to=3",
    ],
    [
      () => dg.randint(0, [0]),
      "random_ expects 'from' to be less than 'to', but got from=0 >= to=0",
    ],
    [
      () => dg.rand(-1),
      "Trying to create tensor with negative dimension -1: [-1]",
    ],
    [
      () => dg.randperm(-1),
      "Trying to create tensor with negative dimension -1: [-1]",
    ],
    [() => dg.multinomial(dg.ones([]), 1), "prob_dist must be 1 or 2 dim"],
    [
      () => dg.multinomial(dg.ones(3, int64), 1),
      "multinomial only supports floating-point dtypes for input, got: Long",
    ],
    [
      () => dg.bernoulli(dg.ones(3, int64)),
      "\"bernoulli_tensor_cpu_p_\" not implemented for 'Long'",
    ],
    [
      () => dg.ones(3).bernoulli_(dg.ones(2)),
      "The expanded size of the tensor (3) must match the existing size (2) at non-singleton dimension 0.  Target sizes: [3].  Tensor sizes: [2]",
    ],
    [
      () => dg.normal(dg.ones(3), dg.ones(2)),
      "The size of tensor a (3) must match the size of tensor b (2) at non-singleton dimension 0",
    ],
    [
      () => dg.normal(dg.ones(3), -1),
      "normal expects std >= 0.0, but found std -1",
    ],
    [
      () => dg.ones(1).expand(3).uniform_(),
      "unsupported operation: more than one element of the written-to tensor refers to a single memory location. Please clone() the tensor before performing the operation.",
    ],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, dg.RuntimeError, message);
  }
  const types: [() => unknown, string][] = [
    [
      () => dg.randint(1.5, 2),
      "randint(): argument 'high' (position 1) must be int, not float",
    ],
    [
      () => dg.randperm(1.5),
      "randperm(): argument 'n' (position 1) must be int, not float",
    ],
    [
      () => dg.multinomial(dg.ones(3), 1.5),
      "multinomial(): argument 'num_samples' (position 2) must be int, not float",
    ],
    [() => dg.rand(3, { seed: 1 } as dg.RandomOptions), "unexpected option"],
  ];
  for (const [call, message] of types) {
    assertThrows(call, TypeError, message);
  }
});

Deno.test("empty tensors draw nothing", () => {
  const before = dg.defaultGenerator.getState();
  assertEquals(dg.rand([0, 3]).shape, [0, 3]);
  assertEquals(dg.randn(0).shape, [0]);
  assertEquals(dg.randperm(0).shape, [0]);
  assertEquals(dg.zeros([2, 0]).normal_().shape, [2, 0]);
  assertEquals(dg.multinomial(dg.ones([0, 3]), 2).shape, [0, 2]);
  assertEquals(dg.defaultGenerator.getState(), before);
});

Deno.test("getRngState has PyTorch's bytes, and setRngState goes on from there", async () => {
  dg.manualSeed(5);
  dg.randn(3);
  const state = dg.getRngState();
  assertEquals([state.shape, state.dtype], [[5056], "uint8"]);
  const bytes = state.typedArray() as Uint8Array<ArrayBuffer>;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  // torch.manual_seed(5); torch.randn(3); sha256(torch.get_rng_state())
  assertEquals(
    digest.toHex(),
    "b4d410285f91ff274a51ee6e3aa48d4890aeb2cf2bd7da29b71a4cbbd79f53f3",
  );
  // The second normal number of a pair is part of the state.
  const first = dg.randn(5).tolist();
  dg.manualSeed(0);
  dg.setRngState(state);
  assertEquals(dg.randn(5).tolist(), first);
});

Deno.test("setRngState refuses what is no state", () => {
  assertThrows(
    () => dg.setRngState(dg.zeros(3)),
    TypeError,
    "RNG state must be a torch.ByteTensor",
  );
  assertThrows(
    () => dg.setRngState(dg.zeros(3, { dtype: "uint8" })),
    dg.RuntimeError,
    "Expected a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 3",
  );
});

Deno.test("Poisson samples are PyTorch's, whatever the rate", () => {
  const rates = dg.tensor([0, 0.5, 3, 9.9, 10, 25.5, 1000, 1e6]);
  dg.manualSeed(3);
  assertEquals(flat(dg.poisson(rates)), [0, 0, 2, 11, 5, 37, 1015, 997709]);
  const wide = dg.poisson(rates.double());
  assertEquals(flat(wide), [0, 0, 1, 5, 5, 32, 996, 1001627]);
  assertEquals(dg.poisson(dg.full(200, 30)).sum().item(), 5976);
  const mean = dg.poisson(dg.full(2000, 12.5)).mean();
  assertEquals(mean.item(), Math.fround(12.505000114440918));
  assertEquals(
    flat(dg.rand(2)),
    [0.7002226710319519, 0.7264307737350464],
  );
  const half = dg.poisson(dg.full(6, 4, { dtype: "float16" }));
  assertEquals(flat(half), [6, 6, 3, 4, 4, 4]);
  assertEquals(half.dtype, "float16");
  const x = dg.ones(2, { requiresGrad: true });
  assertEquals(dg.poisson(x).gradFn!.name, "PoissonBackward0");
  assertThrows(
    () => dg.poisson(dg.tensor([-1])),
    dg.RuntimeError,
    "invalid Poisson rate, expected rate to be non-negative",
  );
  assertThrows(
    () => dg.poisson(dg.tensor([1], { dtype: "int64" })),
    dg.RuntimeError,
    "\"poisson_cpu\" not implemented for 'Long'",
  );
});
