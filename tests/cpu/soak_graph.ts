// Cases of soak.ts with derivatives: a random program on matrices, with views,
// changes in place and scopes, whose results are a number and gradients. Each
// call has another kind of scope around it; none may change a number.

import * as dg from "@dinograd/dinograd";
import type { Case, Outcome, Random } from "./soak_case.ts";

type Step = (x: dg.Tensor, y: dg.Tensor) => dg.Tensor;

/** Steps between matrices of one shape; none lets values grow. */
const STEPS: Readonly<Record<string, Step>> = {
  add: (x, y) => x.add(y).mul(0.5),
  sub: (x, y) => x.sub(y).mul(0.5),
  mul: (x, y) => x.mul(y),
  div: (x, y) => x.div(y.square().add(1)),
  exp: (x) => x.neg().square().neg().exp(),
  tanh: (x) => x.tanh(),
  sigmoid: (x) => x.sigmoid(),
  sin: (x) => x.sin(),
  sqrt: (x) => x.square().add(0.5).sqrt(),
  pow: (x) => x.tanh().pow(2),
  lerp: (x, y) => x.lerp(y, 0.25),
  // The mask is of places, not of values: where two saturated values are equal
  // by one path and neighbours by another, both answers are right.
  where: (x, y) =>
    dg.where(dg.arange(x.size(1)).remainder(3).gt(0), x.mul(y), x),
  softmaxRows: (x) => x.softmax(1),
  softmaxColumns: (x) => x.logSoftmax(0).mul(0.1),
  centre: (x) => x.sub(x.mean(1, { keepdim: true })),
  spread: (x) => x.div(x.square().sum(0, { keepdim: true }).add(1)),
  bias: (x, y) => x.add(y.select(0, 0)).mul(0.5),
  column: (x, y) => x.mul(y.narrow(1, 0, 1)),
  product: (x, y) => dg.mm(dg.mm(x, y.t()).tanh(), y).tanh(),
  twisted: (x, y) =>
    dg.mm(x.t(), y).tanh().sum(0, { keepdim: true }).tanh()
      .narrow(1, 0, 1).mul(x),
  halves: (x) => {
    const n = x.size(1) >> 1;
    const parts = [x.narrow(1, n, x.size(1) - n), x.narrow(1, 0, n)];
    return dg.cat(parts, 1);
  },
  flip: (x) => x.flip([0]),
  transposed: (x) => x.t().contiguous().t(),
  cumsum: (x) => x.mul(0.1).cumsum(1).tanh(),
  rows: (x) =>
    x.indexSelect(0, dg.arange(x.size(0), { dtype: "int64" }).flip([0])),
  inPlace: (x, y) => x.clone().mul_(y).add_(0.25),
  intoView: (x, y) => {
    const own = x.clone();
    own.select(0, 0).mul_(y.select(0, 0));
    own.narrow(1, 0, 1).fill_(0.5);
    return own;
  },
  convolve: (x, y) => {
    const n = Math.min(x.size(0), x.size(1)) < 3 ? 1 : 3;
    const w = y.narrow(0, 0, n).narrow(1, 0, n);
    const [image, filter] = [x, w].map((t) => t.unsqueeze(0).unsqueeze(0));
    const options = { padding: n >> 1 };
    return dg.conv2d(image!, filter!, options).tanh().squeeze(0).squeeze(0);
  },
  pool: (x) =>
    dg.nn.functional.avgPool2d(x.unsqueeze(0), 3, { stride: 1, padding: 1 })
      .squeeze(0),
  gather: (x, y) => x.gather(1, y.detach().mul(0).long()).add(y).mul(0.5),
  detached: (x, y) => x.mul(y.detach().tanh()),
};

/** What is around a call. */
const SCOPES: readonly ((compute: () => Outcome) => Outcome)[] = [
  (compute) => compute(),
  (compute) => dg.scope(compute),
  (compute) => {
    using _ = dg.scope();
    return compute();
  },
  (compute) => dg.scope(() => dg.scope(compute)),
];

/** Makes a program. */
export function makeGraph(random: Random): Case {
  const sizes = [1, 2, 3, 5, 8, 17, 33, 40, 70];
  const shape = [sizes[random(9)]!, sizes[random(9)]!];
  const dtype = random(2) === 0 ? "float32" : "float64";
  const names = Object.keys(STEPS);
  const steps = Array.from({ length: 2 + random(7) }, () => ({
    name: names[random(names.length)]!,
    x: random(100),
    y: random(100),
  }));
  const leaves = Array.from({ length: 1 + random(3) }, () => {
    const count = shape[0]! * shape[1]!;
    const values = Float64Array.from(
      { length: count },
      () => (random(8001) - 4000) / 4000,
    );
    return dg.tensor(values).to(dtype).reshape(shape);
  });
  const again = random(4) === 0;
  let calls = random(SCOPES.length);
  const compute = (): Outcome => {
    const inputs = leaves.map((x) => x.clone().requiresGrad_());
    const made: dg.Tensor[] = [...inputs];
    for (const { name, x, y } of steps) {
      const [a, b] = [made[x % made.length]!, made[y % made.length]!];
      made.push(STEPS[name]!(a, b));
    }
    const loss = made.at(-1)!.sum();
    loss.backward(undefined, { retainGraph: again });
    if (again) loss.backward();
    const gradients = inputs.map((x) => x.grad ?? dg.zerosLike(x));
    return [loss.detach(), ...gradients].map((x) => x.typedArray());
  };
  return {
    name: `${dtype} [${shape}] ${
      steps.map(({ name, x, y }) => `${name} ${x} ${y}`).join(", ")
    }`,
    tolerance: dtype === "float32" ? 2e-5 : 1e-12,
    // Gradients add up over rows and columns and cancel.
    size: 1 + shape[0]! * shape[1]!,
    compute: () => SCOPES[calls++ % SCOPES.length]!(compute),
  };
}
