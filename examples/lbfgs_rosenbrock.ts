// The bent valley of Rosenbrock's function, walked down by L-BFGS with a line
// search, and by gradient descent beside it.
// Run it with `deno run examples/lbfgs_rosenbrock.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { showPicture } from "./support/picture.ts";

const options = await readArguments();

/** (1 - x)² + 100 (y - x²)², whose minimum is 0 at (1, 1). */
function rosenbrock(point: dg.Tensor): dg.Tensor {
  const [x, y] = point.unbind() as [dg.Tensor, dg.Tensor];
  return x.sub(1).square().add(y.sub(x.square()).square().mul(100));
}

/** Where one begins, as is usual; from other places rounding decides where L-BFGS goes. */
const START = [-1.2, 1];

/** Where one is after each step. */
function walk(
  steps: number,
  make: (point: dg.Tensor) => dg.optim.Optimizer,
): { x: number[]; y: number[]; values: number[]; calls: number } {
  const point = dg.tensor(START, { requiresGrad: true });
  const optimizer = make(point);
  const path = {
    x: [START[0]!],
    y: [START[1]!],
    values: [rosenbrock(point).item()],
  };
  let calls = 0;
  const closure = () => {
    calls++;
    optimizer.zeroGrad();
    const value = rosenbrock(point);
    value.backward();
    return value;
  };
  for (let step = 0; step < steps; step++) {
    optimizer.step(closure);
    const [x, y] = point.tolist<number[]>();
    path.x.push(x!);
    path.y.push(y!);
    path.values.push(rosenbrock(point).item());
  }
  return { ...path, calls };
}

const lbfgs = walk(
  40,
  (point) =>
    new dg.optim.LBFGS([point], {
      maxIter: 1,
      maxEval: 25,
      historySize: 10,
      lineSearchFn: "strong_wolfe",
    }),
);
const descent = walk(
  options.short ? 200 : 2000,
  (point) => new dg.optim.SGD([point], { lr: 5e-4 }),
);

showPicture("the paths of L-BFGS (a) and of gradient descent (b)", [
  { name: "L-BFGS", x: lbfgs.x, y: lbfgs.y, scattered: true },
  {
    name: "gradient descent",
    x: descent.x.filter((_, k) => k % 20 === 0),
    y: descent.y.filter((_, k) => k % 20 === 0),
    scattered: true,
  },
], options.plot);
console.log(
  `gradient descent: ${descent.values.at(-1)!.toExponential(1)} at (${
    descent.x.at(-1)!.toFixed(4)
  }, ${descent.y.at(-1)!.toFixed(4)}) after ${descent.calls} gradients`,
);
// Nearer to the minimum 0 than that there is nothing but the rounding of float32.
const value = lbfgs.values.at(-1)!;
console.log(
  `result: L-BFGS: ${
    value < 1e-9 ? "below 1e-9" : value.toExponential(1)
  } at (${lbfgs.x.at(-1)!.toFixed(4)}, ${
    lbfgs.y.at(-1)!.toFixed(4)
  }) after ${lbfgs.calls} gradients`,
);
