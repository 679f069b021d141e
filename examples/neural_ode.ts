// A neural ordinary differential equation: a small net learns how a pendulum
// moves from where it was seen; gradients go through every step of the
// integrator. Angle and speed of a pendulum that comes to rest are a spiral.
// Run it with `deno run examples/neural_ode.ts`.

import * as dg from "@dinograd/dinograd";
import { readArguments } from "./support/arguments.ts";
import { showPicture } from "./support/picture.ts";
import { Progress } from "./support/progress.ts";
import { Trainer } from "./support/training.ts";

const options = await readArguments();
dg.manualSeed(0);

type Field = (at: dg.Tensor) => dg.Tensor;
const [STEPS, DT, AHEAD] = [250, 0.1, 10] as const;

/** The places after each of so many steps of Runge and Kutta: [steps + 1, N, 2]. */
function integrate(field: Field, start: dg.Tensor, steps: number): dg.Tensor {
  const places = [start];
  let y = start;
  for (let step = 0; step < steps; step++) {
    const k1 = field(y);
    const k2 = field(y.add(k1, { alpha: DT / 2 }));
    const k3 = field(y.add(k2, { alpha: DT / 2 }));
    const k4 = field(y.add(k3, { alpha: DT }));
    const sum = k1.add(k2.add(k3), { alpha: 2 }).add(k4);
    y = y.add(sum, { alpha: DT / 6 });
    places.push(y);
  }
  return dg.stack(places);
}

/** What is to be found: angle' = speed, speed' = -sin(angle) - 0.15 speed. */
function pendulum(at: dg.Tensor): dg.Tensor {
  const [angle, speed] = at.unbind(1) as [dg.Tensor, dg.Tensor];
  return dg.stack([speed, angle.sin().add(speed, { alpha: 0.15 }).neg()], 1);
}

const start = dg.tensor([[2.5, 0]]);
const spiral = integrate(pendulum, start, STEPS);

const model = new dg.nn.Sequential([
  new dg.nn.Linear(2, 64),
  new dg.nn.Tanh(),
  new dg.nn.Linear(64, 2),
]);
const field: Field = (y) => model.call(y);
const optimizer = new dg.optim.Adam(model.parameters(), { lr: 1e-2 });
const epochs = options.short ? 2 : 60;
const schedule = new dg.optim.lrScheduler.CosineAnnealingLR(optimizer, epochs);
const trainer = new Trainer({ model, optimizer, schedule }, options);
const progress = new Progress(epochs);
await trainer.run(epochs, (epoch) => {
  let sum = 0;
  for (let batch = 0; batch < 25; batch++) {
    // From 64 places on the spiral, a short way along it.
    const from = dg.randint(STEPS - AHEAD + 1, [64]);
    const there = dg.stack(
      Array.from(
        { length: AHEAD + 1 },
        (_, k) => spiral.indexSelect(0, from.add(k)).squeeze(1),
      ),
    );
    const here = integrate(field, there.at(0), AHEAD);
    const loss = dg.nn.functional.mseLoss(here, there);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    sum += loss.item();
  }
  schedule.step();
  progress.show(epoch, `loss ${(sum / 25).toExponential(2)}`);
});
const seconds = progress.end();

// The whole way, from the start alone.
const learnt = dg.noGrad(() => integrate(field, start, STEPS));
const error = learnt.sub(spiral).norm(-1).mean().item();
showPicture(
  "the pendulum (a) and what the net makes of its start (b)",
  [["pendulum", spiral], ["net", learnt]].map(([name, places]) => {
    const [x, y] = (places as dg.Tensor).squeeze(1).T.tolist<number[][]>();
    return { name: name as string, x: x!, y: y!, scattered: true };
  }),
  options.plot,
);
console.log(
  `result: ${
    error.toFixed(3)
  } away from the pendulum on average over ${STEPS} steps, after ${
    seconds.toFixed(1)
  } s`,
);
