// The error sentences of the random fillers, as PyTorch 2.13 words them.

import * as dg from "@dinograd/dinograd";
import { assertThrows } from "@std/assert";
import { FLOAT16, FLOAT32, INT64, UINT8 } from "../src/tensor/dtype.ts";
import {
  fillBernoulli,
  fillBernoulliFrom,
  fillCauchy,
  fillExponential,
  fillGeometric,
  fillLogNormal,
  fillNormal,
  fillNormalFrom,
  fillUniform,
} from "../src/tensor/distributions.ts";
import { RuntimeError } from "../src/tensor/errors.ts";
import { Generator } from "../src/tensor/generator.ts";
import { multinomialIndices } from "../src/tensor/multinomial.ts";
import {
  fillRandomFromTo,
  fillRandperm,
} from "../src/tensor/random_integers.ts";

Deno.test("bad parameters raise PyTorch's sentences", () => {
  const g = new Generator(0);
  const f = new Float32Array(3);
  const b = new Uint8Array(3);
  const l = new BigInt64Array(3);
  const cases: [() => unknown, string][] = [
    [
      () => fillUniform(g, f, FLOAT32, 2, 1),
      "uniform_ expects to return a [from, to) range, but found from=2 > to=1",
    ],
    [
      () => fillUniform(g, f, FLOAT32, -3e38, 3e38),
      "uniform_ expects to-from <= std::numeric_limits<Float>::max(), but found to=3e+38 and from=-3e+38 which result in to-from to exceed the limit",
    ],
    [
      () => fillUniform(g, f, FLOAT32, -1e39, 3),
      "from is out of bounds for float",
    ],
    [
      () => fillUniform(g, f, FLOAT16, 0, 1e5),
      "to is out of bounds for c10::Half",
    ],
    [
      () => fillUniform(g, l, INT64),
      "\"check_uniform_bounds\" not implemented for 'Long'",
    ],
    [
      () => fillNormal(g, l, INT64),
      "\"normal_kernel_cpu\" not implemented for 'Long'",
    ],
    [
      () => fillNormal(g, f, FLOAT32, 0, -1),
      "normal expects std >= 0.0, but found std -1",
    ],
    [
      () => fillNormalFrom(g, f, FLOAT32, 0, [1, -1, 1]),
      "normal expects all elements of std >= 0.0",
    ],
    [
      () => fillLogNormal(g, f, FLOAT32, 0, 0),
      "logNormal_ expects std > 0.0, but found std=0",
    ],
    [
      () => fillCauchy(g, f, FLOAT32, 0, 0),
      "cauchy_ expects sigma > 0.0, but found sigma=0",
    ],
    [
      () => fillGeometric(g, f, FLOAT32, 1),
      "geometric_ expects p to be in (0, 1), but got p=1",
    ],
    [
      () => fillExponential(g, f, FLOAT32, NaN),
      "exponential_ expects lambda > 0.0, but found lambda=nan",
    ],
    [
      () => fillExponential(g, l, INT64),
      "Exponential distribution is a continuous probability distribution. dtype must be a floating point but you specified Long",
    ],
    [
      () => fillBernoulli(g, f, FLOAT32, 2),
      "bernoulli_ expects p to be in [0, 1], but got p=2",
    ],
    [
      () => fillBernoulliFrom(g, f, FLOAT32, [0, 2, 0], FLOAT32),
      "Expected p_in >= 0 && p_in <= 1 to be true, but got false.",
    ],
    [
      () => fillRandomFromTo(g, l, INT64, 3, 3),
      "random_ expects 'from' to be less than 'to', but got from=3 >= to=3",
    ],
    [
      () => fillRandomFromTo(g, b, UINT8, 0, 300),
      "to - 1 is out of bounds for unsigned char",
    ],
    [
      () => fillRandomFromTo(g, b, UINT8, -1, 30),
      "from is out of bounds for unsigned char",
    ],
    [
      () => fillRandomFromTo(g, f, FLOAT32, 2 ** 24, null),
      "random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=16777216 > to_inc=16777216",
    ],
    [
      () => fillRandperm(g, new Uint8Array(257), UINT8),
      "value cannot be converted to type uint8_t without overflow",
    ],
    [
      () => fillRandperm(g, new Float32Array(2050), FLOAT16),
      "n cannot be greater than 2049 for Half type.",
    ],
    [
      () => multinomialIndices(g, [1, -1], FLOAT32, 1, 2, 1, false),
      "probability tensor contains either `inf`, `nan` or element < 0",
    ],
    [
      () => multinomialIndices(g, [0, 0], FLOAT32, 1, 2, 1, true),
      "invalid multinomial distribution (sum of probabilities <= 0)",
    ],
    [
      () => multinomialIndices(g, [1, 2], FLOAT32, 1, 2, 3, false),
      "cannot sample n_sample > prob_dist.size(-1) samples without replacement",
    ],
    [
      () => multinomialIndices(g, [1, 2], FLOAT32, 1, 2, 0, true),
      "cannot sample n_sample <= 0 samples",
    ],
    [
      () => multinomialIndices(g, [1, 2], INT64, 1, 2, 1, true),
      "multinomial only supports floating-point dtypes for input, got: Long",
    ],
  ];
  for (const [call, message] of cases) {
    assertThrows(call, RuntimeError, message);
  }
});

Deno.test("what is no generator is refused", () => {
  const generator = 3 as unknown as dg.Generator;
  for (
    const draw of [
      () => dg.rand(2, { generator }),
      () => dg.ones(2).normal_({ generator }),
      () => dg.randperm(2, { generator }),
      () => dg.multinomial(dg.ones(2), 1, { generator }),
    ]
  ) assertThrows(draw, TypeError, "must be a Generator, not 3");
});
